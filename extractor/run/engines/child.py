"""A process of its own for work that a worker of a cluster can't do in its threads.

Time limits are held by signals, which need a main thread, and workers of Dask may
not start processes by `multiprocessing`. So each keeps a child, which may.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

Given = TypeVar("Given")
Result = TypeVar("Result")

_idle: SimpleQueue[_Child] = SimpleQueue()


class ChildError(RuntimeError):
    """A child ended before it had answered."""


def call_in_child(function: Callable[[Given], Result], argument: Given) -> Result:
    """Call a function in a child of this process, which is kept for the next call.

    Threads that call at the same time have children of their own. A child ends with
    the process that started it, at the latest when its call is done.

    Raises:
        ChildError: If the child dies.
        Exception: Whatever the function raises.
    """
    try:
        child = _idle.get_nowait()
    except Empty:
        child = _Child()
    result: Result = child.call(function, argument)
    _idle.put(child)
    return result


class _Child:
    def __init__(self) -> None:
        # The child must find what this process finds, however this one was started.
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )

    def call(self, function: Callable[[Any], Any], argument: Any) -> Any:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump((function, argument), process.stdin)
            process.stdin.flush()
            is_error, answer = pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self.end()
            raise ChildError(f"the child ended with code {process.returncode}") from error
        if is_error:
            _idle.put(self)
            raise answer
        return answer

    def end(self) -> None:
        """Kill the process, and close its pipes."""
        with suppress(OSError), self._process as process:
            process.kill()


@atexit.register
def _end_idle() -> None:
    with suppress(Empty):
        while True:
            _idle.get_nowait().end()


def main() -> None:
    """Answer calls until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What anything prints must not get between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # The pipes end with the process that started this one.
    with suppress(EOFError, BrokenPipeError):
        while True:
            function, argument = pickle.load(sys.stdin.buffer)
            pickle.dump(_answer(function, argument), answers)
            answers.flush()


def _answer(function: Callable[[Any], Any], argument: Any) -> tuple[bool, Any]:
    """Call a function; tell whether it raised an error, and give that or its result."""
    try:
        return False, function(argument)
    except Exception as error:
        return True, error


if __name__ == "__main__":
    main()
