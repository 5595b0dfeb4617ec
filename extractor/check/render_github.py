"""Findings as commands that GitHub turns into annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractor.check.findings import Finding, Summary, describe
from extractor.wording import reveal


def render_github(findings: Iterable[Finding], summary: Summary) -> Iterator[str]:
    """Render findings as workflow commands, which GitHub shows beside the lines.

    Source: GitHub Docs, "Workflow commands for GitHub Actions".

    Args:
        findings: In the order to print.
        summary: Not part of this format.
    """
    for finding in findings:
        level = "notice" if finding.severity == "note" else finding.severity
        properties = ",".join(
            f"{name}={reveal(_escape_property(str(value)))}"
            for name, value in _list_properties(finding).items()
            if value is not None
        )
        yield f"::{level} {properties}::{reveal(_escape_command(describe(finding)))}\n"


def _list_properties(finding: Finding) -> dict[str, str | int | None]:
    """List where an annotation belongs; columns count only within one line."""
    one_line = finding.line == finding.end_line
    return {
        "file": finding.path,
        "line": finding.line or 1,
        "endLine": finding.end_line,
        "col": finding.column if one_line else None,
        "endColumn": finding.end_column if one_line else None,
        "title": f"{finding.code} {finding.rule}",
    }


def _escape_command(text: str) -> str:
    """Escape the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    """Escape a property of a workflow command."""
    return _escape_command(text).replace(":", "%3A").replace(",", "%2C")
