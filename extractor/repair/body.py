"""The order of the repairs that are made in lines, before they are parsed for good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractor.markdown.parser import Node, parse_markdown
from extractor.repair.bold import find_damaged_bold
from extractor.repair.escapes import UNESCAPES, find_escapes
from extractor.repair.mojibake import Mender, find_mojibake
from extractor.repair.rewriting import Repairs, Rewriting


def repair_body(
    lines: Sequence[str], first: int, mender: Mender | None
) -> tuple[Rewriting, list[Node]]:
    """Parse a page's body; where markup was hidden from the parser, bring it out and parse again.

    Args:
        lines: The page's lines, front matter included.
        first: Number of the body's first line.
        mender: Mends mojibake; None on pages that show none.

    Returns:
        The lines as they were read, and the body's nodes.
    """
    return _Body(lines, first).repair(mender)


class _Body:
    """A body that is parsed anew after each repair."""

    def __init__(self, lines: Sequence[str], first: int) -> None:
        self._first = first
        self._rewriting = Rewriting(lines)
        self._nodes = parse_markdown(lines[first - 1 :], first)

    def repair(self, mender: Mender | None) -> tuple[Rewriting, list[Node]]:
        for repairs in self._find(mender):
            self._rewriting.apply(repairs)
            self._nodes = parse_markdown(self._rewriting.lines[self._first - 1 :], self._first)
        return self._rewriting, self._nodes

    def _find(self, mender: Mender | None) -> Iterator[Repairs]:
        """Give what each step finds, if anything; letters come first, since labels need them."""
        if mender:
            found = find_mojibake(self._rewriting.lines, self._first, self._nodes, mender)
            if found.findings:
                yield found
        for _ in range(UNESCAPES):
            found = find_escapes(self._rewriting.lines, self._first, self._nodes)
            if not found.edits:
                break
            yield found
        found = find_damaged_bold(self._rewriting.lines, self._first, self._nodes)
        if found.edits:
            yield found
