"""What becomes of one page in a batch: the stages in a row, and their result as data.

Workers run this, on this machine or another; the same page gives the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import platform
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module, metadata
from pathlib import Path, PurePosixPath
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from extractor import __version__
from extractor.config import RepairRule, decide_repair
from extractor.limits import DEFAULT_SECONDS, limit_processor, limit_time
from extractor.model import Document, PageRejected, Reject
from extractor.pages import PageFile, read_page
from extractor.tables import Kind, Row, table_rows

if TYPE_CHECKING:
    from extractor.records import Record

PASSING_RULES = frozenset({"internal-error", "time-limit", "unreadable-file", "worker-crash"})
"""Rejects by circumstance rather than by what the page says: the next run tries again."""

WORKER_MODULES = ("document", "records", "schema", "tables")
"""What a worker needs of this package before its first page."""

_LIBRARIES = (
    "chardet",
    "ftfy",
    "jsonschema-rs",
    "mistune",
    "python-frontmatter",
    "pyyaml",
)
"""Other versions of these may read a page in another way."""

_LONGEST_NAME = 255 - len(".json")  # Bytes; what ext4, APFS and NTFS take, less what is added.


class SchemaFile(Struct, frozen=True):
    """A record schema on its way to the workers.

    Attributes:
        name: What its outputs are called.
        text: The schema with all that it refers to, as JSON.
        tables: The columns of the tables that its records fill.
    """

    name: str
    text: bytes
    tables: dict[str, tuple[tuple[str, Kind], ...]]


class Settings(Struct, frozen=True):
    """What decides about the result of a page, besides its bytes.

    Attributes:
        repair: Whether damaged markup is mended.
        repair_rules: For which pages that is otherwise.
        spans: Whether places are kept.
        time_limit: Seconds a page may take; None for no limit.
        schemas: Record schemas to fill.
        tables: Whether the rows of tables are wanted.
        extract: The function that extracts, as ``module:name``.
    """

    repair: bool = True
    repair_rules: tuple[RepairRule, ...] = ()
    spans: bool = True
    time_limit: float | None = DEFAULT_SECONDS
    schemas: tuple[SchemaFile, ...] = ()
    tables: bool = True
    extract: str = "extractor.document:extract"

    def repairs(self, page: PageFile) -> bool:
        """Tell whether a page is repaired."""
        return decide_repair(page.location, self.repair_rules, self.repair)


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


def fingerprint_settings(settings: Settings) -> str:
    """Hash all that decides about results besides the pages: settings, code, libraries.

    The time limit is not part of it: pages that overran are tried again anyway.
    """
    parts = (
        __version__,
        _hash_code(),
        platform.python_version_tuple()[:2],  # with its tables of Unicode
        [metadata.version(library) for library in _LIBRARIES],
        msgspec.structs.replace(settings, time_limit=None),
    )
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


@cache
def _hash_code() -> str:
    """Hash this package, so that whoever works on it sees what they changed."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


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
    def is_passing(self) -> bool:
        """Whether another run may well come to another result."""
        return self.reject is not None and self.reject.rule in PASSING_RULES


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
    return PageResult(reject.path, sha256, reject, b"", [], {}, tally)


class Extractor:
    """Extracts pages by the same settings; made once in every worker."""

    def __init__(self, settings: Settings) -> None:
        """Load what the settings name."""
        from extractor.document import without_spans
        from extractor.records import RecordSchema
        from extractor.schema import check_document

        self._settings = settings
        self._extract = _load(settings.extract)
        self._without_spans = without_spans
        self._check_document = check_document
        self._schemas = [RecordSchema.parse(file.name, file.text) for file in settings.schemas]

    def extract_page(self, page: PageFile) -> PageResult:
        """Give a page's result, whatever happens on the way short of the death of the process."""
        sha256 = ""
        limit = self._settings.time_limit
        try:
            data = read_page(page)
            sha256 = hashlib.sha256(data).hexdigest()
            with limit_processor(limit), limit_time(limit, page.path):
                document = self._build_document(data, page)
                return self._build_result(document, data, sha256)
        except PageRejected as rejected:
            return reject_page(rejected.reject, sha256)
        except MemoryError:
            message = "The worker ran out of memory on this page."
            return reject_page(Reject(page.path, "worker-crash", message, None), sha256)
        except Exception as error:  # a bug of ours costs one page
            return reject_page(reject_bug(page.path, error), sha256)

    def _build_document(self, data: bytes, page: PageFile) -> Document:
        _check_name(page.path)
        document = self._extract(data, page.path, repair=self._settings.repairs(page))
        if not self._settings.spans:
            document = self._without_spans(document)
        for error in self._check_document(document):
            where = f"{error.pointer or '/'}: {error.message}"
            message = f"The document breaks its schema at {where}."
            raise PageRejected(Reject(page.path, "internal-error", message, error.line))
        return document

    def _build_result(self, document: Document, data: bytes, sha256: str) -> PageResult:
        rows = table_rows(document) if self._settings.tables else {}
        # The page's bytes tell where front matter values stand; without spans nobody asks.
        text = data if self._settings.spans else None
        records = [schema.fill(document, text) for schema in self._schemas]
        for schema, record in zip(self._schemas, records, strict=True):
            rows |= schema.table_rows(record)
        return PageResult(
            path=document.source.path,
            sha256=sha256,
            reject=None,
            document=msgspec.json.encode(document),
            records=[msgspec.json.encode(record) for record in records],
            rows=rows,
            tally=_count(document, records, rows),
        )


def reject_bug(path: str, error: BaseException) -> Reject:
    """Make the reject of a page on which the extractor fails, naming the place in the code."""
    frames = extract_tb(error.__traceback__)
    place = f" at {PurePosixPath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    text = str(error)
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return Reject(path, "internal-error", f"The extractor failed{place}: {what}", None)


def _count(
    document: Document, records: Iterable[Record], rows: Mapping[str, Sequence[Row]]
) -> Tally:
    tally = Tally(pages=1, documents=1, sections=len(document.sections))
    tally.items = len(rows.get("items", ()))
    for record in records:
        (tally.valid if record.is_valid else tally.invalid)[record.schema] = 1
    for found in document.diagnostics:
        tally.diagnostics[found.rule] = tally.diagnostics.get(found.rule, 0) + 1
        if found.after is not None:
            tally.repairs[found.rule] = tally.repairs.get(found.rule, 0) + 1
    return tally


def _check_name(path: str) -> None:
    """Reject a page whose document could not be written under its name."""
    if len(os.fsencode(PurePosixPath(path).name)) > _LONGEST_NAME:
        message = f"The file's name is longer than {_LONGEST_NAME} bytes."
        raise PageRejected(Reject(path, "long-name", message, None))


def _load(name: str) -> Callable[..., Document]:
    module, _, attribute = name.partition(":")
    function: Callable[..., Document] = getattr(import_module(module), attribute)
    return function


_SUM_BYTES = 4
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(PageResult)
