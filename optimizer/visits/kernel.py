"""Compiled ruin and recreate over dates and routes together, with windows, lunch and spacing.

Slack induction by string removals (Christiaens and Vanden Berghe 2020, Transportation Science):
strings of stops are cut from routes near a random need, then every need without a place is put
back where it costs least, on any shift it may be made on, passing over positions now and then
("blinks"). The date of a visit is thus chosen inside the recreate step; visits of one series keep
their distance. Simulated annealing decides whether the new plan is taken.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.visits.case import Case, Ints
from optimizer.visits.clock import Routes, fits, longest_work, point_at, refresh

RUIN_SIZE = 12.0  # mean number of stops removed in a turn
LONGEST_STRING = 10
BLINK = 0.01
LOOSEN = 0.3  # share of turns that take whole series out, not single visits
TRIED_UNSERVED = 12  # needs left out before that a turn tries again
INFINITE_COST = 1 << 60


@njit(cache=True, inline="always")
def uniform(random: NDArray[np.uint64]) -> float:
    """The next number in [0, 1) of a xorshift64* generator (Vigna 2016)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True)
def place(case: Case, routes: Routes, s: int, p: int, need: int) -> None:
    """Put a need into shift s after position p."""
    size = routes.size[s]
    for q in range(size + 1, p + 1, -1):
        routes.stop[s, q] = routes.stop[s, q - 1]
    routes.stop[s, p + 1] = need
    routes.size[s] = size + 1
    routes.shift_of[need] = s
    refresh(case, routes, s)


@njit(cache=True, inline="always")
def keeps_distance(case: Case, routes: Routes, need: int, s: int, kin: Ints, kin_of: Ints) -> bool:
    """Whether the other visits of the series are neither too near to this shift's date nor too far.

    Only the visits next to it in the series can be too far, and only if they are made.
    """
    series = case.series[need]
    if series < 0:
        return True
    for row in range(kin_of[series], kin_of[series + 1]):
        other = kin[row]
        at = routes.shift_of[other]
        if other != need and at >= 0:
            spacing = max(case.spacing[need], case.spacing[other])
            if abs(case.day[at] - case.day[s]) < spacing:
                return False
    before, after = case.before[need], case.after[need]
    since = case.day[s] - case.day[routes.shift_of[before]] if before >= 0 else 0
    until = case.day[routes.shift_of[after]] - case.day[s] if after >= 0 else 0
    if before >= 0 and routes.shift_of[before] >= 0 and since > case.longest[need]:
        return False
    return not (after >= 0 and routes.shift_of[after] >= 0 and until > case.longest[after])


@njit(cache=True)
def is_like_an_earlier_empty(case: Case, routes: Routes, need: int, s: int) -> bool:
    """Whether an earlier empty shift offers this need just the same, so that one trial will do."""
    if routes.size[s] > 0 or case.series[need] >= 0 or case.twin[s] == s:
        return False
    for other in range(case.twin[s], s):
        if (
            routes.size[other] == 0
            and case.twin[other] == case.twin[s]
            and case.window_count[need, other] == case.window_count[need, s]
            and case.window_first[need, other] == case.window_first[need, s]
            and case.off_preferred[need, other] == case.off_preferred[need, s]
            and case.capacity[other] == case.capacity[s]
        ):
            return True
    return False


@njit(cache=True)
def cheapest(
    case: Case,
    routes: Routes,
    need: int,
    kin: Ints,
    kin_of: Ints,
    blink: float,
    random: NDArray[np.uint64],
) -> tuple[int, int, int]:
    """The shift, position and cost of the cheapest insertion that fits; shift -1 for none."""
    best, best_shift, best_position = INFINITE_COST, -1, -1
    there = case.point[need]
    for s in range(len(case.start)):
        if case.window_count[need, s] == 0 or routes.load[s] + case.load[need] > case.capacity[s]:
            continue
        extra = case.off_preferred[need, s]
        if extra >= best or not keeps_distance(case, routes, need, s, kin, kin_of):
            continue
        if is_like_an_earlier_empty(case, routes, need, s):
            continue
        spare = case.max_driving[s] - routes.driving[s]
        room = longest_work(case, s) - routes.work[s] - case.seconds[need]
        if routes.size[s] == 0:
            spare = case.max_driving[s]
            room += routes.work[s]
        spare = min(spare, room)
        if spare < 0:
            continue
        here = case.start_point[s]
        for p in range(routes.size[s] + 1):
            after = point_at(case, routes, s, p + 1)
            longer = case.travel[here, there] + case.travel[there, after]
            if routes.size[s] > 0:
                longer -= case.travel[here, after]
            here = after
            if longer + extra < best and longer <= spare:
                if blink > 0.0 and uniform(random) < blink:
                    continue
                if fits(case, routes, s, p, need):
                    best, best_shift, best_position = longer + extra, s, p
    return best_shift, best_position, best


