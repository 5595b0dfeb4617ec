"""Where the characters of inline content stand in its source."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from mistune.helpers import LINK_LABEL, parse_link

from extractor.markdown.entities import ENTITY, decode_entities
from extractor.markdown.inlines import (
    BREAK_EDGES,
    BREAK_TAG,
    MARK_TAG,
    Inlines,
    close_gap,
    read_image,
    read_link,
)
from extractor.markdown.parser import Token
from extractor.model import Image, Link

AtomKind = Literal[
    "text", "escape", "entity", "open", "close", "code", "html", "image", "note", "soft", "hard"
]


class Atom(NamedTuple):
    """A piece of inline source.

    Attributes:
        kind: text; escape and entity (one character written as several); open and close of
            a `tag`; code, html, image, note; soft and hard line break.
        text: What a reader sees of it.
        start: Offset of its first code point in the inline source.
        end: Offset after its last.
        tag: For open and close: strong, emphasis, strikethrough or link.
        value: The link (its text still empty) or image.
    """

    kind: AtomKind
    text: str
    start: int
    end: int
    tag: str = ""
    value: Any = None


class MisfitError(ValueError):
    """Tokens that can't be laid onto their source: the parser rewrote what it read."""


def locate_atoms(tokens: Sequence[Token], source: str) -> list[Atom]:
    """Lay tokens back onto the source they were parsed from.

    Raises:
        MisfitError: If tokens and source don't fit.
    """
    walk = _Layout(source)
    walk.lay(tokens)
    return walk.atoms


_PUNCTUATION = frozenset(string.punctuation)
_SOFT = re.compile(r" *\n\s*")
_HARD = re.compile(r"(?:\\| {2,})\n\s*")
_TICKS = re.compile(r"`+")
_REFERENCE = re.compile(LINK_LABEL + r"\]")
_WIDTHS = {"strong": 2, "emphasis": 1, "strikethrough": 2}
_HTML_TAGS = {"b": "strong", "strong": "strong", "i": "emphasis", "em": "emphasis"}


