"""Where pages are worked on: on this machine, or on a cluster."""

from __future__ import annotations

import os


class EngineError(RuntimeError):
    """The workers can't be started or reached."""


def count_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
