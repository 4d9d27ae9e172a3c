"""The compiled part of one path: climb from both ends, meet, and unpack the shortcuts."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_FAR = 2**60


@njit(cache=True, nogil=True)
def _climb(
    state: int,
    weight: int,
    bound: int,
    parent: Int32,
    depth: Int32,
    first: Int64,
    head: Int32,
    arc_weight: Int64,
    best: Int64,
    above: Int32,
    came_by: Int32,
    came_from: Int32,
) -> None:
    """Distances by depth to all states above ``state``, and the arc and state each came from.

    Upward arcs give distances from ``state``; downward arcs, taken backwards, those to it. Ways as
    long as ``bound`` are not followed. ``above`` are the states themselves by depth.
    """
    for place in range(depth[state] + 1):
        best[place] = _FAR
    best[depth[state]] = weight
    came_by[depth[state]] = -1
    at = state
    while at >= 0:
        so_far = best[depth[at]]
        above[depth[at]] = at
        if so_far < bound:
            for k in range(first[at], first[at + 1]):
                to = depth[head[k]]
                through = so_far + arc_weight[k]
                if through < best[to]:
                    best[to] = through
                    came_by[to] = k
                    came_from[to] = at
        at = parent[at]


@njit(cache=True, nogil=True)
def _meet(
    common: int, one_above: Int32, other_above: Int32, best_up: Int64, best_down: Int64
) -> tuple[int, int]:
    """The least weight by way of a state above both, and that state (-1 for no way).

    No common one lies deeper than ``common``.
    """
    while common >= 0 and one_above[common] != other_above[common]:
        common -= 1
    least, where = _FAR, -1
    for place in range(common, -1, -1):
        through = best_up[place] + best_down[place]
        if through < least:
            least, where = through, one_above[place]
    return least, where


@njit(cache=True, nogil=True)
def _between(
    tail: int,
    head: int,
    weight: int,
    out_first: Int64,
    out_state: Int32,
    out_arc: Int32,
    into_first: Int64,
    into_state: Int32,
    into_arc: Int32,
    up: Int64,
    down: Int64,
) -> tuple[int, int, int]:
    """The lower state that a shortcut goes through, and its two halves."""
    i_end, i = out_first[tail], out_first[tail + 1] - 1
    j_end, j = into_first[head], into_first[head + 1] - 1
    while i >= i_end and j >= j_end:  # the state between is the highest on the way: it comes soon
        if out_state[i] > into_state[j]:
            i -= 1
        elif out_state[i] < into_state[j]:
            j -= 1
        else:
            if down[out_arc[i]] + up[into_arc[j]] == weight:
                return out_state[i], out_arc[i], into_arc[j]
            i -= 1
            j -= 1
    return -1, -1, -1


@njit(cache=True, nogil=True)
def _doubled(array: Int32) -> Int32:
    """The array with as much room again."""
    longer = np.empty(2 * len(array), dtype=np.int32)
    for place in range(len(array)):
        longer[place] = array[place]
    return longer


@njit(cache=True, nogil=True)
def best_path(
    labels: Int32,
    label_weights: Int64,
    targets: Int32,
    target_weights: Int64,
    parent: Int32,
    depth: Int32,
    height: int,
    up_first: Int64,
    up_head: Int32,
    up: Int64,
    down_first: Int64,
    down_tail: Int32,
    down: Int64,
    out_first: Int64,
    out_state: Int32,
    out_arc: Int32,
    into_first: Int64,
    into_state: Int32,
    into_arc: Int32,
    up_is_turn: NDArray[np.bool_],
    down_is_turn: NDArray[np.bool_],
) -> Int32:
    """The states of the best path from one of ``labels`` to one of ``targets``, with the weights
    beside them; none if no way leads."""
    goals = len(targets)
    into, out = np.empty((goals, height), dtype=np.int64), np.empty(height, dtype=np.int64)
    above = np.empty((goals + 1, height), dtype=np.int32)
    # Rows: each target, the label at hand, the best label.
    came_by = np.empty((goals + 2, height), dtype=np.int32)
    came_from = np.empty((goals + 2, height), dtype=np.int32)
    for goal in range(goals):
        _climb(
            targets[goal],
            target_weights[goal],
            _FAR,
            parent,
            depth,
            down_first,
            down_tail,
            down,
            into[goal],
            above[goal],
            came_by[goal],
            came_from[goal],
        )
    least, top, start, end = _FAR, -1, -1, -1
    for number in range(len(labels)):
        label, weight = labels[number], label_weights[number]
        if weight >= least:
            continue
        _climb(
            label,
            weight,
            least,
            parent,
            depth,
            up_first,
            up_head,
            up,
            out,
            above[goals],
            came_by[goals],
            came_from[goals],
        )
        is_best = False
        for goal in range(goals):
            common = min(depth[label], depth[targets[goal]])
            through, where = _meet(common, above[goals], above[goal], out, into[goal])
            if through < least:
                least, top, start, end, is_best = through, where, label, goal, True
        if is_best:
            came_by[goals + 1] = came_by[goals]
            came_from[goals + 1] = came_from[goals]
    if start < 0:
        return np.empty(0, dtype=np.int32)
    # A stack of arcs to take apart, the way's last one at the bottom.
    tails = np.empty(2 * height + 2, dtype=np.int32)
    heads = np.empty(2 * height + 2, dtype=np.int32)
    arcs = np.empty(2 * height + 2, dtype=np.int32)
    size = 0
    at = top
    while came_by[end, depth[at]] >= 0:
        size += 1
        at = came_from[end, depth[at]]
    last = size
    at = top
    while came_by[end, depth[at]] >= 0:
        last -= 1
        tails[last], arcs[last] = at, came_by[end, depth[at]]
        at = came_from[end, depth[at]]
        heads[last] = at
    at = top
    while came_by[goals + 1, depth[at]] >= 0:
        heads[size], arcs[size] = at, came_by[goals + 1, depth[at]]
        at = came_from[goals + 1, depth[at]]
        tails[size] = at
        size += 1
    states = np.empty(256, dtype=np.int32)
    states[0] = start
    count = 1
    while size:
        size -= 1
        tail, head, arc = tails[size], heads[size], arcs[size]
        if up_is_turn[arc] if tail < head else down_is_turn[arc]:
            if count == len(states):
                states = _doubled(states)
            states[count] = head
            count += 1
            continue
        weight = up[arc] if tail < head else down[arc]
        via, one, other = _between(
            tail,
            head,
            weight,
            out_first,
            out_state,
            out_arc,
            into_first,
            into_state,
            into_arc,
            up,
            down,
        )
        if size + 2 > len(tails):
            tails, heads, arcs = _doubled(tails), _doubled(heads), _doubled(arcs)
        tails[size], heads[size], arcs[size] = via, head, other
        tails[size + 1], heads[size + 1], arcs[size + 1] = tail, via, one
        size += 2
    return states[:count].copy()
