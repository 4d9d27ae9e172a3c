"""One change of an alignment and what it does, compiled by numba: deltas, contiguity, hand-over.

The search has an inner loop of its own (``kernel_anneal``); this is what hand edits run on.

All quantities are without unit: lengths in root mean square radii of p equal discs, loads in means,
so that a jurisdiction weighs 1 and its inertia is about 1. The energy is p x the cost of
``territory.measures.objective`` plus a price x the penalty of the loads. Imported lazily: numba
takes half a second.
"""

import numpy as np

from optimizer.redraw.kernel_anneal import anneal as anneal
from optimizer.redraw.kernel_modes import loop, part, whole
from optimizer.redraw.kernel_values import Field, Ints, Rate, State


@whole
def set_up(field: Field, owner: Ints) -> State:
    """The running values of an assignment; ``owner`` is changed in place from here on."""
    n, p = len(owner), len(field.homes)
    state = State(
        owner,
        np.zeros(p, np.int64),
        np.zeros((p, 4)),
        field.carried.copy(),
        field.soft_carried.copy(),
        np.zeros(n, np.int32),
        np.empty(n, np.int32),
        np.full(n, -1, np.int32),
        np.zeros(1, np.int64),
        np.zeros(n, np.int64),
        np.empty(n, np.int32),
        np.empty(n, np.int32),
        np.zeros(1, np.int64),
    )
    for unit in range(n):
        add(unit, owner[unit], 1.0, field, state)
        for slot in range(field.indptr[unit], field.indptr[unit + 1]):
            if owner[field.indices[slot]] != owner[unit]:
                state.foreign[unit] += 1
        keep_listed(unit, field, state)
    return state


@part
def add(unit: int, k: int, sign: float, field: Field, state: State) -> None:
    """Count the unit in (sign 1) or out (-1) of jurisdiction k."""
    x, y, w = field.place[unit, 0], field.place[unit, 1], sign * field.weight[unit]
    state.tally[k] += int(sign)
    state.sums[k, 0] += w
    state.sums[k, 1] += w * x
    state.sums[k, 2] += w * y
    state.sums[k, 3] += w * (x * x + y * y)
    for row in range(field.load.shape[1]):
        state.held[k, row] += sign * field.load[unit, row]
    for row in range(field.priced.shape[1]):
        state.soft_held[k, row] += sign * field.priced[unit, row]


@part
def keep_listed(unit: int, field: Field, state: State) -> None:
    """List the unit as a border unit, or strike it off, as it now stands."""
    border, where = state.border, state.where
    listed = where[unit] >= 0
    wanted = state.foreign[unit] > 0 and field.free[unit]
    if wanted and not listed:
        where[unit] = state.length[0]
        border[state.length[0]] = unit
        state.length[0] += 1
    elif listed and not wanted:
        state.length[0] -= 1
        last = border[state.length[0]]
        border[where[unit]] = last
        where[last] = where[unit]
        where[unit] = -1


@loop
def hand_over(unit: int, to: int, field: Field, state: State) -> None:
    """Give the unit to jurisdiction ``to`` and mend all running values, in O(degree)."""
    owner, foreign = state.owner, state.foreign
    k = owner[unit]
    add(unit, k, -1.0, field, state)
    add(unit, to, 1.0, field, state)
    owner[unit] = to
    foreign[unit] = 0
    for slot in range(field.indptr[unit], field.indptr[unit + 1]):
        other = field.indices[slot]
        if owner[other] == k:
            foreign[other] += 1
        elif owner[other] == to:
            foreign[other] -= 1
        if owner[other] != to:
            foreign[unit] += 1
        keep_listed(other, field, state)
    keep_listed(unit, field, state)


