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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import mistune
from mistune.plugins.def_list import def_list
from mistune.plugins.footnotes import footnotes
from mistune.plugins.formatting import strikethrough
from mistune.plugins.table import table
from mistune.plugins.task_lists import task_lists

from extractor.model import (
    Block,
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


def read_body(body: str) -> Words:
    """Read the words of a page's body with mistune."""
    tokens = _PARSER(body)
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
        if kind == "def_list":
            _read_blocks(_repeat_heads(token["children"]), words)
        elif kind in ("heading", "paragraph", "block_text", "table_cell", "def_list_head"):
            words.add(_read_inline(token.get("children", []), words))
        elif kind in ("block_code", "block_html"):
            words.add(token["raw"])
        elif kind == "block_quote":
            _read_blocks(_drop_alert(token["children"]), words)
        else:
            _read_blocks(token.get("children", []), words)


def _repeat_heads(children: list[Token]) -> Iterator[Token]:
    """Say a term again before each further definition, as a document does."""
    head: Token | None = None
    fresh = False
    for child in children:
        if child["type"] == "def_list_head":
            head, fresh = child, True
        elif not fresh and head is not None:
            yield head
        else:
            fresh = False
        yield child


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


# --- from a document ----------------------------------------------------------------------


def read_document(document: Document) -> Words:
    """Read the words of a document, each from the one field it stands in."""
    words = Words()
    for section in document.sections:
        _read_section(section, words)
    return words


def _read_section(section: Section, words: Words) -> None:
    words.add(section.heading or "")
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
        case Definitions() | List():
            for item in block.items:
                words.add(item.marker or "")
                words.add(item.term or "")
                _read_text(item, words)
        case _:
            _read_text(block, words)


def _read_text(holder: Block | Item, words: Words) -> None:
    """Read the text of a block or an item, its images, and what is nested in it."""
    words.add(getattr(holder, "text", ""))
    for image in getattr(holder, "images", ()):
        words.images.update(split_words(image.alt))
    for nested in getattr(holder, "blocks", ()):
        _read_block(nested, words)


def _read_note(note: Footnote, words: Words) -> None:
    inner = Words()
    for nested in note.blocks:
        _read_block(nested, inner)
    words.notes.update(inner.running)
    words.images.update(inner.images)
