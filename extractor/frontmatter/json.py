"""JSON front matter."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

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

_JSON_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],:]')


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
    """Find the index behind the object or list that a text begins with; None if it never ends.

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


def _place_problems(text: str, problems: list[ValueProblem]) -> list[ValueProblem]:
    """Find the keys of a JSON text: place the problems, and add its repeated keys."""
    keys: dict[str, TextRange] = {}
    placed = []
    breaks = [match.start() for match in re.finditer("\n", text)]
    for pointer, start, end in _find_keys(text):
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


def _find_keys(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield pointer, start and end of each key of a valid JSON text, in order."""
    path: list[str] = []
    counts: list[int] = []  # Of each open container: the index in a list, -1 in an object.
    key = False
    for token in _JSON_TOKEN.finditer(text):
        mark = token[0]
        if mark in ("{", "["):
            path.append("0")
            counts.append(-1 if mark == "{" else 0)
            key = mark == "{"
        elif mark in ("}", "]"):
            path.pop()
            counts.pop()
        elif mark == ",":
            key = counts[-1] < 0
            if not key:
                counts[-1] += 1
                path[-1] = str(counts[-1])
        elif key and mark != ":":
            path[-1] = LONE_SURROGATE.sub("\ufffd", json.loads(mark))
            key = False
            yield render_pointer(path), token.start(), token.end()
