"""What stands where on a page: sections picked by a rule, and what is taken from them.

A scope is the part of a page that a rule looks at: some sections, or a single
entry or row. A take turns a scope into passages: texts with their spans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from extractor.model import (
    Block,
    Code,
    Definitions,
    Document,
    Footnote,
    Item,
    Link,
    List,
    Paragraph,
    Quote,
    Section,
    Span,
    Table,
)
from extractor.records.annotations import Rule
from extractor.records.patterns import PatternSet, normalize
from extractor.records.places import PageLines

CELL_SEPARATOR = "\t"
"""Stands between the cells of a row that is read as one text, as in the table `sections`."""


class Passage(NamedTuple):
    """A text on the page, and where it stands; no span in documents without."""

    text: str
    span: Span | None


class PageIndex:
    """A document made ready for many rules.

    Attributes:
        document: The document.
        sections: Its sections.
    """

    def __init__(
        self,
        document: Document,
        headings: PatternSet,
        texts: PatternSet,
        lines: PageLines | None = None,
    ) -> None:
        """Index nothing yet.

        Args:
            document: The document.
            headings: Regexes for headings, of all rules that will be asked for.
            texts: Regexes for texts, the same.
            lines: The page's file, for the places of rows.
        """
        self.document = document
        self.sections = document.sections
        self._headings = headings
        self._patterns = texts
        self._hits: dict[str, frozenset[int]] = {}
        self._lines = lines
        self._texts: dict[tuple[int, ...], list[list[Passage]]] = {}

    @cached_property
    def ends(self) -> list[int]:
        """For each section, the number of the first one behind its subsections."""
        numbers = {section.id: number for number, section in enumerate(self.sections)}
        ends = list(range(1, len(self.sections) + 1))
        for number in range(len(ends) - 1, -1, -1):
            parent = self.sections[number].parent
            if parent is not None and parent in numbers:
                ends[numbers[parent]] = max(ends[numbers[parent]], ends[number])
        return ends

    @cached_property
    def matches(self) -> list[frozenset[int]]:
        """For each section, the numbers of the regexes that its heading matches."""
        search = self._headings.search
        return [search(normalize(section.heading or "")) for section in self.sections]

    @cached_property
    def whole(self) -> Scope:
        """The whole page."""
        return Scope(self, tuple(range(len(self.sections))), (), None)

    def read_texts(self, scope: Scope) -> list[list[Passage]]:
        """Read a scope block by block, each as its passages; kept for the next rule."""
        if scope.entry is not None:
            return [read_block(block, self) for block in scope.entry]
        key = (*scope.numbers, -1, *scope.matched)
        if key not in self._texts:
            self._texts[key] = list(_read_sections(scope))
        return self._texts[key]

    def search(self, text: str) -> frozenset[int]:
        """Return the numbers of the regexes found in a text; asked once for all rules."""
        hits = self._hits.get(text)
        if hits is None:
            hits = self._hits[text] = self._patterns.search(text)
        return hits

    def cover_rows(self, table: Table) -> list[Span | None]:
        """Return the span of each row, or that of the table where rows can't be told apart."""
        if self._lines is None or table.span is None:
            return [table.span] * len(table.rows)
        return self._lines.cover_rows(table)

    def place_terms(self, items: Sequence[Item]) -> list[Span | None]:
        """Return the span in which each item's term stands.

        A term may be written once above several definitions; it stands in the first.
        """
        spans = [item.span for item in items]
        for number, (before, item) in enumerate(pairwise(items), 1):
            span = spans[number]
            if item.term is None or item.term != before.term or not self._lines or not span:
                continue
            if not self._lines.holds(span, item.term):
                spans[number] = spans[number - 1]
        return spans

    def cut(self, span: Span | None, following: Span | None) -> Span | None:
        """Return the part of a span before what follows within it, without blanks if possible."""
        if span is None or following is None or following.start <= span.start:
            return span
        if self._lines is not None:
            return self._lines.trim(span, following)
        return Span(span.line, max(span.line, following.line - 1), span.start, following.start)


