"""Tables as pandas frames."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from extractor.model import Document
from extractor.tables.columns import TABLES, ColumnKind, Columns, Row
from extractor.tables.rows import table_rows

if TYPE_CHECKING:
    import pandas

PANDAS_TYPES: dict[ColumnKind, Any] = {
    "string": "string",
    "integer": "Int64",
    "boolean": "boolean",
    "number": "Float64",
}


def to_frames(documents: Iterable[Document]) -> dict[str, pandas.DataFrame]:
    """Build a data frame for every table of `TABLES`.

    Columns and dtypes (nullable: string, Int64, boolean) are the same whatever the documents
    hold, also when there are none.
    """
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    for document in documents:
        for name, more in table_rows(document).items():
            rows[name] += more
    return {name: build_frame(columns, rows[name]) for name, columns in TABLES.items()}


def build_frame(columns: Columns, rows: Iterable[Row]) -> pandas.DataFrame:
    """Build a data frame with nullable dtypes; every row is as long as `columns`."""
    import pandas

    values = transpose(columns, rows)
    return pandas.DataFrame(
        {
            name: pandas.array(column, dtype=PANDAS_TYPES[kind])
            for (name, kind), column in zip(columns, values, strict=True)
        }
    )


def transpose(columns: Columns, rows: Iterable[Row]) -> list[list[Any]]:
    """Turn rows into one list per column."""
    return [list(values) for values in zip(*rows, strict=True)] or [[] for _ in columns]
