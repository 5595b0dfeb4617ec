"""What parts a label from its description: colons, dashes, and both."""

from __future__ import annotations

import re

from extractor.labels.shapes import COLONS, EDGE_CHARACTERS, STAR

_COLON = f"[{COLONS}]"
_GAP = rf"[\s{EDGE_CHARACTERS}]*+"
_INVISIBLE = "".join(char for char in EDGE_CHARACTERS if not char.isspace())
_DASH = "(?:--?|[‒–—―])"
# A dash before a number is a minus, and a dash before nothing is a value of its own.
_SECOND_DASH = rf"{_GAP}{_DASH}(?=\s+[^\s\d])"

OUTSIDE = re.compile(
    # `**std**::string` is a name, and `**X**:smile:` ends in an emoji.
    rf"{_GAP}(?:{_COLON}(?!{_COLON}|\w+:)|{_COLON}{{2,}}+(?=\s|$)|[：︰]{{2,}}+)(?:{_SECOND_DASH})?+"
    rf"|[{_INVISIBLE}]*+\s+{_DASH}(?=\s|$)|\s*(?:——|――)",
)
"""The separator after the markers of a label without one: `**X**: `, `**X** :- `."""

GLUED_DASH = re.compile(r"(?:--?|[–—―])(?=\s)")
"""A dash that touches the markers, where the space stands inside: `**X **- `."""

SURPLUS = re.compile(
    rf"{_GAP}(?:(?:{_COLON}++(?=\s|$)|[：︰]++)(?:{_SECOND_DASH})?+|{_DASH}(?=\s+[^\s\d]))"
)
"""What follows a label that brought its colon along, and counts as one with it."""

TYPED = re.compile(
    rf"(?:\s+{STAR}?(?:\([^()\n]{{1,60}}\)|\[[^\[\]\n]{{1,60}}\]){STAR}?|\s*（[^（）\n]{{1,60}}）)"
    rf"(?:\s*{_COLON}(?=\s+\S)|\s*：(?=\S)|\s+{_DASH}(?=\s+\S))"
)
"""A type in brackets before the separator: `**size** (string) - how big`."""

_ENDS_IN_COLON = re.compile(rf"{_COLON}(?:{_DASH}|{_GAP})\Z")
_TERM_END = re.compile(rf"[\s{EDGE_CHARACTERS}]*{_COLON}[\s{EDGE_CHARACTERS}{COLONS}‒–—―-]*\Z")


def ends_in_separator(inner: str) -> bool:
    """Tell whether the text between the markers brings the colon along."""
    return bool(_ENDS_IN_COLON.search(inner.rstrip(EDGE_CHARACTERS)))


def strip_separator(text: str) -> str:
    """Take the separator and the spaces around it off a label."""
    return _TERM_END.sub("", text.strip(EDGE_CHARACTERS)).rstrip(EDGE_CHARACTERS)


# Spaces are looked at once, from the first of them.
_JOINT = re.compile(r"(?<!\s)(?:\s++[|¦/·•‖]|\s*+[;；|｜·‖])\s*\Z")
_LONG_JOINT = re.compile(r"[；｜]\s*\Z")


def strip_joint(text: str) -> str:
    """Take what joins two entries of a line off the first of them: `L |`, `木勺；`."""
    return _JOINT.sub("", text)


def parts_labels(gap: str) -> bool:
    """Tell whether text between two labels of a line is a value of its own."""
    text = gap.strip()
    if not text or (gap == gap.rstrip() and not _LONG_JOINT.search(gap)):
        return False
    return len(text.split()) <= 4 or text[-1] in ".;,|/)。；，·｜‖"


def is_joined(gap: str) -> bool:
    """Tell whether the text before a label ends in a joint: the label then needs no other sign."""
    return bool(_JOINT.search(gap)) and bool(strip_joint(gap).strip())
