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
from re import Match, Pattern
from typing import Any

from mistune import BlockParser, BlockState

Token = dict[str, Any]
"""A mistune token: `type`, and `raw`, `children` or `attrs` as the type has it."""


class LineState(BlockState):
    """A block state that knows where in the page its text stands.

    Attributes:
        first_line: Line of the page at which `src` begins.
        opened: Line at which the block being parsed begins.
        nested: The text of the child state opened last.
    """

    def __init__(self, parent: BlockState | None = None) -> None:
        super().__init__(parent)
        self.first_line = self.opened = 1
        self.nested = ""
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
        self.nested = src
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


def is_plain_line(src: str) -> bool:
    """Tell whether a text is one line and begins with a letter: that can only be a paragraph."""
    return src[:1].isalpha() and src.find("\n") in (-1, len(src) - 1)


class LineParser(BlockParser):
    """mistune's block parser, noting the lines of every token."""

    state_cls = LineState

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

        Rules nest: a list or quote parses the block that ends it, so what is
        open now is put back afterwards.
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
        known = len(state.tokens)
        end = super()._parse_indent_code_fast(state)
        if end and len(state.tokens) > known:
            state.opened = state.line_at(state.cursor)
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

    def parse_block_quote(self, m: Match[str], state: BlockState) -> int:
        """Let the quote end where its own text does."""
        # The block that ends a quote must not continue what stands before the quote.
        before, state.tokens = state.tokens, []
        end = super().parse_block_quote(m, state)
        assert isinstance(state, LineState)
        token = next(t for t in state.tokens if t["type"] == "block_quote" and "line" not in t)
        # mistune puts it behind a list that ends it, where a third block has ended that list.
        state.tokens = [*before, token, *(t for t in state.tokens if t is not token)]
        token["end_line"] = state.opened + state.nested.rstrip().count("\n")
        token["line"], token["tail"] = state.opened, len(m.group(0).strip())
        return end


def place(token: Token, state: LineState, start: int, end: int) -> None:
    """Note where a token stands, from its text's offsets in the state."""
    text = state.src[start:end].rstrip()
    token["line"] = state.opened
    token["tail"] = len(text.partition("\n")[0].strip())
    token.setdefault("end_line", state.opened + text.count("\n"))
