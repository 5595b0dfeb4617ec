"""The rows that a document, a record's errors and a reject give to each table.

docs/tables.md explains the columns to their readers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from extractor.model import (
    Block,
    Callout,
    Code,
    Definitions,
    Diagnostic,
    Document,
    Figure,
    Footnote,
    Heading,
    Html,
    Image,
    Item,
    Link,
    List,
    Paragraph,
    Quote,
    Reject,
    Rule,
    Section,
    Span,
    Table,
)
from extractor.tables.columns import Row

_COUNTED = ("sections", "blocks", "items", "cells", "links", "images", "diagnostics")


def table_rows(document: Document) -> dict[str, list[Row]]:
    """Give a document's rows for every table of documents, in page order.

    Numbers count from 1: sections, links, images and diagnostics as they stand; blocks and
    items run on through their section, an outer one before those nested in it.
    """
    walk = _Walk(document.source.path)
    for number, section in enumerate(document.sections, start=1):
        walk.add_section(number, section)
    rows = {
        "documents": [],
        "sections": walk.sections,
        "blocks": walk.blocks,
        "items": walk.items,
        "cells": walk.cells,
        "columns": walk.columns,
        "links": walk.links,
        "images": walk.images,
        "diagnostics": _diagnostic_rows(document),
    }
    rows["documents"].append(_document_row(document, rows))
    return rows


def reject_rows(reject: Reject) -> dict[str, list[Row]]:
    """Give the row of a page that could not be extracted."""
    return {"rejects": [(reject.path, reject.rule, reject.message, reject.line)]}


def _document_row(document: Document, rows: Mapping[str, Sequence[Row]]) -> Row:
    source = document.source
    return (
        source.path,
        document.title,
        source.sha256,
        source.bytes,
        source.lines,
        source.encoding,
        msgspec.json.encode(document.metadata).decode(),
        *(len(rows[name]) for name in _COUNTED),
    )


def _diagnostic_rows(document: Document) -> list[Row]:
    if not document.diagnostics:
        return []
    locate = _section_finder(document.sections)
    return [
        (document.source.path, *locate(found.span), number, *_diagnostic_values(found))
        for number, found in enumerate(document.diagnostics, start=1)
    ]


def _diagnostic_values(found: Diagnostic) -> Row:
    span = found.span
    start, end = (None, None) if span is None else (span.start, span.end)
    return (
        found.code,
        found.rule,
        found.severity,
        found.message,
        *_lines(span),
        start,
        end,
        found.pointer,
        found.before,
        found.after,
    )


def _section_finder(
    sections: Sequence[Section],
) -> Callable[[Span | None], tuple[int | None, str | None]]:
    """Make a function from a span to the number and id of the innermost section around it."""
    # Sections stand in page order, so the last one that has begun at a line is the innermost. Its
    # line, not its first byte: the backslash of `\# Title` stands before the heading.
    starts = [section.span.line for section in sections if section.span is not None]

    def locate(span: Span | None) -> tuple[int | None, str | None]:
        number = 0 if span is None else bisect_right(starts, span.line)
        return (number, sections[number - 1].id) if number else (None, None)

    return locate


def _lines(span: Span | None) -> tuple[int | None, int | None]:
    return (None, None) if span is None else (span.line, span.end_line)


class _Place(NamedTuple):
    """What a link or image stands in: numbers of block, item, row and column, and its lines."""

    block: int | None = None
    item: int | None = None
    row: int | None = None
    column: int | None = None
    lines: tuple[int | None, int | None] = (None, None)


class _Parent(NamedTuple):
    """What a block is nested in."""

    block: int | None = None
    item: int | None = None
    depth: int = 0


class _Walk:
    """One pass over a page's sections that gathers the rows of its tables."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.sections: list[Row] = []
        self.blocks: list[Row] = []
        self.items: list[Row] = []
        self.cells: list[Row] = []
        self.columns: list[Row] = []
        self.links: list[Row] = []
        self.images: list[Row] = []

    def add_section(self, number: int, section: Section) -> None:
        self._key = (self.path, number, section.id)
        self._block = self._item = self._link = self._image = self._depth = 0
        self._text: list[str] = []
        cells = len(self.cells)
        line = None if section.span is None else section.span.line
        self._add_references(section, _Place(lines=(line, line)))
        self._add_blocks(section.blocks, _Parent())
        self.sections.append(
            (
                *self._key,
                section.parent,
                section.level,
                section.heading,
                " > ".join(section.path),
                section.type,
                msgspec.json.encode(section.attributes).decode(),
                "\n".join(self._text),
                self._block,
                self._item,
                len(self.cells) - cells,
                self._link,
                self._image,
                *_lines(section.span),
            )
        )

    def _add_blocks(self, blocks: Iterable[Block], parent: _Parent) -> None:
        for block in blocks:
            self._block += 1
            number, at, begin = self._block, len(self.blocks), len(self._text)
            self.blocks.append(())
            _ADD[type(block)](self, block, number, parent)
            text = "\n".join(self._text[begin:]) if type(block) in _WITH_TEXT else None
            if isinstance(block, Html):
                text = block.text
            self.blocks[at] = (
                *self._key,
                number,
                parent.block,
                parent.item,
                parent.depth + 1,
                block.__struct_config__.tag,
                getattr(block, "lead", None),
                text,
                *_describe(block),
                *_lines(block.span),
            )

    def _add_paragraph(self, block: Paragraph | Heading, number: int, parent: _Parent) -> None:
        self._text.append(block.text)
        self._add_references(block, _Place(number, parent.item, lines=_lines(block.span)))

    def _add_items(self, block: Definitions | List, number: int, parent: _Parent) -> None:
        self._add_lead(block)
        self._add_references(block, _Place(number, parent.item, lines=_lines(block.span)))
        self._depth += 1
        for position, item in enumerate(block.items, start=1):
            self._item += 1
            self.items.append(
                (
                    *self._key,
                    number,
                    self._item,
                    self._depth,
                    position,
                    item.term,
                    item.marker,
                    item.text,
                    item.checked,
                    *_lines(item.span),
                )
            )
            self._add_item(item, number, parent)
        self._depth -= 1

    def _add_item(self, item: Item, block: int, parent: _Parent) -> None:
        number = self._item
        entry = item.text if item.term is None else f"{item.term}: {item.text}".rstrip()
        if item.marker:
            entry = f"{item.marker} {entry}"
        if entry:
            self._text.append(entry)
        self._add_references(item, _Place(block, number, lines=_lines(item.span)))
        if item.blocks:
            self._add_blocks(item.blocks, _Parent(block, number, parent.depth + 1))

    def _add_table(self, block: Table, number: int, parent: _Parent) -> None:
        key = (*self._key, number)
        self._add_lead(block)
        self._text.append("\t".join(block.columns))
        names = list(zip(block.columns, block.align, strict=False))
        self.columns += [(*key, n, name, align) for n, (name, align) in enumerate(names, start=1)]
        # A row is a line, and the last one ends the table: right with or without a lead.
        offset = None if block.span is None else block.span.end_line - len(block.rows)
        for row, values in enumerate(block.rows, start=1):
            line = None if offset is None else offset + row
            self._text.append("\t".join(values))
            for column, (name, value) in enumerate(zip(block.columns, values, strict=False), 1):
                self.cells.append((*key, row, column, name, value, line))
        for link in block.links:
            place = _locate_cell(link.row, link.column, offset, block)
            self._add_reference(link, _Place(number, parent.item, *place))
        for image in block.images:
            place = _locate_cell(image.row, image.column, offset, block)
            self._add_reference(image, _Place(number, parent.item, *place))

    def _add_nested(self, block: Quote | Footnote, number: int, parent: _Parent) -> None:
        self._add_blocks(block.blocks, _Parent(number, parent.item, parent.depth + 1))

    def _add_callout(self, block: Callout, number: int, parent: _Parent) -> None:
        if block.title:
            self._text.append(block.title)
        self._add_blocks(block.blocks, _Parent(number, parent.item, parent.depth + 1))

    def _add_code(self, block: Code, _number: int, _parent: _Parent) -> None:
        self._text.append(block.text)

    def _add_figure(self, block: Figure, number: int, parent: _Parent) -> None:
        if block.alt:
            self._text.append(block.alt)
        image = Image(block.alt, block.url, block.title)
        self._add_reference(image, _Place(number, parent.item, lines=_lines(block.span)))

    def _add_nothing(self, _block: Html | Rule, _number: int, _parent: _Parent) -> None:
        """Leave out what has no text of its own."""

    def _add_lead(self, block: Definitions | List | Table) -> None:
        if block.lead is not None:
            self._text.append(f"{block.lead}:")

    def _add_references(self, holder: Any, place: _Place) -> None:
        for part in (*holder.links, *holder.images):
            self._add_reference(part, place)

    def _add_reference(self, part: Link | Image, place: _Place) -> None:
        where = (*self._key, *place[:4])
        if isinstance(part, Link):
            self._link += 1
            named: Row = (self._link, part.kind, part.text, part.url, part.title)
            self.links.append((*where, *named, *place.lines))
        else:
            self._image += 1
            named = (self._image, part.kind, part.alt, part.url, part.title)
            self.images.append((*where, *named, *place.lines))


