"""TOML front matter."""

from __future__ import annotations

import re
import tomllib
from typing import Any

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
