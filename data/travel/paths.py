"""One fastest path, as the arcs it follows."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from data.travel.engine import WeightedGraph

_NO_NODE = -9999
"""SciPy's word for a node without one before it."""


def path_arcs(graph: WeightedGraph, source: int, target: int) -> NDArray[np.int64] | None:
    """The graph's arcs along the best path, in order; empty from a node to itself, None if cut."""
    from scipy.sparse.csgraph import dijkstra

    if source == target:
        return np.empty(0, dtype=np.int64)
    indices = np.asarray([source])
    _, rows = dijkstra(graph.matrix, directed=True, indices=indices, return_predecessors=True)
    before = rows[0]
    if before[target] == _NO_NODE:
        return None
    nodes = [target]
    while nodes[-1] != source:
        nodes.append(int(before[nodes[-1]]))
    nodes.reverse()
    return np.asarray(
        [_arc_between(graph, tail, head) for tail, head in pairwise(nodes)],
        dtype=np.int64,
    )


def _arc_between(graph: WeightedGraph, tail: int, head: int) -> int:
    begin, end = int(graph.first[tail]), int(graph.first[tail + 1])
    return begin + int(np.searchsorted(graph.head[begin:end], head))
