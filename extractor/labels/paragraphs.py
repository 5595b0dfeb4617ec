"""Paragraphs to labelled entries and the prose around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extractor.labels.forms import (
    ANY_RUN,
    GAP_LENGTH,
    Label,
    find_label,
    find_unsure,
    match_opened,
)
from extractor.labels.markers import (
    NO_MARKER,
    OPENING,
    PREFIX,
    Marker,
    is_list_marker,
    read_marker,
)
from extractor.labels.separators import is_joined, parts_labels, strip_joint, strip_separator
from extractor.labels.shapes import BOLD, EDGE_CHARACTERS, Line
from extractor.markdown.atoms import Atom, MisfitError, locate_atoms, read_atoms, split_lines
from extractor.markdown.inlines import NOTHING, Inlines, read_inlines
from extractor.markdown.parser import Token


class Repair(NamedTuple):
    """A damaged marker that was read as what was meant.

    Attributes:
        rule: Name of the rule.
        start: Offset of the first code point in the inline source.
        end: Offset after the last.
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
        label: The label with its colon, and the links and images in it.
        start: Offset of the first code point in the inline source.
        end: Offset after the last.
        repairs: What was repaired.
        run_in: Whether the label is a run-in heading (`**Loom.** text`), which counts
            only if its siblings have labels too.
        marker: What stood before the label.
    """

    term: str | None
    content: Inlines
    label: Inlines
    start: int
    end: int
    repairs: tuple[Repair, ...] = ()
    run_in: bool = False
    marker: Marker = NO_MARKER


_OPENING = OPENING + r"(?:\*|_|＊|&(?:ast|lowast|\#42|\#x2a);|<b>|<strong)"
_OPENS = re.compile(_OPENING, re.I)
_OPENS_LINE = re.compile(r"\n" + _OPENING, re.I)
_OPENS_BREAK = re.compile(r"<br\s*/?>" + _OPENING, re.I)
_TOUCHING = (
    ":*",
    "：*",
    ":\\*",
    "：\\*",
    ": *",
    "*:",
    "*：",
    "* :",
    " \\- ",
    "** -",
    "** –",
    "** —",
)


def _may_hold_label(source: str) -> bool:
    """Tell at little cost whether a label is possible: most paragraphs have none.

    Before any word of its line stands a marker, or a marker that lost its partner touches
    a colon.
    """
    if not ("*" in source or "_" in source or "<" in source or "&" in source or "＊" in source):
        return False
    return bool(
        _OPENS.match(source)
        or ("\n" in source and _OPENS_LINE.search(source))
        or ("<" in source and _OPENS_BREAK.search(source))
        or ("*" in source and any(sign in source for sign in _TOUCHING))
    )


_CLEAN = re.compile(
    r"\*\*(?P<term>[^\W_](?:[^*_\\<&`\[\]~＊\n:：.!?。！？]{0,60}[^\W_])?)"
    r"(?:[:：]\*\*|\*\*(?P<separator>[:：]|\s[-–—]))(?=\s)\s*(?=[^\s:：‒–—―-])"
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
    text = content.text.lstrip(EDGE_CHARACTERS)
    if head["term"].isdigit() or not text:
        return None
    term, label = head["term"], Inlines(head["term"], [], [])
    return Piece(term, content._replace(text=text), label, 0, len(source))


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
        except MisfitError:  # better no label than a wrong one
            atoms = []
        if atoms:
            return LabelledParagraph(source, atoms, repair, run_in, in_item).pieces()
    return [Piece(None, read_inlines(tokens), NOTHING, 0, len(source))]


# --- paragraphs ----------------------------------------------------------------------------

_CLOSED_LINE = re.compile(r"[.!?…:;,。！？：；、|)\]»”\"'”]\s*\Z")


class _Start(NamedTuple):
    """Where an entry begins: line, position of its prefix, and the label."""

    number: int
    pos: int
    label: Label


class LabelledParagraph:
    """The lines of a paragraph, and the labels they open with."""

    def __init__(
        self, source: str, atoms: list[Atom], repair: bool, run_in: bool, in_item: bool
    ) -> None:
        self.source = source
        self.repair = repair
        self.run_in = run_in
        self.in_item = in_item
        self.lines = [Line(line) for line in split_lines(atoms)]

    def pieces(self) -> list[Piece]:
        """Divide the paragraph at its labels."""
        starts = list(self._find_starts())
        cuts = [(start.number, start.pos) for start in starts] + [(len(self.lines), 0)]
        pieces = []
        prose = self._take((0, 0), cuts[0])
        if prose and (text := read_atoms(prose)) != NOTHING:
            pieces.append(Piece(None, text, NOTHING, 0, self._end_at(cuts[0])))
        for start, cut in zip(starts, cuts[1:], strict=True):
            pieces.append(self._build_entry(start, cut))
        pieces = pieces or [Piece(None, NOTHING, NOTHING, 0, len(self.source))]
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
            place = None if number in labelled else find_unsure(line, _skip_prefix(line))
            if place:
                start, end = line.source_at(place[0]), line.source_end(place[1])
                yield Repair("unsure-label", start, end, None)

    def _find_starts(self) -> Iterator[_Start]:
        found: list[list[_Start]] = [self._read_line(n) for n in range(len(self.lines))]
        is_beside = False
        for number, starts in enumerate(found):
            if not starts:
                continue
            is_beside = is_beside or any(found[number + 1 : number + 2])
            if is_beside or self._opens_line(number, starts[0].label):
                yield from starts
            is_beside = True

    def _read_line(self, number: int) -> list[_Start]:
        """Find the labels of a line: one at its start, and more like it after."""
        line = self.lines[number]
        last = number + 1 == len(self.lines)
        bare = self.in_item and number == 0
        label = find_label(line, _skip_prefix(line), last or number > 0, bare)
        if label is None or not self._accepts(label):
            return []
        starts = [_Start(number, 0, label)]
        while follower := self._find_follower(line, label):
            starts.append(_Start(number, follower.start, follower))
            label = follower
        return starts

    def _accepts(self, label: Label) -> bool:
        return (self.repair or label.rule is None) and (self.run_in or not label.weak)

    def _find_follower(self, line: Line, label: Label) -> Label | None:
        """Find a second label on a line: `**Type:** string **Default:** none`."""
        for run in ANY_RUN.finditer(line.shape, label.content):
            gap = line.shape[label.content : run.start()]
            if len(gap) > GAP_LENGTH:
                return None
            joined = is_joined(gap)
            if run[0] == BOLD and (joined or (not label.outside and parts_labels(gap))):
                found = match_opened(line, run.start(), True, False)
                if found and self._accepts(found) and (joined or _follows(found, line)):
                    return found
        return None

    def _opens_line(self, number: int, label: Label) -> bool:
        """Tell a label from bold that wrapped prose happens to bring to a line's start."""
        if number == 0 or not label.outside:
            return True
        if self.lines[number].shape.startswith(("- ", "•")):
            return True
        before = self.lines[number - 1]
        broken = before.take(0, len(before.shape))[-1].kind == "hard"
        return broken or bool(_CLOSED_LINE.search(before.shape))

    def _take(
        self, start: tuple[int, int], end: tuple[int, int], repair: bool = False
    ) -> list[Atom]:
        """Take the atoms between two places, each a line's number and a position in it."""
        atoms: list[Atom] = []
        for number in range(start[0], min(end[0] + 1, len(self.lines))):
            line = self.lines[number]
            first = start[1] if number == start[0] else 0
            last = end[1] if number == end[0] else len(line.shape)
            atoms += line.take(first, last, repair=repair)
        return atoms

    def _end_at(self, cut: tuple[int, int]) -> int:
        """Give the offset in the source at which what stands before a cut ends."""
        number, pos = cut
        return self.lines[number].source_at(pos) if pos else self.lines[number - 1].end

    def _build_entry(self, start: _Start, cut: tuple[int, int]) -> Piece:
        line, label = self.lines[start.number], start.label
        marker = read_marker(line.shape[start.pos : label.start])
        name = read_atoms(line.take(label.start, label.end, repair=True))
        text = read_atoms(
            self._take((start.number, label.content), cut, repair=label.rule is not None)
        )
        description = text.text.lstrip(EDGE_CHARACTERS)
        before, after = label.stars
        return Piece(
            term=before + _clean_term(name.text, label.weak) + after,
            content=text._replace(
                text=strip_joint(description) if cut[0] == start.number else description
            ),
            label=name._replace(text=marker.written + before + name.text + after),
            start=line.source_at(start.pos),
            end=self._end_at(cut),
            repairs=tuple(self._describe_repairs(line, start)),
            run_in=label.weak,
            marker=marker,
        )

    def _repairs_prefix(self, line: Line, start: _Start) -> bool:
        """Tell whether an escaped list marker stands before a label."""
        if not self.repair or start.pos == start.label.start:
            return False
        if not is_list_marker(line.shape[start.pos : start.label.start]):
            return False
        return any(atom.kind == "escape" for atom in line.take(start.pos, start.label.start))

    def _describe_repairs(self, line: Line, start: _Start) -> Iterator[Repair]:
        if self._repairs_prefix(line, start):
            begin, end = line.source_at(start.pos), line.source_at(start.label.start)
            yield Repair("escaped-markup", begin, end, None)
        if start.label.rule:
            yield self._describe(line, start.label)

    def _describe(self, line: Line, label: Label) -> Repair:
        """Say what the label's markers were and what they should be."""
        assert label.rule
        begin, end = line.source_at(label.start), line.source_end(label.end)
        inner = self._inner_source(line, label)
        if not label.outside:
            end = self._skip_invisible(end)
        follows = self.source[end : end + 1]
        gap = "" if label.outside or not follows or follows.isspace() else " "
        return Repair(label.rule, begin, end, f"**{inner}**{gap}")

    def _skip_invisible(self, pos: int) -> int:
        """Give where the invisible characters end that keep a closer from closing."""
        match = _INVISIBLE.match(self.source, pos)
        return match.end() if match else pos

    def _inner_source(self, line: Line, label: Label) -> str:
        """Give the label's Markdown without any bold markers."""
        runs = [line.runs[at] for at in range(label.start, label.end) if at in line.runs]
        pos = line.source_at(label.start)
        end = line.source_at(label.end - 1) + (0 if label.end - 1 in line.runs else 1)
        parts = []
        for run in runs:
            parts.append(self.source[pos : run.start])
            pos = max(run.end, pos)
        parts.append(self.source[pos:end])
        return _EDGE_ENTITIES.sub("", "".join(parts).strip(EDGE_CHARACTERS))


