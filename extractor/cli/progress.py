"""How far a run is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any, Protocol

from extractor.cli.printing import print_text
from extractor.run.results import Tally

_BAR_SECONDS = 0.1
_LINE_SECONDS = 10.0


class Progress(Protocol):
    """Shows how far a run is, on standard error."""

    def show(self, tally: Tally, total: int) -> None:
        """Take note of what is done; called after every page."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def open_progress(*, quiet: bool) -> Progress:
    """Choose how progress is shown: not at all, as a bar, or in lines."""
    if quiet:
        return Silence()
    return Bar() if sys.stderr.isatty() else Lines()


class Silence:
    """Shows nothing."""

    def show(self, tally: Tally, total: int) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Nothing was opened."""


class Lines:
    """A plain line every ten seconds."""

    def __init__(self) -> None:
        """Start the clock."""
        self._start = self._last = time.monotonic()

    def show(self, tally: Tally, total: int) -> None:
        """Print a line when ten seconds have gone by since the last."""
        now = time.monotonic()
        if now - self._last < _LINE_SECONDS:
            return
        self._last = now
        rate = tally.pages / (now - self._start)
        left = render_duration((total - tally.pages) / rate)
        print_text(
            f"{tally.pages:,} of {total:,} pages, {rate:,.0f} pages/s, "
            f"{sum(tally.rejects.values()):,} rejected, {left} left",
            err=True,
        )

    def close(self) -> None:
        """Nothing was opened."""


class Bar:
    """A bar with pages per second, rejects and the time left; drawn by rich."""

    def __init__(self) -> None:
        """Draw nothing before the first page is done."""
        self._start = self._last = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def show(self, tally: Tally, total: int) -> None:
        """Redraw the bar, at most ten times a second."""
        now = time.monotonic()
        if now - self._last < _BAR_SECONDS:
            return
        self._last = now
        if self._bar is None:
            self._open(total)
        rate = tally.pages / (now - self._start)
        rejects = sum(tally.rejects.values())
        self._bar.update(
            self._task, completed=tally.pages, rate=f"{rate:,.0f}", rejects=f"{rejects:,}"
        )

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def _open(self, total: int) -> None:
        from rich import progress
        from rich.console import Console

        self._bar = progress.Progress(
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TextColumn("{task.fields[rate]} pages/s"),
            progress.TextColumn("{task.fields[rejects]} rejected"),
            progress.TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=total, rate="0", rejects="0")
        self._bar.start()


def render_duration(seconds: float) -> str:
    """Write a duration for people.

    >>> render_duration(3.21), render_duration(75), render_duration(7300)
    ('3.2 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
