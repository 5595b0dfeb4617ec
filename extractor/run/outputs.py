"""The files of a run: written aside as results come, put in place when all are there."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from errno import ENOTDIR
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import msgspec

from extractor.run.documents import DOCUMENTS, DocumentFiles
from extractor.run.manifest import (
    DATABASE,
    MANIFEST,
    describe_file,
    describe_run,
    read_outputs,
    render_manifest,
)
from extractor.run.results import PageResult, Tally, reject_unfit
from extractor.run.settings import RunSettings
from extractor.storage.pages import PageFile
from extractor.tables.columns import TABLES, Columns
from extractor.tables.duckdb import write_database
from extractor.tables.writers import WRITERS, TableWriter, open_table

if TYPE_CHECKING:
    from extractor.report import ReportPage, ReportReject

FORMATS = ("json", "jsonl", *WRITERS, "duckdb")
"""What outputs can be asked for; rejects, records and the manifest are always written."""

DEFAULT_FORMATS = ("json", "csv")

PART_FORMATS = ("jsonl", "parquet")
"""Formats that can be written in parts."""

REPORT = "report.html"

_WHOLE = {"duckdb": DATABASE, "report": REPORT}  # Made of all results at once.
_OURS = re.compile(
    r"documents\.jsonl|extractor\.duckdb|report\.html|(?:tables|records)/[^/]+\.[a-z]+"
)
_OPENING = b'{\n  "schema": "document/'  # Of every document file, and hardly of another's.

Append = Callable[[], object]
"""Appends to a file what was made ready before."""

Sink = Callable[[PageResult], Append | None]
"""Makes ready what a page adds to a file; None for nothing."""


class OutputError(RuntimeError):
    """The output folder can't be written."""


def list_tables(settings: RunSettings) -> dict[str, Columns]:
    """List the tables of a run with their columns: those of documents, those of records."""
    tables = dict(TABLES)
    for schema in settings.schemas:
        tables |= schema.tables
    return tables


def name_files(formats: Collection[str], settings: RunSettings) -> list[str]:
    """Name the files that results are appended to, relative to the output folder."""
    schemas = [schema.name for schema in settings.schemas]
    lines = ["documents.jsonl"] if "jsonl" in formats else []
    tables = [
        f"tables/{table}.{suffix}"
        for suffix in WRITERS
        if suffix in formats
        for table in list_tables(settings)
    ]
    return [*lines, "rejects.jsonl", *(f"records/{name}.jsonl" for name in schemas), *tables]


def name_whole_files(formats: Collection[str]) -> list[str]:
    """Name the files that are made of all results at once."""
    return [name for form, name in _WHOLE.items() if form in formats]


class ResultFiles:
    """Files that results are appended to: lines of JSON, and tables.

    A context manager; the files are complete when it ends.
    """

    def __init__(self, folder: Path, names: Mapping[str, str], settings: RunSettings) -> None:
        """Describe the files.

        Args:
            folder: Where to write; made if need be.
            names: From `name_files`, each with the name to write it under.
            settings: With the record schemas.
        """
        self._folder = folder
        self._names = names
        self._schemas = [schema.name for schema in settings.schemas]
        self._tables = list_tables(settings)
        self._stack = ExitStack()
        self._sinks: list[Sink] = []

    def __enter__(self) -> Self:
        """Open the files."""
        with self._stack:
            self._sinks = [self._open(name, place) for name, place in self._names.items()]
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *exception: Any) -> None:
        """End the files."""
        self._stack.__exit__(*exception)

    def prepare(self, result: PageResult) -> list[Append]:
        """Make ready what a page adds to the files, which may fail; none is touched before."""
        return [append for sink in self._sinks if (append := sink(result))]

    def write(self, result: PageResult) -> None:
        """Append a page to every file, or to none if it can't be to one."""
        for append in self.prepare(result):
            append()

    def _open(self, name: str, place: str) -> Sink:
        path = self._folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.startswith("tables/"):
            table = Path(name).stem
            columns = self._tables[table]
            return partial(
                _append_rows, self._stack.enter_context(open_table(path, columns)), table
            )
        file = self._stack.enter_context(path.open("wb"))
        if name.startswith("records/"):
            return partial(_append_record, file, self._schemas.index(Path(name).stem))
        return partial(_LINES[name], file)


def write_result(files: ResultFiles | Outputs, result: PageResult) -> PageResult:
    """Write a page's result; what can't be written, for whatever reason, is the page's reject.

    Raises:
        OSError: If it is the disk that refuses.
    """
    try:
        files.write(result)
    except OSError:
        raise
    except Exception as error:
        result = reject_unfit(result, error)
        files.write(result)
    return result


def _append_document(file: IO[bytes], result: PageResult) -> Append | None:
    return None if result.reject else partial(file.write, result.document + b"\n")


def _append_reject(file: IO[bytes], result: PageResult) -> Append | None:
    line = msgspec.json.encode(result.reject) + b"\n" if result.reject else None
    return partial(file.write, line) if line else None


def _append_record(file: IO[bytes], number: int, result: PageResult) -> Append | None:
    return partial(file.write, result.records[number] + b"\n") if result.records else None


def _append_rows(writer: TableWriter, table: str, result: PageResult) -> Append | None:
    rows = result.rows.get(table)
    return partial(writer.append, writer.prepare(rows)) if rows else None


_LINES: Mapping[str, Callable[[IO[bytes], PageResult], Append | None]] = {
    "documents.jsonl": _append_document,
    "rejects.jsonl": _append_reject,
}


