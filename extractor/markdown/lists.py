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


class _End(NamedTuple):
    """What an item ends before: the next item, a block that was read already, or neither.

    Attributes:
        marker: Of the next item.
        is_loose: Whether a blank line stands before that.
        pos: Where the block ends.
        place: Of the block among the tokens.
    """

    marker: _Marker | None = None
    is_loose: bool = False
    pos: int | None = None
    place: int = 0


def read_lists(md: Markdown) -> None:
    """Teach a parser lists whose items know their lines."""
    md.block.register("list", None, _parse_list)


def _parse_list(block: BlockParser, m: Match[str], state: BlockState) -> int:
    """Read a list; also the block that ends it, where that stands straight behind it."""
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
    items, is_tight, last = _read_items(block, state, first)
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
    if last.pos is None:
        state.append_token(token)
        return state.cursor
    state.tokens.insert(last.place, token)
    return last.pos


def _read_items(
    block: BlockParser, state: LineState, first: _Marker
) -> tuple[list[Token], bool, _End]:
    """Read items up to the end of the list; tell whether it is tight, and what ended it."""
    rules = block.list_rules
    if state.depth() >= block.max_nested_level - 1:
        rules = [rule for rule in rules if rule not in ("list", "block_quote")]
    items: list[Token] = []
    is_tight = True
    marker: _Marker | None = first
    while marker:
        text, column = _measure(marker)
        lines = [text] if text else []
        end = _collect_lines(block, state, marker, column, lines)
        items.append(_read_item(block, state, marker, "".join(lines), rules))
        is_tight = is_tight and not end.is_loose and not _has_gap(items[-1]["children"])
        marker = end.marker
    return items, is_tight, end


def _measure(marker: _Marker) -> tuple[str, int]:
    """Give the text behind a marker, and the column at which lines of its item begin."""
    text = _expand_tabs(marker.text, marker.width)
    if not text.strip():
        return "", marker.width + 1
    indent = len(text) - len(text.lstrip(" "))
    # Five spaces are one, and four that make code.
    space = indent if indent < 5 else 1
    return text[space:] + "\n", marker.width + space


def _collect_lines(
    block: BlockParser, state: LineState, marker: _Marker, column: int, lines: list[str]
) -> _End:
    """Append the lines of an item, as they are without its indent, up to what ends it."""
    is_empty = not lines
    was_blank = False
    while state.cursor < state.cursor_max:
        pos = state.cursor
        line = state.get_line(pos)
        if line.strip(" \t\v\f") == "\n":
            lines.append("\n")
            was_blank = True
            state.cursor += len(line)
            continue
        text = line.lstrip(" \t")
        expanded = _expand_tabs(line)
        if len(expanded) - len(text) >= column:
            if is_empty and was_blank:
                break  # An item can begin with one blank line, its marker's own.
            lines.append(expanded[column:])
        else:
            if not text[:1].isalpha():
                end = _find_end(block, state, marker, expanded, was_blank)
                if end:
                    return end
            if was_blank:
                break
            lines.append(expanded)
        is_empty = is_empty and not text.strip()
        was_blank = False
        state.cursor = pos + len(line)
    return _End()


def _find_end(
    block: BlockParser, state: LineState, marker: _Marker, line: str, was_blank: bool
) -> _End | None:
    """Tell whether the line at the cursor ends an item, and how."""
    width = min(marker.width, 3)
    found = _compile_breaks(block, width).match(state.src, state.cursor)
    if not found or found.lastgroup != "thematic_break":
        item = _compile_item(marker.bullet[-1], width).match(line)
        if item:
            pos = state.cursor
            state.cursor += len(state.get_line(pos))
            return _End(_Marker(pos, *item.groups()), was_blank)
    if not found:
        return None
    if found.lastgroup == "list":
        return _End()
    place = len(state.tokens)
    end = block.parse_method(found, state)
    return _End(pos=end, place=place) if end else None


def _read_item(
    block: BlockParser, state: LineState, marker: _Marker, src: str, rules: list[str]
) -> Token:
    line = state.line_at(marker.pos)
    # The text of an item with nothing behind its marker begins on the next line.
    begin = line if marker.text.strip() else line + 1
    src = strip_end(src)
    if is_plain_line(src):
        end = begin
        tokens = [{"type": "paragraph", "text": src, "line": begin, "tail": len(src.strip())}]
    else:
        child = state.child_state(src)
        child.first_line = begin
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


def _expand_tabs(line: str, column: int = 0) -> str:
    """Write the tabs before a line's text as spaces, the line beginning at a column."""
    text = line.lstrip(" \t")
    space = line[: len(line) - len(text)]
    if "\t" not in space:
        return line
    return (" " * column + space).expandtabs(4)[column:] + text


_BREAKS = ("thematic_break", "fenced_code", "atx_heading", "block_quote", "block_html", "list")


@cache
def _compile_breaks(block: BlockParser, width: int) -> Pattern[str]:
    """Compile what ends an item, indented by `width` spaces at most."""
    rules = {rule: block.specification[rule] for rule in _BREAKS}
    indent = f" {{0,{width}}}"
    patterns = (
        rf"(?P<{rule}>(?<=\n){pattern.replace(' {0,3}', indent, 1)})"
        for rule, pattern in rules.items()
    )
    return re.compile("|".join(patterns), re.M)


@cache
def _compile_item(sign: str, width: int) -> Pattern[str]:
    """Compile the line that begins the next item of a list, whose markers end in a sign."""
    bullet = rf"\d{{1,9}}\{sign}" if sign in ".)" else re.escape(sign)
    return re.compile(rf"( {{0,{width}}})({bullet})([ \t]*|[ \t][^\n]+)$")
