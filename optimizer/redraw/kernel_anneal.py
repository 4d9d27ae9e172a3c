"""The inner loop of redraw: annealed moves and swaps of border units, compiled by numba.

The energy is that of ``kernel``: p x the cost of ``territory.measures.objective`` plus a price x
the penalty of the loads. For speed all that a unit brings a jurisdiction lies in one row
(``kernel_lane``) and each jurisdiction's energy is kept. Searches of contiguity are short
(``kernel_ring``): a move they cannot settle is not made. Imported lazily.
"""

import math

import numpy as np

from optimizer.redraw.kernel_lane import FIRST_LOAD, enlist, fill
from optimizer.redraw.kernel_lane import lane_of as lane_of
from optimizer.redraw.kernel_lane import tracked as tracked
from optimizer.redraw.kernel_modes import loop, part
from optimizer.redraw.kernel_ring import stays_whole
from optimizer.redraw.kernel_values import (
    Field,
    Floats,
    Ints,
    Lane,
    Random,
    Rate,
    Track,
)

REFRESH = 1024  # proposals between two looks at the schedule
FAR = 20.0  # temperatures of rise that are not worth a draw
STROLL = 14  # steps of a walk along a border at most, besides the first two
MULTIPLIER = np.uint64(2685821657736338717)


@part
def strike(unit: int, track: Track) -> None:
    """Take the unit off the list of border units."""
    track.length[0] -= 1
    last = track.border[track.base + track.length[0]]
    track.border[track.where[unit]] = last
    track.where[last] = track.where[unit]
    track.where[unit] = -1


@part
def give(unit: int, to: int, lane: Lane, track: Track) -> None:
    """Give the unit to jurisdiction ``to``; sums and energies are left to whoever asked."""
    owner, foreign = track.owner, track.foreign
    k = owner[unit]
    track.tally[k] -= 1
    track.tally[to] += 1
    owner[unit] = to
    strange = 0
    for slot in range(lane.indptr[unit], lane.indptr[unit + 1]):
        other = lane.links[slot, 0]
        if owner[other] == k:
            foreign[other] += 1
            if foreign[other] == 1 and lane.free[other]:
                enlist(other, track)
        elif owner[other] == to:
            foreign[other] -= 1
            if foreign[other] == 0 and lane.free[other]:
                strike(other, track)
        if owner[other] != to:
            strange += 1
    foreign[unit] = strange
    if strange == 0:
        strike(unit, track)


@part
def energy_of(k: int, sign: float, lane: Lane, track: Track, rate: Rate) -> float:
    """Energy of jurisdiction k with ``sign`` x ``track.part`` added: shape, loads, soft loads."""
    sums, part, m = track.sums, track.part, len(lane.scale)
    total = 0.0
    weight = sums[k, 0] + sign * part[0]
    if weight > 1e-12:
        sx, sy = sums[k, 1] + sign * part[1], sums[k, 2] + sign * part[2]
        total = sums[k, 3] + sign * part[3] - (sx * sx + sy * sy) / weight
    unfit = 0.0
    for row in range(m):
        column = FIRST_LOAD + row
        off = abs(sums[k, column] + sign * part[column] - 1.0) * lane.scale[row]
        over = max(off - rate.edge, 0.0)
        unfit += over * over + rate.soft * off * off
    for row in range(len(lane.room)):
        column = FIRST_LOAD + m + row
        off = abs(sums[k, column] + sign * part[column] - 1.0) - lane.room[row]
        total += lane.excess_price[row] * max(off, 0.0)
    return total + rate.price * unfit


@part
def own_change(unit: int, k: int, to: int, lane: Lane, track: Track) -> float:
    """Change of borders, of what moved and of shape alone if the unit goes from k to ``to``."""
    steps = 0
    for slot in range(lane.indptr[unit], lane.indptr[unit + 1]):
        other = track.owner[lane.links[slot, 0]]
        if other == k:
            steps += lane.links[slot, 1]
        elif other == to:
            steps -= lane.links[slot, 1]
    change = steps * lane.edge_unit
    if lane.keeps:
        if lane.before[unit] == k:
            change += lane.move_cost[unit]
        elif lane.before[unit] == to:
            change -= lane.move_cost[unit]
    if lane.alone:
        change += shape_alone(unit, to, lane) - shape_alone(unit, k, lane)
    return change


