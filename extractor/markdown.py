"""Markdown to nodes that know their lines: the door to mistune.

mistune's tokens carry no positions. Its block parser is subclassed here: a
state knows at which line of the page its text begins, every token is given the
lines it was parsed from, and the states of list items, quotes, definitions and
footnotes map line for line onto their parent's.

Columns need no bookkeeping: whatever a container strips from a line it strips
from the left, so a place is found by its distance from the line's end (`tail`).
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from re import Match
from typing import Any

from mistune import BlockParser, BlockState, Markdown
from mistune.core import InlineState
from mistune.inline_parser import InlineParser
from mistune.plugins.def_list import DEF_PATTERN
from mistune.plugins.formatting import strikethrough
from mistune.plugins.table import NP_TABLE_PATTERN, TABLE_PATTERN
from mistune.util import unikey

Token = dict[str, Any]
"""A mistune token: `type`, and `raw`, `children` or `attrs` as the type has it."""


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
            align, rows, ragged.
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
    state = _LineState()
    state.first_line = first_line
    state.process("\n".join(lines) + "\n")
    _PARSER.block.parse(state)
    return _build_nodes(state.tokens, state.env)


def parse_inline(text: str) -> list[Token]:
    """Parse a piece of a line on its own, without the page's link references."""
    return _PARSER.inline(text, {"ref_links": {}})


# --- states and rules that know lines ---------------------------------------------------


class _LineState(BlockState):
    """A block state that knows where in the page its text stands.

    Attributes:
        first_line: Line of the page at which `src` begins.
        opened: Line at which the block being parsed begins.
        marker: Offset of the marker of the list item being collected; -1 outside lists.
        items: First line, last line and tail of the items collected so far.
        nested: The child state opened last.
    """

    def __init__(self, parent: BlockState | None = None) -> None:
        super().__init__(parent)
        self.first_line = self.opened = 1
        self.marker = -1
        self.items: list[tuple[int, int, int]] = []
        self.nested: _LineState = self
        self._counted_to = self._newlines = 0

    def line_at(self, pos: int) -> int:
        """Give the page's line number for an offset in `src`."""
        if pos >= self._counted_to:
            self._newlines += self.src.count("\n", self._counted_to, pos)
        else:
            self._newlines -= self.src.count("\n", pos, self._counted_to)
        self._counted_to = pos
        return self.first_line + self._newlines

    def last_line(self) -> int:
        """Give the line on which the last words of `src` stand."""
        return self.first_line + self.src.rstrip().count("\n")

    def child_state(self, src: str, lazy_line_starts: set[int] | None = None) -> _LineState:
        """Open a state for the text of a quote, list item, definition or footnote."""
        child = super().child_state(src, lazy_line_starts)
        assert isinstance(child, _LineState)
        child.first_line = self.opened
        self.nested = child
        if self.marker >= 0:
            self._note_item(child)
        return child

    def _note_item(self, child: _LineState) -> None:
        """Place the item just collected, and step to the marker of the next one."""
        line = self.line_at(self.marker)
        marker = self.get_line(self.marker)
        # The text of an item with nothing behind its marker begins on the next line.
        child.first_line = line + 1 if _BARE_MARKER.match(marker) else line
        last = child.last_line() if child.src.strip() else line
        self.items.append((line, last, len(marker.strip())))
        self.marker = self.src.rfind("\n", 0, self.cursor - 1) + 1

    def add_paragraph(self, text: str) -> None:
        """Open a paragraph at the cursor, or continue the last one."""
        super().add_paragraph(text)
        token = self.tokens[-1]
        if "line" not in token:
            token["line"] = self.line_at(self.cursor)
            token["tail"] = len(text.partition("\n")[0].strip())


_SIGNS = tuple(
    (re.compile(sign), rule)
    for sign, rule in (
        ("[|]", "table"),
        ("[|]", "nptable"),
        (r"\n[^\w\n]*:[ \t]", "def_list"),
        (r"\[\^", "footnote_def"),
        (r"\]:", "ref_link"),
        ("<", "raw_html"),
        ("```|~~~", "fenced_code"),
    )
)
"""What a page must hold somewhere for a rule to match on it."""

_BARE_MARKER = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s*\Z")


