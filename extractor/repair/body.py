"""The order of the repairs that are made in lines, before they are parsed for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from extractor.diagnostics.rules import report
from extractor.markdown.parser import Node, parse_markdown
from extractor.model import Diagnostic
from extractor.repair.bold import find_damaged_bold
from extractor.repair.escapes import UNESCAPES, find_escapes
from extractor.repair.mojibake import Mender, find_mender, find_mojibake
from extractor.repair.rewriting import Repairs, Rewriting
from extractor.source.decoding import Source

_Find = Callable[[Sequence[str], int, Sequence[Node]], Repairs]

_HOPELESS = "Text that went through a wrong encoding can't be repaired: part of it is lost."


class Body(NamedTuple):
    """A page's body, parsed as it was meant.

    Attributes:
        nodes: Its top-level nodes, in page order.
        rewriting: The lines of the page as the parser saw them last, front matter included.
        mender: Repairs mojibake; None on pages that show none.
        diagnostics: What was repaired on the way.
    """

    nodes: list[Node]
    rewriting: Rewriting
    mender: Mender | None = None
    diagnostics: Sequence[Diagnostic] = ()


def list_repairs(mender: Mender | None) -> tuple[tuple[_Find, int], ...]:
    """List the repairs in their order, and how often each is made at most.

    Letters come first, since labels need them; bold comes last, when all blocks are there.
    """
    return (
        (partial(find_mojibake, mender=mender), 1),
        (find_escapes, UNESCAPES),
        (find_damaged_bold, 1),
    )


def parse_body(source: Source, first: int, *, repair: bool = True) -> Body:
    """Parse a page's body; where markup was hidden from the parser, bring it out and parse again.

    Args:
        source: The page.
        first: Number of the body's first line.
        repair: Whether hidden markup is brought out.
    """
    if not repair:
        return Body(parse_markdown(source.lines[first - 1 :], first), Rewriting(source.lines))
    mender = find_mender("\n".join(source.lines))
    rewriting, nodes = _BodyDraft(source.lines, first).repair(mender)
    return Body(nodes, rewriting, mender, [*_report(source, rewriting)])


def _report(source: Source, rewriting: Rewriting) -> Iterator[Diagnostic]:
    for finding in rewriting.findings:
        number, (start, end) = finding.line, rewriting.locate(finding)
        span = source.span(number, start, number, end)
        before = source.lines[number - 1][start:end]
        after = rewriting.lines[number - 1][finding.start : finding.end]
        if after == before:
            yield report(finding.rule, span, _HOPELESS, before=before)
        else:
            yield report(finding.rule, span, before=before, after=after)


class _BodyDraft:
    """A body that is parsed anew after each repair."""

    def __init__(self, lines: Sequence[str], first: int) -> None:
        self._first = first
        self._rewriting = Rewriting(lines)
        self._nodes = parse_markdown(lines[first - 1 :], first)

    def repair(self, mender: Mender | None) -> tuple[Rewriting, list[Node]]:
        for find, times in list_repairs(mender):
            for _ in range(times):
                found = find(self._rewriting.lines, self._first, self._nodes)
                if not (found.edits or found.findings):
                    break
                self._rewriting.apply(found)
                self._nodes = parse_markdown(self._rewriting.lines[self._first - 1 :], self._first)
        return self._rewriting, self._nodes
