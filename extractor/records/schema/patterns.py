"""The one door to RE2: a schema's regexes, matched in linear time.

RE2 never backtracks, so no regex of a user's can hang a run. What would need
backtracking, look-around and back references, is refused when the schema loads.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cached_property

import re2  # type: ignore[import-untyped]

MAX_SET_PROGRAM = 5_000
"""Instructions up to which patterns share one automaton. A larger one might not
fit the 8 MB that RE2 allots, and would then find nothing without a word."""

MAX_PROGRAM = 10_000
"""Instructions of one regex. Matching takes as many steps a character at worst: with 2,000,
2 µs of a dull text became 22 µs."""

# What RE2 says, and what it means to someone who knows other engines.
_HINTS = (
    ("invalid perl operator: (?=", "RE2 has no look-ahead"),
    ("invalid perl operator: (?!", "RE2 has no look-ahead"),
    ("invalid perl operator: (?<=", "RE2 has no look-behind"),
    ("invalid perl operator: (?<!", "RE2 has no look-behind"),
    ("invalid perl operator: (?>", "RE2 has no atomic groups, and needs none"),
    ("bad repetition operator", "RE2 has no possessive repetition, and needs none"),
    ("invalid repetition size", "RE2 repeats at most 1000 times"),
    ("invalid escape sequence: \\Z", "RE2 writes \\z for the end of the text"),
)


class PatternError(ValueError):
    """A regex that RE2 does not take; the message says why."""


class Pattern:
    """A compiled regex.

    Attributes:
        source: The regex as written.
        groups: Named groups by name, with their number.
    """

    def __init__(self, source: str, *, ignore_case: bool = False) -> None:
        """Compile `source`.

        Raises:
            PatternError: If RE2 refuses it.
        """
        self.source = source
        try:
            self._regexp = re2.compile(source, _build_options(ignore_case))
        except (re2.error, UnicodeEncodeError) as error:
            raise PatternError(_explain(error)) from None
        if self.size > MAX_PROGRAM:
            raise PatternError(f"it is too large: {self.size:,} instructions")
        self.groups: dict[str, int] = dict(self._regexp.groupindex)
        self.group = 1 if self._regexp.groups else 0
        """The group that fills a scalar: the first, or the whole match without any."""

    @property
    def size(self) -> int:
        """Number of instructions of the compiled regex."""
        return int(self._regexp.programsize)

    def finds(self, text: str) -> bool:
        """Tell whether the pattern matches anywhere in `text`."""
        return self._regexp.search(text) is not None

    def iter_matches(self, text: str) -> Iterator[Match]:
        """Yield every match in `text` that is not empty, none overlapping."""
        # On bytes, RE2's binding need not count characters, which takes it 10 µs a match.
        data = text.encode()
        for found in self._regexp.finditer(data):
            start, end = found.span(0)
            if start < end:
                yield Match(self, data, found)


class Match:
    """A match of a pattern in a text."""

    __slots__ = ("_data", "_found", "_pattern")

    def __init__(self, pattern: Pattern, data: bytes, found: re2._Match) -> None:
        """Wrap what RE2 found; its own look-up by name takes 25 µs.

        Args:
            pattern: What was searched for.
            data: The text, as UTF-8.
            found: What was found.
        """
        self._pattern = pattern
        self._data = data
        self._found = found

    def read(self, group: int) -> str | None:
        """Return what the group of that number matched, trimmed; None if it took no part."""
        start, end = self._found.span(group)
        return None if start < 0 else self._data[start:end].decode().strip()

    def read_value(self) -> str | None:
        """Return what fills a scalar."""
        return self.read(self._pattern.group)

    def read_groups(self) -> dict[str, str]:
        """Return the named groups that took part, by name."""
        pairs = ((name, self.read(number)) for name, number in self._pattern.groups.items())
        return {name: text for name, text in pairs if text is not None}


class PatternSet:
    """Patterns searched together: 1 µs a text of one line, however many they are."""

    def __init__(self, *, ignore_case: bool = False) -> None:
        """Start empty."""
        self._ignore_case = ignore_case
        self._patterns: list[Pattern] = []

    def add(self, source: str) -> tuple[int, Pattern]:
        """Add a pattern; return its number and the pattern.

        Raises:
            PatternError: If RE2 refuses it.
        """
        pattern = Pattern(source, ignore_case=self._ignore_case)
        self._patterns.append(pattern)
        return len(self._patterns) - 1, pattern

    def search(self, text: str) -> frozenset[int]:
        """Return the numbers of the patterns found in `text`."""
        if self._automaton is not None:
            return frozenset(self._automaton.Match(text.encode()) or ())
        return frozenset(n for n, pattern in enumerate(self._patterns) if pattern.finds(text))

    @cached_property
    def _automaton(self) -> re2.Set | None:
        if not self._patterns or sum(p.size for p in self._patterns) > MAX_SET_PROGRAM:
            return None
        automaton = re2.Set.SearchSet(_build_options(self._ignore_case))
        for pattern in self._patterns:
            automaton.Add(pattern.source)
        automaton.Compile()
        return automaton


def normalize(text: str) -> str:
    """Compose letters and their marks (NFC), so that `é` is `é` however it was typed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _build_options(ignore_case: bool) -> re2.Options:
    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    return options


def _explain(error: Exception) -> str:
    argument = error.args[0] if error.args else ""
    text = argument.decode() if isinstance(argument, bytes) else str(error)
    for start, hint in _HINTS:
        if text.startswith(start):
            return f"{hint} ({text})"
    if text.startswith("invalid escape sequence: \\") and text[-1:].isdigit():
        return f"RE2 has no back references ({text})"
    return text
