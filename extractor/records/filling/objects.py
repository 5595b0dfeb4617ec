"""What the entries, rows, links and codes of a scope have for the properties of objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from extractor.model import Image, Item, Link, List, Paragraph, Span, Table
from extractor.records.filling.passages import (
    CELL_SEPARATOR,
    iter_codes,
    iter_items,
    iter_links,
    iter_table_blocks,
    read_description,
)
from extractor.records.filling.scopes import Scope, open_item, scope_entry
from extractor.records.schema.fields import NAMES, SECTIONS, Field, fold_name

RawValues = Mapping[str, tuple[Any, Span | None]]
"""Raw values with their places, by the property they are for."""


class ObjectDraft(NamedTuple):
    """Something on the page that becomes an object.

    Attributes:
        given: What it has for properties that don't say where they stand.
        scope: Where the other properties are looked for; None if there are none.
        span: Where it stands.
    """

    given: RawValues
    scope: Scope | None
    span: Span | None


def iter_entries(take: str, owner: Field, scope: Scope) -> Iterator[ObjectDraft]:
    """Yield what becomes a list of objects, in page order.

    Args:
        take: What to take; one that gives no objects gives nothing.
        owner: The objects' field.
        scope: Where to look.
    """
    reader = _READERS.get(take)
    return reader(owner, scope) if reader else iter(())


def iter_labelled(take: str, scope: Scope) -> Iterator[tuple[str, str | Item, Span | None]]:
    """Yield what an object is made of: labels with their content and place.

    Args:
        take: definitions, table, or both by default.
        scope: Where to look.
    """
    if take in (NAMES, "definitions"):
        for item, _ in iter_items(scope, labelled=True):
            yield item.term or "", item, item.span
    if take in (NAMES, "table"):
        for table in iter_table_blocks(scope):
            if len(table.columns) < 2:
                continue
            # A table of labels and values has no header: its first row stands there.
            yield table.columns[0], table.columns[1], table.span
            for cells, span in zip(table.rows, scope.page.cover_rows(table), strict=True):
                yield cells[0], cells[1], span


def read_content(content: str | Item, field: Field, scope: Scope) -> Any:
    """Return the raw value of a cell or item: its text, or for a list what is nested in it."""
    if isinstance(content, str):
        return content
    if field.kind == "list":
        nested = [item for b in content.blocks if isinstance(b, List) for item in b.items]
        if nested:
            return [read_description(item, scope.page) for item in nested]
    return read_description(content, scope.page)


def _read_sections(owner: Field, scope: Scope) -> Iterator[ObjectDraft]:
    for number, inner in scope.split():
        yield ObjectDraft({}, inner, scope.page.sections[number].span)


def _read_items(owner: Field, scope: Scope) -> Iterator[ObjectDraft]:
    for item, place in iter_items(scope):
        yield _read_item(item, place, owner, scope)


def _read_definitions(owner: Field, scope: Scope) -> Iterator[ObjectDraft]:
    for item, place in iter_items(scope, labelled=True):
        yield _read_item(item, place, owner, scope)


def _read_item(item: Item, place: Span | None, owner: Field, scope: Scope) -> ObjectDraft:
    span = item.span
    given: dict[str, tuple[Any, Span | None]] = {}
    if owner.text_name is not None:
        given[owner.text_name] = read_content(item, owner.fields[owner.text_name], scope), span
    if item.term is not None:
        given["term"] = item.term, place
    if item.marker is not None:
        given["marker"] = item.marker, span
    if item.checked is not None:
        given["checked"] = item.checked, span
    for name, parts in (("links", item.links), ("images", item.images)):
        if name in owner.fields:
            given[name] = _read_urls(parts, owner.fields[name]), span
    inner = scope_entry(scope.page, open_item(item)) if owner.is_filled else None
    return ObjectDraft(given, inner, span)


def _read_urls(parts: list[Link] | list[Image], field: Field) -> list[Any]:
    if field.shape == "list of object":
        return [_read_parts(part) for part in parts]
    return [part.url for part in parts]


def _read_tables(owner: Field, scope: Scope) -> Iterator[ObjectDraft]:
    for table in iter_table_blocks(scope):
        yield from _read_rows(table, owner, scope)


def _read_rows(table: Table, owner: Field, scope: Scope) -> Iterator[ObjectDraft]:
    columns = _assign_columns(table.columns, owner)
    if not columns and not owner.is_filled:
        return  # another table that happens to stand here
    for cells, span in zip(table.rows, scope.page.cover_rows(table), strict=True):
        given = {name: (cells[n], span) for name, n in columns.items() if cells[n]}
        text = Paragraph(CELL_SEPARATOR.join(cells), [], [], span)
        inner = scope_entry(scope.page, [text]) if owner.is_filled else None
        yield ObjectDraft(given, inner, span)


def _assign_columns(columns: list[str], owner: Field) -> dict[str, int]:
    """Return the column for each property that has one, by key or title."""
    folded = [fold_name(column) for column in columns]
    return {
        name: number
        for name, field in owner.fields.items()
        for number in [n for n, column in enumerate(folded) if column in field.names][:1]
    }


def _read_links(owner: Field, scope: Scope) -> Iterator[ObjectDraft]:
    for link, span in iter_links(scope):
        parts = _read_parts(link)
        yield ObjectDraft({name: (part, span) for name, part in parts.items()}, None, span)


def _read_parts(part: Link | Image) -> dict[str, Any]:
    """Return a link or image as an object, without what it has not."""
    values = {name: getattr(part, name, None) for name in _PARTS}
    return {name: value for name, value in values.items() if value is not None}


_PARTS = ("text", "alt", "url", "title")


def _read_codes(owner: Field, scope: Scope) -> Iterator[ObjectDraft]:
    for code in iter_codes(scope):
        text = code.text, code.span
        yield ObjectDraft(
            {"text": text, "code": text, "language": (code.language, code.span)}, None, code.span
        )


_READERS: dict[str, Callable[[Field, Scope], Iterator[ObjectDraft]]] = {
    SECTIONS: _read_sections,
    "heading": _read_sections,
    "items": _read_items,
    "definitions": _read_definitions,
    "table": _read_tables,
    "links": _read_links,
    "code": _read_codes,
}
