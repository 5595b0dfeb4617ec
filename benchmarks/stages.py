"""Pages one by one, in this process: what extraction costs beside parsing."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.bare import cut_front_matter, make_parser
from benchmarks.generator import make_pages, make_treatment
from benchmarks.measure import Figure, Settings, compare_calls

Page = tuple[str, str]
SCHEMA = Path(__file__).parent.parent / "schemas" / "treatment.schema.json"


def measure_speed(settings: Settings) -> Iterator[Figure]:
    """Compare the way from bytes to checked JSON with bare parsing of the same pages."""
    pages = read_pages(settings)
    bare, parse, extract, encode, check = _sum_stages(pages, settings.rounds)
    total = extract + encode + check
    yield Figure("bare mistune parse", len(pages) / bare, "pages/s")
    yield Figure("bytes to checked JSON", len(pages) / total, "pages/s")
    yield Figure("everything after parsing / bare parse", (total - bare) / bare, most=0.6)
    yield Figure("  parsing with lines / bare parse", parse / bare)
    yield Figure("  front matter, labels, sections … / bare parse", (extract - parse) / bare)
    yield Figure("  JSON / bare parse", encode / bare)
    yield Figure("  validation / bare parse", check / bare)
    yield Figure("share of the whole that is parsing", parse / total)


def _sum_stages(pages: Sequence[Page], rounds: int) -> list[float]:
    """Give the seconds of bare parsing, our parsing, extraction, JSON and validation."""
    from extractor.document import extract
    from extractor.markdown import parse_markdown
    from extractor.schema import check_document

    bare = make_parser()
    sums = [0.0] * 5
    for warm in (False, True):
        for path, text in pages if warm else pages[:20]:
            data, body = text.encode(), cut_front_matter(text)
            lines = body.split("\n")
            document = extract(data, path)
            times = compare_calls(
                rounds,
                partial(bare, body),
                partial(extract, data, path),
                partial(parse_markdown, lines),
                document.to_json,
                partial(check_document, document),
            )
            sums = [sum_ + time * warm for sum_, time in zip(sums, times, strict=True)]
    bare_time, extract_time, parse_time, *rest = sums
    return [bare_time, parse_time, extract_time, *rest]


def measure_records(settings: Settings) -> Iterator[Figure]:
    """Compare filling and validating the treatment record with extracting the page."""
    from extractor.document import extract
    from extractor.records import RecordSchema

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
    from extractor.document import extract
    from extractor.tables import TABLES, WRITERS, table_rows

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
