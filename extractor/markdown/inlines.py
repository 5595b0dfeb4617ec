"""Inline content: plain text with its links and images, and where each character stands.

`read_inlines` renders mistune's tokens. Where a repair needs exact places,
`locate_atoms` lays the same tokens back onto their source: mistune's tokens
come in source order and every kind says how much markup stands around it, so
one walk finds them all, and only paragraphs that need it pay for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from extractor.markdown.entities import decode_entities
from extractor.markdown.parser import Token
from extractor.model import Image, Link

BREAK_TAG = re.compile(r"<br\s*/?>", re.I)
MARK_TAG = re.compile(r"<(/?)(b|strong|i|em)(?:\s[^>]*)?>", re.I)
# Spaces are looked at once, from the first of them.
BREAK_EDGES = re.compile(r"(?<! ) ++\n *|\n *")


class Inlines(NamedTuple):
    """What a reader sees of inline content."""

    text: str
    links: list[Link]
    images: list[Image]


NOTHING = Inlines("", [], [])


def read_inlines(tokens: Sequence[Token]) -> Inlines:
    """Render tokens as plain text: markup gone, entities decoded, soft breaks as spaces.

    Hard breaks and `<br>` are newlines; an image is in `images` alone.
    """
    if len(tokens) == 1 and tokens[0]["type"] == "text":
        return Inlines(decode_entities(tokens[0]["raw"]).strip(), [], [])
    reader = _TokenReader()
    reader.read(tokens)
    return Inlines(reader.text(), reader.links, reader.images)


def read_plain(tokens: Sequence[Token]) -> str:
    """Render tokens where nothing stands beside the text: an image's alt is part of it."""
    reader = _TokenReader(alt=True)
    reader.read(tokens)
    return reader.text()


class _TokenReader:
    """Collects text, links and images of a run of tokens."""

    def __init__(self, alt: bool = False) -> None:
        self.parts: list[str] = []
        self.links: list[Link] = []
        self.images: list[Image] = []
        self._alt = alt
        # Where something stands that says nothing: of the spaces around it, one is left.
        self._gap = -1

    def text(self) -> str:
        text = "".join(self.parts)
        if "\n" in text:
            text = BREAK_EDGES.sub("\n", text)
        return text.strip()

    def read(self, tokens: Iterable[Token]) -> None:
        parts = self.parts
        for token in tokens:
            kind = token["type"]
            if kind == "text":
                parts.append(decode_entities(token["raw"]))
                if self._gap >= 0:
                    self._close_gap()
            elif kind == "softbreak":
                parts.append(" ")
                if self._gap >= 0:
                    self._close_gap()
            elif kind == "codespan":
                parts.append(token["raw"])
            else:
                self._read_other(kind, token)

    def _read_other(self, kind: str, token: Token) -> None:
        if kind == "linebreak" or (kind == "inline_html" and BREAK_TAG.match(token["raw"])):
            self.parts.append("\n")
        elif kind == "link":
            start = len(self.parts)
            self.read(token["children"])
            self.links.append(read_link(token, "".join(self.parts[start:]).strip()))
        elif kind == "image":
            self._read_image(token)
        elif "children" in token:
            self.read(token["children"])
        elif not MARK_TAG.fullmatch(token.get("raw", "")):
            self._gap = len(self.parts)

    def _read_image(self, token: Token) -> None:
        image = read_image(token)
        self.images.append(image)
        if self._alt:
            self.parts.append(image.alt)
        else:
            self._gap = len(self.parts)

    def _close_gap(self) -> None:
        if self._gap == len(self.parts) - 1:
            close_gap(self.parts)


def close_gap(parts: list[str]) -> None:
    """Leave one of the spaces on both sides of what says nothing, after the last part was added."""
    if len(parts) > 1 and parts[-1][:1] == " " and parts[-2][-1:] == " ":
        last = parts.pop()[1:]
        if last:
            parts.append(last)


def read_link(token: Token, text: str) -> Link:
    """Read a link token whose text is known."""
    attrs = token["attrs"]
    return Link(text, attrs["url"], _read_title(token))


def read_image(token: Token) -> Image:
    """Read an image token."""
    return Image(read_plain(token["children"]), token["attrs"]["url"], _read_title(token))


def _read_title(token: Token) -> str | None:
    # mistune has taken its escapes off, but left the entities.
    title = token["attrs"].get("title")
    return title and decode_entities(title)
