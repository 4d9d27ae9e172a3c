"""The compiled search for the nearest few on a contraction hierarchy.

Buckets after Knopp et al. (2007): each state above a target remembers the target and the way down
to it. For the k nearest a state need not remember more than its own k nearest (Delling & Werneck
2015), so a search upwards from a source meets short sorted lists and may break each off early.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from data.travel.kernel import _enter, _is_better

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_FAR = 2**60
_NEVER = 2**62


@njit(cache=True, nogil=True)
def _climb(states: Int32, parent: Int32, is_above: NDArray[np.bool_], above: Int32) -> int:
    """Write all states on the ways from ``states`` to their roots to the end of ``above``.

    Each comes after those below it. Returns where they begin.
    """
    at = len(above)
    for label in range(len(states)):
        state = states[label]
        length = 0
        while state >= 0 and not is_above[state]:
            is_above[state] = True
            length += 1
            state = parent[state]
        at -= length
        state = states[label]
        for step in range(length):
            above[at + step] = state
            state = parent[state]
    for place in range(at, len(above)):
        is_above[above[place]] = False
    return at


@njit(cache=True, nogil=True)
def bucket_rows(
    target_first: Int64, target_state: Int32, parent: Int32, height: int, most: int
) -> Int64:
    """Where each state's bucket begins (states + 1,): no more than ``most`` targets in each."""
    count = np.zeros(len(parent) + 1, dtype=np.int64)
    is_above = np.zeros(len(parent), dtype=np.bool_)
    for target in range(len(target_first) - 1):
        states = target_state[target_first[target] : target_first[target + 1]]
        above = np.empty(len(states) * height, dtype=np.int32)
        for place in range(_climb(states, parent, is_above, above), len(above)):
            state = above[place]
            count[state + 1] = min(most, count[state + 1] + 1)
    return np.cumsum(count)


@njit(cache=True, nogil=True)
def fill_buckets(
    target_first: Int64,
    target_state: Int32,
    target_weight: Int64,
    parent: Int32,
    height: int,
    down_first: Int64,
    down_tail: Int32,
    down: Int64,
    bucket_first: Int64,
    weight: Int64,
    who: Int32,
) -> Int32:
    """Fill the buckets, each by weight, then number of the target; how many each holds."""
    held = np.zeros(len(parent), dtype=np.int32)
    distance = np.full(len(parent), _FAR, dtype=np.int64)
    is_above = np.zeros(len(parent), dtype=np.bool_)
    for target in range(len(target_first) - 1):
        begin, end = target_first[target], target_first[target + 1]
        states = target_state[begin:end]
        above = np.empty(len(states) * height, dtype=np.int32)
        at = _climb(states, parent, is_above, above)
        for label in range(begin, end):
            state = target_state[label]
            distance[state] = min(distance[state], target_weight[label])
        for place in range(at, len(above)):
            state = above[place]
            here = distance[state]
            distance[state] = _FAR
            if here >= _FAR:
                continue
            for k in range(down_first[state], down_first[state + 1]):
                tail = down_tail[k]
                distance[tail] = min(distance[tail], here + down[k])
            row = slice(bucket_first[state], bucket_first[state + 1])
            if _is_better(weight[row], who[row], held[state], here, target):
                held[state] = _enter(weight[row], who[row], held[state], here, target, _NEVER)
    return held


@njit(cache=True, nogil=True)
def nearest_above(
    source_first: Int64,
    source_state: Int32,
    source_weight: Int64,
    parent: Int32,
    height: int,
    up_first: Int64,
    up_head: Int32,
    up: Int64,
    bucket_first: Int64,
    bucket_weight: Int64,
    bucket_who: Int32,
    held: Int32,
    near_first: Int64,
    near_target: Int64,
    near_weight: Int64,
    targets: int,
    limit: int,
    index: Int32,
    found: Int64,
) -> None:
    """Fill ``index`` and ``found`` (n, k) with the best k targets of each source.

    ``near`` are drives that need no search, by source.
    """
    distance = np.full(len(parent), _FAR, dtype=np.int64)
    is_above = np.zeros(len(parent), dtype=np.bool_)
    known = np.full(targets, _NEVER, dtype=np.int64)
    seen = np.empty(targets, dtype=np.int32)
    for row in range(len(source_first) - 1):
        best, who = found[row], index[row]
        listed, met = 0, 0
        for place in range(near_first[row], near_first[row + 1]):
            target, total = near_target[place], near_weight[place]
            if total > limit or total >= known[target]:
                continue
            if _is_better(best, who, listed, total, target):
                listed = _enter(best, who, listed, total, target, known[target])
            if known[target] == _NEVER:
                seen[met] = target
                met += 1
            known[target] = total
        begin, end = source_first[row], source_first[row + 1]
        states = source_state[begin:end]
        above = np.empty(len(states) * height, dtype=np.int32)
        at = _climb(states, parent, is_above, above)
        for label in range(begin, end):
            state = source_state[label]
            distance[state] = min(distance[state], source_weight[label])
        for place in range(at, len(above)):
            state = above[place]
            here = distance[state]
            distance[state] = _FAR
            if here > limit or (listed == len(best) and here > best[listed - 1]):
                continue
            for k in range(up_first[state], up_first[state + 1]):
                head = up_head[k]
                distance[head] = min(distance[head], here + up[k])
            for entry in range(bucket_first[state], bucket_first[state] + held[state]):
                target, total = bucket_who[entry], here + bucket_weight[entry]
                if total > limit or not _is_better(best, who, listed, total, target):
                    break
                if total >= known[target]:
                    continue
                listed = _enter(best, who, listed, total, target, known[target])
                if known[target] == _NEVER:
                    seen[met] = target
                    met += 1
                known[target] = total
        for place in range(met):
            known[seen[place]] = _NEVER
