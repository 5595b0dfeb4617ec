"""Tables as Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Annotated, Any, Self

import msgspec

from extractor.tables.columns import ColumnKind, Columns, Row
from extractor.tables.frames import PANDAS_TYPES, transpose

if TYPE_CHECKING:
    import pyarrow


_TYPES: dict[ColumnKind, Any] = {
    "string": str | None,
    "integer": Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None,
    "boolean": bool | None,
    "number": float | None,
}


class ParquetWriter:
    """Write Parquet with an explicit schema, in row groups whatever the size of the writes.

    The same rows give the same row groups, however they were handed in.
    """

    _BATCH = 500
    """Rows turned into Arrow at a time, the step in which a group's bytes are counted."""
    _GROUP_ROWS = 5_000
    _GROUP_BYTES = 64 * 2**20
    """Long section texts close a group early, for a group stays in memory until written."""

    def __init__(self, file: IO[bytes], columns: Columns) -> None:
        """Write to `file`, which stays open."""
        from pyarrow import parquet

        self._columns = columns
        self._row_type = list[tuple[*(_TYPES[kind] for _, kind in columns)]]  # type: ignore[misc]
        self._schema = _arrow_schema(columns)
        self._parquet = parquet.ParquetWriter(file, self._schema, compression="snappy")
        self._rows: list[Row] = []
        self._batches: list[pyarrow.RecordBatch] = []
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Write what is left and the footer, unless the writing failed."""
        try:
            if exception[0] is None:
                self._add_batch(self._rows)
                self._write_group()
                self._parquet.close()
        finally:
            # When the file is lost, as on a full disk, pyarrow must let go of it in silence.
            with suppress(OSError):
                self._parquet.close()

    def write(self, rows: Iterable[Row]) -> None:
        """Append rows."""
        self.append(self.prepare(rows))

    def prepare(self, rows: Iterable[Row]) -> list[Row]:
        """Check that Arrow can hold the values of rows, which it is given many at a time.

        Raises:
            ValueError: If it can't.
        """
        checked: list[Row] = msgspec.convert(list(rows), self._row_type)
        return checked

    def append(self, prepared: list[Row]) -> None:
        """Append rows that were checked."""
        self._rows += prepared
        whole = len(self._rows) - len(self._rows) % self._BATCH
        for start in range(0, whole, self._BATCH):
            self._add_batch(self._rows[start : start + self._BATCH])
        del self._rows[:whole]

    def _add_batch(self, rows: Sequence[Row]) -> None:
        batch = build_batch(self._columns, rows, self._schema)
        self._batches.append(batch)
        self._bytes += batch.nbytes
        count = len(self._batches) * self._BATCH
        if count >= self._GROUP_ROWS or self._bytes >= self._GROUP_BYTES:
            self._write_group()

    def _write_group(self) -> None:
        import pyarrow

        table = pyarrow.Table.from_batches(self._batches, self._schema)
        if len(table):
            self._parquet.write_table(table, row_group_size=len(table))
        self._batches.clear()
        self._bytes = 0


def build_batch(
    columns: Columns, rows: Iterable[Row], schema: pyarrow.Schema | None = None
) -> pyarrow.RecordBatch:
    """Turn rows into Arrow; `schema` is that of `columns`, if it is at hand."""
    import pyarrow

    schema = _arrow_schema(columns) if schema is None else schema
    arrays = [
        pyarrow.array(values, type=field.type)
        for values, field in zip(transpose(columns, rows), schema, strict=True)
    ]
    return pyarrow.RecordBatch.from_arrays(arrays, schema=schema)


def _arrow_schema(columns: Columns) -> pyarrow.Schema:
    import pyarrow

    types = {
        "string": pyarrow.string(),
        "integer": pyarrow.int64(),
        "boolean": pyarrow.bool_(),
        "number": pyarrow.float64(),
    }
    return pyarrow.schema(
        [pyarrow.field(name, types[kind]) for name, kind in columns],
        metadata={"pandas": json.dumps(_pandas_metadata(columns))},
    )


def _pandas_metadata(columns: Columns) -> dict[str, Any]:
    """Tell ``pandas.read_parquet`` to keep integers with gaps integers.

    The form is set down in pandas' developer guide, "Storing pandas DataFrame objects in Apache
    Parquet format".
    """
    return {
        "index_columns": [],
        "column_indexes": [],
        "columns": [
            {
                "name": name,
                "field_name": name,
                "pandas_type": kind,
                "numpy_type": PANDAS_TYPES[kind],
                "metadata": None,
            }
            for name, kind in columns
        ],
        "pandas_version": "2.2.0",
    }
