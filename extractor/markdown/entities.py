"""Entities and backslash escapes (CommonMark 2.4 and 2.5)."""

from __future__ import annotations

import html
import re
from html.entities import html5
from re import Match

ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});")
_ESCAPES = re.compile(rf"\\([!-/:-@\[-`{{-~])|{ENTITY.pattern}")


def decode_entities(text: str) -> str:
    """Write entities as the characters they stand for.

    >>> decode_entities("&copy; &copyx; &copy")
    '© &copyx; &copy'
    """
    return ENTITY.sub(_decode, text) if "&" in text else text


def _decode(match: Match[str]) -> str:
    entity = match[0]
    # Python's own function knows names that begin like the one it is given.
    return html.unescape(entity) if entity[1] == "#" or entity[1:] in html5 else entity


def read_escapes(text: str) -> str:
    r"""Read escapes and entities in one pass: `\&amp;` is no entity."""
    return _ESCAPES.sub(lambda match: match[1] or _decode(match), text)