class Scope(NamedTuple):
    """A part of a page.

    Attributes:
        page: The page.
        numbers: Its sections, in page order.
        matched: Those of them whose heading or type was asked for; the others are
            subsections of these. Empty for the whole page.
        entry: Blocks of an entry, row or match, which has no sections; else None.
    """

    page: PageIndex
    numbers: tuple[int, ...]
    matched: tuple[int, ...]
    entry: list[Block] | None

    @property
    def sections(self) -> list[Section]:
        """The sections."""
        return [self.page.sections[number] for number in self.numbers]

    def narrow(self, rule: Rule) -> Scope | None:
        """Pick the sections that a rule asks for, with their subsections; None without any.

        With both a heading and a type, a subsection of a section with that heading is
        picked as well if it is of the type.
        """
        if not rule.narrows:
            return self
        matched = self.numbers
        if rule.headings:
            hits, wanted = self.page.matches, rule.heading_numbers
            matched = tuple(n for n in matched if not wanted.isdisjoint(hits[n]))
        if rule.types:
            sections = self.page.sections
            reach = self._expand(matched) if rule.headings else matched
            matched = tuple(n for n in reach if sections[n].type in rule.types)
        if not matched:
            return None
        return Scope(self.page, self._expand(matched), matched, None)

    def _expand(self, matched: Iterable[int]) -> tuple[int, ...]:
        reach, covered = set(self.numbers), 0
        numbers: list[int] = []
        for start in matched:
            end = self.page.ends[start]
            numbers += [n for n in range(max(start, covered), end) if n in reach]
            covered = max(covered, end)
        return tuple(numbers)

    def split(self) -> Iterator[tuple[int, Scope]]:
        """Yield a scope for each matched section, without the matched ones inside it."""
        matched = set(self.matched or self.numbers)
        for number in self.matched or self.numbers:
            inside = [number]
            skip = 0
            for inner in range(number + 1, self.page.ends[number]):
                if inner in matched:
                    skip = max(skip, self.page.ends[inner])
                elif inner >= skip and inner in self.numbers:
                    inside.append(inner)
            yield number, Scope(self.page, tuple(inside), (number,), None)

    def iter_blocks(self) -> Iterator[Block]:
        """Yield the blocks, and those within quotes; not those within items and footnotes."""
        if self.entry is not None:
            yield from _open_quotes(self.entry)
        for number in self.numbers:
            yield from _open_quotes(self.page.sections[number].blocks)

    def iter_all_blocks(self) -> Iterator[Block]:
        """Yield the blocks and all that are nested in them, in page order."""
        if self.entry is not None:
            yield from _open_all(self.entry)
        for number in self.numbers:
            yield from _open_all(self.page.sections[number].blocks)


def scope_entry(page: PageIndex, blocks: list[Block]) -> Scope:
    """Make a scope of a single entry."""
    return Scope(page, (), (), blocks)


def open_item(item: Item) -> list[Block]:
    """Return an item as blocks: its text as a paragraph, and what is nested in it."""
    return [Paragraph(item.text, item.links, item.images, item.span), *item.blocks]


def _open_quotes(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Quote):
            yield from _open_quotes(block.blocks)


def _open_all(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Quote | Footnote):
            yield from _open_all(block.blocks)
        elif isinstance(block, List | Definitions):
            for item in block.items:
                yield from _open_all(item.blocks)


# --- texts --------------------------------------------------------------------------------


def read_description(item: Item, page: PageIndex) -> str:
    """Return an item's text with what is nested in it, a line each; without its term."""
    if not item.blocks:
        return item.text
    nested = [passage.text for block in item.blocks for passage in read_block(block, page)]
    return "\n".join([text for text in (item.text, *nested) if text])


