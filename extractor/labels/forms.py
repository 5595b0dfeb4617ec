r"""The test for a label, and what damage its markers have.

Whether a line opens with a label is a question about its shape; what the
markers were written as only decides whether it was damaged, and how.

Every form and every trap has a page in tests/cases/labels.jsonl.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from extractor.labels.sentences import Reading, ends_sentence, read_unspaced, starts_path
from extractor.labels.separators import GLUED_DASH, OUTSIDE, SURPLUS, TYPED, ends_in_separator
from extractor.labels.shapes import BOLD, CODE, COLONS, EDGE_CHARACTERS, OPAQUE, STAR, Line, Run

LABEL_LENGTH = 90
"""Code points a label may have."""

GAP_LENGTH = 200
"""Code points between two labels of a line."""

RUN_IN_LENGTH = 60
"""Code points of a run-in heading (`**Loom.** A frame`)."""

ORPHAN_LENGTH = 40
"""Code points of a label that lost its opening or closing markers."""


class Label(NamedTuple):
    r"""A label found in a line; positions are those of the shape.

    Attributes:
        start: Of its first marker, or of its text where the opener is lost.
        end: After its last marker, or after its colon where the closer is lost.
        content: Where the description begins, after any separator.
        rule: How it was damaged; None when it was not.
        outside: Whether the colon or dash stands after the markers.
        stars: Stars before and after the name that belong to it (`**\*\*kwargs**`).
        weak: Whether it is a run-in heading.
    """

    start: int
    end: int
    content: int
    rule: str | None = None
    outside: bool = False
    stars: tuple[str, str] = ("", "")
    weak: bool = False


ANY_RUN = re.compile(f"[{BOLD}{STAR}]")
_COLON = f"[{COLONS}]"
_BLANK = re.compile(rf"[\s{STAR}]*\Z")
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_.]*")
_IS_NUMBER = re.compile(r"[\W\d_]+")
_CONTENT = re.compile(f"[^{EDGE_CHARACTERS}]")
_NAME = re.compile(rf"[\w{CODE}]")


def find_label(line: Line, pos: int, last: bool, in_item: bool) -> Label | None:
    """Apply the test for a label at a position of a line."""
    kind = line.shape[pos : pos + 1]
    if kind == BOLD:
        return match_opened(line, pos, last, in_item)
    if kind == STAR:
        return _match_eaten(line, pos)
    return _match_orphan(line, pos)


def match_opened(line: Line, pos: int, last: bool, in_item: bool) -> Label | None:
    """Find the closer of a label whose opener stands at `pos`."""
    shape, joints, after, inner = line.shape, 0, pos + 1, ""
    read = after
    while closer := ANY_RUN.search(shape, after):
        end = closer.end()
        inner += ANY_RUN.sub("", shape[read : closer.start()])
        read = end
        if len(inner) > LABEL_LENGTH or ends_sentence(inner.rstrip()):
            return None
        if closer[0] == STAR:
            if _closes_short(line, closer.start(), inner):
                return Label(pos, end, end, "unclosed-label")
            after = end
            continue
        if not _NAME.search(inner):
            return None
        if ends_in_separator(inner):
            return _match_inside(line, pos, end, inner, joints)
        content = _skip_separator(shape, end, inner)
        if content is not None:
            return _match_outside(line, pos, end, content, inner, joints)
        joint = _find_joint(line, end - 1)
        if joint is None:
            return _match_bare(line, pos, end, inner, last, in_item)
        joints, after = joints + 1, joint
    return _match_unclosed(line, pos) if after == pos + 1 else None


def _skip_separator(shape: str, end: int, inner: str) -> int | None:
    """Give where the description begins after a separator that follows the markers.

    A type in brackets before the separator is the description's.
    """
    separator = OUTSIDE.match(shape, end)
    if not separator and inner[-1] in EDGE_CHARACTERS:
        separator = GLUED_DASH.match(shape, end)
    if separator:
        return separator.end()
    return end if TYPED.match(shape, end) else None


def _closes_short(line: Line, at: int, inner: str) -> bool:
    """Tell whether a single star closes a label: `**X:* text`."""
    return inner.endswith(tuple(COLONS)) and not line.runs[at].opens and not line.runs[at].escaped


def _find_joint(line: Line, at: int) -> int | None:
    """Find where a label goes on after a closer, in the next of several bold pieces."""
    run = line.runs[at]
    if run.units > 3 or (run.opens and run.closes):
        return at + 1
    following = ANY_RUN.search(line.shape, at + 1)
    while following and following[0] == STAR:
        following = ANY_RUN.search(line.shape, following.end())
    if following and _BLANK.match(line.shape[at + 1 : following.start()]):
        return following.end()
    return None


def _match_inside(line: Line, pos: int, end: int, inner: str, joints: int) -> Label | None:
    """Read a label that brings its colon along; a second separator after it is one with it."""
    rule = _judge(line, pos, end - 1, inner, joints)
    if _read_touching(line, end, inner) is not Reading.LABEL:
        return None
    surplus = SURPLUS.match(line.shape, end)
    content = surplus.end() if surplus else end
    return Label(pos, end, content, rule, stars=_count_stars(line, pos, end - 1, rule))


def _read_touching(line: Line, end: int, inner: str) -> Reading:
    """Tell what text makes of a label that it touches; live markers need no more than no path."""
    closer, rest = line.runs[end - 1], line.shape[end : end + GAP_LENGTH]
    if closer.closes and not closer.opens:
        return Reading.SENTENCE if starts_path(inner, rest) else Reading.LABEL
    return read_unspaced(inner, rest)


def _match_outside(
    line: Line, pos: int, end: int, content: int, inner: str, joints: int
) -> Label | None:
    """Read a label whose colon or dash stands after its markers."""
    opener = line.runs[pos]
    if inner.strip().isdigit() and line.shape[content : content + 1].isdigit():
        return None
    if opener.units > 2 and _IDENTIFIER.fullmatch(inner):
        return Label(pos, end, content, None, True, ("*" * (opener.units - 2), ""))
    if opener.escaped and _IDENTIFIER.fullmatch(inner) and "_" in _written(opener):
        return None
    leftover = line.runs.get(content)
    if leftover and leftover.units > 1 and not leftover.opens:
        # The colon had a bold piece of its own: `**Term****:** text`.
        return Label(pos, content + 1, content + 1, "split-label")
    rule = _judge(line, pos, end - 1, inner, joints)
    return Label(pos, end, content, rule, True, _count_stars(line, pos, end - 1, rule))


def _written(run: Run) -> str:
    return "".join(atom.text for atom in run.atoms)


def _judge(line: Line, opener: int, closer: int, inner: str, joints: int) -> str | None:
    """Name the damage of a label with both its markers; None for a clean one."""
    first, second = line.runs[opener], line.runs[closer]
    if not joints and _is_pair(first, second):
        return _judge_pair(first, second, inner)
    if first.escaped or second.escaped:
        return "escaped-label"
    if joints or max(first.units, second.units) > 3:
        return "split-label"
    if inner != inner.strip(EDGE_CHARACTERS) or " " in _written(first) + _written(second):
        return "spaced-label"
    return "unspaced-label"


def _is_pair(first: Run, second: Run) -> bool:
    r"""Tell whether live markers pair, with no more than a star of the author's beside each.

    `**\*Note:** x` has one; two, `**\*\*Note:** x`, are markers again.
    """
    return all(
        2 <= run.units - run.literal <= 3 and run.literal <= 1 and turned
        for run, turned in (
            (first, first.opens and not first.closes),
            (second, second.closes and not second.opens),
        )
    )


def _judge_pair(first: Run, second: Run, inner: str) -> str | None:
    """Name what live markers that pair have too much: an entity's space, or a bare star.

    A bare star lost its partner; only HTML and entities bring a space to a live marker.
    """
    if inner != inner.strip() and not first.html:
        return "spaced-label"
    if first.literal and not first.escaped:
        return "unclosed-label"
    if second.literal and not second.escaped:
        return "unopened-label"
    return None


def _count_stars(line: Line, opener: int, closer: int, rule: str | None) -> tuple[str, str]:
    """Give the stars before and after a name that are the author's, not markers."""
    if rule:
        return "", ""
    return "*" * line.runs[opener].literal, "*" * line.runs[closer].literal


