"""The JSON files of documents, one for each page."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from errno import EEXIST, EILSEQ, EINVAL, EISDIR, ENAMETOOLONG, ENOTDIR
from pathlib import Path

import msgspec

from extractor.run.results import PageResult
from extractor.storage.files import put_aside

DOCUMENTS = "documents"
"""The folder of these files."""

# Of an error that comes of a file's name, or of what else is called so, not of the disk.
_NAME_ERRORS = {EEXIST, EILSEQ, EINVAL, EISDIR, ENAMETOOLONG, ENOTDIR}


class DocumentNameError(ValueError):
    """A document can't be written under its name, though others can under theirs."""


class DocumentFiles:
    """A JSON file for every document, replaced only where its bytes differ.

    Attributes:
        count: Files of this run.
    """

    def __init__(self, folder: Path, aside: Path) -> None:
        """Write to `folder`, through a file in the folder `aside`."""
        self._folder = folder
        self._aside = aside / "document.json"
        self._made: Path | None = None
        self._digest = hashlib.sha256()
        self.count = 0

    @property
    def sha256(self) -> str:
        """The hash of the lines `path`, a zero byte, hash of the file, in hexadecimal."""
        return self._digest.hexdigest()

    def write(self, result: PageResult) -> None:
        """Write the document of a page, if it has one.

        Raises:
            DocumentNameError: If it can't be called as it would have to.
        """
        if result.reject is not None:
            return
        data = render_document(result.document)
        try:
            self._place(self._folder / f"{result.path}.json", data)
        except OSError as error:
            if error.errno not in _NAME_ERRORS:
                raise
            raise DocumentNameError(f"{result.path}.json: {error.strerror}") from error
        self.count += 1
        self._digest.update(f"{result.path}\0{hashlib.sha256(data).hexdigest()}\n".encode())

    def _place(self, target: Path, data: bytes) -> None:
        if target.parent != self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made = target.parent
        if _read_if_there(target) != data:
            with put_aside(target, self._aside) as aside:
                aside.write_bytes(data)


def render_document(document: bytes) -> bytes:
    """Lay out a document's JSON for a file of its own: two spaces a level, a final newline."""
    return msgspec.json.format(document, indent=2) + b"\n"


def _read_if_there(file: Path) -> bytes | None:
    with suppress(FileNotFoundError):
        return file.read_bytes()
    return None
