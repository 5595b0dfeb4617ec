"""A comparison as Markdown, for the comment of a pull request.

Page text stands in ``<code>``, every mark of Markdown in it as an entity: no
page can mention a user, close an issue, load an image or break the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from extractor.diff.changes import Change, Counts, DocumentDiff
from extractor.diff.render.phrases import (
    describe_change,
    describe_changes,
    describe_page,
    describe_pages,
    list_rules,
)
from extractor.wording import count, reveal

LONGEST_COMMENT = 60_000
"""Code points that are written at most; GitHub takes 65,536."""
_LONGEST_PAGE = 12_000
"""Code points that one page may take."""

_MARKS = re.compile(r"[\\`*_{}\[\]()#+\-.!|~:@/$^=]")
_TAGS = {"added": "ins", "removed": "del"}
_SIGNS = {"+": "➕", "-": "➖", "~": "✏️", ">": "↕️"}


def render_markdown(
    diffs: Iterable[DocumentDiff], counts: Counts, longest: int = LONGEST_COMMENT
) -> Iterator[str]:
    """Render a comparison as the lines of a comment, the summary first.

    Args:
        diffs: What is different about each page.
        counts: Counts every page in.
        longest: Code points to write at most; pages that don't fit are counted instead.
    """
    pages: list[str] = []
    left_out, room = 0, longest - 2_000
    for diff in diffs:
        counts.add(diff)
        if diff.kind == "same":
            continue
        text = _render_page(diff)
        if left_out or len(text) > room:
            left_out += 1
        else:
            room -= len(text)
            pages.append(text)
    yield from _render_summary(counts)
    yield from pages
    if left_out:
        word = "is" if left_out == 1 else "are"
        yield f"\n{count(left_out, 'more page')} {word} different; see `extractor diff`."


def _render_summary(counts: Counts) -> Iterator[str]:
    title = "Extraction differs" if counts.different else "Extraction is the same"
    yield f"### {title}\n"
    yield f"{describe_pages(counts)}\n"
    changes = describe_changes(counts)
    if changes:
        yield f"{changes}\n"
    rules = list(list_rules(counts))
    if rules:
        yield "| Diagnostic | New | Gone |\n| --- | ---: | ---: |"
        yield "".join(f"| {rule} | {new:,} | {gone:,} |\n" for rule, new, gone in rules)


def _render_page(diff: DocumentDiff) -> str:
    """Render a page as a fold with a list in it."""
    number = len(diff.changes)
    changes = f", {count(number, 'change')}" if number else ""
    state = _escape(describe_page(diff))
    head = f"<details><summary><b>{write_code(diff.path)}</b> {state}{changes}</summary>\n"
    lines, room = [head], _LONGEST_PAGE
    for position, change in enumerate(diff.changes):
        line = _render_change(change)
        room -= len(line)
        if room < 0:
            lines.append(f"- … and {number - position:,} more")
            break
        lines.append(line)
    return "\n".join([*lines, "\n</details>\n"])


def _render_change(change: Change) -> str:
    phrase = describe_change(change)
    name = f" {write_code(phrase.name)}" if phrase.name else ""
    pieces = "".join(_render_piece(piece.op, piece.text) for piece in phrase.pieces)
    text = f": <code>{pieces}</code>" if pieces else ""
    place = f" ({phrase.place})" if phrase.place else ""
    return f"- {_SIGNS[phrase.sign]} {_escape(phrase.subject)}{name}{text}{place}"


def _render_piece(op: str, text: str) -> str:
    tag = _TAGS.get(op)
    return f"<{tag}>{_escape(text)}</{tag}>" if tag and text else _escape(text)


def write_code(text: str) -> str:
    """Write page text so that neither Markdown nor HTML nor GitHub reads anything into it.

    >>> write_code("@team *x*")
    '<code>&#64;team &#42;x&#42;</code>'
    """
    return f"<code>{_escape(reveal(text))}</code>"


def _escape(text: str) -> str:
    return _MARKS.sub(lambda m: f"&#{ord(m[0])};", escape(text, quote=False))
