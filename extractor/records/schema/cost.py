"""What a record schema costs: its depth, and the checks that one value may take.

Alternatives that lead to the same definitions again and again double the work at every step:
thirty definitions of two branches each are 2³⁰ checks of one value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from extractor.pointers import parse_pointer
from extractor.records.schema.problems import SchemaProblem
from extractor.records.schema.references import (
    Bundle,
    Location,
    Schema,
    iter_children,
    iter_subschemas,
    look_up,
)

MAX_STEPS = 100_000
"""Checks that one value may take: all subschemas, those behind references each time anew."""

_BRANCHES = ("allOf", "anyOf", "oneOf")
_DEFINITIONS = {"$defs", "definitions"}


def check_cost(bundle: Bundle) -> Iterator[SchemaProblem]:
    """Refuse a schema of whose definitions too many lead to one another."""
    if _Steps(bundle.schema).count(()) > MAX_STEPS:
        message = (
            f"a value may take more than {MAX_STEPS:,} checks, since branches lead to the same "
            "definitions again and again"
        )
        yield SchemaProblem("", message)


def find_slow_recursion(bundle: Bundle) -> Iterator[SchemaProblem]:
    """Find alternatives of which several contain all of them again.

    A value nested n deep then takes as many checks as there are alternatives to the power of n,
    unless something tells them apart at once: their type, a constant.
    """
    graph = _Graph(bundle.schema)
    for place, schema in iter_subschemas(bundle.schema):
        for keyword in _BRANCHES:
            branches = schema.get(keyword, ())
            again = [
                (*place, keyword, str(number))
                for number in range(len(branches))
                if graph.leads((*place, keyword, str(number)), place)
            ]
            if len(again) > 1 and not _are_told_apart(graph.look(again)):
                message = (
                    f"{len(again)} branches contain all of them again: checks multiply with every "
                    "level of a value; tell them apart by a type or a constant"
                )
                yield SchemaProblem(bundle.locate((*place, keyword)), message, fatal=False)


def _are_told_apart(branches: list[Schema]) -> bool:
    types = [branch.get("type") for branch in branches]
    if all(isinstance(name, str) for name in types) and len(set(map(str, types))) == len(types):
        return True
    return all(any(_is_constant(part) for part in _list_parts(branch)) for branch in branches)


def _list_parts(branch: Schema) -> list[Any]:
    parts = branch.get("properties")
    return list(parts.values()) if isinstance(parts, dict) else []


def _is_constant(part: Any) -> bool:
    return isinstance(part, dict) and ("const" in part or "enum" in part)


class _Graph:
    """The places of a schema, and where each leads: below it, and by reference."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._anchors = {
            part["$dynamicAnchor"]: place
            for place, part in iter_subschemas(schema)
            if isinstance(part.get("$dynamicAnchor"), str)
        }
        self._next: dict[Location, list[Location]] = {}

    def list_next(self, place: Location) -> list[Location]:
        """List the schemas straight below a place, and those it refers to."""
        if place not in self._next:
            self._next[place] = list(self._iter_next(place))
        return self._next[place]

    def _iter_next(self, place: Location) -> Iterator[Location]:
        schema = look_up(self._schema, place)
        if not isinstance(schema, dict):
            return
        for inner, _ in iter_children(schema):
            if inner[0] not in _DEFINITIONS:
                yield (*place, *inner)
        if isinstance(reference := schema.get("$ref"), str):
            yield tuple(parse_pointer(reference.removeprefix("#")))
        anchor = str(schema.get("$dynamicRef", "")).removeprefix("#")
        if anchor in self._anchors:
            yield self._anchors[anchor]

    def look(self, places: list[Location]) -> list[Schema]:
        """Give the schemas at some places, or what they do nothing but refer to."""
        return [self._look(place) for place in places]

    def _look(self, place: Location) -> Schema:
        schema = look_up(self._schema, place)
        if isinstance(schema, dict) and set(schema) == {"$ref"}:
            schema = look_up(self._schema, self.list_next(place)[0])
        return schema if isinstance(schema, dict) else {}

    def leads(self, start: Location, end: Location) -> bool:
        """Tell whether a way leads from one place to another."""
        seen, waiting = {start}, [start]
        while waiting:
            for place in self.list_next(waiting.pop()):
                if place == end:
                    return True
                if place not in seen:
                    seen.add(place)
                    waiting.append(place)
        return False


class _Steps(_Graph):
    """Counts checks; a reference back to what is being counted is one."""

    def __init__(self, schema: Schema) -> None:
        super().__init__(schema)
        self._counts: dict[Location, int] = {}

    def count(self, start: Location) -> int:
        """Count the checks from a place on, up to one more than are allowed."""
        # By hand: a chain of references may be longer than Python's stack is deep.
        waiting = [(start, iter(self.list_next(start)))]
        self._counts[start] = 1
        while waiting:
            place, places = waiting[-1]
            inner = next(places, None)
            if inner is None:
                waiting.pop()
                if waiting:
                    self._add(waiting[-1][0], self._counts[place])
            elif inner in self._counts:
                self._add(place, self._counts[inner])
            else:
                self._counts[inner] = 1
                waiting.append((inner, iter(self.list_next(inner))))
        return self._counts[start]

    def _add(self, place: Location, steps: int) -> None:
        self._counts[place] = min(self._counts[place] + steps, MAX_STEPS + 1)
