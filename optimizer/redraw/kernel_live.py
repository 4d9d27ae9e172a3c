"""Compiled parts of hand editing: cut a region out, find pieces and holes, take and give land.

They run on ``Field`` and ``State`` of the search kernel, so that a delta of an edit is that of the
search. Imported lazily, as all compiled code.
"""

import numpy as np
from numba import njit

from optimizer.redraw.kernel import (
    excess,
    gain_of,
    hand_over,
    holds_together,
    penalty_of,
    shape_of,
    touches,
)
from optimizer.redraw.kernel_modes import loop, part
from optimizer.redraw.kernel_values import Field, Flags, Floats, Ints, Longs, Rate, State


@njit(cache=True, nogil=True)
def cut_out(
    indptr: Ints, indices: Ints, edge_cost: Floats, inside: Flags
) -> tuple[Ints, Ints, Ints, Floats]:
    """The graph on the units marked: their positions, CSR rows, CSR columns, cost of each entry."""
    n = len(inside)
    local = np.full(n, -1, np.int32)
    count, size = 0, 0
    for unit in range(n):
        if inside[unit]:
            local[unit] = count
            count += 1
            size += indptr[unit + 1] - indptr[unit]
    members = np.empty(count, np.int32)
    rows = np.zeros(count + 1, np.int32)
    columns = np.empty(size, np.int32)
    cost = np.empty(size, np.float64)
    at = 0
    for unit in range(n):
        if not inside[unit]:
            continue
        members[local[unit]] = unit
        for slot in range(indptr[unit], indptr[unit + 1]):
            other = local[indices[slot]]
            if other >= 0:
                columns[at] = other
                cost[at] = edge_cost[slot]
                at += 1
        rows[local[unit] + 1] = at
    return members, rows, columns[:at].copy(), cost[:at].copy()


@njit(cache=True, nogil=True)
def pieces_among(
    owner: Ints, wanted: Flags, indptr: Ints, indices: Ints
) -> tuple[Ints, Ints, Ints]:
    """Pieces of the wanted jurisdictions: piece of each unit (-1: none), owner and size of each."""
    n = len(owner)
    piece = np.full(n, -1, np.int32)
    queue = np.empty(n, np.int32)
    whose = np.empty(n, np.int32)
    sizes = np.empty(n, np.int32)
    count = 0
    for first in range(n):
        k = owner[first]
        if k < 0 or not wanted[k] or piece[first] >= 0:
            continue
        piece[first] = count
        queue[0] = first
        head, tail = 0, 1
        while head < tail:
            here = queue[head]
            head += 1
            for slot in range(indptr[here], indptr[here + 1]):
                other = indices[slot]
                if owner[other] == k and piece[other] < 0:
                    piece[other] = count
                    queue[tail] = other
                    tail += 1
        whose[count] = k
        sizes[count] = tail
        count += 1
    return piece, whose[:count].copy(), sizes[:count].copy()


@njit(cache=True, nogil=True)
def enclosed_by(k: int, limit: int, owner: Ints, rim: Flags, indptr: Ints, indices: Ints) -> Ints:
    """Units of others that jurisdiction k cuts off from the rim, in groups of at most ``limit``."""
    n = len(owner)
    seen = np.zeros(n, np.int32)  # 0 not yet, 1 open, 2 enclosed, 3 in the search under way
    queue = np.empty(n, np.int32)
    found = np.empty(n, np.int32)
    count = 0
    for unit in range(n):
        if owner[unit] != k:
            continue
        for entry in range(indptr[unit], indptr[unit + 1]):
            first = indices[entry]
            if owner[first] == k or seen[first] != 0:
                continue
            tail = reached_from(first, k, limit, owner, rim, indptr, indices, seen, queue)
            is_open = tail < 0
            size = -tail if is_open else tail
            for place in range(size):
                seen[queue[place]] = 1 if is_open else 2
                if not is_open:
                    found[count] = queue[place]
                    count += 1
    return found[:count].copy()


@njit(cache=True, nogil=True)
def reached_from(
    first: int, k: int, limit: int, owner: Ints, rim: Flags, indptr: Ints, indices: Ints,
    seen: Ints, queue: Ints,
) -> int:  # fmt: skip
    """Units in ``queue`` reached from the first around k; negative if they are not enclosed."""
    queue[0] = first
    seen[first] = 3
    head, tail = 0, 1
    while head < tail:
        here = queue[head]
        head += 1
        if rim[here] or tail > limit:
            return -tail
        for slot in range(indptr[here], indptr[here + 1]):
            other = indices[slot]
            if owner[other] == k or seen[other] >= 2:
                continue
            if seen[other] == 1:
                return -tail
            seen[other] = 3
            queue[tail] = other
            tail += 1
    return tail


