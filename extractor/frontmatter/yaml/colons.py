"""Values with an unquoted colon, read as the strings they were meant to be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from extractor.frontmatter.values import TextRange, Unreadable, ValueProblem
from extractor.frontmatter.yaml.comments import find_hidden
from extractor.pointers import render_pointer

_MAX_COLONS = 100  # Each is one more reading, from the one before it to the next.
_BARE = r"""(?:[^\s"'#\[\]{}>|*&!%@`,?:-]|[?:-]\S)"""  # What a plain scalar may begin with.
_BARE_ENTRY = re.compile(rf"(?>{_BARE}[^\n]*?:[ \t]+)(?={_BARE})")
_COMMENT = re.compile(r"[ \t]#")
_COLON = re.compile(r":(?:[ \t]|$)")
Read = Callable[[str], tuple[Any, list[ValueProblem]]]
"""Reads YAML text: its values, and the problems with them."""


class ColonFound(Unreadable):
    """YAML met a second colon and a space on a line."""


def read_colons(text: str, error: ColonFound, read: Read) -> tuple[Any, list[ValueProblem]]:
    """Read a text again and again, each time with the value quoted that YAML stopped at.

    What is inside a longer string or a list is never touched this way, because YAML
    does not stop there.

    Args:
        text: A YAML document that can't be read.
        error: What the first reading stopped at.
        read: Reads a document; raises `ColonFound` where YAML met another one.

    Raises:
        Unreadable: If a colon is not all that is wrong.
    """
    lines = text.split("\n")
    found: list[ValueProblem] = []
    for _ in range(_MAX_COLONS):
        line = lines[error.line] if error.line is not None else ""
        colon = _find_colon(line)
        if colon is None or error.line is None:
            break
        _, start, end = colon
        after = _write_quoted(line[start:end])
        found += _describe(line, error.line, colon, after)
        lines[error.line] = line[:start] + after + line[end:]
        following = _find_next(lines, error.line, read)
        if following is not None:
            error = following
            continue
        try:
            values, problems = read("\n".join(lines))
        except ColonFound as another:
            error = another
        else:
            return values, found + problems
    raise error


def _find_next(lines: list[str], first: int, read: Read) -> ColonFound | None:
    """Find what YAML stops at next, without what comes before a line that begins an entry.

    All lines are read once more only when nothing else is found: what YAML says of a part
    counts as far as it is a colon, for an alias may want what is before.
    """
    try:
        read("\n".join(lines[first:]))
    except ColonFound as another:
        if another.line is not None:
            return ColonFound(another.rule, str(another), another.line + first)
    except Unreadable:
        pass
    return None


def _describe(
    line: str, number: int, colon: tuple[str, int, int], after: str
) -> Iterator[ValueProblem]:
    """Yield the problems with a line whose value has a colon: that, and a comment after it."""
    key, start, end = colon
    pointer, value = render_pointer([key]), line[start:end]
    place = TextRange(number, start, number, end)
    yield ValueProblem("unquoted-colon", None, pointer, place, value, after)
    if hidden := find_hidden(line, end, value):
        place = TextRange(number, end + hidden[0], number, end + hidden[1])
        yield ValueProblem("hidden-by-comment", None, pointer, place)


def _find_colon(line: str) -> tuple[str, int, int] | None:
    """Find the key and the columns of a bare value with a colon in it."""
    entry = _BARE_ENTRY.match(line)
    if entry is None:
        return None
    start = entry.end()
    comment = _COMMENT.search(line, start)
    value = line[start : comment.start() if comment else None].rstrip(" \t")
    if not _COLON.search(value):
        return None
    key = entry[0].rstrip(" \t").removesuffix(":").rstrip(" \t")
    return key, start, start + len(value)


def _write_quoted(value: str) -> str:
    r"""Write a string as YAML would have it: in single quotes if it holds none.

    >>> _write_quoted("Stove: care"), _write_quoted("it's: x")
    ("'Stove: care'", '"it\'s: x"')
    """
    if "'" in value and '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"
