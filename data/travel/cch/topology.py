"""The compiled part of the hierarchy's shape: its tree, its shortcuts, and which can be used.

States are numbered by rank throughout. The shape is that of a sparse Cholesky factor: the tree by
path compression (Liu 1990), the rows of the factor by walks up the tree (Davis 2006).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@njit(cache=True, nogil=True)
def elimination_tree(first: Int64, lower: Int32) -> Int32:
    """Each state's parent, -1 for roots. ``lower`` holds the neighbours of lower rank, in CSR."""
    count = len(first) - 1
    parent = np.full(count, -1, dtype=np.int32)
    ancestor = np.full(count, -1, dtype=np.int32)
    for state in range(count):
        for k in range(first[state], first[state + 1]):
            at = lower[k]
            while at != -1 and at < state:
                above = ancestor[at]
                ancestor[at] = state
                if above == -1:
                    parent[at] = state
                at = above
    return parent


@njit(cache=True, nogil=True)
def postorder(parent: Int32) -> Int32:
    """States so that each subtree stands together, its root last; siblings keep their order."""
    count = len(parent)
    child = np.full(count + 1, -1, dtype=np.int32)
    sibling = np.full(count, -1, dtype=np.int32)
    for state in range(count - 1, -1, -1):
        above = parent[state] if parent[state] >= 0 else count
        sibling[state] = child[above]
        child[above] = state
    order = np.empty(count, dtype=np.int32)
    stack = np.empty(count + 1, dtype=np.int32)
    stack[0] = count
    size, placed = 1, 0
    while size:
        at = stack[size - 1]
        below = child[at]
        if below >= 0:
            child[at] = sibling[below]
            stack[size] = below
            size += 1
        else:
            size -= 1
            if at < count:
                order[placed] = at
                placed += 1
    return order


@njit(cache=True, nogil=True)
def count_shortcuts(first: Int64, lower: Int32, parent: Int32, most: int) -> Int64:
    """How many higher neighbours each state has once all lower ones are contracted.

    Stops as soon as there are more than ``most`` altogether; the sum then exceeds ``most``.
    """
    count = len(first) - 1
    higher = np.zeros(count, dtype=np.int64)
    mark = np.full(count, -1, dtype=np.int32)
    total = 0
    for state in range(count):
        mark[state] = state
        for k in range(first[state], first[state + 1]):
            at = lower[k]
            while mark[at] != state:
                mark[at] = state
                higher[at] += 1
                total += 1
                at = parent[at]
        if total > most:
            break
    return higher


@njit(cache=True, nogil=True)
def fill_shortcuts(first: Int64, lower: Int32, parent: Int32, up_first: Int64, up: Int32) -> None:
    """Fill ``up`` with each state's higher neighbours, ascending."""
    count = len(first) - 1
    mark = np.full(count, -1, dtype=np.int32)
    free = up_first[:-1].copy()
    for state in range(count):
        mark[state] = state
        for k in range(first[state], first[state + 1]):
            at = lower[k]
            while mark[at] != state:
                mark[at] = state
                up[free[at]] = state
                free[at] += 1
                at = parent[at]


@njit(cache=True, nogil=True)
def mark_usable(
    first: Int64,
    head: Int32,
    lower_first: Int64,
    lower: Int32,
    lower_arc: Int32,
    way: NDArray[np.uint8],
) -> None:
    """Spread over all shortcuts which ways they can be driven: 1 up, 2 down, 3 both.

    ``way`` comes with the ways of the graph's own arcs. A shortcut can be driven if two below it
    can, by way of the state that was contracted.
    """
    count = len(first) - 1
    here = np.zeros(count, dtype=np.uint8)
    for state in range(count):
        for k in range(first[state], first[state + 1]):
            here[head[k]] = way[k]
        for j in range(lower_first[state], lower_first[state + 1]):
            arc = lower_arc[j]
            # to the lower state and up again; from above down to the lower state and up here
            go_down, go_up = way[arc] >> 1, way[arc] & 1
            for k in range(arc + 1, first[lower[j] + 1]):
                here[head[k]] |= (go_down & way[k]) | (go_up << 1) & way[k]
        for k in range(first[state], first[state + 1]):
            way[k] = here[head[k]]


@njit(cache=True, nogil=True)
def lower_neighbours(turn_first: Int64, turn_arc: Int32, rank: Int32) -> tuple[Int64, Int32]:
    """Each state's neighbours of lower rank by turns either way, in CSR; doubles stay."""
    count = len(turn_first) - 1
    first = np.zeros(count + 1, dtype=np.int64)
    for state in range(count):
        one = rank[state]
        for k in range(turn_first[state], turn_first[state + 1]):
            other = rank[turn_arc[k]]
            if one != other:
                first[max(one, other) + 1] += 1
    first[:] = np.cumsum(first)
    free = first[:-1].copy()
    lower = np.empty(first[-1], dtype=np.int32)
    for state in range(count):
        one = rank[state]
        for k in range(turn_first[state], turn_first[state + 1]):
            other = rank[turn_arc[k]]
            if one != other:
                high = max(one, other)
                lower[free[high]] = min(one, other)
                free[high] += 1
    return first, lower


