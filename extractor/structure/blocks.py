"""Nodes to blocks: paragraphs, entries, lists and what else stands in a container.

A container is read in two steps. `_read_parts` turns every node into parts: an
entry (a label and its description), prose, or a finished block. `Joiner` then
looks at neighbours: entries that follow one another make one block, a label
with nothing behind it takes what follows, a paragraph with a colon leads what
it announces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from extractor.labels.paragraphs import Piece, read_pieces
from extractor.labels.shapes import COLONS, EDGE_CHARACTERS
from extractor.markdown.inlines import NOTHING, read_image, read_inlines, read_plain
from extractor.markdown.parser import Node
from extractor.model import (
    Alert,
    Block,
    Code,
    Definitions,
    Figure,
    Footnote,
    Html,
    Item,
    List,
    Paragraph,
    Quote,
    Rule,
    Span,
    Table,
)
from extractor.spans import cover
from extractor.structure.neighbours import Joiner, LabelledEntry, Part, Terms
from extractor.structure.page import Page

TEXT_NODES = ("paragraph", "block_text", "heading")


def build_blocks(nodes: Sequence[Node], page: Page) -> list[Block]:
    """Build the blocks of a container: a section, quote, list item, footnote or definition.

    Args:
        nodes: The container's nodes, in page order.
        page: Where they stand; findings are noted there.
    """
    if len(nodes) == 1 and nodes[0].type not in TEXT_NODES:
        return [build_block(nodes[0], page)]
    return Joiner(list(_read_parts(nodes, page))).join()


def _read_parts(nodes: Sequence[Node], page: Page) -> Iterator[Part]:
    texts = [node for node in nodes if node.type in TEXT_NODES]
    pieces = iter(_read_texts(texts, page))
    for node in nodes:
        if node.type in TEXT_NODES:
            yield from _read_text(node, next(pieces), page)
        elif node.type == "def_list":
            yield Terms(_build_definition_list(node, page))
        else:
            yield build_block(node, page)


def _read_text(node: Node, pieces: Sequence[Piece], page: Page) -> Iterator[Part]:
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
) -> Iterator[LabelledEntry | Paragraph]:
    """Give the pieces of a paragraph their spans, and note their repairs."""
    whole = len(pieces) == 1
    for number, piece in enumerate(pieces):
        span = page.span(node) if whole else page.span_within(node, piece.start, piece.end)
        if piece.term is None:
            _report_repairs(piece, node, page)
            yield Paragraph(*piece.content, span)
        else:
            last = number + 1 == len(pieces)
            yield LabelledEntry(_build_entry(piece, node, page, span), piece.label, last)


def _report_repairs(piece: Piece, node: Node, page: Page) -> None:
    for repair in piece.repairs:
        page.report_repair(node, repair)


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


# --- neighbours ---------------------------------------------------------------------------


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
        return Definitions(None, items, span)
    return List(ordered, node.attrs.get("start", 1) if ordered else None, None, items, span)


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


def _place_rest(pieces: Sequence[Piece], node: Node, page: Page) -> Iterator[Part]:
    """Place all pieces of an item's first paragraph but the one that is the item's own."""
    for part, piece in zip(_place_pieces(pieces[1:], node, page), pieces[1:], strict=True):
        span = page.span_within(node, piece.start, piece.end)
        if isinstance(part, LabelledEntry):
            yield LabelledEntry(replace(part.item, span=span), part.label, part.bare)
        else:
            yield replace(part, span=span)


def _take_description(item: Item, rest: Sequence[Node]) -> Item:
    """Give a bare label the next paragraph of its item."""
    text, links, images = read_inlines(rest[0].inlines)
    return replace(item, text=text, links=item.links + links, images=item.images + images)


def _build_definition_list(node: Node, page: Page) -> Definitions:
    items: list[Item] = []
    heads: list[Node] = []
    open_heads = True
    for child in node.children:
        if child.type == "def_list_head":
            if not open_heads:
                heads = []
            open_heads = True
            heads.append(child)
        else:
            items += [_build_term(head, page) for head in heads[:-1] if open_heads]
            items.append(_build_definition(heads[-1], child, page, first=open_heads))
            open_heads = False
    return Definitions(None, items, page.span(node))


def _build_term(head: Node, page: Page) -> Item:
    """Build the entry of a term that shares the definition of the next one."""
    name = read_inlines(head.inlines)
    return Item(
        _strip_term(name.text), None, "", None, name.links, name.images, [], page.span(head)
    )


def _build_definition(head: Node, node: Node, page: Page, first: bool) -> Item:
    term = _build_term(head, page)
    rest = node.children
    content = NOTHING
    if _has_text(node):
        content = read_inlines(rest[0].inlines)
        rest = rest[1:]
    span = page.span(node)
    return Item(
        term.term,
        None,
        content.text,
        None,
        (term.links if first else []) + content.links,
        (term.images if first else []) + content.images,
        build_blocks(rest, page) if rest else [],
        cover(term.span, span) if first else span,
    )


def _strip_term(text: str) -> str:
    return text.strip(EDGE_CHARACTERS).rstrip(COLONS + EDGE_CHARACTERS)


def _build_table(node: Node, page: Page) -> Block:
    header, *rows = [[read_plain(cell) for cell in row] for row in node.attrs["rows"]]
    for number in node.attrs["ragged"]:
        page.report("ragged-table", page.span_line(node.line + number))
    return Table(None, header, node.attrs["align"], rows, page.span(node))


_ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?:\n\s*|\Z)", re.I)
_ALERTS: dict[str, Alert] = {
    "NOTE": "note",
    "TIP": "tip",
    "IMPORTANT": "important",
    "WARNING": "warning",
    "CAUTION": "caution",
}


def _build_quote(node: Node, page: Page) -> Block:
    alert = None
    children = node.children
    first = children[0] if children else None
    marker = _ALERT.match(first.text) if first and first.type in TEXT_NODES else None
    if first and marker:
        alert = _ALERTS[marker[1].upper()]
        rest = _drop_first_line(first, marker.end(), page)
        children = [rest, *children[1:]] if rest.text else children[1:]
    return Quote(alert, build_blocks(children, page), page.span(node))


def _drop_first_line(node: Node, length: int, page: Page) -> Node:
    """Take the line of an alert's marker off its first paragraph."""
    kinds = [token["type"] for token in node.inlines]
    breaks = [n for n, kind in enumerate(kinds) if kind in ("softbreak", "linebreak")]
    text = node.text[length:]
    tail = len(text.partition("\n")[0].strip())
    inlines = node.inlines[breaks[0] + 1 :] if breaks else []
    return Node(node.type, node.line + 1, node.end_line, tail, text, inlines)


def _build_code(node: Node, page: Page) -> Block:
    words = node.attrs.get("info", "").split(maxsplit=1)
    return Code(words[0] if words else None, node.text.removesuffix("\n"), page.span(node))


def _build_html(node: Node, page: Page) -> Block:
    return Html(node.text.strip("\n"), page.span(node))


def _build_footnote(node: Node, page: Page) -> Block:
    return Footnote(node.attrs["label"], build_blocks(node.children, page), page.span(node))


def _build_rule(node: Node, page: Page) -> Block:
    return Rule(page.span(node))


_BUILDERS: dict[str, Callable[[Node, Page], Block]] = {
    "list": _build_list,
    "def_list": _build_definition_list,
    "table": _build_table,
    "block_quote": _build_quote,
    "block_code": _build_code,
    "block_html": _build_html,
    "footnote": _build_footnote,
    "thematic_break": _build_rule,
}
