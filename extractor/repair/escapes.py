r"""Pages whose markup was escaped: `\# Title`, `\- item`, `1\. item`, `\## Title`.

Escaped block markers change which blocks a page has, so they are taken out
before the page is parsed for good. A first parse says which lines are code,
and which markup is alive: who escapes a marker on purpose does not use it
unescaped on the same page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise

from extractor.markdown.parser import Node
from extractor.repair.nodes import ProseLines, list_live, number_prose
from extractor.repair.rewriting import NO_REPAIRS, LineEdit, LineFinding, Repairs, cut_characters

ESCAPED_STARTS = 3
"""How many escaped line starts make an escaped page, or an escaped list beside a live one."""

UNESCAPES = 2
"""How often a page is unescaped at most: editors escape once a save."""

Cuts = dict[int, list[int]]
"""By line number, the columns of the characters to take out, ascending."""

_FENCE = r"\s{0,3}(?:(?:\\+`){3,}|\\+`{3,})"
_STARTS = {
    "heading": re.compile(r"\s{0,3}(?:>\s?)*\\+#(?:\\*#){0,5}(?=\s|\*|\\+\*)"),
    "bullet": re.compile(r"\s*\\+[-+*]\s+(?=\S)(?!\\*[-+*]\s)"),
    "number": re.compile(r"\s*\d{1,9}\\+[.)]\s"),
    "quote": re.compile(r"\s{0,3}\\+>\s?(?=\S)"),
    "fence": re.compile(_FENCE + r"[\w+#.-]+\s*$"),
    "bold": re.compile(r"\s*(?:\\+\*){2}(?=[^\s*\\])[^*]{1,90}(?:\\+\*){2}\s*$"),
}
_LABEL = re.compile(r"\s*(?:\\+\*){2}(?=[^*\\])[^*]{1,90}[:：]\s?(?:\\+\*){2}")
_ESCAPE = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`++).*?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<slashes>\\++)(?:(?P<marker>[#\-+*_.)(>\[\]!~])|(?P<tick>`+))?"
)
_SPACED_STARS = re.compile(
    r"\s*(?:[-+]\s+)?\*(?P<a> )\*\s?[^*\s][^*]{0,80}?[:：]\s?"
    r"(?:\*(?P<b> )\*|\*\*(?=\s|$))(?!\*|\s\*)"
)
_SIGN = re.compile(r"[\s>]*(?:#{1,6}\s+)?(?:\d*\\|(?:[-+]\s+)?\* \*)")
"""What a line that is worth a closer look begins with."""


def find_escapes(lines: Sequence[str], first: int, nodes: Sequence[Node]) -> Repairs:
    """Find the backslashes (and spaces between stars) that hide markup.

    Args:
        lines: The page's lines, front matter included.
        first: Number of the body's first line.
        nodes: The body as it was parsed with them.
    """
    if not any(_SIGN.match(line) for line in lines[first - 1 :]):
        return NO_REPAIRS
    prose = number_prose(lines, first, nodes)
    headed = _find_headed(prose)
    if headed:
        return _describe(headed, prose, _find_headed_prefix(prose))
    hidden = _find_hidden(prose, nodes)
    spaced = _find_spaced_stars(prose)
    repairs = _describe(hidden, prose, 0)
    edits = {number: cut_characters(columns) for number, columns in spaced.items()}
    return Repairs({**edits, **repairs.edits}, repairs.findings)


def _describe(columns: Cuts, prose: ProseLines, prefix: int) -> Repairs:
    """Make edits and findings of what is to go; a finding covers what it makes alive, too."""
    edits: dict[int, list[LineEdit]] = {}
    findings = []
    for number, gone in columns.items():
        if gone:
            edits[number] = cut_characters(gone)
            end = min(gone[-1] + (2 if gone[-1] >= prefix else 1), len(prose[number]))
            findings.append(LineFinding("escaped-markup", number, gone[0], end))
    return Repairs(edits, findings)


def _find_spaced_stars(prose: ProseLines) -> Cuts:
    """Find `* * Label: * * text`, which reads as a list in a list."""
    found = ((number, _SPACED_STARS.match(line)) for number, line in prose.items())
    return {
        number: [match.start(space) for space in ("a", "b") if match[space]]
        for number, match in found
        if match
    }


# --- a page of headings ------------------------------------------------------------------

_HEADED = re.compile(r"#{1,6}(?:\s+|$)")


def _find_headed(prose: ProseLines) -> Cuts:
    r"""Find a page each of whose lines was made an escaped heading: `# \# Shop`, `# \- saw`."""
    written = {number: line for number, line in prose.items() if line.strip()}
    prefix = _find_headed_prefix(written)
    if not prefix:
        return {}
    starts = [line for line in written.values() if _find_kind(line[prefix:])]
    if len(starts) < 2 or len(starts) + sum(line.strip("# ") == "" for line in written.values()) < (
        ESCAPED_STARTS
    ):
        return {}
    return {
        number: [*range(min(prefix, len(line))), *(at for at in _find(line) if at >= prefix)]
        for number, line in written.items()
    }


def _find_headed_prefix(prose: ProseLines) -> int:
    """Give the length of the heading marker that every line has; 0 if one has another."""
    prefixes = set()
    for line in prose.values():
        match = _HEADED.match(line)
        if match:
            prefixes.add(match[0].rstrip())
        elif line.strip():
            return 0
    return len(prefixes.pop()) + 1 if len(prefixes) == 1 else 0


# --- escaped pages, and lines of mixed ones --------------------------------------------------


def _find_kind(line: str) -> str | None:
    """Name the block marker that a line hides."""
    if "\\" not in line:
        return None
    return next((kind for kind, pattern in _STARTS.items() if pattern.match(line)), None)


def _find_hidden(prose: ProseLines, nodes: Sequence[Node]) -> Cuts:
    """Find the backslashes of an escaped page, or of the lines of a mixed one that hide markup."""
    starts = {number: kind for number, line in prose.items() if (kind := _find_kind(line))}
    if not starts:
        return {}
    live = list_live(nodes)
    hidden = set(starts.values()) - live
    labels = sum(bool(_LABEL.match(line)) for line in prose.values() if "\\" in line)
    is_escaped = len(starts) + labels >= ESCAPED_STARTS and hidden
    if is_escaped and not live & {"heading", "bullet", "number"}:
        return {number: columns for number, line in prose.items() if (columns := _find(line))}
    found: Cuts = {}
    if is_escaped and len(starts) >= ESCAPED_STARTS:
        # A mixed page goes line by line: only what has no live counterpart was escaped.
        opening = set(_list_opening(prose, starts))
        found = {n: _find_start(prose[n], starts[n]) for n in opening if starts[n] in hidden}
    for find in (_find_headings, _find_bullets, _find_fences):
        found.update((number, _find_line(prose, number)) for number in find(prose, starts))
    return found


def _list_opening(prose: ProseLines, starts: Mapping[int, str]) -> Iterator[int]:
    r"""List the lines that open a block: within a paragraph, `1\.` is text that stays text."""
    before = 0
    for number in sorted(starts):
        if before == number - 1 or not _has_words(prose, number - 1):
            before = number
            yield number


def _find_start(line: str, kind: str) -> list[int]:
    """Find the backslashes of a hidden block marker; those of a heading's words go with them."""
    match = _STARTS[kind].match(line)
    return _find(line[: match.end()]) if match else []


