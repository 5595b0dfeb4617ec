"""JSON pointers (RFC 6901): written, read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


def render_pointer(path: Iterable[str | int]) -> str:
    """Write a path as a JSON pointer (RFC 6901).

    >>> render_pointer(("rows", 0, "a/b"))
    '/rows/0/a~1b'
    """
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def parse_pointer(pointer: str) -> list[str]:
    """Split a JSON pointer into its parts, unescaped.

    >>> parse_pointer("/rows/0/a~1b")
    ['rows', '0', 'a/b']
    """
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def make_pointer(path: list[str]) -> str:
    """Write a path as a JSON pointer (RFC 6901).

    >>> make_pointer(["a/b", "0"])
    '/a~1b/0'
    """
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)
