"""Differences between two tables: columns, rows, cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from extractor.diff.changes import Change, Place
from extractor.diff.compare.matching import Matching, Pair, Sketch
from extractor.diff.compare.meaning import shorten
from extractor.diff.compare.spots import Spot, make_change
from extractor.diff.compare.words import sketch_letters
from extractor.model import Table
from extractor.pointers import extend_pointer

_SAME_PLACE = 0.25
_ANYWHERE = 0.5
_ANY_COLUMN = frozenset((0,))
"""A column at the same place is the same column, whatever it is called now."""


def compare_grids(old: Table, new: Table, spot: Spot) -> Iterator[Change]:
    """Yield the differences between the columns and cells of two tables.

    Rows are matched on the columns that both tables have, so that a new column
    is one change and not one for every row.
    """
    columns = _match_columns(old.columns, new.columns)
    yield from _compare_columns(old, new, columns, spot)
    shared = [(i, j) for j, i in enumerate(columns.old_of) if i is not None]
    rows = _match_rows(
        [[_cell(row, i) for i, _ in shared] for row in old.rows],
        [[_cell(row, j) for _, j in shared] for row in new.rows],
    )
    for i, j in rows.list_merged():
        yield from _compare_row(old, new, (i, j), shared, spot)
    yield from _report_order(rows, old, new, spot)


def _cell(row: list[str], index: int) -> str:
    return row[index] if index < len(row) else ""


def _match_columns(old: list[str], new: list[str]) -> Matching:
    matching = Matching(len(old), len(new))
    matching.pair_in_order(old, new)
    matching.pair_equal([name or None for name in old], [name or None for name in new])
    matching.pair_neighbours([_ANY_COLUMN] * len(old), [_ANY_COLUMN] * len(new), 0.0)
    return matching


def _compare_columns(old: Table, new: Table, columns: Matching, spot: Spot) -> Iterator[Change]:
    for i, j in columns.list_merged():
        place = _locate(spot, "columns", (i, j))
        if j is None and i is not None:
            yield make_change("removed", "column", place, old.columns[i], None)
        elif i is None and j is not None:
            yield make_change("added", "column", place, None, new.columns[j])
        elif i is not None and j is not None:
            yield from _compare_column(old, new, (i, j), spot)
    displaced = columns.list_displaced()
    if displaced:
        before = [old.columns[i] for i, _ in sorted(displaced)]
        after = [new.columns[j] for _, j in displaced]
        yield make_change("reordered", "column", spot, before, after, "columns")


def _compare_column(old: Table, new: Table, pair: Pair, spot: Spot) -> Iterator[Change]:
    (i, j), name = pair, new.columns[pair[1]]
    if old.columns[i] != name:
        place = _locate(spot, "columns", pair)
        yield make_change("renamed", "column", place, old.columns[i], name)
    if old.align[i : i + 1] != new.align[j : j + 1]:
        place = _locate(spot, "align", pair).named(name)
        before, after = [*old.align[i : i + 1], None], [*new.align[j : j + 1], None]
        yield make_change("changed", "column", place, before[0], after[0])


def _match_rows(old: list[list[str]], new: list[list[str]]) -> Matching:
    """Pair rows: equal ones, those with the same first cell, then those alike."""
    matching = Matching(len(old), len(new))
    old_keys, new_keys = [tuple(row) for row in old], [tuple(row) for row in new]
    matching.pair_in_order(old_keys, new_keys)
    matching.pair_equal(old_keys, new_keys)
    matching.pair_equal(_list_heads(old), _list_heads(new))
    before, after = _sketch_free(old, matching.new_of), _sketch_free(new, matching.old_of)
    matching.pair_neighbours(before, after, _SAME_PLACE)
    matching.pair_alike(before, after, _ANYWHERE)
    return matching


def _list_heads(rows: list[list[str]]) -> list[str | None]:
    """List the first cells, where they name one row only."""
    heads = [row[0] if row else "" for row in rows]
    counts = Counter(heads)
    return [head if head and counts[head] == 1 else None for head in heads]


def _sketch_free(rows: list[list[str]], partners: list[int | None]) -> list[Sketch | None]:
    """Sketch the rows that have no counterpart yet."""
    return [
        sketch_letters(" | ".join(row)) if partner is None else None
        for row, partner in zip(rows, partners, strict=True)
    ]


def _compare_row(
    old: Table, new: Table, pair: tuple[int | None, int | None], shared: list[Pair], spot: Spot
) -> Iterator[Change]:
    i, j = pair
    place = _locate(spot, "rows", pair)
    if j is None and i is not None:
        yield make_change("removed", "row", place, " | ".join(old.rows[i]), None)
    elif i is None and j is not None:
        yield make_change("added", "row", place, None, " | ".join(new.rows[j]))
    elif i is not None and j is not None:
        for k, m in shared:
            before, after = _cell(old.rows[i], k), _cell(new.rows[j], m)
            if before != after:
                cell = _locate_cell(place, k, m).named(_name_cell(new, j, m))
                yield make_change("changed", "cell", cell, before, after)


def _name_cell(table: Table, row: int, column: int) -> str:
    """Name a cell by its row's first cell and its column."""
    head = shorten(_cell(table.rows[row], 0))
    return " › ".join(part for part in (head, table.columns[column]) if part)


def _report_order(rows: Matching, old: Table, new: Table, spot: Spot) -> Iterator[Change]:
    displaced = rows.list_displaced()
    if displaced:
        before = [shorten(" | ".join(old.rows[i])) for i, _ in sorted(displaced)]
        after = [shorten(" | ".join(new.rows[j])) for _, j in displaced]
        yield make_change("reordered", "row", spot, before, after, "rows")


def _locate(spot: Spot, field: str, pair: tuple[int | None, int | None]) -> Spot:
    """Go to an entry of a table's field; rows and columns have no line of their own."""
    return spot.step(field, pair, (None, None))


def _locate_cell(row: Spot, old_column: int, new_column: int) -> Spot:
    old = row.old and Place(extend_pointer(row.old.pointer, old_column), row.old.line)
    new = row.new and Place(extend_pointer(row.new.pointer, new_column), row.new.line)
    return Spot(row.section, row.name, old, new)