class _LineParser(BlockParser):
    """mistune's block parser, noting the lines of every token."""

    state_cls = _LineState

    def parse(self, state: BlockState, rules: list[str] | None = None) -> None:
        """Parse with the rules that can match on this page: fewer alternatives at every line."""
        src = state.src
        if src[:1].isalpha() and src.find("\n") in (-1, len(src) - 1):
            # A line that begins with a letter is a paragraph; most list items are.
            state.add_paragraph(src)
            state.cursor = state.cursor_max
            return
        absent = state.env.get("absent")
        if absent is None:
            absent = {rule for sign, rule in _SIGNS if not sign.search(src)}
            state.env["absent"] = absent
        super().parse(state, [rule for rule in rules or self.rules if rule not in absent])

    def parse_method(self, m: Match[str], state: BlockState) -> int | None:
        """Run a rule and note where its tokens stand.

        Rules nest: a list or quote parses the block that ends it, so what is
        open now is put back afterwards.
        """
        if m.lastgroup == "blank_line":
            return self.parse_blank_line(m, state)
        assert isinstance(state, _LineState)
        outer = state.opened, state.marker
        state.opened, state.marker = state.line_at(m.start()), -1
        known = len(state.tokens)
        end = super().parse_method(m, state)
        if end:
            for token in state.tokens[known:]:
                if "line" not in token:
                    _place(token, state, m.start(), end)
        state.opened, state.marker = outer
        return end

    def _parse_indent_code_fast(self, state: BlockState) -> int | None:
        assert isinstance(state, _LineState)
        # Asked at every block; the answer is almost always in the first character.
        if state.src[state.cursor] not in " \t":
            return None
        known = len(state.tokens)
        end = super()._parse_indent_code_fast(state)
        if end and len(state.tokens) > known:
            state.opened = state.line_at(state.cursor)
            _place(state.tokens[-1], state, state.cursor, end)
        return end

    def parse_atx_heading(self, m: Match[str], state: BlockState) -> int:
        """Take the closing `#` off by hand: mistune's pattern is quadratic in spaces."""
        text = m.group("atx_2").strip(string.whitespace)
        bare = text.rstrip("#")
        if not bare or bare[-1] in " \t":
            text = bare.rstrip(" \t")
        level = {"level": len(m.group("atx_1"))}
        state.append_token({"type": "heading", "text": text, "attrs": level, "style": "atx"})
        return m.end() + 1

    def parse_setex_heading(self, m: Match[str], state: BlockState) -> int | None:
        """Let the heading end at its underline."""
        end = super().parse_setex_heading(m, state)
        assert isinstance(state, _LineState)
        if end and state.tokens[-1].get("style") == "setext":
            state.tokens[-1].setdefault("end_line", state.opened)
        return end

    def parse_block_quote(self, m: Match[str], state: BlockState) -> int:
        """Let the quote end where its own text does."""
        known = len(state.tokens)
        end = super().parse_block_quote(m, state)
        assert isinstance(state, _LineState)
        token = _newest(state, "block_quote")
        # mistune puts it behind a list that ends it, where a third block has ended that list.
        state.tokens[known:] = [token, *(t for t in state.tokens[known:] if t is not token)]
        token["end_line"] = max(state.opened, state.nested.last_line())
        token["line"], token["tail"] = state.opened, len(m.group(0).strip())
        return end

    def parse_list(self, m: Match[str], state: BlockState) -> int:
        """Note the lines of the items while mistune collects them."""
        assert isinstance(state, _LineState)
        outer, state.items = state.items, []
        state.marker = m.start()
        end = super().parse_list(m, state)
        if state.items:
            token = _newest(state, "list")
            for item, place in zip(token["children"], state.items, strict=True):
                item["line"], item["end_line"], item["tail"] = place
            token["line"], _, token["tail"] = state.items[0]
            token["end_line"] = state.items[-1][1]
        state.items = outer
        return end


def _newest(state: BlockState, kind: str) -> Token:
    """Find the token a rule has just made; the block that ended it may stand behind it."""
    return next(t for t in reversed(state.tokens) if t["type"] == kind and "line" not in t)


def _place(token: Token, state: _LineState, start: int, end: int) -> None:
    text = state.src[start:end].rstrip()
    token["line"] = state.opened
    token["tail"] = len(text.partition("\n")[0].strip())
    token.setdefault("end_line", state.opened + text.count("\n"))


