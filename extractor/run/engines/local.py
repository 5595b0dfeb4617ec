"""Pages on the cores of this machine, in worker processes that may die.

Every worker has a pipe of its own, and this process waits for all of them in one
thread: when a worker dies, whatever the way, its pipe ends, and no lock and no
half message is left behind for the others. Pools that share a pipe were measured
before (pebble, two workers, 500 kB results, one killed every 0.3 s): four runs of
five hung or broke within 20 s, and ``os._exit(0)`` was noticed by its time limit only.

A worker sends every result as it comes, so that this process knows which page each is at.
A page whose worker is late is rejected; one whose worker died is done again alone, for
the cause may lie outside, and rejected if it happens again.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, cast

from extractor.limits import has_timers
from extractor.model import Reject
from extractor.rejects import reject_overrun
from extractor.run.engines import EngineError
from extractor.run.results import pack_result, reject_page
from extractor.run.settings import RunSettings
from extractor.run.worker import WORKER_MODULES, Extractor
from extractor.storage.pages import PageFile

_CHUNK_PAGES = 32
_CHUNK_BYTES = 2**20
_WINDOW = 8  # Chunks on their way for every worker: what memory holds at most.
_LOOK_AROUND = 8  # Results given between two looks at the workers; a look takes 0.05 ms.
_GRACE = 5.0  # Seconds a worker has to end an overrun itself, where there are timers.
_TRANSIT = 0.5  # Seconds a result may be under way, where there are none.
_WAIT = 1.0  # Seconds between two looks at the workers, when none has sent anything.
_STARTS = 3  # Workers in a row that may die before they are ready.


def extract_pages(
    pages: Iterable[PageFile], count: int, settings: RunSettings, jobs: int
) -> Generator[bytes]:
    """Extract pages in worker processes.

    A page that kills its worker or overruns the time limit becomes a reject; the
    others of its chunk are not touched by that.

    Args:
        pages: In the order in which results are wanted; read as workers get free.
        count: How many there are.
        settings: The same for all.
        jobs: Number of workers, at most.

    Returns:
        Packed results, in the order of `pages`, as they are asked for; closing the generator
        stops the workers.

    Raises:
        EngineError: On the way, if no worker starts.
    """
    if count:
        _start_server(settings)
    return _run_crew(pages, count, settings, jobs)


def _run_crew(
    pages: Iterable[PageFile], count: int, settings: RunSettings, jobs: int
) -> Generator[bytes]:
    size = min(_CHUNK_PAGES, max(1, count // (4 * jobs)))
    workers = min(jobs, -(-count // size))
    crew = _Crew(_cut_chunks(pages, size), settings, workers)
    try:
        yield from crew.iter_results()
    finally:
        crew.stop()


class _Job:
    """A chunk of pages; when its worker ends, what is left of it goes into jobs of their own.

    Attributes:
        pages: What to extract.
        results: Of the first of them, as they come.
        parts: The jobs that do the others.
        is_suspect: Whether it is a page whose worker died before.
    """

    def __init__(self, pages: list[PageFile], *, is_suspect: bool = False) -> None:
        self.pages = pages
        self.results: list[bytes] = []
        self.parts: list[_Job] = []
        self.is_suspect = is_suspect

    def is_done(self) -> bool:
        if self.parts:
            return all(part.is_done() for part in self.parts)
        return len(self.results) == len(self.pages)

    def iter_results(self) -> Iterator[bytes]:
        yield from self.results
        for part in self.parts:
            yield from part.iter_results()


class _Worker:
    """A process that extracts one chunk after the other."""

    def __init__(self, settings: RunSettings) -> None:
        context = _get_context()
        self._limit = settings.page.time_limit
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, settings), daemon=True)
        self.process.start()
        theirs.close()
        self.is_ready = False
        self.job: _Job | None = None
        self.deadline = float("inf")

    def start(self, job: _Job) -> None:
        """Hand over a job; should the worker be dead, its pipe will tell."""
        self.job = job
        self._set_deadline()
        with suppress(OSError):
            self.connection.send(job.pages)

    def take(self, result: bytes) -> None:
        """Take the result of the page it was at."""
        assert self.job is not None
        self.job.results.append(result)
        if self.job.is_done():
            self.job = None
        self._set_deadline()

    def is_late(self) -> bool:
        return self.deadline < time.monotonic()

    def end(self, patience: float = 0) -> int:
        """End the process, unless it does so itself within `patience` seconds.

        Returns:
            Its exit code; of a signal, the negative number.
        """
        self.process.join(patience)
        self.process.kill()
        self.process.join()
        self.connection.close()
        return self.process.exitcode or 0

    def _set_deadline(self) -> None:
        """Say when the page it is at must be done."""
        if self.job is None or self._limit is None:
            self.deadline = float("inf")
        else:
            grace = _GRACE if has_timers() else _TRANSIT
            self.deadline = time.monotonic() + self._limit + grace


class _Crew:
    """Workers, the jobs in the order of their results, and those that wait for a worker."""

    def __init__(self, chunks: Iterator[list[PageFile]], settings: RunSettings, size: int) -> None:
        self._chunks = chunks
        self._settings = settings
        self._window: deque[_Job] = deque()
        self._waiting: deque[_Job] = deque()
        self._size = size * _WINDOW
        self._failed_starts = 0
        self._workers: dict[Connection, _Worker] = {}
        for _ in range(size):
            self._add_worker()

    def iter_results(self) -> Iterator[bytes]:
        self._hand_out()
        while self._window:
            while not self._window[0].is_done():
                self._settle(timeout=_WAIT)
            for number, result in enumerate(self._window.popleft().iter_results()):
                yield result
                # Whoever takes the results takes their time: no worker should wait for that.
                if number % _LOOK_AROUND == 0:
                    self._settle(timeout=0)

    def stop(self) -> None:
        for worker in self._workers.values():
            worker.process.kill()
        for worker in self._workers.values():
            worker.end()

    def _settle(self, timeout: float) -> None:
        """Take what workers have sent, part with the dead and the late, hand out jobs."""
        deadline = min(worker.deadline for worker in self._workers.values())
        timeout = max(0.0, min(timeout, deadline - time.monotonic()))
        for connection in wait(list(self._workers), timeout):
            self._receive(self._workers[cast("Connection", connection)])
        for worker in [worker for worker in self._workers.values() if worker.is_late()]:
            self._replace(worker, patience=0)
        self._hand_out()

    def _receive(self, worker: _Worker) -> None:
        """Take all that a worker has sent."""
        try:
            self._take(worker, worker.connection.recv())
            while worker.connection.poll():
                self._take(worker, worker.connection.recv())
        except (EOFError, OSError, UnpicklingError):
            self._replace(worker, patience=_GRACE)

    def _take(self, worker: _Worker, message: bytes | str) -> None:
        if isinstance(message, str):
            raise EngineError(f"the workers can't start: {message}")
        if worker.is_ready:
            worker.take(message)
        else:
            worker.is_ready = True
            self._failed_starts = 0

    def _replace(self, worker: _Worker, patience: float) -> None:
        """Part with a worker, decide about its job, and start another."""
        is_late = worker.is_late()
        code = worker.end(patience)
        del self._workers[worker.connection]
        if worker.job is not None:
            self._fail(worker.job, code, is_late=is_late or code == _OVERRUN)
        elif not worker.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= _STARTS:
                raise EngineError(f"the workers die at their start: {_describe_exit(code)}")
        self._add_worker()

    def _fail(self, job: _Job, code: int, *, is_late: bool) -> None:
        """Decide about the page a worker was at when it ended, and have the others done."""
        place = len(job.results)
        page, others = job.pages[place], job.pages[place + 1 :]
        again = _Job([page], is_suspect=True)
        if is_late or job.is_suspect:
            again.results.append(pack_result(reject_page(self._reject(page.path, code, is_late))))
        job.parts = [again, _Job(others)] if others else [again]
        self._waiting.extendleft(part for part in reversed(job.parts) if not part.is_done())

    def _reject(self, path: str, code: int, is_late: bool) -> Reject:
        limit = self._settings.page.time_limit
        if is_late and limit is not None:
            return reject_overrun(path, limit)
        message = f"The worker died on this page: {_describe_exit(code)}."
        return Reject(path, "worker-crash", message, None)

    def _add_worker(self) -> None:
        worker = _Worker(self._settings)
        self._workers[worker.connection] = worker

    def _hand_out(self) -> None:
        """Fill the window, and give a job to every worker that has none."""
        while len(self._window) < self._size and (chunk := next(self._chunks, None)):
            job = _Job(chunk)
            self._window.append(job)
            self._waiting.append(job)
        for worker in self._workers.values():
            if self._waiting and worker.is_ready and worker.job is None:
                worker.start(self._waiting.popleft())


def _cut_chunks(pages: Iterable[PageFile], size: int) -> Iterator[list[PageFile]]:
    """Cut pages into chunks of at most `size` pages, and not much more than a megabyte."""
    chunk: list[PageFile] = []
    weight = 0
    for page in pages:
        chunk.append(page)
        weight += _weigh(page)
        if len(chunk) == size or weight > _CHUNK_BYTES:
            yield chunk
            chunk, weight = [], 0
    if chunk:
        yield chunk


def _weigh(page: PageFile) -> int:
    """Give a page's size in bytes; 0 where it would take more than a moment to learn."""
    if page.data is not None:
        return len(page.data)
    with suppress(OSError):
        return Path(page.location).stat().st_size
    return 0


