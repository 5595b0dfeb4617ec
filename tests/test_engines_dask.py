"""Runs on a Dask cluster: the same results, in parts, whatever happens to its workers."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from bad_pages import EXTRACT
from click.testing import CliRunner
from pyarrow import parquet

from extractor.cli import cli
from extractor.config.options import PageOptions
from extractor.run import cluster
from extractor.run.batch import Request, run_batch
from extractor.run.cluster import run_cluster
from extractor.run.engines import EngineError, dask
from extractor.run.engines.child import ChildError, call_in_child
from extractor.run.outcome import Outcome
from extractor.run.outputs import OutputError
from extractor.run.settings import RunSettings
from extractor.storage.pages import find_pages
from extractor.tables.parquet import ParquetWriter

distributed = pytest.importorskip("distributed")

PAGE = "---\ntitle: Page {0}\n---\n\n# Heading\n\n**Label {0}:** text\n\n- one\n- two\n"
HARM = {7: "!exit 3", 18: "!raise", 22: "---\na: [\n---", 31: "!signal SIGSEGV"}


@pytest.fixture(scope="module")
def scheduler() -> Iterator[Any]:
    """A cluster of two workers."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="localhost:0", silence_logs="CRITICAL"
    ) as local:
        yield local


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_PART_PAGES", 10)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(45):
        (folder / f"{number:03}.md").write_text(HARM.get(number, PAGE.format(number)))
    return folder


def make_request(pages: Path | str, out: Path | str, **options: Any) -> Request:
    settings = RunSettings(PageOptions(**options), extract=EXTRACT)
    formats = ("jsonl", "parquet")
    return Request(sources=(str(pages),), out=str(out), formats=formats, settings=settings, jobs=2)


def run(local: Any, pages: Path | str, out: Path | str, **options: Any) -> Outcome:
    request = make_request(pages, out, **options)
    return run_cluster(request, scheduler=local.scheduler_address)


def join_parts(out: Path, name: str) -> list[bytes]:
    """Read the lines of all parts of a file."""
    parts = sorted((out / name).glob("part-*.jsonl"))
    return [line for part in parts for line in part.read_bytes().splitlines()]


def list_files(out: Path) -> list[str]:
    return sorted(file.relative_to(out).as_posix() for file in out.rglob("*") if file.is_file())


class TestResults:
    def test_they_are_those_of_the_local_engine(
        self, scheduler: Any, pages: Path, tmp_path: Path
    ) -> None:
        there = run(scheduler, pages, tmp_path / "there")
        here = run_batch(make_request(pages, tmp_path / "here"))
        assert (there.tally, there.rejects) == (here.tally, here.rejects)
        for name in ("documents", "rejects"):
            whole = (tmp_path / f"here/{name}.jsonl").read_bytes().splitlines()
            assert join_parts(tmp_path / "there", name) == whole
        for table in ("items", "sections", "diagnostics"):
            parts = parquet.read_table(tmp_path / f"there/tables/{table}")
            assert parts == parquet.read_table(tmp_path / f"here/tables/{table}.parquet")

    def test_bad_pages_cost_one_reject_each(
        self, scheduler: Any, pages: Path, tmp_path: Path
    ) -> None:
        outcome = run(scheduler, pages, tmp_path / "out")
        assert outcome.tally.rejects == {
            "worker-crash": 2,
            "internal-error": 1,
            "invalid-front-matter": 1,
        }
        assert outcome.tally.documents == 41

    def test_the_manifest_lists_the_parts(
        self, scheduler: Any, pages: Path, tmp_path: Path
    ) -> None:
        run(scheduler, pages, tmp_path / "out")
        manifest = json.loads((tmp_path / "out/manifest.json").read_bytes())
        assert sorted([*manifest["outputs"], "manifest.json"]) == list_files(tmp_path / "out")
        assert manifest["counts"]["pages"] == 45

    def test_parts_of_a_larger_run_before_are_removed(
        self, scheduler: Any, pages: Path, tmp_path: Path
    ) -> None:
        run(scheduler, pages, tmp_path / "out")
        (tmp_path / "out/documents/part-notes.txt").write_text("mine")
        (tmp_path / "out/documents/.extractor-0123456789abcdef.part").write_text("half")
        for file in sorted(pages.iterdir())[15:]:
            file.unlink()
        run(scheduler, pages, tmp_path / "out")
        names = [name for name in list_files(tmp_path / "out") if name.startswith("documents/")]
        assert names == [
            "documents/part-00000.jsonl",
            "documents/part-00001.jsonl",
            "documents/part-notes.txt",
        ]

    def test_urls_in_and_out(self, scheduler: Any, tmp_path: Path) -> None:
        source = f"memory://{uuid.uuid4()}"
        for number in range(12):
            with fsspec.open(f"{source}/{number:02}.md", "wb") as file:
                file.write(PAGE.format(number).encode())
        outcome = run(scheduler, source, f"file://{tmp_path}/out")
        assert outcome.tally.documents == 12
        titles = [json.loads(line)["title"] for line in join_parts(tmp_path / "out", "documents")]
        assert titles == [f"Page {number}" for number in range(12)]