@njit(cache=True, nogil=True)
def border_with(
    group: Flags, owner: Ints, count: int, indptr: Ints, indices: Ints, border: Floats
) -> Floats:
    """Border of a group of units with each owner outside it, metres; a bridge counts a micron."""
    shared = np.zeros(count)
    for unit in range(len(owner)):
        if not group[unit]:
            continue
        for slot in range(indptr[unit], indptr[unit + 1]):
            other = indices[slot]
            if not group[other] and owner[other] >= 0:
                shared[owner[other]] += border[slot] + 1e-6
    return shared


@loop
def beyond(k: int, field: Field, state: State) -> float:
    """What jurisdiction k lies beyond its tolerances, summed over loads, in means."""
    total = 0.0
    for row in range(field.load.shape[1]):
        over = abs(state.held[k, row] - 1.0) - 1.0 / field.scale[row]
        if over > 1e-12:
            total += over
    return total


@njit(cache=True, nogil=True)
def worth_of(now: Ints, field: Field, state: State) -> tuple[float, float]:
    """What is beyond tolerance in the region, in means, and its shape + borders + moves."""
    unfit, cost = 0.0, 0.0
    for k in range(len(state.tally)):
        unfit += beyond(k, field, state)
        if len(field.road) == 0:
            cost += shape_of(k, 0.0, 0.0, 0.0, 0.0, field, state)
        for row in range(field.priced.shape[1]):
            cost += field.excess_price[row] * excess(state.soft_held[k, row], field.room[row])
    for unit in range(len(state.owner)):
        if len(field.road) > 0:
            cost += field.road[unit, state.owner[unit]]
        if state.owner[unit] != now[unit]:
            cost += field.move_cost[unit]
        for slot in range(field.indptr[unit], field.indptr[unit + 1]):
            if state.owner[field.indices[slot]] != state.owner[unit]:
                cost += field.edge_cost[slot] / 2
    return unfit, cost


@njit(cache=True, nogil=True)
def give_until_fit(
    needy: int, giver: int, taker: int, most: int, field: Field, state: State, rate: Rate
) -> tuple[Longs, float, float]:
    """Units that go from giver to taker, best first, until ``needy`` is within its tolerances.

    Gives the units and what needy and the other still lie beyond; the state is as it was.
    """
    given = np.empty(most, np.int64)
    refused = np.full(len(state.owner), -1, np.int32)
    count = 0
    while count < most and beyond(needy, field, state) > 0:
        unit = best_gift(giver, taker, count, refused, field, state, rate)
        if unit < 0:
            break
        hand_over(unit, taker, field, state)
        given[count] = unit
        count += 1
    other = taker if needy == giver else giver
    left, spoilt = beyond(needy, field, state), beyond(other, field, state)
    for place in range(count - 1, -1, -1):
        hand_over(given[place], giver, field, state)
    return given[:count].copy(), left, spoilt


@loop
def best_gift(
    giver: int, taker: int, turn: int, refused: Ints, field: Field, state: State, rate: Rate
) -> int:
    """The border unit whose going lowers the energy of the pair most and breaks nobody; or -1."""
    while True:
        best, least = -1, -1e-12
        for place in range(state.length[0]):
            unit = state.border[place]
            if state.owner[unit] != giver or refused[unit] == turn:
                continue
            if not touches(unit, taker, field, state):
                continue
            gain = gain_of(unit, -1, giver, taker, field, state, rate)
            if gain < least:
                best, least = unit, gain
        if best < 0 or holds_together(best, field, state):
            return best
        refused[best] = turn


@loop
def share_out(leaver: int, ring: Ints, field: Field, state: State, rate: Rate) -> None:
    """The leaver's units go to bordering jurisdictions, ring by ring, each where it fits best.

    They are free, so those at the border are listed. ``ring`` has room for every unit.
    """
    while True:
        count = 0
        for place in range(state.length[0]):
            unit = state.border[place]
            if state.owner[unit] == leaver:
                ring[count] = unit
                count += 1
        if count == 0:
            return
        for place in range(count):
            to = best_heir(ring[place], leaver, field, state, rate)
            if to >= 0:
                hand_over(ring[place], to, field, state)


@loop
def ease(rounds: int, listed: Ints, field: Field, state: State, rate: Rate) -> None:
    """Border units go to whichever neighbour lowers the energy most, so many rounds at most.

    Nobody is broken or emptied. ``listed`` has room for every unit.
    """
    for _ in range(rounds):
        count, has_moved = state.length[0], False
        for place in range(count):
            listed[place] = state.border[place]
        for place in range(count):
            unit = listed[place]
            to = best_taker(unit, field, state, rate)
            if to >= 0 and holds_together(unit, field, state):
                hand_over(unit, to, field, state)
                has_moved = True
        if not has_moved:
            return


