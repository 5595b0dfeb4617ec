"""Tables of records: a row for each record, and a table for each list in it.

Columns come from the schema alone, so that they are the same whatever the pages
hold. A value that is not of its column's kind is null in the table; the record
itself keeps it, with its error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from extractor.model import Span
from extractor.pointers import extend_pointer
from extractor.records.schema.fields import UNSET, Field

if TYPE_CHECKING:
    from extractor.tables.columns import ColumnKind, Row

_VALUE = "value"


@dataclass(slots=True)
class RecordTable:
    """A table and how its rows are made.

    Attributes:
        name: The table's name.
        columns: Names and kinds, as for every other table.
        cells: For each column with a value: keys from the row's object down, and its kind.
        keys: For the table of a list: keys from the row's object around it down to the list.
        children: The tables of the lists in a row.
    """

    name: str
    columns: list[tuple[str, ColumnKind]]
    cells: list[tuple[tuple[str, ...], ColumnKind]] = field(default_factory=list)
    keys: tuple[str, ...] = ()
    children: list[RecordTable] = field(default_factory=list)


def build_tables(name: str, root: Field) -> RecordTable:
    """Plan the tables of a schema.

    Nested objects become columns, their names joined by underscores (`sessions_min`);
    lists become tables of their own, `<schema>_<field>`, with the positions of their
    entries, from 1.

    Args:
        name: The schema's name.
        root: The record.
    """
    table = RecordTable(
        name, [("path", "string"), ("valid", "boolean"), ("error_count", "integer")]
    )
    _Planner().plan_object(table, root, (), [])
    return table


def iter_tables(table: RecordTable) -> Iterator[RecordTable]:
    """Yield a table and those of the lists in it."""
    yield table
    for child in table.children:
        yield from iter_tables(child)


def build_rows(
    table: RecordTable,
    path: str,
    record: Mapping[str, Any],
    sources: Mapping[str, Span],
    errors: int,
) -> dict[str, list[Row]]:
    """Make the rows of a record.

    Args:
        table: The schema's main table.
        path: The page.
        record: The record's values.
        sources: Where they stand.
        errors: How many errors the record has.

    Returns:
        The rows by the name of their table; every table of the schema is there.
    """
    rows: dict[str, list[Row]] = {part.name: [] for part in iter_tables(table)}
    rows[table.name].append((path, errors == 0, errors, *_read_cells(table, record)))
    for child in table.children:
        _add_rows(child, record, (path,), "", sources, rows)
    return rows


class _Planner:
    """Plans tables whose names, and columns within each, are all different."""

    def __init__(self) -> None:
        self._tables = _FreeNames()
        self._columns: dict[str, _FreeNames] = {}

    def plan_object(
        self, table: RecordTable, owner: Field, keys: tuple[str, ...], positions: list[str]
    ) -> None:
        """Add the properties of an object to a table, and tables for the lists among them."""
        for name, part in owner.fields.items():
            here = (*keys, name)
            if part.kind == "object" and part.fields:
                self.plan_object(table, part, here, positions)
            elif part.kind == "list":
                table.children.append(self._plan_list(table, part, here, positions))
            else:
                self._add_cell(table, here, part)

    def _add_cell(self, table: RecordTable, keys: tuple[str, ...], part: Field) -> None:
        kind = _find_kind(part.types)
        if table.name not in self._columns:
            self._columns[table.name] = _FreeNames(name for name, _ in table.columns)
        name = self._columns[table.name].take(_join(keys) or _VALUE)
        table.columns.append((name, kind))
        table.cells.append((keys, kind))

    def _plan_list(
        self, parent: RecordTable, part: Field, keys: tuple[str, ...], positions: list[str]
    ) -> RecordTable:
        name = self._tables.take(f"{parent.name}_{_join(keys)}")
        outer: list[tuple[str, ColumnKind]] = [(position, "integer") for position in positions]
        table = RecordTable(
            name, [("path", "string"), *outer, ("position", "integer"), ("line", "integer")],
            keys=keys,
        )  # fmt: skip
        inner = [*positions, f"{_join(keys)}_position"]
        if part.entry is not None and part.shape == "list of object" and part.entry.fields:
            self.plan_object(table, part.entry, (), inner)
        else:
            self._add_cell(table, (), part.entry or part)
        return table


def _add_rows(
    table: RecordTable,
    owner: Any,
    key: tuple[Any, ...],
    pointer: str,
    sources: Mapping[str, Span],
    rows: dict[str, list[Row]],
) -> None:
    """Add a row for each entry of a list, and those of the lists within it."""
    entries = _look_up(owner, table.keys)
    if not isinstance(entries, list):
        return
    pointer = extend_pointer(pointer, *table.keys)
    for number, entry in enumerate(entries):
        place = extend_pointer(pointer, number)
        span = sources.get(place)
        line = span.line if span else None
        inner = (*key, number + 1)
        rows[table.name].append((*inner, line, *_read_cells(table, entry)))
        for child in table.children:
            _add_rows(child, entry, inner, place, sources, rows)


def _read_cells(table: RecordTable, value: Any) -> Iterator[Any]:
    for keys, kind in table.cells:
        found = _look_up(value, keys)
        yield None if found is UNSET or found is None else _CELLS[kind](found)


def _look_up(value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return UNSET
        value = value[key]
    return value


def _find_kind(types: tuple[str, ...]) -> ColumnKind:
    """Return the kind of a column that holds values of all these types."""
    known = [name for name in types if name != "null"]
    if len(known) == 1 and known[0] in ("integer", "number", "boolean"):
        return known[0]  # type: ignore[return-value]
    return "number" if set(known) == {"integer", "number"} else "string"


def _read_integer(value: Any) -> int | None:
    fits = type(value) is int and -(2**63) <= value < 2**63
    return value if fits else None


def _read_number(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) else None


def _read_boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _read_string(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_CELLS: dict[ColumnKind, Callable[[Any], Any]] = {
    "integer": _read_integer,
    "number": _read_number,
    "boolean": _read_boolean,
    "string": _read_string,
}


def _join(keys: Sequence[str]) -> str:
    """Join keys into a name that may be a file's and a column's."""
    return "".join(letter if letter.isalnum() else "_" for letter in "_".join(keys))


class _FreeNames:
    """Names that are all different; SQL and some file systems don't tell `Name` from `name`."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._known = {name.casefold() for name in taken}
        self._numbers: dict[str, int] = {}

    def take(self, name: str) -> str:
        """Give a name, numbered if it is taken."""
        folded = name.casefold()
        number, unique = self._numbers.get(folded, 1), name
        while unique.casefold() in self._known:
            number += 1
            unique = f"{name}_{number}"
        self._numbers[folded] = number
        self._known.add(unique.casefold())
        return unique
