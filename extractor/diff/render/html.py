"""A comparison as one HTML file: the report's page, with what is different marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, BinaryIO

import msgspec

from extractor.diff.changes import Counts, DocumentDiff, rule_of
from extractor.diff.pairing import ComparedPage
from extractor.diff.render.phrases import describe_pages
from extractor.diff.sides import PageState
from extractor.report.shell import ShellWriter, show_source
from extractor.report.summary import ListedPage

_TITLE = "Extraction diff"


def render_html(
    pages: Iterable[ComparedPage], counts: Counts, old: str, new: str, out: BinaryIO
) -> None:
    """Write a comparison as it comes; memory holds one page at a time.

    Args:
        pages: What is different about each page; the same ones are counted and passed over.
        counts: Counts every page in as it goes by.
        old: Name of the old side.
        new: Name of the new side.
        out: Where to write, UTF-8.
    """
    shell = ShellWriter(out, _TITLE)
    entries = []
    for page in pages:
        counts.add(page.diff)
        if page.diff.kind != "same":
            shell.add_page(msgspec.json.encode(_show_page(page)))
            entries.append(_list_page(page.diff))
    shell.close(
        {
            "mode": "diff",
            "title": _TITLE,
            "about": f"{old} → {new}",
            "lede": f"{describe_pages(counts).capitalize()}.",
            "stats": _list_stats(counts),
            "counts": counts,
            "pages": entries,
        }
    )


def _show_page(page: ComparedPage) -> dict[str, Any]:
    """Give what the program draws of a page."""
    new, old = page.new or PageState(), page.old or PageState()
    return {
        "diff": page.diff,
        "document": msgspec.Raw(new.document or b"null"),
        "old": {"document": msgspec.Raw(old.document or b"null")},
        "reject": new.reject or old.reject,
        "source": show_source(new.source, page.diff.path),
    }


def _list_page(diff: DocumentDiff) -> ListedPage:
    rules = Counter(rule_of(c) for c in diff.changes if c.what in ("diagnostic", "reject"))
    whats = Counter[str](change.what for change in diff.changes)
    return ListedPage(
        path=diff.path,
        title=diff.title,
        kind=diff.kind,
        rules=dict(sorted(rules.items())),
        whats=dict(sorted(whats.items())),
        old_path=diff.old_path,
        changes=len(diff.changes),
    )


def _list_stats(counts: Counts) -> list[tuple[str, int, str]]:
    """List the figures at the top: label, number, tone."""
    tones = {"changed": "changed", "added": "added", "removed": "removed", "renamed": "moved"}
    pages = [(f"pages {kind}", counts.documents[kind], tone) for kind, tone in tones.items()]
    total = sum(sum(kinds.values()) for kinds in counts.changes.values())
    return [*pages, ("pages the same", counts.documents["same"], ""), ("changes", total, "")]
