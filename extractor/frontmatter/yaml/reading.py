"""One YAML document to JSON values."""

from __future__ import annotations

import re
from typing import Any

import yaml

from extractor.frontmatter.values import Unreadable, ValueProblem
from extractor.frontmatter.yaml.colons import ColonFound, read_colons
from extractor.frontmatter.yaml.events import EventReader

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_yaml(text: str) -> tuple[Any, list[ValueProblem]]:
    """Read one YAML document.

    A top-level line that YAML refuses for an unquoted colon is read as the string
    it was meant to be, with a problem ``unquoted-colon``.

    Raises:
        Unreadable: If it is invalid or unsafe.
    """
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        reason = f"YAML does not allow the character U+{ord(forbidden[0]):04X}"
        raise Unreadable("invalid-front-matter", reason, text.count("\n", 0, forbidden.start()))
    try:
        return _read(text)
    except ColonFound as error:
        return read_colons(text, error, _read)


def _read(text: str) -> tuple[Any, list[ValueProblem]]:
    reader = EventReader(text)
    try:
        return reader.read(), reader.problems
    except yaml.MarkedYAMLError as error:
        raise _explain(error, text) from None


def _explain(error: yaml.MarkedYAMLError, text: str) -> Unreadable:
    """Say what is wrong; if that is at the end of the text, where the unclosed thing begins."""
    mark = error.problem_mark or error.context_mark
    last = text.rstrip().count("\n")
    if mark and mark.line > last and error.context_mark:
        mark = error.context_mark
    problem = error.problem or error.context or "it can't be parsed"
    kind = ColonFound if problem.startswith("mapping values are not allowed") else Unreadable
    reason = f"it is not valid YAML: {problem}"
    return kind("invalid-front-matter", reason, min(mark.line, last) if mark else None)