@part
def shape_alone(unit: int, k: int, lane: Lane) -> float:
    """Energy of shape of the unit in jurisdiction k: by road, or about its home."""
    if len(lane.road) > 0:
        return float(lane.road[unit, k])
    x, y = lane.place[unit, 0] - lane.homes[k, 0], lane.place[unit, 1] - lane.homes[k, 1]
    return float(lane.weight[unit] * (x * x + y * y))


@part
def next_word(rng: Random) -> np.uint64:
    """64 random bits by xorshift64* (Vigna, 2016); the state must not be 0."""
    word = rng[0]
    word ^= word >> np.uint64(12)
    word ^= word << np.uint64(25)
    word ^= word >> np.uint64(27)
    rng[0] = word
    drawn: np.uint64 = word * MULTIPLIER
    return drawn


@part
def below(limit: int, rng: Random) -> int:
    """A whole number from 0 to limit - 1."""
    return int(np.int64(((next_word(rng) >> np.uint64(32)) * np.uint64(limit)) >> np.uint64(32)))


@part
def across(unit: int, turn: int, lane: Lane, track: Track) -> int:
    """A jurisdiction of this side that the border unit touches, begun at neighbour ``turn``.

    Its own if there is none.
    """
    start, k = lane.indptr[unit], track.owner[unit]
    degree = lane.indptr[unit + 1] - start
    for _ in range(degree):
        to = track.owner[lane.links[start + turn, 0]]
        if to != k and track.side[to] == track.mine:
            return int(to)
        turn = turn + 1 if turn + 1 < degree else 0
    return int(k)


@part
def stroll(unit: int, k: int, to: int, lane: Lane, track: Track, rng: Random) -> int:
    """A unit met by a random walk of 2 to 15 steps along the border of k and ``to``."""
    here = unit
    for _ in range(2 + below(STROLL, rng)):
        start = lane.indptr[here]
        other = lane.links[start + below(lane.indptr[here + 1] - start, rng), 0]
        mine = track.owner[other]
        if track.foreign[other] > 0 and (mine in (k, to)):
            here = other
    return here


@part
def is_taken(change: float, heat: float, rng: Random) -> bool:
    """Whether a change of energy passes at this temperature."""
    if change <= 0.0:
        return True
    if change > FAR * heat:
        return False
    chance = float(next_word(rng) >> np.uint64(11)) / 9007199254740992.0
    return chance < math.exp(-change / heat)


@part
def settle(
    k: int, to: int, change: float, heat: float, rng: Random, lane: Lane, track: Track, rate: Rate
) -> tuple[bool, float, float]:
    """Whether ``track.part`` may go from k to ``to``, and the energies of both after it."""
    mine = energy_of(k, -1.0, lane, track, rate)
    theirs = energy_of(to, 1.0, lane, track, rate)
    change += mine - track.energy[k] + theirs - track.energy[to]
    return is_taken(change, heat, rng), mine, theirs


@part
def book(k: int, to: int, mine: float, theirs: float, track: Track) -> None:
    """Take ``track.part`` from the sums of k to those of ``to``, whose energies are known."""
    for column in range(len(track.part)):
        track.sums[k, column] -= track.part[column]
        track.sums[to, column] += track.part[column]
    track.energy[k], track.energy[to] = mine, theirs


@part
def try_move(
    unit: int, k: int, to: int, heat: float, rng: Random, lane: Lane, track: Track, rate: Rate
) -> bool:
    """Move the unit if the energy allows it and its jurisdiction stays whole."""
    fill(unit, 1.0, lane, track)
    change = own_change(unit, k, to, lane, track)
    passes, mine, theirs = settle(k, to, change, heat, rng, lane, track, rate)
    if not passes or not stays_whole(unit, lane, track):
        return False
    give(unit, to, lane, track)
    book(k, to, mine, theirs, track)
    return True