@njit(cache=True)
def plan_cost(case: Case, routes: Routes) -> int:
    """The objective of the routes, in seconds."""
    cost = 0
    for s in range(len(case.start)):
        if routes.size[s] > 0:
            cost += routes.driving[s]
    for need in range(len(case.point)):
        s = routes.shift_of[need]
        cost += case.penalty[need] if s < 0 else case.off_preferred[need, s]
    return cost


@njit(cache=True)
def remember(routes: Routes, s: int, saved: NDArray[np.int64], saved_size: Ints) -> None:
    """Keep a route as it was before this turn, once."""
    if saved_size[s] < 0:
        saved_size[s] = routes.size[s]
        for p in range(1, routes.size[s] + 1):
            saved[s, p] = routes.stop[s, p]


@njit(cache=True)
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


@njit(cache=True)
def position_of(routes: Routes, s: int, need: int) -> int:
    """Where on its route a need stands."""
    for p in range(1, routes.size[s] + 1):
        if routes.stop[s, p] == need:
            return p
    return 0


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
def drop_misplaced(case: Case, routes: Routes, kin: Ints, kin_of: Ints) -> None:
    """Take out what was put too near to or too far from the rest of its series."""
    for need in range(len(case.point)):
        s = routes.shift_of[need]
        if s >= 0 and not keeps_distance(case, routes, need, s, kin, kin_of):
            cut_string(routes, s, position_of(routes, s, need), 1, 0)
            refresh(case, routes, s)


@njit(cache=True)
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


@njit(cache=True)
def order_keys(
    case: Case, absent: Ints, count: int, random: NDArray[np.uint64]
) -> NDArray[np.float64]:
    """Keys of an order drawn at random: any, long, far, near, tight or dear needs first."""
    keys = np.empty(count)
    draw = uniform(random) * 15.0
    for row in range(count):
        need = absent[row]
        if draw < 4.0:
            keys[row] = uniform(random)
        elif draw < 6.0:
            keys[row] = -case.seconds[need]
        elif draw < 8.0:
            keys[row] = -case.travel[case.start_point[0], case.point[need]]
        elif draw < 9.0:
            keys[row] = case.travel[case.start_point[0], case.point[need]]
        elif draw < 12.0:
            room = 0
            for s in range(len(case.start)):
                first = case.window_first[need, s]
                for w in range(first, first + case.window_count[need, s]):
                    room += case.windows[w, 1] - case.windows[w, 0] - case.seconds[need] + 1
            keys[row] = room
        elif draw < 14.0:
            keys[row] = -case.penalty[need]
        else:
            keys[row] = -case.penalty[need] / (case.seconds[need] + 600.0)
    return keys


@njit(cache=True, nogil=True)
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
    order = np.argsort(order_keys(case, absent, count, random), kind="mergesort")
    for row in order:
        need = absent[row]
        s, p, cost = cheapest(case, routes, need, kin, kin_of, blink, random)
        if s >= 0 and cost < case.penalty[need]:
            remember(routes, s, saved, saved_size)
            place(case, routes, s, p, need)


@njit(cache=True)
def take_back(case: Case, routes: Routes, saved: NDArray[np.int64], saved_size: Ints) -> None:
    """Restore every route that this turn changed."""
    for s in range(len(saved_size)):
        if saved_size[s] >= 0:
            for p in range(1, routes.size[s] + 1):
                routes.shift_of[routes.stop[s, p]] = -1
    for s in range(len(saved_size)):
        if saved_size[s] >= 0:
            routes.size[s] = saved_size[s]
            for p in range(1, saved_size[s] + 1):
                routes.stop[s, p] = saved[s, p]
                routes.shift_of[saved[s, p]] = s
            refresh(case, routes, s)


@njit(cache=True)
def copy_stops(routes: Routes, stop: NDArray[np.int64], size: Ints) -> None:
    """Copy the routes' stops aside."""
    for s in range(len(size)):
        size[s] = routes.size[s]
        for p in range(1, routes.size[s] + 1):
            stop[s, p] = routes.stop[s, p]


@njit(cache=True, nogil=True)
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
    random: NDArray[np.uint64],
) -> int:
    """Anneal for a number of turns from temperature ``hot`` to ``cold`` (seconds).

    ``routes`` is where it goes on from and is changed; the best plan seen is left in ``best_stop``
    and ``best_size``. ``case.penalty`` may be softer than ``true_penalty``, so that visits come and
    go more freely; the best is told by the true one. Returns the best true cost.
    """
    needs = len(case.point)
    saved = np.zeros_like(routes.stop)
    saved_size = np.full(len(case.start), -1, dtype=np.int64)
    absent = np.empty(needs, dtype=np.int64)
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
