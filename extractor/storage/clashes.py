"""Pages whose documents would stand in one another's place in the output folder."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from extractor.model import Reject
from extractor.storage.page_files import PageFile, refuse_page

SUFFIX = ".json"
"""What the file of a page's document ends in, after the page's path."""

LONGEST_PART = 255
"""Bytes of a folder's or file's name that file systems take."""

LONGEST_PATH = 4096
"""Bytes of a whole path that Linux takes; macOS takes 1,024, and says so by itself."""

Fold = Callable[[str], str]
"""Writes a path so that those which one file system takes for the same are the same."""


def refuse_clashes(
    pages: Sequence[PageFile], folder: Path, fold: Fold | None = None
) -> list[PageFile]:
    """Refuse the pages whose document files could not stand beside those of the others.

    Of a file and a folder of the same name, the folder stays; of names that differ in case or
    normalization only, where the file system can't tell them apart, the first by path.

    Args:
        pages: Sorted by path.
        folder: The output folder, or one beside it on the same file system; it exists.
        fold: How its file system reads names; found out by default.
    """
    fold = fold or probe_folder(folder)
    room = LONGEST_PATH - len(os.fsencode(os.path.abspath(folder))) - 1  # noqa: PTH100
    folders = _Folders(pages, fold)
    return [_check_page(page, folders, room) for page in pages]


def probe_folder(folder: Path) -> Fold:
    """Find out which names the file system of a folder takes for the same."""
    try:
        with TemporaryDirectory(prefix="probe-", dir=folder) as place:
            Path(place, "Caf\u00e9").touch()
            folds = [change for twin, change in _TWINS.items() if Path(place, twin).exists()]
    except OSError:  # what can't be written shows soon enough
        folds = []
    return lambda path: _apply(folds, path)


_TWINS: dict[str, Fold] = {
    "cAF\u00e9": str.casefold,
    "Cafe\u0301": lambda path: unicodedata.normalize("NFC", path),
}
"""Other ways to write the name of the probe, and what makes such names the same."""


def _apply(folds: Iterable[Fold], path: str) -> str:
    for fold in folds:
        path = fold(path)
    return path


class _Folders:
    """The folders in which documents stand, and the files among them that are taken."""

    def __init__(self, pages: Iterable[PageFile], fold: Fold) -> None:
        self._fold = fold
        self._tells_all = fold("A\u00e9") == "A\u00e9" and fold("e\u0301") == "e\u0301"
        self._names: dict[str, str] = {}
        self._files: dict[str, str] = {}
        last = ""
        for page in pages:
            parent = page.path.rpartition("/")[0]
            if parent != last and page.reject is None:
                last = parent
                for name in _list_parents(page.path):
                    self._names.setdefault(fold(name), name)

    def find_clash(self, path: str) -> str | None:
        """Say what stands in the way of a page's document; take its place if nothing does."""
        file = self._fold(path + SUFFIX)
        if file in self._names:
            return f"its document would stand where the folder {self._names[file]} is needed"
        if self._tells_all:
            return None
        for name in _list_parents(path):
            if (other := self._names[self._fold(name)]) != name:
                return f"the output folder can't tell {name} from {other}"
        other = self._files.setdefault(file, path)
        return None if other == path else f"the output folder can't tell it from {other}"


def _list_parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _check_page(page: PageFile, folders: _Folders, room: int) -> PageFile:
    if page.reject is not None:
        return page
    if long := _find_long(page.path, room):
        return replace(page, reject=Reject(page.path, "long-name", long, None))
    clash = folders.find_clash(page.path)
    return page if clash is None else refuse_page(page, page.path, clash)


def _find_long(path: str, room: int) -> str | None:
    """Say what is too long about a path; of the file's own name, a worker says it."""
    if len(path) * 4 < LONGEST_PART:
        return None
    if any(len(part.encode()) > LONGEST_PART for part in path.split("/")[:-1]):
        return f"The name of a folder is longer than {LONGEST_PART} bytes."
    if len(path.encode()) + len(f"documents/{SUFFIX}") > room:
        return f"The path of the document is longer than {LONGEST_PATH} bytes."
    return None
