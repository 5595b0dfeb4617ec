"""Pages behind URLs: of a folder, by a pattern, or in an archive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from extractor.storage.folders import fits_pattern, has_magic, is_hidden, is_page, split_pattern
from extractor.storage.page_files import PageFile, SourceError, make_page
from extractor.storage.urls import open_system

_OUTSIDE = "../"  # Before a name that a listing gives though it is not of the folder listed.


class _Chain(NamedTuple):
    """The links of a URL: ``simplecache::`` ``s3://bucket/a.md``, ``zip://a.md`` ``::a.zip``.

    Attributes:
        head: Those before the one that names the file.
        main: The one that names the file, or is a pattern.
        tail: Those after it.
    """

    head: str
    main: str
    tail: str


def list_url(source: str) -> Iterator[PageFile]:
    """List the pages that a URL means.

    Raises:
        SourceError: If there are none, or they can't be listed.
    """
    try:
        system, path = open_system(source)
        if _is_pattern(source):
            yield from _list_pattern(system, source, path)
        elif system.isdir(path):
            yield from _list_folder(system, source, path)
        elif system.exists(path):
            yield _name_file(system, source, path)
        else:
            raise SourceError(f"{source}: no such file or folder")
    except OSError as error:
        raise SourceError(f"{source}: {error.strerror or error}") from error


def find_root(source: str) -> str:
    """Give the URL that the paths of a folder's or pattern's pages start from."""
    chain = _split_chain(source)
    return split_pattern(chain.main)[0] if _is_pattern(source) else chain.main


def _split_chain(url: str) -> _Chain:
    links = url.split("::")
    main = next(number for number, link in enumerate(links) if "://" in link)
    head = "".join(f"{link}::" for link in links[:main])
    tail = "".join(f"::{link}" for link in links[main + 1 :])
    return _Chain(head, links[main], tail)


def _is_pattern(url: str) -> bool:
    # A question mark opens the query of a web address.
    main = _split_chain(url).main
    return has_magic(main) and not main.lower().startswith(("http:", "https:"))


def _name_file(system: Any, source: str, path: str) -> PageFile:
    """Make the page of a URL that names one file, whatever its suffix."""
    page = make_page("", PurePosixPath(path).name)
    data = _data_here(system, path)
    return PageFile(page.path, source, "", data, reject=page.reject)


def _list_pattern(system: Any, source: str, path: str) -> Iterator[PageFile]:
    chain = _split_chain(source)
    root, pattern = split_pattern(path)
    start = chain.head + split_pattern(chain.main)[0]
    for match, about in system.glob(root + pattern, detail=True).items():
        name = _cut_root(match, root)
        if fits_pattern(name, pattern) and about["type"] != "directory":
            yield make_page(start, name, _data_here(system, match, chain), chain.tail)


def _list_folder(system: Any, source: str, path: str) -> Iterator[PageFile]:
    if "::" in source:
        raise SourceError(
            f"{source}: a chained URL can only name a file, or files by a pattern, "
            "as in zip://**/*.md::pages.zip"
        )
    for match in system.find(path):
        name = _cut_root(match, path.rstrip("/") + "/")
        if is_page(name) and not is_hidden(name):
            yield make_page(source.rstrip("/") + "/", name, _data_here(system, match))


def _cut_root(match: str, root: str) -> str:
    return match.removeprefix(root) if match.startswith(root) else _OUTSIDE + match


def _data_here(system: Any, path: str, chain: _Chain | None = None) -> bytes | None:
    """Give the bytes of a file that lives in the memory of this process."""
    if "memory" not in system.protocol and not (chain and "memory://" in chain.tail):
        return None
    data: bytes = system.cat_file(path)
    return data
