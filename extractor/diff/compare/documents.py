"""Differences between two pages, by meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from extractor.diff.changes import Change, ChangeKind, Place
from extractor.diff.compare.sections import compare_sections
from extractor.diff.compare.spots import Difference, Spot, make_change, settle_findings
from extractor.diff.compare.values import ValueChange, compare_values
from extractor.model import Diagnostic, Document, Reject
from extractor.pointers import parse_pointer


def compare_documents(old: Document, new: Document) -> list[Change]:
    """Compare two documents by meaning.

    Spans, and what `source` says of the file, are no part of the meaning.

    Returns:
        Changes in page order: title, metadata, sections with all in them, and
        diagnostics. Empty where the two mean the same.
    """
    return settle_findings(_find_changes(old, new))


def _find_changes(old: Document, new: Document) -> Iterator[Difference]:
    if old.title != new.title:
        top = Spot(None, "", Place("", 1), Place("", 1))
        yield make_change("changed", "title", top, old.title, new.title, "title")
    yield from _compare_metadata(old.metadata, new.metadata)
    yield from compare_sections(old.sections, new.sections)
    yield from _compare_diagnostics(old.diagnostics, new.diagnostics)


def _compare_metadata(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for change in compare_values(old, new, "/metadata", "/metadata"):
        spot = _locate_value(change, "/metadata", {}, {})
        yield make_change(change.kind, "metadata", spot, change.before, change.after)


def _locate_value(
    change: ValueChange, base: str, old_lines: dict[str, int], new_lines: dict[str, int]
) -> Spot:
    """Make the spot of a value; its name is the pointer with dots for slashes."""
    pointer = change.old if change.new is None else change.new
    name = ".".join(parse_pointer((pointer or "")[len(base) :]))
    old = None if change.old is None else Place(change.old, _find_line(change.old, old_lines))
    new = None if change.new is None else Place(change.new, _find_line(change.new, new_lines))
    return Spot(None, name, old, new)


def _find_line(pointer: str, lines: dict[str, int]) -> int | None:
    """Return the line of the value at `pointer`, or of the nearest value around it."""
    while pointer and pointer not in lines:
        pointer = pointer.rpartition("/")[0]
    return lines.get(pointer)


def compare_records(schema: str, old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Compare two lines of ``records/<schema>.jsonl`` for the same page.

    Args:
        schema: Name of the record schema.
        old: The old line, decoded; ``{}`` when there was none.
        new: The new line, decoded; ``{}`` when there is none.
    """
    old_lines, new_lines = _list_lines(old), _list_lines(new)
    changes = []
    for change in compare_values(old.get("record"), new.get("record")):
        spot = _locate_value(change, "", old_lines, new_lines)
        changes.append(make_change(change.kind, "record", spot, change.before, change.after))
    changes += _compare_errors(old.get("errors", []), new.get("errors", []))
    return [msgspec.structs.replace(change, schema=schema) for change in changes]


def _list_lines(record: dict[str, Any]) -> dict[str, int]:
    """Map the pointers of a record's values to their lines."""
    sources = record.get("sources") or {}
    return {pointer: span["line"] for pointer, span in sources.items() if span}


def _compare_errors(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Change]:
    """Yield the schema errors that are gone and those that are new; lines don't count."""
    for i, j in _pair_by([_key_error(e) for e in old], [_key_error(e) for e in new]):
        error = new[j] if j is not None else old[i or 0]
        place = Place(error["pointer"], error.get("line"))
        name = ".".join(parse_pointer(error["pointer"]))
        if j is None:
            spot = Spot(None, name, place, None)
            yield make_change("removed", "error", spot, error["message"], None)
        else:
            spot = Spot(None, name, None, place)
            yield make_change("added", "error", spot, None, error["message"])


def _key_error(error: dict[str, Any]) -> tuple[str, str]:
    return error["pointer"], error["message"]


def _compare_diagnostics(old: list[Diagnostic], new: list[Diagnostic]) -> Iterator[Change]:
    """Yield the diagnostics that are gone and those that are new, wherever they stand."""
    for i, j in _pair_by([_key_diagnostic(d) for d in old], [_key_diagnostic(d) for d in new]):
        diagnostic = new[j] if j is not None else old[i or 0]
        index = i if j is None else j
        name = f"{diagnostic.code} {diagnostic.rule}"
        line = diagnostic.span.line if diagnostic.span else None
        place = Place(f"/diagnostics/{index}", line)
        value = _show_diagnostic(diagnostic)
        if j is None:
            spot = Spot(None, name, place, None)
            yield make_change("removed", "diagnostic", spot, value, None)
        else:
            spot = Spot(None, name, None, place)
            yield make_change("added", "diagnostic", spot, None, value)


def _key_diagnostic(diagnostic: Diagnostic) -> tuple[str | None, ...]:
    """Return what makes two diagnostics the same: all but where they stand."""
    d = diagnostic
    return d.code, d.rule, d.severity, d.message, d.before, d.after


def _show_diagnostic(diagnostic: Diagnostic) -> dict[str, str | None]:
    fields = ("code", "rule", "severity", "message", "before", "after")
    return {field: getattr(diagnostic, field) for field in fields}


def _pair_by(old: list[Any], new: list[Any]) -> Iterator[tuple[int | None, int | None]]:
    """Yield the positions of keys that are more often on one side: the lost, then the found."""
    for side, other, lost in ((old, new, True), (new, old, False)):
        spare = Counter(other)
        for position, key in enumerate(side):
            if spare[key]:
                spare[key] -= 1
            else:
                yield (position, None) if lost else (None, position)


def compare_rejects(old: Reject | None, new: Reject | None) -> list[Change]:
    """Compare why a page was rejected before and is now; lines don't count."""
    before, after = _show_reject(old), _show_reject(new)
    if before == after:
        return []
    kind: ChangeKind = "changed" if before and after else "added" if after else "removed"
    name = (after or before or {})["rule"]
    old_place = Place("", old.line) if old else None
    new_place = Place("", new.line) if new else None
    spot = Spot(None, name, old_place, new_place)
    return [make_change(kind, "reject", spot, before, after)]


def _show_reject(reject: Reject | None) -> dict[str, str] | None:
    return {"rule": reject.rule, "message": reject.message} if reject else None
