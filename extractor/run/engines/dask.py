"""Calls of a function spread over a Dask cluster. The one door to Dask."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from extractor.run.engines import EngineError
from extractor.run.engines.child import call_in_child
from extractor.tables.duckdb import MissingExtraError

if TYPE_CHECKING:
    from distributed import Client

Work = TypeVar("Work")
Result = TypeVar("Result")

_WINDOW = 3  # Parts on their way for every thread of the cluster.
_RETRIES = 2  # For what may pass: a child that died, a network that failed.
_PATIENCE = 30  # Seconds in which a cluster must answer.


def compute_parts(
    function: Callable[[Work], Result], parts: Iterable[Work], scheduler: str | None, jobs: int
) -> Generator[Result]:
    """Call a function with each of some parts, each in a child of a worker of a cluster.

    When a worker dies, its parts are done again by others; the function must not mind
    being called again for a part.

    Args:
        function: Known by its name to the workers.
        parts: Taken as workers get free.
        scheduler: Address of the scheduler; None to start a cluster on this machine.
        jobs: Workers of a cluster on this machine.

    Yields:
        Results, in the order in which they are there.

    Raises:
        EngineError: If the cluster can't be reached, or its workers keep dying.
        MissingExtraError: If Dask is not installed.
        Exception: Whatever the function raises.
    """
    left = iter(parts)
    with _open_client(scheduler, jobs) as client:
        from distributed import KilledWorker, as_completed

        def submit(part: Work) -> Any:
            return client.submit(call_in_child, function, part, pure=False, retries=_RETRIES)

        size = _WINDOW * sum(client.nthreads().values())
        under_way = as_completed([submit(part) for part in islice(left, size)], loop=client.loop)
        for future in under_way:
            try:
                yield future.result()
            except KilledWorker as error:
                raise EngineError(f"the workers of the cluster keep dying: {error}") from error
            future.release()
            for part in islice(left, 1):
                under_way.add(submit(part))


@contextmanager
def _open_client(scheduler: str | None, jobs: int) -> Iterator[Client]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        message = "The Dask engine needs the extra: pip install 'extractor[dask]'"
        raise MissingExtraError(message) from error
    with ExitStack() as stack:
        address: Any = scheduler
        if scheduler is None:
            # A free port, for others may run clusters here too.
            cluster = LocalCluster(
                n_workers=jobs, threads_per_worker=1, dashboard_address="localhost:0"
            )
            address = stack.enter_context(cluster)
        try:
            client = stack.enter_context(Client(address, timeout=_PATIENCE, set_as_default=False))
            client.wait_for_workers(1, timeout=_PATIENCE)
        except (OSError, TimeoutError) as error:
            raise EngineError(f"no Dask cluster at {scheduler}: {error}") from error
        yield client
