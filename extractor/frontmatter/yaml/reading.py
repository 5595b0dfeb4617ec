"""One YAML document to JSON values."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from operator import add
from typing import Any

import yaml

from extractor.frontmatter.places import ValuePlace
from extractor.frontmatter.values import Unreadable, ValueProblem
from extractor.frontmatter.yaml.colons import ColonFound, read_colons
from extractor.frontmatter.yaml.events import EventReader
from extractor.frontmatter.yaml.places import PlaceReader

ReadValues = tuple[Any, list[ValueProblem]]

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_yaml(text: str) -> ReadValues:
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


def find_yaml_places(text: str) -> ValuePlace:
    """Find where the values stand of a document that `read_yaml` has read."""
    readers: list[PlaceReader] = []

    def read(text: str) -> ReadValues:
        readers.append(PlaceReader(text))
        return _run(readers[-1], text)

    try:
        read(text)
    except ColonFound as error:
        _, problems = read_colons(text, error, read)
        return _restore_colons(readers[-1].root, text, problems)
    return readers[-1].root


def _restore_colons(root: ValuePlace, text: str, problems: list[ValueProblem]) -> ValuePlace:
    """Bring the places of a document whose bare values were quoted back to what is written.

    Args:
        root: The places in the document as it was read.
        text: The document as it is written.
        problems: What was found; the quoted values are among it.
    """
    lines = text.split("\n")
    starts: list[int] = [*accumulate((len(line) + 1 for line in lines), initial=0)]
    ends: dict[int, int] = {}  # Of each quoted value, by its start.
    shifts = [0] * len(lines)
    for problem in problems:
        if problem.rule == "unquoted-colon" and problem.place:
            line, start, _, end = problem.place
            shifts[line] = len(problem.after or "") - (end - start)
            ends[starts[line] + start] = starts[line] + end
    longer: list[int] = list(map(add, starts, accumulate(shifts, initial=0)))

    def restore(index: int) -> int:
        line = min(bisect_right(longer, index), len(lines)) - 1
        return starts[line] + min(index - longer[line], len(lines[line]))

    for place in _iter_places(root, set()):
        place.start, place.end = restore(place.start), restore(place.end)
        place.end = ends.get(place.start, place.end)
    return root


def _iter_places(place: ValuePlace, seen: set[int]) -> Iterator[ValuePlace]:
    """Yield every place once; an alias shares that of its anchor."""
    if id(place) not in seen:
        seen.add(id(place))
        yield place
        for part in place.parts.values():
            yield from _iter_places(part, seen)


def _read(text: str) -> ReadValues:
    return _run(EventReader(text), text)


def _run(reader: EventReader, text: str) -> ReadValues:
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
