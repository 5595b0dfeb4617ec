"""The whole way from a page's bytes to its document."""

from __future__ import annotations

from typing import Any

from extractor.frontmatter.detection import FrontMatter, read_front_matter
from extractor.limits import limit_time
from extractor.markdown.parser import Node, parse_markdown
from extractor.model import Diagnostic, Document, Section, Span
from extractor.repair.body import repair_body
from extractor.repair.mojibake import find_mender
from extractor.source.decoding import Source, read_source
from extractor.structure.page import Page
from extractor.structure.sections import build_sections


def extract(
    text: str | bytes, path: str = "-", *, repair: bool = True, time_limit: float | None = None
) -> Document:
    """Turn a page into a document.

    Args:
        text: The page: its bytes as they lie on disk, or text (its spans are then those of
            its UTF-8).
        path: What the document calls the page; POSIX, relative to the input root.
        repair: Whether damaged markup is read as what was meant.
        time_limit: Seconds the page may take; held by a signal, so in the main thread only.

    Returns:
        The document. Problems of the page are in its diagnostics.

    Raises:
        PageRejected: If the page can't become a document: no text, invalid front matter, or
            more time than it may take.
    """
    with limit_time(time_limit, path):
        return _extract(text, path, repair)


def _extract(text: str | bytes, path: str, repair: bool) -> Document:
    source = read_source(text, path)
    front = read_front_matter(source)
    page, nodes = _parse(source, front, repair)
    sections = build_sections(nodes, page)
    metadata = _mend_metadata(front, page)
    return Document(
        schema="document/1",
        source=source.info,
        metadata=metadata,
        title=_find_title(metadata, sections, nodes),
        sections=sections,
        diagnostics=_sort([*source.diagnostics, *front.diagnostics, *page.diagnostics]),
    )


# --- parse, repair, parse again --------------------------------------------------------------


def _parse(source: Source, front: FrontMatter, repair: bool) -> tuple[Page, list[Node]]:
    """Parse the body, as it is or as it was meant."""
    first = front.body_line
    if not repair:
        return Page(source, repair=False), parse_markdown(source.lines[first - 1 :], first)
    mender = find_mender("\n".join(source.lines))
    rewriting, nodes = repair_body(source.lines, first, mender)
    page = Page(source, rewriting=rewriting, mender=mender)
    page.report_rewriting()
    return page, nodes


# --- metadata, title, order ------------------------------------------------------------------


def _mend_metadata(front: FrontMatter, page: Page) -> dict[str, Any]:
    if page.mender is None:
        return front.metadata
    head = Node("front_matter", 1, max(front.body_line - 1, 1), len(page.lines[0]))
    mended: dict[str, Any] = _mend_value(front.metadata, head, page)
    return mended


def _mend_value(value: Any, head: Node, page: Page) -> Any:
    if isinstance(value, str):
        return page.mend_text(value, head)
    if isinstance(value, list):
        return [_mend_value(entry, head, page) for entry in value]
    if isinstance(value, dict):
        return {key: _mend_value(entry, head, page) for key, entry in value.items()}
    return value


def _find_title(metadata: dict[str, Any], sections: list[Section], nodes: list[Node]) -> str | None:
    title = metadata.get("title")
    if isinstance(title, str | int | float) and not isinstance(title, bool):
        return str(title)
    tops = [section for section in sections if section.level == 1]
    # A bold paragraph before any heading opens a section of level 1; a real heading is better.
    real = {node.line for node in nodes if node.type == "heading"}
    tops.sort(key=lambda section: section.span is None or section.span.line not in real)
    return tops[0].heading if tops else None


def _sort(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    nowhere = Span(1, 1, 0, 0)
    return sorted(diagnostics, key=lambda d: ((d.span or nowhere).start, d.code, d.before or ""))
