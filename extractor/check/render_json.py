"""Findings as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from extractor.check.findings import Finding, Summary

FORMAT_NAME = "check/1"
"""Name and version of the JSON format."""


def render_json(findings: Iterable[Finding], summary: Summary) -> Iterator[str]:
    """Render findings as one JSON object: format, findings, summary.

    Args:
        findings: In the order to print.
        summary: Read when the findings are all there.
    """
    yield f'{{"format":"{FORMAT_NAME}","findings":['
    for index, finding in enumerate(findings):
        yield (",\n" if index else "\n") + msgspec.json.encode(finding).decode()
    yield f'\n],"summary":{msgspec.json.encode(summary).decode()}}}\n'
