"""docs/limits.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from extractor.check import findings, fixes
from extractor.diff.render import markdown
from extractor.frontmatter import values
from extractor.labels import forms
from extractor.limits import DEFAULT_SECONDS
from extractor.records.schema import cost, fields, patterns, references
from extractor.schema import validation
from extractor.storage import clashes

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/limits.md").read_text(encoding="utf-8")

LIMITS = {
    "Time for a page": DEFAULT_SECONDS,
    "Length of a label": forms.LABEL_LENGTH,
    "Length": values.MAX_LENGTH,
    "Lists and mappings in one another": values.MAX_DEPTH,
    "Values with their aliases written out": values.MAX_SIZE,
    "Name of a folder": clashes.LONGEST_PART,
    "Path of a document": clashes.LONGEST_PATH,
    "`diff --format markdown`": markdown.LONGEST_COMMENT,
    "Lists and objects in one another, in a file": references.MAX_DEPTH,
    "Values in one another": fields.MAX_LEVELS,
    "Values it describes": fields.MAX_FIELDS,
    "Steps to read it": fields.MAX_LAYERS,
    "Checks that a value may take": cost.MAX_STEPS,
    "Size of a regex of `x-extract`": patterns.MAX_PROGRAM,
    "Backtracking of a `pattern` with look-around": validation.PATTERN_BACKTRACKS,
    "Looks into alternatives to explain an error": validation.MAX_ALTERNATIVES,
    "Readings of a page to find its safe repairs": fixes.MAX_TRIALS,
    "Text of a page in a message": findings.LONGEST_QUOTE,
}


@pytest.mark.parametrize("name", LIMITS)
def test_the_table_has_the_figure_of_the_code(name: str) -> None:
    (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| {name} |")]
    figure = re.match(r"[\d,]+", row.split("|")[2].strip())
    assert figure is not None
    assert figure[0] == f"{LIMITS[name]:,.0f}"


def test_the_modules_named_are_there() -> None:
    for name in re.findall(r"code: `([^`]+)`", TEXT):
        assert (ROOT / "extractor" / name).is_file(), name


def test_rows_have_all_columns() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("|")]
    assert {len(row.split("|")) for row in rows} == {7}
