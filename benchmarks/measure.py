"""Figures with their aims, and processes with their time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

EXTRACTOR = (sys.executable, "-c", "from extractor.cli import main; main()")
"""What the `extractor` script does, also where no script is installed."""


class MeasureError(RuntimeError):
    """A command to be measured failed."""


class Figure(NamedTuple):
    """One line of the report.

    Attributes:
        name: What was measured.
        value: The figure.
        unit: "x" for a ratio, or what it counts.
        most: The aim, if it is an upper bound.
        least: The aim, if it is a lower bound.
    """

    name: str
    value: float
    unit: str = "x"
    most: float | None = None
    least: float | None = None

    @property
    def aim(self) -> str:
        """The aim as people write it."""
        if self.most is not None:
            return f"≤ {self.most:g}"
        return "" if self.least is None else f"≥ {self.least:g}"

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; None without one."""
        if self.most is not None:
            return self.value <= self.most
        return None if self.least is None else self.value >= self.least


@dataclass(frozen=True)
class Settings:
    """How much to measure.

    Attributes:
        pages: Pages extracted one by one.
        rounds: How often each of them, and each command, is repeated.
        run_pages: Pages of a whole run.
        memory_pages: Pages of the runs whose memory is compared.
        folder: Pages to use instead of generated ones where they are extracted one by one.
        space: An empty folder for what the runs read and write.
    """

    pages: int
    rounds: int
    run_pages: int
    memory_pages: Sequence[int]
    folder: Path | None
    space: Path


class Usage(NamedTuple):
    """What a command took, its child processes counted in.

    Attributes:
        seconds: From start to end.
        processor: Processor seconds, which what else the machine does hardly changes.
        memory: Of its largest process, in MiB.
    """

    seconds: float
    processor: float
    memory: float


# A child starts with the peak memory of the process it is started from, so commands are started
# from a small one. On Linux it also adopts (prctl 36, PR_SET_CHILD_SUBREAPER) what the command
# leaves behind: workers of a fork server are no children of the command's own.
_LAUNCHER = """
import ctypes, json, os, resource, sys, time
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
start = time.perf_counter()
null = os.open(os.devnull, os.O_WRONLY)
child = os.posix_spawn(
    sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)]
)
_, status = os.waitpid(child, 0)
seconds = time.perf_counter() - start
try:
    while True:
        os.wait()
except ChildProcessError:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
processor = usage.ru_utime + usage.ru_stime
memory = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(json.dumps([os.waitstatus_to_exitcode(status), seconds, processor, memory]))
"""


def run_command(command: Sequence[str]) -> Usage:
    """Run a command to its end.

    Raises:
        MeasureError: If it fails.
    """
    # What pip installs is compiled: leave nobody without that who switched it off here.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    launched = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command],
        capture_output=True,
        text=True,
        env=environment,
    )
    if launched.returncode:
        raise MeasureError(launched.stderr.strip())
    code, *usage = json.loads(launched.stdout)
    if code:
        reason = launched.stderr.strip().splitlines() or ["no message"]
        raise MeasureError(f"exit code {code}: {reason[-1]}")
    return Usage(*usage)


def compare_commands(rounds: int, *commands: Sequence[str]) -> list[float]:
    """Run commands in turn and give the median seconds of each."""
    for command in commands:
        run_command(command)
    seconds = [[run_command(command).seconds for command in commands] for _ in range(rounds)]
    return [median(times) for times in zip(*seconds, strict=True)]


def compare_calls(rounds: int, *calls: Callable[[], object]) -> list[float]:
    """Call functions in turn and give the median processor seconds of each.

    Processor time leaves out what other programs on the machine take. Turns alternate, so that
    what changes with time, such as the machine's clock rate, concerns all of them.
    """
    seconds = [[_time_call(call) for call in calls] for _ in range(rounds)]
    return [median(times) for times in zip(*seconds, strict=True)]


def _time_call(call: Callable[[], object]) -> float:
    start = time.process_time_ns()
    call()
    return (time.process_time_ns() - start) / 1e9
