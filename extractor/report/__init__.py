"""A run as one HTML file: every page's source beside what was extracted from it.

The file opens without a network and holds nothing that runs but its own program.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from extractor.model import Document, Reject
from extractor.report.shell import ShellWriter, show_source
from extractor.report.summary import ListedPage, PageCounts
from extractor.storage.files import open_aside
from extractor.wording import count

_TITLE = "Extraction report"


class ReportPage(NamedTuple):
    """A page that was extracted.

    Attributes:
        document: The JSON of its document, spans included, as ``Document.to_json`` writes it.
        source: The page's bytes; None leaves its source out.
        records: The JSON lines of its records.
    """

    document: bytes
    source: bytes | None
    records: Sequence[bytes] = ()


class ReportReject(NamedTuple):
    """A page that was rejected.

    Attributes:
        reject: Why.
        source: The page's bytes; None leaves its source out.
    """

    reject: Reject
    source: bytes | None


def render_report(
    pages: Iterable[ReportPage | ReportReject], out: BinaryIO, *, title: str = _TITLE
) -> None:
    """Write the report of a run as it comes; memory holds one page at a time.

    Args:
        pages: What came of each page, in the order in which they are listed.
        out: Where to write, UTF-8.
        title: Shown at the top.

    Raises:
        msgspec.DecodeError: If a document or a record is not JSON of the right shape.
    """
    shell = ShellWriter(out, title)
    summary = PageCounts()
    entries = [_add(page, shell, summary) for page in pages]
    pages_word = count(len(entries), "page")
    clean = sum(entry.kind == "clean" for entry in entries)
    shell.close(
        {
            "mode": "report",
            "title": title,
            "about": pages_word,
            "lede": f"{pages_word}, {clean:,} of them without a diagnostic.",
            "stats": summary.list_stats(),
            "summary": summary.show(),
            "pages": entries,
        }
    )


def write_report(
    path: str | os.PathLike[str],
    pages: Iterable[ReportPage | ReportReject],
    *,
    title: str = _TITLE,
) -> None:
    """Write the report of a run to a file, which is there when it is complete.

    Args:
        path: The file; replaced if there is one.
        pages: As for `render_report`.
        title: Shown at the top.

    Raises:
        OSError: If it can't be written.
    """
    with open_aside(Path(path)) as out:
        render_report(pages, out, title=title)


def _add(page: ReportPage | ReportReject, shell: ShellWriter, summary: PageCounts) -> ListedPage:
    """Write a page and count it in."""
    if isinstance(page, ReportReject):
        source = show_source(page.source, page.reject.path)
        shell.add_page(msgspec.json.encode({"reject": page.reject, "source": source}))
        return summary.add_reject(page.reject)
    document = msgspec.json.decode(page.document, type=Document)
    records = [msgspec.json.decode(line, type=dict[str, Any]) for line in page.records]
    payload = {
        "document": msgspec.Raw(page.document),
        "records": [msgspec.Raw(line) for line in page.records],
        "source": show_source(page.source, document.source.path),
    }
    shell.add_page(msgspec.json.encode(payload))
    return summary.add_document(document, records)
