"""A page that lies in one fence: it came from a program that quoted what it wrote."""

from __future__ import annotations

import re

from extractor.diagnostics.rules import report
from extractor.model import Diagnostic
from extractor.source.decoding import Source

_OPENING = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*(?:markdown|md|mdx)[ \t]*", re.IGNORECASE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^`]*?)[ \t]*")


def find_fenced_page(source: Source, first: int) -> Diagnostic | None:
    """Find a fence of Markdown from a page's first line to its last.

    Fences in it that say their language are counted, for who quotes a page seldom takes a
    longer fence than those within: CommonMark would end the page at the first of them.

    Args:
        source: The page.
        first: Index of its first line that is not blank.
    """
    lines = source.lines
    opening = _OPENING.fullmatch(lines[first])
    if opening is None:
        return None
    last = next(at for at in range(len(lines) - 1, -1, -1) if lines[at].strip())
    fences = [opening[1]]
    for at in range(first + 1, last + 1):
        fence = _FENCE.fullmatch(lines[at])
        if fence is None:
            continue
        if fence[2] or not fence[1].startswith(fences[-1]):
            fences.append(fence[1])
            continue
        fences.pop()
        if not fences:
            span = source.span(first + 1, 0, last + 1, len(lines[last]))
            return report("fenced-page", span) if at == last else None
    return None
