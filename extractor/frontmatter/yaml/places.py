"""The reader of YAML that also notes where each value stands.

It is the reader of the values itself, so that the two can't disagree on what a key is,
which of two equal keys counts, or what a merge brings. What an alias or a merge repeats
stands where it is written, at the anchor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

from yaml.error import Mark
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    NodeEvent,
    ScalarEvent,
)

from extractor.frontmatter.places import ValuePlace
from extractor.frontmatter.yaml.events import EventReader, Start

# `&anchor` and `!tag`, and a comment up to the value: ``&a !!map # so far``
_PROPERTIES = re.compile(r"(?:[&!]\S*(?:\s+(?:#[^\n]*\s+)*|$))+")


class PlaceReader(EventReader):
    """Builds values, and beside them the tree of their places.

    Attributes:
        root: The place of the whole document, once it is read.
    """

    def __init__(self, text: str) -> None:
        """Prepare to read `text`."""
        super().__init__(text)
        self.root = ValuePlace(0, len(text))
        self._events = self._watch(self._events)
        self._flows: list[bool] = []  # Of each open collection: whether it is in brackets.
        self._end = 0  # Where the last scalar, alias or bracket ends.
        self._parts: dict[str, ValuePlace] = {}
        self._anchored: dict[str, ValuePlace] = {}

    def _watch(self, events: Iterator[Any]) -> Iterator[Any]:
        """Note where content ends: a block ends where the next thing begins, for the parser."""
        for event in events:
            if isinstance(event, CollectionStartEvent):
                self._flows.append(bool(event.flow_style))
            elif isinstance(event, ScalarEvent):
                self._end = self._trim(event)
            elif isinstance(event, AliasEvent) or (
                # ``[a: 1]``: the mapping within has no bracket of its own.
                isinstance(event, CollectionEndEvent) and self._flows.pop() and _has_width(event)
            ):
                self._end = _find_end(event)
            yield event

    def _trim(self, event: ScalarEvent) -> int:
        """Return where a scalar ends, without blank lines after it."""
        end = _find_end(event)
        while end and self._source[end - 1] in " \t\n":
            end -= 1
        return end

    def _value(self, event: AliasEvent | Start) -> Any:
        outer, self._parts = self._parts, {}
        if not isinstance(event, AliasEvent) and event.anchor is not None:
            self._anchored.pop(event.anchor, None)
        value = super()._value(event)
        place = self._find_place(event)
        self._parts = outer
        if self._path:
            outer[self._path[-1]] = place
        else:
            self.root = place
        return value

    def _find_place(self, event: AliasEvent | Start) -> ValuePlace:
        start = min(self._find_content(event), self._end)
        if isinstance(event, AliasEvent):
            return self._anchored.get(str(event.anchor), ValuePlace(start, self._end))
        place = ValuePlace(start, self._end, self._parts)
        if event.anchor is not None:
            self._anchored[event.anchor] = place
        return place

    def _find_content(self, event: NodeEvent) -> int:
        start = _find_start(event)
        if event.anchor is None and getattr(event, "tag", None) is None:
            return start
        properties = _PROPERTIES.match(self._source, start)
        return properties.end() if properties else start

    def _key(self, event: AliasEvent | Start) -> str:
        parts, self._parts = self._parts, {}
        key = super()._key(event)
        self._parts = parts
        return key

    def _merge(self, value: Any, merged: dict[str, Any], event: NodeEvent) -> bool:
        if not super()._merge(value, merged, event):
            return False
        place = self._parts.pop("<<")
        for source in place.parts.values() if isinstance(value, list) else [place]:
            for key, part in source.parts.items():
                self._parts.setdefault(key, part)
        return True


def _find_start(event: Event) -> int:
    return cast(Mark, event.start_mark).index


def _find_end(event: Event) -> int:
    return cast(Mark, event.end_mark).index


def _has_width(event: Event) -> bool:
    return _find_start(event) < _find_end(event)