_OVERRUN = -getattr(signal, "SIGPROF", 0) or None
"""What a worker exits with that computed for too long; None where no signal ends it."""


def _describe_exit(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    names = {known.value: known.name for known in signal.Signals}
    return f"signal {-code} ({names.get(-code, 'no name')})"


def _get_context() -> Any:
    """Choose how processes start: forked from a small one, or anew where nothing can be forked."""
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")


def _start_server(settings: RunSettings) -> None:
    """Let workers start in a moment: they are forked from a process that knows its modules.

    It loads them while this process does what else there is to do before the first page.
    """
    if _get_context().get_start_method() != "forkserver":
        return
    from multiprocessing import forkserver

    modules = [f"extractor.{name}" for name in WORKER_MODULES]
    forkserver.set_forkserver_preload([*modules, settings.extract.partition(":")[0]])
    forkserver.ensure_running()


def _serve(connection: Connection, settings: RunSettings) -> None:
    """Be a worker: say that it is ready, then answer pages with results until the pipe ends."""
    # An interrupt from the terminal is for the process that started this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent()
    with suppress(EOFError, OSError):
        try:
            extractor = Extractor(settings)
        except Exception as error:
            connection.send(f"{type(error).__name__}: {error}")
            return
        connection.send(b"")
        while True:
            pages: list[PageFile] = connection.recv()
            for page in pages:
                connection.send(extractor.extract_packed(page))


def _end_with_parent() -> None:
    """Let this process end when its parent dies.

    On Linux the kernel sees to that, also in code that never returns: the parent holds the
    other end of a pipe, and the default action of ``SIGIO``, which tells of its closing, is
    the end of the process. Elsewhere it is none: there a thread waits for the parent.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None
    if not (sys.platform == "linux" and _ask_for_signal(parent.sentinel)):
        threading.Thread(target=_wait_and_exit, args=(parent.sentinel,), daemon=True).start()
    elif wait([parent.sentinel], 0):  # closed before the kernel was asked
        os._exit(1)


def _ask_for_signal(pipe: int) -> bool:
    """Ask the kernel for ``SIGIO`` when the other end of a pipe closes; False if it can't."""
    try:
        import fcntl
    except ImportError:
        return False
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    return True


def _wait_and_exit(parent: int) -> None:
    wait([parent])
    os._exit(1)
