"""How things are worded, wherever a message is written."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable


def find_similar(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """Name the entry of `known` that is most like `word`, or None.

    Args:
        word: What was written; capitals don't count.
        known: What may be meant.
        likeness: From 0 to 1, how much of the two must be the same.
    """
    names = {name.lower(): name for name in sorted(known)}
    matches = difflib.get_close_matches(word.lower(), names, n=1, cutoff=likeness)
    return names[matches[0]] if matches else None


def suggest(word: str, known: Collection[str]) -> str:
    """End a message about an unknown word: with what was meant, else with all that is known.

    >>> suggest("mach", ["match", "take"])
    '; did you mean `match`?'
    >>> suggest("zzz", ["match", "take"])
    '; known are match, take'
    """
    similar = find_similar(word, known)
    return f"; did you mean `{similar}`?" if similar else f"; known are {', '.join(known)}"


def count(number: int, noun: str) -> str:
    """Write a number of things.

    >>> count(1, "page"), count(1200, "page"), count(2, "block of definitions")
    ('1 page', '1,200 pages', '2 blocks of definitions')
    """
    return f"{number:,} {inflect(number, noun)}"


def inflect(number: int, noun: str) -> str:
    """Put a noun into the number that goes with a figure.

    >>> inflect(1, "property"), inflect(0, "property")
    ('property', 'properties')
    """
    if number == 1:
        return noun
    head, of, rest = noun.partition(" of ")
    plural = f"{head[:-1]}ies" if head.endswith("ty") else f"{head}s"
    return f"{plural}{of}{rest}"


# What a terminal, or a reader's eye, would obey instead of seeing: control characters,
# bidirectional overrides (Unicode TR 36, 3.3.1), invisible separators.
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]")


# What GitHub Actions obeys in a log: `::error file=a.md::text` at the start of a line, and, as
# long as anyone remembers, `##[error]text` anywhere in it.
_COMMAND = re.compile(r"^(\s*):(?=:[a-z][\w-]*(?:\s[^\n]*?)?::)", re.I)
COMMAND_IN_LINE = re.compile(r"##\[(?=[a-z][\w-]*(?:\s[^\]\n]*)?\])", re.I)


def reveal(text: str) -> str:
    r"""Show control characters and line ends instead of passing them on; a line, or a part of it.

    Nor is it a command to the program that reads a log.

    >>> reveal("a\nb\x1b[31m"), reveal("::error::text")
    ('a⏎b\\x1b[31m', '\\x3a:error::text')
    """
    shown = _UNSEEN.sub(lambda m: m[0].encode("unicode_escape").decode(), text)
    return disarm(shown).replace("\n", "⏎")


def disarm(line: str) -> str:
    r"""Make a line of a log none that GitHub Actions obeys.

    >>> disarm("  ::group::x"), disarm(":::note")
    ('  \\x3a:group::x', ':::note')
    """
    return COMMAND_IN_LINE.sub(r"##\\x5b", _COMMAND.sub(r"\1\\x3a", line))


def reveal_lines(text: str) -> str:
    r"""Show what `reveal` shows, but keep the ends of lines.

    >>> reveal_lines("a\x07\n::error::b")
    'a\\x07\n\\x3a:error::b'
    """
    return "\n".join(map(reveal, text.split("\n")))
