"""Findings as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractor.check.findings import Finding, Summary, describe
from extractor.wording import reveal


def render_text(findings: Iterable[Finding], summary: Summary) -> Iterator[str]:
    """Render findings as `path:line:column: code rule: message`, one a line.

    Args:
        findings: In the order to print.
        summary: Not part of this format.
    """
    for finding in findings:
        place = f"{finding.path}:{finding.line or 1}:{finding.column or 1}"
        yield reveal(f"{place}: {finding.code} {finding.rule}: {describe(finding)}") + "\n"
