"""Pages that give no document: by which rule, and whether another run may differ."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb

from extractor.model import Reject

TRANSIENT_RULES = frozenset(
    {"internal-error", "time-limit", "unreadable-file", "unsafe-name", "worker-crash"}
)
"""Rejects by circumstance rather than by what the page says: the next run tries again."""

_LONGEST = 500  # Characters of a message; some libraries quote all of what they were given.


def reject_bug(path: str, error: BaseException) -> Reject:
    """Make the reject of a page on which the extractor fails, naming the place in the code."""
    frames = extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return Reject(path, "internal-error", f"The extractor failed{place}: {_describe(error)}", None)


def reject_unwritten(path: str, error: BaseException) -> Reject:
    """Make the reject of a page that was extracted, but whose result can't be kept or written."""
    message = f"The page's result can't be written: {_describe(error)}"
    return Reject(path, "internal-error", message, None)


def reject_overrun(path: str, seconds: float) -> Reject:
    """Say that a page took too long."""
    return Reject(path, "time-limit", f"The page took longer than {seconds:g} s.", None)


def _describe(error: BaseException) -> str:
    """Name an error in some words that JSON can hold, whatever the page put into its message."""
    text = str(error).encode("utf-8", "replace").decode()
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
