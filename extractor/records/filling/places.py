"""Places that a document does not keep: of front matter values, single rows and terms.

A document keeps the spans of what is in the body. The rest is found in the page
itself, if it is at hand, by the same readers that made the document.
"""

from __future__ import annotations

import html
from functools import lru_cache

from extractor.frontmatter.detection import find_places
from extractor.frontmatter.places import ValuePath, ValuePlaces
from extractor.model import Document, Span, Table
from extractor.source.decoding import Source, read_source


class PageLines:
    """A page's lines, with their places in its file."""

    def __init__(self, source: Source, values: ValuePlaces | None) -> None:
        """Take a page's lines.

        Args:
            source: The page.
            values: Where its front matter values stand.
        """
        self._source = source
        self._values = values

    def cover_rows(self, table: Table) -> list[Span | None]:
        """Return the span of each row: a row is a line, and the last one ends the table."""
        span, source = table.span, self._source
        if span is None or span.end_line > source.info.lines or span.end > source.info.bytes:
            return [span] * len(table.rows)
        first = span.end_line - len(table.rows)
        return [self._cover_line(first + number, span) for number in range(1, len(table.rows) + 1)]

    def _cover_line(self, line: int, within: Span) -> Span:
        source = self._source
        start, end = source.offset(line, 0), source.offset(line, len(source.lines[line - 1]))
        return Span(line, line, max(start, within.start), min(end, within.end))

    def holds(self, span: Span, text: str) -> bool:
        """Tell whether the letters of a text stand in the lines of a span, whatever is between."""
        lines = self._source.lines[span.line - 1 : span.end_line]
        return _squeeze(text) in _squeeze("\n".join(lines))

    def trim(self, span: Span, following: Span) -> Span:
        """Return the part of a span before what follows in it, without the blanks between."""
        lines = self._source.lines
        end_line = min(max(span.line, following.line - 1), len(lines))
        while end_line > span.line and not lines[end_line - 1].strip():
            end_line -= 1
        end = self._source.offset(end_line, len(lines[end_line - 1].rstrip()))
        return Span(span.line, end_line, span.start, max(span.start, min(end, following.start)))

    def find_metadata(self, path: ValuePath) -> Span | None:
        """Return the span of a front matter value, or of what it stands in.

        Args:
            path: Keys and positions from the top.
        """
        return self._values.find(path) if self._values else None


def read_lines(document: Document, text: str | bytes) -> PageLines | None:
    """Read the lines of a document's page.

    Args:
        document: The document.
        text: The page, as given to `extract`.

    Returns:
        The lines; None if the text is another, whose places would be false.
    """
    source, values = _read_page(text)
    return PageLines(source, values) if source.info.sha256 == document.source.sha256 else None


@lru_cache(maxsize=1)
def _read_page(text: str | bytes) -> tuple[Source, ValuePlaces | None]:
    """Read a page; the last one is kept, for it is filled into one schema after the other."""
    source = read_source(text, "-")
    return source, find_places(source)


def _squeeze(text: str) -> str:
    return "".join(filter(str.isalnum, html.unescape(text)))
