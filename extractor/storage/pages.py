"""The pages of a run: which files and URLs they are, under which path, and their bytes.

Input as the contract has it (section 1).
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import Any

from msgspec import Struct

from extractor.model import PageRejected, Reject
from extractor.storage.urls import is_url, open_system, read_url

PAGE_SUFFIXES = (".md", ".markdown", ".mdx")
"""What the pages of a folder end in, in any case."""

STANDARD_INPUT = "-"

_MAGIC = re.compile(r"[*?\[]")


class SourceError(ValueError):
    """What was named as input can't be."""


class PageFile(Struct, frozen=True, gc=False):
    """A page, and where its bytes are.

    Attributes:
        path: Its name in everything that is written: POSIX, relative to the input root.
        root: What stands before `name`, with the last slash: a folder, a URL, or "".
        name: `path`, unless the file's name is not UTF-8.
        data: The bytes, if no other process could read them: standard input, ``memory://``.
    """

    path: str
    root: str
    name: str
    data: bytes | None = None

    @property
    def location(self) -> str:
        """The file or URL to read."""
        return self.root + self.name


def find_pages(sources: Iterable[str]) -> list[PageFile]:
    """Find the pages of some sources, sorted by path.

    Args:
        sources: Files, folders, glob patterns, fsspec URLs, or ``-`` for standard input.

    Raises:
        SourceError: If a source is missing or holds no page, or two give the same path.
    """
    pages = sorted(list_pages(sources), key=attrgetter("path"))
    for page, following in pairwise(pages):
        if page.path == following.path:
            raise SourceError(
                f"{page.location} and {following.location} both give the path {page.path}"
            )
    return pages


def list_pages(sources: Iterable[str]) -> Iterator[PageFile]:
    """List the pages of one source after the other, whether or not their paths differ.

    Raises:
        SourceError: If a source is missing or holds no page.
    """
    for source in sources:
        found = False
        for page in _list_source(source.replace(os.sep, "/")):  # for Windows
            found = True
            yield page
        if not found:
            raise SourceError(f"{source}: no pages there (files ending in .md, .markdown or .mdx)")


def read_page(page: PageFile) -> bytes:
    """Read a page's bytes.

    Raises:
        PageRejected: By the rule ``unreadable-file``.
    """
    if page.data is not None:
        return page.data
    try:
        return read_url(page.location) if is_url(page.root) else _read_file(page.location)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    message = f"The file can't be read: {reason}."
    raise PageRejected(Reject(page.path, "unreadable-file", message, None))


def _list_source(source: str) -> Iterator[PageFile]:
    if source == STANDARD_INPUT:
        yield PageFile("-", "", "-", sys.stdin.buffer.read())
    elif is_url(source):
        yield from _list_url(source)
    elif Path(source).is_dir():
        yield from _list_folder(source)
    elif os.path.lexists(source):
        cut = source.rfind("/") + 1
        yield _page(source[:cut], source[cut:])
    elif _MAGIC.search(source):
        yield from _list_pattern(source)
    else:
        raise SourceError(f"{source}: no such file or folder")


def _page(root: str, name: str, data: bytes | None = None) -> PageFile:
    # A name that is not UTF-8 has lone surrogates in it, which JSON can't hold.
    path = name if name.isascii() else os.fsencode(name).decode("utf-8", "replace")
    return PageFile(name if path == name else path, root, name, data)


def _is_page(name: str) -> bool:
    return name.lower().endswith(PAGE_SUFFIXES)


def _is_hidden(name: str) -> bool:
    """Tell whether a relative path leads through a hidden folder."""
    return any(part.startswith(".") for part in PurePosixPath(name).parts[:-1])


# --- files --------------------------------------------------------------------------------


