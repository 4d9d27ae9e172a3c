"""The compiled searches: Dijkstra with a four-way heap over the turn-expanded graph.

Dijkstra (1959); the d-ary heap after Johnson (1975). Entries are removed lazily: a state may stand
in the heap several times, and all but its best entry are passed over.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

_UNREACHED = np.int64(2**62)
_NOBODY = np.int32(-1)
_NOWHERE = 2**31 - 1

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@njit(cache=True, nogil=True)
def _push(keys: Int64, states: Int32, size: int, key: int, state: int) -> None:
    """Add an entry at place ``size`` and let it rise."""
    place = size
    while place > 0:
        parent = (place - 1) >> 2
        if keys[parent] <= key:
            break
        keys[place] = keys[parent]
        states[place] = states[parent]
        place = parent
    keys[place] = key
    states[place] = state


@njit(cache=True, nogil=True)
def _sink(keys: Int64, states: Int32, size: int) -> None:
    """Fill the emptied top from the entry at place ``size`` and let it sink."""
    key, state = keys[size], states[size]
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
        states[place] = states[best]
        place = best
    keys[place] = key
    states[place] = state


@njit(cache=True, nogil=True)
def _start(
    states: Int32, weights: Int64, distance: Int64, touched: Int32, keys: Int64, heap: Int32
) -> int:
    """Put a place's labels, each of another state, into the heap; how many there are."""
    for label in range(len(states)):
        state, weight = states[label], weights[label]
        distance[state] = weight
        touched[label] = state
        _push(keys, heap, label, weight, state)
    return len(states)


@njit(cache=True, nogil=True)
def tables(
    first: Int64,
    head: Int32,
    weight: Int64,
    source_first: Int64,
    source_state: Int32,
    source_weight: Int64,
    target_first: Int64,
    target_state: Int32,
    target_weight: Int64,
    found: Int64,
) -> None:
    """Fill ``found`` (n, k) with the least weight from each source to each target.

    A search ends when all states of targets are settled.
    """
    count = len(first) - 1
    distance = np.full(count, _UNREACHED, dtype=np.int64)
    is_target = np.zeros(count, dtype=np.bool_)
    for state in target_state:
        is_target[state] = True
    wanted = is_target.sum()
    room = len(head) + len(source_state) + 1
    keys, heap = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int32)
    touched = np.empty(count, dtype=np.int32)
    for row in range(len(source_first) - 1):
        begin, end = source_first[row], source_first[row + 1]
        size = _start(
            source_state[begin:end], source_weight[begin:end], distance, touched, keys, heap
        )
        reached, left = size, wanted
        while size > 0 and left > 0:
            key, state = keys[0], heap[0]
            size -= 1
            if size > 0:
                _sink(keys, heap, size)
            if key > distance[state]:
                continue
            if is_target[state]:
                left -= 1
            for edge in range(first[state], first[state + 1]):
                other = head[edge]
                longer = key + weight[edge]
                if longer < distance[other]:
                    if distance[other] == _UNREACHED:
                        touched[reached] = other
                        reached += 1
                    distance[other] = longer
                    _push(keys, heap, size, longer, other)
                    size += 1
        for column in range(len(target_first) - 1):
            best = _UNREACHED
            for label in range(target_first[column], target_first[column + 1]):
                best = min(best, distance[target_state[label]] + target_weight[label])
            found[row, column] = best
        for place in range(reached):
            distance[touched[place]] = _UNREACHED


@njit(cache=True, nogil=True)
def spread(
    first: Int64,
    head: Int32,
    weight: Int64,
    source_state: Int32,
    source_weight: Int64,
    limit: int,
) -> tuple[Int32, Int64]:
    """All states within a packed limit of one source, the nearest first, and their weights."""
    count = len(first) - 1
    distance = np.full(count, _UNREACHED, dtype=np.int64)
    room = len(head) + len(source_state) + 1
    keys, heap = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int32)
    touched = np.empty(count, dtype=np.int32)
    settled, weights = np.empty(count, dtype=np.int32), np.empty(count, dtype=np.int64)
    size = _start(source_state, source_weight, distance, touched, keys, heap)
    done = 0
    while size > 0 and keys[0] <= limit:
        key, state = keys[0], heap[0]
        size -= 1
        if size > 0:
            _sink(keys, heap, size)
        if key > distance[state]:
            continue
        settled[done], weights[done] = state, key
        done += 1
        for edge in range(first[state], first[state + 1]):
            other = head[edge]
            longer = key + weight[edge]
            if longer < distance[other] and longer <= limit:
                distance[other] = longer
                _push(keys, heap, size, longer, other)
                size += 1
    return settled[:done].copy(), weights[:done].copy()


