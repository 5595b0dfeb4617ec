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

from extractor.charsets import LEGACY, find_encodings
from extractor.diagnostics import report
from extractor.model import Diagnostic, PageRejected, Reject, SourceInfo, Span

_MARKS = (
    # The mark of UTF-32 LE begins with that of UTF-16 LE.
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_STRIDE = 1024  # Code points between two known offsets of a long line.
_LINE = re.compile("[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


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
            line: 1-based; a line behind the last gives the end of the file.
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
    torn: list[tuple[int, int]] = []
    if isinstance(data, str):
        data, torn = _encode(data)
    text, encoding, start = _decode(data, path)
    single = encoding in LEGACY
    lines = _split(text)
    starts = _find_starts(data if single or encoding == "utf-8" else text, encoding, start)
    info = SourceInfo(
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        lines=len(lines),
        encoding=encoding,
    )
    source = Source(info, lines, starts, [], single)
    _report_decoding(source, torn)
    if "\0" in text:
        _replace_nuls(source)
    return source


def _encode(text: str) -> tuple[bytes, list[tuple[int, int]]]:
    """Encode text as UTF-8, with U+FFFD for lone surrogates, and say where they were."""
    try:
        return text.encode(), []
    except UnicodeEncodeError:
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    torn = []
    for number, line in enumerate(_split(whole), 1):
        lone = re.search("[\ud800-\udfff]", line)
        if lone:
            torn.append((number, lone.start()))
    return re.sub("[\ud800-\udfff]", "\ufffd", whole).encode(), torn


def _decode(data: bytes, path: str) -> tuple[str, str, int]:
    """Give the text, the codec's name, and the number of bytes before the text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_strictly(data, encoding, len(mark), path), encoding, len(mark)
    try:
        return data.decode(), "utf-8", 0
    except UnicodeDecodeError as error:
        encoding = _detect_legacy(data, error.start, path)
        return data.decode(encoding), encoding, 0


def _decode_strictly(data: bytes, encoding: str, start: int, path: str) -> str:
    try:
        return data[start:].decode(encoding)
    except UnicodeDecodeError as error:
        before = data[start : start + error.start].decode(encoding, "replace")
        raise _rejection(path, len(_split(before + "x")), f"{encoding}: {error.reason}") from None


def _detect_legacy(data: bytes, bad: int, path: str) -> str:
    """Name the single-byte encoding that fits best.

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
    """Tell whether more characters beyond ASCII are good UTF-8 than are not."""
    text = data.decode("utf-8", "surrogateescape")
    bad = sum(1 for _ in re.finditer("[\udc80-\udcff]", text))
    beyond = sum(1 for _ in re.finditer("[^\0-\x7f]", text))
    return beyond - bad > bad


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


def _report_decoding(source: Source, torn: list[tuple[int, int]]) -> None:
    if source.info.encoding in LEGACY:
        index = next(at for at, line in enumerate(source.lines) if not line.isascii())
        span = source.span(index + 1, 0, index + 1, len(source.lines[index]))
        message = f"The page is not Unicode; it was read as {source.info.encoding}."
        source.diagnostics.append(report("legacy-encoding", span, message))
    for line, column in torn:
        span = source.span(line, column, line, column + 1)
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
