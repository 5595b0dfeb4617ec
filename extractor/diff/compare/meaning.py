"""What a block or item means: its content without its place in the file."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from extractor.model import Block, Item, Section

_TEXT_FIELDS = (
    "lead", "marker", "term", "title", "text", "alt", "label", "columns", "rows", "items", "blocks",
)  # fmt: skip
"""The fields that hold words of the page, in reading order."""

PLACES = ("span", "row", "column")
"""The fields that say where something stands: in the file, or of a link, in its table."""


def reduce_meaning(value: Any) -> Hashable:
    """Reduce a part of a document to something that is equal where the meaning is.

    Spans are left out; a section counts by its blocks alone.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return tuple([reduce_meaning(entry) for entry in value])
    if isinstance(value, Section):
        return reduce_meaning(value.blocks)
    if isinstance(value, Struct):
        parts = [reduce_meaning(getattr(value, name)) for name in _list_fields(type(value))]
        return (type(value).__name__, *parts)
    return (type(value).__name__, value)


@cache
def _list_fields(part: type[Struct]) -> tuple[str, ...]:
    """List the fields that carry meaning."""
    return tuple(name for name in part.__struct_fields__ if name not in PLACES)


def reduce_value(value: Any) -> bytes:
    """Reduce a JSON value to bytes that are equal where the value is, whatever its key order."""
    return msgspec.json.encode(_unify_numbers(value), order="sorted")


def _unify_numbers(value: Any) -> Any:
    """Write whole floats as integers: JSON knows one kind of number."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_unify_numbers(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _unify_numbers(entry) for key, entry in value.items()}
    return value


def write_words(part: Block | Item | Section) -> str:
    """Write the words of a part of a document as plain lines, in reading order."""
    if isinstance(part, Item):
        return _write_item(part)
    if part.__struct_config__.tag == "table":
        return _write_table(part)
    return "\n".join(line for line in _list_lines(part) if line)


def _list_lines(part: Any) -> Iterator[str]:
    """Yield the text of each field that has words."""
    for name in _TEXT_FIELDS:
        value = getattr(part, name, None)
        if isinstance(value, str):
            yield f"{value}:" if name == "lead" else value
        elif isinstance(value, list):
            yield from (write_words(entry) for entry in value)


def _write_item(item: Item) -> str:
    """Write ``term: text`` and what is nested under it."""
    label = " ".join(part for part in (item.marker, item.term) if part)
    head = ": ".join(part for part in (label, item.text) if part)
    nested = (write_words(block) for block in item.blocks)
    return "\n".join(line for line in (head, *nested) if line)


def _write_table(table: Any) -> str:
    """Write a table row by row, cells apart by bars."""
    lead = [f"{table.lead}:"] if table.lead else []
    rows = (" | ".join(cells) for cells in (table.columns, *table.rows))
    return "\n".join([*lead, *rows])


def name_part(part: Block | Item | Section) -> str:
    """Name a part of a document by its first words."""
    if isinstance(part, Section):
        return shorten(part.heading or part.id)
    if isinstance(part, Item):
        return shorten(part.term or part.text or write_words(part))
    lead = getattr(part, "lead", None)
    return shorten(lead or write_words(part)) or str(part.__struct_config__.tag)


def shorten(text: str, width: int = 60) -> str:
    r"""Cut `text` to one line of at most `width` code points.

    >>> shorten("one\ntwo three", 9)
    'one two…'
    """
    line = " ".join(text[: 4 * width].split())
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"
