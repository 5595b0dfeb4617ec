"""Four times as much of a construct takes four times the work, in every stage.

Work is counted, not timed: calls of functions, Python's and C's. What happens within one call
of a regex or of `str.find` is not seen here; `python -m benchmarks growth` times the same pages.
"""

from __future__ import annotations

from contextlib import suppress
from cProfile import Profile

import pytest

from benchmarks.constructs import PAGES, Page
from benchmarks.growth import SCHEMA, STAGES, run_stages
from extractor.model import PageRejected
from extractor.records.record import RecordSchema

GROWTH = 1.15
"""How much more work may grow than the page: 4.6 times for a page of four times the length."""

SLACK = 300
"""Calls of one stage that say nothing: a cache that fills, the odd line at an edge."""


@pytest.fixture(scope="module")
def schema() -> RecordSchema:
    schema = RecordSchema("all", SCHEMA)
    count_calls("# Warm\n\nimports, schemas, patterns: all that is made once\n", schema)
    return schema


def count_calls(page: Page, schema: RecordSchema) -> dict[str, int]:
    """Count the calls of each stage that a page goes through."""
    counts = {}
    for name, stage in run_stages(page, schema):
        profile = Profile()
        with suppress(PageRejected):
            profile.runcall(stage)
        counts[name] = sum(entry.callcount for entry in profile.getstats())
    return counts


def measure(page: Page) -> int:
    return len(page if isinstance(page, bytes) else page.encode())


def find_growing(name: str, schema: RecordSchema) -> dict[str, tuple[int, int, int]]:
    """Give the calls of the stages that grow faster than the page, at n, 2n and 4n."""
    number, grow = PAGES[name]
    pages = [grow(number * times // 2) for times in (1, 2, 4)]
    counts = [count_calls(page, schema) for page in pages]
    growing = {}
    for stage in counts[-1]:
        small, middle, large = (count.get(stage, 0) for count in counts)
        limits = [
            GROWTH * start * measure(pages[-1]) / measure(page) + SLACK
            for start, page in ((small, pages[0]), (middle, pages[1]))
        ]
        if large > min(limits):
            growing[stage] = (small, middle, large)
    return growing


@pytest.mark.parametrize("name", PAGES)
def test_work_grows_with_the_page(name: str, schema: RecordSchema) -> None:
    assert not find_growing(name, schema)


def test_every_stage_is_counted(schema: RecordSchema) -> None:
    counts = count_calls("# Part\n\n- **Goal:** a\n", schema)
    assert list(counts) == list(STAGES)
    assert all(count > 0 for count in counts.values())
