"""Fastest drives over a network's arrays by SciPy, with and without its turns."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from data.roads import RoadNetwork
from tests.data.roads.traffic_law import Step

Numbers = NDArray[np.int64]


def steps(network: RoadNetwork, arcs: list[int]) -> list[Step]:
    """What a drive along arcs is to the law."""
    ids = network.node_osm_id
    way = network.line_way_id[network.arc_line]
    return [
        (int(way[arc]), int(ids[network.tail[arc]]), int(ids[network.head[arc]])) for arc in arcs
    ]


def turning(network: RoadNetwork) -> csr_array:
    """From arc to arc: driving the first (tenths of a second), then turning."""
    before = np.repeat(np.arange(network.arc_count), np.diff(network.turn_first))
    weight = network.deciseconds[before] + network.turn_deciseconds
    size = network.arc_count
    return csr_array(
        (weight.astype(np.float64), network.turn_arc, network.turn_first), shape=(size, size)
    )


def drives(network: RoadNetwork, starts: Numbers, ends: Numbers) -> Iterator[list[int]]:
    """The fastest drive from each start arc to each end arc, both driven, where there is one.

    ``ends`` are (k,) for all starts, or (n, k) for each.
    """
    graph = turning(network)
    for start, own_ends in zip(starts.tolist(), _rows(starts, ends), strict=True):
        _, previous = dijkstra(graph, indices=start, return_predecessors=True)
        for end in own_ends:
            arcs = _traced(previous, start, end)
            if arcs:
                yield arcs


def plain_drives(network: RoadNetwork, starts: Numbers, ends: Numbers) -> Iterator[list[int]]:
    """As ``drives``, from heads to tails of those arcs and without turns: on the graph of nodes."""
    order = np.lexsort((network.deciseconds, network.head, network.tail))
    key = np.stack([network.tail[order], network.head[order]])
    least = order[np.concatenate([[True], (np.diff(key) != 0).any(axis=0)])]
    tail, head = network.tail[least], network.head[least]
    size = network.node_count
    seconds = network.deciseconds[least].astype(np.float64)
    graph = csr_array((seconds, (tail, head)), shape=(size, size))
    pairs = zip(tail.tolist(), head.tolist(), strict=True)
    arc_of = dict(zip(pairs, least.tolist(), strict=True))
    rows = zip(network.head[starts].tolist(), _rows(starts, network.tail[ends]), strict=True)
    for start, own_ends in rows:
        _, previous = dijkstra(graph, indices=start, return_predecessors=True)
        for end in own_ends:
            nodes = _traced(previous, start, end)
            if nodes:
                yield [arc_of[pair] for pair in pairwise(nodes)]


def _rows(starts: Numbers, ends: NDArray[np.integer]) -> list[list[int]]:
    rows: list[list[int]] = np.broadcast_to(ends, (len(starts), ends.shape[-1])).tolist()
    return rows


def _traced(previous: NDArray[np.int32], start: int, end: int) -> list[int]:
    trail = [end]
    while trail[-1] != start:
        before = int(previous[trail[-1]])
        if before < 0:
            return []
        trail.append(before)
    return trail[::-1]
