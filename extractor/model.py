"""The shape of a document: frozen data, no behaviour beyond JSON.

Every class mirrors one line of the contract (section 2); field order is the
order in the JSON. Fields are always present, ``null`` where there is nothing;
only ``span`` may be left out of sections, blocks and items (``--no-spans``).
Documents are trees: no object refers to one that holds it, so the garbage
collector need not look at them (``gc=False``).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

SCHEMA_NAME = "document/1"
"""Name and version of the document format."""

SectionType = Literal[
    "definitions", "steps", "list", "table", "question", "quote", "code", "prose", "empty"
]
Alert = Literal["note", "tip", "important", "warning", "caution"]
Align = Literal["left", "center", "right"]
Severity = Literal["error", "warning", "note"]

Positive = Annotated[int, Meta(ge=1)]
Offset = Annotated[int, Meta(ge=0)]


class Span(Struct, frozen=True, gc=False):
    """Where something stands in the file as it lies on disk."""

    line: Annotated[Positive, Meta(description="First line, 1-based, front matter counted.")]
    end_line: Annotated[Positive, Meta(description="Last line, inclusive.")]
    start: Annotated[Offset, Meta(description="Offset of the first byte in the file.")]
    end: Annotated[Offset, Meta(description="Offset behind the last byte in the file.")]


class Link(Struct, frozen=True, gc=False):
    """A link in running text."""

    text: Annotated[str, Meta(description="The plain text a reader sees.")]
    url: Annotated[str, Meta(description="The target, percent-encoded.")]
    title: Annotated[str | None, Meta(description="The title, if any.")]


class Image(Struct, frozen=True, gc=False):
    """An image in running text."""

    url: Annotated[str, Meta(description="The target, percent-encoded.")]
    alt: Annotated[str, Meta(description="The text that stands in for the image.")]
    title: Annotated[str | None, Meta(description="The title, if any.")]


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


class Definitions(
    Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="definitions"
):
    """Labelled entries, whatever they were written as."""

    lead: Annotated[
        str | None, Meta(description="The paragraph that announces the block, without its colon.")
    ]
    items: list[Item]
    span: Span | None = None


class List(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="list"):
    """A bulleted or numbered list."""

    ordered: bool
    start: Annotated[int | None, Meta(description="First number; null when unordered.")]
    lead: Annotated[
        str | None, Meta(description="The paragraph that announces the block, without its colon.")
    ]
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
    span: Span | None = None


class Quote(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="quote"):
    """A block quote, or a GitHub alert."""

    alert: Annotated[Alert | None, Meta(description="Kind of alert; null for a plain quote.")]
    blocks: list[Block]
    span: Span | None = None


class Code(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type", tag="code"):
    """A fenced or indented code block."""

    language: Annotated[str | None, Meta(description="First word of the info string.")]
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


Block = Paragraph | Definitions | List | Table | Quote | Code | Figure | Html | Footnote | Rule


class Section(Struct, frozen=True, gc=False, omit_defaults=True):
    """A heading and what stands under it, up to the next heading.

    `blocks` are the section's own; `span` also covers its subsections.
    """

    id: Annotated[
        str,
        Meta(description="GitHub-style slug, unique on the page; `preamble` before any heading."),
    ]
    parent: Annotated[str | None, Meta(description="Id of the enclosing section.")]
    level: Annotated[int, Meta(ge=0, le=6, description="0 for the preamble, else 1 to 6.")]
    heading: Annotated[str | None, Meta(description="Plain text; null for the preamble.")]
    path: Annotated[list[str], Meta(description="Headings from the root down to this one.")]
    type: SectionType
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

    schema: Literal["document/1"]
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
        """Decode and check JSON that `to_json` wrote.

        Raises:
            msgspec.ValidationError: If a field is missing or of the wrong type.
            msgspec.DecodeError: If `text` is not JSON.
        """
        return _DOCUMENT_DECODER.decode(text)


class Reject(Struct, frozen=True, gc=False):
    """A page that could not be extracted, and why."""

    path: str
    rule: str
    message: str
    line: int | None


class PageRejected(ValueError):  # noqa: N818  # the name in the contract of the library
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