_INVISIBLE = re.compile(
    "(?:[\u00ad\u200b-\u200f\u2060\ufeff]"
    r"|&(?:shy|ZeroWidthSpace|zwn?j|lrm|rlm|NoBreak|#(?:173|820[3-7]|8288|65279)"
    r"|#x(?:ad|200[b-f]|2060|feff));)+",
    re.I,
)
_EDGE_ENTITIES = re.compile(
    r"^(?:\s|&#x20;|&#32;|&nbsp;|&#xa0;)+|(?:\s|&#x20;|&#32;|&nbsp;|&#xa0;)+$", re.I
)


def _skip_prefix(line: Line) -> int:
    """Give where on a line a label would begin, after bullets, numbers and signs."""
    prefix = PREFIX.match(line.shape)
    return prefix.end() if prefix else 0


def _follows(label: Label, line: Line) -> bool:
    """Tell whether a label may stand in mid-line: undoubted, and no bold word of a sentence."""
    if label.outside or label.weak or label.rule == "unclosed-label":
        return False
    name = line.shape[label.start + 1 : label.end].strip(EDGE_CHARACTERS)
    return bool(name) and not name[0].islower()


def _clean_term(text: str, run_in: bool) -> str:
    """Take colon, edge characters and wiki brackets off a term, and a run-in's full stop."""
    text = strip_separator(text)
    if text.startswith("[[") and text.endswith("]]"):
        text = text[2:-2]
    return text.rstrip(".。") if run_in else text
