"""Whether outputs would lie among the pages they are made of."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache

from extractor.run.outputs import OutputError
from extractor.storage.pages import PageFile
from extractor.storage.urls import is_url

_LOCAL = ("file://", "local://")


def refuse_pages_inside(out: str, pages: Iterable[PageFile]) -> None:
    """Refuse an output folder in which pages of the run lie: it is a source, or holds one.

    A folder inside of a source is fine, as long as it holds no page: outputs are none.

    Args:
        out: The output folder, also one that is still to be made, or a URL.
        pages: The pages of the run.

    Raises:
        OutputError: If one of them lies in it, at any depth and by whatever links.
    """
    folder = _find_path(out)
    if folder is None:
        return
    home = _resolve(folder)
    resolve = cache(_resolve)  # once for each folder of pages, in this call
    for page in pages:
        file = _find_path(page.location) if page.data is None else None
        if file is not None and resolve(os.path.dirname(file)).startswith(home):  # noqa: PTH120
            raise OutputError(
                f"{out}: holds the page {page.location}; write to a folder without sources"
            )


def _find_path(location: str) -> str | None:
    """Give the path on this machine that a path or a URL means; None if there is none."""
    for start in _LOCAL:
        if location.startswith(start):
            return location.removeprefix(start)
    return None if is_url(location) else location


def _resolve(folder: str) -> str:
    """Give the true path of a folder, with a slash at its end."""
    return os.path.join(os.path.normcase(os.path.realpath(folder)), "")  # noqa: PTH118
