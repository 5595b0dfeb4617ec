"""Syntax beyond CommonMark as plugins of the line parser: footnotes, definition lists, tables.

mistune has plugins for all three, but they know no lines, drop footnotes that
nothing refers to, and take a table with one ragged row for a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from itertools import accumulate
from re import Match

from mistune import BlockParser, BlockState, InlineParser, Markdown
from mistune.core import InlineState
from mistune.plugins.def_list import DEF_PATTERN
from mistune.util import unikey

from extractor.markdown.code_blocks import cut_columns, cut_indent, expand_tabs
from extractor.markdown.html_blocks import match_html
from extractor.markdown.lazy import BLOCK_START, Tip
from extractor.markdown.lines import LineState, Token, place
from extractor.markdown.rows import TABLE_START, read_alignment, split_row

# --- footnotes, where they are written ---------------------------------------------------

_FOOTNOTE_LABEL = r"(?:[^\\\[\]\s]|\\.){1,500}"
_FOOTNOTE_DEF = rf"^ {{0,3}}\[\^(?P<note_label>{_FOOTNOTE_LABEL})\]:(?=[ \t\n])"
_FOOTNOTE_REF = rf"\[\^(?P<note_ref>{_FOOTNOTE_LABEL})\]"


def read_footnotes(md: Markdown) -> None:
    """Teach a parser footnotes, each where it is written."""
    block, inline = md.block, md.inline
    block.register("footnote_def", _FOOTNOTE_DEF, _parse_footnote_def, before="ref_link")
    inline.register("footnote", _FOOTNOTE_REF, _parse_footnote_ref, before="link", start_chars="[")


def _parse_footnote_def(block: BlockParser, m: Match[str], state: BlockState) -> int:
    """Read `[^label]: text` in its place; mistune drops notes that nothing refers to."""
    label = m.group("note_label")
    state.env.setdefault("notes", set()).add(unikey(label))
    end, lazy = _find_note_end(state, m.end())
    text, lazy_starts = _dedent(state.src[m.end() : end], lazy)
    child = state.child_state(text, lazy_starts)
    block.parse(child, _rules_within(block, state, "footnote_def"))
    state.append_token({"type": "footnote", "children": child.tokens, "attrs": {"label": label}})
    return end


_INDENTED = re.compile(r" {2}|[ \t]*\t")


def _find_note_end(state: BlockState, start: int) -> tuple[int, set[int]]:
    """Find where a footnote ends: with its indented lines, and the lazy ones of its paragraphs.

    Returns:
        The end, and the numbers of the lazy lines, counted from the note's first.
    """
    assert isinstance(state, LineState)
    tip = Tip(state.column)
    lazy: set[int] = set()
    end = pos = state.find_line_end_at(start)
    lines = [state.src[start:pos].lstrip(" \t")]
    while pos < state.cursor_max:
        line = state.get_line(pos)
        is_blank = not line.strip()
        if not is_blank and not _INDENTED.match(line):
            if BLOCK_START.match(line) or not tip.is_paragraph(lines):
                break
            tip.add_lazy(len(lines))
            lazy.add(len(lines))
        lines.append(cut_columns(line, 4))
        pos += len(line)
        end = end if is_blank else pos
    return end, lazy


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


def _dedent(text: str, lazy: Container[int] = ()) -> tuple[str, set[int]]:
    """Take the indent off all lines but the first: as much as every block has, four at most.

    What stands before the first blank line is one paragraph, however it is indented.

    Returns:
        The text, and where the lazy lines begin in it.
    """
    first, *rest = text.split("\n")
    lines = [expand_tabs(line) for line in rest]
    blank = next((n for n, line in enumerate(lines) if not line.strip()), 0)
    indents = [len(line) - len(line.lstrip(" ")) for line in lines[blank:] if line.strip()]
    width = min([4, *(indent for indent in indents if indent)])
    texts = [first, *cut_indent(lines, width)]
    starts = accumulate((len(text) + 1 for text in texts), initial=0)
    return "\n".join(texts), {start for n, start in enumerate(starts) if n in lazy}


# --- definition lists -------------------------------------------------------------------

_DEFINITION = re.compile(r" {0,3}:[ \t]+")


def read_definition_lists(md: Markdown) -> None:
    """Teach a parser definition lists (PHP Markdown Extra)."""
    md.block.register("def_list", DEF_PATTERN, _parse_def_list)


def _parse_def_list(block: BlockParser, m: Match[str], state: BlockState) -> int | None:
    """Read `Term` / `: text` (PHP Markdown Extra, definition lists)."""
    head = _take_head(state)
    if head is None:
        return None
    children = list(_build_terms(head))
    assert isinstance(state, LineState)
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


def _parse_definition(block: BlockParser, state: LineState, start: int, end: int) -> Token:
    text = state.src[start:end]
    state.opened = state.line_at(start)
    text, _ = _dedent(_DEFINITION.sub("", text, count=1))
    child = state.child_state(text.rstrip() + "\n")
    block.parse(child, _rules_within(block, state, "def_list"))
    token = {"type": "def_list_item", "children": child.tokens}
    place(token, state, start, end)
    return token


def _append_definitions(state: LineState, children: list[Token]) -> None:
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

_OPENINGS = [
    *("fenced_code", "atx_heading", "thematic_break", "block_quote", "indent_code", "list"),
    "footnote_def",
]
"""What ends a table (GFM 4.10)."""


def read_tables(md: Markdown) -> None:
    """Teach a parser tables (GFM), ragged ones too."""
    md.block.register("table", TABLE_START, _parse_table)


def _parse_table(block: BlockParser, m: Match[str], state: BlockState) -> int | None:
    """Read a table (GFM, tables), ragged rows too: mistune takes those for a paragraph."""
    header = state.get_line(m.start())
    pos = m.start() + len(header)
    columns = split_row(header)
    align = read_alignment(state.get_line(pos))
    if pos in state.lazy_line_starts or align is None or len(align) != len(columns):
        return None
    breaks = block.compile_sc(_OPENINGS)
    pos = m.end() + 1
    rows = [columns]
    while pos < state.cursor_max and not breaks.match(state.src, pos):
        line = state.get_line(pos)
        if line.strip() in ("", "|") or _is_html(state, pos):
            break
        rows.append(split_row(line))
        pos += len(line)
    state.append_token({"type": "table", "attrs": {"align": align, "rows": rows}})
    return min(pos, state.cursor_max)


def _is_html(state: BlockState, pos: int) -> bool:
    line = state.get_line(pos)
    words = line.lstrip(" ")
    return words[:1] == "<" and match_html(words, 0, len(words), alone=True) is not None