def read_label(item: Item, text: str) -> str:
    """Return a text of an item with its term before it."""
    if item.term is None:
        return text
    return f"{item.term}: {text}" if text else item.term


def read_block(block: Block, page: PageIndex) -> list[Passage]:
    """Read a block as passages, one for each paragraph, entry, row or code.

    Images, HTML, rules and footnotes have no text of their own to read.
    """
    reader = _READERS.get(type(block))
    return reader(block, page) if reader else []


def _read_paragraph(block: Paragraph | Code, _: PageIndex) -> list[Passage]:
    return [Passage(block.text, block.span)] if block.text else []


def _read_items(block: List | Definitions, page: PageIndex) -> list[Passage]:
    passages = list(_announce(block, page))
    for item, place in zip(block.items, page.place_terms(block.items), strict=True):
        if text := read_label(item, item.text):
            passages.append(Passage(text, _reach(place, item.span)))
        for nested in item.blocks:
            passages += read_block(nested, page)
    return passages


def _read_table(block: Table, page: PageIndex) -> list[Passage]:
    header = Passage(CELL_SEPARATOR.join(block.columns), block.span)
    passages = [*_announce(block, page), header]
    for cells, span in zip(block.rows, page.cover_rows(block), strict=True):
        passages.append(Passage(CELL_SEPARATOR.join(cells), span))
    return passages


def _read_quote(block: Quote, page: PageIndex) -> list[Passage]:
    return [passage for inner in block.blocks for passage in read_block(inner, page)]


_READERS: dict[type, Callable[..., list[Passage]]] = {
    Paragraph: _read_paragraph,
    Code: _read_paragraph,
    List: _read_items,
    Definitions: _read_items,
    Table: _read_table,
    Quote: _read_quote,
}


def _announce(block: List | Definitions | Table, page: PageIndex) -> Iterator[Passage]:
    """Yield the lead of a block as it reads before it, with its colon."""
    for lead, span in _read_lead(block, page):
        yield Passage(f"{lead}:", span)


def _read_lead(block: List | Definitions | Table, page: PageIndex) -> Iterator[Passage]:
    if block.lead is not None:
        first = block.items[0].span if not isinstance(block, Table) and block.items else None
        yield Passage(block.lead, page.cut(block.span, first))


def _read_sections(scope: Scope) -> Iterator[list[Passage]]:
    for number in scope.numbers:
        if number not in scope.matched:
            heading = read_heading(scope.page, number)
            if heading.text:
                yield [heading]
        for block in scope.page.sections[number].blocks:
            yield read_block(block, scope.page)


def read_heading(page: PageIndex, number: int) -> Passage:
    """Return a section's heading; its span ends where the section's content begins."""
    section = page.sections[number]
    following = section.blocks[0].span if section.blocks else None
    if following is None and page.ends[number] > number + 1:
        following = page.sections[number + 1].span
    return Passage(section.heading or "", page.cut(section.span, following))


# --- takes --------------------------------------------------------------------------------


def take_passages(take: str, scope: Scope) -> list[Passage]:
    """Take texts from a scope, in page order.

    Args:
        take: One of the takes of the annotation.
        scope: Where to look.
    """
    return list(_TAKES[take](scope))


def join_text(scope: Scope) -> Passage | None:
    """Join all text of a scope: a blank line between blocks, a line for each entry."""
    blocks = [passages for passages in scope.page.read_texts(scope) if passages]
    if not blocks:
        return None
    text = "\n\n".join(["\n".join([passage.text for passage in block]) for block in blocks])
    return Passage(text, cover([passage.span for block in blocks for passage in block]))


def cover(spans: Iterable[Span | None]) -> Span | None:
    """Return the span from the first to the last of several."""
    known = [span for span in spans if span is not None]
    if not known:
        return None
    first = min(known, key=lambda span: span.start)
    last = max(known, key=lambda span: span.end)
    return Span(first.line, last.end_line, first.start, last.end)


