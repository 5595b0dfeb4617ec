"""What a first parse says about lines: which are code, and which markup is alive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from extractor.markdown.parser import Node, Token

ProseLines = Mapping[int, str]
"""Lines that have words and are neither code nor HTML, by number."""


def number_prose(lines: Sequence[str], first: int, nodes: Iterable[Node]) -> dict[int, str]:
    """Give the lines of the body that have words and are neither code nor HTML, by number.

    Args:
        lines: The page's lines, front matter included.
        first: Number of the body's first line.
        nodes: The body as it was parsed.
    """
    code = set(_list_code_lines(nodes))
    body = enumerate(lines[first - 1 :], first)
    return {number: line for number, line in body if line and number not in code}


def _list_code_lines(nodes: Iterable[Node]) -> Iterator[int]:
    for node in nodes:
        if node.type in ("block_code", "block_html"):
            yield from range(node.line, node.end_line + 1)
        yield from _list_code_lines(node.children)


def walk_nodes(nodes: Iterable[Node]) -> Iterator[Node]:
    """Give nodes and all that is nested in them."""
    for node in nodes:
        yield node
        yield from walk_nodes(node.children)


def walk_tokens(tokens: Iterable[Token]) -> Iterator[Token]:
    """Give tokens and all that is nested in them."""
    for token in tokens:
        yield token
        yield from walk_tokens(token.get("children", ()))


def list_live(nodes: Iterable[Node]) -> set[str]:
    """List the kinds of markers that are alive on the page."""
    live = set()
    for node in walk_nodes(nodes):
        if node.type == "heading":
            live.add("heading")
        elif node.type == "list":
            live.add("number" if node.attrs["ordered"] else "bullet")
        elif node.type == "block_quote":
            live.add("quote")
        if any(token["type"] == "strong" for token in walk_tokens(node.inlines)):
            live.add("bold")
    return live
