"""HTML blocks (CommonMark 4.6): what begins one, and where it ends."""

from __future__ import annotations

import re
from re import Pattern
from typing import NamedTuple

from mistune.helpers import BLOCK_TAGS, HTML_ATTRIBUTES, HTML_TAGNAME

_TEXT_TAGS = "(?:script|pre|style|textarea)"
# As of 0.31; mistune's list is older.
_BLOCK_TAGS = "|".join(sorted({*BLOCK_TAGS, "search"} - {"source"}, key=len, reverse=True))


class HtmlKind(NamedTuple):
    """A kind of HTML block: what its first line begins with, and what its last line holds.

    Attributes:
        start: Matches from the `<` on.
        end: What the last line holds; None where a blank line ends the block.
    """

    start: str
    end: Pattern[str] | None


_KINDS = (
    HtmlKind(rf"<{_TEXT_TAGS}(?=[ \t>]|$)", re.compile(rf"</{_TEXT_TAGS}>", re.I)),
    HtmlKind("<!--", re.compile("-->")),
    HtmlKind(r"<\?", re.compile(r"\?>")),
    HtmlKind("<![A-Z]", re.compile(">")),
    HtmlKind(r"<!\[CDATA\[", re.compile("]]>")),
    HtmlKind(rf"</?(?:{_BLOCK_TAGS})(?=[ \t]|/?>|$)", None),
)
"""Kinds 1 to 6, which can interrupt a paragraph."""

HTML_START = "(?i:" + "|".join(kind.start for kind in _KINDS) + ")"
_TAG = rf"(?:<{HTML_TAGNAME}{HTML_ATTRIBUTES}[ \t]*/?>|</{HTML_TAGNAME}[ \t]*>)[ \t]*$"

_STARTS = tuple((re.compile(kind.start, re.I | re.M), kind.end) for kind in _KINDS)
_TAG_ALONE = re.compile(_TAG, re.M)  # Kind 7

BLANK = re.compile(r"^[ \t]*$", re.M)
"""What ends the blocks that hold no end of their own."""


def find_html_end(text: str, pos: int, line_end: int, *, alone: bool) -> int | None:
    """Find where the HTML block ends that begins at a `<`.

    Args:
        text: The text it stands in.
        pos: Where the `<` stands.
        line_end: Where its line ends.
        alone: Whether a tag alone on its line begins one, which it can't in a paragraph.

    Returns:
        The end of its last line; None where no block begins.
    """
    pattern = match_html(text, pos, line_end, alone=alone)
    if pattern is None:
        return None
    end = pattern.search(text, pos)
    if not end:
        return len(text)
    return end.start() if pattern is BLANK else text.find("\n", end.end()) + 1 or len(text)


def match_html(text: str, pos: int, line_end: int, *, alone: bool) -> Pattern[str] | None:
    """Give what ends the HTML block that begins at a `<`; None where none begins."""
    for start, end in _STARTS:
        if start.match(text, pos, line_end):
            return end or BLANK
    return BLANK if alone and _TAG_ALONE.match(text, pos, line_end) else None
