"""Markdown to nodes that know their lines: the door to mistune."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mistune import InlineParser, Markdown
from mistune.core import InlineState

from extractor.markdown.attributes import split_attributes
from extractor.markdown.autolinks import link_addresses, may_hold_links, read_bare_urls
from extractor.markdown.emphasis import nest_emphasis
from extractor.markdown.extensions import read_definition_lists, read_footnotes, read_tables
from extractor.markdown.fast_inlines import read_quickly
from extractor.markdown.lines import LineParser, LineState, Token
from extractor.markdown.lists import read_lists

__all__ = ["Node", "Token", "parse_inline", "parse_markdown", "read_tags"]


@dataclass(slots=True)
class Node:
    """A block of the page, as the parser saw it.

    Attributes:
        type: mistune's name: paragraph, block_text, heading, list, list_item, table,
            block_quote, block_code, block_html, thematic_break, def_list, def_list_head,
            def_list_item; and footnote.
        line: First line, 1-based, in the page.
        end_line: Last line.
        tail: Code points from the node's first character to the end of its line.
        text: Inline source of a paragraph or heading; text of code and HTML.
        inlines: What mistune read in `text`.
        children: Nodes nested in a container.
        attrs: What else the parser knows: level, style, ordered, start, checked, info, label,
            align, rows, ragged; attributes of a heading.
    """

    type: str
    line: int
    end_line: int
    tail: int
    text: str = ""
    inlines: Sequence[Token] = ()
    children: Sequence[Node] = ()
    attrs: dict[str, Any] = field(default_factory=dict)


def parse_markdown(lines: Sequence[str], first_line: int = 1) -> list[Node]:
    """Parse a page's body.

    Args:
        lines: The body, without line ends.
        first_line: The number of its first line in the page.

    Returns:
        The top-level nodes, in page order.
    """
    state = LineState()
    state.first_line = first_line
    state.process("\n".join(lines) + "\n")
    # What is code in a container takes its tabs from here.
    state.env.update(lines=lines, first_line=first_line, tabbed="\t" in state.src)
    _PARSER.block.parse(state)
    return _build_nodes(state.tokens, state.env)


def parse_inline(text: str) -> list[Token]:
    """Parse a piece of a line on its own, without the page's link references."""
    return _parse_slowly(text, {"ref_links": {}})


# --- the parser -------------------------------------------------------------------------


BLOCK_RULES = (
    "fenced_code",
    "indent_code",
    "atx_heading",
    "setex_heading",
    "thematic_break",
    "block_quote",
    "list",
    "footnote_def",
    "ref_link",
    "raw_html",
    "blank_line",
    "table",
    "def_list",
)
"""The kinds of blocks in the order in which they are tried at every line; what none of them
takes is a paragraph. The same in every container."""


class QuickInlineParser(InlineParser):
    """mistune's inline parser; emphasis is paired, and addresses are linked, after all else."""

    def __init__(self) -> None:
        super().__init__()
        # Delimiters are text until all else is read.
        self.rules.remove("emphasis")

    def _get_fast_trigger_re(self, chars: set[str]) -> re.Pattern[str]:
        """Keep the pattern of special characters; mistune sorts them anew for every word."""
        if self._fast_trigger_re is None:
            signs = re.escape("".join(sorted(chars - {":", "w"})))
            urls = r"|:(?=//)|w(?=ww\.)" if ":" in chars else ""
            self._fast_trigger_re = re.compile(f"[{signs}]{urls}")
        return self._fast_trigger_re

    def parse_inline_html(self, m: re.Match[str], state: InlineState) -> int | None:
        """Read a tag; links may stand within those of HTML, where mistune reads none."""
        end = super().parse_inline_html(m, state)
        state.in_link = False
        return end

    def finalize_tokens(self, tokens: list[Token], depth: int) -> list[Token]:
        """Pair the delimiters; mistune takes vowel signs for punctuation."""
        return nest_emphasis(tokens, self.max_nested_level - depth)

    def __call__(self, s: str, env: Any) -> list[Token]:
        tokens = super().__call__(s, env)
        return link_addresses(tokens) if "@" in s else tokens


