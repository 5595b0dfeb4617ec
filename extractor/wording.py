"""How things are worded, wherever a message is written."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Name the entry of `known` that is most like `word`, or None."""
    matches = difflib.get_close_matches(word, sorted(known), n=1)
    return matches[0] if matches else None


# What a terminal, or a reader's eye, would obey instead of seeing: control characters,
# bidirectional overrides (Unicode TR 36, 3.3.1), invisible separators.
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]")


def reveal(text: str) -> str:
    r"""Show control characters and line ends instead of passing them on.

    >>> reveal("a\nb\x1b[31m")
    'a⏎b\\x1b[31m'
    """
    shown = _UNSEEN.sub(lambda m: m[0].encode("unicode_escape").decode(), text)
    return shown.replace("\n", "⏎")
