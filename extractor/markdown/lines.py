"""A block parser that knows lines.

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
from collections.abc import Iterable
from re import Match, Pattern
from typing import Any, ClassVar

from mistune import BlockParser, BlockState

from extractor.markdown.code_blocks import (
    compile_fence_end,
    cut_indent,
    expand_tabs,
    measure_code,
    restore_tabs,
)
from extractor.markdown.entities import read_escapes
from extractor.markdown.html_blocks import find_html_end
from extractor.markdown.lazy import BLOCK_START, FENCE, LIST_MARK, QUOTE_MARK, Tip

Token = dict[str, Any]
"""A mistune token: `type`, and `raw`, `children` or `attrs` as the type has it."""


class LineState(BlockState):
    """A block state that knows where in the page its text stands.

    Attributes:
        first_line: Line of the page at which `src` begins.
        opened: Line at which the block being parsed begins.
        column: Column of the page at which a line of `src` begins; tabs are counted from there.
    """

    def __init__(self, parent: BlockState | None = None) -> None:
        super().__init__(parent)
        self.first_line = self.opened = 1
        self.column = 0
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

    def child_state(self, src: str, lazy_line_starts: set[int] | None = None) -> LineState:
        """Open a state for the text of a quote, list item, definition or footnote."""
        child = super().child_state(src, lazy_line_starts)
        assert isinstance(child, LineState)
        child.first_line = self.opened
        return child

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
        ("[|]|:-|-:", "table"),
        (r"\n[^\w\n]*:[ \t]", "def_list"),
        (r"\[\^", "footnote_def"),
        (r"\]:", "ref_link"),
        ("<", "raw_html"),
        ("```|~~~", "fenced_code"),
    )
)
"""What a page must hold somewhere for a rule to match on it."""


def is_plain_line(src: str) -> bool:
    """Tell whether a text is one line and begins with a letter: that can only be a paragraph."""
    return src[:1].isalpha() and src.find("\n") in (-1, len(src) - 1)


class LineParser(BlockParser):
    """mistune's block parser, noting the lines of every token."""

    state_cls = LineState

    SPECIFICATION: ClassVar[dict[str, str]] = {
        **BlockParser.SPECIFICATION,
        "setex_heading": r"^ {0,3}(?:(?P<setext_1>=)=*|-+)[ \t]*$",
        "fenced_code": rf"^(?P<fenced_1> {{0,3}})(?P<fenced_2>{FENCE})[ \t]*(?P<fenced_3>.*?)$",
        "indent_code": r"^(?: {4}| {0,3}\t)[ \t]*[^ \t\n]",
        # ASCII digits only, where `\d` knows those of every script.
        "list": rf"^(?P<list_1> {{0,3}})(?P<list_2>{LIST_MARK})(?P<list_3>[ \t]*|[ \t].+)$",
        "raw_html": r"^ {0,3}<(?=[A-Za-z/!?])",
    }

    def parse(self, state: BlockState, rules: list[str] | None = None) -> None:
        """Parse with the rules that can match on this page: fewer alternatives at every line."""
        src = state.src
        if is_plain_line(src):
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

        A rule may run another: an underline under nothing is a rule or a list.
        What is open now is put back afterwards.
        """
        if m.lastgroup == "blank_line":
            return self.parse_blank_line(m, state)
        assert isinstance(state, LineState)
        outer, state.opened = state.opened, state.line_at(m.start())
        known = len(state.tokens)
        end = super().parse_method(m, state)
        if end:
            for token in state.tokens[known:]:
                if "line" not in token:
                    place(token, state, m.start(), end)
        state.opened = outer
        return end

    def _parse_indent_code_fast(self, state: BlockState) -> int | None:
        assert isinstance(state, LineState)
        # Asked at every block; the answer is almost always in the first character.
        if state.src[state.cursor] not in " \t":
            return None
        lines, end = measure_code(state.src, state.cursor, state.cursor_max)
        if not lines or not lines[0].strip(" \t"):
            return None
        tokens = state.tokens
        if tokens and tokens[-1]["type"] == "paragraph":
            return state.append_paragraph()
        state.opened = state.line_at(state.cursor)
        code = "\n".join(_restore_page(lines, state, state.opened))
        state.append_token({"type": "block_code", "raw": code, "style": "indent"})
        place(state.tokens[-1], state, state.cursor, end)
        return end

    def _parse_plain_paragraph(self, state: BlockState, sc: Pattern[str]) -> bool:
        """Read lines up to the next block; mistune searches for it unless a letter comes first."""
        start = pos = state.cursor
        while pos < state.cursor_max and (pos == start or not sc.match(state.src, pos)):
            line = state.get_line(pos)
            if not line.strip():
                break
            pos += len(line)
        if pos == start:
            return False
        state.add_paragraph(state.get_text(pos))
        state.cursor = pos
        return True

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
        assert isinstance(state, LineState)
        if end and state.tokens[-1].get("style") == "setext":
            state.tokens[-1].setdefault("end_line", state.opened)
        return end

    def parse_fenced_code(self, m: Match[str], state: BlockState) -> int:
        """Read code as it lies in its container; mistune counts one of its ends as none."""
        assert isinstance(state, LineState)
        marker = m["fenced_2"]
        start = m.end() + 1
        closer = compile_fence_end(marker[0], len(marker)).search(state.src, start)
        code = state.src[start : closer.start() if closer else state.cursor_max]
        lines = _restore_page(
            cut_indent(code.split("\n"), len(m["fenced_1"])), state, state.opened + 1
        )
        token: Token = {"type": "block_code", "raw": "\n".join(lines), "style": "fenced"}
        if m["fenced_3"]:
            token["attrs"] = {"info": read_escapes(m["fenced_3"]).strip()}
        state.append_token(token)
        return min(closer.end() + 1, state.cursor_max) if closer else state.cursor_max

    def parse_raw_html(self, m: Match[str], state: BlockState) -> int | None:
        """Read a block of any of the seven kinds; mistune doesn't know a tag that closes itself."""
        tokens = state.tokens
        alone = not tokens or tokens[-1]["type"] != "paragraph"
        line_end = state.find_line_end()
        pos = state.src.index("<", m.start())
        end = find_html_end(state.src, pos, line_end, alone=alone)
        if end is None:
            return state.append_paragraph()
        assert isinstance(state, LineState)
        lines = _restore_page(state.get_text(end).split("\n"), state, state.opened)
        state.append_token({"type": "block_html", "raw": "\n".join(lines)})
        return end

    def parse_block_quote(self, m: Match[str], state: BlockState) -> int:
        """Read a quote up to the line that is neither marked nor lazy (CommonMark 5.1)."""
        assert isinstance(state, LineState)
        is_spaced = m["quote_1"].startswith(" ")
        column = state.column + m.start("quote_1") - m.start() + is_spaced
        lines, lazy = self._collect_quote(state, Tip(column))
        text = "".join(lines)
        child = state.child_state(text, lazy)
        child.column = column
        rules = self.block_quote_rules
        if state.depth() >= self.max_nested_level - 1:
            rules = [rule for rule in rules if rule not in ("block_quote", "list")]
        self.parse(child, rules)
        token = {
            "type": "block_quote",
            "children": child.tokens,
            "line": state.opened,
            "end_line": state.opened + text.rstrip().count("\n"),
            "tail": len(m.group().strip()),
        }
        state.append_token(token)
        return state.cursor

    def _collect_quote(self, state: LineState, tip: Tip) -> tuple[list[str], set[int]]:
        """Give the lines of a quote without their marks, and where the lazy ones begin."""
        lines: list[str] = []
        lazy: set[int] = set()
        length = 0
        while state.cursor < state.cursor_max:
            line = state.get_line(state.cursor)
            text = _strip_quote_mark(line, state.column)
            is_known = state.cursor in state.lazy_line_starts
            if text is None or is_known:
                is_end = not line.strip() or BLOCK_START.match(state.src, state.cursor)
                if not is_known and (is_end or not tip.is_paragraph(lines)):
                    break
                tip.add_lazy(len(lines))
                lazy.add(length)
                text = line if is_known else expand_tabs(line, state.column)
            lines.append(text)
            length += len(text)
            state.cursor += len(line)
        return lines, lazy


_QUOTE_MARK = re.compile(QUOTE_MARK)


def _strip_quote_mark(line: str, column: int) -> str | None:
    mark = _QUOTE_MARK.match(line)
    if not mark:
        return None
    text = expand_tabs(line[mark.end() :], column + mark.end())
    return text[1:] if text[:1] == " " else text


def _restore_page(lines: list[str], state: LineState, first: int) -> Iterable[str]:
    """Give lines of code the tabs that the page has before them, from a line of the page on."""
    if state.parent is None or not state.env.get("tabbed"):
        return lines
    start = first - state.env["first_line"]
    return restore_tabs(lines, state.env["lines"][start : start + len(lines)])


def place(token: Token, state: LineState, start: int, end: int) -> None:
    """Note where a token stands, from its text's offsets in the state."""
    text = state.src[start:end].rstrip()
    token["line"] = state.opened
    token["tail"] = len(text.partition("\n")[0].strip())
    token.setdefault("end_line", state.opened + text.count("\n"))
