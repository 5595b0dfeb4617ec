"""Bytes to lines: what encoding a page has, and where each line lies in its file.

Lines end at LF, CRLF and CR and nowhere else (CommonMark 2.1); ``str.splitlines``
would also break at U+2028, NEL or a form feed, and every line number after one
would differ from what editors show.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from extractor.diagnostics.rules import report
from extractor.model import Diagnostic, PageRejected, Reject, SourceInfo, Span
from extractor.source.charsets import LEGACY, comes_back, find_encodings

_MARKS = (
    # The mark of UTF-32 LE begins with that of UTF-16 LE.
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LONE = re.compile("[\ud800-\udfff]")
_STRIDE = 1024  # Code points between two known offsets of a long line.
_LINE = re.compile("[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Source:
    """A page's text by lines, with the way back to the bytes of its file.

    Attributes:
        info: Path, hash, size, number of lines and encoding.
        lines: Decoded lines without their ends; no byte order mark; NUL is U+FFFD.
        starts: Byte offset in the file at which each line's text starts.
        diagnostics: What was found while decoding, in page order.
    """

    info: SourceInfo
    lines: list[str]
    starts: list[int]
    diagnostics: list[Diagnostic]
    _single: bool = False
    _originals: dict[int, str] = field(default_factory=dict, repr=False)
    _ladders: dict[int, list[int]] = field(default_factory=dict, repr=False, compare=False)

    def offset(self, line: int, column: int) -> int:
        """Give the byte offset in the file of a place in the text.

        Args:
            line: 1-based; a line after the last gives the end of the file.
            column: 0-based, in code points; the line's length is its end.
        """
        index = line - 1
        if index >= len(self.lines):
            return self.info.bytes
        text = self.lines[index]
        if self._single or (self.info.encoding == "utf-8" and text.isascii()):
            return self.starts[index] + column
        text = self._originals.get(index, text)
        rung, rest = 0, 0
        if column > _STRIDE:
            rest = column - column % _STRIDE
            rung = self._ladder(index, text)[column // _STRIDE]
        return self.starts[index] + rung + len(text[rest:column].encode(self.info.encoding))

    def span(self, line: int, column: int, end_line: int, end_column: int) -> Span:
        """Make the span between two places; lines 1-based, columns 0-based code points."""
        return Span(line, end_line, self.offset(line, column), self.offset(end_line, end_column))

    def _ladder(self, index: int, text: str) -> list[int]:
        """Give the offset of every 1024th code point of a long line, counted once.

        Without it, n spans in one line of n characters cost n² (20 MB in a line exist).
        """
        ladder = self._ladders.get(index)
        if ladder is None:
            pieces = (text[at : at + _STRIDE] for at in range(0, len(text), _STRIDE))
            encoding = self.info.encoding
            ladder = list(accumulate((len(piece.encode(encoding)) for piece in pieces), initial=0))
            self._ladders[index] = ladder
        return ladder


def read_source(data: str | bytes, path: str) -> Source:
    """Decode a page and find its lines.

    Args:
        data: The file's bytes, or text, which counts as its UTF-8 bytes.
        path: The page's name in diagnostics and rejects.

    Raises:
        PageRejected: If the bytes are no text (``undecodable-bytes``).
    """
    page = _encode(data) if isinstance(data, str) else _decode(data, path)
    lines = _split(page.text)
    single = page.encoding in LEGACY or (page.encoding == "utf-8" and page.data.isascii())
    ends_in_bytes = single or page.encoding == "utf-8"
    starts = _find_starts(page.data if ends_in_bytes else page.text, page.encoding, page.start)
    info = SourceInfo(
        path=path,
        sha256=hashlib.sha256(page.data).hexdigest(),
        bytes=len(page.data),
        lines=len(lines),
        encoding=page.encoding,
    )
    source = Source(info, lines, starts, [], single)
    if page.guessed:
        _report_guess(source)
    if page.torn is not None:
        _report_surrogates(source, page.torn)
    if "\0" in page.text:
        _replace_nuls(source)
    return source


class _Page(NamedTuple):
    """A file's bytes and what they say.

    Attributes:
        data: The bytes.
        text: The text, without a byte order mark.
        encoding: Codec name.
        start: Bytes before the text.
        guessed: Whether nothing in the file says that this is its encoding.
        torn: The text as it was, if it held lone surrogates.
    """

    data: bytes
    text: str
    encoding: str
    start: int = 0
    guessed: bool = False
    torn: str | None = None


def _encode(text: str) -> _Page:
    """Encode text as UTF-8, with U+FFFD for lone surrogates."""
    torn = None
    try:
        data = text.encode()
    except UnicodeEncodeError:
        torn = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        text = _LONE.sub("\ufffd", torn)
        data = text.encode()
    start = len(codecs.BOM_UTF8) if text.startswith("\ufeff") else 0
    return _Page(data, text.removeprefix("\ufeff"), "utf-8", start, torn=torn)


def _decode(data: bytes, path: str) -> _Page:
    """Decode by the byte order mark, as UTF-8, or as what fits best."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _Page(data, _decode_marked(data, encoding, len(mark), path), encoding, len(mark))
    if b"\0" in data and (unmarked := _find_unmarked(data)):
        return _Page(data, data.decode(unmarked), unmarked, guessed=True)
    try:
        return _Page(data, data.decode(), "utf-8")
    except UnicodeDecodeError as error:
        encoding = _detect_legacy(data, error.start, path)
        return _Page(data, data.decode(encoding), encoding, guessed=True)