# --- footnotes, where they are written ---------------------------------------------------

_FOOTNOTE_LABEL = r"(?:[^\\\[\]\s]|\\.){1,500}"
_FOOTNOTE_DEF = (
    rf"^ {{0,3}}\[\^(?P<note_label>{_FOOTNOTE_LABEL})\]:(?=[ \t\n])"
    r"(?P<note_text>[^\n]*(?:\n|$)(?:(?:[ \t]*\n)*(?: {2,}|\t)[ \t]*[^\s][^\n]*(?:\n|$))*)"
)
_FOOTNOTE_REF = rf"\[\^(?P<note_ref>{_FOOTNOTE_LABEL})\]"
_DEDENT = re.compile(r"^(?: {1,4}|\t)", re.M)


def _parse_footnote_def(block: BlockParser, m: Match[str], state: BlockState) -> int:
    """Read `[^label]: text` in its place; mistune drops notes that nothing refers to."""
    label = m.group("note_label")
    state.env.setdefault("notes", set()).add(unikey(label))
    child = state.child_state(_DEDENT.sub("", m.group("note_text")))
    block.parse(child, _rules_within(block, state, "footnote_def"))
    state.append_token({"type": "footnote", "children": child.tokens, "attrs": {"label": label}})
    return m.end()


def _parse_footnote_ref(inline: InlineParser, m: Match[str], state: InlineState) -> int:
    known = unikey(m.group("note_ref")) in state.env.get("notes", ())
    state.append_token({"type": "footnote_ref" if known else "text", "raw": m.group(0)})
    return m.end()


def _rules_within(block: BlockParser, state: BlockState, kind: str) -> list[str]:
    """List the rules for the text of a `kind`, which can't hold another of its kind."""
    closed = {kind}
    if state.depth() >= block.max_nested_level - 1:
        closed |= {"block_quote", "list"}
    return [rule for rule in block.list_rules if rule not in closed]


# --- definition lists -------------------------------------------------------------------

_DEFINITION = re.compile(r" {0,3}:[ \t]+")


def _parse_def_list(block: BlockParser, m: Match[str], state: BlockState) -> int | None:
    """Read `Term` / `: text` (PHP Markdown Extra, definition lists)."""
    head = _take_head(state)
    if head is None:
        return None
    children = list(_build_terms(head))
    assert isinstance(state, _LineState)
    pos = m.start()
    while pos < state.cursor_max and _DEFINITION.match(state.src, pos):
        end = _find_definition_end(state, pos)
        children.append(_parse_definition(block, state, pos, end))
        pos = end
    _append_definitions(state, children)
    return pos


def _take_head(state: BlockState) -> Token | None:
    """Take back the paragraph that stands straight before, or a blank line before."""
    tokens = state.tokens
    blank = 1 if tokens and tokens[-1]["type"] == "blank_line" else 0
    if len(tokens) <= blank or tokens[-1 - blank]["type"] != "paragraph":
        return None
    head = tokens[-1 - blank]
    del tokens[-1 - blank :]
    return head


def _build_terms(head: Token) -> Iterator[Token]:
    for number, text in enumerate(head["text"].rstrip().split("\n")):
        line = head["line"] + number
        yield {
            "type": "def_list_head",
            "text": text,
            "line": line,
            "end_line": line,
            "tail": len(text.strip()),
        }


def _find_definition_end(state: BlockState, pos: int) -> int:
    """Find where a definition ends: after a blank line, only indented lines belong to it."""
    blank = False
    pos = state.find_line_end_at(pos)
    while pos < state.cursor_max:
        line = state.get_line(pos)
        if _DEFINITION.match(line) or (blank and line.strip() and line[0] not in " \t"):
            break
        blank = not line.strip()
        pos += len(line)
    return pos


def _parse_definition(block: BlockParser, state: _LineState, start: int, end: int) -> Token:
    text = state.src[start:end]
    state.opened = state.line_at(start)
    child = state.child_state(_DEDENT.sub("", _DEFINITION.sub("", text, count=1)).rstrip() + "\n")
    block.parse(child, _rules_within(block, state, "def_list"))
    token = {"type": "def_list_item", "children": child.tokens}
    _place(token, state, start, end)
    return token