class Outputs:
    """The output folder of a run.

    A context manager: what was not published is gone when it ends, and what
    stood in the folder before is still there. Only document files are put in
    place one by one.
    """

    def __init__(self, folder: Path, aside: Path, formats: Collection[str], settings: RunSettings):
        """Describe the outputs.

        Args:
            folder: The output folder.
            aside: A folder on the same disk, for this run alone.
            formats: Some of `FORMATS`, and `report`, for which `write_report` is to be called.
            settings: Those of the run.
        """
        self._folder = folder
        self._aside = aside
        self._formats = formats
        self._settings = settings
        self._names = name_files(formats, settings)
        # A database is filled from Parquet, which need not be among the formats.
        extra = {"parquet"} if "duckdb" in formats else set()
        everything = name_files({*formats, *extra}, settings)
        self._files = ResultFiles(aside, {name: name for name in everything}, settings)
        self._documents = DocumentFiles(folder / DOCUMENTS, aside)
        self._rejected: set[str] = set()

    def __enter__(self) -> Self:
        """Open the files aside."""
        documents = self._folder / DOCUMENTS
        if os.path.lexists(documents) and not documents.is_dir():
            raise NotADirectoryError(ENOTDIR, f"{DOCUMENTS} is no folder")
        self._remove_aside()
        self._aside.mkdir(parents=True)
        self._files.__enter__()
        return self

    def __exit__(self, *exception: Any) -> None:
        """Remove what was not published."""
        try:
            if exception[0] is not None:
                self._files.__exit__(*exception)
        finally:
            self._remove_aside()

    def _remove_aside(self) -> None:
        if self._aside.is_dir() and not self._aside.is_symlink():
            shutil.rmtree(self._aside, ignore_errors=True)
        else:
            self._aside.unlink(missing_ok=True)

    def write(self, result: PageResult) -> None:
        """Take the result of the next page by path; if this raises, nothing of it is written.

        A document that stood under its name before may be lost then.
        """
        prepared = self._files.prepare(result)
        if result.reject is not None:
            self._rejected.add(result.path)
        elif "json" in self._formats:
            self._documents.write(result)
        for append in prepared:
            append()

    def write_report(self, pages: Iterable[ReportPage | ReportReject]) -> None:
        """Write every page beside what came of it, as one HTML file."""
        from extractor.report import write_report

        write_report(self._aside / REPORT, pages)

    def publish(self, pages: Sequence[PageFile], tally: Tally) -> None:
        """Put all files in place, remove those of deleted pages and of formats no longer asked for.

        Args:
            pages: All pages of the run, by path.
            tally: Their counts, for the manifest.
        """
        self._files.__exit__(None, None, None)
        if "duckdb" in self._formats:
            self._write_database()
        names = [*self._names, *name_whole_files(self._formats)]
        former = read_outputs(self._folder / MANIFEST)
        manifest = render_manifest(self._describe(names, tally))
        for name in names:
            self._place(name)
        _sweep_files(self._folder, former, names)
        self._sweep_documents(pages)
        (self._aside / MANIFEST).write_text(manifest, encoding="utf-8")
        self._place(MANIFEST)

    def _place(self, name: str) -> None:
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (self._aside / name).replace(target)

    def _write_database(self) -> None:
        tables = list_tables(self._settings)
        files = {table: self._aside / f"tables/{table}.parquet" for table in tables}
        write_database(self._aside / DATABASE, files)

    def _describe(self, names: Iterable[str], tally: Tally) -> dict[str, Any]:
        outputs: dict[str, Any] = {name: describe_file(self._aside / name) for name in names}
        if "json" in self._formats:
            outputs[DOCUMENTS] = {"files": self._documents.count, "sha256": self._documents.sha256}
        return describe_run(self._settings, tally) | {"outputs": outputs}

    def _sweep_documents(self, pages: Sequence[PageFile]) -> None:
        """Remove the document files of deleted pages, whichever run left them."""
        folder = self._folder / DOCUMENTS
        for parent, _, names in os.walk(folder):
            for file in (Path(parent, name) for name in names):
                path = file.relative_to(folder).as_posix().removesuffix(".json")
                if file.suffix == ".json" and not self._has_document(path, pages):
                    _remove_document(file)

    def _has_document(self, path: str, pages: Sequence[PageFile]) -> bool:
        if "json" not in self._formats or path in self._rejected:
            return False
        place = bisect_left(pages, path, key=attrgetter("path"))
        return place < len(pages) and pages[place].path == path


def stamp_outputs(
    folder: Path, formats: Collection[str], settings: RunSettings, pages: Iterable[PageFile]
) -> str:
    """Give a hash of the sizes and times of all outputs, which tells whether any was touched."""
    files = (*name_whole_files(formats), *name_files(formats, settings))
    documents = (f"{DOCUMENTS}/{page.path}.json" for page in pages if "json" in formats)
    stamp = hashlib.sha256()
    for name in (MANIFEST, *files, *documents):
        try:
            about = os.stat(f"{folder}/{name}")  # noqa: PTH116 (half the time, a file a page)
            line = f"{name}\0{about.st_size}\0{about.st_mtime_ns}\n"
        except OSError:
            line = f"{name}\0\n"
        stamp.update(line.encode())
    return stamp.hexdigest()


def _remove_document(file: Path) -> None:
    """Remove a file if it is one of ours, and the folders that it leaves empty."""
    with file.open("rb") as opened:
        if opened.read(len(_OPENING)) != _OPENING:
            return
    file.unlink()
    with suppress(OSError):
        for folder in file.parents:
            folder.rmdir()


def _sweep_files(folder: Path, former: Iterable[str], names: Collection[str]) -> None:
    """Remove the outputs that a former run left and this one does not have."""
    for name in former:
        if name not in names and _OURS.fullmatch(name):
            (folder / name).unlink(missing_ok=True)
            with suppress(OSError):
                (folder / name).parent.rmdir()