def iter_items(scope: Scope, *, labelled: bool = False) -> Iterator[tuple[Item, Span | None]]:
    """Yield the entries of lists and definitions, each with the place of its term.

    Entries nested in others are part of these.

    Args:
        scope: Where to look.
        labelled: Whether only entries with a term are wanted.
    """
    for block in scope.iter_blocks():
        if isinstance(block, List | Definitions):
            places = scope.page.place_terms(block.items)
            for item, place in zip(block.items, places, strict=True):
                if item.term is not None or not labelled:
                    yield item, place


def iter_tables(scope: Scope) -> Iterator[Table]:
    """Yield the tables, nested ones too."""
    return (block for block in scope.iter_all_blocks() if isinstance(block, Table))


def iter_codes(scope: Scope) -> Iterator[Code]:
    """Yield the code blocks, nested ones too."""
    return (block for block in scope.iter_all_blocks() if isinstance(block, Code))


def iter_links(scope: Scope) -> Iterator[tuple[Link, Span | None]]:
    """Yield the links of paragraphs and entries, with the span of these."""
    for block in scope.iter_all_blocks():
        if isinstance(block, Paragraph):
            yield from ((link, block.span) for link in block.links)
        elif isinstance(block, List | Definitions):
            yield from ((link, item.span) for item in block.items for link in item.links)


def _take_items(scope: Scope) -> Iterator[Passage]:
    return (_read_item(item, place, scope) for item, place in iter_items(scope))


def _take_definitions(scope: Scope) -> Iterator[Passage]:
    return (_read_item(item, place, scope) for item, place in iter_items(scope, labelled=True))


def _read_item(item: Item, place: Span | None, scope: Scope) -> Passage:
    text = read_label(item, read_description(item, scope.page))
    return Passage(text, _reach(place, item.span))


def _reach(place: Span | None, span: Span | None) -> Span | None:
    """Return the span from a term's place to the end of its item."""
    return span if place is span else cover([place, span])


def _take_text(scope: Scope) -> Iterator[Passage]:
    return (passage for block in scope.page.read_texts(scope) for passage in block)


def _take_first(scope: Scope) -> Iterator[Passage]:
    blocks = (
        scope.entry
        if scope.entry is not None
        else [block for section in scope.sections for block in section.blocks]
    )
    paragraphs = (block for block in blocks if isinstance(block, Paragraph) and block.text)
    return (Passage(block.text, block.span) for block in list(paragraphs)[:1])


def _take_leads(scope: Scope) -> Iterator[Passage]:
    for block in scope.iter_blocks():
        if isinstance(block, List | Definitions | Table):
            yield from _read_lead(block, scope.page)


def _take_quotes(scope: Scope) -> Iterator[Passage]:
    blocks: Sequence[Block] = scope.entry or [b for s in scope.sections for b in s.blocks]
    for block in blocks:
        if isinstance(block, Quote) and (passages := read_block(block, scope.page)):
            yield Passage("\n".join([passage.text for passage in passages]), block.span)


def _take_table(scope: Scope) -> Iterator[Passage]:
    return (passage for table in iter_tables(scope) for passage in _read_table(table, scope.page))


def _take_links(scope: Scope) -> Iterator[Passage]:
    return (Passage(link.url, span) for link, span in iter_links(scope))


def _take_codes(scope: Scope) -> Iterator[Passage]:
    return (Passage(code.text, code.span) for code in iter_codes(scope))


def _take_headings(scope: Scope) -> Iterator[Passage]:
    for number in scope.matched or scope.numbers:
        heading = read_heading(scope.page, number)
        if heading.text:
            yield heading


_TAKES: dict[str, Callable[[Scope], Iterator[Passage]]] = {
    "items": _take_items,
    "definitions": _take_definitions,
    "text": _take_text,
    "first": _take_first,
    "lead": _take_leads,
    "quotes": _take_quotes,
    "table": _take_table,
    "links": _take_links,
    "code": _take_codes,
    "heading": _take_headings,
}