class _Layout:
    """One pass over tokens and source, side by side."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.pos = 0
        self.atoms: list[Atom] = []

    def lay(self, tokens: Iterable[Token]) -> None:
        for token in tokens:
            _LAYERS[token["type"]](self, token)

    def _add(self, kind: AtomKind, text: str, end: int, tag: str = "", value: Any = None) -> None:
        self.atoms.append(Atom(kind, text, self.pos, end, tag, value))
        self.pos = end

    def _lay_text(self, token: Token) -> None:
        raw = token["raw"]
        done = 0
        while done < len(raw):
            done += self._lay_escape(raw[done]) or self._lay_run(raw, done)

    def _lay_escape(self, char: str) -> int:
        source, pos = self.source, self.pos
        if source.startswith("\\", pos) and source[pos + 1 : pos + 2] in _PUNCTUATION:
            if source[pos + 1] != char:
                raise MisfitError("an escape does not fit its token")
            self._add("escape", char, pos + 2)
            return 1
        return 0

    def _lay_run(self, raw: str, done: int) -> int:
        """Lay literal characters up to the next escape, or one entity."""
        entity = ENTITY.match(raw, done) if raw[done] == "&" else None
        if entity:
            end = entity.end()
        else:
            stops = (raw.find("&", done + 1), raw.find("\\", done + 1))
            end = min((stop for stop in stops if stop > 0), default=len(raw))
            # Characters that the token has unescaped are not literal in the source.
            escape = self.source.find("\\", self.pos + 1, self.pos + end - done)
            end = min(end, done + escape - self.pos) if escape > 0 else end
        text = raw[done:end]
        if not self.source.startswith(text, self.pos):
            raise MisfitError("text does not fit its source")
        after = self.pos + len(text)
        decoded = decode_entities(text) if entity else text
        if entity and decoded != text:
            self._add("entity", decoded, after)
        else:
            self._add("text", text, after)
        return len(text)

    def _lay_pair(self, token: Token) -> None:
        tag = token["type"]
        width = token.get("width", _WIDTHS[tag])
        self._add("open", "", self.pos + width, tag)
        self.lay(token["children"])
        self._add("close", "", self.pos + width, tag)

    def _lay_softbreak(self, token: Token) -> None:
        self._add("soft", " ", _end(_SOFT, self.source, self.pos))

    def _lay_linebreak(self, token: Token) -> None:
        self._add("hard", "\n", _end(_HARD, self.source, self.pos))

    def _lay_codespan(self, token: Token) -> None:
        ticks = _end(_TICKS, self.source, self.pos)
        marker = self.source[self.pos : ticks]
        closer = re.compile(rf"(?<!`){marker}(?!`)").search(self.source, ticks)
        if not closer:
            raise MisfitError("a code span is not closed")
        self._add("code", token["raw"], closer.end())

    def _lay_inline_html(self, token: Token) -> None:
        raw = token["raw"]
        end = self.pos + len(raw)
        tag = MARK_TAG.fullmatch(raw)
        if tag:
            self._add("close" if tag[1] else "open", "", end, _HTML_TAGS[tag[2].lower()])
        elif BREAK_TAG.match(raw):
            self._add("hard", "\n", end)
        else:
            self._add("html", "", end)

    def _lay_footnote_ref(self, token: Token) -> None:
        self._add("note", "", self.pos + len(token["raw"]))

    def _lay_link(self, token: Token) -> None:
        link = read_link(token, "")
        kind = token.get("bare", "angle" if self.source[self.pos] == "<" else "")
        width = 1 if kind in ("angle", "") else 0
        self._add("open", "", self.pos + width, "link", link)
        if kind in ("angle", "url"):
            self._lay_literal(token["children"][0]["raw"])
        else:
            self.lay(token["children"])
        end = self.pos + width if kind else self._target_end(self.pos + 1, token)
        self._add("close", "", end, "link")

    def _lay_literal(self, raw: str) -> None:
        """Lay text in which nothing is escaped: a URL (CommonMark 6.5)."""
        done = 0
        for entity in ENTITY.finditer(raw):
            self._add("text", raw[done : entity.start()], self.pos + entity.start() - done)
            self._add("entity", decode_entities(entity[0]), self.pos + len(entity[0]))
            done = entity.end()
        self._add("text", raw[done:], self.pos + len(raw) - done)

    def _lay_image(self, token: Token) -> None:
        inner = _Layout(self.source)
        inner.pos = self.pos + 2
        inner.lay(token["children"])
        end = self._target_end(inner.pos + 1, token)
        self._add("image", "", end, value=read_image(token))

    def _target_end(self, pos: int, token: Token) -> int:
        """Find the end of `(url)` or `[label]` after the text of a link or image."""
        if "label" not in token:
            _, end = parse_link(self.source, pos + 1)
            if end is None:
                raise MisfitError("a link target does not fit its source")
            return end
        label = (
            _REFERENCE.match(self.source, pos + 1) if self.source[pos : pos + 1] == "[" else None
        )
        return label.end() if label else pos


_LAYERS: dict[str, Callable[[_Layout, Token], None]] = {
    "text": _Layout._lay_text,
    "strong": _Layout._lay_pair,
    "emphasis": _Layout._lay_pair,
    "strikethrough": _Layout._lay_pair,
    "softbreak": _Layout._lay_softbreak,
    "linebreak": _Layout._lay_linebreak,
    "codespan": _Layout._lay_codespan,
    "inline_html": _Layout._lay_inline_html,
    "footnote_ref": _Layout._lay_footnote_ref,
    "link": _Layout._lay_link,
    "image": _Layout._lay_image,
}
"""How each kind of token is laid onto its source: all that the parser makes."""


def _end(pattern: re.Pattern[str], source: str, pos: int) -> int:
    match = pattern.match(source, pos)
    if not match:
        raise MisfitError("a token does not fit its source")
    return match.end()


def read_atoms(atoms: Iterable[Atom]) -> Inlines:
    """Render atoms as `read_inlines` renders tokens."""
    parts: list[str] = []
    links: list[Link] = []
    images: list[Image] = []
    opened: list[tuple[int, Link]] = []
    gap = -1
    for atom in atoms:
        if atom.kind in _MUTE:
            images += [atom.value] if atom.kind == "image" else []
            gap = len(parts)
        elif atom.tag == "link" and atom.kind == "open":
            opened.append((len(parts), atom.value))
        elif atom.tag == "link" and opened:
            start, link = opened.pop()
            links.append(Link("".join(parts[start:]).strip(), link.url, link.title))
        elif atom.text:
            parts.append(atom.text)
            if gap == len(parts) - 1 and atom.kind != "code":
                close_gap(parts)
    links.extend(
        Link("".join(parts[start:]).strip(), link.url, link.title) for start, link in opened
    )
    text = BREAK_EDGES.sub("\n", "".join(parts))
    return Inlines(text.strip(), links, images)


_MUTE = ("html", "note", "image")
"""Kinds of atoms that say nothing in the text."""


def split_lines(atoms: list[Atom]) -> Iterator[list[Atom]]:
    """Split atoms after every line break, soft or hard, and before collapsed list items."""
    line: list[Atom] = []
    for number, atom in enumerate(atoms):
        if line and _opens_item(atoms, number):
            yield line
            line = []
        line.append(atom)
        if atom.kind in ("soft", "hard"):
            yield line
            line = []
    if line:
        yield line


def _opens_item(atoms: list[Atom], number: int) -> bool:
    r"""Tell whether an escaped dash between spaces stands before bold: ` \- **Label**: text`."""
    if atoms[number].kind != "escape" or atoms[number].text != "-" or number + 2 >= len(atoms):
        return False
    before, after, bold = atoms[number - 1], atoms[number + 1], atoms[number + 2]
    spaced = before.text.endswith(" ") and after.text == " "
    return spaced and (bold.tag == "strong" or bold.text == "*")
