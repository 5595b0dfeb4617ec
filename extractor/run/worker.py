"""What becomes of one page in a batch: the stages in a row, and their result as data.

Workers run this, on this machine or another; the same page gives the same bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from extractor.limits import limit_processor, limit_time
from extractor.model import Document, PageRejected, Reject
from extractor.rejects import reject_bug
from extractor.run.results import PageResult, Tally, pack_result, reject_page, reject_unfit
from extractor.run.settings import RunSettings
from extractor.sizes import ResultLimit, measure_value
from extractor.storage.pages import PageFile, read_page
from extractor.tables.columns import Row
from extractor.tables.rows import table_rows

if TYPE_CHECKING:
    from extractor.records.record import Record


WORKER_MODULES = ("pipeline", "records.record", "schema.document", "tables.rows")
"""What a worker needs of this package before its first page."""


_LONGEST_NAME = 255 - len(".json")  # Bytes; what ext4, APFS and NTFS take, less what is added.


class Extractor:
    """Extracts pages by the same settings; made once in every worker."""

    def __init__(self, settings: RunSettings) -> None:
        """Load what the settings name."""
        from extractor.records.record import RecordSchema
        from extractor.schema.document import check_document
        from extractor.spans import without_spans

        self._settings = settings
        self._options = settings.page
        self._extract = _load(settings.extract)
        self._without_spans = without_spans
        self._check_document = check_document
        self._schemas = [RecordSchema.parse(file.name, file.text) for file in settings.schemas]

    def extract_packed(self, page: PageFile) -> bytes:
        """Give a page's result as it is sent; what can't be sent is the page's reject."""
        result = self.extract_page(page)
        try:
            return pack_result(result)
        except Exception as error:
            return pack_result(reject_unfit(result, error))

    def extract_page(self, page: PageFile) -> PageResult:
        """Give a page's result, whatever happens on the way short of the death of the process."""
        sha256 = ""
        limit = self._options.time_limit
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
        options = self._options
        document = self._extract(
            data,
            page.path,
            repair=options.repairs(page.location),
            max_result=options.max_result,
        )
        if not self._options.spans:
            document = self._without_spans(document)
        for error in self._check_document(document):
            where = f"{error.pointer or '/'}: {error.message}"
            message = f"The document breaks its schema at {where}."
            raise PageRejected(Reject(page.path, "internal-error", message, error.line))
        return document

    def _build_result(self, document: Document, data: bytes, sha256: str) -> PageResult:
        rows = table_rows(document) if self._settings.tables else {}
        # The page's bytes tell where front matter values stand; without spans nobody asks.
        text = data if self._options.spans else None
        records = [schema.fill(document, text) for schema in self._schemas]
        for schema, record in zip(self._schemas, records, strict=True):
            rows |= schema.table_rows(record)
            rows.setdefault("errors", []).extend(schema.error_rows(record))
        self._check_size(document, rows, records, data)
        return PageResult(
            path=document.source.path,
            sha256=sha256,
            reject=None,
            document=msgspec.json.encode(document),
            records=[msgspec.json.encode(record) for record in records],
            rows=rows,
            tally=_count(document, records, rows),
        )

    def _check_size(
        self,
        document: Document,
        rows: Mapping[str, Sequence[Row]],
        records: Iterable[Record],
        data: bytes,
    ) -> None:
        """Reject a page whose rows or records repeat a long text too often."""
        path = document.source.path
        limit = ResultLimit(path, len(data), self._options.max_result)
        # What no text is long enough for need not be counted.
        if not limit.may_be_passed(data.decode("latin-1").split("\n\n"), len(data)):
            return
        for name, part in rows.items():
            limit.check(measure_value(part), f"the rows of the table {name}")
        for record in records:
            limit.check(measure_value(record.record), f"the record by {record.schema}")


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
