r"""Pages whose markup was escaped: `\# Title`, `\- item`, `1\. item`.

Escaped block markers change which blocks a page has, so they are taken out
before the page is parsed for good. A first parse says which lines are code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from extractor.diagnostics.rules import report
from extractor.markdown.parser import Node, parse_markdown
from extractor.model import Diagnostic
from extractor.source.decoding import Source

Removed = dict[int, list[int]]
"""By line number, the columns of the characters to take out, ascending."""

UNESCAPES = 2
"""How often a page is unescaped at most: editors escape once a save."""

ESCAPED_STARTS = 3
"""How many escaped line starts make an escaped page."""

_STARTS = {
    "heading": re.compile(r"\s{0,3}(?:\\+#){1,6}(?=\s|\*)"),
    "bullet": re.compile(r"\s*\\+[-+*]\s+(?=\S)(?!\\*[-+*]\s)"),
    "number": re.compile(r"\s*\d{1,9}\\+[.)]\s"),
}
_ESCAPE = re.compile(r"(?P<code>(?P<ticks>`+).*?(?<!`)(?P=ticks)(?!`))|\\(?=[\\#\-+*_.)(>\[\]!~`])")
_SPACED_STARS = re.compile(
    r"\s*(?:[-+]\s+)?\*(?P<a> )\*\s?[^*\s][^*]{0,80}?[:：]\s?"
    r"(?:\*(?P<b> )\*|\*\*(?=\s|$))(?!\*|\s\*)"
)
_SIGN = re.compile(r"\s*(?:\d*\\|(?:[-+]\s+)?\* \*)")
"""What a line that is worth a closer look begins with."""


class Body(NamedTuple):
    """A page's body, parsed.

    Attributes:
        nodes: Its top-level nodes, in page order.
        lines: The lines of the page as the parser saw them last, front matter included.
        removed: What was taken out of them.
        diagnostics: What was found on the way.
    """

    nodes: list[Node]
    lines: Sequence[str]
    removed: Removed
    diagnostics: Sequence[Diagnostic] = ()


def parse_body(source: Source, first: int, *, repair: bool = True) -> Body:
    """Parse the body; where markup was hidden from the parser, bring it out and parse again.

    Args:
        source: The page.
        first: Number of the body's first line.
        repair: Whether hidden markup is brought out.
    """
    body = Body(parse_markdown(source.lines[first - 1 :], first), source.lines, {})
    for _ in range(UNESCAPES if repair else 0):
        found = find_escapes(body.lines, first, body.nodes)
        if not found:
            break
        removed = add_up(body.removed, found)
        lines = remove(source.lines, removed)
        body = Body(parse_markdown(lines[first - 1 :], first), lines, removed)
    return body._replace(diagnostics=list(_report_removed(source, body.removed)))


def _report_removed(source: Source, removed: Removed) -> Iterator[Diagnostic]:
    for number, columns in removed.items():
        line = source.lines[number - 1]
        backslashes = [column for column in columns if line[column] == "\\"]
        if not backslashes:
            continue
        start, end = backslashes[0], min(backslashes[-1] + 2, len(line))
        gone = set(backslashes)
        after = "".join(line[at] for at in range(start, end) if at not in gone)
        span = source.span(number, start, number, end)
        yield report("escaped-markup", span, before=line[start:end], after=after)


def find_escapes(lines: Sequence[str], first: int, nodes: Sequence[Node]) -> Removed:
    """Find the backslashes (and spaces between stars) that hide markup.

    Args:
        lines: The page's lines, front matter included.
        first: Number of the body's first line.
        nodes: The body as it was parsed with them.
    """
    body = lines[first - 1 :]
    if not any(_SIGN.match(line) for line in body):
        return {}
    code = set(_list_code_lines(nodes))
    prose = {number: line for number, line in enumerate(body, first) if line and number not in code}
    removed: Removed = {}
    live = _list_live(nodes)
    for find in REPAIRS:
        removed |= find(prose, live)
    return removed


def remove(lines: Sequence[str], removed: Mapping[int, Sequence[int]]) -> list[str]:
    """Take characters out of lines."""
    result = list(lines)
    for number, columns in removed.items():
        gone = set(columns)
        line = lines[number - 1]
        result[number - 1] = "".join(c for at, c in enumerate(line) if at not in gone)
    return result


def _find_spaced_stars(prose: Mapping[int, str], _live: set[str]) -> Removed:
    """Find `* * Label: * * text`, which reads as a list in a list."""
    found = ((number, _SPACED_STARS.match(line)) for number, line in prose.items())
    return {
        number: [match.start(space) for space in ("a", "b") if match[space]]
        for number, match in found
        if match
    }


def _find_backslashes(prose: Mapping[int, str], live: set[str]) -> Removed:
    starts = {
        number: kind
        for number, line in prose.items()
        for kind, pattern in _STARTS.items()
        if pattern.match(line)
    }
    hidden = set(starts.values()) - live
    if len(starts) < ESCAPED_STARTS or not hidden:
        return {}
    if not live:
        return {number: columns for number, line in prose.items() if (columns := _find(line))}
    # A mixed page goes line by line: only what has no live counterpart was escaped.
    return {
        number: _find(prose[number][: match.end()])
        for number, kind in starts.items()
        if kind in hidden and (match := _STARTS[kind].match(prose[number]))
    }


def _find(line: str) -> list[int]:
    """Find the backslashes that escape markup in a line, outside code spans."""
    if "\\" not in line:
        return []
    columns: list[int] = []
    for match in _ESCAPE.finditer(line):
        if match["code"] is None:
            columns.append(match.start())
    return columns


REPAIRS: tuple[Callable[[Mapping[int, str], set[str]], Removed], ...] = (
    _find_spaced_stars,
    _find_backslashes,
)
"""What brings hidden markup out, in order; of two that change a line, the later one counts.

Each takes the lines of prose by number and the kinds of block markers that are alive.
"""


def _list_code_lines(nodes: Iterable[Node]) -> Iterator[int]:
    for node in nodes:
        if node.type in ("block_code", "block_html"):
            yield from range(node.line, node.end_line + 1)
        yield from _list_code_lines(node.children)


def _list_live(nodes: Iterable[Node]) -> set[str]:
    """List the kinds of block markers that are alive on the page."""
    live = set()
    for node in nodes:
        if node.type == "heading":
            live.add("heading")
        elif node.type == "list":
            live.add("number" if node.attrs["ordered"] else "bullet")
    return live


def add_up(removed: Removed, found: Removed) -> Removed:
    """Express what a second round found in the columns of the source."""
    total = {number: list(columns) for number, columns in removed.items()}
    for number, columns in found.items():
        gone = total.get(number, [])
        total[number] = sorted([*gone, *(_restore(column, gone) for column in columns)])
    return total


def _restore(column: int, removed: Iterable[int]) -> int:
    for gone in removed:
        if gone <= column:
            column += 1
    return column
