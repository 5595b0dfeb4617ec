"""The rows of tables (GFM 4.10)."""

from __future__ import annotations

import re

_INDENTED = re.compile(r" {4}| {0,3}\t")
_DELIMITER_CELL = re.compile(r"(:?)-+(:?)")
_CELL = re.compile(r"((?:[^|\\]|\\.|\\$)*)(?:\||$)", re.S)
_ALIGN = {(True, True): "center", (True, False): "left", (False, True): "right"}


def split_row(line: str) -> list[str]:
    r"""Split a row into cells; `\|` is a bar, in code too (GFM example 200)."""
    text = line.strip()
    cells = [cell.replace("\\|", "|").strip() for cell in _CELL.findall(text.removeprefix("|"))]
    # The pattern matches once more at the end; after a closing bar there is no cell.
    cells.pop()
    return cells or [""]


def read_alignment(line: str) -> list[str | None] | None:
    """Read a delimiter row; None where a line is none."""
    if "|" not in line or _INDENTED.match(line):
        return None
    cells = [_DELIMITER_CELL.fullmatch(cell) for cell in split_row(line)]
    if not all(cells):
        return None
    return [_ALIGN.get((bool(cell[1]), bool(cell[2]))) for cell in cells if cell]


def is_delimiter_row(line: str, header: str) -> bool:
    """Tell whether a line makes the one before it the header of a table."""
    align = read_alignment(line)
    return align is not None and len(align) == len(split_row(header))
