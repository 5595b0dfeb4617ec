"""Tables: rows and their keys, data frames, CSV, Parquet and DuckDB."""

from __future__ import annotations

import csv
import gc
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from extractor.diagnostics.rules import report
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
    SourceInfo,
    Span,
    Table,
)
from extractor.tables import rows as tables
from extractor.tables.columns import TABLES, Columns, Row
from extractor.tables.csv import CsvWriter, protect_text, restore_text
from extractor.tables.duckdb import MissingExtraError, write_database
from extractor.tables.frames import build_frame, to_frames
from extractor.tables.parquet import ParquetWriter
from extractor.tables.rows import table_rows
from extractor.tables.writers import open_table

DTYPES = {"string": "string", "integer": "Int64", "boolean": "boolean", "number": "Float64"}
EVERY_KIND: Columns = (
    ("path", "string"),
    ("count", "integer"),
    ("done", "boolean"),
    ("share", "number"),
)


def make_span(line: int, end_line: int | None = None) -> Span:
    """Give a span of lines that are ten bytes long."""
    end_line = end_line or line
    return Span(line, end_line, (line - 1) * 10, end_line * 10 - 1)


def make_item(
    text: str,
    line: int | None = None,
    *,
    term: str | None = None,
    checked: bool | None = None,
    links: Sequence[Link] = (),
    images: Sequence[Image] = (),
    blocks: Sequence[Block] = (),
) -> Item:
    span = make_span(line) if line else None
    return Item(term, None, text, checked, list(links), list(images), list(blocks), span)


def make_document(
    sections: Sequence[Section] = (),
    diagnostics: Sequence[Diagnostic] = (),
    path: str = "a/b.md",
) -> Document:
    digest = hashlib.sha256(path.encode()).hexdigest()
    return Document(
        schema="document/1",
        source=SourceInfo(path, digest, 200, 20, "utf-8"),
        metadata={"tags": ["a", "ж"], "date": "2024-01-01"},
        title=None,
        sections=list(sections),
        diagnostics=list(diagnostics),
    )


def make_section(blocks: Sequence[Block], line: int = 1, id: str = "care") -> Section:
    return Section(
        id, None, 2, "Care", ["Page", "Care"], "prose", list(blocks), make_span(line, line + 8)
    )


def rows_of(document: Document, table: str) -> list[dict[str, object]]:
    names = [name for name, _ in TABLES[table]]
    return [dict(zip(names, row, strict=True)) for row in table_rows(document)[table]]


def write_csv(columns: Columns, rows: Iterable[Row]) -> bytes:
    file = io.BytesIO()
    with CsvWriter(file, columns) as writer:
        writer.write(rows)
    return file.getvalue()


def write_parquet(columns: Columns, *writes: Sequence[Row]) -> bytes:
    file = io.BytesIO()
    with ParquetWriter(file, columns) as writer:
        for rows in writes:
            writer.write(rows)
    return file.getvalue()


@pytest.fixture(name="page")
def fixture_page() -> Document:
    """A page with every block type, and items on three levels."""
    inner = List(False, None, None, [make_item("deep", 4, checked=True)], make_span(4))
    outer = List(
        True,
        1,
        "Steps",
        [
            make_item("one", 3, links=[Link("here", "/x", None)], blocks=[inner]),
            make_item("two", 5, term="Second", images=[Image("i.png", "eye", "t")]),
        ],
        make_span(2, 5),
    )
    entries = Definitions(None, [make_item("red", 6, term="Colour")], make_span(6))
    cells = Table(
        "Prices",
        ["Size", "Price"],
        ["left", None],
        [["S", "-5"], ["L", "=1+1"]],
        make_span(8, 13),
    )
    first = make_section([outer, Quote("note", [entries], make_span(6)), cells, Rule(None)], line=2)
    second = make_section(
        [
            Paragraph("See it", [Link("it", "/it", "It")], [], make_span(14)),
            Figure("p.png", "A photo", None, make_span(15)),
            Code("sh", "ls", make_span(16)),
            Html("<hr>", make_span(17)),
            Footnote("1", [Paragraph("Note", [], [], None)], make_span(18)),
        ],
        line=14,
        id="care-1",
    )
    found = [
        report("duplicate-key", Span(1, 1, 0, 4), pointer="/metadata/a"),
        report("escaped-label", make_span(16), before="\\*\\*A:\\*\\*", after="**A:**"),
        report("unclosed-front-matter", None),
    ]
    return make_document([make_section([], line=2, id="preamble"), first, second], found)


