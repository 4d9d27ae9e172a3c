"""Whether a jurisdiction stays in one piece without a unit, compiled by numba: ring, then search.

A table of who borders whom among the neighbours of each unit (``arcs_of``) settles nearly every
question in a few bit operations: neighbours of the same jurisdiction that hang together along the
ring need not the unit. If they fall in two groups, two searches go out in turn until they meet or
one is stuck, so the smaller side sets the cost. Searches are short: what they do not settle counts
as torn, so a jurisdiction is never broken, though a rare lawful move is missed.
"""

import numpy as np

from optimizer.redraw.kernel_modes import part, whole
from optimizer.redraw.kernel_values import Ints, Lane, Track

RING_SLOTS = 30  # neighbours whose mutual borders fit the bits of a table entry
SHORT_SEARCH = 300  # units a search may take from its queue


@whole
def arcs_of(indptr: Ints, indices: Ints) -> Ints:
    """For each CSR entry (unit, neighbour) the neighbours of the unit that border that neighbour.

    As bits by their place in the unit's row; 0 for units of more than RING_SLOTS neighbours.
    """
    arcs = np.zeros(len(indices), np.int32)
    place = np.full(len(indptr) - 1, -1, np.int32)
    for unit in range(len(indptr) - 1):
        start, end = indptr[unit], indptr[unit + 1]
        if end - start > RING_SLOTS:
            continue
        for slot in range(start, end):
            place[indices[slot]] = slot - start
        for slot in range(start, end):
            other, bits = indices[slot], 0
            for step in range(indptr[other], indptr[other + 1]):
                if place[indices[step]] >= 0:
                    bits |= 1 << place[indices[step]]
            arcs[slot] = bits
        for slot in range(start, end):
            place[indices[slot]] = -1
    return arcs


@part
def arc_from(same: int, start: int, end: int, arcs: Ints) -> int:
    """Of the neighbours ``same`` those that hang together with the first, along the ring."""
    found = same & -same
    fresh = found
    while fresh != 0:
        grown = 0
        for slot in range(start, end):
            if fresh >> (slot - start) & 1:
                grown |= arcs[slot]
        fresh = grown & same & ~found
        found |= fresh
    return found


@part
def stays_whole(unit: int, lane: Lane, track: Track) -> bool:
    """Whether the unit's jurisdiction stays one piece, and not empty, without it."""
    start, end = lane.indptr[unit], lane.indptr[unit + 1]
    k = track.owner[unit]
    if track.tally[k] <= 1:
        return False
    if end - start > RING_SLOTS:
        return one_finds_all(unit, k, lane, track)
    same = 0
    for slot in range(start, end):
        if track.owner[lane.links[slot, 0]] == k:
            same |= 1 << (slot - start)
    group = arc_from(same, start, end, lane.arcs)
    rest = same & ~group
    if rest == 0:
        return same != 0
    if arc_from(rest, start, end, lane.arcs) == rest:
        return they_meet(unit, k, group, rest, lane, track)
    return one_finds_all(unit, k, lane, track)


@part
def they_meet(unit: int, k: int, group: int, rest: int, lane: Lane, track: Track) -> bool:
    """Whether searches from both groups of neighbours meet without the unit, in short."""
    track.tick[0] += 2
    one, other = track.tick[0] - 1, track.tick[0]
    front, back = 0, 0
    start = lane.indptr[unit]
    for slot in range(start, lane.indptr[unit + 1]):
        near = lane.links[slot, 0]
        if group >> (slot - start) & 1:
            track.mark[near] = one
            track.queue[track.base + front] = near
            front += 1
        elif rest >> (slot - start) & 1:
            track.mark[near] = other
            track.rear[track.base + back] = near
            back += 1
    for head in range(SHORT_SEARCH):
        if head >= front or head >= back:
            return False
        front = step_on(unit, k, track.queue, head, front, one, other, lane, track)
        if front < 0:
            return True
        back = step_on(unit, k, track.rear, head, back, other, one, lane, track)
        if back < 0:
            return True
    return False


@part
def step_on(
    unit: int, k: int, queue: Ints, head: int, tail: int, mine: int, theirs: int, lane: Lane,
    track: Track,
) -> int:  # fmt: skip
    """Take one unit of a queue and queue its neighbours; -1 if it touches the other search."""
    here = queue[track.base + head]
    for slot in range(lane.indptr[here], lane.indptr[here + 1]):
        near = lane.links[slot, 0]
        if track.owner[near] != k or near == unit or track.mark[near] == mine:
            continue
        if track.mark[near] == theirs:
            return -1
        track.mark[near] = mine
        queue[track.base + tail] = near
        tail += 1
    return tail


@part
def one_finds_all(unit: int, k: int, lane: Lane, track: Track) -> bool:
    """Whether a short search from one neighbour finds all of them without the unit."""
    track.tick[0] += 2
    wanted, found = track.tick[0] - 1, track.tick[0]
    left, tail = 0, 0
    track.mark[unit] = found
    for slot in range(lane.indptr[unit], lane.indptr[unit + 1]):
        near = lane.links[slot, 0]
        if track.owner[near] == k:
            track.mark[near] = wanted
            track.queue[track.base] = near
            left += 1
    if left == 0:
        return False
    track.mark[track.queue[track.base]] = found
    left, tail, head = left - 1, 1, 0
    while left > 0 and head < tail and head < 2 * SHORT_SEARCH:
        here = track.queue[track.base + head]
        head += 1
        for slot in range(lane.indptr[here], lane.indptr[here + 1]):
            near = lane.links[slot, 0]
            if track.owner[near] != k or track.mark[near] == found:
                continue
            if track.mark[near] == wanted:
                left -= 1
            track.mark[near] = found
            track.queue[track.base + tail] = near
            tail += 1
    return left == 0
