"""Fastest paths on a road network, exact to the tenth of a second, by SciPy or our own kernel.

One weight holds both time and length: deciseconds x 2^28 + decimetres. Its sums stay below 2^53
(paths under 932 hours and 26,000 km), so they are exact in floating point too, and the least sum
is the fastest path and, of equally fast ones, the shortest. Hence every engine must give the same
seconds and the same metres, and metres always belong to the same path as the seconds.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from data.roads import RoadNetwork

if TYPE_CHECKING:
    from scipy.sparse import csr_array

LENGTH_BITS = 28
NEVER = np.int64(2**62)
"""The packed weight of a pair without a way."""

EngineName = Literal["auto", "scipy", "numba"]
Packed = NDArray[np.int64]
CHUNK = 64
"""Sources searched at once: one chunk of a million nodes holds half a gigabyte in SciPy."""

COMPILE_WORTH = 20_000_000
"""From this many sources x nodes on, loading the compiled kernel pays."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WeightedGraph:
    """A network's arcs reduced to one per pair of nodes, in CSR order, with packed weights.

    ``arc[k]`` is the network's arc behind the k-th arc here: the fastest, then shortest of its
    pair.
    """

    first: NDArray[np.int64]
    head: NDArray[np.int32]
    weight: Packed
    arc: NDArray[np.int64]

    @property
    def node_count(self) -> int:
        return len(self.first) - 1

    @cached_property
    def matrix(self) -> "csr_array":
        """The weights as SciPy's sparse matrix."""
        from scipy.sparse import csr_array

        size = self.node_count
        indices = self.head.astype(np.int32)
        return csr_array((self.weight.astype(np.float64), indices, self.first), shape=(size, size))


def weighted_graph(network: RoadNetwork, *, factor: NDArray[np.float64]) -> WeightedGraph:
    """The graph of a network whose arc times are multiplied by ``factor`` (m,)."""
    tenths = np.maximum(1, np.rint(network.deciseconds * factor)).astype(np.int64)
    weight = (tenths << LENGTH_BITS) + network.decimeters
    order = np.lexsort((weight, network.head, network.tail))
    tail, head = network.tail[order], network.head[order]
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    arc = order[is_first]
    first = np.searchsorted(network.tail[arc], np.arange(network.node_count + 1))
    return WeightedGraph(
        first=first.astype(np.int64), head=network.head[arc], weight=weight[arc], arc=arc
    )


class Engine(Protocol):
    """Answers many-to-many questions on a weighted graph."""

    def table(self, graph: WeightedGraph, sources: Packed, targets: Packed) -> Packed:
        """Packed weights (n, m) of the best paths between nodes, ``NEVER`` where there is none."""


class ScipyEngine:
    """Dijkstra by ``scipy.sparse.csgraph``: always there, and the reference for every other."""

    def table(self, graph: WeightedGraph, sources: Packed, targets: Packed) -> Packed:
        from scipy.sparse.csgraph import dijkstra

        answer = np.full((len(sources), len(targets)), NEVER, dtype=np.int64)
        for start in range(0, len(sources), CHUNK):
            rows = sources[start : start + CHUNK]
            found = dijkstra(graph.matrix, directed=True, indices=rows)[:, targets]
            is_found = np.isfinite(found)
            answer[start : start + CHUNK][is_found] = found[is_found].astype(np.int64)
        return answer


class NumbaEngine:
    """Our own Dijkstra, compiled: stops when all targets are settled, one thread per core.

    Threads each run a kernel without the interpreter lock; numba's own thread pool is not used,
    since it may not be entered from several threads of a server at once.
    """

    def __init__(self, threads: int | None = None) -> None:
        import os

        self.threads = threads or max(1, min(8, os.cpu_count() or 1))

    def table(self, graph: WeightedGraph, sources: Packed, targets: Packed) -> Packed:
        from concurrent.futures import ThreadPoolExecutor

        from data.travel.kernel import search

        answer = np.full((len(sources), len(targets)), NEVER, dtype=np.int64)
        if not len(sources) or not len(targets):
            return answer
        parts = np.array_split(np.arange(len(sources)), min(self.threads, len(sources)))

        def run(part: NDArray[np.intp]) -> None:
            found = answer[part[0] : part[-1] + 1]
            search(graph.first, graph.head, graph.weight, sources[part], targets, found)

        if len(parts) == 1:
            run(parts[0])
        else:
            with ThreadPoolExecutor(len(parts)) as pool:
                list(pool.map(run, parts))
        return answer


def choose_engine(name: EngineName, *, sources: int, nodes: int) -> Engine:
    """The engine of that name; "auto" takes the compiled one where the work repays loading it."""
    if name == "scipy" or (name == "auto" and sources * nodes < COMPILE_WORTH):
        return ScipyEngine()
    return NumbaEngine()


def unpack(packed: Packed) -> tuple[Packed, Packed]:
    """Deciseconds and decimetres of packed weights."""
    return packed >> LENGTH_BITS, packed & ((1 << LENGTH_BITS) - 1)