# --- rows ---------------------------------------------------------------------------------


def test_rows_fit_the_columns_and_their_kinds(page: Document) -> None:
    types = {"string": str, "integer": int, "boolean": bool, "number": float}
    rows = table_rows(page)
    assert list(rows) == list(TABLES)
    for name, columns in TABLES.items():
        assert rows[name]
        for row in rows[name]:
            assert len(row) == len(columns)
            for value, (column, kind) in zip(row, columns, strict=True):
                assert value is None or type(value) is types[kind], column


def test_document_row_has_metadata_as_json_and_counts(page: Document) -> None:
    [row] = rows_of(page, "documents")
    assert json.loads(str(row["metadata"])) == page.metadata
    assert "ж" in str(row["metadata"])
    assert (row["sections"], row["items"], row["cells"]) == (3, 4, 4)
    assert (row["links"], row["diagnostics"]) == (4, 3)


def test_section_rows_have_text_and_counts(page: Document) -> None:
    empty, first, second = rows_of(page, "sections")
    assert (empty["text"], empty["blocks"]) == ("", 0)
    assert first["text"] == (
        "Steps:\none\ndeep\nSecond: two\nColour: red\nPrices:\nSize\tPrice\nS\t-5\nL\t=1+1"
    )
    assert first["heading_path"] == "Page > Care"
    assert (first["blocks"], first["items"], first["cells"], first["links"]) == (6, 4, 4, 2)
    assert second["text"] == "See it\nA photo\nls\nNote"
    assert (second["line"], second["end_line"]) == (14, 22)


def test_items_are_numbered_through_the_section(page: Document) -> None:
    keys = ("block", "item", "parent_item", "depth", "position")
    assert [tuple(row[key] for key in keys) for row in rows_of(page, "items")] == [
        (1, 1, None, 1, 1),
        (2, 2, 1, 2, 1),
        (1, 3, None, 1, 2),
        (4, 4, None, 1, 1),
    ]


def test_items_say_what_they_are(page: Document) -> None:
    keys = ("block_type", "ordered", "lead", "term", "text", "checked", "line")
    assert [tuple(row[key] for key in keys) for row in rows_of(page, "items")] == [
        ("list", True, "Steps", None, "one", None, 3),
        ("list", False, None, None, "deep", True, 4),
        ("list", True, "Steps", "Second", "two", None, 5),
        ("definitions", None, None, "Colour", "red", None, 6),
    ]


def test_cells_stand_at_the_line_of_their_row(page: Document) -> None:
    keys = ("block", "lead", "row", "column_number", "column_name", "value", "line")
    assert [tuple(row[key] for key in keys) for row in rows_of(page, "cells")] == [
        (5, "Prices", 1, 1, "Size", "S", 12),
        (5, "Prices", 1, 2, "Price", "-5", 12),
        (5, "Prices", 2, 1, "Size", "L", 13),
        (5, "Prices", 2, 2, "Price", "=1+1", 13),
    ]


def test_links_stand_with_their_block_and_item(page: Document) -> None:
    keys = ("section", "block", "item", "link", "kind", "text", "url", "title", "line")
    assert [tuple(row[key] for key in keys) for row in rows_of(page, "links")] == [
        (2, 1, 1, 1, "link", "here", "/x", None, 3),
        (2, 1, 3, 2, "image", "eye", "i.png", "t", 5),
        (3, 1, None, 1, "link", "it", "/it", "It", 14),
        (3, 2, None, 2, "image", "A photo", "p.png", None, 15),
    ]


