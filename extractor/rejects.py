"""Pages that give no document: by which rule, and whether another run may differ."""

from __future__ import annotations

from pathlib import PurePosixPath
from traceback import extract_tb
from typing import TYPE_CHECKING

from extractor.model import Reject

if TYPE_CHECKING:
    pass


TRANSIENT_RULES = frozenset(
    {"internal-error", "time-limit", "unreadable-file", "unsafe-name", "worker-crash"}
)
"""Rejects by circumstance rather than by what the page says: the next run tries again."""


def reject_bug(path: str, error: BaseException) -> Reject:
    """Make the reject of a page on which the extractor fails, naming the place in the code."""
    frames = extract_tb(error.__traceback__)
    place = f" at {PurePosixPath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    text = str(error)
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return Reject(path, "internal-error", f"The extractor failed{place}: {what}", None)


def reject_overrun(path: str, seconds: float) -> Reject:
    """Say that a page took too long."""
    return Reject(path, "time-limit", f"The page took longer than {seconds:g} s.", None)
