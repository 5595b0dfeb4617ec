"""Tables, every row as long as the header or the longest row."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.markdown.inlines import NOTHING, Inlines, read_inlines
from extractor.markdown.parser import Node, Token
from extractor.model import CellImage, CellLink, Table
from extractor.structure.page import Page

Cell = Sequence[Token]

FREE_PADDING = 10_000
"""Cells that a table may be padded with, however few it has."""

MOST_PADDING = 4
"""Cells that a table may be padded with besides, for each that is written."""

_PADDING_BYTES = 3  # `"",`
_JOINT: Token = {"type": "text", "raw": " | "}


def build_table(node: Node, page: Page) -> Table:
    """Build a table; what its cells and its lead link to says where it stands.

    One row much longer than the others would make all of them as long: then the cells at its
    end are read as one.
    """
    rows: list[list[Cell]] = node.attrs["rows"]
    most = _limit_width(rows)
    for number in node.attrs["ragged"]:
        # Numbers are those of lines: between the header and the first row stand the delimiters.
        is_joined = len(rows[number - 1]) > most
        message = f"Cells from column {most} on were read as one." if is_joined else None
        page.findings.report("ragged-table", page.places.span_line(node.line + number), message)
    rows = [_join_rest(row, most) for row in rows]
    width = max(map(len, rows))
    what = f"{len(rows):,} rows of a table are padded to {width:,} cells"
    page.limit.check(_PADDING_BYTES * width * len(rows), what, node.line)
    cells = [_read_row(row, width) for row in rows]
    align = node.attrs["align"][:width]
    header, *body = [[cell.text for cell in row] for row in cells]
    links, images = _place(cells)
    padding = [None] * (width - len(align))
    return Table(None, header, [*align, *padding], body, links, images, page.span(node))


def _limit_width(rows: Sequence[Sequence[Cell]]) -> int:
    """Give the columns that a table may have: those of its header, and some padding."""
    room = FREE_PADDING + (MOST_PADDING + 1) * sum(map(len, rows))
    return max(len(rows[0]), room // len(rows), 1)


def _join_rest(row: list[Cell], most: int) -> list[Cell]:
    """Join the cells of a row from the last column on that there may be."""
    if len(row) <= most:
        return row
    rest = [token for cell in row[most:] for token in (_JOINT, *cell)]
    return [*row[: most - 1], [*row[most - 1], *rest]]


def _read_row(row: Sequence[Cell], width: int) -> list[Inlines]:
    cells = [read_inlines(cell) if cell else NOTHING for cell in row]
    return cells + [NOTHING] * (width - len(cells))


def _place(cells: Sequence[Sequence[Inlines]]) -> tuple[list[CellLink], list[CellImage]]:
    """Give the links and images of all cells, each with its row and column."""
    links: list[CellLink] = []
    images: list[CellImage] = []
    for row, line in enumerate(cells):
        for column, cell in enumerate(line):
            links += [CellLink(x.text, x.url, x.title, x.kind, row, column) for x in cell.links]
            images += [CellImage(x.alt, x.url, x.title, x.kind, row, column) for x in cell.images]
    return links, images
