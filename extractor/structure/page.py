"""A page on its way to a document: its lines, its places, and what was found in it."""

from __future__ import annotations

import re
from bisect import bisect_right

from extractor.diagnostics.rules import report
from extractor.labels.paragraphs import Repair
from extractor.markdown.parser import Node
from extractor.model import Diagnostic, Span
from extractor.repair.mojibake import Mender
from extractor.repair.rewriting import Rewriting
from extractor.source.decoding import Source

_HOPELESS = "Text that went through a wrong encoding can't be mended: part of it is lost."
_NEWLINE = re.compile("\n")


class Page:
    """The lines the parser reads, and their way back to the file.

    Lines are those of the source, except that a repair may have taken characters out.

    Attributes:
        source: The file.
        lines: The lines as the parser sees them, front matter included.
        repair: Whether damaged markup is mended.
        diagnostics: What was found so far.
        mender: Mends mojibake; None on pages that show none.
    """

    def __init__(
        self,
        source: Source,
        *,
        repair: bool = True,
        rewriting: Rewriting | None = None,
        mender: Mender | None = None,
    ) -> None:
        """Make a page of a source.

        Args:
            source: The file.
            repair: Whether damaged markup is mended.
            rewriting: The lines as they were repaired; None where nothing was.
            mender: Mends mojibake.
        """
        self.source = source
        self.repair = repair
        self.lines = rewriting.lines if rewriting else source.lines
        self.diagnostics: list[Diagnostic] = []
        self.mender = mender
        self._rewriting = None if rewriting is None or rewriting.is_untouched else rewriting
        self._offset = self._find_offset if self._rewriting else source.offset
        self._widths = [len(line.rstrip()) for line in self.lines]
        self._ends: dict[int, int] = {}
        self._found: dict[tuple[int, str], tuple[int, int]] = {}
        self._mended: set[int] = set()
        self._breaks: tuple[Node | None, list[int]] = (None, [])

    # --- places ---

    def span(self, node: Node) -> Span:
        """Give the span of a node, from its first character to the end of its last line."""
        line, end_line = node.line, node.end_line
        start = self._offset(line, self._widths[line - 1] - node.tail)
        return Span(line, end_line, start, self._line_end(end_line))

    def span_within(self, node: Node, start: int, end: int) -> Span:
        """Give the span of a stretch of a node's inline source, in code points."""
        # A stretch that ends behind a line break ends with the line before it.
        end = start + len(node.text[start:end].rstrip())
        line, column = self._locate(node, start)
        end_line, end_column = self._locate(node, end, is_end=True)
        return Span(
            line,
            end_line,
            self.source.offset(line, column),
            self.source.offset(end_line, end_column),
        )

    def text_within(self, node: Node, start: int, end: int) -> str:
        """Give what the file has at a stretch of a node's inline source."""
        line, column = self._locate(node, start)
        end_line, end_column = self._locate(node, end, is_end=True)
        lines = list(self.source.lines[line - 1 : end_line])
        lines[-1] = lines[-1][:end_column]
        lines[0] = lines[0][column:]
        return "\n".join(lines)

    def span_line(self, line: int) -> Span:
        """Give the span of a whole line, without the spaces around it."""
        text = self.lines[line - 1]
        column = len(text) - len(text.lstrip())
        return Span(line, line, self._offset(line, column), self._line_end(line))

    def _line_end(self, line: int) -> int:
        """Give the offset behind a line's last word: blocks, items and lists end together."""
        if line not in self._ends:
            column = self._restore(line, self._widths[line - 1], is_end=True)
            self._ends[line] = self.source.offset(line, column)
        return self._ends[line]

    def _locate(self, node: Node, pos: int, *, is_end: bool = False) -> tuple[int, int]:
        """Give the line and, in the file, the column of an offset in a node's inline source."""
        begin, number = self._find_line(node, pos)
        text = node.text
        end = text.find("\n", pos)
        content = (text[begin:] if end < 0 else text[begin:end]).rstrip()
        line = node.line + number
        page_line = self.lines[line - 1].rstrip()
        words = content.lstrip()
        indent = len(content) - len(words)
        if page_line.endswith(words):
            base = len(page_line) - len(words)
        else:
            # The closing `#` of a heading stand behind its text.
            base = max(page_line.rfind(words), 0)
        # A tab in front may be spaces to the parser: what stands there counts from the words.
        column = max(base + min(pos - begin, len(content)) - indent, 0)
        return line, self._restore(line, column, is_end=is_end)

    def _find_line(self, node: Node, pos: int) -> tuple[int, int]:
        """Give where in a node's inline source a line begins, and its number in it."""
        known, breaks = self._breaks
        if known is not node:
            breaks = [match.end() for match in _NEWLINE.finditer(node.text)]
            self._breaks = node, breaks
        number = bisect_right(breaks, pos)
        return breaks[number - 1] if number else 0, number

    def _find_offset(self, line: int, column: int) -> int:
        return self.source.offset(line, self._restore(line, column))

    def _restore(self, line: int, column: int, *, is_end: bool = False) -> int:
        """Give the column that a place has in the file."""
        if self._rewriting is None:
            return column
        return self._rewriting.restore(line, column, is_end=is_end)

    # --- findings ---

    def report(self, rule: str, span: Span | None, message: str | None = None) -> None:
        """Note a finding."""
        self.diagnostics.append(report(rule, span, message))

    def report_rewriting(self) -> None:
        """Note what was repaired in the lines before they were parsed."""
        if self._rewriting is None:
            return
        for finding in self._rewriting.findings:
            number, (start, end) = finding.line, self._rewriting.locate(finding)
            span = self.source.span(number, start, number, end)
            before = self.source.lines[number - 1][start:end]
            after = self.lines[number - 1][finding.start : finding.end]
            if after == before:
                found = report(finding.rule, span, _HOPELESS, before=before)
            else:
                found = report(finding.rule, span, before=before, after=after)
            self.diagnostics.append(found)

    def report_repair(self, node: Node, repair: Repair) -> None:
        """Note what was mended in a node's inline source."""
        span = self.span_within(node, repair.start, repair.end)
        before = self.text_within(node, repair.start, repair.end).rstrip()
        self.diagnostics.append(report(repair.rule, span, before=before, after=repair.after))

    def mend_text(self, text: str, node: Node) -> str:
        """Mend mojibake in a value that was read from the front matter."""
        if self.mender is None:
            return text
        mended, changes = self.mender.mend(text)
        for before, after in changes:
            self._report_mojibake(before, after, node)
        return mended

    def _report_mojibake(self, before: str, after: str, node: Node) -> None:
        """Note a mended word where it stands; a word that is read twice is noted once."""
        span = self._find_next(before, node)
        if span is None and node.line not in self._mended:
            span = self.span(node)
        if span:
            self._mended.add(node.line)
            self.diagnostics.append(report("mojibake", span, before=before, after=after))

    def _find_next(self, word: str, node: Node) -> Span | None:
        """Find the next place of a word in the lines of a node."""
        line, column = self._found.get((node.line, word), (node.line, 0))
        while line <= node.end_line:
            column = self.lines[line - 1].find(word, column)
            if column >= 0:
                end = column + len(word)
                self._found[node.line, word] = line, end
                return Span(line, line, self._offset(line, column), self._offset(line, end))
            line, column = line + 1, 0
        self._found[node.line, word] = line, 0
        return None
