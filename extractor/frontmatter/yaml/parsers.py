"""PyYAML's parsers: which one reads a text, and the characters kept from both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import yaml

from extractor.frontmatter.values import Unreadable

_MAX_SLOW = 65_536  # Code points; PyYAML's own parser takes 5 µs for each.
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SHIELDED = re.compile("[\x80-\x9f\u2028\u2029]")


def parse_events(text: str) -> Iterator[Any]:
    """Parse YAML into events, one by one.

    Raises:
        Unreadable: If that would take too long.
        yaml.MarkedYAMLError: From the iterator, where the text is not YAML.
    """
    return iter(yaml.parse(text, Loader=choose_loader(text)))


def choose_loader(text: str) -> Any:
    r"""Take libyaml's parser, 16 times as fast, where it will do.

    It refuses surrogates in escapes (``"\ud83d\ude00"``, JSON's way of writing an
    emoji), which the parser in Python lets through.

    Raises:
        Unreadable: If the slow parser would have too much to do.
    """
    escape = _SURROGATE_ESCAPE.search(text)
    if escape is None:
        return getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if len(text) > _MAX_SLOW:
        reason = f"it is longer than {_MAX_SLOW} characters and has surrogates as escapes"
        raise Unreadable("unsafe-front-matter", reason, text.count("\n", 0, escape.start()))
    return yaml.SafeLoader


def choose_shields(text: str) -> dict[str, str]:
    """Choose unused characters to stand for what YAML 1.1 would not take for text.

    It ends lines at NEL, LS and PS; YAML 1.2 (5.4), Markdown and editors do not. It allows
    no C1 controls; text that went through a wrong encoding is full of them.
    """
    if text.isascii() or not (found := set(_SHIELDED.findall(text))):
        return {}
    seen = set(text)
    private = chain(range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))
    free = (chr(code) for code in private if chr(code) not in seen)
    return dict(zip(sorted(found), free, strict=False))
