"""Pages in folders of this machine, and by patterns."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path, PurePosixPath

from extractor.storage.links import Links
from extractor.storage.page_files import PageFile, SourceError, make_page

PAGE_SUFFIXES = (".md", ".markdown", ".mdx")
"""What the pages of a folder end in, in any case."""

_MAGIC = re.compile(r"[*?\[]")


def is_page(name: str) -> bool:
    """Tell by its suffix whether a file of a folder is a page."""
    return name.lower().endswith(PAGE_SUFFIXES)


def is_hidden(name: str) -> bool:
    """Tell whether a relative path leads through a hidden folder."""
    return any(part.startswith(".") and part.strip(".") for part in name.split("/")[:-1])


def has_magic(text: str) -> bool:
    """Tell a pattern from a path."""
    return _MAGIC.search(text) is not None


def list_folder(source: str, links: Links) -> Iterator[PageFile]:
    """List a folder's pages; every folder is read once, under its own name if it has one here.

    Links to folders wait until the end, so that neither a loop nor a second name for a folder
    changes the path of a page.
    """
    root = source.rstrip("/") + "/"
    tree = os.path.realpath(root)
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
            yield make_page(root, folder.rstrip("/"))
            continue
        for entry in entries:
            name = folder + entry.name
            is_folder = _is_folder(entry)
            if entry.name.startswith(".") if is_folder else not is_page(name):
                continue
            if entry.is_symlink() and not links.may_follow(entry.path, tree):
                continue
            if is_folder:
                queue = waiting.append if entry.is_symlink() else waiting.appendleft
                queue(f"{name}/")
            else:
                yield make_page(root, name)


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


def list_pattern(source: str, links: Links) -> Iterator[PageFile]:
    """List the pages that a glob pattern means.

    Raises:
        SourceError: If the pattern leads upwards after a wildcard.
    """
    root, pattern = split_pattern(source)
    tree = os.path.realpath(root or ".")
    for match in Path(root).glob(pattern):
        name = match.relative_to(root).as_posix()
        if (
            fits_pattern(name, pattern)
            and match.is_file()
            and links.may_follow_match(root + name, tree)
        ):
            yield make_page(root, name)


def split_pattern(source: str) -> tuple[str, str]:
    """Split a pattern before its first part with magic in it: `docs/`, `**/*.md`.

    Raises:
        SourceError: If it leads upwards after that, where one file would have many names.
    """
    magic = _MAGIC.search(source)
    cut = source.rfind("/", 0, magic.start() if magic else None) + 1
    root, pattern = source[:cut], source[cut:]
    if ".." in pattern.split("/"):
        raise SourceError(f"{source}: `..` can't follow a wildcard")
    return root, f"{pattern}/*" if pattern.endswith("**") else pattern


def fits_pattern(name: str, pattern: str) -> bool:
    """Leave out hidden folders, and what is no page, unless the pattern asks for them."""
    suffix = PurePosixPath(pattern).suffix
    named = bool(suffix) and not _MAGIC.search(suffix)
    return (named or is_page(name)) and (not is_hidden(name) or is_hidden(pattern))