def test_links_under_an_item_name_the_item() -> None:
    more = Paragraph("more", [Link("m", "/m", None)], [], None)
    inner = Quote(None, [more])
    page = make_document(
        [make_section([List(False, None, None, [make_item("a", blocks=[inner])])])]
    )
    [link] = rows_of(page, "links")
    assert (link["block"], link["item"]) == (3, 1)


def test_diagnostics_name_the_innermost_section(page: Document) -> None:
    keys = ("diagnostic", "section", "section_id", "code", "line", "start_byte", "end_byte")
    assert [tuple(row[key] for key in keys) for row in rows_of(page, "diagnostics")] == [
        (1, None, None, "EX106", 1, 0, 4),
        (2, 3, "care-1", "EX203", 16, 150, 159),
        (3, None, None, "EX105", None, None, None),
    ]


def test_a_diagnostic_before_a_heading_on_its_line_is_of_its_section() -> None:
    heading = Section("a", None, 1, "A", ["A"], "empty", [], Span(3, 3, 31, 34))
    page = make_document([heading], [report("escaped-markup", Span(3, 3, 30, 32))])
    [row] = rows_of(page, "diagnostics")
    assert (row["section"], row["section_id"]) == (1, "a")


def test_lines_are_null_without_spans() -> None:
    table = Table(None, ["A"], [None], [["1"]])
    found = [report("mojibake", None)]
    section = Section("a", None, 1, "A", ["A"], "list", [table, List(False, None, None, [])])
    page = make_document([section], found)
    for name in ("sections", "cells", "diagnostics"):
        [row] = rows_of(page, name)
        assert row["line"] is None


def test_every_key_resolves(page: Document) -> None:
    frames = to_frames([page, make_document(page.sections, page.diagnostics, "b.md")])
    sections = frames["sections"].rename(columns={"id": "section_id"})
    section_keys = set(sections[["path", "section", "section_id"]].itertuples(index=False))
    item_keys = set(frames["items"][["path", "section", "item"]].itertuples(index=False))
    assert len(section_keys) == len(sections)
    assert len(item_keys) == len(frames["items"])
    assert set(sections["path"]) == set(frames["documents"]["path"])
    for name in ("items", "cells", "links", "diagnostics"):
        found = frames[name].dropna(subset=["section"])
        assert set(found[["path", "section", "section_id"]].itertuples(index=False)) <= section_keys
    for name, item in (("items", "parent_item"), ("cells", "parent_item"), ("links", "item")):
        found = frames[name].dropna(subset=[item])
        assert set(found[["path", "section", item]].itertuples(index=False)) <= item_keys


# --- data frames --------------------------------------------------------------------------


@pytest.mark.parametrize("full", [False, True], ids=["empty", "full"])
def test_frames_have_the_same_dtypes_also_when_empty(page: Document, full: bool) -> None:
    frames = to_frames([page] if full else [])
    assert list(frames) == list(TABLES)
    for name, columns in TABLES.items():
        assert [(key, str(dtype)) for key, dtype in frames[name].dtypes.items()] == [
            (key, DTYPES[kind]) for key, kind in columns
        ]
        assert len(frames[name]) == len(table_rows(page)[name]) * full


def test_frames_keep_null_apart_from_empty() -> None:
    frame = build_frame((("a", "string"), ("b", "integer")), [("", 1), (None, None)])
    assert frame["a"][0] == ""
    assert frame["a"].isna().tolist() == [False, True]
    assert frame["b"].sum() == 1


# --- CSV ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|'/C calc'!A1",
        "+1 555 0100",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        "'=1",
        "''-2+3",
        "- item",
        "-5 apples",
    ],
)
def test_formulas_are_marked(text: str) -> None:
    assert protect_text(text) == f"'{text}"
    assert restore_text(f"'{text}") == text


