"""The compiled many-to-many search: Dijkstra with a four-way heap, one source after another.

Dijkstra (1959); the d-ary heap after Johnson (1975). Entries are removed lazily: a node may stand
in the heap several times, and all but its best entry are passed over.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

_UNREACHED = np.int64(2**62)


@njit(cache=True, nogil=True)
def _push(
    keys: NDArray[np.int64], nodes: NDArray[np.int32], size: int, key: int, node: int
) -> None:
    """Add an entry at place ``size`` and let it rise."""
    place = size
    while place > 0:
        parent = (place - 1) >> 2
        if keys[parent] <= key:
            break
        keys[place] = keys[parent]
        nodes[place] = nodes[parent]
        place = parent
    keys[place] = key
    nodes[place] = node


@njit(cache=True, nogil=True)
def _sink(keys: NDArray[np.int64], nodes: NDArray[np.int32], size: int) -> None:
    """Fill the emptied top from the entry at place ``size`` and let it sink."""
    key, node = keys[size], nodes[size]
    place = 0
    while True:
        child = 4 * place + 1
        if child >= size:
            break
        best = child
        for other in range(child + 1, min(child + 4, size)):
            if keys[other] < keys[best]:
                best = other
        if keys[best] >= key:
            break
        keys[place] = keys[best]
        nodes[place] = nodes[best]
        place = best
    keys[place] = key
    nodes[place] = node


@njit(cache=True, nogil=True)
def search(
    first: NDArray[np.int64],
    head: NDArray[np.int32],
    weight: NDArray[np.int64],
    sources: NDArray[np.int64],
    targets: NDArray[np.int64],
    found: NDArray[np.int64],
) -> None:
    """Fill ``found`` (n, m) with the least weight from each source to each target."""
    count = len(first) - 1
    distance = np.full(count, _UNREACHED, dtype=np.int64)
    is_target = np.zeros(count, dtype=np.bool_)
    for target in targets:
        is_target[target] = True
    wanted = is_target.sum()
    keys = np.empty(len(head) + 1, dtype=np.int64)
    nodes = np.empty(len(head) + 1, dtype=np.int32)
    touched = np.empty(count, dtype=np.int32)
    for row in range(len(sources)):
        source = sources[row]
        distance[source] = 0
        touched[0] = source
        reached, size, left = 1, 1, wanted
        keys[0] = 0
        nodes[0] = source
        while size > 0 and left > 0:
            key, node = keys[0], nodes[0]
            size -= 1
            if size > 0:
                _sink(keys, nodes, size)
            if key > distance[node]:
                continue
            if is_target[node]:
                left -= 1
            for arc in range(first[node], first[node + 1]):
                other = head[arc]
                longer = key + weight[arc]
                if longer < distance[other]:
                    if distance[other] == _UNREACHED:
                        touched[reached] = other
                        reached += 1
                    distance[other] = longer
                    _push(keys, nodes, size, longer, other)
                    size += 1
        for column in range(len(targets)):
            found[row, column] = distance[targets[column]]
        for place in range(reached):
            distance[touched[place]] = _UNREACHED
