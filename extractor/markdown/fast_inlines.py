"""Inline content of the usual kinds, read by one pattern.

That is text, strong and emphasised words, code, links and images with a plain URL, and
line breaks, where nothing of it overlaps or is escaped. What is anything else in the
least part of it is left to mistune; a test holds that both read the same.
"""

from __future__ import annotations

import re

from extractor.markdown.lines import Token

# A `!` opens nothing without a bracket.
_WORDS = r"(?:[^\\`*_!\[\]<~\n]++|!(?!\[))"
_CODE = r"`[^`\n]++`(?!`)"
_LINK = r"!?\[(?!\^)[^\[\]\\<~\n]++\]\([A-Za-z0-9_:/?#@!$&*+,=%.~-]++\)"
_INSIDE = rf"(?:{_WORDS}|{_CODE}|{_LINK})++"
_EDGE = r"[\s!-/:-@\[-`{-~]"


def _between(stars: str) -> str:
    """Give the pattern of emphasis (CommonMark 6.2): which run of stars can open, which close."""
    # Beside punctuation it depends on the other side; what is neither letter, space nor ASCII
    # may be a mark that belongs to a letter.
    opens = rf"(?<!\*){stars}(?=[^\s*])(?:(?=[^\W_])|(?<={_EDGE}{stars})|(?<=^{stars}))"
    closes = rf"(?:(?<=[^\W_])|(?<=\S)(?={stars}(?:{_EDGE}|$))){stars}(?!\*)"
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


def read_quickly(text: str, *, in_link: bool = False) -> list[Token] | None:
    """Read inline content as mistune would; None where that takes mistune.

    Args:
        text: The inline content.
        in_link: Whether it is a link's, in which there are no bare URLs.
    """
    tokens: list[Token] = []
    pos = 0
    while pos < len(text):
        piece = _PIECE.match(text, pos)
        token = _build_token(piece.lastgroup, piece.group(), in_link) if piece else None
        if piece is None or token is None:
            return None
        tokens.append(token)
        pos = piece.end()
    return tokens


def _build_token(kind: str | None, raw: str, in_link: bool) -> Token | None:
    if kind == "text":
        is_plain = in_link or not ("://" in raw or "@" in raw or "www." in raw)
        return {"type": "text", "raw": raw} if is_plain else None
    if kind == "softbreak":
        return {"type": "softbreak"}
    if kind == "codespan":
        return {"type": "codespan", "raw": _strip_code(raw[1:-1])}
    if kind == "link":
        return _build_link(raw)
    assert kind
    width = _MARKS[kind]
    children = read_quickly(raw[width:-width], in_link=in_link)
    return None if children is None else {"type": kind, "children": children}


def _strip_code(code: str) -> str:
    """Take one space off both ends, unless there is nothing else (CommonMark 6.1)."""
    if code[0] == code[-1] == " " and code.strip(" "):
        return code[1:-1]
    return code


def _build_link(raw: str) -> Token | None:
    text, _, target = raw.rpartition("](")
    is_image = text[0] == "!"
    children = read_quickly(text[1 + is_image :], in_link=True)
    if children is None:
        return None
    kind = "image" if is_image else "link"
    return {"type": kind, "children": children, "attrs": {"url": target[:-1]}}
