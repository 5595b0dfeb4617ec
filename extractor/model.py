"""The shape of a document: frozen data, no behaviour beyond JSON and the walk over blocks.

The published schema, ``schemas/document.schema.json``, is made from these classes; field
order is the order in the JSON. Fields are always present, ``null`` where there is nothing;
only ``span`` may be left out of sections, blocks and items (``--no-spans``).
Documents are trees: no object refers to one that holds it, so the garbage
collector need not look at them (``gc=False``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from extractor.upgrades import is_former, upgrade

SCHEMA_NAME: Final = "document/2"
"""Name and version of the document format."""

SectionType = Literal[
    "definitions", "steps", "list", "table", "question", "quote", "code", "prose", "empty"
]
LinkKind = Literal["link", "wiki"]
ImageKind = Literal["image", "embed"]
Align = Literal["left", "center", "right"]
Severity = Literal["error", "warning", "note"]

Positive = Annotated[int, Meta(ge=1)]
Offset = Annotated[int, Meta(ge=0)]


class Span(Struct, frozen=True, gc=False):
    """Where something stands in the file as it lies on disk."""

    line: Annotated[Positive, Meta(description="First line, 1-based, front matter counted.")]
    end_line: Annotated[Positive, Meta(description="Last line, inclusive.")]
    start: Annotated[Offset, Meta(description="Offset of the first byte in the file.")]
    end: Annotated[Offset, Meta(description="Offset after the last byte in the file.")]


class Link(Struct, frozen=True, gc=False):
    """A link in running text."""

    text: Annotated[str, Meta(description="The plain text a reader sees.")]
    url: Annotated[str, Meta(description="The target, percent-encoded.")]
    title: Annotated[str | None, Meta(description="The title, if any.")] = None
    kind: Annotated[LinkKind, Meta(description="How it is written.")] = "link"


class Image(Struct, frozen=True, gc=False):
    """An image in running text."""

    alt: Annotated[str, Meta(description="The text that stands in for the image.")]
    url: Annotated[str, Meta(description="The target, percent-encoded.")]
    title: Annotated[str | None, Meta(description="The title, if any.")] = None
    kind: Annotated[ImageKind, Meta(description="How it is written.")] = "image"


TableRow = Annotated[
    Offset | None, Meta(description="Row of the cell, 0 for the header; null in the lead.")
]
TableColumn = Annotated[
    Offset | None, Meta(description="Column of the cell, from 0; null in the lead.")
]


class CellLink(Link, frozen=True, gc=False):
    """A link in a table: in the cell at `row` and `column`, or in the lead."""

    row: TableRow = None
    column: TableColumn = None


class CellImage(Image, frozen=True, gc=False):
    """An image in a table: in the cell at `row` and `column`, or in the lead."""

    row: TableRow = None
    column: TableColumn = None


class Item(Struct, frozen=True, gc=False, omit_defaults=True):
    """An entry of a list or of definitions."""

    term: Annotated[
        str | None, Meta(description="The label, without markers or colon; null if unlabelled.")
    ]
    marker: Annotated[
        str | None,
        Meta(description="What stood before the label: `(2)`, `✅`, `★★★`; null without."),
    ]
    text: Annotated[str, Meta(description="Plain text: of an entry, its description.")]
    checked: Annotated[bool | None, Meta(description="State of a task box; null without one.")]
    links: list[Link]
    images: list[Image]
    blocks: Annotated[list[Block], Meta(description="What is nested under the item.")]
    span: Span | None = None


class Paragraph(
    Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="paragraph"
):
    """Running text."""

    text: Annotated[str, Meta(description="Plain text; hard line breaks as newlines.")]
    links: list[Link]
    images: list[Image]
    span: Span | None = None


class Heading(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="heading"):
    """A heading inside a quote, callout, item or footnote, where it opens no section."""

    level: Annotated[int, Meta(ge=1, le=6)]
    text: Annotated[str, Meta(description="Plain text.")]
    links: list[Link]
    images: list[Image]
    span: Span | None = None


class Definitions(
    Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="definitions"
):
    """Labelled entries, whatever they were written as."""

    lead: Annotated[
        str | None, Meta(description="The paragraph that announces the block, without its colon.")
    ]
    links: Annotated[list[Link], Meta(description="Those of the lead.")]
    images: Annotated[list[Image], Meta(description="Those of the lead.")]
    items: list[Item]
    span: Span | None = None


class List(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="list"):
    """A bulleted or numbered list."""

    ordered: bool
    start: Annotated[int | None, Meta(description="First number; null when unordered.")]
    lead: Annotated[
        str | None, Meta(description="The paragraph that announces the block, without its colon.")
    ]
    links: Annotated[list[Link], Meta(description="Those of the lead.")]
    images: Annotated[list[Image], Meta(description="Those of the lead.")]
    items: list[Item]
    span: Span | None = None


class Table(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="table"):
    """A table of plain-text cells; every row is as long as `columns`."""

    lead: Annotated[
        str | None, Meta(description="The paragraph that announces the block, without its colon.")
    ]
    columns: Annotated[list[str], Meta(description="The header cells.")]
    align: Annotated[list[Align | None], Meta(description="Alignment, one per column.")]
    rows: Annotated[list[list[str]], Meta(description="The body, row by row.")]
    links: Annotated[list[CellLink], Meta(description="Those of the cells and of the lead.")]
    images: Annotated[list[CellImage], Meta(description="Those of the cells and of the lead.")]
    span: Span | None = None


class Quote(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="quote"):
    """A block quote."""

    blocks: list[Block]
    span: Span | None = None


class Callout(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="callout"):
    """A quote that opens with its kind: a GitHub alert or an Obsidian callout."""

    kind: Annotated[str, Meta(description="As written, in lower case, such as note or abstract.")]
    title: Annotated[str | None, Meta(description="Its own title; null without.")]
    folded: Annotated[
        bool | None, Meta(description="Whether it is shown folded; null if it can't be folded.")
    ]
    blocks: list[Block]
    span: Span | None = None


class Code(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="code"):
    """A fenced or indented code block."""

    language: Annotated[str | None, Meta(description="First word of the info string.")]
    info: Annotated[str | None, Meta(description="What follows the language; null without.")]
    text: Annotated[str, Meta(description="The code, without a final newline.")]
    span: Span | None = None


class Figure(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="image"):
    """An image alone in its paragraph."""

    url: Annotated[str, Meta(description="The target, percent-encoded.")]
    alt: Annotated[str, Meta(description="The text that stands in for the image.")]
    title: Annotated[str | None, Meta(description="The title, if any.")]
    span: Span | None = None


class Html(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="html"):
    """A block of raw HTML."""

    text: Annotated[str, Meta(description="The HTML as written.")]
    span: Span | None = None


class Footnote(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="footnote"):
    """A footnote, where it is written."""

    label: Annotated[str, Meta(description="The label as written, without `[^` and `]`.")]
    blocks: list[Block]
    span: Span | None = None


class Rule(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="rule"):
    """A thematic break."""

    span: Span | None = None


Block = (
    Paragraph
    | Heading
    | Definitions
    | List
    | Table
    | Quote
    | Callout
    | Code
    | Figure
    | Html
    | Footnote
    | Rule
)


def iter_blocks(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks and all that is nested in them, in page order.

    Args:
        blocks: Those of a section, an item, a quote, a callout or a footnote.
    """
    for block in blocks:
        yield block
        if isinstance(block, Quote | Callout | Footnote):
            yield from iter_blocks(block.blocks)
        elif isinstance(block, List | Definitions):
            for item in block.items:
                yield from iter_blocks(item.blocks)


