"""Differences in meaning: what is found, what is passed over, how it is shown."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import mistune
import msgspec
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor import extract
from extractor.cli.diff import command, print_colours
from extractor.diff import (
    Change,
    ComparedPage,
    DocumentDiff,
    SideError,
    compare_documents,
    compare_sides,
    open_side,
    start_counts,
)
from extractor.diff.changes import Counts, Place, Segment
from extractor.diff.compare.documents import compare_records
from extractor.diff.compare.matching import Matching, align, find_increasing
from extractor.diff.compare.meaning import reduce_meaning, reduce_value
from extractor.diff.compare.values import compare_values
from extractor.diff.compare.words import mark_words
from extractor.diff.render.markdown import render_markdown
from extractor.diff.render.text import list_lines, render_changes, render_text
from extractor.model import Document, Section

PAGE = """---
title: Light therapy
tags: [skin, light]
sessions: {min: 3, max: 7}
---

# Light therapy

A calm treatment for tired skin.

## Indications

**Acne:** Light pulses calm the inflamed glands.

**Wrinkles:** The skin builds new collagen by itself.

**Scars:** Pulses make the skin smoother and firmer.

## Steps

1. Put the gel on the skin.
2. Send the light pulses.
3. Wipe the gel off again.

## Prices

| Zone | Price |
| ---- | ----- |
| Face | 90    |
| Neck | 60    |

> Results show after the third session.

