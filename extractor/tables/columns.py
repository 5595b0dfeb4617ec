"""Which tables there are, with their columns.

Two tables share no column but keys, so that any two can be joined without a name
standing for two things: ``items NATURAL JOIN blocks`` in SQL, ``items.merge(blocks)``
in pandas. Only diagnostics, errors and rejects, which are lists of their own, have
words such as `message` and `line` in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

ColumnKind: TypeAlias = Literal["string", "integer", "boolean", "number"]
Columns: TypeAlias = Sequence[tuple[str, ColumnKind]]
Row: TypeAlias = tuple[Any, ...]

_PAGE: Columns = (("path", "string"),)
_SECTION: Columns = (*_PAGE, ("section", "integer"), ("section_id", "string"))
_BLOCK: Columns = (*_SECTION, ("block", "integer"))
_LINES: Columns = (("line", "integer"), ("end_line", "integer"))
_PLACE: Columns = (
    *_BLOCK,
    ("item", "integer"),
    ("row", "integer"),
    ("column_number", "integer"),
)

KEYS = (
    "path", "section", "section_id", "block", "item", "row", "column_number", "column_name",
)  # fmt: skip
"""The columns that mean the same in every table, and join them."""

TABLES: dict[str, Columns] = {
    "documents": (
        *_PAGE,
        ("title", "string"),
        ("sha256", "string"),
        ("byte_count", "integer"),
        ("line_count", "integer"),
        ("encoding", "string"),
        ("metadata", "string"),
        ("section_count", "integer"),
        ("block_count", "integer"),
        ("item_count", "integer"),
        ("cell_count", "integer"),
        ("link_count", "integer"),
        ("image_count", "integer"),
        ("diagnostic_count", "integer"),
    ),
    "sections": (
        *_SECTION,
        ("parent_id", "string"),
        ("level", "integer"),
        ("heading", "string"),
        ("heading_path", "string"),
        ("section_type", "string"),
        ("attributes", "string"),
        ("section_text", "string"),
        ("own_block_count", "integer"),
        ("own_item_count", "integer"),
        ("own_cell_count", "integer"),
        ("own_link_count", "integer"),
        ("own_image_count", "integer"),
        ("section_line", "integer"),
        ("section_end_line", "integer"),
    ),
    "blocks": (
        *_BLOCK,
        ("parent_block", "integer"),
        ("parent_item", "integer"),
        ("block_depth", "integer"),
        ("block_type", "string"),
        ("lead", "string"),
        ("block_text", "string"),
        ("ordered", "boolean"),
        ("language", "string"),
        ("info", "string"),
        ("callout_kind", "string"),
        ("callout_title", "string"),
        ("footnote_label", "string"),
        ("heading_level", "integer"),
        ("entry_count", "integer"),
        ("row_count", "integer"),
        ("column_count", "integer"),
        ("block_line", "integer"),
        ("block_end_line", "integer"),
    ),
    "items": (
        *_BLOCK,
        ("item", "integer"),
        ("item_depth", "integer"),
        ("position", "integer"),
        ("term", "string"),
        ("marker", "string"),
        ("text", "string"),
        ("checked", "boolean"),
        *_LINES,
    ),
    "cells": (
        *_BLOCK,
        ("row", "integer"),
        ("column_number", "integer"),
        ("column_name", "string"),
        ("value", "string"),
        ("cell_line", "integer"),
    ),
    "columns": (
        *_BLOCK,
        ("column_number", "integer"),
        ("column_name", "string"),
        ("align", "string"),
    ),
    "links": (
        *_PLACE,
        ("link", "integer"),
        ("link_kind", "string"),
        ("link_text", "string"),
        ("url", "string"),
        ("link_title", "string"),
        ("link_line", "integer"),
        ("link_end_line", "integer"),
    ),
    "images": (
        *_PLACE,
        ("image", "integer"),
        ("image_kind", "string"),
        ("alt", "string"),
        ("image_url", "string"),
        ("image_title", "string"),
        ("image_line", "integer"),
        ("image_end_line", "integer"),
    ),
    "diagnostics": (
        *_SECTION,
        ("diagnostic", "integer"),
        ("code", "string"),
        ("rule", "string"),
        ("severity", "string"),
        ("message", "string"),
        *_LINES,
        ("start_byte", "integer"),
        ("end_byte", "integer"),
        ("pointer", "string"),
        ("before", "string"),
        ("after", "string"),
    ),
    "errors": (
        *_PAGE,
        ("schema", "string"),
        ("pointer", "string"),
        ("field", "string"),
        ("keyword", "string"),
        ("message", "string"),
        ("line", "integer"),
    ),
    "rejects": (
        *_PAGE,
        ("rule", "string"),
        ("message", "string"),
        ("line", "integer"),
    ),
}
"""The columns of every table, in the order of its files."""