@njit(cache=True, nogil=True)
def path(
    first: Int64,
    head: Int32,
    weight: Int64,
    source_state: Int32,
    source_weight: Int64,
    target_state: Int32,
    target_weight: Int64,
) -> Int32:
    """The states of the best path from a source to a target, in order; empty if there is none."""
    count = len(first) - 1
    distance = np.full(count, _UNREACHED, dtype=np.int64)
    before = np.full(count, _NOBODY, dtype=np.int32)
    room = len(head) + len(source_state) + 1
    keys, heap = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int32)
    size = _start(
        source_state, source_weight, distance, np.empty(count, dtype=np.int32), keys, heap
    )
    best, last = _UNREACHED, _NOBODY
    while size > 0 and keys[0] < best:
        key, state = keys[0], heap[0]
        size -= 1
        if size > 0:
            _sink(keys, heap, size)
        if key > distance[state]:
            continue
        for label in range(len(target_state)):
            if target_state[label] == state and key + target_weight[label] < best:
                best, last = key + target_weight[label], state
        for edge in range(first[state], first[state + 1]):
            other = head[edge]
            longer = key + weight[edge]
            if longer < distance[other]:
                distance[other] = longer
                before[other] = state
                _push(keys, heap, size, longer, other)
                size += 1
    length = 0
    state = last
    while state >= 0:
        length += 1
        state = before[state]
    states = np.empty(length, dtype=np.int32)
    state = last
    while state >= 0:
        length -= 1
        states[length] = state
        state = before[state]
    return states


@njit(cache=True, nogil=True)
def _enter(best: Int64, who: Int32, size: int, weight: int, target: int, known: int) -> int:
    """Put a target into the sorted list of the best, out of its old place if it was there.

    ``known`` is its weight so far. Returns how many are listed; a full list loses its last.
    """
    place = size
    if known < _UNREACHED:
        for old in range(size):
            if who[old] == target:
                place = old
                break
    if place == size == len(best):
        place -= 1
    if place < size:
        size -= 1
    while place > 0 and (
        best[place - 1] > weight or (best[place - 1] == weight and who[place - 1] > target)
    ):
        best[place], who[place] = best[place - 1], who[place - 1]
        place -= 1
    best[place], who[place] = weight, target
    return size + 1


@njit(cache=True, nogil=True)
def _is_better(best: Int64, who: Int32, size: int, weight: int, target: int) -> bool:
    """Whether a target of this weight belongs into the list."""
    if size < len(best):
        return True
    last = size - 1
    return bool(weight < best[last] or (weight == best[last] and target < who[last]))


@njit(cache=True, nogil=True)
def nearest(
    first: Int64,
    head: Int32,
    weight: Int64,
    source_first: Int64,
    source_state: Int32,
    source_weight: Int64,
    state_first: Int64,
    state_target: Int64,
    state_weight: Int64,
    near_first: Int64,
    near_target: Int64,
    near_weight: Int64,
    targets: int,
    limit: int,
    index: Int32,
    found: Int64,
) -> None:
    """Fill ``index`` and ``found`` (n, k) with the best k targets of each source.

    The labels of targets are given by state; ``near`` are drives that need no search, by source.
    A search ends at the k-th best target, or at the limit.
    """
    count = len(first) - 1
    distance = np.full(count, _UNREACHED, dtype=np.int64)
    known = np.full(targets, _UNREACHED, dtype=np.int64)
    room = len(head) + len(source_state) + 1
    keys, heap = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int32)
    touched = np.empty(count, dtype=np.int32)
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
            if known[target] == _UNREACHED:
                seen[met] = target
                met += 1
            known[target] = total
        begin, end = source_first[row], source_first[row + 1]
        size = _start(
            source_state[begin:end], source_weight[begin:end], distance, touched, keys, heap
        )
        reached = size
        while size > 0 and keys[0] <= limit:
            if listed == len(best) and keys[0] > best[listed - 1]:
                break
            key, state = keys[0], heap[0]
            size -= 1
            if size > 0:
                _sink(keys, heap, size)
            if key > distance[state]:
                continue
            for label in range(state_first[state], state_first[state + 1]):
                target, total = state_target[label], key + state_weight[label]
                if total > limit or total >= known[target]:
                    continue
                if _is_better(best, who, listed, total, target):
                    listed = _enter(best, who, listed, total, target, known[target])
                if known[target] == _UNREACHED:
                    seen[met] = target
                    met += 1
                known[target] = total
            for edge in range(first[state], first[state + 1]):
                other = head[edge]
                longer = key + weight[edge]
                if longer < distance[other]:
                    if distance[other] == _UNREACHED:
                        touched[reached] = other
                        reached += 1
                    distance[other] = longer
                    _push(keys, heap, size, longer, other)
                    size += 1
        for place in range(reached):
            distance[touched[place]] = _UNREACHED
        for place in range(met):
            known[seen[place]] = _UNREACHED


@njit(cache=True, nogil=True)
def least(states: Int64, first: Int64, column: Int64, weight: Int64, answer: Int64) -> None:
    """Fill ``answer`` (n, k) from weights to states (n, s): a target is reached over its labels."""
    for row in range(len(states)):
        for target in range(len(first) - 1):
            best = _UNREACHED
            for label in range(first[target], first[target + 1]):
                best = min(best, states[row, column[label]] + weight[label])
            answer[row, target] = best


@njit(cache=True, nogil=True)
def rounded(packed: Int64, seconds: Int32, meters: Int32) -> None:
    """Unpack weights (n, k) into whole seconds and metres, rounded up."""
    for row in range(len(packed)):
        for column in range(packed.shape[1]):
            weight = packed[row, column]
            if weight >= _UNREACHED:
                seconds[row, column] = meters[row, column] = _NOWHERE
                continue
            tenths = np.uint64(weight >> 28) + np.uint64(9)
            length = np.uint64(weight & 0xFFFFFFF) + np.uint64(9)
            seconds[row, column] = min(tenths // np.uint64(10), np.uint64(_NOWHERE - 1))
            meters[row, column] = min(length // np.uint64(10), np.uint64(_NOWHERE - 1))
