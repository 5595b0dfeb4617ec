"""What is different *in meaning* between two extractions.

`open_side` finds out what was named, `compare_sides` walks both, page by page,
and the modules of `render` write what it finds. `compare_documents` compares
two documents and nothing else.
"""

from __future__ import annotations

from extractor.diff.changes import Change, Counts, DocumentDiff, Place, Segment, start_counts
from extractor.diff.compare.documents import compare_documents
from extractor.diff.pairing import ComparedPage, compare_sides
from extractor.diff.sides import Side, SideError, open_side

__all__ = [
    "Change",
    "ComparedPage",
    "Counts",
    "DocumentDiff",
    "Place",
    "Segment",
    "Side",
    "SideError",
    "compare_documents",
    "compare_sides",
    "open_side",
    "start_counts",
]
