"""The formats of a comparison, one file each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TextIO

from extractor.diff.changes import Counts, DocumentDiff
from extractor.diff.pairing import ComparedPage
from extractor.diff.render.html import render_html
from extractor.diff.render.json import render_json
from extractor.diff.render.markdown import render_markdown
from extractor.diff.render.text import render_text
from extractor.diff.sides import Side

Pages = Iterable[ComparedPage]


def write_text(pages: Pages, counts: Counts, old: Side, new: Side, out: TextIO) -> None:
    """Write a comparison as lines of text."""
    _write_lines(render_text(_take_diffs(pages), counts), out)


def write_json(pages: Pages, counts: Counts, old: Side, new: Side, out: TextIO) -> None:
    """Write a comparison as JSON."""
    _write_lines(render_json(_take_diffs(pages), counts, old.name, new.name), out)


def write_markdown(pages: Pages, counts: Counts, old: Side, new: Side, out: TextIO) -> None:
    """Write a comparison as the comment of a pull request."""
    _write_lines(render_markdown(_take_diffs(pages), counts), out)


def write_html(pages: Pages, counts: Counts, old: Side, new: Side, out: TextIO) -> None:
    """Write a comparison as one HTML file, whatever the encoding of the text stream."""
    render_html(pages, counts, old.name, new.name, out.buffer)


def _take_diffs(pages: Pages) -> Iterator[DocumentDiff]:
    return (page.diff for page in pages)


def _write_lines(lines: Iterable[str], out: TextIO) -> None:
    for line in lines:
        out.write(f"{line}\n")


WRITERS: dict[str, Callable[[Pages, Counts, Side, Side, TextIO], None]] = {
    "text": write_text,
    "json": write_json,
    "markdown": write_markdown,
    "html": write_html,
}
"""By the name of the format; each counts the pages in as it goes."""