class TestUnfitResults:
    def test_a_page_that_cant_be_written_costs_one_reject(
        self, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        prepare = ParquetWriter.prepare

        def fail_for_one(writer: ParquetWriter, rows: Any) -> Any:
            if "009.md" in str(rows) and "internal-error" not in str(rows):
                raise OverflowError("too much")
            return prepare(writer, rows)

        monkeypatch.setattr(ParquetWriter, "prepare", fail_for_one)
        request = make_request(pages, tmp_path / "out")
        parts = cluster._cut_parts(find_pages(request.sources), f"file://{tmp_path}/out", request)
        written = cluster.write_part(next(parts))
        assert written.outcome.tally.rejects == {"worker-crash": 1, "internal-error": 1}
        rejects = [json.loads(line)["path"] for line in join_parts(tmp_path / "out", "rejects")]
        assert rejects == ["007.md", "009.md"]
        assert len(join_parts(tmp_path / "out", "documents")) == 8

    def test_a_source_is_no_place_for_outputs(self, pages: Path) -> None:
        for out in (str(pages), f"file://{pages}"):
            with pytest.raises(OutputError, match="holds the page"):
                run_cluster(make_request(pages, out))


class TestWorkers:
    @pytest.mark.slow
    def test_one_that_dies_loses_and_doubles_no_page(self, scheduler: Any, tmp_path: Path) -> None:
        pages = tmp_path / "pages"
        pages.mkdir()
        for number in range(120):
            (pages / f"{number:03}.md").write_text(f"!sleep 0.02\n\n# Page {number}")
        killed = threading.Event()

        def kill_one() -> None:
            while not list(tmp_path.glob("out/documents/part-*.jsonl")):
                time.sleep(0.01)
            os.kill(scheduler.workers[0].process.pid, signal.SIGKILL)
            killed.set()

        thread = threading.Thread(target=kill_one)
        thread.start()
        try:
            outcome = run(scheduler, pages, tmp_path / "out")
        finally:
            thread.join()
        assert killed.is_set()
        assert outcome.tally.documents == 120
        paths = [
            json.loads(line)["source"]["path"] for line in join_parts(tmp_path / "out", "documents")
        ]
        assert paths == [f"{number:03}.md" for number in range(120)]

    def test_those_with_other_code_are_refused(
        self, scheduler: Any, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cluster, "fingerprint_settings", lambda _: "other")
        with pytest.raises(EngineError, match="another version"):
            run(scheduler, pages, tmp_path / "out")

    def test_no_cluster_is_an_error(
        self, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dask, "_PATIENCE", 1)
        request = make_request(pages, tmp_path / "out")
        with pytest.raises(EngineError, match="no Dask cluster"):
            run_cluster(request, scheduler="tcp://127.0.0.1:9")


class TestChild:
    def test_it_is_another_process_and_kept(self) -> None:
        first = call_in_child(eval, "__import__('os').getpid()")
        assert first != os.getpid()
        assert call_in_child(eval, "__import__('os').getpid()") == first

    def test_what_it_prints_is_no_answer(self) -> None:
        assert call_in_child(eval, "print('words') or 3") == 3

    def test_errors_come_back(self) -> None:
        with pytest.raises(ZeroDivisionError):
            call_in_child(eval, "1 / 0")
        assert call_in_child(eval, "1") == 1

    def test_its_death_is_an_error_and_another_takes_its_place(self) -> None:
        with pytest.raises(ChildError):
            call_in_child(eval, "__import__('os')._exit(1)")
        assert call_in_child(eval, "2") == 2


class TestCommandLine:
    def test_a_local_cluster_starts_by_itself(self, tmp_path: Path) -> None:
        pages = tmp_path / "pages"
        pages.mkdir()
        (pages / "a.md").write_text("# Title")
        arguments = [str(pages), "--out", str(tmp_path / "out"), "--engine", "dask", "--jobs", "1"]
        result = CliRunner().invoke(cli, ["run", *arguments])
        assert result.exit_code == 0, result.output
        assert "1 page" in result.stdout
        assert (tmp_path / "out/documents/part-00000.jsonl").exists()

    def test_formats_without_parts_are_wrong_usage(self, pages: Path, tmp_path: Path) -> None:
        arguments = [str(pages), "--out", str(tmp_path), "--engine", "dask", "--format", "csv"]
        result = CliRunner().invoke(cli, ["run", *arguments])
        assert result.exit_code == 2
        assert "jsonl and parquet" in result.stderr

    def test_the_local_engine_writes_to_no_url(self, pages: Path) -> None:
        result = CliRunner().invoke(cli, ["run", str(pages), "--out", "memory://out"])
        assert result.exit_code == 2
        assert "Dask" in result.stderr
