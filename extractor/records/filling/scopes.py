"""A document made ready for many rules, and the parts of it that a rule looks at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from extractor.model import (
    Block,
    Callout,
    Document,
    Item,
    Paragraph,
    Quote,
    Section,
    Span,
    Table,
    iter_blocks,
)
from extractor.records.filling.places import PageLines
from extractor.records.schema.annotations import ExtractRule
from extractor.records.schema.patterns import PatternSet, normalize


class Passage(NamedTuple):
    """A text on the page, and where it stands; no span in documents without."""

    text: str
    span: Span | None


Hits = dict[int, list[Passage]]
"""The texts in which each regex is found, by its number in the schema's pattern set."""


class PageIndex:
    """A document made ready for many rules.

    Attributes:
        document: The document.
        sections: Its sections.
        texts: What was read of it so far, by the number of the section: the heading, and
            each block, as passages.
        hits: Where each regex is found in that: in the heading, and in the blocks.
        search: Tells the numbers of the regexes found in a text.
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
        self.search = texts.search
        self.texts: dict[int, list[list[Passage]]] = {}
        self.hits: dict[int, tuple[Hits, Hits]] = {}
        self._lines = lines

    @cached_property
    def ends(self) -> list[int]:
        """For each section, the number of the first one after its subsections."""
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
        if self._lines is None:
            return spans
        for number, (before, item) in enumerate(pairwise(items), 1):
            span = spans[number]
            if item.term is None or item.term != before.term or span is None:
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

    def narrow(self, rule: ExtractRule) -> Scope | None:
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

    def _expand(self, matched: Sequence[int]) -> tuple[int, ...]:
        """Add the subsections that are in reach, each once."""
        ends, covered = self.page.ends, 0
        numbers: list[int] = []
        for start in matched:
            numbers += range(max(start, covered), ends[start])
            covered = max(covered, ends[start])
        if len(self.numbers) == len(ends):
            return tuple(numbers)
        reach = set(self.numbers)
        return tuple(number for number in numbers if number in reach)

    def split(self) -> Iterator[tuple[int, Scope]]:
        """Yield a scope for each matched section, without the matched ones inside it."""
        chosen = self.matched or self.numbers
        matched, reach = set(chosen), set(self.numbers)
        for number in chosen:
            inside, skip = [number], 0
            for inner in range(number + 1, self.page.ends[number]):
                if inner in matched:
                    skip = max(skip, self.page.ends[inner])
                elif inner >= skip and inner in reach:
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
            yield from iter_blocks(self.entry)
        for number in self.numbers:
            yield from iter_blocks(self.page.sections[number].blocks)


def scope_entry(page: PageIndex, blocks: list[Block]) -> Scope:
    """Make a scope of a single entry."""
    return Scope(page, (), (), blocks)


def open_item(item: Item) -> list[Block]:
    """Return an item as blocks: its text as a paragraph, and what is nested in it."""
    return [Paragraph(item.text, item.links, item.images, item.span), *item.blocks]


def _open_quotes(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Quote | Callout):
            yield from _open_quotes(block.blocks)
