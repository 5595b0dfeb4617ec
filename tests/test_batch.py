"""Runs: incremental, resumed, interrupted; and what they write."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from bad_pages import EXTRACT
from pyarrow import parquet

from extractor.config.options import PageOptions
from extractor.library import extract_file, extract_many
from extractor.model import Document, PageRejected, Reject
from extractor.run import documents, fingerprint
from extractor.run.batch import Request, run_batch
from extractor.run.outcome import Outcome
from extractor.run.outputs import FORMATS, OutputError
from extractor.run.placement import refuse_pages_inside
from extractor.run.settings import RunSettings
from extractor.run.state import LockedError, lock_folder
from extractor.storage.pages import SourceError, find_pages
from extractor.tables.csv import CsvWriter
from extractor.tables.parquet import ParquetWriter

PAGE = """---
title: Page {0}
---

# Heading {0}

**Label {0}:** text

- one
- two

| a | b |
|---|---|
| 1 | [2](http://x.y) |
"""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    for number in range(8):
        file = folder / f"d{number % 3}" / f"{number}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(PAGE.format(number))
    return folder


def run(
    pages: Path,
    out: Path,
    *,
    formats: Iterable[str] = ("json", "jsonl", "csv", "parquet"),
    jobs: int = 1,
    fresh: bool = False,
    **settings: object,
) -> Outcome:
    request = Request(
        sources=(str(pages),),
        out=str(out),
        formats=tuple(formats),
        settings=RunSettings(PageOptions(**settings), extract=EXTRACT),  # type: ignore[arg-type]
        jobs=jobs,
        fresh=fresh,
    )
    return run_batch(request)


def read_folder(out: Path) -> dict[str, bytes]:
    """Read all outputs, not the state."""
    return {
        file.relative_to(out).as_posix(): file.read_bytes()
        for file in sorted(out.rglob("*"))
        if file.is_file() and ".extractor" not in file.parts
    }


def run_fresh(pages: Path, out: Path, **options: object) -> dict[str, bytes]:
    """Give the outputs of a run into a folder that was never used."""
    run(pages, out, **options)  # type: ignore[arg-type]
    return read_folder(out)


class TestOutputs:
    def test_the_files_are_those_of_the_contract(self, pages: Path, tmp_path: Path) -> None:
        pytest.importorskip("duckdb")
        run(pages, tmp_path / "out", formats=FORMATS)
        names = (
            "documents", "sections", "blocks", "items", "cells", "columns", "links", "images",
            "diagnostics", "errors", "rejects",
        )  # fmt: skip
        documents = {f"documents/d{n % 3}/{n}.md.json" for n in range(8)}
        tables = {f"tables/{name}.{suffix}" for name in names for suffix in ("csv", "parquet")}
        single = {"documents.jsonl", "extractor.duckdb", "rejects.jsonl", "manifest.json"}
        assert set(read_folder(tmp_path / "out")) == documents | tables | single

    @pytest.mark.parametrize("form", FORMATS)
    def test_each_format_alone(self, pages: Path, tmp_path: Path, form: str) -> None:
        if form == "duckdb":
            pytest.importorskip("duckdb")
        run(pages, tmp_path / "out", formats=[form])
        kinds = {Path(name).suffix for name in read_folder(tmp_path / "out")}
        assert kinds == {".json", ".jsonl", f".{form}"}

    def test_documents_are_sorted_by_path(self, pages: Path, tmp_path: Path) -> None:
        files = run_fresh(pages, tmp_path / "out")
        lines = files["documents.jsonl"].splitlines()
        paths = [Document.from_json(line).source.path for line in lines]
        assert paths == sorted(f"d{n % 3}/{n}.md" for n in range(8))

    def test_a_document_is_the_same_in_every_form(self, pages: Path, tmp_path: Path) -> None:
        files = run_fresh(pages, tmp_path / "out")
        for line in files["documents.jsonl"].splitlines():
            path = Document.from_json(line).source.path
            single = files[f"documents/{path}.json"]
            assert json.loads(single) == json.loads(line)
            assert single.startswith(b'{\n  "schema": "document/2"')
            assert single.endswith(b"}\n")

    def test_tables_have_the_rows_of_all_pages(self, pages: Path, tmp_path: Path) -> None:
        run(pages, tmp_path / "out")
        with (tmp_path / "out/tables/items.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 8 * 3
        table = parquet.read_table(tmp_path / "out/tables/items.parquet")
        assert table.column("path").to_pylist() == [row["path"] for row in rows]

    def test_the_manifest_counts_and_hashes(self, pages: Path, tmp_path: Path) -> None:
        (pages / "bad.md").write_text("---\na: [\n---\n")
        files = run_fresh(pages, tmp_path / "out", formats=("json", "jsonl"))
        manifest = json.loads(files["manifest.json"])
        counts = manifest["counts"]
        assert (counts["pages"], counts["documents"]) == (9, 8)
        assert counts["rejects"] == {"invalid-front-matter": 1}
        outputs = manifest["outputs"]
        data = files["documents.jsonl"]
        assert outputs["documents.jsonl"] == {
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        assert outputs["documents"]["files"] == 8

    def test_a_reject_is_a_line_and_no_document(self, pages: Path, tmp_path: Path) -> None:
        (pages / "bad.md").write_text("---\na: b\nc: [\n---\n")
        outcome = run(pages, tmp_path / "out")
        files = read_folder(tmp_path / "out")
        (reject,) = [json.loads(line) for line in files["rejects.jsonl"].splitlines()]
        assert list(reject) == ["path", "rule", "message", "line"]
        assert (reject["path"], reject["rule"]) == ("bad.md", "invalid-front-matter")
        assert isinstance(reject["line"], int)
        assert not outcome.is_clean
        assert outcome.rejects["invalid-front-matter"][0].path == "bad.md"

    def test_the_report_shows_pages_and_rejects(self, pages: Path, tmp_path: Path) -> None:
        (pages / "bad.md").write_text("---\na: [\n---\n")
        (pages / "gone.md").symlink_to("nowhere")
        report = run_fresh(pages, tmp_path / "out", formats=["report"])["report.html"]
        assert all(words in report for words in (b"Heading 7", b"bad.md", b"gone.md"))

    def test_jobs_change_nothing(self, pages: Path, tmp_path: Path) -> None:
        one = run_fresh(pages, tmp_path / "one", jobs=1)
        assert run_fresh(pages, tmp_path / "three", jobs=3) == one

    def test_spans_can_be_left_out(self, pages: Path, tmp_path: Path) -> None:
        files = run_fresh(pages, tmp_path / "out", spans=False)
        assert b'"span":{' not in files["documents.jsonl"].replace(b" ", b"")

    def test_nothing_is_left_aside(self, pages: Path, tmp_path: Path) -> None:
        run(pages, tmp_path / "out")
        assert not (tmp_path / "out/.extractor/aside").exists()

    def test_the_state_is_kept_out_of_git(self, pages: Path, tmp_path: Path) -> None:
        run(pages, tmp_path / "out")
        assert (tmp_path / "out/.extractor/.gitignore").read_text() == "*\n"


class TestIncremental:
    def test_an_unchanged_run_extracts_and_writes_nothing(
        self, pages: Path, tmp_path: Path
    ) -> None:
        first = run(pages, tmp_path / "out")
        before = {file: file.stat().st_mtime_ns for file in (tmp_path / "out").rglob("*.*")}
        second = run(pages, tmp_path / "out")
        assert (first.extracted, second.extracted) == (8, 0)
        assert second.tally == first.tally
        after = {file: file.stat().st_mtime_ns for file in (tmp_path / "out").rglob("*.*")}
        outputs = [file for file in before if ".extractor" not in file.parts]
        assert [file for file in outputs if before[file] != after[file]] == []

    @pytest.mark.parametrize(
        ("change", "extracted"),
        [
            (lambda pages: (pages / "d1/1.md").write_text("# Other"), 1),
            (lambda pages: (pages / "d0/new.md").write_text("# New"), 1),
            (lambda pages: (pages / "d1/1.md").unlink(), 0),
            (lambda pages: (pages / "d1/1.md").rename(pages / "moved.md"), 1),
            (lambda pages: (pages / "d1/1.md").write_text("---\na: [\n---\n"), 1),
            (lambda pages: [file.unlink() for file in (pages / "d2").iterdir()], 0),
            (lambda pages: (pages / "d1/1.md").touch(), 0),
        ],
        ids=["changed", "added", "removed", "moved", "broken", "folder removed", "touched"],
    )
    def test_outputs_are_those_of_a_fresh_run(
        self,
        pages: Path,
        tmp_path: Path,
        change: Callable[[Path], object],
        extracted: int,
    ) -> None:
        run(pages, tmp_path / "out")
        change(pages)
        outcome = run(pages, tmp_path / "out")
        assert outcome.extracted == extracted
        assert read_folder(tmp_path / "out") == run_fresh(pages, tmp_path / "fresh")
        folders = [path for path in (tmp_path / "out").rglob("*") if path.is_dir()]
        assert all(any(folder.iterdir()) for folder in folders)

    def test_a_mended_page_is_no_reject_any_more(self, pages: Path, tmp_path: Path) -> None:
        (pages / "a.md").write_text("---\na: [\n---\n")
        assert not run(pages, tmp_path / "out").is_clean
        (pages / "a.md").write_text("# Fine")
        assert run(pages, tmp_path / "out").is_clean
        assert read_folder(tmp_path / "out") == run_fresh(pages, tmp_path / "fresh")

    @pytest.mark.parametrize("formats", [["jsonl"], ["csv"], ["json", "parquet"], ["report"]])
    def test_other_formats_come_and_go_without_extraction(
        self, pages: Path, tmp_path: Path, formats: list[str]
    ) -> None:
        run(pages, tmp_path / "out", formats=["json", "csv"])
        run(pages, tmp_path / "out", formats=["json", "csv", "report"])
        assert run(pages, tmp_path / "out", formats=formats).extracted == 0
        fresh = run_fresh(pages, tmp_path / "fresh", formats=formats)
        assert read_folder(tmp_path / "out") == fresh

    @pytest.mark.parametrize("settings", [{"repair": False}, {"spans": False}])
    def test_other_options_extract_all_with_a_note(
        self, pages: Path, tmp_path: Path, settings: dict[str, bool]
    ) -> None:
        run(pages, tmp_path / "out")
        outcome = run(pages, tmp_path / "out", **settings)  # type: ignore[arg-type]
        assert outcome.extracted == 8
        assert len(outcome.notes) == 1
        fresh = run_fresh(pages, tmp_path / "fresh", **settings)
        assert read_folder(tmp_path / "out") == fresh

    def test_another_version_extracts_all_with_a_note(
        self, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(pages, tmp_path / "out")
        monkeypatch.setattr(fingerprint, "__version__", "0.0.0")
        outcome = run(pages, tmp_path / "out")
        assert (outcome.extracted, len(outcome.notes)) == (8, 1)

    def test_fresh_extracts_all_without_a_note(self, pages: Path, tmp_path: Path) -> None:
        run(pages, tmp_path / "out")
        outcome = run(pages, tmp_path / "out", fresh=True)
        assert (outcome.extracted, outcome.notes) == (8, [])

    def test_the_time_limit_alone_changes_nothing(self, pages: Path, tmp_path: Path) -> None:
        run(pages, tmp_path / "out")
        assert run(pages, tmp_path / "out", time_limit=99.0).extracted == 0

    @pytest.mark.parametrize(
        "tamper",
        [
            lambda out: (out / "tables/items.csv").write_text("other"),
            lambda out: (out / "documents/d0/0.md.json").unlink(),
            lambda out: (out / "documents/d0/0.md.json").write_text("other"),
            lambda out: (out / "manifest.json").unlink(),
        ],
        ids=["table", "document removed", "document", "manifest"],
    )
    def test_outputs_that_were_touched_are_written_again(
        self, pages: Path, tmp_path: Path, tamper: Callable[[Path], object]
    ) -> None:
        run(pages, tmp_path / "out")
        before = read_folder(tmp_path / "out")
        tamper(tmp_path / "out")
        assert run(pages, tmp_path / "out").extracted == 0
        assert read_folder(tmp_path / "out") == before


class TestRejectsByCircumstance:
    """A page that was too slow, or killed its worker, may do better next time."""

    def test_they_are_tried_again(self, pages: Path, tmp_path: Path) -> None:
        marker = tmp_path / "marker"
        (pages / "a.md").write_text(f"!unless {marker}\n\n# Title")
        assert not run(pages, tmp_path / "out").is_clean
        marker.touch()
        outcome = run(pages, tmp_path / "out")
        assert (outcome.extracted, outcome.is_clean) == (1, True)
        assert read_folder(tmp_path / "out") == run_fresh(pages, tmp_path / "fresh")

    def test_nothing_is_written_when_they_fail_alike(self, pages: Path, tmp_path: Path) -> None:
        (pages / "a.md").write_text("!exit 1")
        run(pages, tmp_path / "out")
        before = (tmp_path / "out/documents.jsonl").stat().st_mtime_ns
        outcome = run(pages, tmp_path / "out")
        assert (outcome.extracted, outcome.tally.rejects) == (1, {"worker-crash": 1})
        assert (tmp_path / "out/documents.jsonl").stat().st_mtime_ns == before

    def test_rejects_by_content_are_not(self, pages: Path, tmp_path: Path) -> None:
        (pages / "a.md").write_text("---\na: [\n---\n")
        run(pages, tmp_path / "out")
        assert run(pages, tmp_path / "out").extracted == 0

    def test_unreadable_ones_are_rejects(self, pages: Path, tmp_path: Path) -> None:
        (pages / "a.md").symlink_to("nowhere")
        for _ in range(2):
            outcome = run(pages, tmp_path / "out")
            assert outcome.tally.rejects == {"unreadable-file": 1}


class TestDamagedState:
    @pytest.mark.parametrize("size", [1, 16, 512, 8192])
    @pytest.mark.parametrize("share", [0.0, 0.1, 0.199, 0.4, 0.5, 0.67, 0.7, 0.9])
    def test_garbage_in_it_means_a_fresh_run_with_a_note(
        self, pages: Path, tmp_path: Path, share: float, size: int
    ) -> None:
        run(pages, tmp_path / "out")
        state = tmp_path / "out/.extractor/state.sqlite"
        data = bytearray(state.read_bytes())
        start = int(len(data) * share)
        data[start : start + size] = Random(size).randbytes(size)
        state.write_bytes(data)
        (pages / "a.md").write_text("# One more")
        outcome = run(pages, tmp_path / "out")
        assert read_folder(tmp_path / "out") == run_fresh(pages, tmp_path / "fresh")
        assert outcome.extracted < 9 or outcome.notes

    @pytest.mark.parametrize(
        "damage",
        [
            "UPDATE facts SET value = CAST(X'ff' AS TEXT)",
            "UPDATE facts SET value = substr(value, 1, length(value) - 9) WHERE name = 'written'",
            "UPDATE facts SET value = substr(value, 1, length(value) - 9)",
            "UPDATE pages SET sha256 = CAST(X'ff' AS TEXT) WHERE path LIKE '%4.md'",
            "UPDATE pages SET path = X'ff' WHERE path LIKE '%4.md'",
            "UPDATE pages SET result = 8 WHERE path LIKE '%4.md'",
            "UPDATE pages SET result = X'00' WHERE path LIKE '%4.md'",
            "DELETE FROM facts",
        ],
    )
    def test_values_that_no_run_wrote(self, pages: Path, tmp_path: Path, damage: str) -> None:
        run(pages, tmp_path / "out")
        with closing(sqlite3.connect(tmp_path / "out/.extractor/state.sqlite")) as connection:
            connection.execute(damage)
            connection.commit()
        notes = run(pages, tmp_path / "out").notes
        (pages / "a.md").write_text("# One more")
        notes += run(pages, tmp_path / "out").notes
        assert len(notes) == 1
        assert read_folder(tmp_path / "out") == run_fresh(pages, tmp_path / "fresh")

    @pytest.mark.parametrize("content", [b"", b"not a database", b"\0" * 100_000])
    def test_another_file_in_its_place(self, pages: Path, tmp_path: Path, content: bytes) -> None:
        run(pages, tmp_path / "out")
        (tmp_path / "out/.extractor/state.sqlite").write_bytes(content)
        assert run(pages, tmp_path / "out").extracted == 8
        assert read_folder(tmp_path / "out") == run_fresh(pages, tmp_path / "fresh")

    def test_a_database_of_another_kind(self, pages: Path, tmp_path: Path) -> None:
        (tmp_path / "out/.extractor").mkdir(parents=True)
        with sqlite3.connect(tmp_path / "out/.extractor/state.sqlite") as connection:
            connection.execute("CREATE TABLE pages (other TEXT)")
        connection.close()
        assert run(pages, tmp_path / "out").extracted == 8

    def test_a_truncated_one(self, pages: Path, tmp_path: Path) -> None:
        run(pages, tmp_path / "out")
        state = tmp_path / "out/.extractor/state.sqlite"
        os.truncate(state, state.stat().st_size // 2)
        run(pages, tmp_path / "out")
        assert read_folder(tmp_path / "out") == run_fresh(pages, tmp_path / "fresh")

    def test_damage_inside_a_result(self, pages: Path, tmp_path: Path) -> None:
        run(pages, tmp_path / "out")
        with sqlite3.connect(tmp_path / "out/.extractor/state.sqlite") as connection:
            connection.execute("UPDATE pages SET result = x'00' WHERE path = 'd1/1.md'")
        connection.close()
        (pages / "a.md").write_text("# One more")
        outcome = run(pages, tmp_path / "out")
        assert (outcome.extracted, len(outcome.notes)) == (9, 1)
        assert read_folder(tmp_path / "out") == run_fresh(pages, tmp_path / "fresh")


class TestForeignState:
    """What is in the place of the state but is none is kept, and the run is a fresh one."""

    @pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal"])
    @pytest.mark.parametrize("kind", ["folder", "link", "loose link", "pipe"])
    def test_something_that_is_no_file(
        self, pages: Path, tmp_path: Path, kind: str, ending: str
    ) -> None:
        home = tmp_path / "out/.extractor"
        home.mkdir(parents=True)
        victim = tmp_path / "victim"
        make_odd(home / f"state.sqlite{ending}", kind, victim)
        outcome = run(pages, tmp_path / "out")
        assert outcome.extracted == 8
        assert any("state.sqlite" in note for note in outcome.notes)
        assert os.path.lexists(home / f"state.sqlite.1{ending}")
        assert (victim.read_text() if victim.exists() else "mine") == "mine"
        assert read_folder(tmp_path / "out") == run_fresh(pages, tmp_path / "fresh")
        again = run(pages, tmp_path / "out")
        assert (again.extracted, again.notes) == (0, [])

    @pytest.mark.parametrize("layout", ["notes (text TEXT)", "facts (name, value)", "pages (path)"])
    @pytest.mark.parametrize("fresh", [False, True])
    def test_a_database_of_another_program(
        self, pages: Path, tmp_path: Path, layout: str, *, fresh: bool
    ) -> None:
        state = tmp_path / "out/.extractor/state.sqlite"
        state.parent.mkdir(parents=True)
        with closing(sqlite3.connect(state)) as connection:
            connection.execute(f"CREATE TABLE {layout}")
            connection.commit()
        before = state.read_bytes()
        outcome = run(pages, tmp_path / "out", fresh=fresh)
        assert outcome.extracted == 8
        assert any("state.sqlite.1" in note for note in outcome.notes)
        assert state.with_name("state.sqlite.1").read_bytes() == before

    def test_names_that_are_taken_are_left(self, pages: Path, tmp_path: Path) -> None:
        home = tmp_path / "out/.extractor"
        home.mkdir(parents=True)
        for name in ("state.sqlite", "state.sqlite.1", "state.sqlite.2-wal"):
            (home / name).write_text(name)
        run(pages, tmp_path / "out")
        assert (home / "state.sqlite.1").read_text() == "state.sqlite.1"
        assert (home / "state.sqlite.2-wal").read_text() == "state.sqlite.2-wal"
        assert (home / "state.sqlite.3").read_text() == "state.sqlite"

    @pytest.mark.parametrize("kind", ["file", "loose link", "pipe"])
    def test_the_folder_itself(self, pages: Path, tmp_path: Path, kind: str) -> None:
        (tmp_path / "out").mkdir()
        make_odd(tmp_path / "out/.extractor", kind, tmp_path / "victim")
        outcome = run(pages, tmp_path / "out")
        assert (outcome.extracted, len(outcome.notes)) == (8, 1)
        assert os.path.lexists(tmp_path / "out/.extractor.1")

    @pytest.mark.parametrize("name", ["lock", "holder", ".gitignore"])
    def test_the_lock_and_its_neighbours(self, pages: Path, tmp_path: Path, name: str) -> None:
        (tmp_path / "out/.extractor" / name).mkdir(parents=True)
        outcome = run(pages, tmp_path / "out")
        assert (outcome.extracted, len(outcome.notes)) == (8, 1)

    @pytest.mark.parametrize("kind", ["file", "link", "loose link", "pipe"])
    def test_what_is_in_the_place_of_outputs_in_the_making(
        self, pages: Path, tmp_path: Path, kind: str
    ) -> None:
        (tmp_path / "out/.extractor").mkdir(parents=True)
        make_odd(tmp_path / "out/.extractor/aside", kind, tmp_path / "victim")
        assert run(pages, tmp_path / "out").is_clean
        assert read_folder(tmp_path / "out") == run_fresh(pages, tmp_path / "fresh")

    def test_a_file_for_git_of_somebody_else(self, pages: Path, tmp_path: Path) -> None:
        (tmp_path / "out/.extractor").mkdir(parents=True)
        (tmp_path / "out/.extractor/.gitignore").write_text("mine")
        assert run(pages, tmp_path / "out").notes == []
        assert (tmp_path / "out/.extractor/.gitignore").read_text() == "mine"


def make_odd(path: Path, kind: str, victim: Path) -> None:
    """Make something that is no state."""
    if kind == "folder":
        path.mkdir()
        (path / "mine").write_text("mine")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "file":
        path.write_text("mine")
    else:
        if kind == "link":
            victim.write_text("mine")
        path.symlink_to(victim)


class TestUnfitResults:
    """Whatever fails for one page after it was extracted costs that page, and nothing else."""

    BAD = "d1/4.md"

    def check(self, pages: Path, tmp_path: Path, outcome: Outcome) -> None:
        assert outcome.tally.rejects == {"internal-error": 1}
        (reject,) = outcome.rejects["internal-error"]
        assert reject.path == self.BAD
        files = read_folder(tmp_path / "out")
        assert json.loads(files.pop("rejects.jsonl"))["path"] == self.BAD
        assert self.BAD.encode() in files.pop("tables/rejects.csv")
        assert self.BAD.encode() in files.pop("tables/rejects.parquet")
        manifest = json.loads(files.pop("manifest.json"))
        assert (manifest["counts"]["pages"], manifest["counts"]["documents"]) == (8, 7)
        (pages / self.BAD).unlink()
        fresh = run_fresh(pages, tmp_path / "fresh")
        assert files == {name: fresh[name] for name in fresh if name in files}
        assert len(files) == len(fresh) - 4

    @pytest.mark.parametrize("error", [OverflowError, RecursionError, MemoryError, TypeError])
    @pytest.mark.parametrize(
        ("owner", "name"),
        [
            (CsvWriter, "prepare"),
            (ParquetWriter, "prepare"),
            (documents, "render_document"),
        ],
    )
    def test_a_page_that_cant_be_written(
        self,
        pages: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        owner: Any,
        name: str,
        error: type[Exception],
    ) -> None:
        right = getattr(owner, name)

        def fail_for_one(*arguments: Any) -> Any:
            if self.BAD in str(arguments[-1]) and "internal-error" not in str(arguments[-1]):
                raise error("too much")
            return right(*arguments)

        monkeypatch.setattr(owner, name, fail_for_one)
        self.check(pages, tmp_path, run(pages, tmp_path / "out"))

    def test_it_is_tried_again(
        self, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(documents, "render_document", lambda _: 1 / 0)
            for _ in range(2):
                assert run(pages, tmp_path / "out").tally.rejects == {"internal-error": 8}
        assert run(pages, tmp_path / "out").is_clean
        assert read_folder(tmp_path / "out") == run_fresh(pages, tmp_path / "fresh")

    def test_a_page_larger_than_the_state_takes(
        self, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (pages / self.BAD).write_text("word " * 40_000)
        connect = sqlite3.connect

        def connect_small(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*arguments, **options)
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 100_000)
            return connection

        monkeypatch.setattr(sqlite3, "connect", connect_small)
        self.check(pages, tmp_path, run(pages, tmp_path / "out"))

    @pytest.mark.parametrize("power", [63, 64, 70])
    def test_a_number_that_no_table_takes(self, pages: Path, tmp_path: Path, power: int) -> None:
        (pages / self.BAD).write_text(f"!huge {power}")
        self.check(pages, tmp_path, run(pages, tmp_path / "out"))

    def test_a_page_whose_document_needs_a_file_as_a_folder(
        self, pages: Path, tmp_path: Path
    ) -> None:
        (pages / "d1/1.md.json").mkdir()
        (pages / "d1/1.md.json/b.md").write_text("# Below")
        outcome = run(pages, tmp_path / "out")
        (reject,) = outcome.rejects["unsafe-name"]
        assert reject.path == "d1/1.md"
        assert "the folder d1/1.md.json" in reject.message
        assert str(tmp_path) not in reject.message
        assert outcome.tally.documents == 8

    def test_a_disk_that_refuses_still_ends_the_run(
        self, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_: bytes) -> bytes:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(documents, "render_document", refuse)
        with pytest.raises(OutputError, match="No space left"):
            run(pages, tmp_path / "out")


class TestForeignFiles:
    def test_the_state_gone_removed_pages_disappear_nevertheless(
        self, pages: Path, tmp_path: Path
    ) -> None:
        run(pages, tmp_path / "out")
        for file in (tmp_path / "out/.extractor").iterdir():
            file.unlink()
        (pages / "d1/1.md").unlink()
        run(pages, tmp_path / "out")
        assert read_folder(tmp_path / "out") == run_fresh(pages, tmp_path / "fresh")

    def test_what_is_not_ours_stays(self, pages: Path, tmp_path: Path) -> None:
        mine = ["notes.txt", "documents/mine.json", "documents/notes.txt", "tables/mine.csv"]
        for name in mine:
            (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "out" / name).write_text("{}")
        run(pages, tmp_path / "out")
        run(pages, tmp_path / "out", formats=["jsonl"])
        assert set(mine) <= set(read_folder(tmp_path / "out"))

    def test_a_manifest_cant_point_elsewhere(self, pages: Path, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "victim.csv").write_text("mine")
        manifest: dict[str, object] = {
            "outputs": {"../victim.csv": {}, "tables/../../victim.csv": {}}
        }
        (tmp_path / "out/manifest.json").write_text(json.dumps(manifest))
        run(pages, tmp_path / "out")
        assert (tmp_path / "victim.csv").exists()


class TestFolder:
    def test_one_that_cant_be_made_is_named(self, pages: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(OutputError, match=str(tmp_path / "file")):
            run(pages, tmp_path / "file")
        with pytest.raises(OutputError, match=str(tmp_path / "file")):
            run(pages, tmp_path / "file/deeper")

    def test_a_locked_one_is_left_alone(self, pages: Path, tmp_path: Path) -> None:
        with lock_folder(tmp_path / "out"), pytest.raises(LockedError, match=str(os.getpid())):
            run(pages, tmp_path / "out")
        assert read_folder(tmp_path / "out") == {}
        assert run(pages, tmp_path / "out").is_clean

    def test_sources_are_looked_at_first(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError):
            run(tmp_path / "nowhere", tmp_path / "out")
        assert not (tmp_path / "out").exists()

    def test_a_file_where_documents_go_is_named(self, pages: Path, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out/documents").write_text("mine")
        with pytest.raises(OutputError, match="documents is no folder"):
            run(pages, tmp_path / "out")
        assert (tmp_path / "out/documents").read_text() == "mine"
        (tmp_path / "out/documents").unlink()
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "out/documents").symlink_to(tmp_path / "elsewhere")
        assert run(pages, tmp_path / "out").is_clean

    def test_a_source_is_none_for_outputs(self, pages: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(pages)
        for out in (pages, tmp_path, pages / "d1", tmp_path / "link", f"{pages}/d0/../"):
            for source in (pages, tmp_path / "link", pages / "*/*.md", pages / "d1/1.md"):
                with pytest.raises(OutputError, match="holds the page"):
                    run(source, Path(out))
        assert not any(tmp_path.rglob(".extractor"))

    @pytest.mark.parametrize("out", ["pages/out", "pages/.out", "pages-2", "page", "d1", "pages/d"])
    def test_a_folder_without_pages_is_one(self, pages: Path, tmp_path: Path, out: str) -> None:
        first = run(pages, tmp_path / out)
        assert (first.extracted, first.is_clean) == (8, True)
        # What was written there is not read as pages.
        assert run(pages, tmp_path / out).tally == first.tally

    def test_urls_of_this_machine_are_looked_at_too(self, pages: Path) -> None:
        with pytest.raises(OutputError, match="holds the page"):
            refuse_pages_inside(f"file://{pages}", find_pages([str(pages)]))
        with pytest.raises(OutputError, match="holds the page"):
            refuse_pages_inside(str(pages), find_pages([f"file://{pages}"]))
        refuse_pages_inside("s3://bucket/pages", find_pages([str(pages)]))


class TestLibrary:
    def test_many_pages_give_documents_and_rejects_by_path(self, pages: Path) -> None:
        (pages / "d1/bad.md").write_text("---\na: [\n---\n")
        results = list(extract_many(pages, jobs=2))
        paths = [
            result.path if isinstance(result, Reject) else result.source.path for result in results
        ]
        assert paths == sorted(paths)
        assert [type(result) for result in results].count(Document) == 8
        (reject,) = [result for result in results if isinstance(result, Reject)]
        assert reject.rule == "invalid-front-matter"

    def test_sources_can_be_one_or_many(self, pages: Path) -> None:
        one = list(extract_many(str(pages)))
        assert list(extract_many([pages / "d0", f"{pages}/d1/*.md", pages / "d2/2.md"])) != one
        assert len(one) == 8

    def test_missing_sources_are_told_at_once(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError):
            extract_many(tmp_path / "nowhere")

    def test_one_file_is_the_same_document(self, pages: Path) -> None:
        (many,) = extract_many(pages / "d0/0.md")
        assert extract_file(pages / "d0/0.md") == many

    def test_one_file_raises_what_is_wrong(self, pages: Path, tmp_path: Path) -> None:
        (pages / "bad.md").write_text("---\na: [\n---\n")
        with pytest.raises(PageRejected):
            extract_file(pages / "bad.md")
        with pytest.raises(SourceError):
            extract_file(tmp_path / "nowhere.md")
        with pytest.raises(SourceError, match="9"):
            extract_file(pages)