def _append_definitions(state: _LineState, children: list[Token]) -> None:
    last = state.last_token()
    if last and last["type"] == "def_list":
        last["children"] += children
    else:
        first = children[0]
        last = {"type": "def_list", "children": children, "line": first["line"]}
        last["tail"] = first["tail"]
        state.append_token(last)
    last["end_line"] = children[-1]["end_line"]


# --- tables -----------------------------------------------------------------------------

_DELIMITER_CELL = re.compile(r"(:?)-+(:?)")
_CELL = re.compile(r"((?:[^|\\]|\\.|\\$)*)(?:\||$)", re.S)
_ALIGN = {(True, True): "center", (True, False): "left", (False, True): "right"}


def _parse_table(block: BlockParser, m: Match[str], state: BlockState) -> int | None:
    """Read a table (GFM, tables), ragged rows too: mistune takes those for a paragraph."""
    columns = _split_row(m.group(0))
    delimiter = state.get_line(m.end())
    align = _read_alignment(delimiter)
    if align is None or len(align) != len(columns):
        return None
    breaks = block.compile_sc(["fenced_code", "atx_heading", "block_quote", "block_html"])
    pos = m.end() + len(delimiter)
    rows = [columns]
    while pos < state.cursor_max and not breaks.match(state.src, pos):
        line = state.get_line(pos)
        if "|" not in line:
            break
        rows.append(_split_row(line))
        pos += len(line)
    state.append_token({"type": "table", "attrs": {"align": align, "rows": rows}})
    return pos


def _split_row(line: str) -> list[str]:
    r"""Split a row into cells; `\|` is a bar, in code too (GFM example 200)."""
    text = line.strip()
    cells = [cell.replace("\\|", "|").strip() for cell in _CELL.findall(text.removeprefix("|"))]
    # The pattern matches once more at the end; after a closing bar there is no cell.
    cells.pop()
    return cells or [""]


def _read_alignment(line: str) -> list[str | None] | None:
    if "|" not in line:
        return None
    cells = [_DELIMITER_CELL.fullmatch(cell) for cell in _split_row(line)]
    if not all(cells):
        return None
    return [_ALIGN.get((bool(cell[1]), bool(cell[2]))) for cell in cells if cell]


# --- the parser -------------------------------------------------------------------------


class _InlineParser(InlineParser):
    def _get_fast_trigger_re(self, chars: set[str]) -> re.Pattern[str]:
        """Keep the pattern of special characters; mistune sorts them anew for every word."""
        return self._fast_trigger_re or super()._get_fast_trigger_re(chars)


def _make_parser() -> Markdown:
    block, inline = _LineParser(), _InlineParser()
    markdown = Markdown(renderer=None, block=block, inline=inline, plugins=[strikethrough])
    block.register("footnote_def", _FOOTNOTE_DEF, _parse_footnote_def, before="ref_link")
    block.register("table", TABLE_PATTERN, _parse_table)
    block.register("nptable", NP_TABLE_PATTERN, _parse_table)
    block.register("def_list", DEF_PATTERN, _parse_def_list)
    block.list_rules = block.block_quote_rules = list(block.rules)
    inline.register("footnote", _FOOTNOTE_REF, _parse_footnote_ref, before="link", start_chars="[")
    return markdown


_PARSER = _make_parser()


# --- tokens to nodes --------------------------------------------------------------------

_TASK_BOX = re.compile(r"\[([ xX])\]\s+")


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
        _read_text(node, token["text"], env)
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
        node.end_line = node.line + text.count("\n")


_PLAIN = re.compile(r"[^\\`*_!\[\]<~\n]+")


def _read_inline(text: str, env: Any) -> list[Token]:
    """Run the inline parser, unless no character of the text means anything to it."""
    if _PLAIN.fullmatch(text):
        return [{"type": "text", "raw": text}]
    return _PARSER.inline(text, env)


def _read_table(node: Node, env: Any) -> None:
    rows: list[list[str]] = node.attrs["rows"]
    width = max(len(row) for row in rows)
    header = len(rows[0])
    node.attrs = {
        "align": node.attrs["align"] + [None] * (width - header),
        "rows": [
            [_read_inline(cell, env) for cell in row] + [[]] * (width - len(row)) for row in rows
        ],
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
