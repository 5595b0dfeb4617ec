"""The formats of a comparison that are made of lines, one file each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from extractor.diff.changes import Counts, DocumentDiff
from extractor.diff.pairing import ComparedPage
from extractor.diff.render.json import render_json
from extractor.diff.render.markdown import render_markdown
from extractor.diff.render.text import render_text
from extractor.diff.sides import Side

Pages = Iterable[ComparedPage]


def _render_text(pages: Pages, counts: Counts, old: Side, new: Side) -> Iterator[str]:
    return render_text(_take_diffs(pages), counts)


def _render_json(pages: Pages, counts: Counts, old: Side, new: Side) -> Iterator[str]:
    return render_json(_take_diffs(pages), counts, old.name, new.name)


def _render_markdown(pages: Pages, counts: Counts, old: Side, new: Side) -> Iterator[str]:
    return render_markdown(_take_diffs(pages), counts)


def _take_diffs(pages: Pages) -> Iterator[DocumentDiff]:
    return (page.diff for page in pages)


RENDERERS: dict[str, Callable[[Pages, Counts, Side, Side], Iterator[str]]] = {
    "text": _render_text,
    "json": _render_json,
    "markdown": _render_markdown,
}
"""Those made of lines, by their names; each counts the pages in as it goes.

HTML is no stream of lines: see `extractor.diff.render.html`.
"""
