"""The laws that hold for every page, on generated pages and on the CommonMark examples."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from commonmark_examples import read_examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from laws import draw_pages, law, laws, read_page, searched
from plain_text import is_undecided, read_body, read_document, split_words
from strategies import Page, scraps

from extractor.check.fixes import fix_page
from extractor.diagnostics.rules import CODES
from extractor.model import (
    Block,
    Diagnostic,
    Document,
    Item,
    PageRejected,
    Section,
    Span,
)
from extractor.pipeline import extract
from extractor.schema.document import check_document
from extractor.spans import without_spans

# A failing law takes its time to find the smallest page that breaks it.
pytestmark = pytest.mark.timeout(600)

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "samples").rglob("*.md"))
SHARED_PAGE = ROOT.parent / "shared" / "pages" / "ipl-photorejuvenation.md"

EVERY_RULE = frozenset(CODES)

LINE_END = re.compile(rb"\r\n|\r|\n")
LETTER = re.compile(r"[^\W_]")
SURROGATE = re.compile("[\ud800-\udfff]")

# --- a document as a tree of spans --------------------------------------------------------


@dataclass
class Place:
    """Something with a span: what it says, and what lies within it."""

    name: str
    span: Span
    texts: list[str] = field(default_factory=list)
    children: list[Place] = field(default_factory=list)


def find_places(document: Document) -> list[Place]:
    """Arrange a document by its spans; sections nest by their parents."""
    places = {section.id: place_section(section) for section in document.sections}
    roots: list[Place] = []
    for section in document.sections:
        within = roots if section.parent is None else places[section.parent].children
        within.append(places[section.id])
    return roots


def place_section(section: Section) -> Place:
    assert section.span is not None
    texts = [section.heading or ""]
    return Place(section.id, section.span, texts, [place_block(b) for b in section.blocks])


def place_block(block: Block) -> Place:
    name = type(block).__name__
    assert block.span is not None, name
    texts = [getattr(block, text, None) or "" for text in ("lead", "text", "alt", "label")]
    texts += getattr(block, "columns", [])
    texts += [cell for row in getattr(block, "rows", []) for cell in row]
    children = place_items(block)
    children += [place_block(nested) for nested in getattr(block, "blocks", [])]
    return Place(name, block.span, texts, children)


def place_items(block: Block) -> list[Place]:
    items: list[Item] = getattr(block, "items", [])
    return [place_item(item) for item in items]


def place_item(item: Item) -> Place:
    assert item.span is not None
    children = [place_block(block) for block in item.blocks]
    return Place("Item", item.span, [item.marker or "", item.term or "", item.text], children)


def walk(places: list[Place]) -> Iterator[Place]:
    for place in places:
        yield place
        yield from walk(place.children)


def check_nesting(places: list[Place], within: Span) -> None:
    end = within.start
    for place in places:
        span = place.span
        assert end <= span.start <= span.end <= within.end, f"{place} after {end} in {within}"
        end = span.end
        check_nesting(place.children, span)


def check_lines(data: bytes, span: Span, starts: list[int]) -> None:
    assert 0 <= span.start <= span.end <= len(data)
    assert span.line == bisect_right(starts, span.start), span
    last = max(span.end - 1, span.start)
    assert span.end_line == bisect_right(starts, last), span


def find_line_starts(data: bytes, encoding: str) -> list[int]:
    """Give the offset in the file at which each line begins, by the file alone."""
    if not encoding.startswith("utf-16"):
        return [0] + [match.end() for match in LINE_END.finditer(data)]
    mark = 2 if data[:2] in (b"\xff\xfe", b"\xfe\xff") else 0
    text = data[mark:].decode(encoding)
    ends = [match.end() for match in re.finditer(r"\r\n|\r|\n", text)]
    return [0] + [mark + len(text[:end].encode(encoding)) for end in ends]


def contains_letters(letters: str, text: str) -> bool:
    """Tell whether the letters stand in the text in this order."""
    rest = iter(LETTER.findall(text))
    return all(letter in rest for letter in LETTER.findall(letters))


def check_slices(data: bytes, encoding: str, places: list[Place]) -> None:
    for place in walk(places):
        source = data[place.span.start : place.span.end].decode(encoding)
        known = html.unescape(source)
        for text in place.texts:
            # A text may look like an entity where markup went from the middle of one.
            found = contains_letters(html.unescape(text), known) or contains_letters(text, source)
            assert found, f"{text!r} is not in {source!r} ({place.name})"


def check_spans(data: bytes, document: Document, *, slices: bool = True) -> None:
    encoding = document.source.encoding
    places = find_places(document)
    starts = find_line_starts(data, encoding)
    for span in (place.span for place in walk(places)):
        check_lines(data, span, starts)
    for diagnostic in document.diagnostics:
        if diagnostic.span is not None:
            check_lines(data, diagnostic.span, starts)
            check_before(data, diagnostic, encoding)
    check_nesting(places, Span(1, document.source.lines or 1, 0, len(data)))
    if slices:
        check_slices(data, encoding, places)


def check_before(data: bytes, diagnostic: Diagnostic, encoding: str) -> None:
    """What a repair shows as `before` is what the file has at its span."""
    if diagnostic.span is not None and diagnostic.before is not None:
        source = data[diagnostic.span.start : diagnostic.span.end].decode(encoding)
        assert re.sub(r"\r\n?", "\n", source) == diagnostic.before


# --- the laws -----------------------------------------------------------------------------


def check_words(body: str, document: Document) -> None:
    expected, found = read_body(body), read_document(document)
    if found != expected and is_undecided(body):
        return
    assert found.running == expected.running
    assert found.images == expected.images
    assert found.notes == expected.notes


@law(damaged=False)
def test_nothing_is_lost(page: Page) -> None:
    check_words(page.body, read_page(page.data))


@law(damaged=True)
def test_nothing_is_lost_without_repair(page: Page) -> None:
    check_words(page.body, read_page(page.data, repair=False))


@law(damaged=True, garbled=False)
def test_nothing_is_lost_in_repair(page: Page) -> None:
    """Markers may go and words may join, but every letter of the page stays."""
    expected, found = read_body(page.body), read_document(read_page(page.data))
    if "".join(found.running) != "".join(expected.running) and is_undecided(page.body):
        return
    assert "".join(found.running) == "".join(expected.running)
    assert found.images == expected.images


@law(damaged=True, garbled=False)
def test_spans_are_true(page: Page) -> None:
    for repair in (True, False):
        check_spans(page.data, read_page(page.data, repair=repair))


@law(damaged=True)
def test_spans_are_true_where_letters_are_repaired(page: Page) -> None:
    """The letters of the document are not those of the file, but they stand in their places."""
    check_spans(page.data, read_page(page.data), slices=False)


@law(damaged=True)
def test_json_round_trip(page: Page) -> None:
    document = read_page(page.data)
    assert Document.from_json(document.to_json()) == document
    assert check_document(document) == []
    bare = without_spans(document)
    assert Document.from_json(bare.to_json()) == bare
    assert check_document(bare) == []


@law(damaged=True)
def test_repairs_are_idempotent(page: Page) -> None:
    """A page with its repairs written into it gives the same document, and no repair."""
    document = read_page(page.data)
    fixed = fix_page(page.data, document, EVERY_RULE)
    assert without_spans(fixed.document).sections == without_spans(document).sections
    again = fix_page(fixed.data, extract(fixed.data, "page.md"), EVERY_RULE)
    assert (again.data, again.fixed) == (fixed.data, ())


@laws
@given(st.one_of(scraps(), st.text(), st.binary(max_size=400)))
@example("a*\r\n\x85")
@example("**" * 40 + "a:")
@example("> " * 60 + "- " * 60 + "x")
@example("---\n" * 3)
@example("| a |\n| - |\n" * 2 + "[^1]: [^1]\n\n[^1]")
@example("# " + "\u200b**\u00a0:** x")
@example(b"\xff\xfe\x00")
@example("\ud800 **a:** b")
def test_never_crashes(text: str | bytes) -> None:
    try:
        document = extract(text, "page.md")
    except PageRejected as rejected:
        assert rejected.reject.rule  # noqa: PT017  # either answer is fine, a crash is not
        return
    assert check_document(document) == []
    data = text if isinstance(text, bytes) else SURROGATE.sub("\ufffd", text).encode()
    check_spans(data, extract(text, "page.md", repair=False))


@law(damaged=True)
def test_text_and_bytes_give_the_same(page: Page) -> None:
    document = extract(page.body, "page.md")
    assert extract(page.body.encode(), "page.md") == document


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_obey_the_laws(path: Path) -> None:
    data = path.read_bytes()
    document = extract(data, path.name, repair=False)
    check_spans(data, document)
    assert check_document(document) == []
    body_line = data.decode(document.source.encoding).lstrip("\ufeff")
    check_words(drop_front_matter(body_line), document)


def drop_front_matter(text: str) -> str:
    text = re.sub(r"\r\n?", "\n", text)
    return re.sub(r"\A(---|\+\+\+)\n.*?\n\1(\n|\Z)", "", text, flags=re.S)


@pytest.mark.skipif(not SHARED_PAGE.exists(), reason=f"{SHARED_PAGE} is not there")
def test_the_shared_page_obeys_the_laws() -> None:
    data = SHARED_PAGE.read_bytes()
    document = extract(data, SHARED_PAGE.name, repair=False)
    check_spans(data, document)
    check_words(drop_front_matter(data.decode()), document)


# --- the examples of the CommonMark specification -----------------------------------------

EXAMPLES = read_examples()


@pytest.mark.skipif(not EXAMPLES, reason="the CommonMark examples are not there: make test")
def test_the_examples_are_complete() -> None:
    assert len(EXAMPLES) > 640


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda case: str(case["example"]))
def test_commonmark_example(case: dict[str, Any]) -> None:
    # A blank line in front keeps an example from beginning with front matter.
    page = "\n" + case["markdown"]
    document = extract(page, "page.md", repair=False)
    check_words(page, document)
    check_spans(page.encode(), document)
    assert Document.from_json(document.to_json()) == document
    extract(page, "page.md")


# --- the same bytes everywhere ------------------------------------------------------------

HASH_SCRIPT = """
import sys
from extractor.diagnostics.rules import CODES
from extractor.pipeline import extract
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        print(extract(file.read(), "page.md").to_json())
"""


def extract_under_seed(seed: str, paths: list[Path]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", HASH_SCRIPT, *map(str, paths)],
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        check=True,
    )
    return hashlib.sha256(done.stdout).hexdigest()


def test_hash_seeds_change_nothing(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.md"
    cases = (ROOT / "tests" / "cases" / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    damaged.write_text("\n\n".join(json.loads(line)["markdown"] for line in cases), "utf-8")
    paths = [*SAMPLES, damaged]
    assert extract_under_seed("0", paths) == extract_under_seed("4711", paths)


# --- the measures themselves --------------------------------------------------------------


def test_a_broken_law_shows_the_smallest_page_that_breaks_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("laws.searched", settings(searched, database=None))

    @law(damaged=True)
    def broken(page: Page) -> None:
        assert not page.body

    with pytest.raises(AssertionError) as caught:
        broken()
    # The page that was met first is named, and then the smallest, that hypothesis found.
    first = caught.value.__context__
    assert first is not None
    met = next(page for page in draw_pages(damaged=True, garbled=True) if page.body)
    assert first.__notes__ == [f"The law is broken by {met!r}"]
    [smallest] = [note for note in caught.value.__notes__ if ": broken(" in note]
    assert "page=Page(" in smallest


def test_a_law_that_holds_has_looked_at_every_page_drawn() -> None:
    seen: list[Page] = []
    law(damaged=True)(lambda page: seen.append(page))()
    assert seen == draw_pages(damaged=True, garbled=True)
    assert len(seen) > laws.max_examples // 2


def test_a_lost_word_would_be_seen() -> None:
    document = extract("one two\n\n- three", "page.md")
    check_words("one two\n\n- three", document)
    with pytest.raises(AssertionError):
        check_words("one two\n\n- three four", document)
    with pytest.raises(AssertionError):
        check_words("two one\n\n- three", document)


def test_a_wrong_span_would_be_seen() -> None:
    data = b"one\n\ntwo"
    places = [Place("a", Span(1, 1, 0, 3), ["one"]), Place("b", Span(3, 3, 5, 8), ["two"])]
    check_nesting(places, Span(1, 3, 0, 8))
    check_slices(data, "utf-8", places)
    with pytest.raises(AssertionError):
        check_nesting(places[::-1], Span(1, 3, 0, 8))
    with pytest.raises(AssertionError):
        check_slices(data, "utf-8", [Place("a", Span(1, 1, 0, 3), ["two"])])
    with pytest.raises(AssertionError):
        check_lines(data, Span(2, 2, 5, 8), find_line_starts(data, "utf-8"))


def test_words_are_letters_and_digits() -> None:
    assert split_words("a_b &amp; c*d 2.5") == ["a", "b", "c", "d", "2", "5"]
    assert split_words("naïve, 水！") == ["naïve", "水"]
