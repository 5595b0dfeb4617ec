"""Workers that may die: one bad page costs one reject, whatever it does."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from bad_pages import EXTRACT

from extractor.config.options import PageOptions
from extractor.model import Reject
from extractor.run.engines import EngineError
from extractor.run.engines.local import extract_pages
from extractor.run.results import PageResult, unpack_result
from extractor.run.settings import RunSettings
from extractor.storage.pages import PageFile

LIMIT = 1.0


def make_page(number: int, text: str) -> PageFile:
    name = f"{number:04}.md"
    return PageFile(name, "", name, text.encode())


def extract(
    *texts: str, jobs: int = 2, extract: str = EXTRACT, limit: float = LIMIT
) -> list[PageResult]:
    pages = [make_page(number, text) for number, text in enumerate(texts)]
    settings = RunSettings(PageOptions(time_limit=limit), extract=extract)
    results = extract_pages(iter(pages), len(pages), settings, jobs)
    return [unpack_result(packed) for packed in results]


def get_reject(result: PageResult) -> Reject:
    assert result.reject is not None
    return result.reject


def surround(text: str) -> list[str]:
    """Put a page in the middle of a chunk of good ones."""
    return [f"# {number}" for number in range(80)] + [text] + ["# last"] * 47


@pytest.fixture(autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    yield
    gc.collect()
    assert multiprocessing.active_children() == []


class TestOneBadPage:
    @pytest.mark.parametrize(
        ("text", "rule", "words"),
        [
            ("!exit 3", "worker-crash", "exit code 3"),
            ("!exit 0", "worker-crash", "exit code 0"),
            ("!signal SIGSEGV", "worker-crash", "SIGSEGV"),
            ("!signal SIGKILL", "worker-crash", "SIGKILL"),
            ("!signal SIGTERM", "worker-crash", "SIGTERM"),
            ("!raise", "internal-error", "LookupError: nothing here"),
            ("!eat", "worker-crash", "memory"),
            ("!swallow", "time-limit", "1 s"),
            pytest.param("!stuck", "time-limit", "1 s", marks=pytest.mark.slow),
            ("!invalid", "internal-error", "/sections/0/level"),
        ],
    )
    def test_it_costs_one_reject_and_no_neighbour(self, text: str, rule: str, words: str) -> None:
        results = extract(*surround(text))
        assert [result.path for result in results] == [f"{n:04}.md" for n in range(128)]
        assert [n for n, result in enumerate(results) if result.reject] == [80]
        reject = get_reject(results[80])
        assert (reject.path, reject.rule) == ("0080.md", rule)
        assert words in reject.message

    def test_many_in_one_chunk_cost_one_reject_each(self) -> None:
        texts = ["!exit 1", "# a", "!signal SIGSEGV", "!raise", "# b", "!exit 2", "# c", "# d"]
        results = extract(*texts, jobs=1)
        assert [result.reject is None for result in results] == [
            text.startswith("#") for text in texts
        ]

    def test_a_page_whose_worker_is_killed_once_is_done_again(self, tmp_path: Path) -> None:
        results = extract(*surround(f"!once {tmp_path}/marker"))
        assert all(result.reject is None for result in results)

    def test_nobody_but_bad_pages(self) -> None:
        results = extract(*["!exit 9"] * 40)
        assert {get_reject(result).rule for result in results} == {"worker-crash"}

    def test_a_name_that_is_too_long_to_write(self) -> None:
        name = "n" * 251 + ".md"
        page = PageFile(name, "", name, b"# Title")
        (packed,) = extract_pages([page], 1, RunSettings(extract=EXTRACT), 1)
        assert get_reject(unpack_result(packed)).rule == "long-name"

    def test_a_file_that_vanishes(self, tmp_path: Path) -> None:
        page = PageFile("a.md", f"{tmp_path}/", "a.md")
        (packed,) = extract_pages([page], 1, RunSettings(), 1)
        result = unpack_result(packed)
        assert (get_reject(result).rule, result.sha256) == ("unreadable-file", "")


class TestOrder:
    @pytest.mark.parametrize("count", [0, 1, 2, 31, 100])
    @pytest.mark.parametrize("jobs", [1, 3])
    def test_results_come_in_the_order_of_pages(self, count: int, jobs: int) -> None:
        results = extract(*(f"# {number}" for number in range(count)), jobs=jobs)
        titles = [json.loads(result.document)["title"] for result in results]
        assert titles == [str(number) for number in range(count)]

    def test_a_slow_page_holds_back_no_result_before_it(self) -> None:
        pages = [make_page(0, "# fast"), make_page(1, "!swallow")]
        results = extract_pages(
            iter(pages), 2, RunSettings(PageOptions(time_limit=60), extract=EXTRACT), 1
        )
        assert unpack_result(next(results)).path == "0000.md"
        results.close()

    def test_pages_are_read_as_workers_get_free(self) -> None:
        taken = 0

        def count() -> Iterator[PageFile]:
            nonlocal taken
            for taken in range(1, 100_001):
                yield make_page(taken, "# text")

        results = extract_pages(count(), 100_000, RunSettings(extract=EXTRACT), 2)
        for _ in range(100):
            next(results)
        results.close()
        assert taken < 2_000


class TestWorkers:
    def test_killing_them_from_outside_loses_and_doubles_nothing(self) -> None:
        pages = [make_page(number, "!sleep 0.002") for number in range(600)]
        kills = 0
        done = threading.Event()

        def kill_now_and_then() -> None:
            nonlocal kills
            chance = random.Random(5)
            while not done.wait(chance.uniform(0.1, 0.3)):
                for worker in multiprocessing.active_children()[:1]:
                    assert worker.pid is not None
                    os.kill(worker.pid, signal.SIGKILL)
                    kills += 1

        thread = threading.Thread(target=kill_now_and_then)
        thread.start()
        try:
            packed = extract_pages(iter(pages), 600, RunSettings(extract=EXTRACT), 2)
            results = [unpack_result(one) for one in packed]
        finally:
            done.set()
            thread.join()
        assert kills > 0
        assert [result.path for result in results] == [page.path for page in pages]
        # A page that was alone with its worker twice when it was killed may be taken for the cause.
        rejects = [result.reject for result in results if result.reject]
        assert all("SIGKILL" in reject.message for reject in rejects)
        assert len(rejects) <= kills / 2

    def test_workers_that_cant_start_end_the_run(self) -> None:
        with pytest.raises(EngineError, match="no_such_module"):
            extract("# a", extract="no_such_module:extract")

    def test_workers_that_die_at_their_start_end_the_run(self) -> None:
        with pytest.raises(EngineError, match="exit code 7"):
            extract("# a", extract="bad_pages:start")

    def test_closing_stops_them_in_the_middle_of_a_page(self) -> None:
        pages = [make_page(0, "# a"), make_page(1, "!stuck"), make_page(2, "!swallow")]
        results = extract_pages(
            iter(pages), 3, RunSettings(PageOptions(time_limit=600), extract=EXTRACT), 3
        )
        next(results)
        results.close()
        assert multiprocessing.active_children() == []
