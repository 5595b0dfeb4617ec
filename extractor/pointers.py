"""JSON pointers (RFC 6901): written, extended, read."""

from __future__ import annotations

from collections.abc import Iterable


def render_pointer(path: Iterable[str | int]) -> str:
    """Write a path as a JSON pointer.

    >>> render_pointer(("rows", 0, "a/b"))
    '/rows/0/a~1b'
    """
    return "".join([f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path])


def extend_pointer(pointer: str, *steps: str | int) -> str:
    """Go on from a JSON pointer to a part of what it points at.

    >>> extend_pointer("/metadata", "a/b", 0)
    '/metadata/a~1b/0'
    """
    return pointer + render_pointer(steps)


def parse_pointer(pointer: str) -> list[str]:
    """Split a JSON pointer into its steps, unescaped.

    >>> parse_pointer("/rows/0/a~1b")
    ['rows', '0', 'a/b']
    """
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