def _match_bare(
    line: Line, pos: int, end: int, inner: str, last: bool, in_item: bool
) -> Label | None:
    """Read bold without colon or dash: alone on its line, or a run-in heading."""
    opener, closer = line.runs[pos], line.runs[end - 1]
    live = not (opener.literal or closer.literal)
    if not _CONTENT.search(line.shape, end):
        alone = in_item if live else opener.units == closer.units == 2
        if last or not alone or not line.shape.endswith("\n", end):
            return None
        return Label(
            pos, end, len(line.shape), None if live else _judge(line, pos, end - 1, inner, 0)
        )
    name = inner.strip(EDGE_CHARACTERS)
    # A number in bold counts something; it names nothing.
    name = "" if _IS_NUMBER.fullmatch(name) else name
    sentence = name.endswith((".", "。")) and not name.endswith("..") and len(name) <= RUN_IN_LENGTH
    if sentence and (line.shape[end] in EDGE_CHARACTERS or not live):
        return Label(pos, end, end, _judge(line, pos, end - 1, inner, 0), weak=True)
    return None


_UNCLOSED = re.compile(rf"[^{COLONS}{BOLD}{STAR}]{{1,{ORPHAN_LENGTH}}}(?::(?=\s|$)|[：︰])")


def _match_unclosed(line: Line, pos: int) -> Label | None:
    """Read `**Label: text`. Escaped stars without a partner are footnote marks or names."""
    opener = line.runs[pos]
    match = _UNCLOSED.match(line.shape, pos + 1)
    if not match or opener.escaped or opener.opens or opener.units != 2 or "_" in _written(opener):
        return None
    inner = match[0][:-1]
    if inner[0] in EDGE_CHARACTERS or _IDENTIFIER.fullmatch(inner) or ends_sentence(inner):
        return None
    if any(run.literal for at, run in line.runs.items() if at > pos):
        return None
    return Label(pos, match.end(), match.end(), "unclosed-label")