def _decode_marked(data: bytes, encoding: str, start: int, path: str) -> str:
    try:
        return data[start:].decode(encoding)
    except UnicodeDecodeError as error:
        before = data[start : start + error.start].decode(encoding, "replace")
        line = len(_split(before + "x"))
        raise _rejection(path, line, f"it is not {encoding}: {error.reason}") from None


def _find_unmarked(data: bytes) -> str | None:
    """Name the UTF-16 that a page without a mark must be: every other byte is NUL, no other."""
    pairs, rest = divmod(len(data), 2)
    low, high = data[0::2].count(0), data[1::2].count(0)
    if rest or pairs < 8 or min(low, high) or max(low, high) < 0.9 * pairs:
        return None
    encoding = "utf-16-le" if high else "utf-16-be"
    return encoding if comes_back(data, encoding) else None


def _detect_legacy(data: bytes, bad: int, path: str) -> str:
    """Name the encoding that fits best, as nothing in the file says which it is.

    Args:
        data: Bytes that are not UTF-8.
        bad: Offset of the first byte that UTF-8 refuses.
        path: The page's name.

    Raises:
        PageRejected: If none fits, if the bytes are binary, or if they are plainly
            UTF-8 that was damaged.
    """
    line = len((data[:bad] + b"x").splitlines())
    if _BINARY.search(data):
        raise _rejection(path, line, "there are control characters; is it a binary file?")
    if _is_damaged_utf8(data):
        raise _rejection(path, line, f"byte 0x{data[bad]:02X} does not fit into the UTF-8 around")
    encoding = next(find_encodings(data), None)
    if encoding is None:
        raise _rejection(path, line, f"no encoding explains byte 0x{data[bad]:02X}")
    return encoding


def _is_damaged_utf8(data: bytes) -> bool:
    """Tell whether more characters beyond ASCII are good UTF-8 than bytes are not."""
    text = data.decode("utf-8", "ignore")
    good = len(text) - len(text.encode("ascii", "ignore"))
    bad = len(data) - len(text.encode())
    return good > bad


def _rejection(path: str, line: int | None, reason: str) -> PageRejected:
    message = f"The page is not text in any known encoding: {reason}."
    return PageRejected(Reject(path, "undecodable-bytes", message, line))


def _split(text: str) -> list[str]:
    """Split at LF, CRLF and CR; a final line end starts no further line."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _find_starts(page: bytes | str, encoding: str, start: int) -> list[int]:
    """Give the byte offset of each line.

    Args:
        page: The file's bytes if line ends are single bytes in it, else its text
            (``bytes.splitlines`` knows LF, CRLF and CR only, and counts at C speed).
        encoding: Codec of the text.
        start: Bytes before the text, the byte order mark.
    """
    sizes: Iterable[int]
    if isinstance(page, bytes):
        sizes = map(len, page[start:].splitlines(keepends=True))
    else:
        sizes = (len(line.encode(encoding)) for line in _LINE.findall(page))
    starts = list(accumulate(sizes, initial=start))
    starts.pop()
    return starts


def _report_guess(source: Source) -> None:
    """Report the encoding at the first line that depends on it."""
    index = next((at for at, line in enumerate(source.lines) if not line.isascii()), 0)
    span = source.span(index + 1, 0, index + 1, len(source.lines[index]))
    message = (
        f"Nothing in the page says what its encoding is; it was read as {source.info.encoding}."
    )
    source.diagnostics.append(report("legacy-encoding", span, message))


def _report_surrogates(source: Source, torn: str) -> None:
    """Report the first lone surrogate of each line."""
    for number, line in enumerate(_split(torn.removeprefix("\ufeff")), 1):
        lone = _LONE.search(line)
        if lone:
            span = source.span(number, lone.start(), number, lone.end())
            source.diagnostics.append(report("lone-surrogate", span, after="\ufffd"))


def _replace_nuls(source: Source) -> None:
    """Read NUL as U+FFFD (CommonMark 2.3), one diagnostic a line; offsets stay the file's."""
    for index, line in enumerate(source.lines):
        column = line.find("\0")
        if column < 0:
            continue
        source._originals[index] = line
        source.lines[index] = line.replace("\0", "\ufffd")
        span = source.span(index + 1, column, index + 1, column + 1)
        source.diagnostics.append(report("nul-character", span, before="\0", after="\ufffd"))
