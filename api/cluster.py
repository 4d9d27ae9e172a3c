"""Spreading work: pure functions over values, one process each, or a Dask cluster's workers."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from territory.errors import InputError, MissingPart

if TYPE_CHECKING:
    from optimizer.visits import Spread
    from optimizer.visits.executive import Outcome, Task
    from territory.survey.parts import Part, Runner

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def side_by_side(
    work: Callable[[Item], Answer], items: Sequence[Item], *, processes: int | None = None
) -> list[Answer]:
    """``work`` of each item, in the order of the items, each in a spawned process.

    ``work`` and the items must be picklable. Never forked: solvers and numba hold threads. The
    first error ends the rest and is raised here.
    """
    count = min(len(items), processes or os.cpu_count() or 1)
    if count <= 1:
        return [work(item) for item in items]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=count, mp_context=spawn) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def company_runner(dask: str, *, workers: int = 2) -> "Iterator[Runner | None]":
    """Who reads a survey's companies: None for this process, else a Dask cluster.

    ``dask`` is as in ``_client``. The survey's figures are the same.
    """
    with _client(dask, workers=workers) as client:
        yield None if client is None else DaskRunner(client)


@contextmanager
def visit_spread(dask: str, *, workers: int = 2) -> "Iterator[Spread | None]":
    """Who plans the executives of a visit plan: None for this process, else a Dask cluster.

    ``dask`` is as in ``_client``. The plan is the same.
    """
    with _client(dask, workers=workers) as client:
        yield None if client is None else DaskSpread(client)


@contextmanager
def _client(dask: str, *, workers: int) -> Iterator[Any]:
    """A client of the cluster that the setting names; None if it is empty.

    ``dask`` is empty, "local" (starts ``workers`` processes here and ends them afterwards) or the
    address of a scheduler (``tcp://host:8786``) whose workers have this package and see the same
    files.

    Raises
    ------
    InputError
        If the scheduler cannot be reached, or the setting is none of these.
    MissingPart
        If Dask is not installed.
    """
    if not dask:
        yield None
        return
    if dask != "local" and "://" not in dask:
        raise InputError(
            f"FIELDWRIGHT_DASK is {dask[:80]!r}.", fix="Write local, or tcp://HOST:PORT."
        )
    library = _distributed()
    if dask == "local":
        with (
            import_module("dask").config.set({_WORKER_ENVIRONMENT: _THREADS_OFF}),
            library.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address=None,
                memory_limit=0,  # a block is small; a limit would pause work beside other programs
            ) as cluster,
            library.Client(cluster, set_as_default=False) as client,
        ):
            yield client
        return
    try:
        client = library.Client(dask, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"No Dask scheduler answers at {dask[:200]!r}.",
            fix="Start one, or leave FIELDWRIGHT_DASK empty to use this machine alone.",
        ) from error
    with client:
        yield client


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError as error:
        raise MissingPart(
            "FIELDWRIGHT_DASK is set but Dask is not installed.",
            fix="Install fieldwright[dask], or leave FIELDWRIGHT_DASK empty.",
        ) from error


CONNECT_SECONDS = 10
LISTEN_SECONDS = 0.5
TASKS_PER_WORKER = 2  # one being done, one waiting for it
_WORKER_ENVIRONMENT = "distributed.nanny.pre-spawn-environ"
# Without Dask's own MALLOC_TRIM_THRESHOLD_, which hands every block's memory back to the kernel:
# a survey then takes twice the processor time.
_THREADS_OFF = {"OMP_NUM_THREADS": 1, "MKL_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1}
READING = ("territory.survey", "territory.units", "data.company_files", "pyarrow.parquet")
GROUPS_PER_WORKER = 4  # of many rows, so that a slow worker is not waited for long
GROUP_ROWS = 1_000_000  # fewer are not worth another answer to send: sums of all units


class DaskRunner:
    """Work on groups of parts on the workers of a Dask client, answers in the parts' order.

    Parts go to the workers once, however often they are read.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        client.run(_import, *READING)  # on all workers at once, not in their first task
        self._held: list[tuple[Sequence[Part], list[Any]]] = []

    def __call__(
        self, work: "Callable[[Sequence[Part]], Answer]", parts: "Sequence[Part]", /
    ) -> list[Answer]:
        groups = self._groups(parts)
        shared = self._client.scatter([work], broadcast=True, hash=False)[0]
        futures = [
            self._client.submit(_done, shared, group, pure=False, priority=-place)
            for place, group in enumerate(groups)
        ]
        answers: list[Answer] = self._client.gather(futures)
        return answers

    def _groups(self, parts: "Sequence[Part]") -> list[Any]:
        from territory.survey.parts import grouped

        for held, groups in self._held:
            if held is parts:
                return groups
        workers = max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))
        wanted = sum(part.rows for part in parts) // GROUP_ROWS
        made = grouped(parts, min(workers * GROUPS_PER_WORKER, max(workers, wanted)))
        groups = [self._client.scatter([group], hash=False)[0] for group in made]
        self._held.append((parts, groups))
        return groups


class DaskSpread:
    """``optimizer.visits.Spread`` on the workers of a Dask client.

    Few tasks are under way at a time, so that giving up leaves little behind. A task whose worker
    dies is done again by another.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        client.run(_import, "optimizer.visits.executive")

    @property
    def workers(self) -> int:
        """Threads of all workers now."""
        found = self._client.scheduler_info(n_workers=-1)["workers"].values()
        return max(1, sum(int(worker["nthreads"]) for worker in found))

    def __call__(
        self, work: "Callable[[Task], Outcome]", tasks: "Sequence[Task]", /
    ) -> "Iterator[tuple[int, Outcome] | None]":
        library = _distributed()
        most = TASKS_PER_WORKER * self.workers
        waiting = iter(enumerate(tasks))
        under_way: dict[Any, int] = {}
        try:
            while True:
                for place, task in islice(waiting, most - len(under_way)):
                    under_way[self._client.submit(work, task, pure=False)] = place
                if not under_way:
                    return
                for future in self._ended(library, under_way):
                    yield under_way.pop(future), future.result()
                yield None
        finally:
            self._client.cancel(list(under_way))

    def _ended(self, library: Any, futures: "Iterable[Any]") -> list[Any]:
        """Those that are done, waited for a moment."""
        try:
            with self._client.as_current():  # wait asks for a client of its own thread
                done = library.wait(
                    list(futures), timeout=LISTEN_SECONDS, return_when="FIRST_COMPLETED"
                ).done
        except TimeoutError:
            return []
        return sorted(done, key=lambda future: str(future.key))


def _import(*modules: str) -> None:
    for module in modules:
        import_module(module)


def _done(work: "Callable[[Sequence[Part]], Answer]", parts: "Sequence[Part]") -> Answer:
    return work(parts)
