"""What neighbours make of one another: entries one block, a line with a colon a lead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from extractor.labels.shapes import COLONS, EDGE_CHARACTERS
from extractor.markdown.inlines import Inlines
from extractor.model import (
    Block,
    Callout,
    CellImage,
    CellLink,
    Code,
    Definitions,
    Figure,
    Item,
    List,
    Paragraph,
    Quote,
    Table,
)
from extractor.spans import cover


class LabelledEntry(NamedTuple):
    """A label with its description, as an item.

    Attributes:
        item: The item; its text is empty if nothing stands after the label.
        label: The label as written, colon included.
        bare: Whether its paragraph ends with the label.
    """

    item: Item
    label: Inlines
    bare: bool


class Terms(NamedTuple):
    """A definition list, whose entries join those before and after it."""

    block: Definitions


class CodeLine(NamedTuple):
    """A paragraph that holds code, whose colons are the code's.

    Attributes:
        block: The paragraph.
        tail: Its text after the last code.
    """

    block: Paragraph
    tail: str


BlockPart = LabelledEntry | Terms | CodeLine | Block


class Joiner:
    """Joins the parts of a container into blocks."""

    def __init__(self, parts: Sequence[BlockPart]) -> None:
        self._parts = parts
        self._blocks: list[Block] = []
        self._items: list[Item] = []
        self._lead: Paragraph | None = None
        self._tail: str | None = None
        self._at = 0

    def join(self) -> list[Block]:
        """Give the blocks that the parts make."""
        while self._at < len(self._parts):
            part = self._parts[self._at]
            self._at += 1
            if isinstance(part, LabelledEntry):
                self._add_entry(part)
            elif isinstance(part, Terms):
                self._items += part.block.items
            elif isinstance(part, CodeLine):
                self._add_block(part.block, part.tail)
            else:
                self._add_block(part)
        self._close()
        return self._blocks

    def _peek(self, ahead: int = 0) -> BlockPart | None:
        at = self._at + ahead
        return self._parts[at] if at < len(self._parts) else None

    def _add_entry(self, entry: LabelledEntry) -> None:
        """Add an entry to the open definitions; a bare one takes what follows."""
        following = self._peek()
        if isinstance(following, Terms | CodeLine):
            following = following.block
        if entry.item.text or entry.item.images or not entry.bare:
            self._items.append(entry.item)
        elif isinstance(following, Paragraph):
            self._items.append(_describe(entry.item, following))
            self._at += 1
        elif isinstance(following, _DESCRIBING):
            self._add_announcing(entry, following)
        elif isinstance(following, LabelledEntry) and not self._items and following.item.text:
            self._set_lead(_as_paragraph(entry))
        elif self._items or isinstance(following, LabelledEntry):
            self._items.append(entry.item)
        else:
            self._append(_as_paragraph(entry))

    def _add_announcing(self, entry: LabelledEntry, block: Block) -> None:
        """Give a block to the label before it: as description among entries, else as lead."""
        beside = bool(self._items) or isinstance(self._peek(1), LabelledEntry)
        if not beside and isinstance(block, Quote | Callout):
            self._append(_as_paragraph(entry))
        elif beside or isinstance(block, Code | Figure):
            span = cover(entry.item.span, block.span)
            self._items.append(replace(entry.item, blocks=[block], span=span))
            self._at += 1
        else:
            self._set_lead(_as_paragraph(entry))

    def _set_lead(self, lead: Paragraph, tail: str | None = None) -> None:
        """Keep a paragraph back until the block it announces is there."""
        if self._lead:
            self._blocks.append(self._lead)
        self._lead, self._tail = lead, tail

    def _add_block(self, block: Block, tail: str | None = None) -> None:
        """Add a block; of a paragraph's text, only the colons of its tail can announce."""
        self._close()
        if isinstance(block, Paragraph) and self._leads(block, tail):
            self._set_lead(block, tail)
        else:
            self._append(block)

    def _leads(self, paragraph: Paragraph, tail: str | None) -> bool:
        """Tell whether a paragraph announces what follows."""
        announced = isinstance(self._peek(), LabelledEntry | Terms | List | Table | Definitions)
        text = paragraph.text if tail is None else tail
        return announced and ends_in_colon(text)

    def _append(self, block: Block) -> None:
        """Append a block, with the lead that waits for one."""
        lead, self._lead = self._lead, None
        if lead and isinstance(block, List | Table | Definitions):
            block = _announce(block, lead, self._tail)
        elif lead:
            self._blocks.append(lead)
        self._blocks.append(block)

    def _close(self) -> None:
        """Close the run of entries."""
        if self._items:
            span = cover(self._items[0].span, self._items[-1].span)
            items, self._items = self._items, []
            self._append(Definitions(None, [], [], items, span))


_DESCRIBING = (List, Table, Code, Definitions, Figure, Quote, Callout)
"""What a label with nothing after it on its line may take as its description."""


def _announce(block: List | Table | Definitions, lead: Paragraph, tail: str | None) -> Block:
    """Give a block the paragraph before it as its lead, with what is linked there."""
    text = _strip_lead(lead.text, tail)
    span = cover(lead.span, block.span)
    if not isinstance(block, Table):
        return replace(block, lead=text, links=lead.links, images=lead.images, span=span)
    links = [CellLink(link.text, link.url, link.title, link.kind) for link in lead.links]
    images = [CellImage(i.alt, i.url, i.title, i.kind) for i in lead.images]
    return replace(
        block, lead=text, links=links + block.links, images=images + block.images, span=span
    )


def ends_in_colon(text: str) -> bool:
    """Tell whether text ends in a colon of any width."""
    return text.rstrip(EDGE_CHARACTERS).endswith(tuple(COLONS))


def _strip_lead(text: str, tail: str | None) -> str:
    """Take the colon off a lead, but not those of code before its tail."""
    text = text.strip(EDGE_CHARACTERS)
    bare = text.rstrip(COLONS + EDGE_CHARACTERS)
    return bare if tail is None else text[: max(len(bare), len(text) - len(tail))]


def _describe(item: Item, paragraph: Paragraph) -> Item:
    """Give a bare entry the paragraph after it as its description."""
    return replace(
        item,
        text=paragraph.text,
        links=item.links + paragraph.links,
        images=item.images + paragraph.images,
        span=cover(item.span, paragraph.span),
    )


def _as_paragraph(entry: LabelledEntry) -> Paragraph:
    """Read a label that labels nothing as the paragraph it is."""
    return Paragraph(entry.label.text, entry.item.links, entry.item.images, entry.item.span)
