"""Compiled choice of a day's schedule by what it costs beside driving: waiting, overtime, lateness.

A route may have lunch in any gap, or none where none is due, and leave as early as may be, so late
that no time is lost at the first door, or so late that it just comes back as early as it can.
"""

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.bare import bare, bare_inline
from optimizer.visits.case import Case
from optimizer.visits.clock_steps import (
    AT_HOME,
    NEVER,
    TOO_LATE,
    WHILE_DRIVING,
    arrive,
    careful_lunch,
    depart,
    fed,
    latest_arrival,
    start_at,
    unfed,
)

NO_GAP = -1
FAILS = 10**15  # dearer than any visit, small enough that sums stay exact
Grid = NDArray[np.int64]


@bare_inline
def place_at(case: Case, s: int, stop: Grid, size: int, p: int) -> int:
    """The point at a position: the start before the first stop, the end after the last."""
    if p == 0:
        return int(case.start_point[s])
    if p > size:
        return int(case.end_point[s])
    return int(case.point[stop[s, p]])


@bare_inline
def late_by(case: Case, need: int, s: int, begin: int) -> int:
    """By how much a visit ends after the end that costs nothing."""
    first = case.window_first[need, s]
    done = begin + case.seconds[need]
    for row in range(first, first + case.window_count[need, s]):
        if begin >= case.windows[row, 0] and done <= case.windows[row, 1]:
            return int(max(0, done - case.windows[row, 2]))
    return 0


@bare
def eaten(
    case: Case, s: int, left: int, here: int, there: int, is_first: bool, is_last: bool
) -> int:
    """The seconds a drive takes that has lunch before, during or after it."""
    if case.lunch[s, 3] == WHILE_DRIVING:
        return int(case.travel[here, there])
    return int(
        careful_lunch(
            case.lunch, case.travel, case.traffic, s, left, here, there, is_first, is_last
        )[2]
    )


@bare
def walk(
    case: Case, s: int, stop: Grid, size: int, leave: int, gap: int
) -> tuple[int, int, int, int]:
    """When a route is back, its driving and lateness, and when its first visit starts.

    Lunch is had in the gap after position ``gap``. NEVER if a visit or lunch comes too late.
    """
    now, driven, late, first = leave, 0, 0, leave
    for p in range(1, size + 2):
        here, there = place_at(case, s, stop, size, p - 1), place_at(case, s, stop, size, p)
        if p - 1 == gap:
            then = fed(case, s, now, here, there, p == 1, p == size + 1)
            if then >= NEVER:
                return NEVER, driven, late, first
            driven += eaten(case, s, now, here, there, p == 1, p == size + 1)
        else:
            then = arrive(case, s, now, case.travel[here, there])
            driven += then - now
        now = then
        if p > size:
            break
        begin = start_at(case, stop[s, p], s, now)
        if begin >= NEVER:
            return NEVER, driven, late, first
        if p == 1:
            first = begin
        late += late_by(case, stop[s, p], s, begin)
        now = begin + case.seconds[stop[s, p]]
    return now, driven, late, first


@bare
def latest_leave(case: Case, s: int, stop: Grid, size: int, back: int, gap: int) -> int:
    """The latest departure that is back by then, with lunch in a gap; TOO_LATE if none is."""
    by = back
    for p in range(size + 1, 0, -1):
        here, there = place_at(case, s, stop, size, p - 1), place_at(case, s, stop, size, p)
        if p - 1 == gap:
            by = unfed(case, s, by, here, there, p == 1, p == size + 1)
        else:
            by = depart(case, s, by, case.travel[here, there])
        if p == 1:
            return by
        by = latest_arrival(case, stop[s, p - 1], s, by)
        if by <= TOO_LATE:
            return TOO_LATE
    return by


@bare_inline
def first_door(case: Case, s: int, stop: Grid, size: int, first: int, gap: int) -> int:
    """The latest departure that loses no time before the first door opens."""
    here, there = case.start_point[s], place_at(case, s, stop, size, 1)
    if gap == 0:
        return unfed(case, s, first, here, there, True, size == 0)
    return depart(case, s, first, case.travel[here, there])


@bare
def price_of(case: Case, s: int, stop: Grid, size: int, leave: int, gap: int, back_by: int) -> int:
    """What a schedule costs beside the driving the matrix tells, in seconds; NEVER if it fails."""
    back, driven, late, _ = walk(case, s, stop, size, leave, gap)
    if back > back_by or (case.lunch[s, 3] >= AT_HOME and driven > case.lunch[s, 5]):
        return NEVER
    busy, base = driven, 0
    for p in range(1, size + 2):
        base += case.travel[place_at(case, s, stop, size, p - 1), place_at(case, s, stop, size, p)]
        if p <= size:
            busy += case.seconds[stop[s, p]]
    if gap > NO_GAP:
        busy += case.lunch[s, 2]
    waiting = max(0, back - leave - busy)
    over = max(0, back - case.regular_end[s])
    extra = waiting * case.rates[0] + late * case.rates[1] + over * case.overtime_rate[s]
    return int(driven - base + (extra + 500) // 1000)


@bare
def best_of_gap(
    case: Case, s: int, stop: Grid, size: int, leave: int, gap: int, back_by: int
) -> tuple[int, int, int]:
    """The least price with lunch in one gap, when it leaves, and when it is back."""
    back, _, _, first = walk(case, s, stop, size, leave, gap)
    if back > back_by:
        return NEVER, leave, back
    start = max(leave, first_door(case, s, stop, size, first, gap))
    price = price_of(case, s, stop, size, start, gap, back_by)
    if case.rates[0] > 0 or case.traffic.shape[1] > 0:
        later = latest_leave(case, s, stop, size, back, gap)
        if later > start:
            other = price_of(case, s, stop, size, later, gap, back_by)
            if other < price:
                return other, later, back
    return price, start, back


@bare
def best_schedule(case: Case, s: int, stop: Grid, size: int, is_away: bool) -> tuple[int, int, int]:
    """The least price of a route, the gap of lunch (-1 for none) and when to leave.

    The price is NEVER if no schedule fits. Of equals the one that is back first.
    """
    start, end = case.start[s], case.end[s]
    latest, lunch = case.lunch[s, 1], case.lunch[s, 2]
    if lunch == 0:
        price, leave, _ = best_of_gap(case, s, stop, size, start, NO_GAP, end)
        return price, NO_GAP, leave
    before_lunch = min(end, latest + lunch - 1)
    best, best_leave, best_back = best_of_gap(case, s, stop, size, start, NO_GAP, before_lunch)
    best_gap = NO_GAP
    if not is_away:
        price, leave, back = best_of_gap(case, s, stop, size, max(start, latest + 1), NO_GAP, end)
        if price < best or (price == best and price < NEVER and back < best_back):
            best, best_leave, best_back = price, leave, back
    for gap in range(size + 1):
        price, leave, back = best_of_gap(case, s, stop, size, start, gap, end)
        if back < latest + lunch:
            continue  # lunch is not due on a route that is back so early
        if price < best or (price == best and price < NEVER and back < best_back):
            best, best_leave, best_back, best_gap = price, leave, back, gap
    return best, best_gap, best_leave


@bare
def route_price(case: Case, s: int, stop: Grid, size: int) -> int:
    """What a route costs beside its driving by the matrix; 0 without stops, FAILS if none fits."""
    if size == 0:
        return 0
    price = best_schedule(case, s, stop, size, False)[0]
    return price if price < NEVER else FAILS