@loop
def holds_together(unit: int, field: Field, state: State) -> bool:
    """Whether the unit's jurisdiction stays one piece, and not empty, without it.

    Its neighbours along the ring around it nearly always settle it. If they fall in two groups, two
    searches go out in turn until they meet or one is stuck, so the smaller side sets the cost.
    """
    indptr, indices, owner, mark = field.indptr, field.indices, state.owner, state.mark
    k = owner[unit]
    state.tick[0] += 3
    wanted, found, across = state.tick[0], state.tick[0] + 1, state.tick[0] + 2
    left, first = 0, -1
    for slot in range(indptr[unit], indptr[unit + 1]):
        other = indices[slot]
        if owner[other] == k:
            mark[other] = wanted
            first = other
            left += 1
    if left <= 1 or state.tally[k] <= 1:
        return left == 1 and state.tally[k] > 1
    mark[unit] = found
    queue, rear = state.queue, state.rear
    left, tail = spread(first, k, wanted, found, left, queue, 0, True, field, state)
    if left == 0:
        return True
    far = -1
    for slot in range(indptr[unit], indptr[unit + 1]):
        if mark[indices[slot]] == wanted:
            far = indices[slot]
    rest, end = spread(far, k, wanted, across, left, rear, 0, True, field, state)
    if rest == 0:
        return they_meet(unit, k, found, across, tail, end, field, state)
    for place in range(end):  # three groups or more: one search must find them all
        mark[rear[place]] = wanted
    left, tail = spread(-1, k, wanted, found, left, queue, tail, False, field, state)
    return left == 0


@loop
def spread(
    first: int, k: int, wanted: int, found: int, left: int, queue: Ints, tail: int, ring: bool,
    field: Field, state: State,
) -> tuple[int, int]:  # fmt: skip
    """Search from ``first``, or on from the queue if it is -1, until all wanted units are found.

    Gives how many are left and the queue's length. With ``ring`` only along the wanted units.
    """
    owner, mark = state.owner, state.mark
    if first >= 0:
        mark[first] = found
        queue[0] = first
        left, tail = left - 1, 1
    head = 0
    while head < tail and left > 0:
        here = queue[head]
        head += 1
        for slot in range(field.indptr[here], field.indptr[here + 1]):
            other = field.indices[slot]
            seen = mark[other]
            if seen == found or owner[other] != k or (ring and seen != wanted):
                continue
            if seen == wanted:
                left -= 1
            mark[other] = found
            queue[tail] = other
            tail += 1
    return left, tail


@loop
def they_meet(
    unit: int, k: int, found: int, across: int, tail: int, end: int, field: Field, state: State
) -> bool:
    """Whether the searches in ``queue`` (found) and ``rear`` (across) meet without the unit."""
    head, back = 0, 0
    while head < tail and back < end:
        tail = step_on(unit, k, state.queue, head, tail, found, across, field, state)
        head += 1
        if tail < 0:
            return True
        end = step_on(unit, k, state.rear, back, end, across, found, field, state)
        back += 1
        if end < 0:
            return True
    return False


@part
def step_on(
    unit: int, k: int, queue: Ints, head: int, tail: int, mine: int, theirs: int, field: Field,
    state: State,
) -> int:  # fmt: skip
    """Take one unit of a queue and queue its neighbours; -1 if it touches the other search."""
    here = queue[head]
    for slot in range(field.indptr[here], field.indptr[here + 1]):
        other = field.indices[slot]
        if state.owner[other] != k or other == unit or state.mark[other] == mine:
            continue
        if state.mark[other] == theirs:
            return -1
        state.mark[other] = mine
        queue[tail] = other
        tail += 1
    return tail


@part
def shape_of(
    k: int, w: float, wx: float, wy: float, wq: float, field: Field, state: State
) -> float:
    """Inertia of jurisdiction k with these sums added, about its centroid or its home."""
    weight, sx = state.sums[k, 0] + w, state.sums[k, 1] + wx
    sy, sq = state.sums[k, 2] + wy, state.sums[k, 3] + wq
    if field.at_home:
        x, y = field.homes[k, 0], field.homes[k, 1]
        return float(sq - 2 * (x * sx + y * sy) + weight * (x * x + y * y))
    if weight <= 1e-12:
        return 0.0
    return float(sq - (sx * sx + sy * sy) / weight)


