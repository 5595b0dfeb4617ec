"""Nodes to blocks: paragraphs, entries, lists and what else stands in a container.

A container is read in two steps. `_read_parts` turns every node into parts: an
entry (a label and its description), prose, or a finished block. `Joiner` then
looks at neighbours: entries that follow one another make one block, a label
with nothing after it takes what follows, a paragraph with a colon leads what
it announces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from extractor.labels.paragraphs import Piece, read_pieces
from extractor.labels.shapes import COLONS, EDGE_CHARACTERS
from extractor.markdown.inlines import NOTHING, read_image, read_inlines, read_plain
from extractor.markdown.parser import Node, Token, parse_inline, read_tags
from extractor.model import (
    Block,
    Callout,
    Code,
    Definitions,
    Figure,
    Footnote,
    Heading,
    Html,
    Item,
    List,
    Paragraph,
    Quote,
    Rule,
    Span,
)
from extractor.spans import cover
from extractor.structure.lists import join_lists
from extractor.structure.neighbours import (
    BlockPart,
    CodeLine,
    Joiner,
    LabelledEntry,
    Terms,
    ends_in_colon,
)
from extractor.structure.page import Page
from extractor.structure.tables import build_table

TEXT_NODES = ("paragraph", "block_text")


def build_blocks(nodes: Sequence[Node], page: Page) -> list[Block]:
    """Build the blocks of a container: a section, quote, list item, footnote or definition.

    Args:
        nodes: The container's nodes, in page order.
        page: Where they stand; findings are noted there.
    """
    if len(nodes) == 1 and nodes[0].type not in TEXT_NODES:
        return [build_block(nodes[0], page)]
    return Joiner(list(_read_parts(join_lists(nodes, page), page))).join()


def _read_parts(nodes: Sequence[Node], page: Page) -> Iterator[BlockPart]:
    texts = [node for node in nodes if node.type in TEXT_NODES]
    pieces = iter(_read_texts(texts, page))
    for node in nodes:
        if node.type in TEXT_NODES:
            yield from _read_text(node, next(pieces), page)
        elif node.type == "def_list":
            yield Terms(_build_definition_list(node, page))
        else:
            yield build_block(node, page)


def _read_text(node: Node, pieces: Sequence[Piece], page: Page) -> Iterator[BlockPart]:
    if len(node.inlines) == 1 and node.inlines[0]["type"] == "image":
        image = read_image(node.inlines[0])
        yield Figure(image.url, image.alt, image.title, page.span(node))
    else:
        yield from _place_pieces(pieces, node, page)


def _read_texts(
    nodes: Sequence[Node], page: Page, *, in_item: bool = False, siblings: bool = True
) -> list[list[Piece]]:
    """Read the pieces of paragraphs that stand beside each other.

    A bold sentence that opens a paragraph is a label only if its siblings have labels too.
    """
    texts = [
        read_pieces(node.text, node.inlines, repair=page.repair, in_item=in_item) for node in nodes
    ]
    labelled = siblings and all(pieces[0].term is not None for pieces in texts)
    if labelled or not any(piece.run_in for pieces in texts for piece in pieces):
        return texts
    return [
        read_pieces(node.text, node.inlines, repair=page.repair, in_item=in_item, run_in=False)
        for node in nodes
    ]


def _place_pieces(
    pieces: Sequence[Piece], node: Node, page: Page
) -> Iterator[LabelledEntry | CodeLine | Paragraph]:
    """Give the pieces of a paragraph their spans, and note their repairs."""
    whole = len(pieces) == 1
    for number, piece in enumerate(pieces):
        span = page.span(node) if whole else page.places.span_within(node, piece.start, piece.end)
        if piece.term is None:
            _report_repairs(piece, node, page)
            paragraph = Paragraph(*piece.content, span)
            # Only what ends in a colon may lead, and only then it matters whether that is code.
            may_lead = whole and ends_in_colon(paragraph.text)
            tail = _read_tail(node.inlines) if may_lead else None
            yield paragraph if tail is None else CodeLine(paragraph, tail)
        else:
            last = number + 1 == len(pieces)
            yield LabelledEntry(_build_entry(piece, node, page, span), piece.label, last)


def _read_tail(tokens: Sequence[Token]) -> str | None:
    """Give the text after the last code of a paragraph; None where it holds no code."""
    places = [n for n, token in enumerate(tokens) if token["type"] == "codespan"]
    return read_plain(tokens[places[-1] + 1 :]) if places else None


def _report_repairs(piece: Piece, node: Node, page: Page) -> None:
    for repair in piece.repairs:
        page.findings.report_repair(node, repair)


def _build_entry(
    piece: Piece, node: Node, page: Page, span: Span, checked: bool | None = None
) -> Item:
    _report_repairs(piece, node, page)
    content = piece.content
    return Item(
        piece.term,
        piece.marker.text,
        content.text,
        piece.marker.checked if checked is None else checked,
        piece.label.links + content.links,
        piece.label.images + content.images,
        [],
        span,
    )


# --- one node, one block --------------------------------------------------------------------


def build_block(node: Node, page: Page) -> Block:
    """Build the block of a node that is not text."""
    return _BUILDERS[node.type](node, page)


def _build_list(node: Node, page: Page) -> Block:
    heads = [item.children[0] for item in node.children if _has_text(item)]
    alike = len(heads) == len(node.children)
    pieces = iter(_read_texts(heads, page, in_item=True, siblings=alike))
    items = [
        _build_item(item, next(pieces), page) if _has_text(item) else _build_bare_item(item, page)
        for item in node.children
    ]
    span = page.span(node)
    ordered = node.attrs["ordered"]
    if not ordered and all(item.term is not None for item in items):
        return Definitions(None, [], [], items, span)
    start = node.attrs.get("start", 1) if ordered else None
    return List(ordered, start, None, [], [], items, span)


def _has_text(item: Node) -> bool:
    return bool(item.children) and item.children[0].type in TEXT_NODES


def _build_bare_item(node: Node, page: Page) -> Item:
    """Build an item that has no text of its own, only blocks."""
    blocks = build_blocks(node.children, page)
    return Item(None, None, "", node.attrs.get("checked"), [], [], blocks, page.span(node))


def _build_item(node: Node, pieces: Sequence[Piece], page: Page) -> Item:
    head, *rest = node.children
    checked = node.attrs.get("checked")
    item = _build_entry(pieces[0], head, page, page.span(node), checked)
    if len(pieces) > 1:
        parts = [*_place_rest(pieces, head, page), *_read_parts(rest, page)]
        return replace(item, blocks=Joiner(parts).join())
    if item.term and not item.text and rest and rest[0].type == "paragraph":
        item, rest = _take_description(item, rest), rest[1:]
    return replace(item, blocks=build_blocks(rest, page)) if rest else item


def _place_rest(pieces: Sequence[Piece], node: Node, page: Page) -> Iterator[BlockPart]:
    """Place all pieces of an item's first paragraph but the one that is the item's own."""
    for part, piece in zip(_place_pieces(pieces[1:], node, page), pieces[1:], strict=True):
        span = page.places.span_within(node, piece.start, piece.end)
        if isinstance(part, LabelledEntry):
            yield LabelledEntry(replace(part.item, span=span), part.label, part.bare)
        elif isinstance(part, CodeLine):
            yield CodeLine(replace(part.block, span=span), part.tail)
        else:
            yield replace(part, span=span)


def _take_description(item: Item, rest: Sequence[Node]) -> Item:
    """Give a bare label the next paragraph of its item."""
    text, links, images = read_inlines(rest[0].inlines)
    return replace(item, text=text, links=item.links + links, images=item.images + images)


def _build_definition_list(node: Node, page: Page) -> Definitions:
    items: list[Item] = []
    for heads, definitions in _group_terms(node.children):
        items += [_build_term(head, page) for head in heads[:-1]]
        items.append(_build_definition(heads[-1], definitions, page))
    return Definitions(None, [], [], items, page.span(node))


def _group_terms(nodes: Sequence[Node]) -> Iterator[tuple[list[Node], list[Node]]]:
    """Give the terms that share definitions, with these."""
    heads: list[Node] = []
    definitions: list[Node] = []
    for node in nodes:
        if node.type != "def_list_head":
            definitions.append(node)
            continue
        if definitions:
            yield heads, definitions
            heads, definitions = [], []
        heads.append(node)
    if heads:
        yield heads, definitions


def _build_term(head: Node, page: Page) -> Item:
    """Build the entry of a term that shares the definition of the next one."""
    name = read_inlines(head.inlines)
    term, span = _strip_term(name.text), page.span(head)
    return Item(term, None, "", None, name.links, name.images, [], span)


def _build_definition(head: Node, definitions: Sequence[Node], page: Page) -> Item:
    """Build the entry of a term: its first definition is the text, the others are blocks."""
    item = _build_term(head, page)
    if not definitions:
        return item
    first, *others = definitions
    rest = first.children
    content = NOTHING
    if _has_text(first):
        content = read_inlines(rest[0].inlines)
        rest = rest[1:]
    blocks = [
        block
        for nodes in (rest, *(d.children for d in others))
        if nodes
        for block in build_blocks(nodes, page)
    ]
    return replace(
        item,
        text=content.text,
        links=item.links + content.links,
        images=item.images + content.images,
        blocks=blocks,
        span=cover(item.span, page.span(definitions[-1])),
    )


def _strip_term(text: str) -> str:
    return text.strip(EDGE_CHARACTERS).rstrip(COLONS + EDGE_CHARACTERS)


def _build_heading(node: Node, page: Page) -> Block:
    text, links, images = read_inlines(node.inlines)
    return Heading(node.attrs["level"], text, links, images, page.span(node))


_KIND = r"[^\W\d_][^\s!-,./:-@\[-^`{-~]*"
_CALLOUT = re.compile(rf"\[!({_KIND})\]([+-]?)(?:[ \t]+([^\n]*?))?[ \t]*\\?(?:\n\s*|\Z)")
"""The first line of a GitHub alert, or of an Obsidian callout: `[!info]- Title`."""

_FOLDED = {"-": True, "+": False, "": None}


def _build_quote(node: Node, page: Page) -> Block:
    children = node.children
    first = children[0] if children else None
    marker = _CALLOUT.match(first.text) if first and first.type in TEXT_NODES else None
    if first is None or marker is None:
        return Quote(build_blocks(children, page), page.span(node))
    rest = _drop_first_line(first, marker.end())
    children = [rest, *children[1:]] if rest.text else children[1:]
    title = read_plain(parse_inline(marker[3])) if marker[3] else None
    folded = _FOLDED[marker[2]]
    blocks = build_blocks(children, page)
    return Callout(marker[1].lower(), title or None, folded, blocks, page.span(node))


def _drop_first_line(node: Node, length: int) -> Node:
    """Take the line of a callout's marker off its first paragraph."""
    kinds = [token["type"] for token in node.inlines]
    breaks = [n for n, kind in enumerate(kinds) if kind in ("softbreak", "linebreak")]
    text = node.text[length:]
    tail = len(text.partition("\n")[0].strip())
    inlines = node.inlines[breaks[0] + 1 :] if breaks else []
    rest = Node(node.type, node.line + 1, node.end_line, tail, text, inlines)
    read_tags(rest)
    return rest


def _build_code(node: Node, page: Page) -> Block:
    language, *info = _BLANKS.split(node.attrs.get("info", "").strip(), maxsplit=1)
    text = node.text.removesuffix("\n")
    return Code(language or None, info[0] if info else None, text, page.span(node))


_BLANKS = re.compile(r"[ \t]+")


def _build_html(node: Node, page: Page) -> Block:
    return Html(node.text.strip("\n"), page.span(node))


def _build_footnote(node: Node, page: Page) -> Block:
    return Footnote(node.attrs["label"], build_blocks(node.children, page), page.span(node))


def _build_rule(node: Node, page: Page) -> Block:
    return Rule(page.span(node))


_BUILDERS: dict[str, Callable[[Node, Page], Block]] = {
    "list": _build_list,
    "def_list": _build_definition_list,
    "table": build_table,
    "heading": _build_heading,
    "block_quote": _build_quote,
    "block_code": _build_code,
    "block_html": _build_html,
    "footnote": _build_footnote,
    "thematic_break": _build_rule,
}