def _make_parser(*extensions: Callable[[Markdown], None]) -> Markdown:
    block = LineParser()
    markdown = Markdown(renderer=None, block=block, inline=QuickInlineParser())
    for read in (read_lists, read_footnotes, read_tables, read_definition_lists, *extensions):
        read(markdown)
    block.rules = list(BLOCK_RULES)
    block.list_rules = block.block_quote_rules = list(BLOCK_RULES)
    return markdown


_PARSER = _make_parser()
_LINKING_PARSER = _make_parser(read_bare_urls)
"""For text that may hold bare URLs; the other has fewer signs to stop at."""


def _parse_slowly(text: str, env: Any) -> list[Token]:
    parser = _LINKING_PARSER if may_hold_links(text) else _PARSER
    return parser.inline(text, env)


# --- tokens to nodes --------------------------------------------------------------------

_TASK_BOX = re.compile(r"\[([ xX])\][ \t\n\v\f\r]\s*")


def _build_nodes(tokens: list[Token], env: Any) -> list[Node]:
    nodes = [_build_node(token, env) for token in tokens if token["type"] != "blank_line"]
    return [node for node in nodes if node.text.strip() or not _is_text(node)]


def _is_text(node: Node) -> bool:
    """Tell whether a node is nothing without words; a fence is something."""
    return node.type in ("paragraph", "block_text") or node.attrs.get("style") == "indent"


def _build_node(token: Token, env: Any) -> Node:
    kind = token["type"]
    attrs = token.get("attrs") or {}
    node = Node(kind, token["line"], token.get("end_line", 0), token["tail"], attrs=attrs)
    if "style" in token:
        attrs["style"] = token["style"]
    if "text" in token:
        text = token["text"]
        if kind == "heading" and "{" in text:
            text, attrs["attributes"] = split_attributes(text.strip())
        _read_text(node, text, env)
    elif "children" in token:
        if kind == "list_item" and token["children"]:
            _read_task_box(token["children"][0], attrs)
        node.children = _build_nodes(token["children"], env)
    elif kind == "table":
        _read_table(node, env)
    else:
        node.text = token.get("raw", "")
    return node


def _read_text(node: Node, text: str, env: Any) -> None:
    # As mistune strips it: other Unicode spaces stay.
    node.text = text = text.strip(" \r\n\t\f")
    node.inlines = _read_inline(text, env)
    if not node.end_line:
        node.end_line = node.line + text.rstrip().count("\n")
    read_tags(node)


def read_tags(node: Node) -> None:
    """Make HTML of a paragraph that holds nothing but tags."""
    if node.text[:1] == "<" and node.type in _PARAGRAPHS and all(map(_is_mute, node.inlines)):
        node.type, node.inlines = "block_html", ()


_PARAGRAPHS = ("paragraph", "block_text")


def _is_mute(token: Token) -> bool:
    kind = token["type"]
    return kind in ("inline_html", "softbreak", "linebreak") or (
        kind == "text" and not token["raw"].strip()
    )


def _read_inline(text: str, env: Any) -> list[Token]:
    tokens = read_quickly(text)
    return _parse_slowly(text, env) if tokens is None else tokens


def _read_table(node: Node, env: Any) -> None:
    """Read the cells of a table; its rows stay as long as they are written."""
    rows: list[list[str]] = node.attrs["rows"]
    header = len(rows[0])
    node.attrs = {
        "align": node.attrs["align"],
        "rows": [[_read_inline(cell, env) for cell in row] for row in rows],
        "ragged": [n + 1 for n, row in enumerate(rows) if len(row) != header],
    }


def _read_task_box(first: Token, attrs: dict[str, Any]) -> None:
    """Take `[ ]` or `[x]` off an item's text (GFM, task list items)."""
    if first["type"] in ("paragraph", "block_text"):
        box = _TASK_BOX.match(first["text"])
        if box:
            first["text"] = first["text"][box.end() :]
            first["tail"] -= box.end()
            attrs["checked"] = box[1] != " "
