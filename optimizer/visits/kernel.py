"""Compiled ruin and recreate over dates and routes together, with windows, lunch and spacing.

Slack induction by string removals (Christiaens and Vanden Berghe 2020, Transportation Science):
strings of stops are cut from routes near a random need, then every need without a place is put
back where it costs least, on any shift it may be made on, passing over positions now and then
("blinks"). The date of a visit is thus chosen inside the recreate step; visits of one series keep
their distance. Simulated annealing decides whether the new plan is taken.
"""

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.bare import bare
from optimizer.visits.case import Case, Ints
from optimizer.visits.clock import Routes, refresh
from optimizer.visits.clock_price import FAILS
from optimizer.visits.kernel_insert import cheapest, keeps_distance, place, uniform

RUIN_SIZE = 12.0  # mean number of stops removed in a turn
LONGEST_STRING = 10
BLINK = 0.01
LOOSEN = 0.3  # share of turns that take whole series out, not single visits
TRIED_UNSERVED = 12  # needs left out before that a turn tries again


@bare
def plan_cost(case: Case, routes: Routes) -> int:
    """The objective of the routes, in seconds."""
    cost = 0
    for s in range(len(case.start)):
        if routes.size[s] > 0:
            cost += routes.driving[s]
    for need in range(len(case.point)):
        s = routes.shift_of[need]
        cost += case.penalty[need] if s < 0 else case.off_preferred[need, s]
    if case.slow is not None:
        cost += dear_cost(case, routes)
    return cost


@bare
def dear_cost(case: Case, routes: Routes) -> int:
    """What the routes cost beside their driving, imbalance included."""
    cost = 0
    for s in range(len(case.start)):
        cost += routes.price[s] if routes.size[s] > 0 else 0
    return int(cost + imbalance(case, routes))


