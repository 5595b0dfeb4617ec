"""How the cost of a construct grows with a page that repeats it, stage by stage."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.constructs import PAGES, Page
from benchmarks.measure import Figure, Settings
from extractor.check.fixes import fix_page
from extractor.diagnostics.rules import CODES
from extractor.diff import compare_documents
from extractor.model import Document, PageRejected
from extractor.pipeline import extract
from extractor.records.record import RecordSchema
from extractor.schema.document import check_document
from extractor.tables.rows import table_rows

_TEXT = {"type": "string"}
_ENTRY = {"type": "object", "properties": {"term": _TEXT, "text": _TEXT}}


def _list(entry: dict[str, Any], **annotation: str) -> dict[str, Any]:
    return {"type": "array", "items": entry, "x-extract": annotation}


_HEADED = {
    "type": "object",
    "properties": {
        "heading": {"type": "string", "x-extract": {"take": "heading"}},
        "text": {"type": "string", "x-extract": {"take": "text"}},
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    # What is never found lets every record be explained.
    "required": ["missing"],
    "properties": {
        "missing": {"type": "string", "x-extract": {"section": "nowhere"}},
        "key1": {"type": "string", "x-extract": {"metadata": "key1"}},
        "text": {"type": "string", "x-extract": {"take": "text"}},
        "texts": _list(_TEXT, take="text"),
        "firsts": _list(_TEXT, take="first"),
        "items": _list(_TEXT, take="items"),
        "entries": _list(_ENTRY, take="items"),
        "definitions": _list(_ENTRY, take="definitions"),
        "rows": _list({"type": "array", "items": _TEXT}, take="table"),
        "links": _list(_TEXT, take="links"),
        "leads": _list(_TEXT, take="lead"),
        "parts": _list(_TEXT, section="part", take="text"),
        "sections": _list(_HEADED, take="heading"),
        "goal": {
            "type": "object",
            "properties": {"goal": _TEXT, "label_3": _TEXT},
            "x-extract": {},
        },
        "words": _list(_TEXT, match=r"(\w+)"),
    },
}
"""A record schema that takes all there is to take."""


@dataclass
class StagedPage:
    """A page on its way through the stages.

    Attributes:
        data: Its bytes.
        schema: What its record is filled by.
        document: What was extracted; there once the first stage is done.
    """

    data: bytes
    schema: RecordSchema
    document: Document | None = None


def _extract(page: StagedPage) -> None:
    page.document = extract(page.data, "a.md")


def _fill(page: StagedPage) -> None:
    assert page.document
    record = page.schema.fill(page.document, page.data)
    page.schema.table_rows(record)
    page.schema.error_rows(record)


def _with_document(work: Callable[[Document], object]) -> Callable[[StagedPage], None]:
    def take(page: StagedPage) -> None:
        assert page.document
        work(page.document)

    return take


def _fix(page: StagedPage) -> None:
    assert page.document
    fix_page(page.data, page.document, frozenset(CODES))


STAGES: dict[str, Callable[[StagedPage], None]] = {
    "extract": _extract,
    "check_document": _with_document(check_document),
    "table_rows": _with_document(table_rows),
    "record": _fill,
    "fix_page": _fix,
    "compare_documents": _with_document(lambda document: compare_documents(document, document)),
}
"""All that is done with a page, in order."""


def run_stages(page: Page, schema: RecordSchema) -> Iterator[tuple[str, Callable[[], None]]]:
    """Give the stages of a page by name, each to be done before the next is asked for.

    A page that is rejected has no stages after the first.
    """
    staged = StagedPage(page if isinstance(page, bytes) else page.encode(), schema)
    for name, stage in STAGES.items():
        yield name, partial(stage, staged)
        if staged.document is None:
            return


LARGE = 16
"""Times the small page of a construct that the smaller of two pages is, to be timed."""

_SHORTEST = 0.02
_LARGEST = 1_000_000


def measure_growth(settings: Settings) -> Iterator[Figure]:
    """Time each construct at a size and at four times that; say what grows most in each stage."""
    schema = RecordSchema("all", SCHEMA)
    worst = dict.fromkeys(STAGES, (0.0, ""))
    _time_stages("# Warm\n", schema)
    for name, (number, grow) in PAGES.items():
        small, large = grow(LARGE * number), grow(4 * LARGE * number)
        if len(large) > _LARGEST:
            continue
        before, after = _time_stages(small, schema), _time_stages(large, schema)
        for stage, seconds in after.items():
            if seconds > _SHORTEST:
                growth = 4 * seconds / before[stage] / (len(large) / len(small))
                worst[stage] = max(worst[stage], (growth, name))
    for stage, (growth, name) in worst.items():
        yield Figure(f"{stage}, 4 times as much: {name}", growth, most=8)


def _time_stages(page: Page, schema: RecordSchema) -> dict[str, float]:
    """Give the processor time of each stage, without that of the collector of garbage."""
    times = {}
    gc.collect()
    gc.disable()
    try:
        for name, stage in run_stages(page, schema):
            start = time.process_time()
            stage()
            times[name] = time.process_time() - start
    except PageRejected:
        return {}
    finally:
        gc.enable()
    return times
