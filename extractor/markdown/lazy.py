"""Lazy lines (CommonMark 5.1 and 5.2): which lines without a container's mark still belong to it.

Only the text of a paragraph may go on without the `>` or the indent of its
container, and only where the line begins no block itself. Whether a container's
text so far ends in an open paragraph is asked at such lines alone, and what was
looked at is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from re import Pattern

from extractor.markdown.code_blocks import expand_tabs
from extractor.markdown.html_blocks import BLANK, HTML_START, match_html
from extractor.markdown.rows import is_delimiter_row

QUOTE_MARK = " {0,3}>"
LIST_MARK = r"(?:[-+*]|[0-9]{1,9}[.)])"
FENCE = r"(?:`{3,}(?=[^`\n]*$)|~{3,})"
RULE = r"(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,})$"
HEADING = r"#{1,6}(?:[ \t]|$)"

_QUOTE = re.compile(QUOTE_MARK)
_ITEM = re.compile(rf" {{0,3}}(?!{RULE}){LIST_MARK}(?=[ \t]|$)", re.M)
_FIRST = ("-", "+", "*", "1.", "1)")
_FENCE = re.compile(f" {{0,3}}({FENCE})", re.M)
_LINE = re.compile(f" {{0,3}}(?:{HEADING}|{RULE})", re.M)
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$", re.M)

BLOCK_START = re.compile(
    rf" {{0,3}}(?:>|{LIST_MARK}(?:[ \t]|$)|{FENCE}|{HEADING}|{RULE}|{HTML_START}"
    r"|\[\^(?:[^\\\[\]\s]|\\.){1,500}\]:(?=[ \t\n]))",
    re.M,
)
"""What a line without the mark of its container can begin outside of it."""


class Tip:
    """Knows whether the lines of a container end in an open paragraph.

    The lines are read as CommonMark's appendix has it: first the containers that
    go on, then those that begin, then the leaf.
    """

    def __init__(self, column: int) -> None:
        self._column = column
        self._seen = 0
        self._lazy: set[int] = set()
        # For a quote 0, for an item the columns before its text.
        self._containers: list[int] = []
        self._leaf = ""
        self._fence = ""
        self._html: Pattern[str] = BLANK
        # The last line of the paragraph that is open.
        self._text = ""

    def add_lazy(self, number: int) -> None:
        """Say that a line is no more than a paragraph's, whatever it begins with."""
        self._lazy.add(number)

    def is_paragraph(self, lines: Sequence[str]) -> bool:
        """Look at the lines that are new, and tell whether a paragraph is open after them."""
        self._read(lines)
        return self._leaf == "paragraph"

    def is_fence(self, lines: Sequence[str]) -> bool:
        """Look at the lines that are new, and tell whether a fence is open after them."""
        self._read(lines)
        return self._leaf == "fence"

    def _read(self, lines: Sequence[str]) -> None:
        for number in range(self._seen, len(lines)):
            if number not in self._lazy:
                self._read_line(lines[number].removesuffix("\n"))
        self._seen = len(lines)

    def _read_line(self, line: str) -> None:
        text, depth = self._match_containers(line)
        if depth < len(self._containers):
            if self._leaf == "paragraph" and text.strip() and not BLOCK_START.match(text):
                return
            del self._containers[depth:]
            self._leaf = ""
        if self._leaf not in ("fence", "html"):
            self._read_leaf(self._open_containers(text, len(line) - len(text)))
        elif self._leaf == "fence":
            closer = text.strip()
            is_closed = closer.startswith(self._fence) and not closer.strip(closer[:1])
            self._leaf = "" if is_closed and text[:4].strip() else "fence"
        elif self._html.search(text):
            self._leaf = ""

    def _match_containers(self, line: str) -> tuple[str, int]:
        """Give a line's text after the marks of what is open, and how many of those it has."""
        text = line
        for depth, width in enumerate(self._containers):
            if not width:
                mark = _QUOTE.match(text)
                if not mark:
                    return text, depth
                text = self._take_mark(text, mark.end(), len(line) - len(text))
            elif text.startswith(" " * width):
                text = text[width:]
            elif text.strip():
                return text, depth
        return text, len(self._containers)

    def _take_mark(self, text: str, width: int, at: int) -> str:
        """Take a mark and a space off a text that stands so far into a line."""
        rest = expand_tabs(text[width:], self._column + at + width)
        return rest[1:] if rest[:1] == " " else rest

    def _open_containers(self, text: str, at: int) -> str:
        while mark := _QUOTE.match(text) or _ITEM.match(text):
            is_quote = mark[0].endswith(">")
            rest = self._take_mark(text, mark.end(), at)
            words = rest.lstrip(" ")
            is_first = words.strip() and mark[0].strip() in _FIRST
            if self._leaf == "paragraph" and not is_quote and not is_first:
                break  # Neither an empty item nor a later number can interrupt a paragraph.
            indent = len(rest) - len(words)
            width = mark.end() + 1
            if not is_quote and indent < 4 and words.strip():
                rest, width = words, width + indent
            self._containers.append(0 if is_quote else width)
            self._leaf = ""
            text, at = rest, at + width
        return text

    def _read_leaf(self, text: str) -> None:
        before, self._leaf = self._leaf, ""
        words = text.lstrip(" ")
        if not words.strip():
            return
        if len(text) - len(words) >= 4:
            self._leaf = "paragraph" if before == "paragraph" else ""
        elif fence := _FENCE.match(text):
            self._leaf, self._fence = "fence", fence[1]
        elif html := words[0] == "<" and match_html(words, 0, len(words), alone=not before):
            self._html = html
            self._leaf = "" if html is not BLANK and html.search(words) else "html"
        elif before == "paragraph" and is_delimiter_row(text, self._text):
            self._leaf = "table"
        elif not _LINE.match(text) and not (before and _UNDERLINE.match(text)):
            self._leaf = before or "paragraph"
            self._text = text
