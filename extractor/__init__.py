"""Turns pages people write in Markdown into data that programs can trust.

This is the public library. Names are loaded when they are first used, so that
``import extractor`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from extractor.version import __version__

if TYPE_CHECKING:
    from extractor.library import extract_file, extract_many
    from extractor.model import Diagnostic, Document, PageRejected, Reject
    from extractor.pipeline import extract
    from extractor.records.record import Record, RecordSchema
    from extractor.spans import without_spans
    from extractor.tables.frames import to_frames

_HOMES = {
    "Diagnostic": "extractor.model",
    "Document": "extractor.model",
    "PageRejected": "extractor.model",
    "Record": "extractor.records.record",
    "RecordSchema": "extractor.records.record",
    "Reject": "extractor.model",
    "extract": "extractor.pipeline",
    "extract_file": "extractor.library",
    "extract_many": "extractor.library",
    "to_frames": "extractor.tables.frames",
    "without_spans": "extractor.spans",
}

__all__ = [
    "Diagnostic",
    "Document",
    "PageRejected",
    "Record",
    "RecordSchema",
    "Reject",
    "__version__",
    "extract",
    "extract_file",
    "extract_many",
    "to_frames",
    "without_spans",
]


def __getattr__(name: str) -> Any:
    """Load a public name from the module it lives in (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names without loading them."""
    return sorted([*globals(), *__all__])
