"""JSON front matter."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from typing import Any

from extractor.frontmatter.places import ValuePlace
from extractor.frontmatter.values import (
    LONE_SURROGATE,
    MAX_DEPTH,
    Cleaner,
    OddNumber,
    TextRange,
    Unreadable,
    ValueProblem,
    keep_float,
    keep_integer,
    refuse_depth,
)
from extractor.pointers import render_pointer

_JSON_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],:]|[^\s{}\[\],:"]+')


def read_json(text: str) -> tuple[Any, list[ValueProblem]]:
    """Read a JSON object; of equal keys the last one wins, and is reported.

    Raises:
        Unreadable: If it is invalid or unsafe.
    """
    repeated: list[str] = []

    def gather(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) < len(pairs):
            repeated.append("")
        return values

    decoder = json.JSONDecoder(
        object_pairs_hook=gather,
        parse_int=keep_integer,
        parse_float=keep_float,
        parse_constant=OddNumber,
    )
    try:
        values = decoder.decode(text)
    except RecursionError:
        refuse_depth(None)
    except json.JSONDecodeError as error:
        reason = f"it is not valid JSON: {error.msg}"
        raise Unreadable("invalid-front-matter", reason, error.lineno - 1) from None
    problems: list[ValueProblem] = []
    values = Cleaner(problems).clean(values)
    if repeated or problems:
        problems = _place_problems(text, problems)
    return values, problems


def find_json_end(text: str) -> int | None:
    """Find the index after the object or list that a text begins with; None if it never ends.

    Raises:
        Unreadable: If it is nested too deeply.
    """
    depth = 0
    for token in _JSON_TOKEN.finditer(text):
        mark = token[0]
        if mark in ("{", "["):
            depth += 1
            if depth > MAX_DEPTH:
                refuse_depth(text.count("\n", 0, token.start()))
        elif mark in ("}", "]"):
            depth -= 1
            if depth == 0:
                return token.end()
    return None


def find_json_places(text: str) -> ValuePlace:
    """Find where the values stand of a valid text; an object may have lost its brackets."""
    scanner = _JsonScanner(text)
    return scanner.scan() if text.lstrip().startswith("{") else scanner.scan_members()


class _JsonScanner:
    """Finds the places of a valid JSON text.

    Attributes:
        keys: Each key in order: the JSON pointer, and where it stands, in quotes.
    """

    def __init__(self, text: str) -> None:
        self.keys: list[tuple[str, int, int]] = []
        self._length = len(text)
        self._tokens = _JSON_TOKEN.finditer(text)
        self._path: list[str] = []

    def scan(self) -> ValuePlace:
        return self._value(next(self._tokens))

    def scan_members(self) -> ValuePlace:
        place = ValuePlace(0, self._length)
        self._members(place)
        return place

    def _value(self, token: re.Match[str]) -> ValuePlace:
        place = ValuePlace(token.start(), token.end())
        if token[0] == "{":
            self._members(place)
        elif token[0] == "[":
            self._entries(place)
        return place

    def _members(self, place: ValuePlace) -> None:
        for token in self._tokens:
            if token[0] == "}":
                place.end = token.end()
                return
            if token[0] == ",":
                continue
            key = LONE_SURROGATE.sub("\ufffd", json.loads(token[0]))
            self._path.append(key)
            self.keys.append((render_pointer(self._path), token.start(), token.end()))
            next(self._tokens)  # The colon.
            place.parts[key] = self._value(next(self._tokens))
            self._path.pop()

    def _entries(self, place: ValuePlace) -> None:
        for token in self._tokens:
            if token[0] == "]":
                place.end = token.end()
                return
            if token[0] == ",":
                continue
            number = str(len(place.parts))
            self._path.append(number)
            place.parts[number] = self._value(token)
            self._path.pop()


def _place_problems(text: str, problems: list[ValueProblem]) -> list[ValueProblem]:
    """Find the keys of a JSON text: place the problems, and add its repeated keys."""
    keys: dict[str, TextRange] = {}
    placed = []
    breaks = [match.start() for match in re.finditer("\n", text)]
    scanner = _JsonScanner(text)
    scanner.scan()
    for pointer, start, end in scanner.keys:
        line = bisect_left(breaks, start)
        column = start - (breaks[line - 1] + 1 if line else 0)
        place = TextRange(line, column, line, column + end - start)
        if pointer in keys:
            placed.append(ValueProblem("duplicate-key", None, pointer, place))
        keys[pointer] = place
    for problem in problems:
        owner = problem.pointer
        while owner and owner not in keys:
            owner = owner.rpartition("/")[0]
        placed.append(problem._replace(place=keys.get(owner)))
    return placed
