"""Compiled insertion: where a need fits into the routes, what it costs there, and putting it in."""

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.bare import bare, bare_inline
from optimizer.visits.case import Case, Ints
from optimizer.visits.clock import Routes, fits_plainly, longest_work, refresh
from optimizer.visits.clock_price import FAILS
from optimizer.visits.clock_slow import fits_slowly
from optimizer.visits.clock_steps import AT_HOME, point_at

INFINITE_COST = 1 << 60


@bare_inline
def uniform(random: NDArray[np.uint64]) -> float:
    """The next number in [0, 1) of a xorshift64* generator (Vigna 2016)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@bare
def place(case: Case, routes: Routes, s: int, p: int, need: int) -> None:
    """Put a need into shift s after position p."""
    size = routes.size[s]
    for q in range(size + 1, p + 1, -1):
        routes.stop[s, q] = routes.stop[s, q - 1]
    routes.stop[s, p + 1] = need
    routes.size[s] = size + 1
    routes.shift_of[need] = s
    refresh(case, routes, s)


@bare
def stands(case: Case, routes: Routes, s: int, p: int, need: int) -> bool:
    """Whether what fits by the clock also keeps the driving limit with the way home for lunch."""
    if case.slow is not None and case.lunch[s, 3] >= AT_HOME:
        size, at = routes.size[s], routes.shift_of[need]
        place(case, routes, s, p, need)
        is_kept = routes.price[s] < FAILS
        for q in range(p + 1, size + 1):
            routes.stop[s, q] = routes.stop[s, q + 1]
        routes.size[s] = size
        routes.shift_of[need] = at
        refresh(case, routes, s)
        return bool(is_kept)
    return True


@bare_inline
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


@bare
def is_like_an_earlier_empty(case: Case, routes: Routes, need: int, s: int) -> bool:
    """Whether an earlier empty shift offers this need just the same, so that one trial will do."""
    if routes.size[s] > 0 or case.series[need] >= 0 or case.twin[s] == s or case.rates[2] > 0:
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


@bare_inline
def spare_seconds(case: Case, routes: Routes, need: int, s: int) -> int:
    """By how much a need may make the driving of a shift longer; negative if it cannot go there."""
    spare = case.max_driving[s] - routes.driving[s]
    room = longest_work(case, s) - routes.work[s] - case.seconds[need]
    if routes.size[s] == 0:
        spare = case.max_driving[s]
        room += routes.work[s]
    return int(min(spare, room))


@bare
def spare_slowly(case: Case, routes: Routes, need: int, s: int) -> int:
    """The same by the matrix's driving, of which more fits a shift where traffic is fast."""
    fastest = 1000
    for band in range(case.traffic.shape[1]):
        fastest = max(fastest, case.traffic[s, band, 2])
    work = routes.work[s] if routes.size[s] > 0 else 0
    driving = routes.driving[s] if routes.size[s] > 0 else 0
    room = longest_work(case, s) * fastest // 1000 - work - case.seconds[need]
    return int(min(case.max_driving[s] - driving, room))


@bare
def scan(case: Case, routes: Routes, need: int, s: int, below: int, barred: int) -> tuple[int, int]:
    """The least by which a need makes a route longer, under a limit, and after which position.

    Position -1 if there is none below the limit that fits; ``barred`` is passed over.
    """
    spare = spare_seconds(case, routes, need, s)
    best, best_position = below, -1
    there, here = case.point[need], case.start_point[s]
    for p in range(routes.size[s] + 1):
        after = point_at(case, routes, s, p + 1)
        longer = case.travel[here, there] + case.travel[there, after]
        if routes.size[s] > 0:
            longer -= case.travel[here, after]
        here = after
        if (
            longer < best
            and longer <= spare
            and p != barred
            and fits_plainly(case, routes, s, p, need)
        ):
            best, best_position = longer, p
    return best, best_position


@bare
def scan_slowly(
    case: Case, routes: Routes, need: int, s: int, below: int, barred: int
) -> tuple[int, int]:
    """The same as ``scan`` by the slow clock.

    Position -1 if there is none below the limit that fits; ``barred`` is passed over.
    """
    spare = spare_slowly(case, routes, need, s)
    best, best_position = below, -1
    there, here = case.point[need], case.start_point[s]
    for p in range(routes.size[s] + 1):
        after = point_at(case, routes, s, p + 1)
        longer = case.travel[here, there] + case.travel[there, after]
        if routes.size[s] > 0:
            longer -= case.travel[here, after]
        here = after
        if (
            longer < best
            and longer <= spare
            and p != barred
            and fits_slowly(case, routes, s, p, need)
        ):
            best, best_position = longer, p
    return best, best_position


@bare
def cheapest(
    case: Case,
    routes: Routes,
    need: int,
    kin: Ints,
    kin_of: Ints,
    saved_size: Ints,
    blink: float,
    random: NDArray[np.uint64],
) -> tuple[int, int, int]:
    """The shift, position and cost of the cheapest insertion that fits; shift -1 for none.

    What was found on a route that this turn has not touched is remembered until the route changes.
    """
    best, best_shift, best_position = INFINITE_COST, -1, -1
    for s in range(len(case.start)):
        if case.window_count[need, s] == 0 or routes.load[s] + case.load[need] > case.capacity[s]:
            continue
        extra = case.off_preferred[need, s]
        if case.slow is not None:
            extra += foreseen(case, routes, need, s)
        below = best - extra
        if below <= 0 or not keeps_distance(case, routes, need, s, kin, kin_of):
            continue
        if is_like_an_earlier_empty(case, routes, need, s):
            continue
        is_seen = routes.seen_state[need, s] == routes.state[s]
        longer, p = routes.seen_longer[need, s], routes.seen_place[need, s]
        if is_seen and longer >= below:
            continue
        if not is_seen or p < 0:
            if case.slow is not None:
                longer, p = scan_slowly(case, routes, need, s, below, -1)
            else:
                longer, p = scan(case, routes, need, s, below, -1)
            if saved_size[s] < 0:
                routes.seen_state[need, s] = routes.state[s]
                routes.seen_longer[need, s] = longer
                routes.seen_place[need, s] = p
        if p >= 0 and blink > 0.0 and uniform(random) < blink:
            if case.slow is not None:
                longer, p = scan_slowly(case, routes, need, s, below, p)
            else:
                longer, p = scan(case, routes, need, s, below, p)
        if p >= 0:
            best, best_shift, best_position = longer + extra, s, p
    return best_shift, best_position, best


@bare
def foreseen(case: Case, routes: Routes, need: int, s: int) -> int:
    """What overtime and imbalance a visit is likely to cost on a shift, in seconds."""
    visit = case.seconds[need]
    room = case.regular_end[s] - case.start[s] - case.lunch[s, 2]
    work = routes.work[s] if routes.size[s] > 0 else 0
    over = max(0, work + visit - room) - max(0, work - room)
    cost = over * case.overtime_rate[s]
    if case.rates[2] > 0:
        cost += max(0, min(visit, routes.above[1, case.span[s]] + visit)) * case.rates[2]
    return int(cost // 1000)
