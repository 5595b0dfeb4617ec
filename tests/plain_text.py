"""The words of a page as the parser's plain text gives them, and those of a document.

The first half asks mistune alone, with its own plugins, and shares no code with
the extractor; the second reads a document field by field. Both sides keep
apart what stands beside the running text: the alternative texts of images, and
footnotes, which mistune moves to the end of the page.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import mistune
from mistune.plugins.def_list import def_list
from mistune.plugins.footnotes import footnotes
from mistune.plugins.formatting import strikethrough
from mistune.plugins.table import table
from mistune.plugins.task_lists import task_lists
from reference import read_github

from extractor.model import (
    Block,
    Callout,
    Definitions,
    Document,
    Figure,
    Footnote,
    Item,
    List,
    Section,
    Table,
)

Token = dict[str, Any]

WORD = re.compile(r"[^\W_]+")
ALERT = re.compile(r"\[!(?:note|tip|important|warning|caution)\][ \t]*(?:\n|$)", re.I)
BREAK = re.compile(r"<br\s*/?>", re.I)


@dataclass
class Words:
    """The words of a page.

    Attributes:
        running: In page order: headings, leads, terms, texts, cells, code, HTML.
        images: Of alternative texts.
        notes: Of footnotes.
    """

    running: list[str] = field(default_factory=list)
    images: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> None:
        self.running += split_words(text)


def split_words(text: str) -> list[str]:
    """Split text into its words; entities that mistune decodes twice are decoded on both sides."""
    return WORD.findall(html.unescape(text))


# --- by mistune alone ---------------------------------------------------------------------


class _OrderlyParser(mistune.BlockParser):
    """mistune's parser, which lets the block that ends a quote continue what stands before it.

    And it puts a quote behind a list that ends it, if a third block follows.
    """

    def parse_block_quote(self, m: re.Match[str], state: mistune.BlockState) -> int:
        before, state.tokens = state.tokens, []
        end = super().parse_block_quote(m, state)
        ours = next(t for t in state.tokens if t["type"] == "block_quote" and "placed" not in t)
        ours["placed"] = True
        state.tokens = [*before, ours, *(t for t in state.tokens if t is not ours)]
        return end


def _make_parser() -> mistune.Markdown:
    parser = mistune.Markdown(
        renderer=None,
        block=_OrderlyParser(),
        plugins=[strikethrough, table, task_lists, def_list, footnotes],
    )
    rules = list(parser.block.rules)
    parser.block.list_rules = parser.block.block_quote_rules = rules
    return parser


_PARSER = _make_parser()


# To mistune, such a heading is the quote's (CommonMark 5.1: only a paragraph's text is lazy).
_HEADING_BELOW_QUOTE = re.compile(r"^( *>[^\n]*\n)(?= *#{1,6} )", re.M)


def read_body(body: str) -> Words:
    """Read the words of a page's body with mistune."""
    # Tabs are columns (CommonMark 2.2); mistune counts those in containers from their text.
    tokens = _PARSER(_HEADING_BELOW_QUOTE.sub(r"\1\n", body.expandtabs(4)))
    assert isinstance(tokens, list)
    words = Words()
    for token in tokens:
        if token["type"] == "footnotes":
            notes = Words()
            _read_blocks(token["children"], notes)
            words.notes.update(notes.running)
            words.images.update(notes.images)
        else:
            _read_blocks([token], words)
    return words


def _read_blocks(tokens: Iterable[Token], words: Words) -> None:
    for token in tokens:
        kind = token["type"]
        if kind in ("paragraph", "block_text") and _holds_only_tags(token):
            words.add("\n".join(child.get("raw", "") for child in token["children"]))
        elif kind in ("heading", "paragraph", "block_text", "table_cell", "def_list_head"):
            words.add(_read_inline(token.get("children", []), words))
        elif kind in ("block_code", "block_html"):
            words.add(token["raw"])
        elif kind == "block_quote":
            _read_blocks(_drop_alert(token["children"]), words)
        else:
            _read_blocks(token.get("children", []), words)


def _holds_only_tags(token: Token) -> bool:
    """Tell whether a paragraph is nothing but tags, which a document has as HTML."""
    kinds = {child["type"] for child in token["children"] if child.get("raw", "?").strip()}
    return "inline_html" in kinds and kinds <= {"inline_html", "softbreak", "linebreak"}


