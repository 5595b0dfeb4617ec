"""TOML front matter: its values, and where they stand.

No parser of TOML for Python gives positions: tomllib and tomli none, tomlkit keeps the text
of what it parsed but not where it stood, and takes thirty times as long. A text that
tomllib has read needs no parser, though: six shapes of tokens and the rule of tables (a
header opens one, keys fill it) are all there is to it. So the places are scanned here, and
a law holds that they name the values that tomllib gives.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any

from extractor.frontmatter.places import ValuePlace
from extractor.frontmatter.values import (
    Cleaner,
    Unreadable,
    ValueProblem,
    keep_float,
    refuse_depth,
)

_TOML_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_MANY_DIGITS = re.compile("[0-9][0-9_]{4000,}")
_TOML_LONG_KEY = re.compile(
    r"""^[ \t]*+\[*+(?:[ \t]*+(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.){32}""", re.MULTILINE
)

_BLANK = re.compile(r"(?:\s++|#[^\n]*+)*+")
_KEY = re.compile(r"""[ \t]*+("(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|[\w-]++)[ \t]*+""")
_VALUE = re.compile(
    r"""
    "{3} (?:[^"\\] | \\[\s\S] | "(?!""))*+ "{3,5}  # two quotes may stand before the end
    | '{3} (?:[^'] | '(?!''))*+ '{3,5}
    | " (?:[^"\\\n] | \\.)*+ " | '[^'\n]*+'
    | [^\s,\]}\#]++ (?:[ ][0-9]{2}:[^\s,\]}\#]++)?  # a number, a word; a date, and its time
    """,
    re.VERBOSE,
)


def read_toml(text: str) -> tuple[Any, list[ValueProblem]]:
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
        values = tomllib.loads(text, parse_float=keep_float)
    except RecursionError:
        refuse_depth(None)
    except ValueError as error:
        raise _explain_toml(error, text) from None
    problems: list[ValueProblem] = []
    return Cleaner(problems).clean(values), problems


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


def find_toml_places(text: str) -> ValuePlace:
    """Find where the values stand of a text that `read_toml` has read.

    A table reaches from its header (or its first key, if it has none) to its last value,
    as far as no other table stands between.
    """
    return _TomlScanner(text).scan()


class _TomlScanner:
    """Finds the places of a valid TOML text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lists: set[int] = set()  # Arrays of tables, by their identity.
        self._open_places: list[ValuePlace] = []  # What reaches up to here.

    def scan(self) -> ValuePlace:
        self._skip()
        root = ValuePlace(self._at, self._at)
        table = [root]
        while self._at < len(self._text):
            start = self._at
            if self._text[start] == "[":
                table = statement = self._header(root)
            else:
                statement = self._entry(table)
            self._reach(statement, start)
            self._skip()
        return root

    def _reach(self, statement: list[ValuePlace], start: int) -> None:
        """Let what a statement is about end with it, unless something else stood between."""
        open_before = {id(place) for place in self._open_places} | {id(statement[0])}
        self._open_places = [
            place for place in statement if place.start == start or id(place) in open_before
        ]
        for place in self._open_places:
            place.end = max(place.end, self._at)

    def _header(self, root: ValuePlace) -> list[ValuePlace]:
        """Read ``[a.b]`` or ``[[a.b]]``: the places from the top down to the table."""
        start = self._at
        is_list = self._text.startswith("[[", start)
        self._at += 1 + is_list
        *outer, last = self._read_key()
        self._at += 1 + is_list
        chain = [root]
        for key in outer:
            chain += self._open(chain[-1], key, start)
        if is_list:
            chain.append(chain[-1].parts.setdefault(last, ValuePlace(start, start)))
            self._lists.add(id(chain[-1]))
            last = str(len(chain[-1].parts))
        table = chain[-1].parts.setdefault(last, ValuePlace(start, start))
        table.start = table.end = start  # A part of it may have had a header before.
        return [*chain, table]

    def _open(self, place: ValuePlace, key: str, start: int) -> list[ValuePlace]:
        """Find or make a table that a key names; of an array of tables, it is the last one."""
        inner = place.parts.setdefault(key, ValuePlace(start, start))
        if id(inner) not in self._lists:
            return [inner]
        return [inner, inner.parts[str(len(inner.parts) - 1)]]

    def _entry(self, table: list[ValuePlace]) -> list[ValuePlace]:
        """Read ``a.b = value``: the places from the top down to the tables that it fills."""
        start = self._at
        *outer, last = self._read_key()
        self._at += 1
        chain = list(table)
        for key in outer:
            chain.append(chain[-1].parts.setdefault(key, ValuePlace(start, start)))
        chain[-1].parts[last] = self._value()
        return chain

    def _value(self) -> ValuePlace:
        self._skip()
        place = ValuePlace(self._at, self._at)
        if self._text[self._at] == "[":
            self._fill(place, "]", self._list_entry)
        elif self._text[self._at] == "{":
            self._fill(place, "}", self._table_entry)
        elif token := _VALUE.match(self._text, self._at):
            self._at = token.end()
        place.end = self._at
        return place

    def _fill(self, place: ValuePlace, closer: str, read: Callable[[ValuePlace], None]) -> None:
        """Read what stands between brackets."""
        self._at += 1
        self._skip()
        while self._text[self._at] != closer:
            read(place)
            self._skip()
            self._at += self._text[self._at] == ","
            self._skip()
        self._at += 1

    def _list_entry(self, place: ValuePlace) -> None:
        place.parts[str(len(place.parts))] = self._value()

    def _table_entry(self, place: ValuePlace) -> None:
        for inner in self._entry([place])[1:]:
            inner.end = self._at

    def _read_key(self) -> list[str]:
        """Read a key and its dots: its parts."""
        parts = []
        while part := _KEY.match(self._text, self._at):
            self._at = part.end()
            parts.append(_unquote(part[1]))
            if self._text[self._at] != ".":
                break
            self._at += 1
        return parts

    def _skip(self) -> None:
        """Step over blanks, line ends and comments."""
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at


def _unquote(key: str) -> str:
    if "\\" in key:
        return str(tomllib.loads(f"key = {key}")["key"])
    return key[1:-1] if key[0] in "\"'" else key
