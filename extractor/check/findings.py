"""Diagnostics as a linter gives them: findings with lines and columns, and how they read."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Annotated, Any

from msgspec import Meta, Struct

from extractor.diagnostics.rules import RULES
from extractor.model import Diagnostic, Document, Reject, Severity, Span
from extractor.source.decoding import Source, read_source
from extractor.wording import reveal

LONGEST_QUOTE = 80
"""Code points of page text that a message quotes at most."""


class Finding(Struct, frozen=True, kw_only=True):
    """A diagnostic or a reject, as an editor wants it.

    Lines and columns are 1-based, columns count code points, and the end is the
    first column after the finding. A finding about a whole page has no place.
    """

    path: Annotated[str, Meta(description="The file as it can be opened, or its URL.")]
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    start: Annotated[int | None, Meta(description="Offset of the first byte.")] = None
    end: Annotated[int | None, Meta(description="Offset after the last byte.")] = None
    code: str
    rule: str
    severity: Severity
    message: str
    pointer: Annotated[str | None, Meta(description="JSON pointer into the document.")] = None
    before: Annotated[str | None, Meta(description="What stands in the file.")] = None
    after: Annotated[str | None, Meta(description="What it was read as.")] = None
    fixable: Annotated[bool, Meta(description="Whether `--fix` fixes it.")] = False
    rejected: Annotated[bool, Meta(description="Whether the page gave no document.")] = False
    encoding: Annotated[str | None, Meta(description="Codec of the file.")] = None
    fingerprint: Annotated[str, Meta(description="Stays when lines move.")]


class Summary(Struct):
    """What a check came to; it grows while findings are made.

    Attributes:
        pages: Pages looked at.
        rejected: Pages that gave no document.
        findings: Findings reported.
        errors: Findings that are errors.
        warnings: Findings that are warnings.
        notes: Findings that are notes.
        fixable: Findings that `--fix` fixes.
        fixed: Diagnostics that are gone from the pages.
        withheld: Fixes that were asked for and not made.
    """

    pages: int = 0
    rejected: int = 0
    findings: int = 0
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    fixable: int = 0
    fixed: int = 0
    withheld: int = 0

    def add(self, finding: Finding) -> None:
        """Count a finding."""
        self.findings += 1
        self.rejected += finding.rejected
        self.errors += finding.severity == "error"
        self.warnings += finding.severity == "warning"
        self.notes += finding.severity == "note"
        self.fixable += finding.fixable


def list_findings(
    document: Document,
    data: bytes,
    path: str,
    codes: frozenset[str],
    fixable: frozenset[Diagnostic] = frozenset(),
) -> list[Finding]:
    """Turn the diagnostics of a page into findings, sorted by place.

    Args:
        document: What was extracted from the page.
        data: The bytes of the page.
        path: The page's name in the findings.
        codes: Codes of the rules to report.
        fixable: The diagnostics that `--fix` fixes.
    """
    chosen = sorted((entry for entry in document.diagnostics if entry.code in codes), key=_rank)
    if not chosen:
        return []
    places = _Places(data, read_source(data, path))
    fingerprints = _Fingerprints()
    return [
        Finding(
            path=path,
            code=entry.code,
            rule=entry.rule,
            severity=entry.severity,
            message=entry.message,
            pointer=entry.pointer,
            before=entry.before,
            after=entry.after,
            fixable=entry in fixable,
            encoding=document.source.encoding,
            fingerprint=fingerprints.make(entry, places.slice(entry.span)),
            **places.locate(entry.span),
        )
        for entry in chosen
    ]


def make_finding(reject: Reject, path: str) -> Finding:
    """Turn a reject into a finding.

    Args:
        reject: Why a page gave no document.
        path: The page's name in the finding.
    """
    return Finding(
        path=path,
        line=reject.line,
        column=None if reject.line is None else 1,
        code=RULES[reject.rule].code,
        rule=reject.rule,
        severity="error",
        message=reject.message,
        rejected=True,
        fingerprint=_hash(reject.rule, reject.message),
    )


def describe(finding: Finding) -> str:
    """Say what was found, with what stood there and how it was read."""
    before, after = finding.before, finding.after
    if before is None or after is None or max(len(before), len(after)) > LONGEST_QUOTE:
        return finding.message
    return f"{finding.message.removesuffix('.')}: {reveal(before)} -> {reveal(after)}"


class _Places:
    """Knows lines and columns of a page's byte offsets."""

    def __init__(self, data: bytes, source: Source) -> None:
        self._data = data
        self._source = source
        self._last = (0, 0, 0)

    def locate(self, span: Span | None) -> dict[str, Any]:
        """Give the fields of a finding that say where it is; to be called in page order."""
        if span is None:
            return {}
        return {
            "line": span.line,
            "column": self._find_column(span.line, span.start),
            "end_line": span.end_line,
            "end_column": self._find_column(span.end_line, span.end),
            "start": span.start,
            "end": span.end,
        }

    def slice(self, span: Span | None) -> str:
        """Give the text of a span."""
        return self._decode(span.start, span.end) if span else ""

    def _find_column(self, line: int, offset: int) -> int:
        """Count code points up to an offset, from the last place known on that line.

        A page may be one line of megabytes with thousands of findings.
        """
        start, column = self._source.starts[line - 1], 1
        if self._last[0] == line and self._last[1] <= offset:
            _, start, column = self._last
        column += len(self._decode(start, offset))
        self._last = (line, offset, column)
        return column

    def _decode(self, start: int, end: int) -> str:
        return self._data[start:end].decode(self._source.info.encoding, "replace")


class _Fingerprints:
    """Names the findings of one page by what they say, not where.

    The same text found twice by the same rule is told apart by its number.
    """

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str]] = Counter()

    def make(self, diagnostic: Diagnostic, text: str) -> str:
        """Hash rule and text; to be called in page order."""
        words = " ".join(text.split()) or diagnostic.message
        self._seen[diagnostic.code, words] += 1
        return _hash(diagnostic.code, words, str(self._seen[diagnostic.code, words]))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _rank(diagnostic: Diagnostic) -> tuple[int, int, str]:
    span = diagnostic.span
    return (span.start, span.end, diagnostic.code) if span else (-1, -1, diagnostic.code)
