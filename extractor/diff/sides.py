"""What is compared: OLD and NEW, each an index of pages that are read one at a time.

An index holds paths and places in files, some 200 bytes a page; no document
stays in memory.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Struct

from extractor.config.options import DEFAULT_OPTIONS, PageOptions
from extractor.model import PageRejected, Reject
from extractor.pipeline import extract
from extractor.storage.pages import PAGE_SUFFIXES, Links, SourceError, find_pages, read_page

_ReadPath: TypeAlias = Callable[[bytes], str]
"""Takes the path of its page from the JSON of a document or record."""


class SideError(ValueError):
    """What was named as OLD or NEW can't be compared."""


@dataclass(frozen=True, slots=True)
class PageState:
    """What one side has of a page.

    Attributes:
        document: The JSON of its document.
        reject: Why it has none.
        records: The line of each record schema, by the schema's name.
        source: The page itself, where it is at hand.
    """

    document: bytes | None = None
    reject: Reject | None = None
    records: dict[str, bytes] = field(default_factory=dict)
    source: bytes | None = None


class Side(ABC):
    """OLD or NEW.

    Attributes:
        name: As the user wrote it.
        paths: The pages that it has, sorted.
        single: Whether it is one page, to compare with one page whatever its path.
        has_rejects: Whether it knows of rejected pages.
        has_records: Whether it knows of records.
    """

    name: str
    paths: list[str]
    single: bool = False
    has_rejects: bool = False
    has_records: bool = False

    @abstractmethod
    def read(self, path: str) -> PageState:
        """Read what there is of one page.

        Raises:
            SideError: If it can't be read.
        """


def open_side(
    location: str, options: PageOptions = DEFAULT_OPTIONS, links: Links | None = None
) -> Side:
    """Find out what OLD or NEW is, and index it.

    Args:
        location: An output folder, a folder of document JSON files, a folder of
            pages, a ``.jsonl`` of documents or records, a document's ``.json``, or a page.
        options: How pages are extracted.
        links: What to do with links that lead out of a folder of pages.

    Raises:
        SideError: If it is none of these.
    """
    path = Path(location)
    if path.is_dir():
        return _open_folder(location, path, options, links)
    if not path.exists():
        raise SideError(f"{location}: no such file or folder")
    if path.suffix == ".jsonl":
        return _open_lines(location, path)
    if path.suffix == ".json":
        return OutputSide(location, documents=_index_files([path]), single=True)
    return PagesSide(location, options, single=True)


def _open_folder(location: str, path: Path, options: PageOptions, links: Links | None) -> Side:
    if (path / "documents.jsonl").exists():
        return _open_outputs(location, path, _index_lines(path / "documents.jsonl", _read_path))
    if (path / "documents").is_dir() and _has_file(path / "documents", (".json",)):
        return _open_outputs(location, path, _index_files(_list_files(path / "documents")))
    if (path / "rejects.jsonl").exists():
        return _open_outputs(location, path, {})
    if _has_file(path, PAGE_SUFFIXES):
        return PagesSide(location, options, links)
    if _has_file(path, (".json",)):
        return OutputSide(location, documents=_index_files(_list_files(path)))
    raise SideError(f"{location}: neither documents (from `run --format json`) nor pages there")


def _open_outputs(location: str, path: Path, documents: dict[str, Extent]) -> Side:
    """Open the folder that ``extractor run --out`` wrote."""
    files = sorted((path / "records").glob("*.jsonl"))
    rejects = path / "rejects.jsonl"
    return OutputSide(
        location,
        documents=documents,
        records={file.stem: _index_lines(file, _read_record_path) for file in files},
        rejects=_read_rejects(rejects) if rejects.exists() else {},
    )


def _open_lines(location: str, path: Path) -> Side:
    """Open a file of documents or of records, one a line."""
    if _holds_records(path):
        return OutputSide(location, records={path.stem: _index_lines(path, _read_record_path)})
    return OutputSide(location, documents=_index_lines(path, _read_path))