def _match_eaten(line: Line, pos: int) -> Label | None:
    """Read `*Label:** text`, whose bullet stripper took a star."""
    closer = ANY_RUN.search(line.shape, pos + 1)
    if not closer or closer[0] == STAR or line.runs[pos].escaped or line.runs[pos].closes:
        return None
    inner, run = line.shape[pos + 1 : closer.start()], line.runs[closer.start()]
    if run.opens or not _is_short(inner):
        return None
    if inner.endswith(tuple(COLONS)):
        return Label(pos, closer.end(), closer.end(), "unopened-label")
    separator = OUTSIDE.match(line.shape, closer.end())
    if separator and inner == inner.strip():
        return Label(pos, closer.end(), separator.end(), "unopened-label", True)
    return None


_ORPHAN = re.compile(
    rf"(?P<inner>[^\s{BOLD}{STAR}{CODE}{OPAQUE}/\\=<>$\"“„«()\[\]]"
    rf"[^{BOLD}{STAR}{CODE}{OPAQUE}/\\=<>$\"“„«()\[\]\n]*?)(?P<colon>{_COLON})?{BOLD}"
    rf"(?(colon)(?=\s|$|[^\x00-\x7f])|{_COLON}(?=\s))"
)


def _match_orphan(line: Line, pos: int) -> Label | None:
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
    return Label(pos, closer + 1, match.end(), "unopened-label", not match["colon"])


def _is_short(inner: str) -> bool:
    return (
        0 < len(inner) <= ORPHAN_LENGTH
        and len(inner.split()) <= 6
        and bool(_NAME.search(inner))
        and not re.search(r"[.!?,;。！？，；]\s*\S", inner)
    )


_UNSURE = re.compile(
    rf"(?:^\s*|[.!?。！？]\s+)(?P<label>{BOLD}(?P<inner>[^{BOLD}{STAR}\n]{{1,{LABEL_LENGTH}}}?{_COLON}\s?)"
    rf"{BOLD}|{BOLD}\s+\w[^{BOLD}{STAR}\n]{{1,{ORPHAN_LENGTH}}}?{_COLON}(?=\s))"
)

_ORPHAN_DASH = re.compile(
    rf"(?P<inner>[^\W\d_][^{BOLD}{STAR}{CODE}{OPAQUE}\n]{{0,{ORPHAN_LENGTH}}}){BOLD}"
    r"\s+(?:--?|[–—])\s+(?=\S)"
)


def find_unsure(line: Line, pos: int) -> tuple[int, int] | None:
    """Find what looks like a damaged label but can't be read as one.

    Live stars are no sign of damage, nor are those of a footnote mark.

    Args:
        line: A line without a label.
        pos: Where on it a label would begin.

    Returns:
        Start and end in the shape.
    """
    match = _UNSURE.search(line.shape)
    if not match or not _NAME.search(match["label"]):
        return _find_orphan_dash(line, pos)
    opener, end = line.runs[match.start("label")], match.end("label")
    closed = match["inner"] is not None
    if closed and _read_touching(line, end, match["inner"]) is Reading.SENTENCE:
        return None
    if opener.literal > 1 and not opener.opens and (closed or not opener.escaped):
        return match.span("label")
    return None


def _find_orphan_dash(line: Line, pos: int) -> tuple[int, int] | None:
    """Find `A garage** - rent one`: a label that lost its opener, or a name with two stars."""
    match = _ORPHAN_DASH.match(line.shape, pos)
    if not match or not _is_short(match["inner"]) or match["inner"][-1] in EDGE_CHARACTERS:
        return None
    closer = match.end("inner")
    others = [run for at, run in line.runs.items() if at != closer and run.literal]
    run = line.runs[closer]
    if run.escaped or run.units != 2 or run.literal != 2 or others:
        return None
    return pos, closer + 1