def _find_line(prose: ProseLines, number: int) -> list[int]:
    line = prose[number]
    kind = _find_kind(line)
    return _find(line) if kind in ("heading", None) else _find_start(line, kind)


_ONE_SLASH = re.compile(r"\s{0,3}(?:>\s?)*\\##{1,5}\s+(?=\S)(?P<title>.*)")
_ANY_HEADING = re.compile(r"\s{0,3}(?:>\s?)*(?P<slash>\\?)#{1,6}\s+(?P<title>.*)")
_SPOKEN = (".", "!", "?", "…", ",", "。", "！", "？")
_CLOSED = (".", "。", ":", "：", ",", ";")


def _find_headings(prose: ProseLines, starts: Mapping[int, str]) -> Iterator[int]:
    r"""Find headings with one backslash, as serializers of CommonMark write them: `\## Title`.

    Nobody writes them on purpose, but for those who show how a heading is written.
    """
    numbers = [number for number in sorted(prose) if _has_words(prose, number)]
    following = dict(pairwise(numbers))
    alone = [n for n in numbers if starts.get(n) == "heading" and not _has_words(prose, n - 1)]
    found = [n for n in alone if _is_title(prose[n]) and not _is_shown(n, prose, following)]
    if found:
        yield from (n for n in alone if not prose[n].rstrip().endswith(_CLOSED))


