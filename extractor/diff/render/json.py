"""A comparison as JSON; ``docs/diff.md`` describes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from extractor.diff.changes import DIFF_SCHEMA, Counts, DocumentDiff


def render_json(diffs: Iterable[DocumentDiff], counts: Counts, old: str, new: str) -> Iterator[str]:
    """Render a comparison as one JSON object, a page a line.

    Args:
        diffs: What is different about each page; the same ones are counted and passed over.
        counts: Counts every page in as it goes by.
        old: Name of the old side.
        new: Name of the new side.
    """
    head = msgspec.json.encode({"schema": DIFF_SCHEMA, "old": old, "new": new}).decode()
    yield f'{head[:-1]},"documents":['
    separator = ""
    for diff in diffs:
        counts.add(diff)
        if diff.kind != "same":
            yield separator + msgspec.json.encode(diff).decode()
            separator = ","
    yield f'],"counts":{msgspec.json.encode(counts).decode()}}}'
