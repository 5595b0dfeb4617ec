"""Measure the reading of labels on two collections of cases, page by page.

One collection lies beside this project and may be missing; the other is its own,
of the same form: a page, the (term, description) pairs it holds, and whether it
is a positive or a negative.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from extractor.model import (
    Block,
    Definitions,
    Document,
    Item,
    List,
    Quote,
    Table,
    iter_blocks,
)
from extractor.pipeline import extract

TESTS = Path(__file__).parent
COLLECTIONS = {
    "own": TESTS / "cases" / "labels.jsonl",
    "shared": TESTS.parent.parent / "shared" / "cases" / "labels.jsonl",
}
WANTED_F1 = 1.0

Pair = tuple[str, str]


def read_collection(name: str) -> list[dict[str, Any]]:
    path = COLLECTIONS[name]
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]


def find_items(blocks: list[Block]) -> Iterator[Item]:
    for block in iter_blocks(blocks):
        if isinstance(block, List | Definitions):
            yield from block.items


def read_description(item: Item) -> str:
    """Give an item's text, or the text of what stands under it in its place."""
    if item.text or any(nested.term is not None for nested in find_items(item.blocks)):
        return item.text
    return " ".join(text for block in item.blocks for text in read_texts(block))


def read_texts(block: Block) -> Iterator[str]:
    match block:
        case List() | Definitions():
            for item in block.items:
                yield item.text
                for nested in item.blocks:
                    yield from read_texts(nested)
        case Quote():
            for nested in block.blocks:
                yield from read_texts(nested)
        case Table():
            yield from (cell for row in (block.columns, *block.rows) for cell in row)
        case _:
            yield getattr(block, "text", "")


def collect_pairs(document: Document, repeated: Collection[str] = ()) -> list[Pair]:
    """Collect the pairs of a page.

    Args:
        document: The page.
        repeated: Terms with several definitions, which are one entry: the others are its blocks.
    """
    blocks = [block for section in document.sections for block in section.blocks]
    return [
        (join_spaces(item.term), join_spaces(description))
        for item in find_items(blocks)
        if item.term is not None
        for description in (
            read_description(item),
            *(text for block in item.blocks for text in read_texts(block) if item.term in repeated),
        )
        if description
    ]


def join_spaces(text: str) -> str:
    return " ".join(text.split())


def only_words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def read_page(case: dict[str, Any]) -> list[Pair]:
    """Extract a case's page; mojibake is expected as it stands there."""
    repair = not case["id"].startswith("moj-")
    terms = Counter(pair["term"] for pair in case["expect"])
    document = extract(case["markdown"], f"{case['id']}.md", repair=repair)
    return collect_pairs(document, [term for term, count in terms.items() if count > 1])


def count_hits(case: dict[str, Any], found: list[Pair]) -> int:
    """Count the expected pairs that were found; `loose` ones by their words alone."""
    rest = Counter(found)
    hits = 0
    for expected in case["expect"]:
        wanted = join_spaces(expected["term"]), join_spaces(expected["description"])
        if expected.get("match") == "loose":
            words = tuple(map(only_words, wanted))
            wanted = next((p for p in rest if tuple(map(only_words, p)) == words), wanted)
        if rest[wanted]:
            rest[wanted] -= 1
            hits += 1
    return hits


@pytest.mark.parametrize("name", COLLECTIONS)
def test_pairs_are_found(name: str) -> None:
    hits = found_count = expected_count = 0
    misses = []
    for case in read_collection(name):
        found = read_page(case)
        hit = count_hits(case, found)
        hits, found_count = hits + hit, found_count + len(found)
        expected_count += len(case["expect"])
        if hit < max(len(found), len(case["expect"])):
            misses.append(f"{case['id']} ({case['note']}): {case['markdown']!r} gave {found}")
    f1 = 2 * hits / (found_count + expected_count)
    assert f1 >= WANTED_F1, f"F1 {f1:.4f}\n" + "\n".join(misses)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_no_negative_gives_a_pair(name: str) -> None:
    negatives = [case for case in read_collection(name) if case["kind"] == "negative"]
    assert negatives
    wrong = {case["id"]: pairs for case in negatives if (pairs := read_page(case))}
    assert wrong == {}


def test_the_own_cases_are_many_and_unique() -> None:
    cases = read_collection("own")
    assert len(cases) >= 150
    assert len({case["id"] for case in cases}) == len(cases)
    assert len({case["markdown"] for case in cases}) == len(cases)
    assert len({case["lang"] for case in cases}) >= 10


def test_a_wrong_pair_would_be_seen() -> None:
    case = {"expect": [{"term": "A", "description": "b"}]}
    assert count_hits(case, [("A", "b")]) == 1
    assert count_hits(case, [("A", "c")]) == 0
    loose = {"expect": [{"term": "A", "description": "b, c", "match": "loose"}]}
    assert count_hits(loose, [("A", "b c")]) == 1
