"""The lines of a page as repairs leave them, with the way back to the file.

Some damage changes which blocks a page has, so it is undone in the lines before
they are parsed for good. Each step of that lays edits over the lines of the
step before; what was found is kept as stretches of the lines as they are now.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class LineEdit(NamedTuple):
    """New text for a stretch of a line.

    Attributes:
        start: Column of the first code point to go.
        end: Column after the last.
        text: What stands there instead.
    """

    start: int
    end: int
    text: str = ""


class LineFinding(NamedTuple):
    """A stretch of a line that was read as what was meant.

    Attributes:
        rule: Name of the rule.
        line: Number of the line.
        start: Column of its first code point.
        end: Column after its last.
    """

    rule: str
    line: int
    start: int
    end: int


class Repairs(NamedTuple):
    """What one step does to a page.

    Attributes:
        edits: By line number, ascending and disjoint.
        findings: Columns are those before the edits.
    """

    edits: Mapping[int, Sequence[LineEdit]]
    findings: Sequence[LineFinding]


NO_REPAIRS = Repairs({}, ())


def cut_characters(columns: Iterable[int]) -> list[LineEdit]:
    """Make the edits that take single characters out; columns ascending."""
    return [LineEdit(column, column + 1) for column in columns]


class _LineEdits:
    """The edits of one line, as a map between its columns before and after."""

    def __init__(self, edits: Sequence[LineEdit]) -> None:
        self._edits = edits
        self._starts = [edit.start for edit in edits]
        self._places: list[int] = []
        self._shifts = [0]
        for edit in edits:
            shift = self._shifts[-1]
            self._places.append(edit.start - shift)
            self._shifts.append(shift + edit.end - edit.start - len(edit.text))

    def rewrite(self, line: str) -> str:
        parts: list[str] = []
        pos = 0
        for edit in self._edits:
            parts += (line[pos : edit.start], edit.text)
            pos = edit.end
        return "".join([*parts, line[pos:]])

    def restore(self, column: int, is_end: bool) -> int:
        """Give the column before the edits; that of an end is after the character before it."""
        find = bisect_left if is_end else bisect_right
        number = find(self._places, column) - 1
        if number < 0:
            return column
        edit, within = self._edits[number], column - self._places[number]
        if within >= len(edit.text):
            return column + self._shifts[number + 1]
        return min(edit.start + within, edit.end)

    def forward(self, column: int, is_end: bool) -> int:
        """Give the column after the edits; what an edit takes away is where it was."""
        number = bisect_right(self._starts, column) - 1
        if number < 0:
            return column
        edit = self._edits[number]
        if column >= edit.end:
            return column - self._shifts[number + 1]
        inside = is_end and column > edit.start
        return self._places[number] + (len(edit.text) if inside else 0)


@dataclass(slots=True)
class Rewriting:
    """Lines under repair.

    Attributes:
        lines: The lines as they are now, front matter included.
        findings: What was repaired so far.
    """

    lines: Sequence[str]
    findings: list[LineFinding] = field(default_factory=list)
    _layers: list[dict[int, _LineEdits]] = field(default_factory=list)

    @property
    def is_untouched(self) -> bool:
        """Whether the lines are as they stand in the file."""
        return not self._layers

    def apply(self, repairs: Repairs) -> None:
        """Lay edits over the lines."""
        layer = {number: _LineEdits(edits) for number, edits in repairs.edits.items() if edits}
        lines = list(self.lines)
        for number, edits in layer.items():
            lines[number - 1] = edits.rewrite(lines[number - 1])
        moved = (_move(one, layer) for one in (*self.findings, *repairs.findings))
        self.findings = list(_merge(moved))
        self.lines = lines
        self._layers.append(layer)

    def restore(self, line: int, column: int, *, is_end: bool = False) -> int:
        """Give the column that a place of a line has in the file.

        Args:
            line: Number of the line.
            column: Of a character; of an end, that after its last character.
            is_end: Whether something ends there.
        """
        for layer in reversed(self._layers):
            edits = layer.get(line)
            if edits:
                column = edits.restore(column, is_end)
        return column

    def locate(self, finding: LineFinding) -> tuple[int, int]:
        """Give the columns in the file of what a finding covers, with all that was taken out."""
        start = self.restore(finding.line, finding.start, is_end=True)
        is_end = finding.end > finding.start
        return start, self.restore(finding.line, finding.end, is_end=is_end)


def _move(finding: LineFinding, layer: Mapping[int, _LineEdits]) -> LineFinding:
    edits = layer.get(finding.line)
    if not edits:
        return finding
    start, end = edits.forward(finding.start, False), edits.forward(finding.end, True)
    return finding._replace(start=start, end=max(start, end))


def _merge(findings: Iterable[LineFinding]) -> Iterator[LineFinding]:
    """Join findings of one rule that overlap: a line unescaped twice is one finding."""
    last: LineFinding | None = None
    for finding in sorted(findings):
        if last and finding[:2] == last[:2] and finding.start < last.end:
            last = last._replace(end=max(last.end, finding.end))
            continue
        if last:
            yield last
        last = finding
    if last:
        yield last