@njit(cache=True, nogil=True)
def transpose(first: Int64, head: Int32) -> tuple[Int64, Int32, Int32]:
    """The arcs of a CSR by head: the first of each head, and every arc's tail and number."""
    count = len(first) - 1
    other_first = np.zeros(count + 1, dtype=np.int64)
    for arc in range(len(head)):
        other_first[head[arc] + 1] += 1
    other_first[:] = np.cumsum(other_first)
    free = other_first[:-1].copy()
    tail = np.empty(len(head), dtype=np.int32)
    number = np.empty(len(head), dtype=np.int32)
    for state in range(count):
        for arc in range(first[state], first[state + 1]):
            place = free[head[arc]]
            tail[place] = state
            number[place] = arc
            free[head[arc]] = place + 1
    return other_first, tail, number


@njit(cache=True, nogil=True)
def place_turns(
    turn_first: Int64, turn_arc: Int32, rank: Int32, first: Int64, head: Int32
) -> Int32:
    """For each turn the number of the shortcut it lies on, -1 for a turn back into itself."""
    place = np.full(len(turn_arc), -1, dtype=np.int32)
    for state in range(len(turn_first) - 1):
        one = rank[state]
        for k in range(turn_first[state], turn_first[state + 1]):
            other = rank[turn_arc[k]]
            if one != other:
                low, high = min(one, other), max(one, other)
                left, right = first[low], first[low + 1]
                while right - left > 1:
                    middle = (left + right) // 2
                    if head[middle] <= high:
                        left = middle
                    else:
                        right = middle
                place[k] = left
    return place


@njit(cache=True, nogil=True)
def turn_ways(
    turn_first: Int64, turn_arc: Int32, rank: Int32, place: Int32, shortcuts: int
) -> NDArray[np.uint8]:
    """Which ways each shortcut can be driven by a turn alone: 1 up, 2 down, 3 both."""
    way = np.zeros(shortcuts, dtype=np.uint8)
    for state in range(len(turn_first) - 1):
        for k in range(turn_first[state], turn_first[state + 1]):
            if place[k] >= 0:
                way[place[k]] |= 1 if rank[state] < rank[turn_arc[k]] else 2
    return way


@njit(cache=True, nogil=True)
def keep_usable(
    first: Int64, head: Int32, way: NDArray[np.uint8], bit: int
) -> tuple[Int64, Int32, Int32]:
    """The shortcuts that can be driven the way ``bit``, in CSR, and the new number of each (-1)."""
    count = len(first) - 1
    kept_first = np.zeros(count + 1, dtype=np.int64)
    number = np.full(len(head), -1, dtype=np.int32)
    total = 0
    for state in range(count):
        for k in range(first[state], first[state + 1]):
            if way[k] & bit:
                number[k] = total
                total += 1
        kept_first[state + 1] = total
    kept = np.empty(total, dtype=np.int32)
    for k in range(len(head)):
        if number[k] >= 0:
            kept[number[k]] = head[k]
    return kept_first, kept, number


@njit(cache=True, nogil=True)
def turn_arcs(
    turn_first: Int64, turn_arc: Int32, rank: Int32, place: Int32, up: Int32, down: Int32
) -> Int32:
    """For each turn its arc of the hierarchy: upward k as k, downward k as -2 - k, none as -1."""
    arc = np.full(len(turn_arc), -1, dtype=np.int32)
    for state in range(len(turn_first) - 1):
        for k in range(turn_first[state], turn_first[state + 1]):
            if place[k] >= 0:
                is_up = rank[state] < rank[turn_arc[k]]
                arc[k] = up[place[k]] if is_up else -2 - down[place[k]]
    return arc


@njit(cache=True, nogil=True)
def first_above(lower_first: Int64, lower: Int32, other_first: Int64, other_head: Int32) -> Int32:
    """For each lower neighbour v of x, where v's row of the other CSR first goes beyond x."""
    above = np.empty(len(lower), dtype=np.int32)
    free = other_first[:-1].copy()
    for state in range(len(lower_first) - 1):
        for j in range(lower_first[state], lower_first[state + 1]):
            low = lower[j]
            at = free[low]
            while at < other_first[low + 1] and other_head[at] <= state:
                at += 1
            free[low] = at
            above[j] = at
    return above


@njit(cache=True, nogil=True)
def depths_and_sizes(parent: Int32) -> tuple[Int32, Int32]:
    """How many states stand above each state in its tree, and how many in its subtree."""
    count = len(parent)
    depth = np.zeros(count, dtype=np.int32)
    size = np.ones(count, dtype=np.int32)
    for state in range(count):
        if parent[state] >= 0:
            size[parent[state]] += size[state]
    for state in range(count - 1, -1, -1):
        if parent[state] >= 0:
            depth[state] = depth[parent[state]] + 1
    return depth, size
