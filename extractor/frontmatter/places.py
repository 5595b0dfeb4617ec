"""Where each value of the front matter stands in the page's file.

A reader of a format knows the places of values in its own text, as a tree of
`ValuePlace`; here they become spans of the file. Extraction needs none of them, records do:
the tree is made when the first place is asked for, by the reader that read the values.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from extractor.model import Span
from extractor.source.decoding import Source

ValuePath = tuple[str | int, ...]
"""The keys and positions that lead to a value of the front matter."""

_BREAK = re.compile("\n")


@dataclass(slots=True)
class ValuePlace:
    """The stretch of front matter text that a value was read from.

    Attributes:
        start: Index of its first code point. Quotes, brackets and the mark of a block
            scalar belong to a value; its key, anchor and tag do not.
        end: Index after its last code point.
        parts: The places of what is in it, by key, or by position in a list.
    """

    start: int
    end: int
    parts: dict[str, ValuePlace] = field(default_factory=dict)


FindPlaces = Callable[[str], ValuePlace]
"""Finds the place of the whole front matter in its text, and in it of every value."""


class ValuePlaces:
    """The places of the values of one page's front matter."""

    def __init__(self, source: Source, line: int, text: str, find: FindPlaces) -> None:
        """Find nothing yet.

        Args:
            source: The page.
            line: Its line on which the text begins, 1-based.
            text: The front matter; lines and columns are those of the page.
            find: Finds the places in it.
        """
        self._source = source
        self._line = line
        self._text = text
        self._find = find

    def find(self, path: Iterable[str | int]) -> Span:
        """Return the span of a value, or of the nearest thing around it that has a place.

        Args:
            path: Keys and positions from the top.
        """
        place = self._root
        for key in path:
            part = place.parts.get(str(key))
            if part is None:
                break
            place = part
        return self._source.span(*self._locate(place.start), *self._locate(place.end))

    @cached_property
    def _root(self) -> ValuePlace:
        return self._find(self._text)

    @cached_property
    def _breaks(self) -> list[int]:
        return [match.start() for match in _BREAK.finditer(self._text)]

    def _locate(self, index: int) -> tuple[int, int]:
        """Return the line in the page and the column of an index in the text."""
        number = bisect_left(self._breaks, index)
        begin = self._breaks[number - 1] + 1 if number else 0
        return self._line + number, index - begin
