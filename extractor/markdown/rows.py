"""The rows of tables (GFM 4.10)."""

from __future__ import annotations

import re

_INDENTED = re.compile(r" {4}| {0,3}\t")
_DELIMITER_CELL = re.compile(r"(:?)-+(:?)")
_BAR = re.compile(r"(?<!\\)\|")
_ALIGN = {(True, True): "center", (True, False): "left", (False, True): "right"}

TABLE_START = (
    r"^ {0,3}[^\s][^\n]*\n"
    r" {0,3}(?!-[ \t])(?=[^\n]*[|:])\|?[ \t]*+:?-++:?[ \t]*+"
    r"(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+$"
)
"""A header and its delimiter row, which is neither an underline nor an item."""


def split_row(line: str) -> list[str]:
    r"""Split a row into cells; `\|` is a bar, in code too (GFM example 200)."""
    cells = _BAR.split(line.strip().removeprefix("|"))
    if len(cells) > 1 and not cells[-1].strip():
        # After a closing bar there is no cell.
        cells.pop()
    return [cell.replace("\\|", "|").strip() for cell in cells]


def read_alignment(line: str) -> list[str | None] | None:
    """Read a delimiter row; None where a line is not one."""
    if not ("|" in line or ":" in line) or _INDENTED.match(line):
        return None
    cells = [_DELIMITER_CELL.fullmatch(cell) for cell in split_row(line)]
    if not all(cells):
        return None
    return [_ALIGN.get((bool(cell[1]), bool(cell[2]))) for cell in cells if cell]


def is_delimiter_row(line: str, header: str) -> bool:
    """Tell whether a line makes the one before it the header of a table."""
    align = read_alignment(line)
    return align is not None and len(align) == len(split_row(header))
