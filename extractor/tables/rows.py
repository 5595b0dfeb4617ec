"""Tables of documents: rows, data frames, CSV, Parquet and DuckDB.

The one door to pandas, pyarrow and duckdb. Each is imported where it is used,
for the three of them take longer to start than a page takes to extract.
Every writer takes rows as they come, so that memory does not grow with the
number of pages. docs/tables.md explains the columns to their readers.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, Protocol, Self, TypeAlias

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

if TYPE_CHECKING:
    import pandas
    import pyarrow

Kind: TypeAlias = Literal["string", "integer", "boolean", "number"]
Columns: TypeAlias = Sequence[tuple[str, Kind]]
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


class MissingExtraError(ImportError):
    """A library that comes with an extra of this package is not installed."""


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


# --- data frames --------------------------------------------------------------------------

_PANDAS_TYPES: dict[Kind, Any] = {
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

    values = _turn(columns, rows)
    return pandas.DataFrame(
        {
            name: pandas.array(column, dtype=_PANDAS_TYPES[kind])
            for (name, kind), column in zip(columns, values, strict=True)
        }
    )


def _turn(columns: Columns, rows: Iterable[Row]) -> list[list[Any]]:
    """Turn rows into one list per column."""
    return [list(values) for values in zip(*rows, strict=True)] or [[] for _ in columns]


# --- writers ------------------------------------------------------------------------------


class TableWriter(Protocol):
    """What takes the rows of one table as they come; a context manager that ends the file."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...

    def write(self, rows: Iterable[Row]) -> None:
        """Append rows; each is as long as the columns, its values of their kinds or None."""


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
    aside = path.with_name(f".{path.name}.part")
    try:
        with aside.open("wb") as file, writer(file, columns) as table:
            yield table
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


class CsvWriter:
    """Write CSV (RFC 4180, but LF line ends) in UTF-8 with a header.

    No value is empty, the empty string is ``""``. See `protect_text` for what
    a spreadsheet might take for a formula.
    """

    def __init__(self, file: IO[bytes], columns: Columns) -> None:
        """Write to `file`, which stays open."""
        self._file = file
        self._renders = [_CSV_RENDERS[kind] for _, kind in columns]
        self._write([",".join(_render_text(name) for name, _ in columns)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Leave the file as it is: there is nothing to end."""

    def write(self, rows: Iterable[Row]) -> None:
        """Append rows."""
        renders = self._renders
        self._write(
            ",".join(
                [
                    "" if value is None else render(value)
                    for render, value in zip(renders, row, strict=True)
                ]
            )
            for row in rows
        )

    def _write(self, lines: Iterable[str]) -> None:
        self._file.write("".join([f"{line}\n" for line in lines]).encode())


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
        self._rows += rows
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


WRITERS: dict[str, Callable[[IO[bytes], Columns], TableWriter]] = {
    "csv": CsvWriter,
    "parquet": ParquetWriter,
}
"""The writer of each format; it writes to an open binary file, local or remote."""


# --- CSV ----------------------------------------------------------------------------------

# What opens a formula in Excel, LibreOffice or Google Sheets (OWASP, "CSV Injection"), and the
# mark before it. The mark is counted in, so that taking one mark off always gives the text back.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
# Numbers and dashes open with a formula's sign, but compute nothing.
_HARMLESS = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?\s?%?|[+-]+")
_QUOTED = re.compile(r'[",\r\n]')


def protect_text(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula, by an apostrophe before it.

    Concerns texts that open with one of ``= + - @`` (also fullwidth), tab or line end, after any
    apostrophes; numbers such as ``-5`` and lone dashes stay as they are. `restore_text` undoes it.

    >>> protect_text("=1+1"), protect_text("-5"), protect_text("'tis")
    ("'=1+1", '-5', "'tis")
    """
    if _FORMULA.match(text) and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return text


def restore_text(text: str) -> str:
    """Give the text that `protect_text` made `text` of.

    >>> restore_text("'=1+1"), restore_text("-5"), restore_text("'tis")
    ('=1+1', '-5', "'tis")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _render_text(text: str) -> str:
    text = protect_text(text)
    if not text or _QUOTED.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _render_boolean(value: bool) -> str:
    return "true" if value else "false"


_CSV_RENDERS: dict[Kind, Callable[[Any], str]] = {
    "string": _render_text,
    "integer": str,
    "boolean": _render_boolean,
    "number": repr,
}


# --- Arrow and DuckDB ---------------------------------------------------------------------


def build_batch(
    columns: Columns, rows: Iterable[Row], schema: pyarrow.Schema | None = None
) -> pyarrow.RecordBatch:
    """Turn rows into Arrow; `schema` is that of `columns`, if it is at hand."""
    import pyarrow

    schema = _arrow_schema(columns) if schema is None else schema
    arrays = [
        pyarrow.array(values, type=field.type)
        for values, field in zip(_turn(columns, rows), schema, strict=True)
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
                "numpy_type": _PANDAS_TYPES[kind],
                "metadata": None,
            }
            for name, kind in columns
        ],
        "pandas_version": "2.2.0",
    }


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
    aside = path.with_name(f".{path.name}.part")
    aside.unlink(missing_ok=True)
    try:
        with duckdb.connect(str(aside)) as connection:
            for name in sorted(tables):
                _create_table(connection, name, tables[name])
        aside.replace(path)
    except duckdb.IOException as error:
        aside.unlink(missing_ok=True)
        raise OSError(str(error)) from error
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


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
