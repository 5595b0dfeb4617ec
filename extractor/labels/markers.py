"""What stands before a label: bullets, numbers, task boxes, emoji."""

from __future__ import annotations

import re
from typing import NamedTuple

from extractor.labels.shapes import BOLD, EDGE_CHARACTERS, STAR

_NUMERALS = "〇零一二三四五六七八九十百"
_CIRCLED = "\u2460-\u24ff\u2776-\u2793\u3220-\u3247\u3280-\u32b0"
_FACES = "\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff"
_SHORT = rf"\d{{1,3}}|[ivxlcdmIVXLCDM]{{1,6}}|[^\W\d_]|[{_NUMERALS}]{{1,3}}"
_ENDS = rf"(?=[\s{EDGE_CHARACTERS}{BOLD}])"

_PARTS = {
    "space": rf"[\s{EDGE_CHARACTERS}]",
    "bullet": rf"[•‣▪▫◦●○■□◆◇▶►➤➔→»›・⁃∙·]|[-+–—‐‒](?:\s|(?={BOLD}))|{STAR}\s|[-=]*>",
    "box": r"\[[ xX]?\](?=\s)",
    "number": (
        rf"[(（\[【](?:{_SHORT})[)）\]】](?:(?<=[）】])|{_ENDS})"
        rf"|\d{{1,3}}(?:\.\d{{1,3}})+[.)]?{_ENDS}"
        rf"|(?:{_SHORT})[.)]{_ENDS}"
        rf"|(?:\d{{1,3}}|[a-zA-Z]|[{_NUMERALS}]{{1,3}})[、．）]"
        rf"|[{_CIRCLED}]"
        r"|\d\ufe0f?\u20e3"
    ),
    "sign": (
        rf":[a-z][a-z0-9_+-]*+:(?=\s)"
        rf"|(?:[{_FACES}](?![{_CIRCLED}])[\ufe0e\ufe0f\u200d\U000e0020-\U000e007f]*+)++"
    ),
}
_PART = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PARTS.items()))
PREFIX = re.compile(f"(?:{'|'.join(_PARTS.values())})*")
"""All that may stand before a label on its line; matches the empty string."""

_LIST_MARKER = re.compile(rf"\s*(?:[-+{STAR}]|\d{{1,9}}[.)]|>)\s")

OPENING = (
    rf"(?>[^\w\n]|(?:{_SHORT})(?=\\?[.)\]）】、．])|\d{{1,3}}(?=\.\d)|[{_CIRCLED}]|\d(?=\ufe0f?\u20e3)"
    r"|:[a-z][a-z0-9_+-]*+:)*?"
)
"""The same in the source of a line, more loosely and without a look at what each part is."""


class Marker(NamedTuple):
    """What stood before a label.

    Attributes:
        text: Numbers and signs as a reader sees them; None where there are only bullets.
        checked: State of a task box that Markdown does not take for one; None without a box.
        written: Both as they stand on the page, for a label that labels nothing.
    """

    text: str | None = None
    checked: bool | None = None
    written: str = ""


NO_MARKER = Marker()


def read_marker(prefix: str) -> Marker:
    """Read what stands before a label on its line."""
    if not prefix:
        return NO_MARKER
    kept: list[str] = []
    written: list[str] = []
    checked = None
    for part in _PART.finditer(prefix):
        if part["box"] is not None:
            checked = part["box"][1] in "xX"
            written.append(part["box"])
        elif part.lastgroup in ("number", "sign"):
            kept.append(part[0].strip(EDGE_CHARACTERS))
            written.append(kept[-1])
    return Marker(" ".join(kept) or None, checked, "".join(f"{part} " for part in written))


def is_list_marker(prefix: str) -> bool:
    """Tell whether what stands before a label would be a list's marker, were it not escaped."""
    return bool(_LIST_MARKER.match(prefix))
