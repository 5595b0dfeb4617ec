"""Pages one by one, in this process: what extraction costs beside parsing."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.bare import cut_front_matter, make_parser
from benchmarks.generator import make_pages, make_treatment
from benchmarks.measure import Figure, Settings, compare_calls
from extractor.frontmatter.detection import read_front_matter
from extractor.markdown.parser import parse_markdown
from extractor.pipeline import extract
from extractor.records.record import RecordSchema
from extractor.schema.document import check_document
from extractor.source.decoding import read_source
from extractor.tables.columns import TABLES
from extractor.tables.rows import table_rows
from extractor.tables.writers import WRITERS

Page = tuple[str, str]
SCHEMA = Path(__file__).parent.parent / "schemas" / "treatment.schema.json"


def measure_speed(settings: Settings) -> Iterator[Figure]:
    """Compare the way from bytes to checked JSON with bare parsing of the same pages."""
    pages = read_pages(settings)
    bare, read, parse, whole, encode, check = _sum_stages(pages, settings.rounds)
    total = whole + encode + check
    yield Figure("bare mistune parse", len(pages) / bare, "pages/s")
    yield Figure("bytes to checked JSON", len(pages) / total, "pages/s")
    yield Figure("everything but the bare parse / bare parse", (total - bare) / bare, most=0.6)
    yield Figure("the same without decoding and front matter", (total - read - bare) / bare)
    yield Figure("decoding and front matter / bare parse", read / bare)
    yield Figure("parsing with lines / bare parse", parse / bare)
    yield Figure("labels, repair, sections, spans / bare parse", (whole - read - parse) / bare)
    yield Figure("JSON / bare parse", encode / bare)
    yield Figure("validation / bare parse", check / bare)
    yield Figure("share of the whole that is parsing", parse / total)


def _sum_stages(pages: Sequence[Page], rounds: int) -> list[float]:
    """Give the seconds of bare parsing, reading, our parsing, extraction, JSON and validation."""
    bare = make_parser()
    sums = [0.0] * 6
    for counted, (path, text) in [(0, page) for page in pages[:20]] + [(1, page) for page in pages]:
        data, body = text.encode(), cut_front_matter(text)
        document = extract(data, path)
        times = compare_calls(
            rounds,
            partial(bare, body),
            partial(_read, data, path),
            partial(parse_markdown, body.split("\n")),
            partial(extract, data, path),
            document.to_json,
            partial(check_document, document),
        )
        sums = [known + counted * time for known, time in zip(sums, times, strict=True)]
    return sums


def _read(data: bytes, path: str) -> None:
    """Do what comes before parsing."""
    read_front_matter(read_source(data, path))


def measure_records(settings: Settings) -> Iterator[Figure]:
    """Compare filling and validating the treatment record with extracting the page."""
    schema = RecordSchema.load(SCHEMA)
    extracting = filling = 0.0
    for number in range(settings.pages // 4):
        data = make_treatment(number).encode()
        document = extract(data, "treatment.md")
        times = compare_calls(
            settings.rounds, partial(extract, data, "treatment.md"), partial(schema.fill, document)
        )
        extracting += times[0]
        filling += times[1]
    yield Figure("filling a record", filling / (settings.pages // 4) * 1e6, "µs")
    yield Figure("filling and validating / extracting", filling / extracting, most=0.25)


def measure_tables(settings: Settings) -> Iterator[Figure]:
    """Compare rows, CSV and Parquet with bare parsing of the same pages."""
    pages = read_pages(settings)
    documents = [extract(text.encode(), path) for path, text in pages]
    rows = [table_rows(document) for document in documents]

    def parse_all() -> None:
        bare = make_parser()
        for _, text in pages:
            bare(cut_front_matter(text))

    def write_all(suffix: str) -> None:
        for name, columns in TABLES.items():
            with WRITERS[suffix](io.BytesIO(), columns) as writer:
                for page in rows:
                    writer.write(page[name])

    parsing, building, csv, parquet = compare_calls(
        settings.rounds,
        parse_all,
        lambda: [table_rows(document) for document in documents],
        partial(write_all, "csv"),
        partial(write_all, "parquet"),
    )
    yield Figure("rows of all tables / bare parse", building / parsing)
    yield Figure("CSV of them / bare parse", csv / parsing)
    yield Figure("Parquet of them / bare parse", parquet / parsing)


def read_pages(settings: Settings) -> list[Page]:
    """Read the pages of the user's folder, or make some."""
    if settings.folder is None:
        return list(make_pages(settings.pages))
    files = sorted(settings.folder.rglob("*.md"))[: settings.pages]
    pages = [(file.name, file.read_bytes().decode("utf-8", "replace")) for file in files]
    return [(path, text.replace("\r\n", "\n")) for path, text in pages]
