"""The pages of a run: which files and URLs they are, under which path, and their bytes.

Input as the contract has it (section 1).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from extractor.storage.folders import (
    PAGE_SUFFIXES,
    has_magic,
    list_folder,
    list_pattern,
    split_pattern,
)
from extractor.storage.links import Links
from extractor.storage.page_files import PageFile, SourceError, make_page, read_page
from extractor.storage.remote import find_root, list_url
from extractor.storage.siblings import Group, tell_apart
from extractor.storage.urls import find_local_path, is_url

__all__ = [
    "PAGE_SUFFIXES",
    "STANDARD_INPUT",
    "Links",
    "PageFile",
    "SourceError",
    "find_pages",
    "list_pages",
    "read_page",
]

STANDARD_INPUT = "-"


def find_pages(sources: Iterable[str], links: Links | None = None) -> list[PageFile]:
    """Find the pages of some sources, sorted by path.

    Args:
        sources: Files, folders, glob patterns, fsspec URLs, or ``-`` for standard input.
        links: What to do with links that lead out of a folder: by default, leave them alone.

    Raises:
        SourceError: If a source is missing or holds no page, or two give the same path and
            nothing tells them apart.
    """
    links = links or Links()
    return tell_apart([_gather(_use_slashes(source), links) for source in sources])


def list_pages(sources: Iterable[str], links: Links | None = None) -> Iterator[PageFile]:
    """List the pages of one source after the other, whether or not their paths differ.

    Args:
        sources: As for `find_pages`.
        links: As for `find_pages`.

    Raises:
        SourceError: If a source is missing or holds no page.
    """
    links = links or Links()
    for source in sources:
        found = False
        for page in _list_source(_use_slashes(source), links):
            found = True
            yield page
        if not found:
            raise SourceError(_describe_nothing(source, links))


def _use_slashes(source: str) -> str:
    """Write a path of Windows as the others are."""
    return source.replace(os.sep, "/")


def _describe_nothing(source: str, links: Links) -> str:
    text = f"{source}: no pages there (files ending in .md, .markdown or .mdx)"
    return " ".join([f"{text}.", *links.describe()]) if links.left else text


def _gather(source: str, links: Links) -> Group:
    pages = list(list_pages([source], links))
    is_one = len(pages) == 1 and pages[0].location == source
    return Group(None if is_one else _find_folder(source), pages)


def _find_folder(source: str) -> str | None:
    """Give the folder or URL in which a source has its pages; None if it is one itself."""
    if source == STANDARD_INPUT:
        return None
    if is_url(source):
        local = find_local_path(source)
        return find_root(source) if local is None else _find_folder(local)
    if Path(source).is_dir():
        return source
    if os.path.lexists(source) or not has_magic(source):
        return None
    return split_pattern(source)[0]


def _list_source(source: str, links: Links) -> Iterator[PageFile]:
    if source == STANDARD_INPUT:
        yield PageFile("-", "", "-", sys.stdin.buffer.read())
    elif is_url(source):
        local = find_local_path(source)
        # Of this machine's own files the same is true however they are named.
        yield from list_url(source) if local is None else _list_source(local, links)
    elif Path(source).is_dir():
        yield from list_folder(source, links)
    elif os.path.lexists(source):
        cut = source.rfind("/") + 1
        yield make_page(source[:cut], source[cut:])
    elif has_magic(source):
        yield from list_pattern(source, links)
    else:
        raise SourceError(f"{source}: no such file or folder")