def _drop_alert(children: list[Token]) -> list[Token]:
    """Leave out the marker of an alert, with its line."""
    first = next((c for c in children if c["type"] != "blank_line"), None)
    if first is None or first["type"] != "paragraph":
        return children
    texts = first["children"]
    line = [t["type"] for t in texts].index("softbreak") if _has_softbreak(texts) else len(texts)
    marker = "".join(t.get("raw", "?") for t in texts[:line])
    if ALERT.fullmatch(marker):
        first["children"] = texts[line:]
    return children


def _has_softbreak(tokens: list[Token]) -> bool:
    return any(token["type"] == "softbreak" for token in tokens)


def _read_inline(tokens: Iterable[Token], words: Words) -> str:
    return "".join(_read_token(token, words) for token in tokens)


def _read_token(token: Token, words: Words) -> str:
    match token["type"]:
        case "text" | "codespan":
            return str(token["raw"])
        case "softbreak" | "linebreak":
            return "\n"
        case "inline_html":
            return "\n" if BREAK.match(token["raw"]) else ""
        case "footnote_ref":
            return ""
        case "image":
            words.images.update(split_words(_read_inline(token["children"], words)))
            return ""
    return _read_inline(token["children"], words)


# --- a second opinion ---------------------------------------------------------------------


def is_undecided(body: str) -> bool:
    """Tell whether mistune and GitHub's parser find other words on a page.

    Where they differ, one of them has a bug, or what definition lists do in containers is
    written down nowhere: then neither is a measure.
    """
    words = read_body(body)
    found = Counter(words.running) + words.images + words.notes
    github = read_github(body, ("table", "strikethrough", "autolink", "tasklist", "footnotes"))
    return found != _count_words(github)


def _count_words(rendered: str) -> Counter[str]:
    reader = _RenderedText()
    reader.feed(rendered)
    reader.close()
    return Counter(reader.words)


class _RenderedText(HTMLParser):
    """Collects the words of HTML, and those of alternative texts; not the numbers of notes."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._mark = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "img":
            self.words += split_words(values.get("alt") or "")
        self._mark += tag == "sup" and values.get("class") == "footnote-ref"

    def handle_endtag(self, tag: str) -> None:
        self._mark -= tag == "sup" and self._mark > 0

    def handle_data(self, data: str) -> None:
        if not self._mark:
            self.words += split_words(data)


# --- from a document ----------------------------------------------------------------------


def read_document(document: Document) -> Words:
    """Read the words of a document, each from the one field it stands in."""
    words = Words()
    for section in document.sections:
        _read_section(section, words)
    return words


def _read_section(section: Section, words: Words) -> None:
    words.add(section.heading or "")
    _read_images(section, words)
    for block in section.blocks:
        _read_block(block, words)


def _read_block(block: Block, words: Words) -> None:
    words.add(getattr(block, "lead", None) or "")
    match block:
        case Figure():
            words.images.update(split_words(block.alt))
        case Footnote():
            _read_note(block, words)
        case Table():
            words.add("\n".join(cell for row in (block.columns, *block.rows) for cell in row))
            _read_images(block, words)
        case Definitions() | List():
            _read_images(block, words)
            for item in block.items:
                words.add(item.marker or "")
                words.add(item.term or "")
                _read_text(item, words)
        case Callout():
            words.add(block.title or "")
            _read_text(block, words)
        case _:
            _read_text(block, words)


def _read_text(holder: Block | Item, words: Words) -> None:
    """Read the text of a block or an item, its images, and what is nested in it."""
    words.add(getattr(holder, "text", ""))
    _read_images(holder, words)
    for nested in getattr(holder, "blocks", ()):
        _read_block(nested, words)


def _read_images(holder: Any, words: Words) -> None:
    for image in getattr(holder, "images", ()):
        words.images.update(split_words(image.alt))


def _read_note(note: Footnote, words: Words) -> None:
    inner = Words()
    for nested in note.blocks:
        _read_block(nested, inner)
    words.notes.update(inner.running)
    words.images.update(inner.images)
