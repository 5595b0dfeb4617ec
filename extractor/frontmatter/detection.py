"""Front matter: the metadata at the top of a page, and where the body begins.

What counts as front matter:

- YAML between a first line ``---`` or ``---yaml`` and a line ``---`` or ``...``, TOML
  between ``+++`` lines, JSON between ``;;;`` lines, or a JSON object that begins the
  page and ends its line. Blanks after a delimiter are allowed. Blank lines before it
  are allowed if all is well with it, otherwise it is text.
- A mapping, or nothing (comments included). ``---`` is a thematic break as well: what
  stands between two of them and is a text or a list was never meant as metadata and is
  left in the body; so is what can't be read and follows a blank line (the rule of
  pandoc). What looks like metadata and can't be read rejects the page.

PyYAML and python-frontmatter are imported with the first page that has a block:
they take longer than the rest of the program.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from extractor.diagnostics.rules import report
from extractor.frontmatter.fenced import find_fenced_page
from extractor.frontmatter.missed import find_missed
from extractor.frontmatter.places import ValuePlaces
from extractor.frontmatter.values import C1_CONTROL, MAX_LENGTH, TextRange, Unreadable, ValueProblem
from extractor.model import Diagnostic, PageRejected, Reject, Span
from extractor.pointers import parse_pointer
from extractor.source.decoding import Source

_CLOSERS = {
    "---": ("---", "..."),
    "---yaml": ("---", "..."),
    "+++": ("+++",),
    ";;;": (";;;",),
}
_COMMENT = re.compile(r"[ \t]*(?:#|$)")
_YAML_ENTRY = re.compile(
    r"[ \t]*(?:(?:[^\s#*>`|@%\[!-]|[!-][^\s\[])[^\n]*?:(?:\s|$)|[\w-]+:(?!//)|[{?&]|![^\[])"
)
_ENTRY = {
    "---": _YAML_ENTRY,
    "---yaml": _YAML_ENTRY,
    "+++": re.compile(r"""[ \t]*(?:[\w."' \t-]+=|\[)"""),
    ";;;": re.compile(r'[ \t]*["{]'),
}
_JSON_START = re.compile(r'\{\s*(?:"|\})')


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a page says about itself.

    Attributes:
        metadata: JSON values; {} without front matter.
        body_line: 1-based line at which the body starts; after the last line if
            there is none.
        diagnostics: In page order.
        places: Where each value stands; None without front matter.
        has_controls: Whether there are C1 controls in it, and it is YAML, which does not
            allow them.
    """

    metadata: dict[str, Any]
    body_line: int
    diagnostics: list[Diagnostic] = field(default_factory=list)
    places: ValuePlaces | None = field(default=None, compare=False, repr=False)
    has_controls: bool = False


class _Block(NamedTuple):
    """Lines that look like front matter; indexes from 0, delimiters included."""

    first: int
    last: int
    text: str
    certain: bool  # Not text between thematic breaks, whatever is in it.


def read_front_matter(source: Source) -> FrontMatter:
    """Read the front matter of a page, if it has any.

    Raises:
        PageRejected: If it is invalid (``invalid-front-matter``) or would take too
            much time or memory (``unsafe-front-matter``).
    """
    found = _find_block(source)
    return found if isinstance(found, FrontMatter) else _read_block(source, found)


def find_places(source: Source) -> ValuePlaces | None:
    """Find where the values stand on a page that `read_front_matter` has read.

    Returns:
        The places, found without building the values again; None without front matter.
    """
    block = _find_block(source)
    if isinstance(block, FrontMatter):
        return None
    from extractor.frontmatter.formats import split_metadata

    handler, inside, _ = split_metadata(block.text)
    return ValuePlaces(source, block.first + 1, inside, handler.find_places)


def _find_block(source: Source) -> _Block | FrontMatter:
    """Find the lines that look like front matter, or tell what there is in place of them."""
    lines = source.lines
    first = next((at for at, line in enumerate(lines) if line and not line.isspace()), None)
    if first is None:
        return FrontMatter({}, 1)
    opening = lines[first].rstrip(" \t")
    if opening in _CLOSERS:
        return _find_fenced(source, first, opening)
    if opening.startswith("{"):
        return _find_leading_json(source, first)
    found = find_missed(source, first) or find_fenced_page(source, first)
    return FrontMatter({}, 1, [found] if found else [])


def _find_fenced(source: Source, first: int, opening: str) -> _Block | FrontMatter:
    lines = source.lines
    last = _find_closing(lines, first + 1, opening)
    attached = first + 1 < len(lines) and not _is_blank(lines[first + 1])
    if last is None:
        is_meant = attached and _has_entry(lines[first + 1 :], opening)
        return _leave(source, first, first, "unclosed-front-matter" if is_meant else None)
    inside = lines[first + 1 : last]
    if all(_COMMENT.match(line) for line in inside) and (attached or not any(inside)):
        return FrontMatter({}, last + 2)
    if not _has_entry(inside, opening):
        return _leave(source, first, last, "not-front-matter" if attached else None)
    if sum(map(len, inside)) > MAX_LENGTH:
        raise _rejection(source, first, _too_long())
    text = "\n".join(lines[first : last + 1])
    return _Block(first, last, text, certain=attached and first == 0)


def _find_closing(lines: Sequence[str], start: int, opening: str) -> int | None:
    closers = _CLOSERS[opening]
    below = range(start, len(lines))
    return next((at for at in below if lines[at].rstrip(" \t") in closers), None)


def _find_leading_json(source: Source, first: int) -> _Block | FrontMatter:
    lines = source.lines
    text = _join_head(lines, first)
    if not _JSON_START.match(text):
        return FrontMatter({}, 1)
    from extractor.frontmatter.formats import split_metadata

    try:
        _, inside, rest = split_metadata(text)
    except Unreadable as error:
        raise _rejection(source, first, error) from None
    except ValueError:
        return _leave(source, first, first, "unclosed-front-matter")
    if len(inside) > MAX_LENGTH:
        raise _rejection(source, first, _too_long())
    last = first + inside.count("\n")
    if rest.partition("\n")[0].strip():
        return _leave(source, first, last, "not-front-matter")
    return _Block(first, last, inside, certain=False)


def _join_head(lines: Sequence[str], first: int) -> str:
    """Join as many lines as front matter may have."""
    length, last = 0, first
    while last < len(lines) and length <= MAX_LENGTH:
        length += len(lines[last]) + 1
        last += 1
    return "\n".join(lines[first:last])


def _read_block(source: Source, block: _Block) -> FrontMatter:
    from extractor.frontmatter.formats import split_metadata

    handler, inside, _ = split_metadata(block.text)
    try:
        values, problems = handler.load(inside)
    except Unreadable as error:
        if block.certain or error.rule == "unsafe-front-matter":
            raise _rejection(source, block.first, error) from None
        message = f"This was read as text, not as front matter: {error}."
        return _leave(source, block.first, block.last, "not-front-matter", message)
    if values is None:
        values = {}
    if not isinstance(values, dict):
        return _leave(source, block.first, block.last, "not-front-matter")
    places = ValuePlaces(source, block.first + 1, inside, handler.find_places)
    diagnostics = [_report_problem(source, block, problem, places) for problem in problems]
    diagnostics.sort(key=_page_order)
    has_controls = handler.refuses_controls and _has_controls(inside)
    return FrontMatter(values, block.last + 2, diagnostics, places, has_controls)


def _leave(
    source: Source, first: int, last: int, rule: str | None, message: str | None = None
) -> FrontMatter:
    """Leave everything in the body, with a diagnostic of `rule` if there is one."""
    diagnostics = []
    if rule is not None:
        span = source.span(first + 1, 0, last + 1, len(source.lines[last]))
        diagnostics.append(report(rule, span, message))
    return FrontMatter({}, 1, diagnostics)


def _has_entry(lines: Sequence[str], opening: str) -> bool:
    """Tell whether the first line that is no comment could be an entry of a mapping."""
    line = next((line for line in lines if not _COMMENT.match(line)), "")
    return _ENTRY[opening].match(line) is not None


def _has_controls(text: str) -> bool:
    return not text.isascii() and C1_CONTROL.search(text) is not None


def _is_blank(line: str) -> bool:
    return not line or line.isspace()


def _report_problem(
    source: Source, block: _Block, problem: ValueProblem, places: ValuePlaces
) -> Diagnostic:
    if problem.place is None:
        span = places.find(parse_pointer(problem.pointer))
    else:
        span = _locate(source, block.first, problem.place)
    return report(
        problem.rule,
        span,
        problem.message,
        pointer="/metadata" + problem.pointer,
        before=problem.before,
        after=problem.after,
    )


def _locate(source: Source, first: int, place: TextRange) -> Span:
    line, column, end_line, end_column = place
    return source.span(first + line + 1, column, first + end_line + 1, end_column)


def _page_order(diagnostic: Diagnostic) -> tuple[int, str]:
    return (diagnostic.span.start if diagnostic.span else 0, diagnostic.code)


def _too_long() -> Unreadable:
    return Unreadable("unsafe-front-matter", f"it is longer than {MAX_LENGTH} characters")


def _rejection(source: Source, first: int, error: Unreadable) -> PageRejected:
    line = first + 1 + (error.line or 0)
    message = f"The front matter can't be read: {error}."
    return PageRejected(Reject(source.info.path, error.rule, message, line))
