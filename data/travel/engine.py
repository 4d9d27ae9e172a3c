"""Fastest paths over turns, exact to the tenth of a second: by SciPy, or by our own Dijkstra."""

import os
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from data.travel.graph import NEVER, Packed, TurnGraph
from data.travel.labels import Labels, least_over_labels

Search = Callable[[Labels], Packed]
"""From sources to their packed weights (n, k), ``NEVER`` where there is no way."""

States = NDArray[np.int32]

CHUNK = 64
CHUNK_CELLS = 8_000_000
"""SciPy searches so many sources at once, and no more states than these together (64 MB)."""


class Engine(Protocol):
    """Answers questions on a turn-expanded graph. Sources and targets are labels of n, k places."""

    def towards(self, graph: TurnGraph, targets: Labels) -> Search:
        """A search towards these targets, which may be asked for any sources, any number of times.

        It finds the best ways that take at least one turn.
        """

    def path(self, graph: TurnGraph, source: Labels, target: Labels) -> States | None:
        """The states of the best way from one source to one target; None if there is none."""


def table(engine: Engine, graph: TurnGraph, sources: Labels, targets: Labels) -> Packed:
    """Packed weights (n, k) of the best ways between places, ``NEVER`` where there is none."""
    return engine.towards(graph, targets)(sources)


class ScipyEngine:
    """Dijkstra by ``scipy.sparse.csgraph``: always there, and the reference for every other."""

    def towards(self, graph: TurnGraph, targets: Labels) -> Search:
        states, column = np.unique(targets.state, return_inverse=True)

        def search(sources: Labels) -> Packed:
            step = max(1, min(CHUNK, CHUNK_CELLS // max(1, graph.state_count)))
            parts = [np.empty((0, len(targets)), dtype=np.int64)]
            for begin in range(0, len(sources), step):
                rows = sources.rows(begin, min(begin + step, len(sources)))
                found, _ = _scipy_search(graph, rows, wants_path=False)
                parts.append(least_over_labels(_as_packed(found[:, states]), targets, column))
            return np.concatenate(parts)

        return search

    def path(self, graph: TurnGraph, source: Labels, target: Labels) -> States | None:
        found, before = _scipy_search(graph, source, wants_path=True)
        total = _as_packed(found[0, target.state]) + target.weight
        if not len(total) or total.min() >= NEVER:
            return None
        states = [int(target.state[total.argmin()])]
        while (earlier := int(before[0, states[-1]])) < graph.state_count:
            states.append(earlier)
        return np.asarray(states[::-1], dtype=np.int32)


class DijkstraEngine:
    """Our own Dijkstra, compiled: stops when all targets are settled, one thread per core.

    Threads each run a kernel without the interpreter lock; numba's own thread pool is not used,
    since it may not be entered from several threads of a server at once.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or max(1, min(8, os.cpu_count() or 1))

    def towards(self, graph: TurnGraph, targets: Labels) -> Search:
        from data.travel.kernel import tables

        def search(sources: Labels) -> Packed:
            found = np.full((len(sources), len(targets)), NEVER, dtype=np.int64)

            def run(begin: int, end: int) -> None:
                rows = sources.rows(begin, end)
                tables(
                    graph.first,
                    graph.head,
                    graph.weight,
                    rows.first,
                    rows.state,
                    rows.weight,
                    targets.first,
                    targets.state,
                    targets.weight,
                    found[begin:end],
                )

            in_threads(run, len(sources), self.threads)
            return found

        return search

    def path(self, graph: TurnGraph, source: Labels, target: Labels) -> States | None:
        from data.travel.kernel import path

        states = path(
            graph.first,
            graph.head,
            graph.weight,
            source.state,
            source.weight,
            target.state,
            target.weight,
        )
        return states if len(states) else None


def in_threads(run: Callable[[int, int], None], count: int, threads: int) -> None:
    """Call ``run(begin, end)`` on equal shares of ``count`` rows, each in a thread of its own."""
    from concurrent.futures import ThreadPoolExecutor

    shares = min(threads, count)
    if shares <= 1:
        run(0, count)
        return
    ends = [count * share // shares for share in range(shares + 1)]
    with ThreadPoolExecutor(shares) as pool:
        list(pool.map(run, ends[:-1], ends[1:]))


def _scipy_search(
    graph: TurnGraph, sources: Labels, *, wants_path: bool
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Distances from each source to every state, and the states before; sources are states too.

    Each weight out of a source is one more than its label's, since SciPy may take 0 for no edge.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    size = graph.state_count + len(sources)
    matrix = csr_array(
        (
            np.concatenate([graph.weight, sources.weight + 1]).astype(np.float64),
            np.concatenate([graph.head, sources.state]),
            np.concatenate([graph.first, graph.first[-1] + sources.first[1:]]),
        ),
        shape=(size, size),
    )
    rows = np.arange(graph.state_count, size)
    if wants_path:
        found, before = dijkstra(matrix, indices=rows, return_predecessors=True)
        return found - 1, before
    return dijkstra(matrix, indices=rows) - 1, np.empty((0, 0), dtype=np.int32)


def _as_packed(found: NDArray[np.float64]) -> Packed:
    packed = np.full(found.shape, NEVER, dtype=np.int64)
    is_found = np.isfinite(found)
    packed[is_found] = found[is_found].astype(np.int64)
    return packed
