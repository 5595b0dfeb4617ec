"""What is found in a page while its document is built: diagnostics, each with its place."""

from __future__ import annotations

from collections.abc import Iterable

from extractor.diagnostics.rules import report
from extractor.labels.paragraphs import Repair
from extractor.markdown.parser import Node
from extractor.model import Diagnostic, Span
from extractor.structure.places import Places


class Findings:
    """Collects the diagnostics of a page.

    Attributes:
        diagnostics: What was found so far.
    """

    def __init__(self, places: Places) -> None:
        """Begin with nothing found.

        Args:
            places: Where the nodes of the page stand.
        """
        self.diagnostics: list[Diagnostic] = []
        self._places = places
        self._reached: dict[tuple[int, str], tuple[int, int]] = {}
        self._noted: set[int] = set()

    def report(self, rule: str, span: Span | None, message: str | None = None) -> None:
        """Note a finding."""
        self.diagnostics.append(report(rule, span, message))

    def report_repair(self, node: Node, repair: Repair) -> None:
        """Note what was repaired in a node's inline source."""
        span = self._places.span_within(node, repair.start, repair.end)
        before = self._places.text_within(node, repair.start, repair.end).rstrip()
        self.diagnostics.append(report(repair.rule, span, before=before, after=repair.after))

    def report_words(self, changes: Iterable[tuple[str, str]], node: Node) -> None:
        """Note words of a node that were decoded with the wrong encoding.

        Args:
            changes: What each word was and is, in page order; one read twice is noted once.
            node: Where the words stand.
        """
        for before, after in changes:
            span = self._find_next(before, node)
            if span is None and node.line not in self._noted:
                span = self._places.span(node)
            if span:
                self._noted.add(node.line)
                self.diagnostics.append(report("mojibake", span, before=before, after=after))

    def _find_next(self, word: str, node: Node) -> Span | None:
        """Find the next place of a word in the lines of a node."""
        key = node.line, word
        found = self._places.find_word(word, node, self._reached.get(key, (node.line, 0)))
        if found is None:
            self._reached[key] = node.end_line + 1, 0
            return None
        line, column = found
        self._reached[key] = line, column + len(word)
        return self._places.span_word(word, line, column)
