"""The order in which arcs are contracted: nested dissection of the node graph by edge cuts.

All arcs that cross a cell's cut separate the arcs on its two sides in the turn-expanded graph too
(Buchhold, Wagner, Zeitz & Zündorf 2020), so they come last, and both sides are ordered in turn.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from territory.geo import LonLat

DIRECTIONS = 4
"""Ways in which each cell is laid out: every 45 degrees."""
SHARE = 0.25
"""Part of a cell's nodes that is source, and sink: no side of a cut is smaller."""
CELLS = 16
"""So many cells are divided one from another before threads divide them further."""

Int32 = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, eq=False)
class RoadGraph:
    """Nodes and the roads between them: one road for all arcs that join the same two nodes.

    CSR over ``first`` (n + 1), each road at both its ends, a loop once: ``head``, ``road``,
    ``capacity`` (its arcs). ``road_of_arc`` (m,). ``x``, ``y`` (n,): places in one scale.
    """

    first: NDArray[np.int64]
    head: Int32
    road: Int32
    capacity: Int32
    road_of_arc: Int32
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def road_graph(*, lonlat: LonLat, tail: Int32, head: Int32) -> RoadGraph:
    """The undirected graph behind ``tail`` and ``head`` (m,) with nodes at ``lonlat`` (n, 2)."""
    nodes = len(lonlat)
    pair = np.minimum(tail, head).astype(np.int64) * nodes + np.maximum(tail, head)
    pairs, road_of_arc, arcs = np.unique(pair, return_inverse=True, return_counts=True)
    low, high = pairs // max(1, nodes), pairs % max(1, nodes)
    roads = np.arange(len(pairs))
    is_loop = low == high
    ends = np.concatenate([low, high[~is_loop]])
    others = np.concatenate([high, low[~is_loop]])
    road = np.concatenate([roads, roads[~is_loop]])
    order = np.argsort(ends, kind="stable")
    squeeze = np.cos(np.radians(lonlat[:, 1].mean())) if nodes else 1.0
    return RoadGraph(
        first=np.searchsorted(ends[order], np.arange(nodes + 1)).astype(np.int64),
        head=others[order].astype(np.int32),
        road=road[order].astype(np.int32),
        capacity=arcs[road[order]].astype(np.int32),
        road_of_arc=road_of_arc.astype(np.int32).reshape(-1),
        x=np.ascontiguousarray(lonlat[:, 0] * squeeze, dtype=np.float64),
        y=np.ascontiguousarray(lonlat[:, 1], dtype=np.float64),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cell:
    begin: int
    end: int


def _along_curve(x: NDArray[np.float64], y: NDArray[np.float64]) -> Int32:
    """Nodes along Morton's curve, so that neighbours lie close in memory."""
    code = np.zeros(len(x), dtype=np.int64)
    for shift, values in enumerate((x, y)):
        low, high = values.min(), values.max()
        cells = ((values - low) / max(high - low, 1e-12) * 65535).astype(np.int64)
        for bit in range(16):
            code |= ((cells >> bit) & 1) << (2 * bit + shift)
    return np.argsort(code, kind="stable").astype(np.int32)


class Dissection:
    """One division of a road graph in progress: nodes by cell, and the roads cut so far."""

    def __init__(self, graph: RoadGraph) -> None:
        nodes = len(graph.x)
        self.graph = graph
        self.nodes = _along_curve(graph.x, graph.y)
        self.cell = np.zeros(nodes, dtype=np.int32)
        self.place = np.zeros(nodes, dtype=np.int32)
        turn = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
        self.directions = np.stack([np.cos(turn), np.sin(turn)], axis=1)

    def divide(self, cell: _Cell, rounds: int) -> tuple[Int32, NDArray[np.int64]]:
        """Roads cut in a cell, first cut first, and the bounds of its two halves."""
        from data.travel.cch.dissection import dissect

        graph = self.graph
        emitted = np.empty(self._most_roads(cell), dtype=np.int32)
        bounds = np.zeros(3, dtype=np.int64)
        count = dissect(
            self.nodes,
            self.cell,
            self.place,
            cell.begin,
            cell.end,
            rounds,
            graph.first,
            graph.head,
            graph.road,
            graph.capacity,
            graph.x,
            graph.y,
            self.directions,
            SHARE,
            emitted,
            bounds,
        )
        return emitted[:count].copy(), bounds

    def _most_roads(self, cell: _Cell) -> int:
        nodes = self.nodes[cell.begin : cell.end]
        return int((self.graph.first[nodes + 1] - self.graph.first[nodes]).sum())


def cut_order(graph: RoadGraph, *, threads: int) -> Iterator[Int32]:
    """All roads in batches, those that cut the largest cells first; a batch's cells are disjoint.

    The first batch is the cut of the whole graph.
    """
    if not len(graph.x):
        return
    state = Dissection(graph)
    cells = [_Cell(begin=0, end=len(graph.x))]
    with ThreadPoolExecutor(threads) as pool:
        while len(cells) < CELLS and max(cell.end - cell.begin for cell in cells) > 1000:
            divided = list(pool.map(lambda cell: state.divide(cell, 1), cells))
            yield np.concatenate([roads for roads, _ in divided])
            cells = [
                _Cell(begin=int(bounds[side]), end=int(bounds[side + 1]))
                for _, bounds in divided
                for side in (0, 1)
            ]
        yield from [roads for roads, _ in pool.map(lambda cell: state.divide(cell, -1), cells)]


def arc_order(graph: RoadGraph, batches: list[Int32]) -> Int32:
    """Arcs in the order of contraction: the reverse of that in which their roads were cut."""
    roads = np.concatenate([np.empty(0, dtype=np.int32), *batches])
    position = np.empty(len(roads), dtype=np.int64)
    position[roads] = np.arange(len(roads))
    return np.argsort(-position[graph.road_of_arc], kind="stable").astype(np.int32)
