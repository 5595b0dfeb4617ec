"""Which tables there are, with their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

ColumnKind: TypeAlias = Literal["string", "integer", "boolean", "number"]


Columns: TypeAlias = Sequence[tuple[str, ColumnKind]]


Row: TypeAlias = tuple[Any, ...]


_PAGE: Columns = (("path", "string"),)


_SECTION: Columns = (*_PAGE, ("section", "integer"), ("section_id", "string"))


_LINES: Columns = (("line", "integer"), ("end_line", "integer"))


TABLES: dict[str, Columns] = {
    "documents": (
        *_PAGE,
        ("title", "string"),
        ("sha256", "string"),
        ("bytes", "integer"),
        ("lines", "integer"),
        ("encoding", "string"),
        ("metadata", "string"),
        ("sections", "integer"),
        ("items", "integer"),
        ("cells", "integer"),
        ("links", "integer"),
        ("diagnostics", "integer"),
    ),
    "sections": (
        *_PAGE,
        ("section", "integer"),
        ("id", "string"),
        ("parent", "string"),
        ("level", "integer"),
        ("heading", "string"),
        ("heading_path", "string"),
        ("type", "string"),
        ("text", "string"),
        ("blocks", "integer"),
        ("items", "integer"),
        ("cells", "integer"),
        ("links", "integer"),
        *_LINES,
    ),
    "items": (
        *_SECTION,
        ("block", "integer"),
        ("item", "integer"),
        ("parent_item", "integer"),
        ("depth", "integer"),
        ("position", "integer"),
        ("block_type", "string"),
        ("ordered", "boolean"),
        ("lead", "string"),
        ("term", "string"),
        ("text", "string"),
        ("checked", "boolean"),
        *_LINES,
    ),
    "cells": (
        *_SECTION,
        ("block", "integer"),
        ("parent_item", "integer"),
        ("lead", "string"),
        ("row", "integer"),
        ("column_number", "integer"),
        ("column_name", "string"),
        ("value", "string"),
        ("line", "integer"),
    ),
    "links": (
        *_SECTION,
        ("block", "integer"),
        ("item", "integer"),
        ("link", "integer"),
        ("kind", "string"),
        ("text", "string"),
        ("url", "string"),
        ("title", "string"),
        *_LINES,
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
}
"""The columns of every table, in the order of its files."""
