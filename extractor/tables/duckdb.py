"""Tables as a DuckDB database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from extractor.storage.files import put_aside
from extractor.tables.parquet import ParquetWriter


class MissingExtraError(ImportError):
    """A library that comes with an extra of this package is not installed."""


def write_database(path: Path, tables: Mapping[str, Path]) -> None:
    """Write a DuckDB file with a table of every Parquet file.

    Rows keep their order. Written beside `path`, then renamed.

    Args:
        path: The file to write; its folder exists.
        tables: Parquet files by the name of their table.

    Raises:
        MissingExtraError: If duckdb is not installed.
        OSError: If a file can't be read or written.
    """
    duckdb = _import_duckdb()
    try:
        with put_aside(path) as aside, duckdb.connect(str(aside)) as connection:
            for name in sorted(tables):
                _create_table(connection, name, tables[name])
    except duckdb.IOException as error:
        raise OSError(str(error)) from error


def _import_duckdb() -> Any:
    try:
        import duckdb
    except ImportError as error:
        message = "DuckDB files need the extra: pip install 'extractor[duckdb]'"
        raise MissingExtraError(message) from error
    return duckdb


def _create_table(connection: Any, name: str, source: Path) -> None:
    from pyarrow import RecordBatchReader, parquet

    quoted = name.replace('"', '""')
    with parquet.ParquetFile(source) as file:
        batches = file.iter_batches(batch_size=ParquetWriter._GROUP_ROWS)
        reader = RecordBatchReader.from_batches(file.schema_arrow, batches)
        connection.register("incoming", reader)
        connection.execute(f'CREATE TABLE "{quoted}" AS SELECT * FROM incoming')
        connection.unregister("incoming")
