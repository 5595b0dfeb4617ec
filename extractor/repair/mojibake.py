"""Text that was decoded with the wrong encoding and saved: the door to ftfy.

Only ftfy's encoding repair is used, and only where its own badness test says
so: its defaults changed 10 % of the lines of a clean book (quotes, widths),
the encoding repair alone none of 950,000.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from extractor.markdown.parser import Node
from extractor.repair.nodes import number_prose
from extractor.repair.rewriting import NO_REPAIRS, LineEdit, LineFinding, Repairs

_WORD = re.compile("[^ \t\n\r]+")

_AROUND = 7
"""Code points that a bad sequence reaches beyond what is suspect in it."""

_HOPELESS = 3
"""How many bad sequences a word has that is reported though it can't be repaired."""

# ftfy's test costs a microsecond a character, more than parsing. What it calls bad holds one of
# these: accented Latin, C1 controls, punctuation, symbols, a few letters; two of them side by
# side, or one beside a Greek or Cyrillic letter, or one of a few that are bad before a space.
# Only such neighbourhoods are worth its time.
_SUSPECT = (
    "[\x80-\u024f\u02b0-\u02ff\u0384\u0385\u0402\u0490\u0491\u2000-\u25ff\uf8ff\ufb01\ufb02\ufffd]"
)
_BESIDE = "[\u0370-\u04ff]"
_SUSPECTS = re.compile(
    f"{_SUSPECT}(?:{_SUSPECT}|(?={_BESIDE})|(?<={_BESIDE}.)|(?<=[\x80-\x9f\xc2\xc3\u0152\u0153\u0402]))"
    f"(?:.{{0,{_AROUND}}}{_SUSPECT})*"
)


def find_mender(text: str) -> Mender | None:
    """Make a mender for a page that shows mojibake; None for the others, at little cost."""
    if text.isascii():
        return None
    around = {
        text[max(match.start() - _AROUND, 0) : match.end() + _AROUND]
        for match in _SUSPECTS.finditer(text)
    }
    if not around:
        return None
    # Loading ftfy takes longer than reading a page: not for pages that can't need it.
    from ftfy.badness import is_bad

    return Mender() if is_bad("\n".join(sorted(around))) else None


