r"""Numbered lists that the bullets between their items broke apart.

People and language models write

    1. **Plan:**
    - sketch
    2. **Build:**
    - cut

and mean that each label has its bullets. By CommonMark the bullets are lists of their
own between numbered lists of one item each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from extractor.labels.paragraphs import read_pieces
from extractor.markdown.parser import Node
from extractor.structure.page import Page


def join_lists(nodes: Sequence[Node], page: Page) -> Sequence[Node]:
    """Give bullets that are indented too little to the numbered item before them.

    Two signs are needed: that the numbers go on after the bullets, and that the items before
    them want something (each is a label without a description) or the bullets are indented.
    Bullets below a number of two digits that are indented as below one digit need no more.

    Args:
        nodes: Nodes that stand beside each other.
        page: Where they stand; each list that is joined is noted there.

    Returns:
        The nodes, with one list for each run of them that is one.
    """
    if not page.repair or not any(map(_is_pair, nodes, nodes[1:])):
        return nodes
    return list(_join(nodes, page))


def _is_pair(node: Node, following: Node) -> bool:
    """Tell whether bullets follow a numbered list."""
    return (
        node.type == following.type == "list"
        and node.attrs["ordered"]
        and not following.attrs["ordered"]
    )


def _join(nodes: Sequence[Node], page: Page) -> Iterator[Node]:
    at = 0
    while at < len(nodes):
        end = _find_end(nodes, at, page)
        yield _merge(nodes[at:end], page) if end > at + 1 else nodes[at]
        at = max(end, at + 1)


def _find_end(nodes: Sequence[Node], start: int, page: Page) -> int:
    """Find where a list ends that begins with the numbered list at `start`."""
    end = start
    while end + 1 < len(nodes) and _is_pair(nodes[end], nodes[end + 1]):
        goes_on = end + 2 < len(nodes) and _goes_on(nodes[end], nodes[end + 2])
        if not (_is_short(nodes[end], nodes[end + 1], page) or (goes_on or end > start)):
            break
        if not _belongs(nodes[end], nodes[end + 1], page):
            break
        end += 2
        if not goes_on:
            return end
    return end + 1 if end > start else start


def _goes_on(before: Node, after: Node) -> bool:
    """Tell whether a numbered list goes on where another one ended."""
    if after.type != "list" or not after.attrs["ordered"]:
        return False
    return bool(after.attrs.get("start", 1) == _last_number(before) + 1)


def _last_number(node: Node) -> int:
    return int(node.attrs.get("start", 1)) + len(node.children) - 1


def _belongs(numbered: Node, bullets: Node, page: Page) -> bool:
    """Tell whether bullets are what the last item before them is about."""
    indent = _measure_indent(numbered.children[-1], bullets, page)
    return indent > 0 or (indent == 0 and _wants_more(numbered.children[-1], page))


def _is_short(numbered: Node, bullets: Node, page: Page) -> bool:
    """Tell whether bullets are indented as below a number of one digit (`10.` wants four)."""
    indent = _measure_indent(numbered.children[-1], bullets, page)
    return _last_number(numbered) > 9 and indent == len("1. ")


def _measure_indent(item: Node, bullets: Node, page: Page) -> int:
    """Count the columns between the marker of an item and that of the bullets."""
    column, inner = (len(page.places.lines[n.line - 1].rstrip()) - n.tail for n in (item, bullets))
    return inner - column


def _wants_more(item: Node, page: Page) -> bool:
    """Tell whether an item is a label and nothing else."""
    if len(item.children) != 1 or item.children[0].type not in ("paragraph", "block_text"):
        return False
    head = item.children[0]
    pieces = read_pieces(head.text, head.inlines, repair=page.repair, in_item=True)
    return len(pieces) == 1 and pieces[0].term is not None and not pieces[0].content.text


def _merge(nodes: Sequence[Node], page: Page) -> Node:
    """Make one numbered list of numbered lists and the bullets between them."""
    items: list[Node] = []
    for node in nodes:
        if node.attrs["ordered"]:
            items += node.children
        else:
            page.findings.report("unindented-list", page.span(node))
            last = items[-1]
            items[-1] = replace(last, end_line=node.end_line, children=[*last.children, node])
    return replace(nodes[0], end_line=nodes[-1].end_line, children=items)