def _read_file(location: str) -> bytes:
    # Not everything ends: a pipe would be waited for, a device could fill the memory.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)  # Windows has no such pipes, nor the flag
    with os.fdopen(os.open(location, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "not a file")
        return file.read()


def _list_folder(source: str) -> Iterator[PageFile]:
    """List a folder's pages; every folder is read once, under its own name if it has one here.

    Links to folders wait until the end, so that neither a loop nor a second name for a folder
    changes the path of a page.
    """
    root = source.rstrip("/") + "/"
    seen: set[tuple[int, int]] = set()
    waiting = deque([""])
    while waiting:
        folder = waiting.popleft()
        try:
            entries = _scan_once(root + folder, seen)
        except OSError as error:
            if not folder:
                raise SourceError(f"{source}: {error.strerror}") from None
            # As a page that can't be read it becomes a reject, and the others go on.
            yield _page(root, folder.rstrip("/"))
            continue
        for entry in entries:
            name = folder + entry.name
            if _is_folder(entry):
                queue = waiting.append if entry.is_symlink() else waiting.appendleft
                if not entry.name.startswith("."):
                    queue(f"{name}/")
            elif _is_page(name):
                yield _page(root, name)


def _scan_once(folder: str, seen: set[tuple[int, int]]) -> list[os.DirEntry[str]]:
    """List a folder's entries by name; none if its device and inode number are in `seen`."""
    about = Path(folder).stat()
    identity = about.st_dev, about.st_ino
    if identity in seen:
        return []
    seen.add(identity)
    return sorted(os.scandir(folder), key=attrgetter("name"))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _list_pattern(source: str) -> Iterator[PageFile]:
    root, pattern = _split_pattern(source)
    for match in Path(root).glob(pattern):
        name = match.relative_to(root).as_posix()
        if _fits_pattern(name, pattern) and match.is_file():
            yield _page(root, name)


def _split_pattern(source: str) -> tuple[str, str]:
    """Split a pattern before its first part with magic in it: `docs/`, `**/*.md`."""
    magic = _MAGIC.search(source)
    cut = source.rfind("/", 0, magic.start() if magic else None) + 1
    root, pattern = source[:cut], source[cut:]
    return root, f"{pattern}/*" if pattern.endswith("**") else pattern


def _fits_pattern(name: str, pattern: str) -> bool:
    """Leave out hidden folders, and what is no page, unless the pattern asks for them."""
    suffix = PurePosixPath(pattern).suffix
    named = bool(suffix) and not _MAGIC.search(suffix)
    return (named or _is_page(name)) and (not _is_hidden(name) or _is_hidden(pattern))


# --- URLs ---------------------------------------------------------------------------------


def _list_url(source: str) -> Iterator[PageFile]:
    try:
        system, path = open_system(source)
        if _has_magic(source):
            yield from _list_url_pattern(system, path)
        elif system.isdir(path):
            yield from _list_url_folder(system, source, path)
        elif system.exists(path):
            yield PageFile(PurePosixPath(path).name, source, "", _data_here(system, path))
        else:
            raise SourceError(f"{source}: no such file or folder")
    except OSError as error:
        raise SourceError(f"{source}: {error.strerror or error}") from error


def _has_magic(url: str) -> bool:
    # A question mark opens the query of a web address.
    return bool(_MAGIC.search(url)) and not url.lower().startswith(("http:", "https:"))


def _list_url_pattern(system: Any, path: str) -> Iterator[PageFile]:
    root, pattern = _split_pattern(path)
    for match in system.glob(root + pattern):
        name = match.removeprefix(root)
        if _fits_pattern(name, pattern) and not system.isdir(match):
            yield PageFile(name, system.unstrip_protocol(root), name, _data_here(system, match))


def _list_url_folder(system: Any, source: str, path: str) -> Iterator[PageFile]:
    if "::" in source:
        raise SourceError(f"{source}: a chained URL can only name a file")
    root = path.rstrip("/") + "/"
    for match in system.find(path):
        name = match.removeprefix(root)
        if _is_page(name) and not _is_hidden(name):
            yield PageFile(name, source.rstrip("/") + "/", name, _data_here(system, match))


def _data_here(system: Any, path: str) -> bytes | None:
    """Give the bytes of a file that lives in the memory of this process."""
    if "memory" not in system.protocol:
        return None
    data: bytes = system.cat_file(path)
    return data