class Section(Struct, frozen=True, gc=False, omit_defaults=True):
    """A heading and what stands under it, up to the next heading.

    `blocks` are the section's own; `span` also covers its subsections.
    """

    id: Annotated[
        str,
        Meta(
            description="The heading's own `{#id}`, else its GitHub-style slug; unique on the "
            "page; `preamble` before any heading."
        ),
    ]
    parent: Annotated[str | None, Meta(description="Id of the enclosing section.")]
    level: Annotated[int, Meta(ge=0, le=6, description="0 for the preamble, else 1 to 6.")]
    heading: Annotated[str | None, Meta(description="Plain text; null for the preamble.")]
    path: Annotated[list[str], Meta(description="Headings from the root down to this one.")]
    type: SectionType
    attributes: Annotated[
        dict[str, str | list[str]],
        Meta(description="Of the heading, `{#id .class key=value}`; `class` is a list."),
    ]
    links: Annotated[list[Link], Meta(description="Those of the heading.")]
    images: Annotated[list[Image], Meta(description="Those of the heading.")]
    blocks: list[Block]
    span: Span | None = None


class Diagnostic(Struct, frozen=True, gc=False):
    """Something about a page that its owner should know."""

    code: Annotated[str, Meta(pattern="^EX[0-9]{3}", max_length=5)]
    rule: Annotated[str, Meta(description="Kebab-case name of the pattern found.")]
    severity: Severity
    message: str
    span: Span | None
    pointer: Annotated[str | None, Meta(description="JSON pointer into the document or record.")]
    before: Annotated[str | None, Meta(description="The text as it stands in the file.")]
    after: Annotated[str | None, Meta(description="What it was read as.")]


