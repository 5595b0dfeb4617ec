from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from extractor.cli.show import command
from extractor.cli.tree import build_tree
from extractor.pipeline import extract

SAMPLES = Path(__file__).parent.parent / "samples"

PAGE = """---
title: Mill
---

# Mill

You need:

1. a **saw**
2. a file

\\*\\* Wheel:\\*\\* of oak

![a wheel](w.png)

> [!NOTE]
> Mind the step.
"""


def show(*arguments: str, page: str | bytes | None = None) -> Result:
    return CliRunner().invoke(command, arguments, input=page)


def test_shows_sections_blocks_terms_and_repairs() -> None:
    result = show("-", page=PAGE)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "- “Mill”",
        '├── title: "Mill"',
        "└── # Mill definitions :5-17",
        "    ├── list You need:",
        "    │   ├── 1. a saw",
        "    │   └── 2. a file",
        "    ├── definitions",
        "    │   └── - Wheel: of oak",
        "    │       └── ! EX203 escaped-label \\*\\* Wheel:\\*\\* → **Wheel:** :12",
        "    ├── image a wheel (w.png)",
        "    └── callout note",
        "        └── paragraph Mind the step.",
    ]


def test_every_word_is_there() -> None:
    text = "word " * 200
    assert text.strip() in show("-", page=text).stdout


@pytest.mark.parametrize("path", sorted(SAMPLES.rglob("*.md")), ids=lambda path: path.stem)
def test_every_sample_can_be_shown(path: Path) -> None:
    result = show(str(path))
    assert result.exit_code == 0
    assert path.name in result.stdout


def test_diagnostics_keep_their_order() -> None:
    tree = build_tree(extract("| a |\n| - |\n| 1 | 2 |\n| 3 | 4 |\n", "page.md"))
    table = tree.children[0].children[0]
    places = [child.pieces[-1][1] for child in table.children[:2]]
    assert places == [":3", ":4"]


def test_control_characters_are_shown_and_not_obeyed() -> None:
    result = show("-", page="a\x1b[31mb")
    assert "\x1b" not in result.stdout
    assert "a\\x1b[31mb" in result.stdout


def test_a_pipe_gets_no_colour_and_no_cut() -> None:
    script = "from extractor.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "show", str(SAMPLES / "treatments" / "carbon-peel.md")],
        env=os.environ | {"PYTHONIOENCODING": "ascii", "COLUMNS": "40", "TERM": "xterm-256color"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "needs no preparation" in done.stdout


def test_a_rejected_page() -> None:
    result = show("-", page="---\ntitle: @x\n---\n")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "invalid-front-matter" in result.stderr


def test_what_can_not_be_shown() -> None:
    assert show("no/such/page.md").exit_code == 2
    assert "one of them" in show(str(SAMPLES)).stderr
