"""Front matter that is not at the top, or not as it should be, so that no one finds it.

It stays in the body: whether a site generator would have found it is not for us to guess.
But whoever wrote it wants to know. The higher the doubt, the more it takes to be reported:
after text it must have a key that only front matter has, and the page must be no deck of
slides, for which `---` and keys are what parts one from the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from extractor.diagnostics.rules import report
from extractor.frontmatter.values import Unreadable
from extractor.model import Diagnostic
from extractor.source.decoding import Source

_INVISIBLE = "\u00a0\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_SUSPICIOUS = f"<\\-+{_INVISIBLE}"  # What a comment, an escape and the like begin with.
_DELIMITERS = {"---": "---", "---yaml": "---", "+++": "+++"}
_ESCAPED = re.compile(r"(?:\\?-){3}|(?:\\?\+){3}")
_KEY_LINE = re.compile(r"[A-Za-z_][\w\\.-]*[ \t]*(?:=|:(?:[ \t]|$))")
_KEY = re.compile(r"[A-Za-z_][\w\\.-]*")
_NO_TEXT = re.compile(r" {0,3}(?:```|~~~|<!--(?!.*-->))")  # A fence, a comment that goes on.
_KNOWN = {
    *("title", "date", "tags", "categories", "description", "author", "authors", "slug"),
    *("draft", "permalink", "keywords", "lastmod", "sidebar_label", "sidebar_position"),
}
"""Keys that mean front matter, whatever stands before it; `layout` is one of slides too."""

_AFTER_TEXT = "text stands before it"
_MOST_TEXT = 3  # Lines before front matter that are a slip, not a page.
_REACH = 7  # Lines, blank ones too, in which the front matter must begin.
_MOST_COMMENTS = 200  # Lines.


class _Opening(NamedTuple):
    """A line that would open front matter, and why it does not.

    Attributes:
        line: Its index.
        delimiter: What it would be.
        reason: Completes a sentence.
    """

    line: int
    delimiter: str
    reason: str


def find_missed(source: Source, first: int) -> Diagnostic | None:
    """Find front matter that was missed.

    Args:
        source: A page without front matter.
        first: Index of its first line that is not blank.
    """
    lines = source.lines
    finders = _FINDERS if lines[first][0] in _SUSPICIOUS else (_find_after_text,)
    opening = next(filter(None, (find(lines, first) for find in finders)), None)
    if opening is None:
        return None
    last = _find_closing(lines, opening)
    if last is None or not _is_meant(lines, opening, last):
        return None
    span = source.span(opening.line + 1, 0, last + 1, len(lines[last]))
    message = f"What looks like front matter was left as text, because {opening.reason}."
    return report("not-front-matter", span, message)


def _find_after_comment(lines: Sequence[str], first: int) -> _Opening | None:
    """Find what follows ``<!-- licence -->``."""
    at, end = first, min(len(lines), first + _MOST_COMMENTS)
    while at < end and lines[at].startswith("<!--"):
        while at < end and "-->" not in lines[at]:
            at += 1
        if at == end or lines[at].rpartition("-->")[2].strip():
            return None
        at += 1
        while at < end and not lines[at].strip():
            at += 1
    if at in (first, end):
        return None
    delimiter = _DELIMITERS.get(lines[at].rstrip())
    return _Opening(at, delimiter, "a comment stands before it") if delimiter else None


def _find_invisible(lines: Sequence[str], first: int) -> _Opening | None:
    """Find ``---`` with an invisible character beside it, or in the line before."""
    at = first
    while at < len(lines) and not _strip(lines[at]):
        at += 1
    if at == len(lines):
        return None
    delimiter = _DELIMITERS.get(_strip(lines[at]))
    if delimiter is None or all(line.isascii() for line in lines[first : at + 1]):
        return None
    return _Opening(at, delimiter, "an invisible character stands beside its first line")


def _find_escaped(lines: Sequence[str], first: int) -> _Opening | None:
    r"""Find ``\---``."""
    line = lines[first].rstrip()
    if "\\" not in line[:5] or not _ESCAPED.fullmatch(line):
        return None
    return _Opening(first, line.replace("\\", ""), "its first line is escaped")


def _find_after_text(lines: Sequence[str], first: int) -> _Opening | None:
    """Find what follows a line or two, such as ``Here is the page:``."""
    reach = [line.rstrip() for line in lines[first : first + _REACH]]
    if _DELIMITERS.keys().isdisjoint(reach):
        return None
    at = min(reach.index(delimiter) for delimiter in _DELIMITERS if delimiter in reach)
    text = [line for line in reach[:at] if line]
    if len(text) > _MOST_TEXT or any(map(_NO_TEXT.match, text)):
        return None
    return _Opening(first + at, _DELIMITERS[reach[at]], _AFTER_TEXT)


_FINDERS: tuple[Callable[[Sequence[str], int], _Opening | None], ...] = (
    _find_after_comment,
    _find_invisible,
    _find_escaped,
    _find_after_text,
)


def _find_closing(lines: Sequence[str], opening: _Opening) -> int | None:
    """Find the line that would close it, if a key comes first."""
    start = opening.line + 1
    key = next((line for line in lines[start : start + 2] if line.strip()), "")
    if not _KEY_LINE.match(key):
        return None
    for at in range(start + 1, len(lines)):
        if _strip(lines[at]).replace("\\", "") == opening.delimiter:
            return at
    return None


def _is_meant(lines: Sequence[str], opening: _Opening, last: int) -> bool:
    """Tell whether what stands between the two lines was written as front matter."""
    inside = lines[opening.line + 1 : last]
    values = _read_values([opening.delimiter, *inside, opening.delimiter])
    if not isinstance(values, dict) or not all(map(_KEY.fullmatch, values)):
        return False
    is_known = not _KNOWN.isdisjoint(key.replace("\\", "") for key in values)
    is_whole = all(line.strip() for line in inside)
    if opening.reason is _AFTER_TEXT:
        is_deck = [line.rstrip() for line in lines[last + 1 :]].count("---") > 1
        return is_known and is_whole and not is_deck
    return is_known or is_whole


def _read_values(lines: Sequence[str]) -> Any:
    from extractor.frontmatter.formats import split_metadata

    handler, inside, _ = split_metadata("\n".join(lines))
    try:
        return handler.load(inside)[0]
    except Unreadable:
        return None


def _strip(line: str) -> str:
    return line.strip(f" \t{_INVISIBLE}")
