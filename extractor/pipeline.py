"""The whole way from a page's bytes to its document."""

from __future__ import annotations

from extractor.diagnostics.rules import sort_diagnostics
from extractor.frontmatter.detection import read_front_matter
from extractor.limits import limit_time
from extractor.model import SCHEMA_NAME, Document
from extractor.repair.body import parse_body
from extractor.sizes import DEFAULT_MAX_RESULT
from extractor.source.decoding import read_source
from extractor.structure.metadata import find_title, repair_metadata
from extractor.structure.page import Page
from extractor.structure.sections import build_sections


def extract(
    text: str | bytes,
    path: str = "-",
    *,
    repair: bool = True,
    time_limit: float | None = None,
    max_result: int | None = DEFAULT_MAX_RESULT,
) -> Document:
    """Turn a page into a document.

    Args:
        text: The page: its bytes as they lie on disk, or text (its spans are then those of
            its UTF-8).
        path: What the document calls the page; POSIX, relative to the input root.
        repair: Whether damaged markup is read as what was meant.
        time_limit: Seconds the page may take; held by a signal, so in the main thread only, and
            not on Windows.
        max_result: How many times as large as the page its result may be, at least 16 MiB;
            None for no limit.

    Returns:
        The document. Problems of the page are in its diagnostics.

    Raises:
        PageRejected: If the page can't become a document: no text, invalid front matter,
            more time or a larger result than it may have.
    """
    with limit_time(time_limit, path):
        return _read_document(text, path, repair, max_result)


def _read_document(text: str | bytes, path: str, repair: bool, max_result: int | None) -> Document:
    """Go the whole way: each line is a stage, and takes what the one before it gives."""
    source = read_source(text, path)  # bytes → lines
    front = read_front_matter(source)  # lines → metadata, and where the body begins
    body = parse_body(source, front.body_line, repair=repair)  # lines → nodes
    page = Page(source, body, repair=repair, max_result=max_result)
    sections = build_sections(body.nodes, page)  # nodes → blocks → sections
    metadata = repair_metadata(front, page)
    findings = (source, front, body, page.findings)
    return Document(
        schema=SCHEMA_NAME,
        source=source.info,
        metadata=metadata,
        title=find_title(metadata, sections, body.nodes),
        sections=sections,
        diagnostics=sort_diagnostics(d for stage in findings for d in stage.diagnostics),
    )