def _locate_cell(
    row: int | None, column: int | None, offset: int | None, table: Table
) -> tuple[int | None, int | None, tuple[int | None, int | None]]:
    """Give the numbers and the lines of a cell; what is in the lead has neither row nor column."""
    if row is None or column is None:
        return None, None, _lines(table.span)
    # The line of the delimiters stands between the header and the first row.
    line = None if offset is None else offset + row - (row == 0)
    return row, column + 1, (line, line)


_ADD: dict[type, Callable[[_Walk, Any, int, _Parent], None]] = {
    Paragraph: _Walk._add_paragraph,
    Heading: _Walk._add_paragraph,
    Definitions: _Walk._add_items,
    List: _Walk._add_items,
    Table: _Walk._add_table,
    Quote: _Walk._add_nested,
    Callout: _Walk._add_callout,
    Code: _Walk._add_code,
    Figure: _Walk._add_figure,
    Html: _Walk._add_nothing,
    Footnote: _Walk._add_nested,
    Rule: _Walk._add_nothing,
}

_WITH_TEXT = frozenset({Paragraph, Heading, Quote, Callout, Code, Figure, Footnote})
"""Blocks whose text stands in no other table."""

_FIELDS: tuple[tuple[str, type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    ("ordered", List, lambda block: block.ordered),
    ("language", Code, lambda block: block.language),
    ("info", Code, lambda block: block.info),
    ("callout_kind", Callout, lambda block: block.kind),
    ("callout_title", Callout, lambda block: block.title),
    ("footnote_label", Footnote, lambda block: block.label),
    ("heading_level", Heading, lambda block: block.level),
    ("entry_count", (List, Definitions), lambda block: len(block.items)),
    ("row_count", Table, lambda block: len(block.rows)),
    ("column_count", Table, lambda block: len(block.columns)),
)
"""The columns of `blocks` that only some types have."""

_NOTHING = (None,) * len(_FIELDS)
_DESCRIBED = (List, Definitions, Table, Callout, Code, Footnote, Heading)


def _describe(block: Block) -> Row:
    if not isinstance(block, _DESCRIBED):
        return _NOTHING
    return tuple([read(block) if isinstance(block, kind) else None for _, kind, read in _FIELDS])
