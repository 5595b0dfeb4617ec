"""Where front matter values and table rows stand in a page's file.

A document keeps the spans of what is in the body. The place of a value in the
front matter, and of a single row, is found in the file itself, if it is at hand.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import accumulate

from extractor.frontmatter.values import TextRange
from extractor.model import Span, Table

Key = str | int
Path = tuple[Key, ...]

_LINE = re.compile("[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_MARKS = {
    "utf-8": b"\xef\xbb\xbf",
    "utf-16-le": b"\xff\xfe",
    "utf-16-be": b"\xfe\xff",
    "utf-32-le": b"\xff\xfe\x00\x00",
    "utf-32-be": b"\x00\x00\xfe\xff",
}
_CLOSERS = {"---": ("---", "..."), "+++": ("+++",)}

# A key and a plain scalar that can't be anything else in YAML, in one line.
_SIMPLE_LINE = re.compile(
    r"([A-Za-z_][\w-]*):[ ]+([A-Za-z0-9](?:(?:[^:#\x85\u2028\u2029]|:(?=\S))*[^:#\s])?)[ ]*"
)

# A line that begins a value, by the delimiter of the front matter; its group is the key.
_KEY_LINES = {
    "---": re.compile(r"""([^\s"'#:\-][^:]*?|"[^"]*"|'[^']*')\s*:(?:\s|$)"""),
    "+++": re.compile(r"""\s*([\w"'.-]+)\s*=|\s*\[+\s*([\w"'. -]+?)\s*\]+\s*$"""),
    "{": re.compile(r'[\s{]*("[^"]*")\s*:'),
}


class PageLines:
    """The lines of a page's file, with their places."""

    def __init__(self, data: bytes, encoding: str) -> None:
        """Split nothing yet.

        Args:
            data: The file as it lies on disk.
            encoding: Its codec, as `source.encoding` of its document has it.
        """
        self._data = data
        self._encoding = encoding
        mark = _MARKS.get(encoding, b"")
        self._start = len(mark) if mark and data.startswith(mark) else 0

    @cached_property
    def _lines(self) -> list[bytes]:
        """Lines with their ends (CommonMark 2.1: LF, CRLF, CR), without a byte order mark."""
        data = self._data[self._start :]
        if self._encoding.startswith(("utf-16", "utf-32")):
            text = data.decode(self._encoding, "replace")
            return [line.encode(self._encoding) for line in _LINE.findall(text)]
        return data.splitlines(keepends=True)

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate(map(len, self._lines), initial=self._start))

    def _read(self, number: int) -> str:
        return self._lines[number].decode(self._encoding, "replace").rstrip("\r\n")

    def _measure(self, text: str) -> int:
        return len(text.encode(self._encoding, "replace"))

    def cover_rows(self, table: Table) -> list[Span | None]:
        """Return the span of each row: a row is a line, and the last one ends the table."""
        span = table.span
        if span is None or span.end_line > len(self._lines) or span.end > len(self._data):
            return [span] * len(table.rows)
        first = span.end_line - len(table.rows)
        return [self._cover_line(first + number, span) for number in range(len(table.rows))]

    def _cover_line(self, number: int, within: Span) -> Span:
        start = self._starts[number]
        end = start + self._measure(self._read(number))
        return Span(number + 1, number + 1, max(start, within.start), min(end, within.end))

    def holds(self, span: Span, text: str) -> bool:
        """Tell whether the letters of a text stand in a span, markup between them or not."""
        source = self._data[span.start : span.end].decode(self._encoding, "replace")
        return _squeeze(text) in _squeeze(source)

    def trim(self, span: Span, following: Span) -> Span:
        """Return the part of a span before what follows in it, without the blanks between."""
        end_line = max(span.line, following.line - 1)
        end_line = min(end_line, len(self._lines))
        while end_line > span.line and not self._read(end_line - 1).strip():
            end_line -= 1
        end = self._starts[end_line - 1] + self._measure(self._read(end_line - 1).rstrip())
        return Span(span.line, end_line, span.start, max(span.start, min(end, following.start)))

    def find_metadata(self, path: Path) -> Span | None:
        """Return the span of a front matter value, or of what it stands in.

        Args:
            path: Keys and positions from the top.
        """
        for length in range(len(path), -1, -1):
            if path[:length] in self._places:
                return self._make_span(self._places[path[:length]])
        return None

    def _make_span(self, place: TextRange) -> Span:
        line, column, end_line, end_column = place
        while end_line > line and not self._read(end_line)[:end_column].strip():
            # A block scalar ends where the next key begins.
            end_line, end_column = end_line - 1, len(self._read(end_line - 1))
        start = self._starts[line] + self._measure(self._read(line)[:column])
        end = self._starts[end_line] + self._measure(self._read(end_line)[:end_column])
        return Span(line + 1, end_line + 1, start, end)

    @cached_property
    def _places(self) -> Mapping[Path, TextRange]:
        """Every place found in the front matter, by its path."""
        first = next((n for n in range(len(self._lines)) if self._read(n).strip()), 0)
        opening = self._read(first).rstrip() if self._lines else ""
        if opening in _CLOSERS:
            texts = list(self._read_until(first + 1, _CLOSERS[opening]))
            finder = _find_yaml if opening == "---" else partial(_find_key_lines, notation=opening)
            return _shift(texts, finder(texts), first + 1)
        if opening.startswith("{"):
            texts = list(self._read_until(first, ("}",)))
            return _shift(texts, _find_key_lines(texts, "{"), first)
        return {}

    def _read_until(self, first: int, closers: tuple[str, ...]) -> Iterator[str]:
        for number in range(first, len(self._lines)):
            text = self._read(number)
            if text.rstrip() in closers:
                return
            yield text


