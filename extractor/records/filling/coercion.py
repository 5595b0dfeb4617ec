"""Text from a page turned into the type a property declares.

What can't be turned for sure stays as it is, so that the schema's own check
reports it: a value is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from extractor.records.schema.fields import UNSET, Field

_MAX_INTEGER = 2**63

# A sign, digits of any script, and spaces between groups of three (ISO 80000-1, 7.3.1).
_INTEGER = re.compile(r"[+\-−]?(?:\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+|\d+)")
# A comma before three digits may divide thousands as well as decimals: not a number for sure.
_NUMBER = re.compile(rf"(?:{_INTEGER.pattern})?(?:\.\d+|,(?!\d{{3}}$)\d+)?(?:[eE][+-]?\d{{1,3}})?")
_SPACES = re.compile(r"[ \u00a0\u2009\u202f]")

_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?:[Tt ]\d\d:.*)?"),
    re.compile(r"(?P<y>\d{4})[/.](?P<m>\d{1,2})[/.](?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})\.[ ]?(?P<m>\d{1,2})\.[ ]?(?P<y>\d{4})"),
    re.compile(
        r"(?P<d>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<month>[A-Za-z]{3,9})\.?,? (?P<y>\d{4})"
    ),
    re.compile(r"(?P<month>[A-Za-z]{3,9})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})"),
)


def coerce(value: Any, field: Field) -> Any:
    """Turn a value into the first of the field's types that it can be.

    Args:
        value: A JSON value, mostly a string.
        field: What it is to become; lists and objects are coerced part by part.

    Returns:
        The coerced value; the value itself if it can be none of the types;
        UNSET for null where null is not allowed.
    """
    if value is None:
        return None if "null" in field.types else UNSET
    for name in field.types:
        coerced = _COERCIONS[name](value, field) if name in _COERCIONS else UNSET
        if coerced is not UNSET:
            return coerced
    return value


def coerce_text(text: str, field: Field) -> Any:
    """Turn a text of the page into the field's type; see `coerce`."""
    if field.types == ("string",) and field.format is None:
        return text  # most fields by far
    return coerce(text, field)


def read_integer(text: str) -> int | None:
    """Read a whole number of at most 64 bits.

    >>> read_integer(" 12 000 "), read_integer("three"), read_integer("1,200")
    (12000, None, None)
    """
    text = text.strip()
    if len(text) > 30 or not _INTEGER.fullmatch(text):
        return None
    number = int(_SPACES.sub("", text).replace("−", "-"))
    return number if -_MAX_INTEGER <= number < _MAX_INTEGER else None


def read_number(text: str) -> int | float | None:
    """Read a number with a decimal point, or with a decimal comma that can be nothing else.

    >>> read_number("1.5"), read_number("2,5"), read_number("1,500"), read_number("7")
    (1.5, 2.5, None, 7)
    """
    text = text.strip()
    if (integer := read_integer(text)) is not None:
        return integer
    if len(text) > 40 or not text or not _NUMBER.fullmatch(text):
        return None
    try:
        number = float(_SPACES.sub("", text).replace("−", "-").replace(",", "."))
    except ValueError:
        return None
    return number if abs(number) != float("inf") else None


def read_date(text: str) -> str | None:
    """Read a date whose order of day and month is sure, as YYYY-MM-DD.

    >>> read_date("1 May 2024"), read_date("01.05.2024"), read_date("05/01/2024")
    ('2024-05-01', '2024-05-01', None)
    """
    text = text.strip()
    for pattern in _DATES:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        parts = found.groupdict()
        month = _read_month(parts["month"]) if parts.get("month") else int(parts["m"])
        try:
            return date(int(parts["y"]), month, int(parts["d"])).isoformat()
        except ValueError:
            return None
    return None


def _read_month(word: str) -> int:
    """Give a month's number from its English name or its first three letters or more."""
    fits = [n for n, month in enumerate(_MONTHS, 1) if month.startswith(word.lower())]
    fits += [9] * (word.lower() == "sept")
    return fits[0] if fits else 0


def _to_string(value: Any, field: Field) -> Any:
    if isinstance(value, str):
        read = read_date(value) if field.format == "date" else None
        return read or value
    # A float or a boolean would not be written as the page has it.
    return str(value) if type(value) is int else UNSET


def _to_integer(value: Any, _: Field) -> Any:
    if isinstance(value, str):
        value = read_integer(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _MAX_INTEGER:
        return int(value)
    return value if type(value) is int else UNSET


def _to_number(value: Any, _: Field) -> Any:
    if isinstance(value, str):
        value = read_number(value)
    return value if type(value) in (int, float) else UNSET


def _to_boolean(value: Any, _: Field) -> Any:
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in _TRUE else False if word in _FALSE else UNSET
    return value if isinstance(value, bool) else UNSET


def _to_list(value: Any, field: Field) -> Any:
    if isinstance(value, str):
        value = [part for text in value.split(",") if (part := text.strip())]
    elif not isinstance(value, list):
        value = [value]
    if field.entry is None:
        return value
    return [None if entry is None else coerce(entry, field.entry) for entry in value]


def _to_object(value: Any, field: Field) -> Any:
    if not isinstance(value, dict):
        return UNSET
    pairs = (
        (key, coerce(part, field.fields[key]) if key in field.fields else part)
        for key, part in value.items()
    )
    return {key: part for key, part in pairs if part is not UNSET}


_COERCIONS: dict[str, Callable[[Any, Field], Any]] = {
    "array": _to_list,
    "boolean": _to_boolean,
    "integer": _to_integer,
    "number": _to_number,
    "object": _to_object,
    "string": _to_string,
}