See [the guide](https://example.org/guide).
"""


def read(markdown: str) -> Document:
    return extract(markdown, "page.md")


def compare(old: str, new: str) -> list[Change]:
    return compare_documents(read(old), read(new))


def edit(before: str, after: str, page: str = PAGE) -> list[Change]:
    """Compare the page with itself after one edit."""
    assert before in page
    return compare(page, page.replace(before, after))


def sum_up(changes: list[Change]) -> list[tuple[str, str, str | None]]:
    return [(change.kind, change.what, change.field) for change in changes]


def only(changes: list[Change]) -> Change:
    assert len(changes) == 1, sum_up(changes)
    return changes[0]


def marks(change: Change) -> list[tuple[str, str]]:
    return [(segment.op, segment.text) for segment in change.segments]


# --- what is no difference ------------------------------------------------------------


def test_same_page_has_no_changes() -> None:
    assert compare(PAGE, PAGE) == []


@pytest.mark.parametrize(
    "other",
    [
        PAGE.replace("\n\n", "\n\n\n"),
        PAGE.replace("\n", "\r\n"),
        PAGE.replace("**Acne:**", "__Acne__:"),
        PAGE.replace("tags: [skin, light]\n", "").replace(
            "---\n\n#", "tags:\n- skin\n- light\n---\n\n#"
        ),
        PAGE.replace("tired skin", "tired\nskin"),
    ],
    ids=["blank lines", "line ends", "markers", "key order", "wrapping"],
)
def test_places_and_markup_are_no_meaning(other: str) -> None:
    assert compare(PAGE, other) == []


def test_whole_floats_are_integers() -> None:
    assert list(compare_values({"a": 1, "b": [2.0]}, {"a": 1.0, "b": [2]})) == []
    assert len(list(compare_values({"a": 1}, {"a": True}))) == 1
    assert len(list(compare_values({"a": 1}, {"a": "1"}))) == 1


# --- title and metadata ---------------------------------------------------------------


def test_title_and_its_source_are_two_fields() -> None:
    changes = edit("title: Light therapy", "title: Light cure")
    assert sum_up(changes) == [("changed", "title", "title"), ("changed", "metadata", None)]
    assert marks(changes[0]) == [("same", "Light "), ("removed", "therapy"), ("added", "cure")]


def test_metadata_differs_by_pointer() -> None:
    change = only(edit("max: 7", "max: 8"))
    assert (change.name, change.before, change.after) == ("sessions.max", 7, 8)
    assert change.old == change.new == Place("/metadata/sessions/max", None)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {}, [("removed", "/a", None)]),
        ({}, {"a/b": 1}, [("added", None, "/a~1b")]),
        ([1, 2, 3], [1, 3], [("removed", "/1", None)]),
        (["a", "b"], ["a", "x", "b"], [("added", None, "/1")]),
        (["a", "b", "c"], ["c", "a", "b"], [("reordered", "", "")]),
        (["a", "b"], ["a", "c"], [("changed", "/1", "/1")]),
        (
            [{"term": "A", "text": "x"}, {"term": "B", "text": "y"}],
            [{"term": "N"}, {"term": "A", "text": "x"}, {"term": "B", "text": "z"}],
            [("added", None, "/0"), ("changed", "/1/text", "/2/text")],
        ),
        ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 2}]}}, [("changed", "/a/b/0/c", "/a/b/0/c")]),
        ({"a": [1]}, {"a": {"0": 1}}, [("changed", "/a", "/a")]),
    ],
)
def test_values_differ_where_they_differ(old: Any, new: Any, expected: list[Any]) -> None:
    assert [(c.kind, c.old, c.new) for c in compare_values(old, new)] == expected


# --- sections -------------------------------------------------------------------------


def test_renamed_section() -> None:
    change = only(edit("## Prices", "## Price list"))
    assert (change.kind, change.what, change.field) == ("renamed", "section", "heading")
    assert (change.before, change.after, change.section) == ("Prices", "Price list", "price-list")


def test_section_renamed_and_edited_is_still_the_same_section() -> None:
    page = PAGE.replace("## Steps", "## How it goes").replace("Wipe the gel off", "Take it off")
    assert sum_up(compare(PAGE, page)) == [
        ("renamed", "section", "heading"),
        ("changed", "item", "text"),
    ]


def test_reworded_title_heading_moves_nothing() -> None:
    assert sum_up(edit("# Light therapy\n", "# Light, the therapy\n")) == [
        ("renamed", "section", "heading")
    ]


def test_added_section_tells_its_blocks() -> None:
    changes = edit("## Prices", "## After care\n\nAvoid the sun for two weeks.\n\n## Prices")
    assert sum_up(changes) == [("added", "section", None), ("added", "paragraph", None)]
    assert changes[1].after == "Avoid the sun for two weeks."
    assert changes[1].new == Place("/sections/3/blocks/0", 27)
    assert changes[1].old is None


def test_removed_section() -> None:
    start, end = PAGE.index("## Steps"), PAGE.index("## Prices")
    changes = compare(PAGE, PAGE[:start] + PAGE[end:])
    assert sum_up(changes) == [("removed", "section", None), ("removed", "list", None)]
    assert changes[1].before.splitlines()[0] == "Put the gel on the skin."


def test_section_moved_among_its_siblings() -> None:
    start, end = PAGE.index("## Steps"), PAGE.index("## Prices")
    page = PAGE[:start] + PAGE[end:] + "\n" + PAGE[start:end]
    change = only(compare(PAGE, page))
    assert (change.kind, change.what, change.name) == ("moved", "section", "Prices")
    assert (change.before, change.after) == (3, 2)


def test_section_moved_under_another_parent() -> None:
    page = PAGE.replace("## Prices", "### Prices")
    changes = compare(PAGE, page)
    assert sum_up(changes) == [("moved", "section", "parent")]
    assert (changes[0].before, changes[0].after) == (None, "Steps")


def test_retyped_section() -> None:
    assert sum_up(edit("## Indications", "## Which indications?")) == [
        ("renamed", "section", "heading"),
        ("retyped", "section", "type"),
    ]


def test_repeated_headings_are_told_apart_by_content() -> None:
    old = "# Log\n\n## 1.0\n\n### Fixed\n\nThe gate no longer squeaks.\n\n"
    new = "# Log\n\n## 1.1\n\n### Fixed\n\nThe roof is tight again at last.\n\n" + old[7:]
    changes = compare(old, new)
    assert sum_up(changes) == [
        ("added", "section", None),
        ("added", "section", None),
        ("added", "paragraph", None),
        ("changed", "section", "id"),
    ]
    assert [change.name for change in changes[:2]] == ["1.1", "1.1 › Fixed"]


def test_lost_heading_moves_its_blocks_to_the_section_before() -> None:
    changes = edit("## Prices\n\n", "")
    assert ("removed", "section", None) in sum_up(changes)
    assert {c.kind for c in changes if c.what != "section"} == {"moved"}


# --- blocks, items, cells -------------------------------------------------------------


def test_changed_paragraph_is_marked_by_words() -> None:
    change = only(edit("calm treatment", "quick, gentle treatment"))
    assert (change.what, change.field) == ("paragraph", "text")
    assert marks(change)[:3] == [("same", "A "), ("removed", "calm"), ("added", "quick, gentle")]


def test_definition_is_found_by_its_term() -> None:
    change = only(edit("calm the inflamed glands", "heal everything there is in no time"))
    assert (change.what, change.name, change.field) == (
        "definition",
        "Indications › Acne",
        "text",
    )
    assert change.new == Place("/sections/1/blocks/0/items/0/text", 13)


def test_definition_with_another_term_is_found_by_its_text() -> None:
    change = only(edit("**Acne:**", "**Post-acne:**"))
    assert (change.kind, change.field, change.before) == ("renamed", "term", "Acne")


def test_removed_and_added_definition() -> None:
    scars = "**Scars:** Pulses make the skin smoother and firmer.\n\n"
    assert only(edit(scars, "")).before == "Scars: Pulses make the skin smoother and firmer."
    freckles = "**Freckles:** They fade.\n\n"
    assert only(edit(scars, scars + freckles)).after == "Freckles: They fade."


def test_reordered_items_are_one_change() -> None:
    change = only(
        edit(
            "1. Put the gel on the skin.\n2. Send the light pulses.\n3. Wipe the gel off again.",
            "1. Wipe the gel off again.\n2. Put the gel on the skin.\n3. Send the light pulses.",
        )
    )
    assert (change.kind, change.what, change.after) == (
        "reordered",
        "item",
        ["Wipe the gel off again."],
    )


def test_item_that_went_to_another_list_has_moved() -> None:
    old = "## A\n\n- One long item\n- Two long items\n\n## B\n\n- Three long items\n"
    new = "## A\n\n- Two long items\n\n## B\n\n- Three long items\n- One long item\n"
    change = only(compare(old, new))
    assert (change.kind, change.before, change.after) == (
        "moved",
        "A › One long item",
        "B › One long item",
    )
    assert change.old == Place("/sections/0/blocks/0/items/0", 3)


def test_block_of_another_type() -> None:
    old, new = "- Acne\n- Scars and more\n", "- **Acne:** yes\n- **Scars and more:** no\n"
    assert sum_up(compare(old, new))[:2] == [
        ("retyped", "section", "type"),
        ("retyped", "definitions", "type"),
    ]


def test_nested_items_and_task_boxes() -> None:
    old = "- [ ] Pack\n  - The blue bag\n- [x] Go\n"
    changes = compare(old, old.replace("[ ]", "[x]").replace("blue", "green"))
    assert sum_up(changes) == [("changed", "item", "checked"), ("changed", "item", "text")]
    assert changes[1].name == "preamble › Pack › The green bag"


def test_cell() -> None:
    change = only(edit("| 60 ", "| 65 "))
    assert (change.what, change.name) == ("cell", "Prices › Neck › Price")
    assert change.new == Place("/sections/3/blocks/0/rows/1/1", 27)


def test_new_column_is_one_change() -> None:
    changes = edit(
        "| Zone | Price |\n| ---- | ----- |\n| Face | 90    |\n| Neck | 60    |",
        "| Zone | Time | Price |\n| - | - | -: |\n| Face | 1 h | 90 |\n| Neck | 2 h | 60 |",
    )
    assert sum_up(changes) == [("added", "column", None), ("changed", "column", None)]


def test_rows_added_removed_reordered() -> None:
    old = "| a | b |\n| - | - |\n| one | 1 |\n| two | 2 |\n| three | 3 |\n"
    new = "| a | b |\n| - | - |\n| three | 3 |\n| one | 1 |\n| four | 44 |\n"
    assert sum_up(compare(old, new)) == [
        ("removed", "row", None),
        ("added", "row", None),
        ("reordered", "row", "rows"),
    ]


def test_link_target() -> None:
    change = only(edit("example.org/guide", "example.org/manual"))
    assert (change.what, change.field) == ("link", "url")
    assert change.name.endswith("the guide")


def test_diagnostics_new_and_gone() -> None:
    change = only(edit("**Acne:**", "\\*\\*Acne:\\*\\*"))
    assert (change.kind, change.what, change.name) == (
        "added",
        "diagnostic",
        "EX203 escaped-label",
    )
    assert change.new == Place("/diagnostics/0", 13)


# --- records --------------------------------------------------------------------------


def test_records_differ_by_pointer_and_say_the_line() -> None:
    old = {
        "record": {"steps": ["a", "b"], "min": 3},
        "sources": {"/steps/1": {"line": 7, "end_line": 7, "start": 1, "end": 2}},
        "errors": [{"pointer": "/min", "message": "too small", "line": 4}],
    }
    new = {"record": {"steps": ["a", "c"], "min": 3}, "sources": {"/steps": {"line": 9}}}
    changes = compare_records("treatment", old, new)
    assert sum_up(changes) == [("changed", "record", None), ("removed", "error", None)]
    assert (changes[0].old, changes[0].new) == (Place("/steps/1", 7), Place("/steps/1", 9))
    assert {change.schema for change in changes} == {"treatment"}


# --- laws -----------------------------------------------------------------------------

WORDS = st.lists(st.sampled_from(["red", "fox", "runs", "far", "日本", "é", "3-7", "\n", " "]))
TEXTS = WORDS.map(" ".join)
HEADS = st.sampled_from(["Red", "Fox", "Runs far", "Notes", "Why?"])
LINES = st.one_of(
    st.tuples(st.sampled_from(["# ", "## ", "### "]), HEADS).map("".join),
    st.tuples(
        st.sampled_from(["", "- ", "1. ", "> ", "  - ", "**A:** ", "- **B:** ", "[l](u) "]),
        st.sampled_from(["red fox", "fox runs far", "runs", "a red fox runs"]),
    ).map("".join),
    st.sampled_from(
        [
            "---",
            "```\ncode\n```",
            "| a | b |\n| - | - |\n| 1 | 2 |",
            "| a |\n| - |\n| 2 |",
            "![x](y)",
        ]
    ),
)
PAGES = st.lists(LINES, max_size=8).map("\n\n".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)


def mean(document: Document) -> Any:
    """All of a document that is meaning."""
    sections = [
        (s.id, s.level, s.heading, s.parent, s.type, reduce_meaning(s)) for s in document.sections
    ]
    diagnostics = sorted(msgspec.json.encode(set_span_aside(d)) for d in document.diagnostics)
    return document.title, reduce_value(document.metadata), sections, diagnostics


def set_span_aside(diagnostic: Any) -> Any:
    return msgspec.structs.replace(diagnostic, span=None, pointer=None)


@settings(max_examples=150, deadline=None)
@given(PAGES, PAGES)
def test_there_are_changes_exactly_where_meaning_differs(old: str, new: str) -> None:
    before, after = read(old), read(new)
    assert compare_documents(before, before) == []
    assert bool(compare_documents(before, after)) == (mean(before) != mean(after))


@settings(max_examples=150, deadline=None)
@given(PAGES, PAGES)
def test_places_point_at_what_they_name(old: str, new: str) -> None:
    sides = [msgspec.json.decode(read(page).to_json()) for page in (old, new)]
    for change in compare(old, new):
        values = [change.before, change.after]
        for place, side, value in zip((change.old, change.new), sides, values, strict=True):
            if place is not None:
                found = resolve(side, place.pointer)
                if change.field and change.kind in ("changed", "renamed", "retyped"):
                    assert found == value


def resolve(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS)
def test_segments_spell_both_texts(before: str, after: str) -> None:
    segments = mark_words(before, after)
    assert "".join(s.text for s in segments if s.op != "added") == before
    assert "".join(s.text for s in segments if s.op != "removed") == after
    assert all(s.text for s in segments)


@settings(max_examples=200, deadline=None)
@given(JSON, JSON)
def test_values_are_the_same_or_have_changes(old: Any, new: Any) -> None:
    changes = list(compare_values(old, new))
    assert bool(changes) == (reduce_value(old) != reduce_value(new))
    for change in changes:
        if change.old is not None and change.kind != "reordered":
            assert resolve(old, change.old) == change.before
        if change.new is not None and change.kind != "reordered":
            assert resolve(new, change.new) == change.after


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 4)), st.lists(st.integers(0, 4)))
def test_alignment_never_crosses(old: list[int], new: list[int]) -> None:
    pairs = align(old, new)
    assert all(old[i] == new[j] for i, j in pairs)
    for (a, b), (c, d) in pairwise(pairs):
        assert a < c
        assert b < d


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(9)))
def test_longest_increasing_subsequence(values: list[int]) -> None:
    best = [1] * len(values)
    for k in range(len(values)):
        best[k] += max((best[m] for m in range(k) if values[m] < values[k]), default=0)
    found = [values[k] for k in find_increasing(values)]
    assert found == sorted(found)
    assert len(found) == max(best)


def test_scripts_without_spaces_are_marked_by_character() -> None:
    segments = mark_words("水を加える。", "湯を加える。")
    assert [(s.op, s.text) for s in segments] == [
        ("removed", "水"),
        ("added", "湯"),
        ("same", "を加える。"),
    ]


def test_texts_with_little_in_common_are_not_torn_up() -> None:
    segments = mark_words("one two three four a", "five six seven eight a")
    assert [s.op for s in segments] == ["removed", "added"]


# --- long lists: count the work, not the time -----------------------------------------


class Counted(str):
    """A string that counts how often it is compared."""

    comparisons = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Counted.comparisons += 1
        return str.__eq__(self, str(other))


@pytest.mark.parametrize("shape", ["same", "shuffled", "reversed", "inserted", "equal"])
def test_alignment_of_long_lists_is_near_linear(shape: str) -> None:
    size = 10_000
    old = [Counted("x" if shape == "equal" else f"entry {k}") for k in range(size)]
    new = [Counted(str(entry)) for entry in old]
    if shape == "shuffled":
        random.Random(4).shuffle(new)
    elif shape == "reversed":
        new.reverse()
    elif shape == "inserted":
        new.insert(size // 2, Counted("a new entry"))
    Counted.comparisons = 0
    matching = Matching(len(old), len(new))
    matching.pair_in_order(old, new)
    matching.pair_equal(old, new)
    assert Counted.comparisons < 60 * size
    assert None not in matching.new_of


def test_ten_thousand_items_with_one_change() -> None:
    items = [f"- Entry number {k} of the list\n" for k in range(10_000)]
    old = read("".join(items))
    items[5_000] = "- Entry number 5000 of this list\n"
    items.insert(7_000, "- Something else entirely\n")
    changes = compare_documents(old, read("".join(items)))
    assert sum_up(changes) == [("changed", "item", "text"), ("added", "item", None)]


# --- sides and pairs ------------------------------------------------------------------


def write_outputs(
    folder: Path,
    pages: dict[str, str],
    *,
    lines: bool = False,
    rejects: tuple[dict[str, Any], ...] = (),
    records: dict[str, list[dict[str, Any]]] | None = None,
) -> Path:
    """Write an output folder as the contract describes it."""
    documents = {path: extract(text, path).to_json() for path, text in pages.items()}
    folder.mkdir(parents=True)
    if lines:
        rows = [documents[path] + "\n" for path in sorted(documents)]
        (folder / "documents.jsonl").write_text("".join(rows), encoding="utf-8")
    for path, text in documents.items() if not lines else ():
        file = folder / "documents" / f"{path}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (folder / "rejects.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rejects))
    for schema, rows_of in (records or {}).items():
        (folder / "records").mkdir(exist_ok=True)
        text = "".join(json.dumps(row) + "\n" for row in rows_of)
        (folder / "records" / f"{schema}.jsonl").write_text(text)
    return folder


def write_pages(folder: Path, pages: dict[str, str]) -> Path:
    for path, text in pages.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    return folder


def list_kinds(old: Path, new: Path) -> list[tuple[str, str, str | None, int]]:
    pages = compare_sides(open_side(str(old)), open_side(str(new)))
    diffs = [page.diff for page in pages]
    return [(diff.kind, diff.path, diff.old_path, len(diff.changes)) for diff in diffs]


SOUP = "# Soup\n\nA soup for four.\n\n1. Cut the onions.\n2. Boil the water.\n3. Serve it hot.\n"
PAGES_OLD = {
    "a/light.md": PAGE,
    "gone.md": "# Gone\n\nThis will not be here.\n",
    "soup.md": SOUP,
    "z.md": "Z stays as it is.\n",
}
PAGES_NEW = {
    "a/light.md": PAGE.replace("60 ", "70 "),
    "food/soup.md": SOUP.replace("four", "six"),
    "new.md": "# New\n\nThis is the first time.\n",
    "z.md": "Z stays as it is.\n",
}
EXPECTED = [
    ("changed", "a/light.md", None, 1),
    ("renamed", "food/soup.md", "soup.md", 1),
    ("removed", "gone.md", None, 0),
    ("added", "new.md", None, 0),
    ("same", "z.md", None, 0),
]


@pytest.mark.parametrize("old_lines", [False, True])
@pytest.mark.parametrize("new_lines", [False, True])
def test_output_folders(tmp_path: Path, old_lines: bool, new_lines: bool) -> None:
    old = write_outputs(tmp_path / "old", PAGES_OLD, lines=old_lines)
    new = write_outputs(tmp_path / "new", PAGES_NEW, lines=new_lines)
    assert list_kinds(old, new) == EXPECTED


def test_files_of_documents(tmp_path: Path) -> None:
    old = write_outputs(tmp_path / "old", PAGES_OLD, lines=True) / "documents.jsonl"
    new = write_outputs(tmp_path / "new", PAGES_NEW, lines=True) / "documents.jsonl"
    assert list_kinds(old, new) == EXPECTED


def test_lines_need_not_be_sorted(tmp_path: Path) -> None:
    old = write_outputs(tmp_path / "old", PAGES_OLD, lines=True) / "documents.jsonl"
    rows = old.read_bytes().splitlines(keepends=True)
    old.write_bytes(b"".join(reversed(rows)))
    new = write_outputs(tmp_path / "new", PAGES_NEW, lines=True) / "documents.jsonl"
    assert list_kinds(old, new) == EXPECTED


def test_pages_against_their_accepted_outputs(tmp_path: Path) -> None:
    old = write_outputs(tmp_path / "old", PAGES_OLD)
    new = write_pages(tmp_path / "new", PAGES_NEW)
    assert list_kinds(old, new) == EXPECTED
    assert list_kinds(old, write_pages(tmp_path / "same", PAGES_OLD)) == [
        ("same", path, None, 0) for path in sorted(PAGES_OLD)
    ]


def test_folder_of_accepted_documents(tmp_path: Path) -> None:
    old = write_outputs(tmp_path / "old", PAGES_OLD) / "documents"
    assert list_kinds(old, write_pages(tmp_path / "new", PAGES_NEW)) == EXPECTED


def test_page_against_its_document_whatever_their_paths(tmp_path: Path) -> None:
    old = write_outputs(tmp_path / "old", {"a/b/soup.md": SOUP}) / "documents/a/b/soup.md.json"
    new = write_pages(tmp_path / "new", {"soup.md": SOUP}) / "soup.md"
    assert [kind for kind, *_ in list_kinds(old, new)] == ["same"]
    new.write_text(SOUP.replace("four", "six"))
    assert [kind for kind, *_ in list_kinds(old, new)] == ["changed"]


def test_same_content_prefers_the_same_file_name(tmp_path: Path) -> None:
    old = write_pages(tmp_path / "old", {"en/a.md": SOUP, "en/b.md": SOUP})
    new = write_pages(tmp_path / "new", {"x/b.md": SOUP, "x/a.md": SOUP})
    assert list_kinds(old, new) == [
        ("renamed", "x/a.md", "en/a.md", 0),
        ("renamed", "x/b.md", "en/b.md", 0),
    ]


def test_pages_without_words_are_never_renamed(tmp_path: Path) -> None:
    old = write_pages(tmp_path / "old", {"a.md": "", "b.md": "---\nx: 1\n---\n"})
    new = write_pages(tmp_path / "new", {"c.md": ""})
    assert [kind for kind, *_ in list_kinds(old, new)] == ["removed", "removed", "added"]


def test_rejected_page(tmp_path: Path) -> None:
    broken = "---\na: [\n---\n"
    old = write_outputs(tmp_path / "old", {"a.md": SOUP})
    new = write_pages(tmp_path / "new", {"a.md": broken})
    pages = list(compare_sides(open_side(str(old)), open_side(str(new))))
    assert pages[0].diff.kind == "removed"
    change = only(pages[0].diff.changes)
    assert (change.kind, change.what, change.name) == ("added", "reject", "invalid-front-matter")
    assert list_kinds(new, new) == [("same", "a.md", None, 0)]
    known = write_outputs(
        tmp_path / "known",
        {},
        rejects=({"path": "a.md", "rule": "undecodable-bytes", "message": "No.", "line": None},),
    )
    assert list_kinds(known, new) == [("changed", "a.md", None, 1)]


def test_what_only_one_side_can_know_is_no_difference(tmp_path: Path) -> None:
    reject = {"path": "b.md", "rule": "undecodable-bytes", "message": "No.", "line": None}
    record = {"path": "a.md", "schema": "s", "record": {}, "sources": {}, "errors": []}
    full = write_outputs(
        tmp_path / "o", {"a.md": SOUP}, lines=True, rejects=(reject,), records={"s": [record]}
    )
    assert list_kinds(full, full / "documents.jsonl") == [("same", "a.md", None, 0)]


def test_records_of_two_runs(tmp_path: Path) -> None:
    def row(value: Any) -> dict[str, Any]:
        return {"path": "a.md", "schema": "s", "record": value, "sources": {}, "errors": []}

    old = write_outputs(tmp_path / "old", {"a.md": SOUP}, records={"s": [row({"n": 4})]})
    new = write_outputs(tmp_path / "new", {"a.md": SOUP}, records={"s": [row({"n": 6})]})
    assert list_kinds(old, new) == [("changed", "a.md", None, 1)]
    assert list_kinds(old / "records/s.jsonl", new / "records/s.jsonl") == [
        ("changed", "a.md", None, 1)
    ]


@pytest.mark.slow
def test_memory_grows_by_an_index_entry_a_page(tmp_path: Path) -> None:
    def measure(number: int) -> int:
        folder = tmp_path / str(number)
        # Long words, since what is measured are bytes, and words are what takes time.
        text = ("word" * 24 + " ") * 100
        pages = {f"p{k:03}.md": f"# P {k}\n\n{text}" for k in range(number)}
        old = write_outputs(folder / "old", pages, lines=True)
        new = write_outputs(folder / "new", {p: t + "x" for p, t in pages.items()}, lines=True)
        tracemalloc.start()
        assert sum(page.diff.kind == "changed" for page in open_pair(old, new)) == number
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    measure(5)
    assert measure(30) - measure(10) < 20 * 2_000  # Each page has 10,000 bytes on each side.


def open_pair(old: Path, new: Path) -> Iterator[ComparedPage]:
    return compare_sides(open_side(str(old)), open_side(str(new)))


# --- wrong usage ----------------------------------------------------------------------


def test_errors_say_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.jsonl").write_text('{"schema": "document/1"}\n')
    (tmp_path / "bad.json").write_text("[1]")
    (tmp_path / "twice.jsonl").write_text((extract("x", "a.md").to_json() + "\n") * 2)
    for name, message in {
        "empty": "neither documents",
        "missing": "no such file",
        "bad.jsonl": r"bad\.jsonl:1: ",
        "bad.json": "bad.json: ",
        "twice.jsonl": "a.md is there twice",
    }.items():
        with pytest.raises(SideError, match=message):
            open_side(str(tmp_path / name))


def test_damaged_document_is_named(tmp_path: Path) -> None:
    text = extract("x", "a.md").to_json().replace('"sections"', '"sessions"')
    (tmp_path / "d.jsonl").write_text(text + "\n")
    with pytest.raises(SideError, match=r"a\.md: not a document"):
        list(open_pair(tmp_path / "d.jsonl", write_pages(tmp_path / "p", {"a.md": "y"})))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_exit_codes(tmp_path: Path) -> None:
    old = write_pages(tmp_path / "old", PAGES_OLD)
    new = write_pages(tmp_path / "new", PAGES_NEW)
    assert run(old, old).exit_code == 0
    assert run(old, new).exit_code == 1
    for arguments in [(old,), (old, tmp_path / "no"), (old, new / "z.md")]:
        result = run(*arguments)
        assert result.exit_code == 2
        assert "Error: " in result.output
    assert run(old, new, "--format", "xml").exit_code == 2


def test_pages_are_read_by_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = write_pages(tmp_path / "pages", {"a.md": "\\*\\*A:\\*\\* b\n"})
    plain = extract("\\*\\*A:\\*\\* b\n", "a.md", repair=False).to_json()
    (tmp_path / "plain.json").write_text(plain, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run("plain.json", pages / "a.md").exit_code == 1
    (tmp_path / "extractor.toml").write_text("[[overrides]]\npaths = ['other/']\nrepair = false\n")
    assert run("plain.json", pages / "a.md").exit_code == 1
    (tmp_path / "extractor.toml").write_text("[[overrides]]\npaths = ['pages/']\nrepair = false\n")
    assert run("plain.json", pages / "a.md").exit_code == 0


# --- renderings -----------------------------------------------------------------------

EVIL = (
    "# Ev\u202eil\n\nHello @team \x1b[31m \\<script>alert(1)\\</script> #12 <img src=x> **b** "
    "</code> ``` | fixes #3 ![i](https://example.org/i.png)\n\n- [ ] box\n"
)


def diffs_of(old: dict[str, str], new: dict[str, str], folder: Path) -> Iterator[DocumentDiff]:
    before, after = write_pages(folder / "old", old), write_pages(folder / "new", new)
    return (page.diff for page in open_pair(before, after))


def test_text(tmp_path: Path) -> None:
    lines = list(render_text(diffs_of(PAGES_OLD, PAGES_NEW, tmp_path), start_counts()))
    assert lines == [
        "a/light.md  changed  Light therapy",
        "  ~ cell Prices › Neck › Price: [-60-]{+70+}  (line 27)",
        "",
        "food/soup.md  renamed from soup.md  Soup",
        "  ~ paragraph text Soup: A soup for [-four-]{+six+}.  (line 3)",
        "",
        "gone.md  removed  Gone",
        "",
        "new.md  added  New",
        "",
        "1 page changed, 1 added, 1 removed, 1 renamed, 1 the same",
        "1 cell changed, 1 paragraph changed",
    ]


def test_text_shows_control_characters(tmp_path: Path) -> None:
    diffs = diffs_of({"e.md": "# Evil\n\nHello.\n"}, {"e.md": EVIL}, tmp_path)
    text = "\n".join(render_text(diffs, start_counts()))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[31m" in text


def test_colours_on_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    diffs = list(diffs_of({"e.md": "# Evil\n\nHello.\n"}, {"e.md": EVIL}, tmp_path))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    print_colours(iter(diffs), start_counts())
    shown = capsys.readouterr().out
    assert "\x1b[" in shown
    assert "\\x1b[31m" in shown
    assert "[-" not in shown
    monkeypatch.setenv("NO_COLOR", "1")
    print_colours(iter(diffs), start_counts())
    assert capsys.readouterr().out.splitlines() == list(render_text(diffs, start_counts()))


def test_changes_of_one_page_as_text() -> None:
    assert render_changes(edit("max: 7", "max: 8")) == "  ~ metadata sessions.max: [-7-] → {+8+}"


def test_every_style_is_known(tmp_path: Path) -> None:
    from rich.style import Style

    from extractor.diff.render.text import STYLES

    for line in list_lines(diffs_of(PAGES_OLD, PAGES_NEW, tmp_path), start_counts()):
        for piece in line:
            Style.parse(STYLES[piece.style])


class Report(msgspec.Struct, forbid_unknown_fields=True):
    """What ``--format json`` promises."""

    schema: str
    old: str
    new: str
    documents: list[DocumentDiff]
    counts: Counts


def test_json(tmp_path: Path) -> None:
    old = write_pages(tmp_path / "old", PAGES_OLD)
    new = write_pages(tmp_path / "new", PAGES_NEW)
    report = msgspec.json.decode(run(old, new, "--format", "json").stdout, type=Report)
    assert report.schema == "diff/1"
    assert [diff.kind for diff in report.documents] == ["changed", "renamed", "removed", "added"]
    assert report.counts.documents == dict.fromkeys(
        ("same", "changed", "added", "removed", "renamed"), 1
    )
    assert report.counts.changes == {"cell": {"changed": 1}, "paragraph": {"changed": 1}}
    assert (
        msgspec.json.decode(run(old, old, "--format", "json").stdout, type=Report).documents == []
    )


def test_html(tmp_path: Path) -> None:
    old = write_pages(tmp_path / "old", PAGES_OLD)
    new = write_pages(tmp_path / "new", PAGES_NEW)
    result = run(old, new, "--format", "html")
    assert result.exit_code == 1
    assert result.stdout.startswith("<!doctype html>")
    assert result.stdout.endswith("</html>\n")
    assert run(old, old, "--format", "html").exit_code == 0


def test_json_is_described() -> None:
    page = Path(__file__).parent.parent / "docs" / "diff.md"
    text = page.read_text(encoding="utf-8")
    for struct in (Report, DocumentDiff, Change, Place, Segment, Counts):
        for field in msgspec.structs.fields(struct):
            assert f"`{field.name}`" in text, f"{struct.__name__}.{field.name}"


def test_markdown_lets_nothing_of_the_page_out(tmp_path: Path) -> None:
    diffs = diffs_of({"e.md": "# Evil\n\nHello.\n"}, {"e.md": EVIL, "@x_y_.md": "a"}, tmp_path)
    text = "\n".join(render_markdown(diffs, start_counts()))
    html = mistune.create_markdown(escape=False, plugins=["table", "url", "strikethrough"])(text)
    assert isinstance(html, str)
    for tag in ("<script", "<img", "<strong", "<a ", "<em", "<input"):
        assert tag not in html, html
    assert "@team" not in text
    assert "&lt;script&gt;" in html


def test_markdown_keeps_its_limit(tmp_path: Path) -> None:
    sizes = [300] * 10 + [30] * 30
    item = "- old *item* text\n"
    old = {f"p{k}.md": f"# P{k}\n\n{item * size}" for k, size in enumerate(sizes)}
    new = {path: text.replace("old", "new") for path, text in old.items()}
    text = "\n".join(render_markdown(diffs_of(old, new, tmp_path), start_counts(), 20_000))
    assert 5_000 < len(text) < 20_000
    assert "more pages are different; see `extractor diff`." in text
    assert "40 pages changed" in text


def test_markdown_of_nothing(tmp_path: Path) -> None:
    text = "\n".join(render_markdown(diffs_of(PAGES_OLD, PAGES_OLD, tmp_path), start_counts()))
    assert text == "### Extraction is the same\n\n4 pages the same\n"


def test_help_names_the_formats() -> None:
    assert isinstance(command, click.Command)
    assert "text|json|markdown|html" in run("--help").output


def test_section_names_leave_the_title_out() -> None:
    change = only(edit("Send the light", "Send out the light"))
    assert change.name == "Steps › Send out the light pulses."
    assert isinstance(read(PAGE).sections[0], Section)
