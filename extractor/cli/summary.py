"""What a run prints when it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from extractor.cli.progress import render_duration
from extractor.model import Reject
from extractor.run.outcome import Outcome
from extractor.run.results import Tally
from extractor.wording import count, reveal

_WIDTH = 12


def render_summary(outcome: Outcome, out: str, seconds: float) -> str:
    """Write a summary of a run, some lines of text.

    Args:
        outcome: What came of it.
        out: Where its outputs lie.
        seconds: How long it took.
    """
    return "\n".join(_iter_lines(outcome, out, seconds))


def _iter_lines(outcome: Outcome, out: str, seconds: float) -> Iterator[str]:
    tally = outcome.tally
    yield from (f"Note: {reveal(note)}" for note in outcome.notes)
    rate = tally.pages / seconds if seconds else 0
    yield _label("Pages", f"{_describe_pages(outcome)}, {_describe_time(seconds, rate)}")
    counts = f"{count(tally.documents, 'document')} with {count(tally.sections, 'section')}"
    yield _label("Extracted", f"{counts} and {count(tally.items, 'item')}")
    yield from _iter_column("Repairs", _rank(tally.repairs))
    yield from _iter_column("Rejects", _iter_rejects(tally.rejects, outcome.rejects))
    yield from _iter_column("Records", _iter_records(tally, outcome.faults))
    yield _label("Outputs", out)


def _describe_pages(outcome: Outcome) -> str:
    total, extracted = outcome.tally.pages, outcome.extracted
    pages = count(total, "page")
    return pages if extracted == total else f"{pages}, {total - extracted:,} of them as before"


def _describe_time(seconds: float, rate: float) -> str:
    return f"{render_duration(seconds)} ({rate:,.0f} pages/s)"


def _iter_rejects(counts: Mapping[str, int], named: Mapping[str, list[Reject]]) -> Iterator[str]:
    for rule in sorted(counts):
        yield f"{counts[rule]:,} {rule}"
        yield from (f"  {reveal(f'{_place(reject)}: {reject.message}')}" for reject in named[rule])
        if counts[rule] > len(named[rule]):
            yield f"  … and {counts[rule] - len(named[rule]):,} more in rejects.jsonl"


def _place(reject: Reject) -> str:
    return reject.path if reject.line is None else f"{reject.path}:{reject.line}"


def _iter_records(tally: Tally, faults: Mapping[str, list[str]]) -> Iterator[str]:
    for name in sorted({*tally.valid, *tally.invalid}):
        yield f"{name}: {tally.valid.get(name, 0):,} valid, {tally.invalid.get(name, 0):,} invalid"
        yield from (f"  {reveal(fault)}" for fault in faults.get(name, ()))


def _rank(counts: Mapping[str, int]) -> Iterator[str]:
    """List counts by rule, the most frequent first."""
    for rule, number in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])):
        yield f"{number:,} {rule}"


def _iter_column(label: str, lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield _label(label, line)
        label = ""


def _label(label: str, text: str) -> str:
    return f"{label:{_WIDTH}}{text}"
