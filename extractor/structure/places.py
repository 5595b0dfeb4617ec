"""Where everything stands that the parser read: spans, and the way back to the file."""

from __future__ import annotations

import re
from bisect import bisect_right

from extractor.markdown.parser import Node
from extractor.model import Span
from extractor.repair.rewriting import Rewriting
from extractor.source.decoding import Source

_NEWLINE = re.compile("\n")


class Places:
    """The lines the parser reads, and their way back to the file.

    Lines are those of the source, except where a repair has rewritten them.

    Attributes:
        source: The file.
        lines: The lines as the parser sees them, front matter included.
    """

    def __init__(self, source: Source, rewriting: Rewriting) -> None:
        """Know the lines of a page.

        Args:
            source: The file.
            rewriting: The lines as the parser sees them, and what was done to them.
        """
        self.source = source
        self.lines = rewriting.lines
        self._rewriting = None if rewriting.is_untouched else rewriting
        self._offset = self._find_offset if self._rewriting else source.offset
        self._widths = [len(line.rstrip()) for line in self.lines]
        self._ends: dict[int, int] = {}
        # Of the node that was asked about last: where lines begin, and what was found of each.
        self._breaks: tuple[Node | None, list[int]] = (None, [])
        self._laid: dict[int, tuple[int, int, int]] = {}

    def span(self, node: Node) -> Span:
        """Give the span of a node, from its first character to the end of its last line."""
        line, end_line = node.line, node.end_line
        start = self._offset(line, self._widths[line - 1] - node.tail)
        return Span(line, end_line, start, self._line_end(end_line))

    def span_within(self, node: Node, start: int, end: int) -> Span:
        """Give the span of a stretch of a node's inline source, in code points."""
        # A stretch that ends after a line break ends with the line before it.
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
        """Give the offset after a line's last word: blocks, items and lists end together."""
        end = self._ends.get(line)
        if end is None:
            column = self._widths[line - 1]
            if self._rewriting is not None:
                column = self._rewriting.restore(line, column, is_end=True)
            end = self._ends[line] = self.source.offset(line, column)
        return end

    def _locate(self, node: Node, pos: int, *, is_end: bool = False) -> tuple[int, int]:
        """Give the line and, in the file, the column of an offset in a node's inline source."""
        begin, number = self._find_line(node, pos)
        line = node.line + number
        if number not in self._laid:
            end = node.text.find("\n", begin)
            content = node.text[begin:] if end < 0 else node.text[begin:end]
            self._laid[number] = self._lay(content.rstrip(), line)
        length, indent, base = self._laid[number]
        # A tab in front may be spaces to the parser: what stands there counts from the words.
        column = max(base + min(pos - begin, length) - indent, 0)
        return line, self._restore(line, column, is_end=is_end)

    def _lay(self, content: str, line: int) -> tuple[int, int, int]:
        """Find a line of inline source: its length and indent, and the column of its words."""
        page_line, words = self.lines[line - 1].rstrip(), content.lstrip()
        indent = len(content) - len(words)
        if page_line.endswith(words):
            return len(content), indent, len(page_line) - len(words)
        # The closing `#` of a heading stand after its text.
        return len(content), indent, max(page_line.rfind(words), 0)

    def _find_line(self, node: Node, pos: int) -> tuple[int, int]:
        """Give where in a node's inline source a line begins, and its number in it."""
        known, breaks = self._breaks
        if known is not node:
            breaks = [match.end() for match in _NEWLINE.finditer(node.text)]
            self._breaks, self._laid = (node, breaks), {}
        number = bisect_right(breaks, pos)
        return breaks[number - 1] if number else 0, number

    def _find_offset(self, line: int, column: int) -> int:
        return self.source.offset(line, self._restore(line, column))

    def _restore(self, line: int, column: int, *, is_end: bool = False) -> int:
        """Give the column that a place has in the file."""
        if self._rewriting is None:
            return column
        return self._rewriting.restore(line, column, is_end=is_end)

    def find_word(self, word: str, node: Node, start: tuple[int, int]) -> tuple[int, int] | None:
        """Find a word in the lines of a node.

        Args:
            word: The word as the parser sees it.
            node: Where to look.
            start: Line and column to begin at.

        Returns:
            Line and column of the word; None if it does not stand there.
        """
        line, column = start
        while line <= node.end_line:
            column = self.lines[line - 1].find(word, column)
            if column >= 0:
                return line, column
            line, column = line + 1, 0
        return None

    def span_word(self, word: str, line: int, column: int) -> Span:
        """Give the span of a word that `find_word` found."""
        end = self._offset(line, column + len(word))
        return Span(line, line, self._offset(line, column), end)
