"""What decides about the result of a page."""

from __future__ import annotations

from msgspec import Struct

from extractor.config.options import DEFAULT_OPTIONS, PageOptions
from extractor.tables.columns import ColumnKind


class SchemaFile(Struct, frozen=True):
    """A record schema on its way to the workers.

    Attributes:
        name: What its outputs are called.
        text: The schema with all that it refers to, as JSON.
        tables: The columns of the tables that its records fill.
    """

    name: str
    text: bytes
    tables: dict[str, tuple[tuple[str, ColumnKind], ...]]


class RunSettings(Struct, frozen=True):
    """What decides about the result of a page, besides its bytes.

    Attributes:
        page: How it is extracted.
        schemas: Record schemas to fill.
        tables: Whether the rows of tables are wanted.
        extract: The function that extracts, as ``module:name``.
    """

    page: PageOptions = DEFAULT_OPTIONS
    schemas: tuple[SchemaFile, ...] = ()
    tables: bool = True
    extract: str = "extractor.pipeline:extract"
