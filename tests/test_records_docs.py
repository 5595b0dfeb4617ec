"""The examples of docs/records.md, and the chapter of the README that shows records."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractor.pipeline import extract
from extractor.records.record import RecordSchema, lint_schema
from extractor.records.schema.fields import TAKE_SHAPES

ROOT = Path(__file__).parent.parent
CHAPTER = "## Your own fields in five minutes"
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)


def read_blocks(text: str) -> list[tuple[str, str]]:
    return [(match["info"], match["text"]) for match in FENCE.finditer(text)]


def read_examples() -> Iterator[tuple[str, str, str]]:
    """Yield each page of the reference with its schema and record."""
    parts: dict[str, str] = {}
    for info, text in read_blocks((ROOT / "docs" / "records.md").read_text(encoding="utf-8")):
        parts[info] = text
        if info == "json record":
            yield parts["markdown page"], parts["json schema"], text


def find_chapter() -> str:
    """Find the chapter in the README, or beside it while it is not merged."""
    for path in (ROOT / "README.md", ROOT / "docs" / "_readme_records.md"):
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if CHAPTER in text:
            return text.partition(CHAPTER)[2].partition("\n## ")[0]
    raise AssertionError(f"no file has the chapter {CHAPTER!r}")


@pytest.mark.parametrize(("page", "schema", "record"), list(read_examples()))
def test_the_examples_of_the_reference(page: str, schema: str, record: str) -> None:
    filled = RecordSchema.load(json.loads(schema)).fill(extract(page), page)
    assert filled.record == json.loads(record)
    assert list(filled.record) == list(json.loads(record))
    assert filled.errors == []


def test_the_reference_names_every_take() -> None:
    text = (ROOT / "docs" / "records.md").read_text(encoding="utf-8")
    takes = {"take"} | {name for name in TAKE_SHAPES if name not in ("sections", "names")}
    assert takes == set(re.findall(r"^\| `(\w+)` \| [^|]*\| [^|]*\| [^|]*\|$", text, re.M))


def test_the_python_of_the_reference() -> None:
    blocks = read_blocks((ROOT / "docs" / "records.md").read_text(encoding="utf-8"))
    [code] = [text for info, text in blocks if info == "python"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore::ResourceWarning", "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("200 g red lentils from line 19\n", "")


def test_the_chapter_of_the_readme_runs_as_written(tmp_path: Path) -> None:
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    command = tmp_path / "bin" / "extractor"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m extractor "$@"\n')
    command.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    blocks = read_blocks(find_chapter())
    assert blocks
    for (info, text), (following, expected) in zip(blocks[::2], blocks[1::2], strict=True):
        assert (info, following) == ("sh", "text")
        done = subprocess.run(
            ["bash", "-c", text],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stderr == ""
        assert done.stdout == expected


NEWCOMERS = sorted((ROOT / "tests" / "newcomers").glob("*.md"))


@pytest.mark.parametrize("path", NEWCOMERS, ids=lambda path: path.stem)
def test_schemas_written_from_the_reference_alone(path: Path) -> None:
    schema = path.with_suffix(".schema.json")
    assert lint_schema(schema) == []
    page = path.read_bytes()
    record = RecordSchema.load(schema).fill(extract(page, path.name), page)
    assert record.errors == []
    assert record.record == json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
