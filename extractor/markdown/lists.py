"""Lists and their items (CommonMark 5.2 and 5.3), each with its lines.

Read as mistune reads them, which compiles two patterns and opens a state for every
item; most items are one line that can be nothing but a paragraph.
"""

from __future__ import annotations

import re
from functools import cache
from re import Match, Pattern
from typing import NamedTuple

from mistune import BlockParser, BlockState, Markdown
from mistune.util import strip_end

from extractor.markdown.code_blocks import expand_tabs
from extractor.markdown.lazy import BLOCK_START, RULE, Tip
from extractor.markdown.lines import LineState, Token, is_plain_line


class _Marker(NamedTuple):
    """Where an item begins: the offset of its line, and the three parts of that line."""

    pos: int
    indent: str
    bullet: str
    text: str

    @property
    def width(self) -> int:
        return len(self.indent) + len(self.bullet)


class _Next(NamedTuple):
    """The item that ends the one before it.

    Attributes:
        marker: Of the next item.
        is_loose: Whether a blank line stands before that.
    """

    marker: _Marker
    is_loose: bool


def read_lists(md: Markdown) -> None:
    """Teach a parser lists whose items know their lines."""
    md.block.register("list", None, _parse_list)


def _parse_list(block: BlockParser, m: Match[str], state: BlockState) -> int:
    """Read a list up to the line that belongs to none of its items."""
    assert isinstance(state, LineState)
    first = _Marker(m.start(), m["list_1"], m["list_2"], m["list_3"])
    is_ordered = len(first.bullet) > 1
    start = int(first.bullet[:-1]) if is_ordered else 1
    if start != 1 or not first.text.strip():
        # Such an item can't interrupt a paragraph.
        end = state.append_paragraph()
        if end:
            return end
    state.cursor = m.end() + 1
    items, is_tight = _read_items(block, state, first)
    if is_tight:
        _tighten(items)
    attrs: Token = {"ordered": is_ordered} | ({"start": start} if start != 1 else {})
    token = {
        "type": "list",
        "children": items,
        "attrs": attrs,
        "line": items[0]["line"],
        "end_line": items[-1]["end_line"],
        "tail": items[0]["tail"],
    }
    state.append_token(token)
    return state.cursor


def _read_items(block: BlockParser, state: LineState, first: _Marker) -> tuple[list[Token], bool]:
    """Read items up to the end of the list; tell whether it is tight."""
    rules = block.list_rules
    if state.depth() >= block.max_nested_level - 1:
        rules = [rule for rule in rules if rule not in ("list", "block_quote")]
    items: list[Token] = []
    is_tight = True
    marker: _Marker | None = first
    while marker:
        text, column = _measure(marker, state.column)
        lines = _Lines(column, [text] if text else [], state.column)
        following = _collect_lines(state, marker, lines)
        items.append(_read_item(block, state, marker, lines, rules))
        is_loose = bool(following and following.is_loose)
        is_tight = is_tight and not is_loose and not _has_gap(items[-1]["children"])
        marker = following.marker if following else None
    return items, is_tight


def _measure(marker: _Marker, column: int) -> tuple[str, int]:
    """Give the text after a marker, and the column at which lines of its item begin."""
    text = expand_tabs(marker.text, column + marker.width)
    if not text.strip():
        return "", marker.width + 1
    indent = len(text) - len(text.lstrip(" "))
    # Five spaces are one, and four that make code.
    space = indent if indent < 5 else 1
    return text[space:] + "\n", marker.width + space


class _Lines:
    """The lines of an item, as they are without its indent.

    Attributes:
        column: The columns before them.
        texts: The lines.
        lazy: Where the lazy ones begin in the text that they make; None before the first.
    """

    __slots__ = ("_length", "_start", "_tip", "column", "lazy", "texts")

    def __init__(self, column: int, texts: list[str], start: int) -> None:
        self.column = column
        self.texts = texts
        self.lazy: set[int] | None = None
        self._start = start
        self._tip: Tip | None = None
        self._length = len(texts[0]) if texts else 0

    @property
    def tip(self) -> Tip:
        """What the lines end in; most items are never asked."""
        if self._tip is None:
            self._tip = Tip(self._start + self.column)
        return self._tip

    def add(self, line: str) -> None:
        self.texts.append(line)
        self._length += len(line)

    def add_lazy(self, line: str) -> None:
        self.lazy = self.lazy or set()
        self.lazy.add(self._length)
        self.tip.add_lazy(len(self.texts))
        self.add(line)