@loop
def best_taker(unit: int, field: Field, state: State, rate: Rate) -> int:
    """The bordering jurisdiction whose having the unit lowers the energy most; -1 if none does."""
    k, best, least = state.owner[unit], -1, -1e-12
    last = k
    for slot in range(field.indptr[unit], field.indptr[unit + 1]):
        to = state.owner[field.indices[slot]]
        if to in (k, last):
            continue
        last = to
        gain = gain_of(unit, -1, k, to, field, state, rate)
        if gain < least:
            best, least = to, gain
    return best


@loop
def best_heir(unit: int, leaver: int, field: Field, state: State, rate: Rate) -> int:
    """The bordering jurisdiction that the unit suits best in shape, border and loads."""
    x, y, w = field.place[unit, 0], field.place[unit, 1], field.weight[unit]
    best, least = -1, np.inf
    last = leaver
    for slot in range(field.indptr[unit], field.indptr[unit + 1]):
        to = state.owner[field.indices[slot]]
        if to in (leaver, last):
            continue
        last = to
        cost = shape_of(to, w, w * x, w * y, w * (x * x + y * y), field, state)
        cost -= shape_of(to, 0.0, 0.0, 0.0, 0.0, field, state)
        for entry in range(field.indptr[unit], field.indptr[unit + 1]):
            if state.owner[field.indices[entry]] == to:
                cost -= field.edge_cost[entry]
        for row in range(field.load.shape[1]):
            held, size = state.held[to, row], field.load[unit, row]
            scale = field.scale[row]
            cost += rate.price * penalty_of(held + size, scale, rate)
            cost -= rate.price * penalty_of(held, scale, rate)
        if cost < least:
            best, least = to, cost
    return best


@loop
def take_land(
    order: Ints, newcomer: int, target: float, floor: float, field: Field, state: State
) -> None:
    """Give the newcomer the units first in order, in one piece, until its loads reach target.

    Loads are means over the kinds of load. Nobody is broken, emptied or taken below ``floor``.
    """
    has_taken = True
    while has_taken:
        has_taken = False
        for place in range(len(order)):
            unit = order[place]
            k = state.owner[unit]
            if k == newcomer or not field.free[unit] or state.tally[k] <= 1:
                continue
            if state.tally[newcomer] > 0 and not touches(unit, newcomer, field, state):
                continue
            size, taken = mean_of(field.load, unit), mean_of(state.held, newcomer)
            if state.tally[newcomer] > 0 and taken + size / 2 > target:
                continue
            if mean_of(state.held, k) - size < floor or not holds_together(unit, field, state):
                continue
            hand_over(unit, newcomer, field, state)
            has_taken = True


@part
def mean_of(rows: Floats, row: int) -> float:
    """The mean of one row."""
    total = 0.0
    for column in range(rows.shape[1]):
        total += rows[row, column]
    return float(total / rows.shape[1])


@njit(cache=True, nogil=True)
def by_steps(seed: int, field: Field) -> Ints:
    """All units reached from the seed, nearest first."""
    n = len(field.indptr) - 1
    order = np.empty(n, np.int32)
    seen = np.zeros(n, np.bool_)
    order[0] = seed
    seen[seed] = True
    head, tail = 0, 1
    while head < tail:
        here = order[head]
        head += 1
        for slot in range(field.indptr[here], field.indptr[here + 1]):
            other = field.indices[slot]
            if not seen[other]:
                seen[other] = True
                order[tail] = other
                tail += 1
    return order[:tail].copy()


@njit(cache=True, nogil=True)
def best_offer(
    gives: bool, takes: bool, most: int, field: Field, state: State, rate: Rate
) -> tuple[Longs, int, int, float]:
    """The gift with one other seat that leaves seat 0 nearest to its tolerances, smallest first.

    Gives the units, who gives, who takes and what seat 0 is still beyond; no units if none helps
    without taking the other further out. The state is as it was.
    """
    units = np.empty(0, np.int64)
    best_giver, best_taker, least = -1, -1, np.inf
    for other in range(1, len(state.tally)):
        was = beyond(other, field, state)
        for way in range(2):
            if (way == 0 and not gives) or (way == 1 and not takes):
                continue
            giver, taker = (0, other) if way == 0 else (other, 0)
            found, left, spoilt = give_until_fit(0, giver, taker, most, field, state, rate)
            if len(found) == 0 or spoilt > was + 1e-9:
                continue
            if left < least - 1e-9 or (left < least + 1e-9 and len(found) < len(units)):
                units, best_giver, best_taker, least = found, giver, taker, left
    return units, best_giver, best_taker, least
