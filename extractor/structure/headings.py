"""Which nodes are headings: bold lines that stand for one, and labels that were made one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractor.labels.paragraphs import Piece, read_pieces
from extractor.markdown.attributes import Attributes, split_attributes
from extractor.markdown.inlines import read_plain
from extractor.markdown.parser import Node, Token, parse_inline
from extractor.structure.neighbours import ends_in_colon
from extractor.structure.page import Page


def mark_headings(nodes: Sequence[Node], page: Page) -> Iterator[Node]:
    """Yield the nodes, bold paragraphs as headings and label headings as paragraphs."""
    bold = [_is_bold_alone(node) for node in nodes]
    for number, node in enumerate(nodes):
        if node.type == "heading":
            following = nodes[number + 1] if number + 1 < len(nodes) else None
            yield from _read_heading(node, following, page)
        elif bold[number] and _opens_section(number, nodes, bold):
            page.findings.report("pseudo-heading", page.span(node))
            yield _as_heading(node)
        else:
            yield node


_EMPHASIS = ("strong", "emphasis")


def _is_bold_alone(node: Node) -> bool:
    """Tell whether a paragraph is bold and nothing else, and may be a heading.

    `**Note:**` announces, `**Never edit this by hand.**` is a sentence, and
    `**[Open the demo](u)**` a link to follow.
    """
    if node.type != "paragraph":
        return False
    tokens = _cut_attributes(node)[1]
    if not _is_bold(tokens) or _is_link(tokens):
        return False
    text = read_plain(tokens)
    return not ends_in_colon(text) and not text.rstrip(_CLOSERS).endswith(_STOPS)


_STOPS = (".", "!", "。", "！", "।", "۔", "։", "።", "။", "។", "︒", "．")
"""Ends of sentences in all scripts; an ellipsis ends none for sure."""

_CLOSERS = "\"'”’»)）」』 "


def _is_link(tokens: Sequence[Token]) -> bool:
    """Tell whether bold text is one link or image and nothing else."""
    (token,) = [token for token in tokens if token.get("raw") != ""]
    while token["type"] in _EMPHASIS:
        inner = [child for child in token["children"] if child.get("raw") != ""]
        if len(inner) != 1:
            return False
        (token,) = inner
    return token["type"] in ("link", "image")


def _cut_attributes(node: Node) -> tuple[str, Sequence[Token], Attributes]:
    """Take `{#id}` off a bold line, which may be a heading."""
    text, attributes = split_attributes(node.text) if "{" in node.text else (node.text, {})
    return text, parse_inline(text) if attributes else node.inlines, attributes


def _is_bold(tokens: Sequence[Token]) -> bool:
    """Tell whether tokens are one strong token, perhaps with emphasis around it."""
    real = [token for token in tokens if token.get("raw") != ""]
    if len(real) != 1 or real[0]["type"] not in _EMPHASIS:
        return False
    return real[0]["type"] == "strong" or _is_bold(real[0]["children"])


def _opens_section(number: int, nodes: Sequence[Node], bold: Sequence[bool]) -> bool:
    """Tell whether a bold paragraph has content after it and stands alone, not in a run."""
    after = nodes[number + 1] if number + 1 < len(nodes) else None
    if after is None or after.type in ("heading", "thematic_break") or bold[number + 1]:
        return False
    return number == 0 or not bold[number - 1]


def _as_heading(node: Node) -> Node:
    text, tokens, attributes = _cut_attributes(node)
    attrs = {"level": 0, "style": "pseudo", "attributes": attributes}
    return Node("heading", node.line, node.end_line, node.tail, text, tokens, [], attrs)


def _read_heading(node: Node, following: Node | None, page: Page) -> Iterator[Node]:
    """Read a heading, and the entries that stand on its line.

    One with attributes of its own is a heading, whatever it says.
    """
    pieces = read_pieces(node.text, node.inlines, repair=page.repair, run_in=False)
    meant = not page.repair or bool(node.attrs.get("attributes"))
    if meant or not _holds_entries(pieces):
        yield node
    elif _is_underlined(node, pieces) or _is_lone_entry(pieces, following):
        page.findings.report("label-heading", page.span(node))
        yield from _as_entry(node, page)
    elif _opens_list(node, pieces):
        page.findings.report("label-heading", page.span(node))
        yield _cut(node, "heading", 0, pieces[0].end)
        yield _cut(node, "paragraph", pieces[1].start, len(node.text))
    else:
        yield node


def _holds_entries(pieces: Sequence[Piece]) -> bool:
    """Tell whether a heading is entries, perhaps with words before them that lead to them."""
    after = pieces if pieces[0].term is not None else pieces[1:]
    return bool(after) and all(piece.term is not None and piece.content.text for piece in after)


def _is_lone_entry(pieces: Sequence[Piece], following: Node | None) -> bool:
    """Tell whether a heading that begins with a label has nothing under it.

    `## **Length:** 2 km` before the next heading, or at the end of the page.
    """
    return pieces[0].term is not None and (following is None or following.type == "heading")


def _is_underlined(node: Node, pieces: Sequence[Piece]) -> bool:
    r"""Tell whether a rule without a blank line before it made a heading of what is above it.

    `**Length:** 2 km\n---`, and what leads to entries: `Trail facts\n**Length:** 2 km\n---`;
    but a heading is `Trail facts \- **Length:** 2 km\n---`.
    """
    return _has_rule(node) and ("\n" in node.text or pieces[0].term is not None)


def _opens_list(node: Node, pieces: Sequence[Piece]) -> bool:
    r"""Tell whether a collapsed list begins on the line of its heading.

    `## Parts \- **Chip**: FX2 \- **Case**: tin`.
    """
    return pieces[0].term is None and "\n" not in node.text and not _has_rule(node)


def _has_rule(node: Node) -> bool:
    """Tell whether a heading's underline may be a thematic break (CommonMark 4.3)."""
    return bool(node.attrs["style"] == "setext" and node.attrs["level"] == 2)


def _as_entry(node: Node, page: Page) -> Iterator[Node]:
    underlined = _has_rule(node)
    end = node.end_line - 1 if underlined else node.end_line
    yield Node("paragraph", node.line, end, node.tail, node.text, node.inlines)
    if underlined:
        width = len(page.places.lines[node.end_line - 1].strip())
        yield Node("thematic_break", node.end_line, node.end_line, width)


def _cut(node: Node, kind: str, start: int, end: int) -> Node:
    """Make a node of a part of a heading's line."""
    text = node.text[start:end].strip()
    tail = node.tail if start == 0 else len(node.text) - start
    return Node(kind, node.line, node.end_line, tail, text, parse_inline(text), [], node.attrs)
