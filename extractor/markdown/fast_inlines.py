"""Inline content of the usual kinds, read by one pattern.

That is text, strong and emphasised words, code, links and images with a plain URL, and
line breaks, where nothing of it overlaps or is escaped. What is anything else in the
least part of it is left to mistune; a test holds that both read the same.
"""

from __future__ import annotations

import re

from extractor.markdown.lines import Token

# A `!` opens nothing without a bracket; behind `&`, mistune keeps it apart as a part of an entity.
_WORDS = r"(?:[^\\`*_!\[\]<~\n]++|(?<!&)!(?!\[))"
_CODE = r"`[^`\n]++`(?!`)"
_LINK = r"!?\[(?!\^)[^\[\]\\<~\n]++\]\([A-Za-z0-9_:/?#@!$&*+,=%.~-]++\)"
_INSIDE = rf"(?:{_WORDS}|{_CODE}|{_LINK})++"


def _between(stars: str) -> str:
    """Give the pattern of emphasis (CommonMark 6.2): which run of stars can open, which close."""
    opens = rf"(?<!\*){stars}(?=[^\s*])(?:(?=[^\W_])|(?<![^\W_]{stars}))"
    closes = rf"(?:(?<=[^\W_])|(?<=\S)(?!{stars}[^\W_])){stars}(?!\*)"
    return opens + _INSIDE + closes


_KINDS = {
    "text": rf"(?:{_WORDS}|(?<=[^\W_])_++(?=[^\W_]))++",
    "strong": _between(r"\*\*"),
    "emphasis": _between(r"\*"),
    "codespan": _CODE,
    "link": _LINK,
    "softbreak": r"(?<! )\n\s*+",
}
_PIECE = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()))
_MARKS = {"strong": 2, "emphasis": 1}


def read_quickly(text: str) -> list[Token] | None:
    """Read inline content as mistune would; None where that takes mistune."""
    tokens: list[Token] = []
    pos = 0
    while pos < len(text):
        piece = _PIECE.match(text, pos)
        token = _build_token(piece.lastgroup or "", piece.group()) if piece else None
        if piece is None or token is None:
            return None
        tokens.append(token)
        pos = piece.end()
    return tokens


def _build_token(kind: str, raw: str) -> Token | None:
    if kind == "text":
        return {"type": "text", "raw": raw}
    if kind == "softbreak":
        return {"type": "softbreak"}
    if kind == "codespan":
        return {"type": "codespan", "raw": _strip_code(raw[1:-1])}
    if kind == "link":
        return _build_link(raw)
    width = _MARKS[kind]
    children = read_quickly(raw[width:-width])
    return None if children is None else {"type": kind, "children": children}


def _strip_code(code: str) -> str:
    """Take one space off both ends, unless there is nothing else (CommonMark 6.1)."""
    if code[0] == code[-1] == " " and code.strip(" "):
        return code[1:-1]
    return code


def _build_link(raw: str) -> Token | None:
    text, _, target = raw.rpartition("](")
    is_image = text[0] == "!"
    children = read_quickly(text[1 + is_image :])
    if children is None:
        return None
    kind = "image" if is_image else "link"
    return {"type": kind, "children": children, "attrs": {"url": target[:-1]}}
