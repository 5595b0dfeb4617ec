"""The writer of each format of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol, Self

from extractor.storage.files import open_aside
from extractor.tables.columns import Columns, Row
from extractor.tables.csv import CsvWriter
from extractor.tables.parquet import ParquetWriter


class TableWriter(Protocol):
    """What takes the rows of one table as they come; a context manager that ends the file."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...

    def write(self, rows: Iterable[Row]) -> None:
        """Append rows; each is as long as the columns, its values of their kinds or None."""

    def prepare(self, rows: Iterable[Row]) -> Any:
        """Make rows ready for `append`, and raise here what is wrong with them."""

    def append(self, prepared: Any) -> None:
        """Append rows made ready."""


@contextmanager
def open_table(path: Path, columns: Columns) -> Iterator[TableWriter]:
    """Write a table beside `path` and rename it when it is complete.

    Args:
        path: Ends in ``.csv`` or ``.parquet``; its folder exists.
        columns: Names and kinds.

    Raises:
        KeyError: If the suffix is another.
        OSError: If the file can't be written; what stood at `path` is still there.
    """
    writer = WRITERS[path.suffix.removeprefix(".")]
    with open_aside(path) as file, writer(file, columns) as table:
        yield table


WRITERS: dict[str, Callable[[IO[bytes], Columns], TableWriter]] = {
    "csv": CsvWriter,
    "parquet": ParquetWriter,
}
"""The writer of each format; it writes to an open binary file, local or remote."""
