"""Plain scalars: words, numbers, dates and times."""

from __future__ import annotations

import re
from datetime import datetime

from extractor.frontmatter.values import parse_float, parse_integer

WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]|[ \t]+)"
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]*))?)?"
    r"(?:[ \t]*(?:([Zz])|([-+])([01]?[0-9]|2[0-3])(?::?([0-5][0-9]))?))?"
)


def resolve_number(text: str) -> int | float | str | None:
    """Read a plain scalar that begins like a number or a date.

    Returns:
        The number; else the text, a date with a time of day as ISO 8601; None if
        it is a number for which JSON has no room: infinite, or beyond 64 bits.

    >>> resolve_number("12"), resolve_number("01234"), resolve_number("2024-01-05 9:30:00 Z")
    (12, '01234', '2024-01-05T09:30:00Z')
    """
    if _INTEGER.fullmatch(text):
        return parse_integer(text)
    if _FLOAT.fullmatch(text):
        return parse_float(text)
    if _NOT_FINITE.fullmatch(text):
        return None
    date_time = _DATE_TIME.fullmatch(text)
    return _write_iso(date_time) if date_time else text


def _write_iso(match: re.Match[str]) -> str:
    """Write a date and time as ISO 8601, or as it stands if there is no such time."""
    year, month, day, hour, minute, second, fraction, utc, sign, ahead, rest = match.groups()
    try:
        datetime(  # noqa: DTZ001 - only asked whether it exists
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0)
        )
    except ValueError:
        return match[0]
    zone = "Z" if utc else f"{sign}{ahead:0>2}:{rest or '00'}" if sign else ""
    seconds = f":{second}" if second else ""
    seconds += f".{fraction}" if fraction else ""
    return f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute}{seconds}{zone}"