@pytest.mark.parametrize(
    "text",
    ["", "a", "-5", "+3.5", "-1,200.50", "-1e-9", "-5 %", "-", "--", "'tis", "5-1", "a=b", " =1"],
)
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert protect_text(text) == text
    assert restore_text(text) == text


@given(st.text(alphabet="'=+-@5.\t\ra", max_size=6) | st.text())
def test_marking_can_be_undone(text: str) -> None:
    assert restore_text(protect_text(text)) == text


def test_csv_quotes_what_needs_it_and_nothing_else() -> None:
    rows = [
        ('a "b", c', 1, True, 0.5),
        ("x\ny", -2, False, 3),
        ("", None, None, None),
        (None, 3, None, 1e300),
        ("שלום 🎉", 4, None, -0.25),
    ]
    assert write_csv(EVERY_KIND, rows).decode() == (
        "path,count,done,share\n"
        '"a ""b"", c",1,true,0.5\n'
        '"x\ny",-2,false,3\n'
        '"",,,\n'
        ",3,,1e+300\n"
        "שלום 🎉,4,,-0.25\n"
    )


def test_csv_header_cannot_be_a_formula() -> None:
    assert write_csv((("=A", "string"),), []) == b"'=A\n"


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.tuples(texts, texts)))
def test_csv_reads_back_in_pandas(rows: list[tuple[str, str]]) -> None:
    columns: Columns = (("a", "string"), ("b", "string"))
    file = io.BytesIO(write_csv(columns, rows))
    frame = pandas.read_csv(file, dtype="string", keep_default_na=False)
    found = list(frame.map(restore_text).itertuples(index=False, name=None))
    assert found == rows


@given(st.lists(st.tuples(texts, texts)))
def test_csv_reads_back_in_python(rows: list[tuple[str, str]]) -> None:
    text = write_csv((("a", "string"), ("b", "string")), rows).decode()
    _, *found = csv.reader(io.StringIO(text, newline=""))
    assert [tuple(map(restore_text, row)) for row in found] == rows


def test_csv_reads_back_as_the_documentation_says(page: Document) -> None:
    for name, frame in to_frames([page]).items():
        read = pandas.read_csv(
            io.BytesIO(write_csv(TABLES[name], table_rows(page)[name])),
            keep_default_na=False,
            na_values=[""],
            dtype_backend="numpy_nullable",
        )
        for column in read.columns:
            if read[column].dtype == "string":
                read[column] = read[column].map(restore_text, na_action="ignore")
        known = frame.replace("", pandas.NA).dropna(axis="columns", how="all")
        pandas.testing.assert_frame_equal(read[known.columns], known, check_dtype=False)


def test_csv_refuses_rows_of_another_length() -> None:
    with pytest.raises(ValueError, match="zip"):
        write_csv(EVERY_KIND, [("a", 1)])


# --- Parquet ------------------------------------------------------------------------------


def test_parquet_has_its_schema_also_when_empty() -> None:
    for columns in (*TABLES.values(), EVERY_KIND):
        schema = parquet.read_table(io.BytesIO(write_parquet(columns))).schema
        types = {"string": "string", "integer": "int64", "boolean": "bool", "number": "double"}
        assert [(field.name, str(field.type)) for field in schema] == [
            (name, types[kind]) for name, kind in columns
        ]


def test_parquet_reads_back_as_the_frames(page: Document) -> None:
    frames = to_frames([page])
    for name, rows in table_rows(page).items():
        read = pandas.read_parquet(io.BytesIO(write_parquet(TABLES[name], rows)))
        pandas.testing.assert_frame_equal(read, frames[name])


def test_parquet_groups_do_not_depend_on_the_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ParquetWriter, "_BATCH", 10)
    monkeypatch.setattr(ParquetWriter, "_GROUP_ROWS", 40)
    rows = [(f"p{number}", number, None, number / 7) for number in range(105)]
    whole = write_parquet(EVERY_KIND, rows)
    pieces = write_parquet(EVERY_KIND, rows[:1], rows[1:38], [], rows[38:39], rows[39:])
    assert whole == pieces
    groups = parquet.ParquetFile(io.BytesIO(whole)).metadata
    assert [groups.row_group(number).num_rows for number in range(3)] == [40, 40, 25]