def _holds_records(path: Path) -> bool:
    """Tell by its first line whether a file is one of records."""
    try:
        with path.open("rb") as file:
            _read_record_path(file.readline())
    except OSError as error:
        raise SideError(f"{path}: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return True


def _list_files(folder: Path) -> list[Path]:
    """List the JSON files of a folder, at any depth."""
    found = (Path(root) / name for root, _, names in os.walk(folder) for name in names)
    return sorted(path for path in found if path.suffix == ".json")


def _has_file(folder: Path, suffixes: tuple[str, ...]) -> bool:
    """Tell whether a folder has such a file at any depth, hidden folders aside."""
    for _, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        if any(name.lower().endswith(suffixes) for name in names):
            return True
    return False


class Extent(NamedTuple):
    """Where the JSON of something is."""

    file: str
    start: int
    length: int

    def read(self) -> bytes:
        """Read the bytes there.

        Raises:
            SideError: If the file is gone.
        """
        try:
            with open(self.file, "rb") as file:  # noqa: PTH123 (kept as str: half the memory)
                file.seek(self.start)
                return file.read(self.length)
        except OSError as error:
            raise SideError(f"{self.file}: {error.strerror}") from error


class _Source(Struct):
    path: str


class _Head(Struct):
    """The part of a document that tells which page it is of."""

    schema: Literal["document/1", "document/2"]
    source: _Source


class _RecordHead(Struct):
    """The part of a record line that tells which page it is of."""

    path: str
    record: msgspec.Raw


_HEADS = msgspec.json.Decoder(_Head)
_RECORD_HEADS = msgspec.json.Decoder(_RecordHead)


def _read_path(data: bytes) -> str:
    return _HEADS.decode(data).source.path


def _read_record_path(data: bytes) -> str:
    return _RECORD_HEADS.decode(data).path


def _index_files(files: Iterable[Path]) -> dict[str, Extent]:
    """Index files of one document each."""
    return _build_index(_list_heads(files))


def _list_heads(files: Iterable[Path]) -> Iterator[tuple[str, Extent]]:
    for file in files:
        data = _read_bytes(file)
        yield _identify(data, _read_path, str(file)), Extent(str(file), 0, len(data))


def _index_lines(file: Path, read_path: _ReadPath) -> dict[str, Extent]:
    """Index a file of one document or record a line."""
    return _build_index(_list_line_heads(file, read_path))


def _list_line_heads(file: Path, read_path: _ReadPath) -> Iterator[tuple[str, Extent]]:
    start, name = 0, str(file)
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield (
                        _identify(line, read_path, f"{name}:{number}"),
                        Extent(name, start, len(line)),
                    )
                start += len(line)
    except OSError as error:
        raise SideError(f"{file}: {error.strerror}") from error


def _build_index(entries: Iterable[tuple[str, Extent]]) -> dict[str, Extent]:
    index: dict[str, Extent] = {}
    for path, extent in entries:
        if path in index:
            raise SideError(f"{extent.file}: {path} is there twice")
        index[path] = extent
    return index


def _identify(data: bytes, read_path: _ReadPath, place: str) -> str:
    """Take a page's path from JSON; an error names `place`."""
    try:
        return read_path(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SideError(f"{place}: not written by this extractor: {error}") from error


def _read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SideError(f"{file}: {error.strerror}") from error


def _read_rejects(file: Path) -> dict[str, Reject]:
    """Read ``rejects.jsonl``, by path."""
    try:
        rejects = msgspec.json.Decoder(Reject).decode_lines(_read_bytes(file))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SideError(f"{file}: not written by this extractor: {error}") from error
    return {reject.path: reject for reject in rejects}


class OutputSide(Side):
    """What an earlier run wrote."""

    def __init__(
        self,
        name: str,
        *,
        documents: dict[str, Extent] | None = None,
        records: dict[str, dict[str, Extent]] | None = None,
        rejects: dict[str, Reject] | None = None,
        single: bool = False,
    ) -> None:
        """Bring the indexes together.

        Args:
            name: As the user wrote it.
            documents: Where each document is, by path.
            records: Where each record is, by schema, then path.
            rejects: The rejected pages, by path; None if that is not known.
            single: Whether this is one page, whatever its path.
        """
        self.name = name
        self.single = single
        self.has_rejects = rejects is not None
        self.has_records = records is not None
        self._documents, self._records = documents or {}, records or {}
        self._rejects = rejects or {}
        self.paths = sorted({*self._documents, *self._rejects, *chain(*self._records.values())})

    def read(self, path: str) -> PageState:
        """Read the JSON of one page."""
        document = self._documents.get(path)
        return PageState(
            document=document.read() if document else None,
            reject=self._rejects.get(path),
            records={s: index[path].read() for s, index in self._records.items() if path in index},
        )


class PagesSide(Side):
    """Pages that are extracted when they are read."""

    has_rejects = True

    def __init__(
        self, name: str, options: PageOptions, links: Links | None = None, *, single: bool = False
    ) -> None:
        """Find the pages.

        Args:
            name: A folder, or a page.
            options: How they are extracted.
            links: What to do with links that lead out of a folder.
            single: Whether it is one page, whatever its path.
        """
        try:
            pages = find_pages([name], links)
        except SourceError as error:
            raise SideError(str(error)) from error
        self.name = name
        self.single = single
        self._options = options
        self._pages = {page.path: page for page in pages}
        self.paths = sorted(self._pages)

    def read(self, path: str) -> PageState:
        """Extract one page; one that can't be is a reject, as in a run."""
        page, options = self._pages[path], self._options
        data = None
        try:
            data = read_page(page)
            repair = options.repairs(page.location)
            document = extract(
                data,
                page.path,
                repair=repair,
                time_limit=options.time_limit,
                max_result=options.max_result,
            )
        except PageRejected as error:
            return PageState(reject=error.reject, source=data)
        return PageState(document=document.to_json().encode(), source=data)
