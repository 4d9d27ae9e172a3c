"""The compiled part of many-to-many: select what leads to the targets, sweep sources in batches.

RPHAST (Delling, Goldberg & Werneck 2011). The down sweep visits states from the roots of the
elimination tree, children after parents, and keeps distances by depth: all states an arc can come
from stand on the way to the root, so a few hundred rows are enough and stay in the first caches.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from data.travel.cch.lanes import LANES, relax

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_FAR = 2**60
_NEVER = 2**62


@njit(cache=True, nogil=True)
def select(
    targets: Int32, down_first: Int64, down_tail: Int32, down: Int64, depth: Int32
) -> tuple[Int32, Int64, Int32, Int64, Int32, Int32]:
    """All states from which arcs lead down to ``targets``, highest first, and those arcs.

    Returns the states, the first arc of each, the arcs' depth and weight, and the columns of each
    state as a linked list: its first column, and each column's next one (-1 ends).
    """
    count = len(down_first) - 1
    column = np.full(count, -1, dtype=np.int32)
    following = np.empty(len(targets), dtype=np.int32)
    is_selected = np.zeros(count, dtype=np.bool_)
    for place in range(len(targets)):
        following[place] = column[targets[place]]
        column[targets[place]] = place
        is_selected[targets[place]] = True
    states, arcs = 0, 0
    for state in range(count):
        if is_selected[state]:
            states += 1
            for k in range(down_first[state], down_first[state + 1]):
                if down[k] < _FAR:
                    is_selected[down_tail[k]] = True
                    arcs += 1
    selected = np.empty(states, dtype=np.int32)
    first = np.empty(states + 1, dtype=np.int64)
    slot = np.empty(arcs, dtype=np.int32)
    weight = np.empty(arcs, dtype=np.int64)
    columns = np.empty(states, dtype=np.int32)
    states, arcs = 0, 0
    for state in range(count - 1, -1, -1):
        if is_selected[state]:
            selected[states] = state
            columns[states] = column[state]
            first[states] = arcs
            states += 1
            for k in range(down_first[state], down_first[state + 1]):
                if down[k] < _FAR:
                    slot[arcs] = depth[down_tail[k]]
                    weight[arcs] = down[k]
                    arcs += 1
    first[states] = arcs
    return selected, first, slot, weight, columns, following


@njit(cache=True, nogil=True)
def sweep(
    begin: int,
    end: int,
    row_order: Int64,
    label_first: Int64,
    label_state: Int32,
    label_weight: Int64,
    parent: Int32,
    depth: Int32,
    height: int,
    up_first: Int64,
    up_head: Int32,
    up: Int64,
    selected: Int32,
    first: Int64,
    slot: Int32,
    weight: Int64,
    columns: Int32,
    following: Int32,
    found: Int64,
) -> None:
    """Fill the rows ``row_order[begin:end]`` of ``found`` (n, k), in batches of ``LANES``."""
    place = np.full(len(parent), -1, dtype=np.int32)
    distances = np.empty(height * LANES, dtype=np.int64)
    room = height * 4
    above = np.empty(room, dtype=np.int32)
    reached = np.empty(room * LANES, dtype=np.int64)
    for start in range(begin, end, LANES):
        lanes = min(LANES, end - start)
        most = 0
        for lane in range(lanes):
            row = row_order[start + lane]
            most += label_first[row + 1] - label_first[row]
        if most * height > room:
            room = most * height
            above = np.empty(room, dtype=np.int32)
            reached = np.empty(room * LANES, dtype=np.int64)
        # Ways to the root, each up to where it meets an earlier one; later ways stand before.
        at = room
        for lane in range(lanes):
            row = row_order[start + lane]
            for label in range(label_first[row], label_first[row + 1]):
                length = 0
                state = label_state[label]
                while state >= 0 and place[state] < 0:
                    place[state] = 0
                    state = parent[state]
                    length += 1
                at -= length
                state = label_state[label]
                for step in range(length):
                    above[at + step] = state
                    state = parent[state]
        for spot in range(at, room):
            place[above[spot]] = spot
        reached[at * LANES : room * LANES] = _FAR
        for lane in range(lanes):
            row = row_order[start + lane]
            for label in range(label_first[row], label_first[row + 1]):
                spot = place[label_state[label]] * LANES + lane
                reached[spot] = min(reached[spot], label_weight[label])
        for spot in range(at, room):
            state = above[spot]
            for k in range(up_first[state], up_first[state + 1]):
                to = place[up_head[k]] * LANES
                step_weight = up[k]
                for lane in range(LANES):
                    through = reached[spot * LANES + lane] + step_weight
                    reached[to + lane] = min(reached[to + lane], through)
        for number in range(len(selected)):
            state = selected[number]
            own = depth[state] * LANES
            spot = place[state]
            if spot >= 0:
                for lane in range(LANES):
                    distances[own + lane] = reached[spot * LANES + lane]
            else:
                for lane in range(LANES):
                    distances[own + lane] = _FAR
            relax(distances, first[number], first[number + 1], slot, weight, own)
            column = columns[number]
            while column >= 0:
                for lane in range(lanes):
                    value = distances[own + lane]
                    found[row_order[start + lane], column] = value if value < _FAR else _NEVER
                column = following[column]
        for spot in range(at, room):
            place[above[spot]] = -1
