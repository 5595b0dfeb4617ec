"""Front matter text to JSON values: what all formats share, and TOML and JSON.

A reader takes the text between the delimiters and gives JSON values with the
problems it met; places in it count lines and columns from 0 within that text.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, time
from typing import Any, NamedTuple, NoReturn

from extractor.pointers import make_pointer

MAX_DEPTH = 100
"""Lists and mappings inside each other, aliases followed."""
MAX_LENGTH = 1_048_576
"""Code points of front matter text."""
MAX_SIZE = 4_194_304
"""Code points of all keys and values, aliases written out, with `NODE_SIZE` for each."""
NODE_SIZE = 32
"""What a key or value costs besides its text: 130,000 of them are too many."""

_LARGEST = 2**63 - 1
_TOML_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_MANY_DIGITS = re.compile("[0-9][0-9_]{4000,}")
_TOML_LONG_KEY = re.compile(
    r"""^[ \t]*+\[*+(?:[ \t]*+(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.){32}""", re.MULTILINE
)
_JSON_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],:]')
_LONE = re.compile("[\ud800-\udfff]")


class Place(NamedTuple):
    """A stretch of front matter text; all counts from 0, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Problem(NamedTuple):
    """Something odd about a value: a diagnostic that does not know its file yet.

    Attributes:
        rule: Name of the rule.
        message: One sentence.
        pointer: JSON pointer from the top of the metadata.
        place: Where it stands; None if the format's parser does not tell.
        before: The text as it stands.
        after: What it was read as, or what to write instead.
    """

    rule: str
    message: str | None
    pointer: str
    place: Place | None
    before: str | None = None
    after: str | None = None


class Unreadable(ValueError):  # noqa: N818 - it is a verdict on the text, not on the program
    """Front matter that can't be read.

    Attributes:
        rule: ``invalid-front-matter`` or ``unsafe-front-matter``.
        line: 0-based line in the front matter text, None if unknown.
    """

    def __init__(self, rule: str, reason: str, line: int | None = None) -> None:
        """Carry a reason that completes a sentence."""
        super().__init__(reason)
        self.rule = rule
        self.line = line


def read_toml(text: str) -> tuple[Any, list[Problem]]:
    """Read TOML 1.0; dates and times become ISO 8601 strings.

    Raises:
        Unreadable: If it is invalid or unsafe.
    """
    long_key = _TOML_LONG_KEY.search(text)
    if long_key:
        reason = "a key has more than 32 parts"
        line = text.count("\n", 0, long_key.start())
        raise Unreadable("unsafe-front-matter", reason, line)
    try:
        values = tomllib.loads(text, parse_float=_keep_float)
    except RecursionError:
        _refuse_depth(None)
    except ValueError as error:
        raise _explain_toml(error, text) from None
    problems: list[Problem] = []
    return _Cleaner(problems).clean(values), problems


def _explain_toml(error: ValueError, text: str) -> Unreadable:
    message = str(error)
    place = _TOML_PLACE.search(message)
    line = int(place[1]) - 1 if place else text.rstrip().count("\n")
    reason = _TOML_PLACE.sub("", message).rstrip(".")
    if not isinstance(error, tomllib.TOMLDecodeError):  # From int(), of thousands of digits.
        reason = "a number does not fit into 64 bits"
        digits = _MANY_DIGITS.search(text)
        line = text.count("\n", 0, digits.start()) if digits else line
    return Unreadable("invalid-front-matter", f"it is not valid TOML: {reason}", line)


def read_json(text: str) -> tuple[Any, list[Problem]]:
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
        parse_int=_keep_integer,
        parse_float=_keep_float,
        parse_constant=_Odd,
    )
    try:
        values = decoder.decode(text)
    except RecursionError:
        _refuse_depth(None)
    except json.JSONDecodeError as error:
        reason = f"it is not valid JSON: {error.msg}"
        raise Unreadable("invalid-front-matter", reason, error.lineno - 1) from None
    problems: list[Problem] = []
    values = _Cleaner(problems).clean(values)
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
                _refuse_depth(text.count("\n", 0, token.start()))
        elif mark in ("}", "]"):
            depth -= 1
            if depth == 0:
                return token.end()
    return None


class _Odd(str):
    """A number as written, because JSON has no room for it."""

    __slots__ = ()


def parse_integer(text: str) -> int | None:
    """Read an integer (also ``0x1F``, ``0o17``); None if it does not fit into 64 bits.

    Most readers of JSON have no more room than that.
    """
    value = int(text, 0) if len(text) <= 32 else None
    return value if value is not None and _fits(value) else None


def parse_float(text: str) -> float | None:
    """Read a number; None if it is infinite or none."""
    value = float(text)
    return value if math.isfinite(value) else None


def _fits(value: int) -> bool:
    return -_LARGEST - 1 <= value <= _LARGEST


def _keep_integer(text: str) -> int | str:
    value = parse_integer(text)
    return _Odd(text) if value is None else value


def _keep_float(text: str) -> float | str:
    value = parse_float(text)
    return _Odd(text) if value is None else value


class _Cleaner:
    """Makes JSON values of what a parser gave, noting what had to give way."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems
        self._path: list[str] = []

    def clean(self, value: Any) -> Any:
        """Give the JSON value.

        Raises:
            Unreadable: If it is nested too deeply.
        """
        if isinstance(value, dict):
            return {self._text(key): self._child(str(key), item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._child(str(at), item) for at, item in enumerate(value)]
        if isinstance(value, _Odd):
            return self._keep(str(value))
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, date | time):
            return value.isoformat()
        if type(value) is int and not _fits(value):
            return self._keep(hex(value) if value.bit_length() > 10_000 else str(value))
        return value

    def _child(self, step: str, value: Any) -> Any:
        if len(self._path) >= MAX_DEPTH:
            _refuse_depth(None)
        self._path.append(step)
        value = self.clean(value)
        self._path.pop()
        return value

    def _keep(self, text: str) -> str:
        message = "A number that JSON has no room for was read as a string."
        self._problems.append(Problem("odd-value", message, make_pointer(self._path), None))
        return text

    def _text(self, text: str) -> str:
        if not _LONE.search(text):
            return text
        message = "Half of a surrogate pair was read as U+FFFD."
        self._problems.append(Problem("odd-value", message, make_pointer(self._path), None))
        return _LONE.sub("\ufffd", text)


def _refuse_depth(line: int | None) -> NoReturn:
    reason = f"it is nested more than {MAX_DEPTH} levels deep"
    raise Unreadable("unsafe-front-matter", reason, line)


def _place_problems(text: str, problems: list[Problem]) -> list[Problem]:
    """Find the keys of a JSON text: place the problems, and add its repeated keys."""
    keys: dict[str, Place] = {}
    placed = []
    breaks = [match.start() for match in re.finditer("\n", text)]
    for pointer, start, end in _find_keys(text):
        line = bisect_left(breaks, start)
        column = start - (breaks[line - 1] + 1 if line else 0)
        place = Place(line, column, line, column + end - start)
        if pointer in keys:
            placed.append(Problem("duplicate-key", None, pointer, place))
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
            path[-1] = _LONE.sub("\ufffd", json.loads(mark))
            key = False
            yield make_pointer(path), token.start(), token.end()
