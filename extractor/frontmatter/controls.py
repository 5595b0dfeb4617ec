"""C1 control characters in values: text that went through a wrong encoding.

YAML does not allow them. What a page says is not lost for that: mojibake is read as what
it was, and what stays is kept and reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from extractor.diagnostics.rules import report
from extractor.frontmatter.detection import FrontMatter
from extractor.frontmatter.places import ValuePath
from extractor.frontmatter.values import C1_CONTROL
from extractor.model import Diagnostic
from extractor.pointers import render_pointer

_MESSAGE = "YAML does not allow a control character that stands in a value; it was kept."


def report_controls(front: FrontMatter, metadata: dict[str, Any]) -> list[Diagnostic]:
    """Report the control characters that are left in values of YAML.

    Args:
        front: The front matter as it was read.
        metadata: Its values, mojibake repaired.
    """
    if front.places is None or not front.has_controls:
        return []
    return [
        report("odd-value", front.places.find(path[1:]), _MESSAGE, pointer=render_pointer(path))
        for path in _find_controls(metadata, ("metadata",))
    ]


def _find_controls(value: Any, path: ValuePath) -> Iterator[ValuePath]:
    """Yield the path of each text with control characters in it, or in its key."""
    if isinstance(value, dict):
        for key, part in value.items():
            if C1_CONTROL.search(key):
                yield (*path, key)
            yield from _find_controls(part, (*path, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _find_controls(part, (*path, number))
    elif isinstance(value, str) and C1_CONTROL.search(value):
        yield path
