r"""Labelled entries in running text, and the repair of damaged markers.

A line is read as a *shape*: its visible text, in which every run of markers is
one character, whatever it was written as: live bold, `\*\*`, `&#42;&#42;`,
`＊＊`, or a mix. Code, images and footnote marks are one opaque character each;
of these only code can be a name.
Whether a line opens with a label is then a question about a short string, and
what the markers were written as only decides whether it was damaged, and how.

The forms, their counts and the traps are the project's LABELS.md.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from extractor.inlines import Atom, Inlines, locate_atoms, read_atoms, read_inlines, split_lines
from extractor.markdown import Token

LABEL_LENGTH = 90
"""Code points a label may have."""

GAP_LENGTH = 200
"""Code points between two labels of a line."""

RUN_IN_LENGTH = 60
"""Code points of a run-in heading (`**Loom.** A frame`)."""

ORPHAN_LENGTH = 40
"""Code points of a label that lost its opening or closing markers."""

EDGE_CHARACTERS = "".join(
    chr(code)
    for code in (
        *range(0x09, 0x0E),
        0x20,
        0xA0,
        *range(0x2000, 0x2010),
        0x202F,
        0x2060,
        0x3000,
        0xFEFF,
    )
)
"""Spaces and zero-width characters that editors leave at the edges of a label."""

COLONS = ":：︰﹕"


class Repair(NamedTuple):
    """A damaged marker that was read as what was meant.

    Attributes:
        rule: Name of the rule.
        start: Offset of the first code point in the inline source.
        end: Offset behind the last.
        after: The Markdown that says it undamaged; None where nothing can be put in its place.
    """

    rule: str
    start: int
    end: int
    after: str | None


class Piece(NamedTuple):
    """A stretch of a paragraph: an entry, or prose between entries.

    Attributes:
        term: The label without markers and colon; None for prose.
        content: The description, or the prose.
        label: Links and images inside the label.
        start: Offset of the first code point in the inline source.
        end: Offset behind the last.
        repairs: What was mended.
        run_in: Whether the label is a run-in heading (`**Loom.** text`), which counts
            only if its siblings have labels too.
    """

    term: str | None
    content: Inlines
    label: Inlines
    start: int
    end: int
    repairs: tuple[Repair, ...] = ()
    run_in: bool = False


_NOTHING = Inlines("", [], [])

_OPENING = (
    r"(?:[^\w\n]|\d{1,3}\\?[.)]|\d\ufe0f?\u20e3|[a-z]\\?[.)]|:[a-z][\w+-]*:|\[x\])*?"
    r"(?:\*|_|＊|&(?:ast|lowast|\#42|\#x2a);|<b>|<strong)"
)
_OPENS = re.compile(_OPENING, re.I)
_OPENS_LINE = re.compile(r"\n" + _OPENING, re.I)
_OPENS_BREAK = re.compile(r"<br\s*/?>" + _OPENING, re.I)
_TOUCHING = (":*", "：*", ":\\*", "：\\*", ": *", "*:", "*：", "* :", " \\- ")


def _may_hold_label(source: str) -> bool:
    """Tell at little cost whether a label is possible: most paragraphs have none.

    Before any word of its line stands a marker, or a marker that lost its partner touches
    a colon.
    """
    return bool(
        _OPENS.match(source)
        or ("\n" in source and _OPENS_LINE.search(source))
        or ("<" in source and _OPENS_BREAK.search(source))
        or ("*" in source and any(sign in source for sign in _TOUCHING))
    )


_CLEAN = re.compile(
    r"\*\*(?P<term>\w(?:[^*_\\<&`\[\]~＊\n:：.!?。！？]{0,60}\w)?)"
    r"(?:[:：]\*\*|\*\*(?P<separator>[:：]|\s[-–—]))(?=\s)\s*(?=\S)"
)
_NOT_CLEAN = re.compile(r"\*\*|__|[\\＊&\n]|<br", re.I)


def _read_clean(source: str, tokens: Sequence[Token]) -> Piece | None:
    """Read the common case in one look: an undamaged label, alone in its line and paragraph.

    What this reads must be what the long way round reads; a test holds that.
    """
    head = _CLEAN.match(source)
    if not head or _NOT_CLEAN.search(source, head.end()) or len(tokens) < 2:
        return None
    bold, first, *rest = tokens
    if bold["type"] != "strong" or first["type"] != "text":
        return None
    separator = len(head["separator"] or "")
    content = read_inlines([{"type": "text", "raw": first["raw"][separator:]}, *rest])
    if head["term"].isdigit() or not content.text:
        return None
    return Piece(head["term"], content, Inlines(head["term"], [], []), 0, len(source))


def read_pieces(
    source: str,
    tokens: Sequence[Token],
    *,
    repair: bool = True,
    run_in: bool = True,
    in_item: bool = False,
) -> list[Piece]:
    """Divide a paragraph into labelled entries and the prose around them.

    Args:
        source: The paragraph's inline source.
        tokens: What mistune read in it.
        repair: Whether damaged labels are read as labels.
        run_in: Whether bold sentences that open a line are labels.
        in_item: Whether the paragraph opens a list item.
    """
    clean = _read_clean(source, tokens)
    if clean:
        return [clean]
    if _may_hold_label(source) and not source.startswith("$$"):
        try:
            atoms = locate_atoms(tokens, source)
        except (ValueError, AttributeError, IndexError):
            # An unknown token, or one that mistune rewrote: better no label than a wrong one.
            atoms = []
        if atoms:
            return _Paragraph(source, atoms, repair, run_in, in_item).pieces()
    return [Piece(None, read_inlines(tokens), _NOTHING, 0, len(source))]


# --- shapes ------------------------------------------------------------------------------

_BOLD, _STAR, _CODE, _OPAQUE = "\ue000", "\ue001", "\ue002", "\ufffc"
_LITERAL = re.compile(r"([*＊]+|_{2,})")
_PRIVATE = re.compile("[\ue000-\ue002]")
_UNITS = {"strong": 2, "emphasis": 1}


@dataclass(slots=True)
class _Run:
    """Markers that touch: how many stars they are worth, and what they were written as."""

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


class _Line:
    """A line of a paragraph and its shape."""

    def __init__(self, atoms: list[Atom]) -> None:
        self.shape = ""
        self.runs: dict[int, _Run] = {}
        self._cells: list[Atom | _Run] = []
        self._starts: list[int] = []
        shape: list[str] = []
        length = 0
        for cell in _gather_runs(atoms):
            self._cells.append(cell)
            self._starts.append(length)
            if isinstance(cell, _Run):
                self.runs[length] = cell
                text = _BOLD if cell.units > 1 else _STAR
            else:
                text = _draw(cell)
            shape.append(text)
            length += len(text)
        self.shape = "".join(shape)
        self.end = atoms[-1].end

    def take(self, start: int, end: int, *, mend: bool = False) -> list[Atom]:
        """Take the atoms of a stretch of the shape, without live markers.

        What closes at the start or opens at the end is not part of it. Literal markers
        stay, unless `mend` says that the line is damaged and they were bold.
        """
        taken: list[Atom] = []
        first = max(bisect_left(self._starts, start) - 1, 0)
        for number in range(first, bisect_right(self._starts, end)):
            at, cell = self._starts[number], self._cells[number]
            if isinstance(cell, _Run):
                if start <= at < end and not (mend and cell.units > 1):
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


def _cut(atom: Atom, start: int, end: int) -> Atom:
    if atom.kind != "text" or (start <= 0 and end >= len(atom.text)):
        return atom
    text = atom.text[start:end]
    return Atom("text", text, atom.start + start, atom.start + start + len(text))


def _draw(atom: Atom) -> str:
    if atom.kind == "code":
        return _CODE
    if atom.kind in ("image", "note"):
        return _OPAQUE
    if atom.kind in ("soft", "hard"):
        return "\n"
    return _PRIVATE.sub("x", atom.text)


def _gather_runs(atoms: list[Atom]) -> Iterator[Atom | _Run]:
    """Join markers that touch into runs."""
    run: _Run | None = None
    pieces = list(_split_markers(atoms))
    for number, (atom, units) in enumerate(pieces):
        if atom.text == "\\" and number + 1 < len(pieces) and pieces[number + 1][1] > 0:
            # A backslash before a marker: escaped twice.
            units = 0
        if units < 0:
            if run:
                yield run
            run = None
            yield atom
        else:
            run = run or _Run(atom.start, atom.end)
            run.add(atom, units)
    if run:
        yield run


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


# --- the test for a label ------------------------------------------------------------------


class _Label(NamedTuple):
    r"""A label found in a line; positions are those of the shape.

    Attributes:
        start: Of its first marker, or of its text where the opener is lost.
        end: Behind its last marker, or behind its colon where the closer is lost.
        content: Where the description begins.
        rule: How it was damaged; None when it was not.
        outside: Whether the colon or dash stands behind the markers.
        stars: Stars that belong to the name (`**\*\*kwargs**`).
        weak: Whether it is a run-in heading.
    """

    start: int
    end: int
    content: int
    rule: str | None = None
    outside: bool = False
    stars: str = ""
    weak: bool = False


_ANY_RUN = re.compile(f"[{_BOLD}{_STAR}]")
_COLON = f"[{COLONS}]"
_PREFIX = re.compile(
    r"(?:[\s\u200b-\u200f\u2060\ufeff]"
    rf"|[•·‣▪▫◦●○■□◆◇▶►➤➔→»›・⁃∙]\s*|[-+–—‐‒](?:\s+|(?={_BOLD}))"
    rf"|{_STAR}\s+|\[[ xX]?\]\s+|\(?(?:\d{{1,3}}|[a-z])[.)]\s+|[-=]*>\s*"
    r"|\d\ufe0f?\u20e3|:[a-z][a-z0-9_+-]*:\s+"
    r"|[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff]\ufe0f?\u200d?)*"
)
_OUTSIDE = re.compile(
    rf"\s*{_COLON}(?!{_COLON})(?!\w+:)|\s+(?:--?|[‒–—―])(?=\s|$)|\s*(?:——|――)",
)
_GLUED_DASH = re.compile(r"(?:--?|[–—―])(?=\s)")
_BLANK = re.compile(rf"[\s{_STAR}]*\Z")
_SENTENCE_END = re.compile(
    r"(?:\w{4,}[.…]|[!?])[\"'»”’)]*\s+(?=[^\W\d_a-zà-öø-ÿа-яёіїєґ])|[。！？](?=.)"
)
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_.]*")
_IS_NUMBER = re.compile(r"[\W\d_]+")
_NAME = re.compile(rf"[\w{_CODE}]")


def _find_label(line: _Line, pos: int, last: bool, in_item: bool) -> _Label | None:
    """Apply the test for a label at a position of a line."""
    kind = line.shape[pos : pos + 1]
    if kind == _BOLD:
        return _match_opened(line, pos, last, in_item)
    if kind == _STAR:
        return _match_eaten(line, pos)
    return _match_orphan(line, pos)


def _match_opened(line: _Line, pos: int, last: bool, in_item: bool) -> _Label | None:
    """Find the closer of a label whose opener stands at `pos`."""
    shape, joints, after = line.shape, 0, pos + 1
    while closer := _ANY_RUN.search(shape, after):
        end = closer.end()
        inner = _ANY_RUN.sub("", shape[pos + 1 : closer.start()])
        if len(inner) > LABEL_LENGTH or _SENTENCE_END.search(inner.rstrip()):
            return None
        if closer[0] == _STAR:
            if _closes_short(line, closer.start(), inner):
                return _Label(pos, end, end, "unclosed-label")
            after = end
            continue
        if not _NAME.search(inner):
            return None
        if inner.rstrip(EDGE_CHARACTERS).endswith(tuple(COLONS)):
            return _Label(pos, end, end, _judge(line, pos, end - 1, inner, joints))
        separator = _OUTSIDE.match(shape, end)
        if not separator and inner[-1] in EDGE_CHARACTERS:
            separator = _GLUED_DASH.match(shape, end)
        if separator:
            return _match_outside(line, pos, end, separator.end(), inner, joints)
        joint = _find_joint(line, end - 1)
        if joint is None:
            return _match_bare(line, pos, end, inner, last, in_item)
        joints, after = joints + 1, joint
    return _match_unclosed(line, pos) if after == pos + 1 else None


def _closes_short(line: _Line, at: int, inner: str) -> bool:
    """Tell whether a single star closes a label: `**X:* text`."""
    return inner.endswith(tuple(COLONS)) and not line.runs[at].opens and not line.runs[at].escaped


def _find_joint(line: _Line, at: int) -> int | None:
    """Find where a label goes on behind a closer, in the next of several bold pieces."""
    run = line.runs[at]
    if run.units > 3 or (run.opens and run.closes):
        return at + 1
    following = _ANY_RUN.search(line.shape, at + 1)
    while following and following[0] == _STAR:
        following = _ANY_RUN.search(line.shape, following.end())
    if following and _BLANK.match(line.shape[at + 1 : following.start()]):
        return following.end()
    return None


def _match_outside(
    line: _Line, pos: int, end: int, content: int, inner: str, joints: int
) -> _Label | None:
    """Read a label whose colon or dash stands behind its markers."""
    opener = line.runs[pos]
    if inner.strip().isdigit() and line.shape[content : content + 1].isdigit():
        return None
    if opener.units > 2 and _IDENTIFIER.fullmatch(inner):
        return _Label(pos, end, content, None, True, "*" * (opener.units - 2))
    if opener.escaped and _IDENTIFIER.fullmatch(inner) and "_" in _written(opener):
        return None
    leftover = line.runs.get(content)
    if leftover and leftover.units > 1 and not leftover.opens:
        # The colon had a bold piece of its own: `**Term****:** text`.
        return _Label(pos, content + 1, content + 1, "split-label")
    return _Label(pos, end, content, _judge(line, pos, end - 1, inner, joints), True)


def _written(run: _Run) -> str:
    return "".join(atom.text for atom in run.atoms)


def _judge(line: _Line, opener: int, closer: int, inner: str, joints: int) -> str | None:
    """Name the damage of a label with both its markers; None for a clean one."""
    first, second = line.runs[opener], line.runs[closer]
    spaced = inner != inner.strip(EDGE_CHARACTERS) and not first.html
    if first.escaped or second.escaped:
        return "escaped-label"
    if joints or max(first.units, second.units) > 3:
        return "split-label"
    if spaced:
        return "spaced-label"
    if first.literal or second.literal or first.closes or second.opens:
        return "unspaced-label"
    return None


def _match_bare(
    line: _Line, pos: int, end: int, inner: str, last: bool, in_item: bool
) -> _Label | None:
    """Read bold without colon or dash: alone on its line, or a run-in heading."""
    opener, closer = line.runs[pos], line.runs[end - 1]
    rest = line.shape[end:]
    live = not (opener.literal or closer.literal)
    if not rest.strip(EDGE_CHARACTERS):
        alone = in_item if live else opener.units == closer.units == 2
        if last or not alone or not rest.endswith("\n"):
            return None
        return _Label(
            pos, end, len(line.shape), None if live else _judge(line, pos, end - 1, inner, 0)
        )
    name = inner.strip(EDGE_CHARACTERS)
    # A number in bold counts something; it names nothing.
    name = "" if _IS_NUMBER.fullmatch(name) else name
    sentence = name.endswith((".", "。")) and not name.endswith("..") and len(name) <= RUN_IN_LENGTH
    if sentence and (rest[0] in EDGE_CHARACTERS or not live):
        return _Label(pos, end, end, _judge(line, pos, end - 1, inner, 0), weak=True)
    return None


_UNCLOSED = re.compile(rf"[^{COLONS}{_BOLD}{_STAR}]{{1,{ORPHAN_LENGTH}}}(?::(?=\s|$)|[：︰])")


def _match_unclosed(line: _Line, pos: int) -> _Label | None:
    """Read `**Label: text`. Escaped stars without a partner are footnote marks or names."""
    opener = line.runs[pos]
    match = _UNCLOSED.match(line.shape, pos + 1)
    if not match or opener.escaped or opener.opens or opener.units != 2 or "_" in _written(opener):
        return None
    inner = match[0][:-1]
    if inner[0] in EDGE_CHARACTERS or _IDENTIFIER.fullmatch(inner) or _SENTENCE_END.search(inner):
        return None
    if any(run.literal for at, run in line.runs.items() if at > pos):
        return None
    return _Label(pos, match.end(), match.end(), "unclosed-label")


def _match_eaten(line: _Line, pos: int) -> _Label | None:
    """Read `*Label:** text`, whose bullet stripper took a star."""
    closer = _ANY_RUN.search(line.shape, pos + 1)
    if not closer or closer[0] == _STAR or line.runs[pos].escaped or line.runs[pos].closes:
        return None
    inner, run = line.shape[pos + 1 : closer.start()], line.runs[closer.start()]
    if run.opens or not _is_short(inner):
        return None
    if inner.endswith(tuple(COLONS)):
        return _Label(pos, closer.end(), closer.end(), "unopened-label")
    separator = _OUTSIDE.match(line.shape, closer.end())
    if separator and inner == inner.strip():
        return _Label(pos, closer.end(), separator.end(), "unopened-label", True)
    return None


_ORPHAN = re.compile(
    rf"(?P<inner>[^\s{_BOLD}{_STAR}{_CODE}{_OPAQUE}/\\=<>$\"“„«()\[\]]"
    rf"[^{_BOLD}{_STAR}{_CODE}{_OPAQUE}/\\=<>$\"“„«()\[\]\n]*?)(?P<colon>{_COLON})?{_BOLD}"
    rf"(?(colon)(?=\s|$|[^\x00-\x7f])|{_COLON}(?=\s))"
)


def _match_orphan(line: _Line, pos: int) -> _Label | None:
    r"""Read `Label:** text` and `Label\*\*: text`, whose opener is lost."""
    match = _ORPHAN.match(line.shape, pos)
    if not match or not _is_short(match["inner"]):
        return None
    closer = match.end() - (1 if match["colon"] else 2)
    run = line.runs[closer]
    others = [r for at, r in line.runs.items() if at != closer and r.literal]
    if run.units != 2 or run.literal != 2 or others or match["inner"][-1] in EDGE_CHARACTERS:
        return None
    if not match["colon"] and _IDENTIFIER.fullmatch(match["inner"]):
        return None
    return _Label(pos, closer + 1, match.end(), "unopened-label", not match["colon"])


def _is_short(inner: str) -> bool:
    return (
        0 < len(inner) <= ORPHAN_LENGTH
        and len(inner.split()) <= 6
        and bool(_NAME.search(inner))
        and not re.search(r"[.!?,;。！？，；]\s*\S", inner)
    )


_UNSURE = re.compile(
    rf"(?:^\s*|[.!?。！？]\s+)(?P<label>{_BOLD}(?P<inner>[^{_BOLD}{_STAR}\n]{{1,{LABEL_LENGTH}}}?{_COLON}\s?)"
    rf"{_BOLD}|{_BOLD}\s+\w[^{_BOLD}{_STAR}\n]{{1,{ORPHAN_LENGTH}}}?{_COLON}(?=\s))"
)


def _is_damaged(line: _Line, match: re.Match[str]) -> bool:
    """Tell whether stars that could be a label's are neither live nor a footnote mark's."""
    opener = line.runs[match.start("label")]
    closed = match["inner"] is not None
    return bool(_NAME.search(match["label"])) and (
        opener.literal > 1 and not opener.opens and (closed or not opener.escaped)
    )


# --- paragraphs ----------------------------------------------------------------------------

_CLOSED_LINE = re.compile(r"[.!?…:;,。！？：；、|)\]»”\"'”]\s*\Z")


class _Start(NamedTuple):
    """Where an entry begins: line, position of its prefix, and the label."""

    number: int
    pos: int
    label: _Label


class _Paragraph:
    """The lines of a paragraph, and the labels they open with."""

    def __init__(
        self, source: str, atoms: list[Atom], repair: bool, run_in: bool, in_item: bool
    ) -> None:
        self.source = source
        self.repair = repair
        self.run_in = run_in
        self.in_item = in_item
        self.lines = [_Line(line) for line in split_lines(atoms)]

    def pieces(self) -> list[Piece]:
        """Divide the paragraph at its labels."""
        starts = list(self._find_starts())
        cuts = [(start.number, start.pos) for start in starts] + [(len(self.lines), 0)]
        pieces = []
        prose = self._take((0, 0), cuts[0])
        if prose and (text := read_atoms(prose)) != _NOTHING:
            pieces.append(Piece(None, text, _NOTHING, 0, self._end_at(cuts[0])))
        for start, cut in zip(starts, cuts[1:], strict=True):
            pieces.append(self._build_entry(start, cut))
        pieces = pieces or [Piece(None, _NOTHING, _NOTHING, 0, len(self.source))]
        unsure = tuple(self._find_unsure({start.number for start in starts}))
        pieces[0] = pieces[0]._replace(repairs=pieces[0].repairs + unsure)
        return pieces

    def _find_unsure(self, labelled: set[int]) -> Iterator[Repair]:
        """Find what looks like a damaged label on the lines that have none."""
        if not self.repair or all(
            not run.literal for line in self.lines for run in line.runs.values()
        ):
            return
        for number, line in enumerate(self.lines):
            match = None if number in labelled else _UNSURE.search(line.shape)
            if match and _is_damaged(line, match):
                start = line.source_at(match.start("label"))
                closer = line.runs.get(match.end("label") - 1)
                end = closer.end if closer else line.source_at(match.end("label") - 1) + 1
                yield Repair("unsure-label", start, end, None)

    def _find_starts(self) -> Iterator[_Start]:
        found: list[list[_Start]] = [self._read_line(n) for n in range(len(self.lines))]
        for number, starts in enumerate(found):
            if starts and self._opens_line(number, found):
                yield from starts

    def _read_line(self, number: int) -> list[_Start]:
        """Find the labels of a line: one at its start, and more like it behind."""
        line = self.lines[number]
        last = number + 1 == len(self.lines)
        prefix = _PREFIX.match(line.shape)
        pos = prefix.end() if prefix else 0
        bare = self.in_item and number == 0
        label = _find_label(line, pos, last or number > 0, bare)
        if label is None or not self._accepts(label):
            return []
        starts = [_Start(number, 0, label)]
        while not label.outside and (follower := self._find_follower(line, label)):
            starts.append(_Start(number, follower.start, follower))
            label = follower
        return starts

    def _accepts(self, label: _Label) -> bool:
        return (self.repair or label.rule is None) and (self.run_in or not label.weak)

    def _find_follower(self, line: _Line, label: _Label) -> _Label | None:
        """Find a second label on a line: `**Type:** string **Default:** none`."""
        for run in _ANY_RUN.finditer(line.shape, label.content):
            gap = line.shape[label.content : run.start()]
            if len(gap) > GAP_LENGTH:
                return None
            if run[0] == _BOLD and _parts(gap):
                found = _match_opened(line, run.start(), True, False)
                if found and self._accepts(found) and _follows(found, line):
                    return found
        return None

    def _opens_line(self, number: int, found: list[list[_Start]]) -> bool:
        """Tell a label from bold that wrapped prose happens to bring to a line's start."""
        if number == 0 or not found[number][0].label.outside:
            return True
        if any(found[:number]) or any(found[number + 1 : number + 2]):
            return True
        if self.lines[number].shape.startswith(("- ", "•")):
            return True
        before = self.lines[number - 1]
        broken = before.take(0, len(before.shape))[-1].kind == "hard"
        return broken or bool(_CLOSED_LINE.search(before.shape))

    def _take(self, start: tuple[int, int], end: tuple[int, int], mend: bool = False) -> list[Atom]:
        """Take the atoms between two places, each a line's number and a position in it."""
        atoms: list[Atom] = []
        for number in range(start[0], min(end[0] + 1, len(self.lines))):
            line = self.lines[number]
            first = start[1] if number == start[0] else 0
            last = end[1] if number == end[0] else len(line.shape)
            atoms += line.take(first, last, mend=mend)
        return atoms

    def _end_at(self, cut: tuple[int, int]) -> int:
        """Give the offset in the source at which what stands before a cut ends."""
        number, pos = cut
        return self.lines[number].source_at(pos) if pos else self.lines[number - 1].end

    def _build_entry(self, start: _Start, cut: tuple[int, int]) -> Piece:
        line, label = self.lines[start.number], start.label
        name = read_atoms(line.take(label.start, label.end, mend=True))
        mend = label.rule is not None
        content = self._take((start.number, label.content), cut, mend)
        text = read_atoms(content)
        begin = line.source_at(start.pos)
        return Piece(
            term=label.stars + _clean_term(name.text, label.weak),
            content=text._replace(text=text.text.lstrip(EDGE_CHARACTERS)),
            label=name,
            start=begin,
            end=self._end_at(cut),
            repairs=tuple(self._describe_repairs(line, start)),
            run_in=label.weak,
        )

    def _describe_repairs(self, line: _Line, start: _Start) -> Iterator[Repair]:
        label = start.label
        prefix = line.shape[start.pos : label.start]
        if self.repair and _NUMBER_OR_STAR.search(prefix):
            begin = line.source_at(start.pos)
            yield Repair("escaped-markup", begin, line.source_at(label.start), None)
        if label.rule:
            yield self._describe(line, label)

    def _describe(self, line: _Line, label: _Label) -> Repair:
        """Say what the label's markers were and what they should be."""
        assert label.rule
        begin = line.source_at(label.start)
        end = line.source_at(label.end - 1)
        closer = line.runs.get(label.end - 1)
        end = closer.end if closer else end + 1
        inner = self._inner_source(line, label)
        follows = self.source[end : end + 1]
        gap = "" if label.outside or not follows or follows.isspace() else " "
        return Repair(label.rule, begin, end, f"**{inner}**{gap}")

    def _inner_source(self, line: _Line, label: _Label) -> str:
        """Give the label's Markdown without any bold markers."""
        runs = [run for at, run in sorted(line.runs.items()) if label.start <= at < label.end]
        pos = line.source_at(label.start)
        end = line.source_at(label.end - 1) + (0 if label.end - 1 in line.runs else 1)
        parts = []
        for run in runs:
            parts.append(self.source[pos : run.start])
            pos = max(run.end, pos)
        parts.append(self.source[pos:end])
        return _EDGE_ENTITIES.sub("", "".join(parts).strip(EDGE_CHARACTERS))


