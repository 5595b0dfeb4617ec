"""How large the result of a page may be.

A few bytes of a page can stand for many of its result: a long heading is part of the path of
each section below it, a long URL of each link that refers to it, and every row of a table is
as wide as the widest. Nothing of that is copied in memory, only when it is written; so it is
counted before.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from extractor.model import (
    CellImage,
    CellLink,
    Definitions,
    Image,
    Link,
    List,
    PageRejected,
    Reject,
    Section,
    iter_blocks,
)

DEFAULT_MAX_RESULT = 100
"""How many times as large as its page a result may be; most are three to five times as large."""

LEAST_BOUND = 16 * 2**20
"""Bytes that the result of any page may have, however small the page."""

_NUMBER = 20  # Bytes of a value that is no text, at most.


class ResultLimit:
    """What a page's result may come to.

    Attributes:
        bound: Bytes; None for no limit.
    """

    def __init__(self, path: str, size: int, factor: int | None = DEFAULT_MAX_RESULT) -> None:
        """Set the limit of a page.

        Args:
            path: The page, for the reject.
            size: Its bytes.
            factor: How many times as large its result may be; None for no limit.
        """
        self.bound = None if factor is None else max(LEAST_BOUND, factor * size)
        self._path = path

    def check(self, size: int, what: str, line: int | None = None) -> None:
        """Reject the page if a part of its result is larger than all of it may be.

        Args:
            size: Bytes of that part, about.
            what: What it is that grew, for the message.
            line: Where that stands.

        Raises:
            PageRejected: By the rule ``too-large``.
        """
        if self.bound is not None and size > self.bound:
            message = f"The result would be larger than {self.bound:,} bytes: {what}."
            raise PageRejected(Reject(self._path, "too-large", message, line))

    def may_be_passed(self, paragraphs: Iterable[str], size: int) -> bool:
        """Tell whether a text of a page is so long that repeating it could pass the limit.

        Args:
            paragraphs: All texts of the page.
            size: Its bytes; no text can stand more often in the result.
        """
        longest = max(map(len, paragraphs), default=0)
        return self.bound is not None and longest * size > self.bound


def check_sections(sections: Iterable[Section], limit: ResultLimit) -> None:
    """Check what sections repeat: the headings above each of them, and the targets of links.

    Raises:
        PageRejected: By the rule ``too-large``.
    """
    paths = targets = 0
    for section in sections:
        paths += sum(map(len, section.path))
        targets += _measure_targets(section)
        for block in iter_blocks(section.blocks):
            targets += _measure_targets(block)
            if isinstance(block, List | Definitions):
                targets += sum(map(_measure_targets, block.items))
    limit.check(paths, "long headings stand above many sections")
    limit.check(targets, "many links have a long target")


def _measure_targets(holder: Any) -> int:
    parts: list[Link | Image | CellLink | CellImage] = [
        *getattr(holder, "links", ()),
        *getattr(holder, "images", ()),
    ]
    return sum([len(part.url) + len(part.title or "") for part in parts])


def measure_value(value: Any) -> int:
    """Give about the bytes of a JSON value, or of the rows of tables, without writing it."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum([len(key) + measure_value(part) for key, part in value.items()])
    if isinstance(value, list | tuple):
        return sum([measure_value(part) for part in value])
    return _NUMBER
