"""Changes in a reader's words: what the text and the Markdown rendering say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from extractor.diff.changes import Change, Counts, DocumentDiff, Segment
from extractor.diff.compare.meaning import shorten
from extractor.wording import count, reveal

Sign: TypeAlias = Literal["+", "-", "~", ">"]

_SIGNS: dict[str, Sign] = {
    "added": "+",
    "removed": "-",
    "changed": "~",
    "renamed": "~",
    "retyped": "~",
    "moved": ">",
    "reordered": ">",
    "same": "~",
}
_LONGEST = 200
"""Code points of a value that are shown."""
_CONTEXT = 30
"""Code points of unchanged text that are shown beside a change."""
_NAMED = 5
"""Entries that are named when several stand in another order."""

_NOUNS = {
    "code": "code block",
    "definitions": "block of definitions",
    "error": "record error",
    "html": "HTML block",
    "metadata": "metadata value",
    "record": "record value",
    "rule": "thematic break",
}
"""What things are called where their own name is no noun that can be counted."""


class Phrase(NamedTuple):
    """A change, ready to be laid out.

    Attributes:
        sign: ``+`` new, ``-`` gone, ``~`` changed, ``>`` moved.
        subject: What sort of thing it is, and which field of it.
        name: Which one.
        pieces: The change itself.
        place: Where to look in the page; may be empty.
    """

    sign: Sign
    subject: str
    name: str
    pieces: list[Segment]
    place: str


def describe_change(change: Change) -> Phrase:
    """Put a change into words.

    Control characters of the page are shown, not passed on.
    """
    return Phrase(
        sign=_SIGNS[change.kind],
        subject=reveal(_describe_subject(change)),
        name=reveal(change.name),
        pieces=[Segment(piece.op, reveal(piece.text)) for piece in _list_pieces(change)],
        place=_describe_place(change),
    )


def _describe_subject(change: Change) -> str:
    """Say what is different: ``definition text``, ``record recipe``."""
    words: list[str] = [change.what]
    if change.schema:
        words.append(change.schema)
    if change.kind == "reordered":
        return f"{' '.join(words)} order"
    if change.kind == "moved":
        words.append("moved")
    elif change.field and change.field != change.what:
        words.append(change.field)
    return " ".join(words)


def _describe_place(change: Change) -> str:
    if change.new and change.new.line:
        return f"line {change.new.line}"
    if change.new is None and change.old and change.old.line:
        return f"was line {change.old.line}"
    return ""


def _list_pieces(change: Change) -> list[Segment]:
    """List what to show of the values, long stretches cut."""
    if change.segments:
        return _cut(change.segments)
    before, after = _write_value(change, change.before), _write_value(change, change.after)
    if change.kind == "added":
        return [] if _is_named(change, after) else [Segment("added", after)]
    if change.kind == "removed":
        return [] if _is_named(change, before) else [Segment("removed", before)]
    if change.kind == "reordered":
        return [Segment("same", after)]
    return [Segment("removed", before), Segment("same", " → "), Segment("added", after)]


def _is_named(change: Change, value: str) -> bool:
    """Tell whether the name says it all."""
    return change.name.split(" › ")[-1] == value


def _cut(segments: list[Segment]) -> list[Segment]:
    """Keep the changes and some text beside them."""
    cut = [
        Segment(s.op, _cut_middle(s.text, k > 0, k < len(segments) - 1))
        if s.op == "same"
        else Segment(s.op, shorten_lines(s.text))
        for k, s in enumerate(segments)
    ]
    if sum(len(s.text) for s in cut) <= 4 * _LONGEST:
        return cut
    kept: list[Segment] = []
    length = 0
    for segment in cut:
        length += len(segment.text)
        if length > 4 * _LONGEST:
            return [*kept, Segment("same", "…")]
        kept.append(segment)
    return kept


def _cut_middle(text: str, after_change: bool, before_change: bool) -> str:
    """Cut an unchanged stretch down to what is next to a change."""
    head = _CONTEXT if after_change else 0
    tail = _CONTEXT if before_change else 0
    if len(text) <= head + tail + _CONTEXT:
        return text
    return f"{text[:head]}…{text[len(text) - tail :]}"


def _write_value(change: Change, value: Any) -> str:
    """Write a value on as few lines as it can be read on."""
    if change.what == "diagnostic" and value:
        return _write_diagnostic(value)
    if change.what == "reject" and value:
        return f"rejected, {value['rule']}: {value['message']}"
    if change.kind == "reordered" and isinstance(value, list):
        names = [entry if isinstance(entry, str) else _write_json(entry) for entry in value]
        return _join_names(names)
    if change.kind == "moved" and isinstance(value, int):
        return f"place {value}"
    plain = isinstance(value, str) and change.what not in ("metadata", "record")
    return shorten_lines(value if plain else _write_json(value))


def _write_diagnostic(value: dict[str, Any]) -> str:
    if value["before"] is not None and value["after"] is not None:
        before, after = shorten(value["before"], 80), shorten(value["after"], 80)
        return f"{before} → {after}"
    return str(value["message"])


def _join_names(names: list[str]) -> str:
    shown = ", ".join(shorten(name, 40) for name in names[:_NAMED])
    more = len(names) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def _write_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def shorten_lines(text: str) -> str:
    """Cut a text to the length that is shown; its lines stay lines."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def describe_page(diff: DocumentDiff) -> str:
    """Say what became of a page: ``renamed from a.md``."""
    if diff.old_path is not None:
        return f"renamed from {reveal(diff.old_path)}"
    return diff.kind


def describe_pages(counts: Counts) -> str:
    """Count the pages: ``2 pages changed, 1 added, 7 the same``."""
    words = {"same": "the same"}
    order = ("changed", "added", "removed", "renamed", "same")
    numbers = [(counts.documents.get(kind, 0), words.get(kind, kind)) for kind in order]
    shown = [(number, word) for number, word in numbers if number]
    if not shown:
        return "no pages"
    (number, word), *others = shown
    return ", ".join([f"{count(number, 'page')} {word}", *(f"{n:,} {w}" for n, w in others)])


def describe_changes(counts: Counts) -> str:
    """Count the changes: ``3 definitions changed, 1 section moved``."""
    parts = [
        f"{count(number, _NOUNS.get(what, what))} {kind}"
        for what, kinds in counts.changes.items()
        for kind, number in kinds.items()
    ]
    return ", ".join(parts)


def list_rules(counts: Counts) -> Iterable[tuple[str, int, int]]:
    """List the rules whose diagnostics changed, each with the number new and gone."""
    for rule, kinds in sorted(counts.rules.items()):
        yield rule, kinds.get("added", 0), kinds.get("removed", 0)
