"""Words that a ` #` turns into a comment after a plain value.

``title: Issue #12 solved`` loses words that were meant; ``draft: true # remove later``
loses none. So `#` must have a word right after it, and the value must be text, or nothing:
after a number, a boolean or a date, whatever follows is a comment (``draft: true #later``).
"""

from __future__ import annotations

import re

_HIDING = re.compile(r"[ \t]+(#\w[^\n]*)")
_AMOUNT = re.compile(r"(?=\D*\d)[\d\s.:/,+TZ%-]+")  # A number, a date or a time, as it is written.


def has_comments(text: str) -> bool:
    """Tell whether a text has a comment that may hide words."""
    return "#" in text and _HIDING.search(text) is not None


def find_hidden(text: str, end: int, value: str) -> tuple[int, int] | None:
    """Find the words that a comment hides after a plain value.

    Args:
        text: What the value stands in.
        end: Index after the value.
        value: What was read; empty where there is nothing.

    Returns:
        Where the comment begins and ends, counted from `end`.
    """
    comment = _HIDING.match(text, end)
    if comment is None or _AMOUNT.fullmatch(value):
        return None
    start = comment.start(1) - end
    return start, start + len(comment[1].rstrip())