class SourceInfo(Struct, frozen=True, gc=False):
    """The file a document was made from."""

    path: Annotated[str, Meta(description="POSIX, relative to the input root.")]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}", max_length=64)]
    bytes: Offset
    lines: Annotated[Offset, Meta(description="Number of lines.")]
    encoding: Annotated[str, Meta(description="Codec name; slices of the file decode with it.")]


class Document(Struct, frozen=True, gc=False):
    """A page as data."""

    schema: Literal["document/2"]
    source: SourceInfo
    metadata: Annotated[dict[str, Any], Meta(description="The front matter; {} without any.")]
    title: Annotated[
        str | None, Meta(description="metadata.title, else the first level-1 heading.")
    ]
    sections: Annotated[list[Section], Meta(description="In page order, flat.")]
    diagnostics: Annotated[list[Diagnostic], Meta(description="In page order.")]

    def to_json(self, indent: int | None = None) -> str:
        """Encode as JSON text.

        Args:
            indent: Spaces per level; None for one line.
        """
        text = msgspec.json.encode(self)
        if indent is not None:
            text = msgspec.json.format(text, indent=indent)
        return text.decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Document:
        """Decode and check JSON that `to_json` wrote, also of the former version.

        Raises:
            msgspec.ValidationError: If a field is missing or of the wrong type.
            msgspec.DecodeError: If `text` is not JSON.
        """
        if is_former(text):
            return msgspec.convert(upgrade(msgspec.json.decode(text), SCHEMA_NAME), cls)
        return _DOCUMENT_DECODER.decode(text)


class Reject(Struct, frozen=True, gc=False):
    """A page that could not be extracted, and why."""

    path: str
    rule: str
    message: str
    line: int | None


class PageRejected(ValueError):  # noqa: N818  # a public name
    """A page that cannot become a document.

    Attributes:
        reject: What is written to ``rejects.jsonl``.
    """

    def __init__(self, reject: Reject) -> None:
        """Carry `reject`; the message names file, line and rule."""
        place = reject.path if reject.line is None else f"{reject.path}:{reject.line}"
        super().__init__(f"{place}: {reject.message} ({reject.rule})")
        self.reject = reject

    def __reduce__(self) -> tuple[type[PageRejected], tuple[Reject]]:
        """Survive the way back from a worker process."""
        return type(self), (self.reject,)


_DOCUMENT_DECODER = msgspec.json.Decoder(Document)
