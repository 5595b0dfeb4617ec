"""Files behind URLs. The one door to fsspec, which is opened for URLs only."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from extractor.storage.files import open_aside

_URL = re.compile(r"(?:[a-z0-9]+::)*[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def is_url(text: str) -> bool:
    """Tell a URL, chained ones included, from the path of a file.

    >>> is_url("s3://bucket/a.md"), is_url("simplecache::s3://bucket"), is_url("a/b::c.md")
    (True, True, False)
    """
    return _URL.match(text) is not None


def find_local_path(url: str) -> str | None:
    """Give the path on this machine that a URL means; None for every other URL.

    >>> find_local_path("file:///srv/docs/*.md"), find_local_path("s3://bucket/docs")
    ('/srv/docs/*.md', None)
    """
    if not url.lower().startswith(("file://", "local://")) or "::" in url:
        return None
    return open_system(url)[1]


def open_system(url: str) -> tuple[Any, str]:
    """Give the file system behind a URL, and the path in it.

    Raises:
        OSError: If there is no such file system, or its library is not installed.
    """
    import fsspec

    with _as_os_errors():
        system, path = fsspec.core.url_to_fs(url)
    return system, path


def read_url(url: str) -> bytes:
    """Read a file.

    Raises:
        OSError: Whatever goes wrong.
    """
    import fsspec

    with _as_os_errors(), fsspec.open(url, "rb") as file:
        data: bytes = file.read()
    return data


def write_url(file: Path, url: str) -> None:
    """Copy a local file to a URL, where it appears complete or not at all.

    Raises:
        OSError: Whatever goes wrong.
    """
    system, path = open_system(url)
    with _as_os_errors():
        system.makedirs(path.rpartition("/")[0], exist_ok=True)
        if "file" not in system.protocol:
            # An object store shows an object when all of it has arrived.
            system.put_file(str(file), path)
            return
        with open_aside(Path(path)) as aside, file.open("rb") as source:
            shutil.copyfileobj(source, aside)


def list_names(url: str) -> list[str]:
    """List the files under a URL, at any depth, by their names relative to it; none if missing.

    Raises:
        OSError: Whatever goes wrong.
    """
    system, path = open_system(url)
    root = path.rstrip("/") + "/"
    with _as_os_errors():
        return sorted(found.removeprefix(root) for found in system.find(path))


def remove_url(url: str) -> None:
    """Remove a file.

    Raises:
        OSError: Whatever goes wrong.
    """
    system, path = open_system(url)
    with _as_os_errors():
        system.rm_file(path)


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """Make one kind of the errors of all the file systems behind fsspec."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(0, str(error) or type(error).__name__) from error
