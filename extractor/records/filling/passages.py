"""What is taken from the parts of a page that a rule looks at: texts with their spans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from extractor.model import (
    Block,
    Callout,
    Code,
    Definitions,
    Heading,
    Item,
    Link,
    List,
    Paragraph,
    Quote,
    Span,
    Table,
    iter_blocks,
)
from extractor.records.filling.scopes import Hits, PageIndex, Passage, Scope
from extractor.spans import cover_all

CELL_SEPARATOR = "\t"
"""Stands between the cells of a row that is read as one text, as in the table `sections`."""


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


def _read_paragraph(block: Paragraph | Heading | Code, _: PageIndex) -> list[Passage]:
    return [Passage(block.text, block.span)] if block.text else []


def _read_items(block: List | Definitions, page: PageIndex) -> list[Passage]:
    passages = list(_announce(block, page)) if block.lead is not None else []
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


def _read_quote(block: Quote | Callout, page: PageIndex) -> list[Passage]:
    return [passage for inner in block.blocks for passage in read_block(inner, page)]


def _read_callout(block: Callout, page: PageIndex) -> list[Passage]:
    title = [Passage(block.title, block.span)] if block.title else []
    return [*title, *_read_quote(block, page)]


_READERS: dict[type, Callable[..., list[Passage]]] = {
    Paragraph: _read_paragraph,
    Code: _read_paragraph,
    List: _read_items,
    Definitions: _read_items,
    Table: _read_table,
    Heading: _read_paragraph,
    Quote: _read_quote,
    Callout: _read_callout,
}


def _announce(block: List | Definitions | Table, page: PageIndex) -> Iterator[Passage]:
    """Yield the lead of a block as it reads before it, with its colon."""
    for lead, span in _read_lead(block, page):
        yield Passage(f"{lead}:", span)


def _read_lead(block: List | Definitions | Table, page: PageIndex) -> Iterator[Passage]:
    if block.lead is not None:
        first = block.items[0].span if not isinstance(block, Table) and block.items else None
        yield Passage(block.lead, page.cut(block.span, first))


def read_texts(scope: Scope) -> list[list[Passage]]:
    """Read a scope block by block, each as its passages; sections are read once for all rules."""
    if scope.entry is not None:
        return [read_block(block, scope.page) for block in scope.entry]
    texts: list[list[Passage]] = []
    for number in scope.numbers:
        heading, *blocks = _read_section(scope.page, number)
        texts += blocks if number in scope.matched else [heading, *blocks]
    return texts


def _read_section(page: PageIndex, number: int) -> list[list[Passage]]:
    """Read the heading of a section, if it has one, and its blocks."""
    if number not in page.texts:
        heading = read_heading(page, number)
        blocks = page.sections[number].blocks
        page.texts[number] = [
            [heading] if heading.text else [],
            *[read_block(block, page) for block in blocks],
        ]
    return page.texts[number]


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


def find_passages(take: str, scope: Scope, number: int) -> Iterable[Passage]:
    """Find the texts of a scope in which a regex matches.

    All regexes look at the text of a section at once, whichever is asked for first.

    Args:
        take: One of the takes of the annotation.
        scope: Where to look.
        number: The regex, in the schema's pattern set.
    """
    page = scope.page
    if take != "text" or scope.entry is not None:
        return [p for p in take_passages(take, scope) if number in page.search(p.text)]
    found: list[Passage] = []
    for section in scope.numbers:
        heading, content = _search_section(page, section)
        if section not in scope.matched:
            found += heading.get(number, ())
        found += content.get(number, ())
    return found


def _search_section(page: PageIndex, number: int) -> tuple[Hits, Hits]:
    """Tell in which texts of a section each regex is found: its heading, and its blocks."""
    if number not in page.hits:
        heading, *blocks = _read_section(page, number)
        page.hits[number] = _search(page, [heading]), _search(page, blocks)
    return page.hits[number]


def _search(page: PageIndex, blocks: list[list[Passage]]) -> Hits:
    hits: Hits = {}
    for block in blocks:
        for passage in block:
            for found in page.search(passage.text):
                hits.setdefault(found, []).append(passage)
    return hits


def join_text(scope: Scope) -> Passage | None:
    """Join all text of a scope: a blank line between blocks, a line for each entry."""
    blocks = [passages for passages in read_texts(scope) if passages]
    if not blocks:
        return None
    text = "\n\n".join(["\n".join([passage.text for passage in block]) for block in blocks])
    return Passage(text, cover_all([passage.span for block in blocks for passage in block]))


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


def iter_table_blocks(scope: Scope) -> Iterator[Table]:
    """Yield the tables, nested ones too."""
    return (block for block in scope.iter_all_blocks() if isinstance(block, Table))


def iter_codes(scope: Scope) -> Iterator[Code]:
    """Yield the code blocks, nested ones too."""
    return (block for block in scope.iter_all_blocks() if isinstance(block, Code))


def iter_links(scope: Scope) -> Iterator[tuple[Link, Span | None]]:
    """Yield all links, with the span of the heading, paragraph, entry or row they stand in."""
    if scope.entry is not None:
        yield from _list_links(scope.entry, scope.page)
    for number in scope.numbers:
        section = scope.page.sections[number]
        if section.links:
            span = read_heading(scope.page, number).span
            yield from ((link, span) for link in section.links)
        yield from _list_links(section.blocks, scope.page)


def _list_links(blocks: Sequence[Block], page: PageIndex) -> Iterator[tuple[Link, Span | None]]:
    for block in iter_blocks(blocks):
        if isinstance(block, Table):
            rows = page.cover_rows(block)
            yield from (
                (link, rows[link.row - 1] if link.row else block.span) for link in block.links
            )
        elif isinstance(block, Paragraph | Heading | List | Definitions):
            yield from ((link, block.span) for link in block.links)
        if isinstance(block, List | Definitions):
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
    return span if place is span else cover_all([place, span])


def _take_text(scope: Scope) -> Iterator[Passage]:
    return (passage for block in read_texts(scope) for passage in block)


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
    return _take_kind(scope, Quote)


def _take_callouts(scope: Scope) -> Iterator[Passage]:
    return _take_kind(scope, Callout)


def _take_kind(scope: Scope, kind: type[Quote | Callout]) -> Iterator[Passage]:
    blocks: Sequence[Block] = scope.entry or [b for s in scope.sections for b in s.blocks]
    for block in blocks:
        if isinstance(block, kind) and (passages := read_block(block, scope.page)):
            yield Passage("\n".join([passage.text for passage in passages]), block.span)


def _take_table(scope: Scope) -> Iterator[Passage]:
    return (
        passage for table in iter_table_blocks(scope) for passage in _read_table(table, scope.page)
    )


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
    "callouts": _take_callouts,
    "table": _take_table,
    "links": _take_links,
    "code": _take_codes,
    "heading": _take_headings,
}
