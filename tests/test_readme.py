"""The README tells the truth: its commands run as written, its picture is what comes out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from test_spec import check_subset

from extractor.pipeline import extract

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(?P<info>\w*)\n(?P<text>.*?)^```$", re.M | re.S)
OWN_TESTS = {"Your own fields in five minutes"}
"""Chapters that another test runs."""

# Hypothesis takes longer to load than all else that pytest does there.
PYTEST = "pytest -p no:hypothesispytest"

Blocks = list[tuple[str, str]]


def read_chapters() -> dict[str, Blocks]:
    """Give the fences of each chapter; a heading within a fence opens none."""
    chapters: dict[str, Blocks] = {}
    title = ""
    for match in re.finditer(rf"{FENCE.pattern}|^##? (?P<title>[^\n]*)$", README, re.M | re.S):
        if match["title"]:
            title = match["title"]
            chapters[title] = []
        else:
            chapters[title].append((match["info"], match["text"]))
    return chapters


CHAPTERS = read_chapters()
OPENING = CHAPTERS["extractor"]
RUN = {
    title: blocks
    for title, blocks in CHAPTERS.items()
    if title not in OWN_TESTS and blocks and blocks is not OPENING
}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of what a reader has, with the command on the path."""
    for name in ("samples", "schemas", "outputs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / ".bin").mkdir()
    # Where the package is only on the path, pytest has to be told of its plugin.
    known = entry_points(group="pytest11", name="extractor")
    modules = {
        "extractor": "extractor",
        "pytest": PYTEST if known else f"{PYTEST} -p extractor.pytest_plugin",
    }
    for name, module in modules.items():
        command = tmp_path / ".bin" / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        command.chmod(0o755)
    return tmp_path


def run_block(info: str, text: str, folder: Path) -> str:
    """Run a block and give all that it prints."""
    command = ["bash", "-c", text] if info == "sh" else [sys.executable, "-c", text]
    path = f"{folder / '.bin'}:{os.environ['PATH']}"
    # Accepting a change is refused in CI.
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=inherited | {"PATH": path, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "LC_ALL": "C"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return done.stdout


def trim(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@pytest.mark.slow
@pytest.mark.parametrize("title", RUN)
def test_a_chapter_runs_as_written(title: str, clone: Path) -> None:
    blocks = RUN[title]
    followers = [*blocks[1:], ("", "")]
    for (info, text), (following, expected) in zip(blocks, followers, strict=True):
        if info in ("sh", "python"):
            printed = run_block(info, text, clone)
            assert following == "text", f"nothing says what this prints: {text}"
            assert trim(printed) == trim(expected)


def test_the_picture_is_what_comes_out() -> None:
    pages = [text for info, text in OPENING if info == "markdown"]
    documents = [json.loads(text) for info, text in OPENING if info == "json"]
    assert len(pages) == len(documents) == 1
    check_subset(documents[0], json.loads(extract(pages[0], "page.md").to_json()), "")


def test_the_readme_opens_with_make() -> None:
    info, text = OPENING[0]
    assert info == "sh"
    targets = re.findall(r"^make (\w+)", text, re.M)
    assert targets == ["run", "test"]
    for target in targets:
        subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:|mailto:)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