@part
def penalty_of(load: float, scale: float, rate: Rate) -> float:
    """Squared excess beyond the edge plus a soft square that lets surplus spread over many."""
    off = abs(load - 1.0) * scale
    over = off - rate.edge
    return (over * over if over > 0 else 0.0) + rate.soft * off * off


@part
def own_cost(unit: int, k: int, to: int, field: Field, state: State) -> float:
    """Change of borders and of moved workload if the unit goes from k to ``to``."""
    change = 0.0
    for slot in range(field.indptr[unit], field.indptr[unit + 1]):
        other = state.owner[field.indices[slot]]
        if other == k:
            change += field.edge_cost[slot]
        elif other == to:
            change -= field.edge_cost[slot]
    if field.before[unit] == k:
        change += field.move_cost[unit]
    elif field.before[unit] == to:
        change -= field.move_cost[unit]
    return change


@part
def excess(load: float, room: float) -> float:
    """What a load in means lies beyond the deviation that is free."""
    return max(abs(load - 1.0) - room, 0.0)


@part
def soft_gain(unit: int, back: int, k: int, to: int, field: Field, state: State) -> float:
    """Change of the price of soft loads if ``unit`` goes from k to ``to`` and ``back`` returns."""
    change = 0.0
    for row in range(field.priced.shape[1]):
        room, mine, theirs = field.room[row], state.soft_held[k, row], state.soft_held[to, row]
        size = field.priced[unit, row] - (field.priced[back, row] if back >= 0 else 0.0)
        change += field.excess_price[row] * (
            excess(mine - size, room)
            - excess(mine, room)
            + excess(theirs + size, room)
            - excess(theirs, room)
        )
    return change


@loop
def gain_of(unit: int, back: int, k: int, to: int, field: Field, state: State, rate: Rate) -> float:
    """Change of energy if ``unit`` goes from k to ``to`` and ``back`` (-1: none) the other way."""
    place, load, held = field.place, field.load, state.held
    x, y, w = place[unit, 0], place[unit, 1], field.weight[unit]
    wx, wy, wq = w * x, w * y, w * (x * x + y * y)
    change = own_cost(unit, k, to, field, state)
    if back >= 0:
        x, y, v = place[back, 0], place[back, 1], field.weight[back]
        w, wx, wy, wq = w - v, wx - v * x, wy - v * y, wq - v * (x * x + y * y)
        change += own_cost(back, to, k, field, state)
        for slot in range(field.indptr[unit], field.indptr[unit + 1]):
            if field.indices[slot] == back:  # their own border stays cut; both counted it gone
                change += 2 * field.edge_cost[slot]
    if len(field.road) > 0:
        change += field.road[unit, to] - field.road[unit, k]
        if back >= 0:
            change += field.road[back, k] - field.road[back, to]
    else:
        change += shape_of(k, -w, -wx, -wy, -wq, field, state)
        change -= shape_of(k, 0.0, 0.0, 0.0, 0.0, field, state)
        change += shape_of(to, w, wx, wy, wq, field, state)
        change -= shape_of(to, 0.0, 0.0, 0.0, 0.0, field, state)
    if field.priced.shape[1] > 0:
        change += soft_gain(unit, back, k, to, field, state)
    unfit = 0.0
    for row in range(load.shape[1]):
        scale = field.scale[row]
        size = load[unit, row] - (load[back, row] if back >= 0 else 0.0)
        unfit += penalty_of(held[k, row] - size, scale, rate)
        unfit -= penalty_of(held[k, row], scale, rate)
        unfit += penalty_of(held[to, row] + size, scale, rate)
        unfit -= penalty_of(held[to, row], scale, rate)
    return change + rate.price * unfit


@part
def touches(unit: int, k: int, field: Field, state: State) -> bool:
    """Whether the unit borders jurisdiction k."""
    for slot in range(field.indptr[unit], field.indptr[unit + 1]):
        if state.owner[field.indices[slot]] == k:
            return True
    return False