_NUMBER_OR_STAR = re.compile(rf"\d|{_STAR}|\\")
_EDGE_ENTITIES = re.compile(
    r"^(?:\s|&#x20;|&#32;|&nbsp;|&#xa0;)+|(?:\s|&#x20;|&#32;|&nbsp;|&#xa0;)+$", re.I
)


def _follows(label: _Label, line: _Line) -> bool:
    """Tell whether a label may stand in mid-line: undoubted, and no bold word of a sentence."""
    if label.outside or label.weak or label.rule == "unclosed-label":
        return False
    name = line.shape[label.start + 1 : label.end].strip(EDGE_CHARACTERS)
    return bool(name) and not name[0].islower()


def _parts(gap: str) -> bool:
    """Tell whether text between two labels of a line is a value of its own."""
    text = gap.strip()
    return (
        bool(text)
        and gap != gap.rstrip()
        and (len(text.split()) <= 4 or text[-1] in ".;,|/)。；，")
    )


def _clean_term(text: str, run_in: bool) -> str:
    """Take colon, edge characters and wiki brackets off a term, and a run-in's full stop."""
    text = text.strip(EDGE_CHARACTERS).rstrip(COLONS + EDGE_CHARACTERS)
    if text.startswith("[[") and text.endswith("]]"):
        text = text[2:-2]
    return text.rstrip(".。") if run_in else text
