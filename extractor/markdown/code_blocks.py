"""Code (CommonMark 4.4 and 4.5) with its indents, its tabs and the spaces of its blank lines.

The text of a container has spaces for the tabs before its lines, so that columns
can be counted in it; what turns out to be code takes its tabs back from the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import zip_longest
from re import Pattern


def expand_tabs(line: str, column: int = 0) -> str:
    """Write the tabs before a line's text as spaces, the line beginning at a column."""
    text = line.lstrip(" \t")
    space = line[: len(line) - len(text)]
    if "\t" not in space:
        return line
    return (" " * column + space).expandtabs(4)[column:] + text


def cut_columns(line: str, width: int, column: int = 0) -> str:
    """Take so many columns of spaces and tabs off a line that begins at a column."""
    at = column
    for pos, char in enumerate(line):
        if at >= column + width or char not in " \t":
            return " " * (at - column - width) + line[pos:]
        at += 4 - at % 4 if char == "\t" else 1
    return " " * (at - column - width)


def restore_tabs(lines: Iterable[str], originals: Sequence[str]) -> Iterator[str]:
    """Give lines of code the tabs that the page has before their text."""
    for line, original in zip_longest(lines, originals, fillvalue=""):
        words = line.lstrip(" ")
        before = original.removesuffix(words)
        yield _restore(len(line) - len(words), before) + words if "\t" in before else line


def _restore(width: int, before: str) -> str:
    """Give the last columns of what stands before a text, as the page has them."""
    at = len(before.expandtabs(4))
    for pos in range(len(before), -1, -1):
        start = len(before[:pos].expandtabs(4))
        if at - start >= width or not pos or before[pos - 1] not in " \t":
            # Of a tab that the container has a part of, spaces are left.
            return before[pos:] if at - start <= width else _split_tab(width, before, pos)
    return " " * width


def _split_tab(width: int, before: str, pos: int) -> str:
    at = len(before.expandtabs(4))
    rest = at - len(before[: pos + 1].expandtabs(4))
    return " " * (width - rest) + before[pos + 1 :]


@cache
def compile_fence_end(sign: str, length: int) -> Pattern[str]:
    """Compile the line that closes a fence."""
    return re.compile(rf"^ {{0,3}}{sign}{{{length},}}[ \t]*$", re.M)


def cut_indent(lines: list[str], width: int) -> list[str]:
    """Take up to so many columns off every line."""
    return [cut_columns(line, width) for line in lines] if width else lines


def measure_code(src: str, pos: int, end: int) -> tuple[list[str], int]:
    """Give the lines of an indented block that begins at an offset, and where they end."""
    lines: list[str] = []
    while pos < end:
        newline = src.find("\n", pos, end)
        line_end = end if newline < 0 else newline + 1
        line = src[pos:line_end].removesuffix("\n")
        if line.strip(" \t") and expand_tabs(line[:8])[:4].strip(" "):
            break
        lines.append(cut_columns(line, 4))
        pos = line_end
    while lines and not lines[-1].strip(" \t"):
        lines.pop()
    return lines, pos
