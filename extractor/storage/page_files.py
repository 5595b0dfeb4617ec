"""A page as a file or an object behind a URL: its name, its place and its bytes."""

from __future__ import annotations

import os
import stat

from msgspec import Struct

from extractor.model import PageRejected, Reject
from extractor.storage.names import find_fault, is_plain, read_name, spell_name
from extractor.storage.urls import is_url, read_url

UNSAFE_NAME = "unsafe-name"
"""The rule of pages that are not read because of their names."""


class SourceError(ValueError):
    """What was named as input can't be."""


class PageFile(Struct, frozen=True, gc=False):
    """A page, and where its bytes are.

    Attributes:
        path: Its name in everything that is written: POSIX, relative to the input root.
        root: What stands before `name`, with the last slash: a folder, a URL, or "".
        name: `path`, unless the file's name is not UTF-8, or folders are told apart.
        data: The bytes, if no other process could read them: standard input, ``memory://``.
        tail: What stands after `name` in a chained URL, ``::archive.zip``.
        reject: Why the page is not to be read; None for nearly all.
    """

    path: str
    root: str
    name: str
    data: bytes | None = None
    tail: str = ""
    reject: Reject | None = None

    @property
    def location(self) -> str:
        """The file or URL to read."""
        return self.root + self.name + self.tail


def make_page(root: str, name: str, data: bytes | None = None, tail: str = "") -> PageFile:
    """Make the page of a name that a listing gave; the one place where names are checked.

    Args:
        root: The folder or URL listed, with its last slash.
        name: The page's name there.
        data: As in `PageFile`.
        tail: As in `PageFile`.

    Returns:
        The page; with a reject, and a path that can be one, if its name can't be.
    """
    if is_plain(name):
        return PageFile(name, root, name, data, tail)
    fault = find_fault(name, in_url=is_url(root))
    if fault is None:
        path = read_name(name)
        return PageFile(name if path == name else path, root, name, data, tail)
    return refuse_page(PageFile("", root, name, data, tail), spell_name(name), fault)


def refuse_page(page: PageFile, path: str, reason: str) -> PageFile:
    """Make a page one that is not read, by the rule ``unsafe-name``.

    Args:
        page: The page.
        path: What it is called from now on.
        reason: What is wrong with its name, for the end of a sentence.
    """
    reject = Reject(path, UNSAFE_NAME, f"The name can't be a path: {reason}.", None)
    return PageFile(path, page.root, page.name, page.data, page.tail, reject)


def read_page(page: PageFile) -> bytes:
    """Read a page's bytes.

    Raises:
        PageRejected: By the rule ``unreadable-file``, or because of its name.
    """
    if page.reject is not None:
        raise PageRejected(page.reject)
    if page.data is not None:
        return page.data
    try:
        return read_url(page.location) if is_url(page.root) else read_file(page.location)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    message = f"The file can't be read: {reason}."
    raise PageRejected(Reject(page.path, "unreadable-file", message, None))


def read_file(location: str | os.PathLike[str]) -> bytes:
    """Read a file that ends: a pipe would be waited for, a device could fill the memory.

    Raises:
        OSError: If it can't be read, or is no regular file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)  # Windows has no such pipes, nor the flag
    with os.fdopen(os.open(location, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "not a file")
        return file.read()
