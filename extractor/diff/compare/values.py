"""Differences between two JSON values: front matter, records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from extractor.diff.changes import ChangeKind
from extractor.diff.compare.matching import Matching
from extractor.diff.compare.meaning import reduce_value
from extractor.pointers import extend_pointer

_IDENTITY = ("id", "term", "name", "title", "key", "path", "url", "heading")
"""Properties that tell which of a list's objects is meant, the surest first."""


class ValueChange(NamedTuple):
    """A difference at one place of a JSON value.

    Attributes:
        kind: What happened.
        old: JSON pointer into the old value; None when added.
        new: JSON pointer into the new value; None when removed.
        before: The old value there.
        after: The new value there.
    """

    kind: ChangeKind
    old: str | None
    new: str | None
    before: Any
    after: Any


def compare_values(before: Any, after: Any, old: str = "", new: str = "") -> Iterator[ValueChange]:
    """Yield where two JSON values differ, objects by key, lists by content.

    Args:
        before: The old value.
        after: The new value.
        old: JSON pointer of `before`.
        new: JSON pointer of `after`.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _compare_objects(before, after, old, new)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _compare_lists(before, after, old, new)
    elif reduce_value(before) != reduce_value(after):
        yield ValueChange("changed", old, new, before, after)


def _compare_objects(
    before: dict[str, Any], after: dict[str, Any], old: str, new: str
) -> Iterator[ValueChange]:
    for key in [*before, *(key for key in after if key not in before)]:
        old_place, new_place = extend_pointer(old, key), extend_pointer(new, key)
        if key not in after:
            yield ValueChange("removed", old_place, None, before[key], None)
        elif key not in before:
            yield ValueChange("added", None, new_place, None, after[key])
        else:
            yield from compare_values(before[key], after[key], old_place, new_place)


def _compare_lists(
    before: list[Any], after: list[Any], old: str, new: str
) -> Iterator[ValueChange]:
    matching = match_values(before, after)
    for i, j in matching.list_merged():
        if j is None and i is not None:
            yield ValueChange("removed", extend_pointer(old, i), None, before[i], None)
        elif i is None and j is not None:
            yield ValueChange("added", None, extend_pointer(new, j), None, after[j])
        elif i is not None and j is not None:
            yield from compare_values(
                before[i], after[j], extend_pointer(old, i), extend_pointer(new, j)
            )
    displaced = matching.list_displaced()
    if displaced:
        order_before = [before[i] for i, _ in sorted(displaced)]
        yield ValueChange("reordered", old, new, order_before, [after[j] for _, j in displaced])


def match_values(before: list[Any], after: list[Any]) -> Matching:
    """Pair the entries of two lists: by value, by what names them, then by position."""
    matching = Matching(len(before), len(after))
    old_values, new_values = [reduce_value(v) for v in before], [reduce_value(v) for v in after]
    matching.pair_in_order(old_values, new_values)
    matching.pair_equal(old_values, new_values)
    matching.pair_equal([_identify(v) for v in before], [_identify(v) for v in after])
    sketch = frozenset((0,))
    for sort in (dict, list, object):
        matching.pair_neighbours(
            [sketch if _sort(v) is sort else None for v in before],
            [sketch if _sort(v) is sort else None for v in after],
            0.0,
        )
    return matching


def _sort(value: Any) -> type:
    return type(value) if isinstance(value, dict | list) else object


def _identify(value: Any) -> str | None:
    """Return what names an object among its siblings, if anything does."""
    if not isinstance(value, dict):
        return None
    names = (value.get(key) for key in _IDENTITY)
    return next((name for name in names if isinstance(name, str) and name), None)
