r"""Lines of inline content as shapes.

A line is read as a *shape*: its visible text, in which every run of markers is
one character, whatever it was written as: live bold, `\*\*`, `&#42;&#42;`,
`＊＊`, or a mix. Code, images and footnote marks are one opaque character each;
of these only code can be a name.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractor.markdown.atoms import Atom

EDGE_CHARACTERS = "".join(
    chr(code)
    for code in (
        *range(0x09, 0x0E),
        0x20,
        0xA0,
        0xAD,
        0x061C,
        *range(0x2000, 0x2010),
        *range(0x202A, 0x2030),
        0x2060,
        *range(0x2066, 0x206A),
        0x3000,
        0xFEFF,
    )
)
"""Spaces, zero-width characters and direction marks that editors leave at the edges of a label."""

COLONS = ":：︰﹕︓∶៖፦᠄"
"""The colon in its widths, and that of Khmer, Ethiopic and Mongolian."""

BOLD, STAR, CODE, OPAQUE = "\ue000", "\ue001", "\ue002", "\ufffc"
_LITERAL = re.compile(r"([*＊]+|_{2,})")
_PRIVATE = re.compile("[\ue000-\ue002]")
_UNITS = {"strong": 2, "emphasis": 1}


@dataclass(slots=True)
class Run:
    """Markers that touch: how many stars they are worth, and what they were written as.

    Attributes:
        start: Offset in the source of the first one.
        end: Offset after the last.
        units: Stars that they are worth together; two make bold.
        opens: How many live markers open emphasis.
        closes: How many close it.
        literal: Stars that are text to Markdown.
        escaped: Whether one was written with a backslash, as an entity or fullwidth.
        html: Whether one is a tag, such as `<b>`.
        atoms: The markers, in the order of the source.
    """

    start: int
    end: int
    units: int = 0
    opens: int = 0
    closes: int = 0
    literal: int = 0
    escaped: bool = False
    html: bool = False
    atoms: list[Atom] = field(default_factory=list)

    def add(self, atom: Atom, units: int) -> None:
        """Add a marker that touches; a backslash before one is worth no stars."""
        self.end = atom.end
        self.units += units
        self.atoms.append(atom)
        if atom.kind in ("open", "close"):
            self.opens += atom.kind == "open"
            self.closes += atom.kind == "close"
            self.html = self.html or atom.end - atom.start > units
        else:
            self.literal += units
            self.escaped = self.escaped or atom.kind != "text" or "＊" in atom.text


class Line:
    """A line of a paragraph and its shape.

    Attributes:
        shape: The line with one character for each run, image or code.
        runs: The runs, by their position in the shape.
        end: Offset in the source after the line.
    """

    def __init__(self, atoms: list[Atom]) -> None:
        self.shape = ""
        self.runs: dict[int, Run] = {}
        self._cells: list[Atom | Run] = []
        self._starts: list[int] = []
        shape: list[str] = []
        length = 0
        for cell in _gather_runs(atoms):
            self._cells.append(cell)
            self._starts.append(length)
            if isinstance(cell, Run):
                self.runs[length] = cell
                text = BOLD if cell.units > 1 else STAR
            else:
                text = _draw(cell)
            shape.append(text)
            length += len(text)
        self.shape = "".join(shape)
        self.end = atoms[-1].end

    def take(self, start: int, end: int, *, repair: bool = False) -> list[Atom]:
        """Take the atoms of a stretch of the shape, without live markers.

        What closes at the start or opens at the end is not part of it. Literal markers
        stay, unless `repair` says that the line is damaged and they were bold.
        """
        taken: list[Atom] = []
        first = max(bisect_left(self._starts, start) - 1, 0)
        for number in range(first, bisect_right(self._starts, end)):
            at, cell = self._starts[number], self._cells[number]
            if isinstance(cell, Run):
                if start <= at < end and not (repair and cell.units > 1):
                    taken += [atom for atom in cell.atoms if atom.kind not in ("open", "close")]
            elif start <= at < end or (at == end and cell.kind == "close" and end > start):
                if not (at == start and cell.kind == "close"):
                    taken.append(_cut(cell, 0, end - at))
            elif at < start < at + len(_draw(cell)):
                taken.append(_cut(cell, start - at, end - at))
        return taken

    def source_at(self, pos: int) -> int:
        """Give the offset in the source of a position in the shape."""
        number = bisect_right(self._starts, pos) - 1
        cell = self._cells[number]
        return min(cell.start + pos - self._starts[number], cell.end)

    def source_end(self, pos: int) -> int:
        """Give the offset in the source after the character before a position."""
        run = self.runs.get(pos - 1)
        return run.end if run else self.source_at(pos - 1) + 1


def _cut(atom: Atom, start: int, end: int) -> Atom:
    if atom.kind != "text" or (start <= 0 and end >= len(atom.text)):
        return atom
    text = atom.text[start:end]
    return Atom("text", text, atom.start + start, atom.start + start + len(text))


def _draw(atom: Atom) -> str:
    if atom.kind == "code":
        return CODE
    if atom.kind in ("image", "note"):
        return OPAQUE
    if atom.kind in ("soft", "hard"):
        return "\n"
    return _PRIVATE.sub("x", atom.text)


def _gather_runs(atoms: list[Atom]) -> Iterator[Atom | Run]:
    """Join markers that touch into runs."""
    run: Run | None = None
    pieces = list(_split_markers(atoms))
    for number, (atom, units) in enumerate(pieces):
        if atom.text == "\\" and number + 1 < len(pieces) and pieces[number + 1][1] > 0:
            # A backslash before a marker: escaped twice.
            units = 0
        elif atom.kind == "text" and atom.text == " " and _parts_stars(pieces, number):
            units = 0
        if units < 0:
            if run:
                yield run
            run = None
            yield atom
        else:
            run = run or Run(atom.start, atom.end)
            run.add(atom, units)
    if run:
        yield run


def _parts_stars(pieces: list[tuple[Atom, int]], number: int) -> bool:
    """Tell whether the space stands between the two stars of a pair, as translators leave it."""
    before, after = pieces[max(number - 2, 0) : number], pieces[number + 1 : number + 3]
    if not before or not after:
        return False
    pair = (before[-1], after[0])
    beyond = (*before[:-1], *after[1:])
    return all(units == 1 and atom.kind not in ("open", "close") for atom, units in pair) and all(
        units < 1 for _, units in beyond
    )


def _split_markers(atoms: list[Atom]) -> Iterator[tuple[Atom, int]]:
    """Tell markers (how many stars) from other atoms (-1)."""
    for number, atom in enumerate(atoms):
        if atom.kind == "text" and _LITERAL.search(atom.text):
            yield from _split_literal(atom)
        elif atom.kind in ("open", "close"):
            yield atom, _UNITS.get(atom.tag, -1)
        elif atom.kind in ("escape", "entity") and _is_star(atoms, number):
            yield atom, 1
        else:
            yield atom, -1


def _is_star(atoms: list[Atom], number: int) -> bool:
    """Tell whether an escaped character is a marker; an underscore alone belongs to a name."""
    if atoms[number].text != "_":
        return atoms[number].text in ("*", "∗")
    around = atoms[max(number - 1, 0) : number] + atoms[number + 1 : number + 2]
    return any(atom.kind == "escape" and atom.text == "_" for atom in around)


def _split_literal(atom: Atom) -> Iterator[tuple[Atom, int]]:
    pos = 0
    for part in _LITERAL.split(atom.text):
        if part:
            start = atom.start + pos
            pos += len(part)
            units = len(part) if _LITERAL.match(part) else -1
            yield Atom("text", part, start, start + len(part)), units