@part
def try_swap(
    unit: int, back: int, k: int, to: int, heat: float, rng: Random, lane: Lane, track: Track,
    rate: Rate,
) -> bool:  # fmt: skip
    """Swap two units across a border if the energy allows it and both sides stay whole."""
    touches, shared = False, 0.0
    for slot in range(lane.indptr[back], lane.indptr[back + 1]):
        other = lane.links[slot, 0]
        if other == unit:
            shared = (
                2 * lane.links[slot, 1] * lane.edge_unit
            )  # that border stays cut; both count it gone
        elif track.owner[other] == k:
            touches = True
    if not touches:
        return False
    fill(unit, 1.0, lane, track)
    fill(back, -1.0, lane, track)
    change = own_change(unit, k, to, lane, track) + own_change(back, to, k, lane, track) + shared
    passes, mine, theirs = settle(k, to, change, heat, rng, lane, track, rate)
    if not passes or not stays_whole(unit, lane, track):
        return False
    give(unit, to, lane, track)
    if not stays_whole(back, lane, track):
        give(unit, k, lane, track)
        return False
    give(back, k, lane, track)
    book(k, to, mine, theirs, track)
    return True


@part
def weigh(lane: Lane, track: Track, rate: Rate) -> None:
    """Take the energy of every jurisdiction anew, as the rate has changed."""
    track.part[:] = 0.0
    for k in range(len(track.energy)):
        if track.side[k] == track.mine:
            track.energy[k] = energy_of(k, 0.0, lane, track, rate)


@loop
def anneal_lane(
    lane: Lane, track: Track, rng: Random, proposals: int, heat: Floats, price: Floats,
    soft: Floats, edge: float, swap_share: float,
) -> int:  # fmt: skip
    """Propose moves and swaps on ``owner`` in place; gives how many were taken.

    ``heat``, ``price`` and ``soft`` are (start, end) and go geometrically from one to the other.
    """
    owner, taken = track.owner, 0
    t, rate = heat[0], Rate(price[0], edge, soft[0])
    swapping = np.uint64(swap_share * (1 << 16))
    for turn in range(proposals):
        if turn % REFRESH == 0:
            share = turn / proposals
            t = heat[0] * (heat[1] / heat[0]) ** share
            rate = Rate(
                price[0] * (price[1] / price[0]) ** share,
                edge,
                soft[0] * (soft[1] / soft[0]) ** share,
            )
            weigh(lane, track, rate)
        if track.length[0] == 0:
            break
        word = next_word(rng)
        place = np.int64(((word >> np.uint64(32)) * np.uint64(track.length[0])) >> np.uint64(32))
        unit = track.border[track.base + place]
        degree = np.uint64(lane.indptr[unit + 1] - lane.indptr[unit])
        first = np.int64(((word >> np.uint64(16) & np.uint64(0xFFFF)) * degree) >> np.uint64(16))
        k, to = owner[unit], across(unit, int(first), lane, track)
        if to == k:
            continue
        if word & np.uint64(0xFFFF) >= swapping:
            taken += try_move(unit, k, to, t, rng, lane, track, rate)
        else:
            back = stroll(unit, k, to, lane, track, rng)
            if owner[back] == to and lane.free[back]:
                taken += try_swap(unit, back, k, to, t, rng, lane, track, rate)
    return taken


def anneal(
    field: Field, owner: Ints, rng: Random, proposals: int, heat: Floats, price: Floats,
    soft: Floats, edge: float, swap_share: float,
) -> int:  # fmt: skip
    """``anneal_lane`` for one leg on ``owner`` in place, packing the field first: O(units)."""
    lane = lane_of(field)
    return anneal_lane(
        lane, tracked(lane, owner), rng, proposals, heat, price, soft, edge, swap_share
    )
