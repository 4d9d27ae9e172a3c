"""Building the hierarchy of a network's turns: order, elimination tree, usable shortcuts."""

import numpy as np
from numpy.typing import NDArray

from data.roads.osm import Progress, quiet
from data.travel.cch.hierarchy import Hierarchy, HierarchyTooLarge
from data.travel.cch.order import RoadGraph, arc_order, cut_order, road_graph
from territory.geo import LonLat

BYTES_PER_SHORTCUT = 40
"""While building: head, tail, ways and numbers of a shortcut, and its share of both metrics."""
BYTES_PER_STATE = 120
BYTES_PER_TURN = 40
MEMORY_SHARE = 0.6
"""Of the memory that is free, how much a hierarchy may take if no limit is given."""
GRID_FACTOR = 8
"""A perfect grid whose first cut is c has more than this x c^2 x log2(states) shortcuts."""


def forecast_memory_bytes(*, states: int, turns: int, shortcuts: int) -> int:
    """The most memory that building and customizing a hierarchy takes."""
    return states * BYTES_PER_STATE + turns * BYTES_PER_TURN + shortcuts * BYTES_PER_SHORTCUT


def build_hierarchy(
    *,
    lonlat: LonLat,
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
    turn_first: NDArray[np.int64],
    turn_arc: NDArray[np.int32],
    progress: Progress = quiet,
    threads: int = 2,
    memory_limit_bytes: int | None = None,
) -> Hierarchy:
    """The hierarchy of m arcs and their turns: a shape for every metric over them.

    ``lonlat`` (n, 2) places the nodes; ``tail``, ``head`` (m,) are the arcs' ends. After arc a come
    the arcs ``turn_arc[turn_first[a]:turn_first[a + 1]]``. The same input gives the same hierarchy,
    with any number of threads. Raises HierarchyTooLarge, before memory is taken, if it would need
    more than ``memory_limit_bytes`` (by default most of what is free).
    """
    from data.travel.cch import topology

    # Copies may be written to; kernels would be compiled once more for arrays that may not.
    turn_first, turn_arc = np.array(turn_first, np.int64), np.array(turn_arc, np.int32)
    limit = _free_bytes() if memory_limit_bytes is None else memory_limit_bytes
    states, turns = len(tail), len(turn_arc)
    most = (limit - forecast_memory_bytes(states=states, turns=turns, shortcuts=0)) // (
        BYTES_PER_SHORTCUT
    )
    graph = road_graph(lonlat=lonlat, tail=tail, head=head)
    progress("dividing the network by its smallest cuts", 0.0)
    order = _order(graph, states=states, most=most, threads=threads, progress=progress)
    progress("placing the states in their tree", 0.7)
    rank = _ranks(order)
    lower_first, lower = topology.lower_neighbours(turn_first, turn_arc, rank)
    tree_order = topology.postorder(topology.elimination_tree(lower_first, lower))
    rank = _ranks(order[tree_order])
    lower_first, lower = topology.lower_neighbours(turn_first, turn_arc, rank)
    parent = topology.elimination_tree(lower_first, lower)
    higher = topology.count_shortcuts(lower_first, lower, parent, max(0, most))
    _refuse_beyond(int(higher.sum()), most)
    progress("finding the shortcuts", 0.8)
    first = np.zeros(states + 1, dtype=np.int64)
    np.cumsum(higher, out=first[1:])
    shortcut = np.empty(int(first[-1]), dtype=np.int32)
    topology.fill_shortcuts(lower_first, lower, parent, first, shortcut)
    place = topology.place_turns(turn_first, turn_arc, rank, first, shortcut)
    way = topology.turn_ways(turn_first, turn_arc, rank, place, len(shortcut))
    topology.mark_usable(first, shortcut, *topology.transpose(first, shortcut), way)
    progress("keeping the usable shortcuts", 0.9)
    up_first, up_head, up = topology.keep_usable(first, shortcut, way, 1)
    down_first, down_tail, down = topology.keep_usable(first, shortcut, way, 2)
    arcs = topology.turn_arcs(turn_first, turn_arc, rank, place, up, down)
    progress("the hierarchy is built", 1.0)
    return Hierarchy(
        rank=rank,
        parent=parent,
        up_first=up_first,
        up_head=up_head,
        down_first=down_first,
        down_tail=down_tail,
        turn_arc=arcs,
    )


def _free_bytes() -> int:
    import psutil

    return int(psutil.virtual_memory().available * MEMORY_SHARE)


def _ranks(order: NDArray[np.int32]) -> NDArray[np.int32]:
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank


def _order(
    graph: RoadGraph, *, states: int, most: int, threads: int, progress: Progress
) -> NDArray[np.int32]:
    """The order of contraction; given up early where the first cut is that of a grid too large."""
    batches: list[NDArray[np.int32]] = []
    capacity = np.bincount(graph.road_of_arc)
    for batch in cut_order(graph, threads=threads):
        if not batches and len(batch) < len(capacity):  # a small network comes in one batch
            cut = int(capacity[batch].sum())
            _refuse_beyond(int(GRID_FACTOR * cut**2 * np.log2(states + 2)), most)
        batches.append(batch)
        progress("dividing the network by its smallest cuts", min(0.65, 0.05 * len(batches)))
    return arc_order(graph, batches)


def _refuse_beyond(shortcuts: int, most: int) -> None:
    if shortcuts > most:
        raise HierarchyTooLarge(
            f"The hierarchy of this network needs about {shortcuts:,} shortcuts;"
            f" memory allows {max(0, most):,}.",
            fix="Search it by Dijkstra, or cut the network into regions.",
        )
