"""What the summary and the list of a report show: counts by kind and rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from extractor.diagnostics.rules import RULES
from extractor.model import Block, Document, Reject, Severity, iter_blocks


class ListedPage(Struct, omit_defaults=True):
    """A page in the list.

    Attributes:
        path: Of the page.
        title: Of the page.
        kind: ``clean``, ``found`` (it has diagnostics) or ``rejected``; of a
            comparison, what became of the page.
        severities: Number of findings by severity.
        rules: Number of diagnostics by rule.
        whats: Number of changes by what is different.
        headings: What can be searched for besides.
        old_path: Where a renamed page was.
        changes: Number of changes.
    """

    path: str
    title: str | None
    kind: str
    severities: dict[str, int] = {}
    rules: dict[str, int] = {}
    whats: dict[str, int] = {}
    headings: list[str] = []
    old_path: str | None = None
    changes: int = 0


class RuleCount(Struct):
    """How often a rule applied, and what it is."""

    code: str
    severity: Severity
    summary: str
    count: int = 0


class PageCounts:
    """Counts over all pages; grows with the number of rules and types only."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.pages = 0
        self.sections: Counter[str] = Counter()
        self.blocks: Counter[str] = Counter()
        self.entries: Counter[str] = Counter()
        self.rules: dict[str, RuleCount] = {}
        self.rejects: Counter[str] = Counter()
        self.records: dict[str, Counter[str]] = {}

    def add_document(self, document: Document, records: Iterable[dict[str, Any]]) -> ListedPage:
        """Count a document in; return its line in the list."""
        self.pages += 1
        self.sections.update(section.type for section in document.sections)
        for section in document.sections:
            self._count_blocks(section.blocks)
        severities = Counter[str](d.severity for d in document.diagnostics)
        severities["error"] += self._count_records(records)
        rules = Counter(d.rule for d in document.diagnostics)
        self._count_rules(rules)
        return ListedPage(
            path=document.source.path,
            title=document.title,
            kind="found" if +severities else "clean",
            severities=dict(+severities),
            rules=dict(sorted(rules.items())),
            headings=[section.heading for section in document.sections if section.heading],
        )

    def add_reject(self, reject: Reject) -> ListedPage:
        """Count a rejected page in; return its line in the list."""
        self.pages += 1
        self.rejects[reject.rule] += 1
        return ListedPage(path=reject.path, title=None, kind="rejected", rules={reject.rule: 1})

    def _count_blocks(self, blocks: Iterable[Block]) -> None:
        for block in iter_blocks(blocks):
            kind = str(block.__struct_config__.tag)
            self.blocks[kind] += 1
            if kind in ("list", "definitions"):
                self.entries[kind] += len(block.items)  # type: ignore[union-attr]

    def _count_rules(self, rules: Counter[str]) -> None:
        for rule, number in rules.items():
            if rule not in self.rules:
                info = RULES[rule]
                self.rules[rule] = RuleCount(info.code, info.severity, info.summary)
            self.rules[rule].count += number

    def _count_records(self, records: Iterable[dict[str, Any]]) -> int:
        """Count the records of a page; return the number of their errors."""
        errors = 0
        for record in records:
            counts = self.records.setdefault(record["schema"], Counter(valid=0, invalid=0))
            counts["invalid" if record["errors"] else "valid"] += 1
            errors += len(record["errors"])
        return errors

    def show(self) -> dict[str, Any]:
        """Give the counts as the program takes them."""
        return {
            "rules": self.rules,
            "rejects": self.rejects,
            "sections": self.sections,
            "blocks": self.blocks,
            "records": dict(sorted(self.records.items())),
        }

    def list_stats(self) -> list[tuple[str, int, str]]:
        """List the figures at the top: label, number, tone."""
        severities = Counter[str]()
        for rule in self.rules.values():
            severities[rule.severity] += rule.count
        figures = [
            ("pages", self.pages, ""),
            ("sections", self.sections.total(), ""),
            ("definitions", self.entries["definitions"], ""),
            ("list items", self.entries["list"], ""),
            ("tables", self.blocks["table"], ""),
            ("warnings", severities["warning"], "warning"),
            ("notes", severities["note"], "note"),
            ("rejected", self.rejects.total(), "error"),
        ]
        invalid = sum(counts["invalid"] for counts in self.records.values())
        return [*figures, ("invalid records", invalid, "error")] if self.records else figures