@bare
def imbalance(case: Case, routes: Routes) -> int:
    """What work above the even share of each span costs; kept by span for the next insertion."""
    total, offered, above = 0, 0, 0
    routes.above[0, :] = 0
    for s in range(len(case.start)):
        if routes.size[s] > 0:
            routes.above[0, case.span[s]] += routes.work[s]
            total += routes.work[s]
    for k in range(len(case.span_offered)):
        offered += case.span_offered[k]
    for k in range(len(case.span_offered)):
        routes.above[1, k] = routes.above[0, k] - total * case.span_offered[k] // max(1, offered)
        above += max(0, routes.above[1, k])
    return int(above * case.rates[2] // 1000)


@bare
def remember(routes: Routes, s: int, saved: NDArray[np.int64], saved_size: Ints) -> None:
    """Keep a route as it was before this turn, once."""
    if saved_size[s] < 0:
        saved_size[s] = routes.size[s]
        routes.kept_state[s] = routes.state[s]
        routes.last_state[0] += 1
        routes.state[s] = routes.last_state[0]
        for p in range(1, routes.size[s] + 1):
            saved[s, p] = routes.stop[s, p]


@bare
def cut_string(routes: Routes, s: int, position: int, length: int, kept: int) -> None:
    """Remove ``length`` stops around a position, sparing ``kept`` in the middle of them."""
    size = routes.size[s]
    total = length + kept
    first = max(1, min(position - total // 2, size - total + 1))
    gap = first + (length + 1) // 2
    write = first
    for p in range(first, size + 1):
        is_cut = p < first + total and not gap <= p < gap + kept
        if is_cut:
            routes.shift_of[routes.stop[s, p]] = -1
        else:
            routes.stop[s, write] = routes.stop[s, p]
            write += 1
    routes.size[s] = write - 1


@bare
def position_of(routes: Routes, s: int, need: int) -> int:
    """Where on its route a need stands."""
    for p in range(1, routes.size[s] + 1):
        if routes.stop[s, p] == need:
            return p
    return 0


@bare
def ruin(
    case: Case,
    routes: Routes,
    seed_need: int,
    saved: NDArray[np.int64],
    saved_size: Ints,
    random: NDArray[np.uint64],
) -> None:
    """Cut strings of stops from the routes around a need."""
    used, served = 0, 0
    for s in range(len(case.start)):
        if routes.size[s] > 0:
            used += 1
            served += routes.size[s]
    if used == 0:
        return
    longest = min(float(LONGEST_STRING), served / used)
    strings = int(uniform(random) * (4.0 * RUIN_SIZE / (1.0 + longest) - 1.0)) + 1
    for rank in range(-1, case.nearest.shape[1]):
        if strings == 0:
            break
        need = seed_need if rank < 0 else case.nearest[seed_need, rank]
        s = routes.shift_of[need]
        if s < 0 or saved_size[s] >= 0:
            continue
        remember(routes, s, saved, saved_size)
        size = routes.size[s]
        length = int(uniform(random) * min(float(size), longest)) + 1
        kept = 0
        if length < size and uniform(random) < 0.5:
            kept = 1
            while length + kept < size and uniform(random) < 0.01:
                kept += 1
        cut_string(routes, s, position_of(routes, s, need), length, kept)
        refresh(case, routes, s)
        strings -= 1


@bare
def loosen_series(
    case: Case, routes: Routes, saved: NDArray[np.int64], saved_size: Ints, kin: Ints, kin_of: Ints
) -> None:
    """Take the rest of each series out whose visit was cut, so that its rhythm is chosen anew."""
    shifts = len(saved_size)
    for s in range(shifts):
        for p in range(1, saved_size[s] + 1):
            need = saved[s, p]
            series = case.series[need]
            if routes.shift_of[need] >= 0 or series < 0:
                continue
            for row in range(kin_of[series], kin_of[series + 1]):
                other = kin[row]
                at = routes.shift_of[other]
                if at >= 0:
                    remember(routes, at, saved, saved_size)
                    cut_string(routes, at, position_of(routes, at, other), 1, 0)
                    refresh(case, routes, at)


@bare
def drop_misplaced(case: Case, routes: Routes, kin: Ints, kin_of: Ints) -> None:
    """Take out what was put too near to or too far from the rest of its series."""
    for need in range(len(case.point)):
        s = routes.shift_of[need]
        if s >= 0 and not keeps_distance(case, routes, need, s, kin, kin_of):
            cut_string(routes, s, position_of(routes, s, need), 1, 0)
            refresh(case, routes, s)


@bare
def gather(
    case: Case,
    routes: Routes,
    seed_need: int,
    saved: NDArray[np.int64],
    saved_size: Ints,
    out: Ints,
) -> int:
    """List the needs just removed and, of those left out before, the ones nearest to the seed."""
    count = 0
    for s in range(len(saved_size)):
        for p in range(1, saved_size[s] + 1):
            if routes.shift_of[saved[s, p]] < 0:
                out[count] = saved[s, p]
                count += 1
                routes.shift_of[saved[s, p]] = -2  # listed
    tried = 0
    for rank in range(-1, case.nearest.shape[1]):
        need = seed_need if rank < 0 else case.nearest[seed_need, rank]
        if routes.shift_of[need] == -1:
            out[count] = need
            count += 1
            tried += 1
            if tried == TRIED_UNSERVED:
                break
    for row in range(count):
        routes.shift_of[out[row]] = -1
    return count


@bare
def order_key(case: Case, need: int, draw: float, random: NDArray[np.uint64]) -> float:
    """A need's place in an order drawn at random: any, long, far, near, tight or dear first."""
    if draw < 4.0:
        return uniform(random)
    if draw < 6.0:
        return float(-case.seconds[need])
    if draw < 8.0:
        return float(-case.travel[case.start_point[0], case.point[need]])
    if draw < 9.0:
        return float(case.travel[case.start_point[0], case.point[need]])
    if draw < 12.0:
        return float(case.room[need])
    if draw < 14.0:
        return float(-case.penalty[need])
    return float(-case.penalty[need] / (case.seconds[need] + 600.0))


@bare
def sort_absent(
    case: Case, routes: Routes, absent: Ints, count: int, random: NDArray[np.uint64]
) -> None:
    """Put what is absent into an order drawn at random."""
    draw = uniform(random) * 15.0
    for row in range(count):
        need = absent[row]
        key = order_key(case, need, draw, random)
        place = row
        while place > 0 and routes.key[place - 1] > key:
            routes.key[place] = routes.key[place - 1]
            absent[place] = absent[place - 1]
            place -= 1
        routes.key[place] = key
        absent[place] = need


@bare
def recreate(
    case: Case,
    routes: Routes,
    absent: Ints,
    count: int,
    kin: Ints,
    kin_of: Ints,
    saved: NDArray[np.int64],
    saved_size: Ints,
    blink: float,
    random: NDArray[np.uint64],
) -> None:
    """Put absent needs back one by one, each where it costs least, if it is worth its cost."""
    sort_absent(case, routes, absent, count, random)
    for row in range(count):
        need = absent[row]
        s, p, cost = cheapest(case, routes, need, kin, kin_of, saved_size, blink, random)
        if s >= 0 and cost < case.penalty[need]:
            remember(routes, s, saved, saved_size)
            if case.slow is not None:
                place_if_worth(case, routes, s, p, need)
            else:
                place(case, routes, s, p, need)


@bare
def place_if_worth(case: Case, routes: Routes, s: int, p: int, need: int) -> None:
    """Put a need in and take it out again if its route fails or its true price outweighs it."""
    before = routes.price[s] + routes.driving[s] if routes.size[s] > 0 else 0
    place(case, routes, s, p, need)
    more = routes.price[s] + routes.driving[s] - before + case.off_preferred[need, s]
    if more >= min(case.penalty[need], FAILS // 2):
        cut_string(routes, s, p + 1, 1, 0)
        refresh(case, routes, s)


@bare
def take_back(case: Case, routes: Routes, saved: NDArray[np.int64], saved_size: Ints) -> None:
    """Restore every route that this turn changed."""
    for s in range(len(saved_size)):
        if saved_size[s] >= 0:
            for p in range(1, routes.size[s] + 1):
                routes.shift_of[routes.stop[s, p]] = -1
    for s in range(len(saved_size)):
        if saved_size[s] >= 0:
            routes.size[s] = saved_size[s]
            routes.state[s] = routes.kept_state[s]
            for p in range(1, saved_size[s] + 1):
                routes.stop[s, p] = saved[s, p]
                routes.shift_of[saved[s, p]] = s
            refresh(case, routes, s)


@bare
def copy_stops(routes: Routes, stop: NDArray[np.int64], size: Ints) -> None:
    """Copy the routes' stops aside."""
    for s in range(len(size)):
        size[s] = routes.size[s]
        for p in range(1, routes.size[s] + 1):
            stop[s, p] = routes.stop[s, p]


@bare
def search(
    case: Case,
    routes: Routes,
    best_stop: NDArray[np.int64],
    best_size: Ints,
    kin: Ints,
    kin_of: Ints,
    turns: int,
    hot: float,
    cold: float,
    best_cost: int,
    true_penalty: Ints,
    saved: NDArray[np.int64],
    saved_size: Ints,
    absent: Ints,
    random: NDArray[np.uint64],
) -> int:
    """Anneal for a number of turns from temperature ``hot`` to ``cold`` (seconds).

    ``routes`` is where it goes on from and is changed; the best plan seen is left in ``best_stop``
    and ``best_size``. ``case.penalty`` may be softer than ``true_penalty``, so that visits come and
    go more freely; the best is told by the true one. ``saved``, ``saved_size`` and ``absent`` are
    room to work in. Returns the best true cost.
    """
    needs = len(case.point)
    cost = plan_cost(case, routes)
    cooling = (cold / hot) ** (1.0 / max(1, turns))
    temperature = hot
    for _ in range(turns):
        saved_size[:] = -1
        seed_need = int(uniform(random) * needs)
        ruin(case, routes, seed_need, saved, saved_size, random)
        if len(kin) > 0 and uniform(random) < LOOSEN:
            loosen_series(case, routes, saved, saved_size, kin, kin_of)
        count = gather(case, routes, seed_need, saved, saved_size, absent)
        recreate(case, routes, absent, count, kin, kin_of, saved, saved_size, BLINK, random)
        new_cost = plan_cost(case, routes)
        if new_cost < cost - temperature * np.log(uniform(random) + 1e-300):
            cost = new_cost
            true_cost = new_cost
            for need in range(needs):
                if routes.shift_of[need] < 0:
                    true_cost += true_penalty[need] - case.penalty[need]
            if true_cost < best_cost:
                best_cost = true_cost
                copy_stops(routes, best_stop, best_size)
        else:
            take_back(case, routes, saved, saved_size)
        temperature *= cooling
    return best_cost
