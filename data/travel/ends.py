"""The compiled labels of one pair of places; the twin for many places is ``data.travel.labels``."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_LENGTH_BITS = 28
_LENGTHS = (1 << _LENGTH_BITS) - 1


@njit(cache=True, nogil=True)
def _driven(weight: int, fraction: float) -> int:
    """The packed weight of the first part of an arc."""
    tenths = np.int64(np.rint((weight >> _LENGTH_BITS) * fraction))
    lengths = np.int64(np.rint((weight & _LENGTHS) * fraction))
    return int((tenths << _LENGTH_BITS) + lengths)


@njit(cache=True, nogil=True)
def _enter(labels: Int64, count: int, state: int, weight: int, arc: int) -> int:
    """Keep labels (3, k) in order of state, the least only of those to one; how many there are."""
    place = count
    while place > 0 and labels[0, place - 1] > state:
        place -= 1
    if place > 0 and labels[0, place - 1] == state:
        if weight < labels[1, place - 1]:
            labels[1, place - 1], labels[2, place - 1] = weight, arc
        return count
    for k in range(count, place, -1):
        for row in range(3):
            labels[row, k] = labels[row, k - 1]
    labels[0, place], labels[1, place], labels[2, place] = state, weight, arc
    return count + 1


@njit(cache=True, nogil=True)
def _leaving(
    first: Int64, head: Int32, weight: Int64, arc_weight: Int64, sides: Int64, along: Floats
) -> Int64:
    """The labels of a source, as ``labels.source_labels``."""
    room = 0
    for arc in sides:
        room += first[arc + 1] - first[arc] if arc >= 0 else 0
    labels, count = np.empty((3, room), dtype=np.int64), 0
    for side in range(2):
        arc = sides[side]
        if arc < 0:
            continue
        before = _driven(arc_weight[arc], along[side])
        for edge in range(first[arc], first[arc + 1]):
            count = _enter(labels, count, head[edge], weight[edge] - before, arc)
    return labels[:, :count]


@njit(cache=True, nogil=True)
def _first_from(values: Int64, least: int) -> int:
    """Where in sorted values those of at least ``least`` begin."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < least:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def _reaching(
    arc_weight: Int64, sides: Int64, along: Floats, copies: Int64, copy_side: Int64, key: int
) -> Int64:
    """The labels of a target, as ``labels.target_labels``."""
    begin, end = np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64)
    for side in range(2):
        if sides[side] >= 0:
            begin[side] = _first_from(copy_side, key + side)
            end[side] = _first_from(copy_side, key + side + 1)
    labels, count = np.empty((3, 2 + end[0] - begin[0] + end[1] - begin[1]), dtype=np.int64), 0
    for side in range(2):
        arc = sides[side]
        if arc < 0:
            continue
        part = _driven(arc_weight[arc], along[side])
        count = _enter(labels, count, arc, part, arc)
        for k in range(begin[side], end[side]):
            count = _enter(labels, count, copies[k], part, copies[k])
    return labels[:, :count]


@njit(cache=True, nogil=True)
def pair_labels(
    line: Int64,
    arc_forward: Int64,
    arc_backward: Int64,
    fraction: Floats,
    first: Int64,
    head: Int32,
    weight: Int64,
    arc_weight: Int64,
    copies: Int64,
    copy_side: Int64,
) -> tuple[Int64, Int64, int, int]:
    """The labels from the first of two places and to the second, and the way along one road.

    Labels (3, k) are states, weights and arcs. Then the arc that leads from place to place without
    a turn, -1 if there is none, and its weight.
    """
    sides, along = np.empty((2, 2), dtype=np.int64), np.empty((2, 2))
    for place in range(2):
        sides[place, 0], sides[place, 1] = arc_forward[place], arc_backward[place]
        along[place, 0], along[place, 1] = fraction[place], 1 - fraction[place]
    straight, least = -1, 0
    if line[0] == line[1]:
        for side in range(2):
            arc = sides[0, side]
            ahead = fraction[1] <= fraction[0] if side else fraction[1] >= fraction[0]
            if arc >= 0 and ahead:
                through = _driven(arc_weight[arc], along[1, side])
                through -= _driven(arc_weight[arc], along[0, side])
                if straight < 0 or through < least:
                    straight, least = arc, through
    return (
        _leaving(first, head, weight, arc_weight, sides[0], along[0]),
        _reaching(arc_weight, sides[1], along[1], copies, copy_side, 2 * line[1]),
        straight,
        least,
    )


@njit(cache=True, nogil=True)
def along_path(
    states: Int32,
    source_state: Int32,
    source_arc: Int32,
    fraction: Floats,
    arc_reversed: Flags,
    first: Int64,
    head: Int32,
    weight: Int64,
    arc_weight: Int64,
) -> tuple[Int64, Int64, float, float]:
    """The arcs of a drive that goes on over ``states``, their weights, and how far along the first
    it begins and along the last it ends; no arc at all if a turn is not there.

    It starts from the labels of ``source_state``. A weight is packed: the turn into the arc, and
    the part of it that is driven.
    """
    count = len(states) + 1
    arcs, weights = np.empty(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    label = 0
    while source_state[label] != states[0]:
        label += 1
    arcs[0] = source_arc[label]
    for k in range(1, count):
        before, arc = arcs[k - 1], states[k - 1]
        arcs[k] = arc
        edge = first[before]
        while edge < first[before + 1] and head[edge] != arc:
            edge += 1
        if edge == first[before + 1]:
            return arcs[:0], weights[:0], 0.0, 0.0
        weights[k] = weight[edge] - arc_weight[before] + arc_weight[arc]
    begin = 1 - fraction[0] if arc_reversed[arcs[0]] else fraction[0]
    end = 1 - fraction[1] if arc_reversed[arcs[-1]] else fraction[1]
    weights[0] = arc_weight[arcs[0]] - _driven(arc_weight[arcs[0]], begin)
    weights[-1] += _driven(arc_weight[arcs[-1]], end) - arc_weight[arcs[-1]]
    return arcs, weights, begin, end