def _has_words(prose: ProseLines, number: int) -> bool:
    return bool(prose.get(number, "").strip(" \t>"))


def _is_title(line: str) -> bool:
    match = _ONE_SLASH.match(line)
    return bool(match) and not line.rstrip().endswith(_CLOSED)


def _is_shown(number: int, prose: ProseLines, following: Mapping[int, int]) -> bool:
    r"""Tell whether a heading is only shown: more of them follow at once, or the live one does."""
    if number not in following:
        return False
    after = _ANY_HEADING.match(prose[following[number]])
    title = _ANY_HEADING.match(prose[number])
    if not after or not title:
        return False
    return bool(after["slash"]) or after["title"] == title["title"]


_FOOTNOTE_MARK = re.compile(r"[^\n]*[\w)\"”’]\\\*(?![*\\])|[^*]*[\w)\"”’]\*(?=[\s.,;:)|]|$)[^*]*$")


def _find_bullets(prose: ProseLines, starts: Mapping[int, str]) -> Iterator[int]:
    """Find escaped lists beside live ones."""
    opening = set(_list_opening(prose, starts))
    numbers = sorted(number for number, line in prose.items() if line.strip())
    runs: list[list[int]] = [[]]
    for number in numbers:
        if starts.get(number) != "bullet" or number not in opening:
            runs.append([])
        elif runs[-1] and _read_bullet(prose[number]) != _read_bullet(prose[runs[-1][0]]):
            runs.append([number])
        else:
            runs[-1].append(number)
    lists = [run for run in runs if len(run) >= ESCAPED_STARTS]
    starred = any(_read_bullet(prose[run[0]]) != "-" for run in lists)
    marked = {n for n, line in prose.items() if starred and _FOOTNOTE_MARK.match(line)}
    for run in lists:
        if not _are_no_items(run, prose, marked):
            yield from run


def _read_bullet(line: str) -> str:
    return line.lstrip().lstrip("\\")[0]


def _are_no_items(run: Sequence[int], prose: ProseLines, marked: Set[int]) -> bool:
    r"""Tell whether lines are footnotes, whose `\*` stands elsewhere too, or talk: `\- Yes.`."""
    if _read_bullet(prose[run[0]]) == "-":
        return any(prose[number].rstrip().endswith(_SPOKEN) for number in run)
    return not marked <= set(run)


_CLOSES_FENCE = re.compile(_FENCE + r"\s*$")
_ABOUT_FENCES = re.compile(r"markdown|fence|back-?tick|`{3}|\\`", re.I)


def _find_fences(prose: ProseLines, starts: Mapping[int, str]) -> Iterator[int]:
    """Find escaped fences, which come in pairs; where the page speaks of them, they are shown."""
    opener = before = None
    for number, line in prose.items():
        if not line.strip():
            continue
        if opener is not None and _CLOSES_FENCE.match(line):
            yield from (opener, number)
            opener = None
        elif opener is None and starts.get(number) == "fence":
            opener = None if before and _ABOUT_FENCES.search(before) else number
        before = line


def _find(line: str) -> list[int]:
    """Find the backslashes that escape markup in a line, outside code spans."""
    if "\\" not in line:
        return []
    columns: list[int] = []
    for match in _ESCAPE.finditer(line):
        if match["slashes"] is None:
            continue
        start, end = match.span("slashes")
        # Of backslashes before a letter, each escapes the next.
        is_marker = match["marker"] or match["tick"]
        columns += range(start, end if is_marker else end - 1)
    return columns
