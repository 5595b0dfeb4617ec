"""The metadata and the title of a document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from extractor.frontmatter.controls import report_controls
from extractor.frontmatter.detection import FrontMatter
from extractor.markdown.parser import Node
from extractor.model import Section
from extractor.structure.page import Page


def repair_metadata(front: FrontMatter, page: Page) -> dict[str, Any]:
    """Repair the mojibake in the values of front matter."""
    if not front.metadata:
        return {}
    head = Node("front_matter", 1, max(front.body_line - 1, 1), len(page.places.lines[0]))
    metadata = {key: _repair_value(value, head, page) for key, value in front.metadata.items()}
    page.findings.diagnostics.extend(report_controls(front, metadata))
    return metadata


def _repair_value(value: Any, head: Node, page: Page) -> Any:
    if isinstance(value, str):
        return page.repair_text(value, head)
    if isinstance(value, list):
        return [_repair_value(entry, head, page) for entry in value]
    if isinstance(value, dict):
        return {key: _repair_value(entry, head, page) for key, entry in value.items()}
    return value


def find_title(
    metadata: dict[str, Any], sections: Sequence[Section], nodes: Iterable[Node]
) -> str | None:
    """Find the title of a page: the one in its front matter, else its first heading of level 1.

    Args:
        metadata: The front matter.
        sections: The sections, in page order.
        nodes: The nodes that they were built from.
    """
    title = metadata.get("title")
    if isinstance(title, str | int | float) and not isinstance(title, bool):
        return str(title)
    # A bold paragraph before any heading opens a section of level 1, but gives no title.
    real = {node.line for node in nodes if node.type == "heading"}
    for section in sections:
        if section.level == 1 and section.span is not None and section.span.line in real:
            return section.heading or " ".join([image.alt for image in section.images]) or None
    return None