class Mender:
    """Repairs the mojibake of one page."""

    def mend(self, text: str) -> tuple[str, list[tuple[str, str]]]:
        """Repair text line by line.

        Returns:
            The text, and for each word changed what it was and what it is.
        """
        if text.isascii():
            return text, []
        changes: list[tuple[str, str]] = []
        lines = [self._mend_line(line, changes) for line in text.split("\n")]
        return "\n".join(lines), changes

    def _mend_line(self, line: str, changes: list[tuple[str, str]]) -> str:
        from ftfy.badness import is_bad

        # Nothing is left of what replacement characters stand for. A megabyte of them, which
        # NULs are read as, takes ftfy over a second.
        if line.replace("\ufffd", "").isascii() or not is_bad(line):
            return line
        repaired = _repair(line)
        before, after = _WORD.findall(line), _WORD.findall(repaired)
        # Clean dashes or curly quotes on a line block its repair: then word by word.
        if repaired == line or len(before) != len(after):
            repaired = _WORD.sub(lambda word: _repair(word[0]), line)
            after = _WORD.findall(repaired)
        if len(before) != len(after):
            return line
        changes += [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        return repaired

    def rewrite(self, line: str) -> list[LineEdit]:
        """Find the edits that repair a line."""
        return list(_compare(line, self._mend_line(line, [])))

    def find_hopeless(self, line: str) -> list[tuple[int, int]]:
        """Find words that are mojibake beyond doubt but can't be repaired: some of it is lost."""
        from ftfy.badness import badness

        return [m.span() for m in _WORD.finditer(line) if badness(m[0]) >= _HOPELESS]


# --- a page's lines ------------------------------------------------------------------------

_COMPARED = 2000
"""Code points of a line that are compared one by one."""

_ASCII = re.compile(r"[\x00-\x7f]+")
_TARGET = re.compile(r"`+[^`]+`+|\]\(\S*|<?https?://\S*|^\s{0,3}\[[^\]]+\]:\s*\S*")


def find_mojibake(
    lines: Sequence[str], first: int, nodes: Sequence[Node], mender: Mender | None
) -> Repairs:
    """Find mojibake in the lines of a page's body, but for code, HTML and targets of links.

    Args:
        lines: The page's lines, front matter included.
        first: Number of the body's first line.
        nodes: The body as it was parsed with them.
        mender: The page's; None on a page that shows no mojibake.
    """
    if mender is None:
        return NO_REPAIRS
    edits: dict[int, list[LineEdit]] = {}
    findings = []
    for number, line in number_prose(lines, first, nodes).items():
        if line.isascii():
            continue
        targets = [match.span() for match in _TARGET.finditer(line)]
        found = mender.rewrite(line)
        words = [*_find_words(line, found)] or mender.find_hopeless(line)
        edits[number] = [edit for edit in found if not _lies_within(edit[:2], targets)]
        findings += [
            LineFinding("mojibake", number, *word)
            for word in words
            if not _lies_within(word, targets)
        ]
    return Repairs(edits, findings) if findings else NO_REPAIRS


def _lies_within(place: tuple[int, int], targets: Sequence[tuple[int, int]]) -> bool:
    """Tell whether a place touches one of some stretches, ascending and disjoint."""
    last = bisect_left(targets, (place[1], 0)) - 1
    return last >= 0 and place[0] < targets[last][1]


def _compare(before: str, after: str) -> Iterator[LineEdit]:
    """Find what differs between a line and its repair; ASCII text stays in its place."""
    if before == after:
        return
    if _ASCII.findall(before) != _ASCII.findall(after):
        # A plain space stood for a byte: `Ã  la carte`.
        yield from _compare_freely(before, after)
        return
    pos = 0
    gaps = [*map(len, _ASCII.findall(before)), 0]
    for old, new, gap in zip(_ASCII.split(before), _ASCII.split(after), gaps, strict=True):
        if old != new:
            yield _trim(pos, old, new)
        pos += len(old) + gap


def _trim(pos: int, old: str, new: str) -> LineEdit:
    """Make an edit of what differs between two pieces of text, the old one at `pos`."""
    head = _count_common(old, new)
    tail = _count_common(old[head:][::-1], new[head:][::-1])
    if head + tail == len(new):
        # Nothing takes the place of what goes: a neighbour keeps the place.
        head, tail = (head, tail - 1) if tail else (head - 1, tail)
    return LineEdit(pos + head, pos + len(old) - tail, new[head : len(new) - tail])


def _compare_freely(before: str, after: str) -> Iterator[LineEdit]:
    """Find what differs between two lines, wherever it stands."""
    if max(len(before), len(after)) > _COMPARED:
        yield _trim(0, before, after)
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind != "equal":
            # Never without a neighbour: a place that holds nothing can't be found again.
            start, new_start = (start - 1, new_start - 1) if start else (start, new_start)
            yield LineEdit(start, end, after[new_start:new_end])


def _count_common(one: str, other: str) -> int:
    """Count the characters that two strings begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _find_words(line: str, edits: Sequence[LineEdit]) -> Iterator[tuple[int, int]]:
    """Find the words that edits stand in, for a reader to see what was meant."""
    if not edits:
        return
    gaps = [-1, *(at for at, char in enumerate(line) if not char.isalnum()), len(line)]
    for edit in edits:
        yield gaps[bisect_left(gaps, edit.start) - 1] + 1, gaps[bisect_left(gaps, edit.end)]


def _repair(text: str) -> str:
    """Repair the encoding of text, if that makes it better."""
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    if not is_bad(text):
        return text
    repaired = fix_encoding(text)
    return text if is_bad(repaired) else repaired
