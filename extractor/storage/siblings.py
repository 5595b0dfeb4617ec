"""Pages of several sources told apart, where their paths would be the same."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

from msgspec.structs import replace

from extractor.storage.names import find_fault, read_name, spell_name
from extractor.storage.page_files import PageFile, SourceError, refuse_page
from extractor.storage.urls import is_url


class Group(NamedTuple):
    """The pages of one source.

    Attributes:
        folder: Where they were looked for, a folder or URL; None for a page named outright,
            which has its name as its path.
        pages: As they were found.
    """

    folder: str | None
    pages: list[PageFile]


def tell_apart(groups: Sequence[Group]) -> list[PageFile]:
    """Give every page a path of its own, and sort them by it.

    Folders that would give the same path keep as much of their own as tells them apart.

    Raises:
        SourceError: If two pages still have the same path; it names both, and the way out.
    """
    if mixed := _find_mixed(groups):
        prefixes = _choose_prefixes({number: groups[number].folder or "" for number in mixed})
        groups = [
            Group(group.folder, _move_pages(group.pages, prefixes.get(number, "")))
            for number, group in enumerate(groups)
        ]
    pages = sorted((page for group in groups for page in group.pages), key=_ORDER)
    refused = list(_refuse_twins(pages))
    if refused:
        pages = sorted(_settle(pages, refused), key=_ORDER)
    return pages


_ORDER = attrgetter("path", "location")


def _find_mixed(groups: Sequence[Group]) -> set[int]:
    """Find the folders that share a path with another source, by their numbers.

    Raises:
        SourceError: If they share the page itself.
    """
    if len(groups) < 2:
        return set()
    owners: dict[str, tuple[int, PageFile]] = {}
    mixed: set[int] = set()
    for number, group in enumerate(groups):
        for page in group.pages:
            owner, other = owners.setdefault(page.path, (number, page))
            if owner == number:
                continue
            if _locate(page.location) == _locate(other.location):
                raise SourceError(_describe_clash(other.location, page.location, page.path))
            mixed |= {owner, number}
    return {number for number in mixed if groups[number].folder is not None}


def _choose_prefixes(folders: dict[int, str]) -> dict[int, str]:
    """Choose the shortest ends of some folders that differ; "" for those that are the same."""
    parts = {number: _split_folder(folder) for number, folder in folders.items()}
    for length in range(1, max(map(len, parts.values()), default=0) + 1):
        ends = {number: "/".join(found[-length:]) for number, found in parts.items()}
        if len(set(ends.values())) == len(ends):
            return ends
    return {}


def _split_folder(folder: str) -> list[str]:
    return [part for part in _locate(folder).rpartition("://")[2].split("/") if part]


def _locate(place: str) -> str:
    """Name a file or folder from the root: `..` must go, but links must stay."""
    if is_url(place):
        return place
    return os.path.abspath(place).replace(os.sep, "/")  # noqa: PTH100


def _move_pages(pages: list[PageFile], prefix: str) -> list[PageFile]:
    if not prefix:
        return pages
    start = spell_name(prefix) if find_fault(prefix) else read_name(prefix)
    return [_rename(page, f"{start}/{page.path}") for page in pages]


def _rename(page: PageFile, path: str) -> PageFile:
    reject = page.reject and replace(page.reject, path=path)
    return replace(page, path=path, reject=reject)


# --- names that read the same ---------------------------------------------------------------


def _refuse_twins(pages: Iterable[PageFile]) -> Iterator[tuple[PageFile, PageFile]]:
    """Yield the pages whose names only read the same, with what they become.

    Raises:
        SourceError: If two have the very same name.
    """
    for path, twins in groupby(pages, key=attrgetter("path")):
        first, *others = twins
        if not others:
            continue
        same = [page for page in (first, *others) if _is_faithful(page)]
        for page, other in pairwise(same):
            raise SourceError(_describe_clash(page.location, other.location, path))
        for page in (first, *others):
            if not _is_faithful(page):
                yield page, _spell_out(page)


def _is_faithful(page: PageFile) -> bool:
    """Tell whether a page's path is its name, and no reading of it."""
    return page.reject is None and page.path.endswith(page.name)


def _spell_out(page: PageFile) -> PageFile:
    if page.reject is not None:
        return page
    prefix = page.path.removesuffix(read_name(page.name))
    reason = "it is no UTF-8, and another name reads the same"
    return refuse_page(page, prefix + spell_name(page.name), reason)


def _settle(
    pages: Iterable[PageFile], refused: Iterable[tuple[PageFile, PageFile]]
) -> Iterator[PageFile]:
    """Put the refused pages in place, numbered if even what they are called now is taken.

    Raises:
        SourceError: If one of them was named twice.
    """
    changed = {page.location: new for page, new in refused}
    rest = [page for page in pages if page.location not in changed]
    yield from rest
    taken = {page.path for page in rest}
    for new in changed.values():
        path, number = new.path, 1
        while path in taken:
            number += 1
            path = f"{new.path} ({number})"
        taken.add(path)
        yield _rename(new, path)


def _describe_clash(one: str, other: str, path: str) -> str:
    both = f"{one} and {other} both give the path {path}"
    remote = is_url(one) or is_url(other)
    if _locate(one) == _locate(other):
        return f"{both}: name it once"
    if remote:
        return f"{both}: write them to two output folders"
    common = os.path.commonpath([_locate(one), _locate(other)])
    return f"{both}: name a folder that holds both, such as {common}, or a pattern"
