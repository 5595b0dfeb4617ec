"""Front matter text to JSON values: what all formats share.

A reader takes the text between the delimiters and gives JSON values with the
problems it met; places in it count lines and columns from 0 within that text.
"""

from __future__ import annotations

import math
import re
from datetime import date, time
from typing import Any, NamedTuple, NoReturn

from extractor.pointers import render_pointer

MAX_DEPTH = 100
"""Lists and mappings inside each other, aliases followed."""
MAX_LENGTH = 1_048_576
"""Code points of front matter text."""
MAX_SIZE = 4_194_304
"""Code points of all keys and values, aliases written out, with `NODE_SIZE` for each."""
NODE_SIZE = 32
"""What a key or value costs besides its text: 130,000 of them are too many."""

_LARGEST = 2**63 - 1
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
C1_CONTROL = re.compile("[\x80-\x9f]")


class TextRange(NamedTuple):
    """A stretch of front matter text; all counts from 0, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class ValueProblem(NamedTuple):
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
    place: TextRange | None
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


class OddNumber(str):
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


def keep_integer(text: str) -> int | str:
    """Read an integer; what JSON can't hold stays text."""
    value = parse_integer(text)
    return OddNumber(text) if value is None else value


def keep_float(text: str) -> float | str:
    """Read a number; what JSON can't hold stays text."""
    value = parse_float(text)
    return OddNumber(text) if value is None else value


class Cleaner:
    """Makes JSON values of what a parser gave, noting what had to give way."""

    def __init__(self, problems: list[ValueProblem]) -> None:
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
        if isinstance(value, OddNumber):
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
            refuse_depth(None)
        self._path.append(step)
        value = self.clean(value)
        self._path.pop()
        return value

    def _keep(self, text: str) -> str:
        message = "A number that JSON has no room for was read as a string."
        self._problems.append(ValueProblem("odd-value", message, render_pointer(self._path), None))
        return text

    def _text(self, text: str) -> str:
        if not LONE_SURROGATE.search(text):
            return text
        message = "Half of a surrogate pair was read as U+FFFD."
        self._problems.append(ValueProblem("odd-value", message, render_pointer(self._path), None))
        return LONE_SURROGATE.sub("\ufffd", text)


def refuse_depth(line: int | None) -> NoReturn:
    """Refuse front matter that is nested too deep."""
    reason = f"it is nested more than {MAX_DEPTH} levels deep"
    raise Unreadable("unsafe-front-matter", reason, line)