def test_parquet_groups_close_early_when_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ParquetWriter, "_BATCH", 2)
    monkeypatch.setattr(ParquetWriter, "_GROUP_BYTES", 1_000)
    rows = [("x" * 300,)] * 9
    groups = parquet.ParquetFile(io.BytesIO(write_parquet((("a", "string"),), rows))).metadata
    assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups)] == [4, 4, 1]


def test_parquet_refuses_a_value_of_another_kind() -> None:
    with pytest.raises((TypeError, ValueError)):
        write_parquet((("n", "integer"),), [("soon",)])


# --- files --------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_appears_when_it_is_complete(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"items.{suffix}"
    with open_table(path, EVERY_KIND) as table:
        table.write([("a", 1, True, 0.5)])
        assert not path.exists()
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_failed_table_leaves_the_old_one(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"items.{suffix}"
    path.write_bytes(b"old")
    rows = [("a", 1, True, 0.5), ("too short",)]
    with pytest.raises(ValueError, match="zip"), open_table(path, EVERY_KIND) as table:
        table.write(rows)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("room", [0, 2, 1_000, 10_000])
def test_a_full_disk_is_one_plain_error(room: int) -> None:
    class Disk(io.BytesIO):
        def write(self, data: Any) -> int:
            if self.tell() + len(data) > room:
                raise OSError(28, "No space left on device")
            return super().write(data)

    rows = [(f"{number}" * 9, number, None, None) for number in range(12_000)]
    with pytest.raises(OSError, match="No space"), ParquetWriter(Disk(), EVERY_KIND) as table:
        table.write(rows)
    gc.collect()  # a second error, from a finalizer, would come as a warning here


def test_an_unknown_suffix_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(KeyError), open_table(tmp_path / "items.xlsx", EVERY_KIND):
        pass


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_same_rows_give_the_same_bytes(page: Document, suffix: str) -> None:
    write: Callable[[Columns, list[Row]], bytes] = write_csv if suffix == "csv" else write_parquet
    for name, columns in TABLES.items():
        assert write(columns, table_rows(page)[name]) == write(columns, table_rows(page)[name])


# --- DuckDB -------------------------------------------------------------------------------


def test_database_has_every_table_in_order(page: Document, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    sources = {}
    for name, rows in table_rows(page).items():
        sources[name] = tmp_path / f"[{name}]'s.parquet"
        with open_table(sources[name], TABLES[name]) as table:
            table.write(rows)
    path = tmp_path / "extractor.duckdb"
    path.write_bytes(b"an older file")
    write_database(path, sources)
    with duckdb.connect(str(path), read_only=True) as connection:
        for name, rows in table_rows(page).items():
            assert connection.execute(f'SELECT * FROM "{name}"').fetchall() == rows
    assert not list(tmp_path.glob(".*"))


def test_database_names_may_be_anything(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    source = tmp_path / "x.parquet"
    with open_table(source, (("path", "string"),)):
        pass
    write_database(tmp_path / "x.duckdb", {'select "x".y': source})
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [
            ('select "x".y',)
        ]


def test_database_into_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    with pytest.raises(OSError, match="missing"):
        write_database(tmp_path / "missing" / "x.duckdb", {})


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match=r"extractor\[duckdb\]"):
        write_database(tmp_path / "x.duckdb", {})


def test_columns_need_no_quotes_in_sql() -> None:
    duckdb = pytest.importorskip("duckdb")
    query = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
    reserved = {name for (name,) in duckdb.sql(query).fetchall()}
    for table, columns in TABLES.items():
        assert not reserved & {table, *(name for name, _ in columns)}


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    code = "import sys, extractor.tables.rows; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "pyarrow", "duckdb"} & set(run.stdout.split())
    assert tables.__name__ in run.stdout
