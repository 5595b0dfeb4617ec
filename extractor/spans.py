"""Spans: what covers several, and documents without any."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from extractor.model import Document, Span


def without_spans(document: Document) -> Document:
    """Leave the spans out, so that nothing moves when a line is added above."""
    plain = _strip_spans(msgspec.to_builtins(document))
    return msgspec.convert(plain, Document)


def _strip_spans(value: Any) -> Any:
    if isinstance(value, list):
        return [_strip_spans(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        key: entry if key == "metadata" else None if key == "span" else _strip_spans(entry)
        for key, entry in value.items()
    }


def cover(first: Span | None, last: Span | None) -> Span | None:
    """Give the span from the start of one to the end of another; where one is missing, the other.

    Args:
        first: Begins before `last`.
        last: Ends after `first`.
    """
    if first is None or last is None:
        return first or last
    return Span(first.line, last.end_line, first.start, last.end)


def cover_all(spans: Iterable[Span | None]) -> Span | None:
    """Give the span that holds all of several, in any order; None without any."""
    known = [span for span in spans if span is not None]
    if not known:
        return None
    first = min(known, key=lambda span: span.start)
    return cover(first, max(known, key=lambda span: span.end))
