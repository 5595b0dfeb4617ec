"""The rows of a document for every table; docs/tables.md explains them to their readers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from extractor.model import (
    Block,
    Code,
    Definitions,
    Diagnostic,
    Document,
    Figure,
    Footnote,
    Html,
    Image,
    Item,
    Link,
    List,
    Paragraph,
    Quote,
    Rule,
    Section,
    Span,
    Table,
)
from extractor.tables.columns import Row

# --- rows ---------------------------------------------------------------------------------


def table_rows(document: Document) -> dict[str, list[Row]]:
    """Give a document's rows for every table of `TABLES`, in page order.

    Numbers count from 1: sections, links and diagnostics as they stand; blocks and items run on
    through their section, an outer one before those nested in it.
    """
    walk = _Walk(document.source.path)
    for number, section in enumerate(document.sections, start=1):
        walk.add_section(number, section)
    rows = {
        "documents": [],
        "sections": walk.sections,
        "items": walk.items,
        "cells": walk.cells,
        "links": walk.links,
        "diagnostics": _diagnostic_rows(document),
    }
    rows["documents"].append(_document_row(document, rows))
    return rows


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
        *(len(rows[name]) for name in ("sections", "items", "cells", "links", "diagnostics")),
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


def _list_kind(block: Definitions | List) -> tuple[str, bool | None]:
    return ("list", block.ordered) if isinstance(block, List) else ("definitions", None)


class _Walk:
    """One pass over a page's sections that gathers the rows of four tables."""

    __slots__ = (
        "_block",
        "_item",
        "_key",
        "_link",
        "_text",
        "cells",
        "items",
        "links",
        "path",
        "sections",
    )

    def __init__(self, path: str) -> None:
        self.path = path
        self.sections: list[Row] = []
        self.items: list[Row] = []
        self.cells: list[Row] = []
        self.links: list[Row] = []

    def add_section(self, number: int, section: Section) -> None:
        self._key = (self.path, number, section.id)
        self._block = self._item = self._link = 0
        self._text: list[str] = []
        cells = len(self.cells)
        self._add_blocks(section.blocks, None, 0)
        self.sections.append(
            (
                *self._key,
                section.parent,
                section.level,
                section.heading,
                " > ".join(section.path),
                section.type,
                "\n".join(self._text),
                self._block,
                self._item,
                len(self.cells) - cells,
                self._link,
                *_lines(section.span),
            )
        )

    def _add_blocks(self, blocks: Iterable[Block], item: int | None, depth: int) -> None:
        for block in blocks:
            self._block += 1
            _ADD[type(block)](self, block, item, depth)

    def _add_paragraph(self, block: Paragraph, item: int | None, _depth: int) -> None:
        self._text.append(block.text)
        if block.links or block.images:
            self._add_links(block.links, block.images, item, block.span)

    def _add_items(self, block: Definitions | List, parent: int | None, depth: int) -> None:
        number = self._block
        kind, ordered = _list_kind(block)
        self._add_lead(block.lead)
        for position, item in enumerate(block.items, start=1):
            self._item += 1
            self.items.append(
                (
                    *self._key,
                    number,
                    self._item,
                    parent,
                    depth + 1,
                    position,
                    kind,
                    ordered,
                    block.lead,
                    item.term,
                    item.text,
                    item.checked,
                    *_lines(item.span),
                )
            )
            self._add_item(item, number, depth + 1)

    def _add_item(self, item: Item, block: int, depth: int) -> None:
        number = self._item
        entry = item.text if item.term is None else f"{item.term}: {item.text}".rstrip()
        if entry:
            self._text.append(entry)
        if item.links or item.images:
            self._add_links(item.links, item.images, number, item.span, block)
        if item.blocks:
            self._add_blocks(item.blocks, number, depth)

    def _add_table(self, block: Table, item: int | None, _depth: int) -> None:
        key = (*self._key, self._block, item, block.lead)
        self._add_lead(block.lead)
        self._text.append("\t".join(block.columns))
        # A row is a line, and the last one ends the table: right with or without a lead.
        offset = None if block.span is None else block.span.end_line - len(block.rows)
        for number, row in enumerate(block.rows, start=1):
            line = None if offset is None else offset + number
            self._text.append("\t".join(row))
            for column, (name, value) in enumerate(zip(block.columns, row, strict=False), start=1):
                self.cells.append((*key, number, column, name, value, line))

    def _add_nested(self, block: Quote | Footnote, item: int | None, depth: int) -> None:
        self._add_blocks(block.blocks, item, depth)

    def _add_code(self, block: Code, _item: int | None, _depth: int) -> None:
        self._text.append(block.text)

    def _add_figure(self, block: Figure, item: int | None, _depth: int) -> None:
        if block.alt:
            self._text.append(block.alt)
        self._add_link("image", block.alt, block.url, block.title, item, block.span, self._block)

    def _add_nothing(self, _block: Html | Rule, _item: int | None, _depth: int) -> None:
        """Leave out what has no text of its own."""

    def _add_lead(self, lead: str | None) -> None:
        if lead is not None:
            self._text.append(f"{lead}:")

    def _add_links(
        self,
        links: Iterable[Link],
        images: Iterable[Image],
        item: int | None,
        span: Span | None,
        block: int | None = None,
    ) -> None:
        block = self._block if block is None else block
        for link in links:
            self._add_link("link", link.text, link.url, link.title, item, span, block)
        for image in images:
            self._add_link("image", image.alt, image.url, image.title, item, span, block)

    def _add_link(
        self,
        kind: str,
        text: str,
        url: str,
        title: str | None,
        item: int | None,
        span: Span | None,
        block: int,
    ) -> None:
        self._link += 1
        self.links.append(
            (*self._key, block, item, self._link, kind, text, url, title, *_lines(span))
        )


_ADD: dict[type, Callable[[_Walk, Any, int | None, int], None]] = {
    Paragraph: _Walk._add_paragraph,
    Definitions: _Walk._add_items,
    List: _Walk._add_items,
    Table: _Walk._add_table,
    Quote: _Walk._add_nested,
    Code: _Walk._add_code,
    Figure: _Walk._add_figure,
    Html: _Walk._add_nothing,
    Footnote: _Walk._add_nested,
    Rule: _Walk._add_nothing,
}
