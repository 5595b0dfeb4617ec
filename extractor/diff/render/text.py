"""A comparison as text: for a terminal, a log, the message of a failed test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from extractor.diff.changes import Change, Counts, DocumentDiff
from extractor.diff.render.phrases import (
    Phrase,
    describe_change,
    describe_changes,
    describe_page,
    describe_pages,
    list_rules,
)
from extractor.wording import reveal

STYLES = {
    "path": "bold",
    "added": "green",
    "removed": "red",
    "gone": "red strike",
    "changed": "yellow",
    "moved": "cyan",
    "faint": "dim",
    "plain": "",
}
"""The looks of the parts of a line, in rich's words."""

_SIGN_STYLES = {"+": "added", "-": "removed", "~": "changed", ">": "moved"}


class StyledText(NamedTuple):
    """A part of a line, and the name of its look."""

    style: str
    text: str


StyledLine: TypeAlias = list[StyledText]


def list_lines(diffs: Iterable[DocumentDiff], counts: Counts) -> Iterator[StyledLine]:
    """Lay a comparison out, line by line, the summary last.

    Args:
        diffs: What is different about each page; the same ones are counted and passed over.
        counts: Counts every page in as it goes by.
    """
    for diff in diffs:
        counts.add(diff)
        if diff.kind != "same":
            yield _lay_out_page(diff)
            yield from map(_lay_out_change, diff.changes)
            yield []
    yield from _lay_out_summary(counts)


def _lay_out_page(diff: DocumentDiff) -> StyledLine:
    title = f"  {reveal(diff.title)}" if diff.title else ""
    return [
        StyledText("path", reveal(diff.path)),
        StyledText("changed", f"  {describe_page(diff)}"),
        StyledText("faint", title),
    ]


def _lay_out_change(change: Change) -> StyledLine:
    phrase = describe_change(change)
    style = _SIGN_STYLES[phrase.sign]
    name = f" {phrase.name}" if phrase.name else ""
    line = [
        StyledText(style, f"  {phrase.sign} "),
        StyledText("faint", phrase.subject),
        StyledText("path", name),
    ]
    line += [StyledText("plain", ": "), *_lay_out_pieces(phrase)] if phrase.pieces else []
    return [*line, StyledText("faint", f"  ({phrase.place})" if phrase.place else "")]


def _lay_out_pieces(phrase: Phrase) -> StyledLine:
    styles = {"same": "plain", "added": "added", "removed": "gone"}
    if phrase.sign in "+-":
        styles["removed"] = "plain"
        styles["added"] = "plain"
    return [StyledText(styles[piece.op], piece.text) for piece in phrase.pieces if piece.text]


def _lay_out_summary(counts: Counts) -> Iterator[StyledLine]:
    yield [StyledText("path", describe_pages(counts))]
    changes = describe_changes(counts)
    if changes:
        yield [StyledText("plain", changes)]
    for rule, added, removed in list_rules(counts):
        yield [StyledText("plain", f"{rule}: {added:,} new, {removed:,} gone")]


def write_plain(line: StyledLine) -> str:
    """Write a line without colours; ``[-gone-]`` and ``{+new+}`` take their place."""
    marks = {"added": "{{+{}+}}", "gone": "[-{}-]"}
    text = ""
    for position, piece in enumerate(line):
        # The sign at the front of a line speaks for itself.
        mark = marks.get(piece.style, "{}") if position else "{}"
        text += mark.format(piece.text)
    return text.rstrip()


def render_text(diffs: Iterable[DocumentDiff], counts: Counts) -> Iterator[str]:
    """Render a comparison as lines of plain text."""
    return map(write_plain, list_lines(diffs, counts))


def render_changes(changes: Iterable[Change]) -> str:
    """Render the changes of one page as plain text, a line each."""
    return "\n".join(write_plain(_lay_out_change(change)) for change in changes)
