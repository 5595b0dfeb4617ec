"""Checks pages one after the other: extraction, findings, fixes.

Nothing is kept of a page once its findings are given, so that a check of very
many pages takes the memory of one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from msgspec import Struct

from extractor.check.findings import Finding, Summary, list_findings, make_finding
from extractor.check.fixes import Fix, FixError, Withheld, find_fixable, fix_page
from extractor.config.loading import Config, PageRules, choose_rules
from extractor.limits import limit_time
from extractor.model import Diagnostic, Document, PageRejected, Reject
from extractor.pipeline import extract
from extractor.rejects import reject_bug
from extractor.storage.names import spell_bytes
from extractor.storage.pages import STANDARD_INPUT, Links, PageFile, list_pages, read_page


class CheckOptions(Struct, frozen=True, kw_only=True):
    """What is asked of a check.

    Attributes:
        config: The configuration of the project.
        base: Folder that the paths in findings are relative to.
        select: Selectors from the command line.
        ignore: Selectors from the command line.
    """

    config: Config
    base: Path
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    @property
    def time_limit(self) -> float | None:
        """Seconds for one page; None for no limit."""
        return self.config.page_options.time_limit


class CheckedPage(NamedTuple):
    """A page that gave a document.

    Attributes:
        file: Where it is.
        path: Its name in findings.
        rules: What is asked of it.
        data: Its bytes.
        document: What was extracted from them.
    """

    file: PageFile
    path: str
    rules: PageRules
    data: bytes
    document: Document


class FixSink(Protocol):
    """Takes the fixes of pages, to write or to show them."""

    def take_fix(self, page: CheckedPage, fix: Fix) -> None:
        """Take a page whose bytes the fixes change.

        Raises:
            FixError: If it can't be written; then its findings stay.
        """

    def take_withheld(self, path: str, withheld: Withheld) -> None:
        """Take note of a fix that was not made."""


def list_files(
    sources: Iterable[str], base: Path, links: Links | None = None
) -> list[tuple[str, PageFile]]:
    """List the pages of some sources with their names in findings, sorted by these.

    Pages of the same path in two folders are fine here, and a page named twice
    is checked once: hooks and shells hand over whatever changed.

    Args:
        sources: Files, folders, globs, URLs, or ``-`` for standard input.
        base: Folder that the names are relative to.
        links: What to do with links that lead out of a folder.

    Raises:
        SourceError: If a source is missing or has no pages.
    """
    files = {show_location(page.location, base): page for page in list_pages(sources, links)}
    return sorted(files.items())


def show_location(location: str, base: Path) -> str:
    """Name a file from a folder, as POSIX; one outside by its absolute path.

    Args:
        location: A path relative to the working directory, an absolute one, or a URL.
        base: The folder.
    """
    if location == STANDARD_INPUT or "://" in location:
        return spell_bytes(location)
    file = Path(os.path.abspath(location))  # noqa: PTH100 - `..` must go, links must stay
    name = file.relative_to(base) if file.is_relative_to(base) else file
    return spell_bytes(name.as_posix())


def check_pages(
    files: Iterable[tuple[str, PageFile]],
    options: CheckOptions,
    summary: Summary,
    sink: FixSink | None = None,
) -> Iterator[Finding]:
    """Yield the findings of pages, page by page, within a page by place.

    Args:
        files: Names and pages, as `list_files` gives them.
        options: What to report.
        summary: Filled on the way.
        sink: Takes the fixes; without one nothing is fixed.

    Raises:
        UnknownRuleError: If a selector names no rule.
    """
    for path, file in files:
        summary.pages += 1
        for finding in _check_page(path, file, options, summary, sink):
            summary.add(finding)
            yield finding


def _check_page(
    path: str,
    file: PageFile,
    options: CheckOptions,
    summary: Summary,
    sink: FixSink | None,
) -> list[Finding]:
    rules = choose_rules(options.config, file.location, options.select, options.ignore)
    try:
        with limit_time(options.time_limit, file.path):
            data = read_page(file)
            document = extract(data, file.path, repair=rules.repair)
    except PageRejected as rejected:
        return _report_reject(rejected.reject, path, rules)
    except Exception as error:  # a bug of ours costs one page
        return _report_reject(reject_bug(file.path, error), path, rules)
    page = CheckedPage(file, path, rules, data, document)
    if sink is None:
        fixable = _find_fixable(page, options.time_limit)
        return list_findings(document, data, path, rules.reported, fixable)
    page = _fix(page, sink, summary, options.time_limit)
    return list_findings(page.document, page.data, path, rules.reported)


def _report_reject(reject: Reject, path: str, rules: PageRules) -> list[Finding]:
    finding = make_finding(reject, path)
    return [finding] if finding.code in rules.rejects else []


def _find_fixable(page: CheckedPage, time_limit: float | None) -> frozenset[Diagnostic]:
    """Find what could be fixed; nothing, if to find out takes too long."""
    try:
        with limit_time(time_limit, page.path):
            return find_fixable(
                page.data, page.document, page.rules.reported, repair=page.rules.repair
            )
    except PageRejected:
        return frozenset()


def _fix(
    page: CheckedPage, sink: FixSink, summary: Summary, time_limit: float | None
) -> CheckedPage:
    """Hand over the fixes of a page; give the page as it is afterwards."""
    fix = _make_fix(page, time_limit)
    if fix.data != page.data:
        try:
            sink.take_fix(page, fix)
        except FixError as error:
            failed = tuple(Withheld(diagnostic, str(error)) for diagnostic in fix.fixed)
            fix = Fix(page.data, page.document, withheld=failed)
    for withheld in fix.withheld:
        sink.take_withheld(page.path, withheld)
    summary.fixed += len(fix.fixed)
    summary.withheld += len(fix.withheld)
    return page._replace(data=fix.data, document=fix.document)


def _make_fix(page: CheckedPage, time_limit: float | None) -> Fix:
    """Find the fixes of a page, within its time."""
    try:
        with limit_time(time_limit, page.path):
            return fix_page(page.data, page.document, page.rules.reported, repair=page.rules.repair)
    except PageRejected as rejected:
        offered = [
            entry
            for entry in page.document.diagnostics
            if entry.code in page.rules.reported and entry.after is not None
        ]
        reason = rejected.reject.message
        withheld = tuple(Withheld(diagnostic, reason) for diagnostic in offered)
        return Fix(page.data, page.document, withheld=withheld)
