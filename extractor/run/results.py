"""The result of a page, and its way between processes."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
from msgspec import Struct, field

from extractor.model import Reject
from extractor.rejects import TRANSIENT_RULES, reject_unwritten
from extractor.tables.rows import reject_rows


class Tally(Struct):
    """Counts of a page, or of many.

    Attributes:
        pages: All of them.
        documents: Pages that were extracted.
        sections: In all documents.
        items: In all documents.
        rejects: Pages that were not extracted, by rule.
        diagnostics: By rule.
        repairs: Diagnostics that tell what the text was read as, by rule.
        valid: Records that keep to their schema, by its name.
        invalid: Records that don't.
    """

    pages: int = 0
    documents: int = 0
    sections: int = 0
    items: int = 0
    rejects: dict[str, int] = field(default_factory=dict)
    diagnostics: dict[str, int] = field(default_factory=dict)
    repairs: dict[str, int] = field(default_factory=dict)
    valid: dict[str, int] = field(default_factory=dict)
    invalid: dict[str, int] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Count in what another has counted."""
        for name in self.__struct_fields__:
            mine, more = getattr(self, name), getattr(other, name)
            if isinstance(mine, int):
                setattr(self, name, mine + more)
            else:
                for key, count in more.items():
                    mine[key] = mine.get(key, 0) + count


class PageResult(Struct, frozen=True, array_like=True):
    """All that a page comes to: a document, or a reject.

    Attributes:
        path: The page.
        sha256: Of its bytes, in hexadecimal; "" if they could not be read.
        reject: Why there is no document; else None.
        document: JSON in one line; empty for a reject.
        records: A line of JSON for every record schema, in their order.
        rows: For every table, those of this page.
        tally: Counts of this page.
    """

    path: str
    sha256: str
    reject: Reject | None
    document: bytes
    records: list[bytes]
    rows: dict[str, list[tuple[Any, ...]]]
    tally: Tally

    @property
    def is_transient(self) -> bool:
        """Whether another run may well come to another result."""
        return self.reject is not None and self.reject.rule in TRANSIENT_RULES


def pack_result(result: PageResult) -> bytes:
    """Turn a result into the bytes that workers send and the state keeps."""
    # Not compressed: zlib makes a quarter of it, but takes a tenth of the time of a parse.
    data = _ENCODER.encode(result)
    return _check_sum(data) + data


def unpack_result(packed: bytes) -> PageResult:
    """Undo `pack_result`.

    Raises:
        ValueError: If the bytes are damaged.
    """
    data = memoryview(packed)[_SUM_BYTES:]
    if _check_sum(data) != packed[:_SUM_BYTES]:
        raise ValueError("damaged result")
    return _DECODER.decode(data)


def _check_sum(data: bytes | memoryview) -> bytes:
    return zlib.crc32(data).to_bytes(_SUM_BYTES, "big")


def reject_page(reject: Reject, sha256: str = "") -> PageResult:
    """Make the result of a page that gives no document."""
    tally = Tally(pages=1, rejects={reject.rule: 1})
    return PageResult(reject.path, sha256, reject, b"", [], reject_rows(reject), tally)


def reject_unfit(result: PageResult, error: Exception) -> PageResult:
    """Make what a page comes to whose result can't be sent, remembered or written."""
    return reject_page(reject_unwritten(result.path, error), result.sha256)


_SUM_BYTES = 4


_ENCODER = msgspec.msgpack.Encoder()


_DECODER = msgspec.msgpack.Decoder(PageResult)