def _collect_lines(state: LineState, marker: _Marker, lines: _Lines) -> _Next | None:
    """Append the lines of an item up to what ends it; give the item that does."""
    is_empty = not lines.texts
    was_blank = False
    while state.cursor < state.cursor_max:
        pos = state.cursor
        line = state.get_line(pos)
        if pos in state.lazy_line_starts:
            lines.add_lazy(line)
            state.cursor += len(line)
            continue
        if line.strip(" \t\v\f") == "\n":
            lines.add(expand_tabs(line[:-1], state.column)[lines.column :] + "\n")
            was_blank = True
            state.cursor += len(line)
            continue
        text = line.lstrip(" \t")
        expanded = expand_tabs(line, state.column)
        # An item can begin with one blank line, its marker's own.
        is_over = is_empty and was_blank
        if len(expanded) - len(text) >= lines.column and not is_over:
            lines.add(expanded[lines.column :])
        else:
            item = None if text[:1].isalpha() else _match_item(state, marker, expanded)
            if item:
                state.cursor += len(line)
                return _Next(item, was_blank)
            if was_blank or is_empty or not _is_lazy(state, text, lines):
                return None
            lines.add_lazy(expanded)
        is_empty = was_blank = False
        state.cursor = pos + len(line)
    return None


def _match_item(state: LineState, marker: _Marker, line: str) -> _Marker | None:
    """Read the line at the cursor as the next item, whose marker is of the same kind."""
    item = _compile_item(marker.bullet[-1]).match(line)
    if not item or _RULE.match(line):
        return None
    return _Marker(state.cursor, *item.groups())


def _is_lazy(state: LineState, text: str, lines: _Lines) -> bool:
    """Tell whether the line at the cursor goes on with an item's paragraph."""
    if not text[:1].isalpha() and BLOCK_START.match(state.src, state.cursor):
        return False
    return lines.tip.is_paragraph(lines.texts)


def _read_item(
    block: BlockParser, state: LineState, marker: _Marker, lines: _Lines, rules: list[str]
) -> Token:
    line = state.line_at(marker.pos)
    # The text of an item with nothing after its marker begins on the next line.
    begin = line if marker.text.strip() else line + 1
    src = "".join(lines.texts)
    if ("```" not in src and "~~~" not in src) or not lines.tip.is_fence(lines.texts):
        src = strip_end(src)
    if is_plain_line(src):
        end = begin
        tokens = [{"type": "paragraph", "text": src, "line": begin, "tail": len(src.strip())}]
    else:
        child = state.child_state(src, lines.lazy)
        child.first_line = begin
        child.column = state.column + lines.column
        block.parse(child, rules)
        end = child.last_line() if src.strip() else line
        tokens = child.tokens
    tail = len(state.get_line(marker.pos).strip())
    return {"type": "list_item", "children": tokens, "line": line, "end_line": end, "tail": tail}


def _has_gap(tokens: list[Token]) -> bool:
    """Tell whether blank lines part the blocks of an item."""
    kinds = [token["type"] for token in tokens]
    return "blank_line" in kinds or kinds.count("paragraph") > 1


def _tighten(items: list[Token]) -> None:
    for item in items:
        for token in item["children"]:
            if token["type"] == "paragraph":
                token["type"] = "block_text"


_RULE = re.compile(f" {{0,3}}{RULE}", re.M)


@cache
def _compile_item(sign: str) -> Pattern[str]:
    """Compile the line that begins the next item of a list, whose markers end in a sign."""
    bullet = rf"[0-9]{{1,9}}\{sign}" if sign in ".)" else re.escape(sign)
    return re.compile(rf"( {{0,3}})({bullet})([ \t]*|[ \t][^\n]+)$")
