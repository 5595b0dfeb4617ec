"""Limits on what one page may cost."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from extractor.model import PageRejected
from extractor.rejects import reject_overrun

DEFAULT_SECONDS = 10.0
"""What a page may take by default; a usual page takes a hundredth of a second."""

_AGAIN = 1.0
_GRACE = 2.0
_TIMERS = ("SIGALRM", "SIGPROF", "setitimer")


class _TimeIsUp(BaseException):
    """Ends the work on a page from a signal handler; no library may catch it as an error."""


def has_timers() -> bool:
    """Tell whether this system interrupts a process after some time; Windows does not."""
    return all(hasattr(signal, name) for name in _TIMERS)


@contextmanager
def limit_time(seconds: float | None, path: str) -> Iterator[None]:
    """Reject a page when the block takes longer.

    By ``SIGALRM``, hence in the main thread only. In other threads, and on systems without
    this signal (Windows), there is no limit here: there it takes another process that ends
    this one, as a run does with its workers. A timer that was already running goes on
    afterwards.

    Args:
        seconds: Wall-clock time; None for no limit.
        path: The page, for the reject.

    Raises:
        PageRejected: By the rule ``time-limit``.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if seconds is None or not in_main or not has_timers():
        yield
        return
    try:
        with _alarm(seconds):
            yield
    except _TimeIsUp:
        raise PageRejected(reject_overrun(path, seconds)) from None


@contextmanager
def limit_processor(seconds: float | None) -> Iterator[None]:
    """Let the kernel end this process when the block computes for much longer.

    For code that never comes back to Python, where no handler runs: the default
    action of ``SIGPROF`` ends the process. Main thread of a worker only; without this signal
    there is no limit here.

    Args:
        seconds: Processor time, to which a grace of two seconds is added; None for no limit.
    """
    if not has_timers():
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, 0 if seconds is None else seconds + _GRACE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise _TimeIsUp

    handler = signal.signal(signal.SIGALRM, ring)
    # The alarm rings again, should a bare `except:` have swallowed it.
    before = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    start = time.monotonic()
    try:
        yield
    finally:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
        finally:
            signal.signal(signal.SIGALRM, handler)
            _resume(before, time.monotonic() - start)


def _resume(timer: tuple[float, float], elapsed: float) -> None:
    """Let an outer timer go on as if ours had never been."""
    left, interval = timer
    if left:
        signal.setitimer(signal.ITIMER_REAL, max(left - elapsed, 1e-3), interval)
