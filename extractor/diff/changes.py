"""What a comparison finds: frozen data that every rendering starts from.

``docs/diff.md`` describes the same fields for readers of ``diff --format json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

DIFF_SCHEMA = "diff/1"
"""Name and version of the JSON that ``extractor diff --format json`` writes."""

ChangeKind = Literal["added", "removed", "changed", "renamed", "moved", "retyped", "reordered"]
What = Literal[
    "title",
    "metadata",
    "section",
    "paragraph",
    "heading",
    "definitions",
    "list",
    "table",
    "quote",
    "callout",
    "code",
    "image",
    "html",
    "footnote",
    "rule",
    "definition",
    "item",
    "column",
    "row",
    "cell",
    "link",
    "record",
    "error",
    "diagnostic",
    "reject",
]
DocumentKind = Literal["same", "added", "removed", "renamed", "changed"]


class Segment(Struct, frozen=True):
    """A run of text that is on both sides, or on one.

    The segments of a change that are not ``added`` spell its `before`,
    those that are not ``removed`` its `after`.
    """

    op: Literal["same", "removed", "added"]
    text: str


class Place(Struct, frozen=True):
    """Where something stands on one side of a comparison."""

    pointer: Annotated[str, Meta(description="JSON pointer into the document or the record.")]
    line: Annotated[int | None, Meta(description="Line of the page; null where it is not known.")]


class Change(Struct, frozen=True):
    """One difference in meaning."""

    kind: ChangeKind
    what: Annotated[What, Meta(description="What sort of thing is different.")]
    name: Annotated[str, Meta(description="The thing in a reader's words: `Care › Washing`.")]
    field: Annotated[str | None, Meta(description="Which field of it; null for all of it.")]
    section: Annotated[str | None, Meta(description="Id of the section, as NEW has it if it can.")]
    schema: Annotated[str | None, Meta(description="Schema of the record, when it is in one.")]
    old: Annotated[Place | None, Meta(description="Where it is in OLD; null when added.")]
    new: Annotated[Place | None, Meta(description="Where it is in NEW; null when removed.")]
    before: Annotated[Any, Meta(description="The value in OLD; null when added.")]
    after: Annotated[Any, Meta(description="The value in NEW; null when removed.")]
    segments: Annotated[
        list[Segment], Meta(description="Word by word, of a text that changed; else empty.")
    ]


class DocumentDiff(Struct, frozen=True):
    """Everything that is different about one page."""

    kind: DocumentKind
    path: Annotated[str, Meta(description="Path in NEW; in OLD when removed.")]
    old_path: Annotated[str | None, Meta(description="Path in OLD, of a renamed page.")]
    title: str | None
    changes: Annotated[list[Change], Meta(description="In page order.")]


class Counts(Struct):
    """How much is different.

    Attributes:
        documents: Pages by kind of document difference.
        changes: Changes by what, then by kind.
        rules: Diagnostics by rule, then ``added`` or ``removed``.
    """

    documents: dict[str, int]
    changes: dict[str, dict[str, int]]
    rules: dict[str, dict[str, int]]

    def add(self, diff: DocumentDiff) -> None:
        """Count `diff` in."""
        self.documents[diff.kind] = self.documents.get(diff.kind, 0) + 1
        for change in diff.changes:
            _count(self.changes, change.what, change.kind)
            if change.what == "diagnostic":
                _count(self.rules, rule_of(change), change.kind)

    @property
    def different(self) -> int:
        """Pages that are not the same."""
        return sum(n for kind, n in self.documents.items() if kind != "same")


def start_counts() -> Counts:
    """Return counts with every kind of document at zero, in reading order."""
    return Counts(
        documents=dict.fromkeys(("same", "changed", "added", "removed", "renamed"), 0),
        changes={},
        rules={},
    )


def rule_of(change: Change) -> str:
    """Return the rule name of a change of a diagnostic or reject."""
    value = change.before if change.after is None else change.after
    return str(value["rule"]) if isinstance(value, Mapping) else ""


def _count(table: dict[str, dict[str, int]], row: str, column: str) -> None:
    """Add one to a cell of a sparse table."""
    cells = table.setdefault(row, {})
    cells[column] = cells.get(column, 0) + 1