def _squeeze(text: str) -> str:
    return "".join(filter(str.isalnum, html.unescape(text)))


def _shift(
    texts: Sequence[str], found: Mapping[Path, TextRange], lines: int
) -> dict[Path, TextRange]:
    """Count lines from the top of the page, and add the place of the whole front matter."""
    last = len(texts) - 1
    places = {(): TextRange(0, 0, last, len(texts[last])), **found} if texts else {}
    return {
        path: TextRange(line + lines, column, end_line + lines, end_column)
        for path, (line, column, end_line, end_column) in places.items()
    }


def _find_yaml(texts: Sequence[str]) -> Mapping[Path, TextRange]:
    """Find every value; only top-level keys, by their lines, where it is YAML but for colons."""
    simple = _find_simple_yaml(texts)
    if simple is not None:
        return simple
    from extractor.frontmatter.yaml.places import (
        find_places,  # PyYAML takes longer to load than a page to fill
    )

    return find_places("\n".join(texts)) or _find_key_lines(texts, "---")


def _find_simple_yaml(texts: Sequence[str]) -> dict[Path, TextRange] | None:
    """Find values where every line is a key with a plain value, as in most pages.

    A tenth of the time that parsing takes; None if it takes parsing.
    """
    places: dict[Path, TextRange] = {}
    for number, text in enumerate(texts):
        match = _SIMPLE_LINE.fullmatch(text)
        if match is None or (match[1],) in places:
            return None
        places[(match[1],)] = TextRange(number, match.start(2), number, match.end(2))
    return places


def _find_key_lines(texts: Sequence[str], notation: str) -> dict[Path, TextRange]:
    """Find keys by their lines: from a key to the line before the next one.

    Keys of the same name at several places can't be told apart: the first is found.
    """
    pattern = _KEY_LINES[notation]
    found = [(n, match) for n, text in enumerate(texts) if (match := pattern.match(text))]
    places: dict[Path, TextRange] = {}
    for position, (number, match) in enumerate(found):
        end = found[position + 1][0] if position + 1 < len(found) else len(texts)
        group = match.lastindex or 0
        key = match[group].strip("\"'")
        last = max(number, end - 1)
        place = TextRange(number, match.start(group), last, len(texts[last].rstrip()))
        places.setdefault((key,), place)
    return places
