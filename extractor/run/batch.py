"""A run over many pages: what changed is extracted, the rest is remembered, all is written.

    pages ─→ compare with the state ─→ extract what is new ─┐
                        └──→ remembered results ────────────┴─→ in page order ─→ outputs

A page's result is the same bytes whether a worker sends it or the state keeps
it, so that outputs can't tell an incremental run from a fresh one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from extractor.model import PageRejected
from extractor.run.fingerprint import fingerprint_settings
from extractor.run.outcome import Outcome
from extractor.run.outputs import OutputError, Outputs, stamp_outputs, write_result
from extractor.run.placement import refuse_pages_inside
from extractor.run.results import PageResult, Tally, pack_result, reject_unfit, unpack_result
from extractor.run.settings import RunSettings
from extractor.run.state import (
    FOLDER,
    DamagedStateError,
    KnownPage,
    State,
    UnfitResultError,
    lock_folder,
)
from extractor.storage.clashes import refuse_clashes
from extractor.storage.pages import Links, PageFile, find_pages, read_page
from extractor.storage.urls import is_url

if TYPE_CHECKING:
    from extractor.report import ReportPage, ReportReject

Watch = Callable[[Tally, int], None]
"""Is given, after every page, what was counted so far and how many pages there are."""

_KEEP, _AGAIN, _NEW = range(3)


class Request(Struct, frozen=True, kw_only=True):
    """What a run is to do.

    Attributes:
        sources: Files, folders, patterns, URLs.
        out: The output folder; for a cluster, it may be a URL.
        formats: Of `extractor.run.outputs.FORMATS`; `report` besides, for the HTML report.
        settings: What decides about results.
        jobs: Number of workers.
        fresh: Whether to forget what earlier runs did.
        follow_links: Whether links that lead out of a folder of pages are followed.
    """

    sources: tuple[str, ...]
    out: str
    formats: tuple[str, ...]
    settings: RunSettings
    jobs: int
    fresh: bool = False
    follow_links: bool = False


def run_batch(request: Request, watch: Watch = lambda *_: None) -> Outcome:
    """Bring an output folder up to date with its sources.

    Args:
        request: What to do.
        watch: Is called after every page.

    Raises:
        SourceError: If the sources can't be.
        LockedError: If another run is at work in the output folder.
        OutputError: If the folder can't be written, or holds a page; what stood there is
            still there.
        EngineError: If the workers don't start.
        KeyboardInterrupt: When interrupted; what was done is kept for the next run.
    """
    if is_url(request.out):
        raise OutputError(f"{request.out}: only the Dask engine writes to a URL")
    links = Links(follow=request.follow_links)
    pages = find_pages(request.sources, links)
    refuse_pages_inside(request.out, pages)
    try:
        with lock_folder(Path(request.out)) as notes:
            if "json" in request.formats:
                pages = refuse_clashes(pages, Path(request.out, FOLDER))
            outcome = _run_locked(request, pages, watch)
            outcome.notes[:0] = notes
            outcome.notes += links.describe()
            return outcome
    except OSError as error:
        raise OutputError(f"{request.out}: {error.strerror or error}") from error


def _run_locked(request: Request, pages: Sequence[PageFile], watch: Watch) -> Outcome:
    try:
        return _Batch(request, pages, watch).run(fresh=request.fresh)
    except DamagedStateError:
        outcome = _Batch(request, pages, watch).run(fresh=True)
        outcome.notes.insert(0, "What earlier runs left can't be read; every page was read anew.")
        return outcome


class _Plan:
    """What is to be done with each page, and which pages were deleted."""

    def __init__(self, pages: Sequence[PageFile], state: State) -> None:
        self.marks = bytearray(len(pages))
        self.deleted: list[str] = []
        known = state.iter_known()
        former = next(known, None)
        for number, page in enumerate(pages):
            while former is not None and former.path < page.path:
                self.deleted.append(former.path)
                former = next(known, None)
            if former is not None and former.path == page.path:
                self.marks[number] = _compare_page(page, former)
                former = next(known, None)
            else:
                self.marks[number] = _NEW
        self.deleted.extend(page.path for page in (former, *known) if page is not None)

    def has_news(self) -> bool:
        return _NEW in self.marks or bool(self.deleted)

    def count(self) -> int:
        """Count the pages to extract."""
        return len(self.marks) - self.marks.count(_KEEP)


def _compare_page(page: PageFile, former: KnownPage) -> int:
    if former.is_transient:
        return _AGAIN
    try:
        sha256 = hashlib.sha256(read_page(page)).hexdigest()
    except PageRejected:
        return _NEW
    return _KEEP if sha256 == former.sha256 else _NEW


class _Batch:
    """A run in a locked folder."""

    def __init__(self, request: Request, pages: Sequence[PageFile], watch: Watch) -> None:
        self._request = request
        self._settings = request.settings
        self._out = Path(request.out)
        self._pages = pages
        self._watch = watch

    def run(self, *, fresh: bool) -> Outcome:
        with State(self._out, fingerprint_settings(self._settings), fresh=fresh) as state:
            plan = _Plan(self._pages, state)
            extracted = plan.count()
            if extracted and not plan.has_news():
                self._try_again(plan, state)
            outcome = self._recall(plan, state) or self._write(plan, state)
            outcome.extracted = extracted
            outcome.notes = state.notes
            return outcome

    def _try_again(self, plan: _Plan, state: State) -> None:
        """Extract again what failed by circumstance, where that may be all that changes."""
        with closing(self._extract(plan)) as results:
            for packed in results:
                result = unpack_result(packed)
                if state.read_packed(result.path) != packed:
                    state.write_fact("written", None)
                    _remember(state, result, packed)
        plan.marks = bytearray(len(plan.marks))

    def _recall(self, plan: _Plan, state: State) -> Outcome | None:
        """Give the outcome of the last run if nothing changed since; else None."""
        stamp, _, outcome = (state.read_fact("written") or "").partition("\n")
        if plan.has_news() or stamp != self._stamp():
            return None
        try:
            return msgspec.json.decode(outcome, type=Outcome)
        except msgspec.MsgspecError as error:
            raise DamagedStateError(str(error)) from error

    def _write(self, plan: _Plan, state: State) -> Outcome:
        """Write all outputs, from results in page order."""
        outcome = Outcome()
        state.write_fact("written", None)
        for path in plan.deleted:
            state.forget(path)
        aside = self._out / FOLDER / "aside"
        with (
            closing(self._extract(plan)) as extracted,
            Outputs(self._out, aside, self._request.formats, self._settings) as outputs,
        ):
            for result in self._iter_results(plan, state, extracted):
                outcome.add(_write_page(outputs, state, result))
                self._watch(outcome.tally, len(self._pages))
            if "report" in self._request.formats:
                outputs.write_report(self._iter_report_pages(state))
            # First what a later run goes on from: a full disk shows before anything is replaced.
            state.commit()
            outputs.publish(self._pages, outcome.tally)
        state.write_fact("written", f"{self._stamp()}\n{msgspec.json.encode(outcome).decode()}")
        return outcome

    def _iter_results(
        self, plan: _Plan, state: State, extracted: Iterator[bytes]
    ) -> Iterator[PageResult]:
        for page, mark in zip(self._pages, plan.marks, strict=True):
            if mark == _KEEP:
                yield state.read_result(page.path)
            else:
                packed = next(extracted)
                yield _remember(state, unpack_result(packed), packed)

    def _iter_report_pages(self, state: State) -> Iterator[ReportPage | ReportReject]:
        from extractor.report import ReportPage, ReportReject

        for page in self._pages:
            result = state.read_result(page.path)
            source = _read_same(page, result)
            if result.reject is None:
                yield ReportPage(result.document, source, result.records)
            else:
                yield ReportReject(result.reject, source)

    def _extract(self, plan: _Plan) -> Generator[bytes]:
        from extractor.run.engines.local import extract_pages  # not for runs that extract nothing

        pages = compress(self._pages, plan.marks)
        return extract_pages(pages, plan.count(), self._settings, self._request.jobs)

    def _stamp(self) -> str:
        return stamp_outputs(self._out, self._request.formats, self._settings, self._pages)


def _remember(state: State, result: PageResult, packed: bytes) -> PageResult:
    """Remember a page's result; where that fails, its reject, which is given back."""
    try:
        state.put(result, packed)
    except UnfitResultError as error:
        result = reject_unfit(result, error)
        state.put(result, pack_result(result))
    return result


def _write_page(outputs: Outputs, state: State, result: PageResult) -> PageResult:
    """Write a page's result; where that fails, its reject, which is remembered and given back."""
    written = write_result(outputs, result)
    if written is not result:
        state.put(written, pack_result(written))
    return written


def _read_same(page: PageFile, result: PageResult) -> bytes | None:
    """Read the bytes that gave a result; None if they are others now."""
    try:
        data = read_page(page)
    except PageRejected:
        return None
    is_same = not result.sha256 or hashlib.sha256(data).hexdigest() == result.sha256
    return data if is_same else None
