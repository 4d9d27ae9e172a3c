"""Compiled steps of the clock: start a visit, drive on, eat on the way; and the same backwards.

Every step is the latest or earliest there is, so that arriving earlier never makes anything later
(first in, first out). Where traffic slows drives by the hour, a drive of d seconds that leaves at t
arrives at the first second by which the speeds since t add up to d (Ichoua, Gendreau and Potvin
2003, European Journal of Operational Research); speeds are in thousandths, so that this is exact.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.bare import bare, bare_inline
from optimizer.visits.case import Case

if TYPE_CHECKING:
    from optimizer.visits.clock import Routes

Grid = NDArray[np.int64]

NEVER = 1_000_000_000
TOO_LATE = -1

WHILE_DRIVING, NOT_WHILE_DRIVING, AT_AN_ACCOUNT, AT_HOME, AT_HOME_BEFORE_THE_LAST = 0, 1, 2, 3, 4
"""Where lunch may be had (``Case.lunch[s, 3]``)."""


@bare_inline
def start_at(case: Case, need: int, shift: int, arrival: int) -> int:
    """The earliest start of a visit that is reached at ``arrival``; NEVER if it is too late."""
    first = case.window_first[need, shift]
    for row in range(first, first + case.window_count[need, shift]):
        begin = max(arrival, case.windows[row, 0])
        if begin + case.seconds[need] <= case.windows[row, 1]:
            return int(begin)
    return NEVER


@bare_inline
def latest_arrival(case: Case, need: int, shift: int, leave_by: int) -> int:
    """The latest arrival from which the visit ends by ``leave_by``; TOO_LATE if none does."""
    first = case.window_first[need, shift]
    for row in range(first + case.window_count[need, shift] - 1, first - 1, -1):
        begin = min(case.windows[row, 1], leave_by) - case.seconds[need]
        if begin >= case.windows[row, 0]:
            return int(begin)
    return TOO_LATE


@bare_inline
def point_at(case: Case, routes: "Routes", shift: int, position: int) -> int:
    """The point at a position of a route; home before the first and after the last stop."""
    if position == 0:
        return int(case.start_point[shift])
    if position > routes.size[shift]:
        return int(case.end_point[shift])
    return int(case.point[routes.stop[shift, position]])


@bare
def slow_arrival(traffic: Grid, s: int, left: int, leg: int) -> int:
    """The arrival of a drive in traffic."""
    if left >= NEVER:
        return NEVER
    rest = 1000 * leg
    now = left
    for band in range(traffic.shape[1]):
        until = traffic[s, band, 1]
        if now >= until:
            continue
        speed = traffic[s, band, 2]
        if (until - now) * speed >= rest:
            return int(now + (rest + speed - 1) // speed)
        rest -= (until - now) * speed
        now = until
    return NEVER


@bare
def slow_departure(traffic: Grid, s: int, by: int, leg: int) -> int:
    """The latest departure of a drive in traffic that arrives by then; TOO_LATE if none does."""
    rest = 1000 * leg
    now = by
    for band in range(traffic.shape[1] - 1, -1, -1):
        since = traffic[s, band, 0]
        if now <= since:
            continue
        speed = traffic[s, band, 2]
        if (now - since) * speed >= rest:
            return int(now - (rest + speed - 1) // speed)
        rest -= (now - since) * speed
        now = since
    return TOO_LATE


@bare_inline
def arrive(case: Case, s: int, left: int, leg: int) -> int:
    """When a drive that leaves at ``left`` arrives."""
    if case.traffic.shape[1] == 0:
        return left + leg
    return int(slow_arrival(case.traffic, s, left, leg))


@bare_inline
def depart(case: Case, s: int, by: int, leg: int) -> int:
    """When a drive leaves at the latest that arrives by then; negative if none does."""
    if case.traffic.shape[1] == 0:
        return by - leg
    return int(slow_departure(case.traffic, s, by, leg))


@bare_inline
def arrival_in(traffic: Grid, s: int, left: int, leg: int) -> int:
    """When a drive arrives, in traffic or out of it."""
    if traffic.shape[1] == 0:
        return left + leg
    return int(slow_arrival(traffic, s, left, leg))


@bare_inline
def departure_in(traffic: Grid, s: int, by: int, leg: int) -> int:
    """When a drive leaves at the latest, in traffic or out of it."""
    if traffic.shape[1] == 0:
        return by - leg
    return int(slow_departure(traffic, s, by, leg))


@bare
def careful_lunch(
    lunches: Grid,
    travel: Grid,
    traffic: Grid,
    s: int,
    left: int,
    here: int,
    there: int,
    is_first: bool,
    is_last: bool,
) -> tuple[int, int, int]:
    """When the drive is done and lunch had, not eating while driving; its begin, and the driving.

    NEVER, NEVER, 0 if lunch would begin too late.
    """
    earliest, latest, lunch = lunches[s, 0], lunches[s, 1], lunches[s, 2]
    where = lunches[s, 3]
    ready, begun, driven = NEVER, NEVER, 0
    if left > latest:
        return ready, begun, driven
    if where >= AT_HOME:
        if is_last and where == AT_HOME_BEFORE_THE_LAST:
            return ready, begun, driven
        table = lunches[s, 4]
        home = arrival_in(traffic, s, left, travel[here, table])
        if max(home, earliest) <= latest:
            begun = max(home, earliest)
            ready = arrival_in(traffic, s, begun + lunch, travel[table, there])
            driven = home - left + ready - begun - lunch
        return ready, begun, driven
    leg = travel[here, there]
    is_at_account = where == AT_AN_ACCOUNT
    arrived = arrival_in(traffic, s, left, leg)
    if arrived <= latest and not (is_at_account and is_last):
        begun = max(arrived, earliest)
        ready, driven = begun + lunch, arrived - left
    if not (is_at_account and is_first):
        before = max(left, earliest)
        then = arrival_in(traffic, s, before + lunch, leg)
        if then < ready:
            return then, before, then - before - lunch
    return ready, begun, driven


@bare
def careful_departure(
    lunches: Grid,
    travel: Grid,
    traffic: Grid,
    s: int,
    by: int,
    here: int,
    there: int,
    is_first: bool,
    is_last: bool,
) -> int:
    """The latest departure after which lunch and drive are done by then, not eating on the way."""
    earliest, latest, lunch = lunches[s, 0], lunches[s, 1], lunches[s, 2]
    where = lunches[s, 3]
    best = TOO_LATE
    if where >= AT_HOME:
        if is_last and where == AT_HOME_BEFORE_THE_LAST:
            return best
        table = lunches[s, 4]
        begin = min(latest, departure_in(traffic, s, by, travel[table, there]) - lunch)
        if begin >= earliest:
            best = departure_in(traffic, s, begin, travel[here, table])
        return best
    leg = travel[here, there]
    is_at_account = where == AT_AN_ACCOUNT
    if earliest + lunch <= by and not (is_at_account and is_last):
        best = departure_in(traffic, s, min(latest, by - lunch), leg)
    if not (is_at_account and is_first):
        begin = departure_in(traffic, s, by, leg) - lunch
        if begin >= earliest:
            best = max(best, min(latest, begin))
    return best


@bare_inline
def fed(case: Case, s: int, left: int, here: int, there: int, is_first: bool, is_last: bool) -> int:
    """When the next place is reached and lunch was had between; NEVER if it could not be."""
    if case.lunch[s, 3] == WHILE_DRIVING:
        if left > case.lunch[s, 1]:
            return NEVER
        return int(max(left + case.travel[here, there], case.lunch[s, 0]) + case.lunch[s, 2])
    return int(
        careful_lunch(
            case.lunch, case.travel, case.traffic, s, left, here, there, is_first, is_last
        )[0]
    )


@bare_inline
def unfed(case: Case, s: int, by: int, here: int, there: int, is_first: bool, is_last: bool) -> int:
    """When to leave at the latest to have lunch on the way and be there by then."""
    if case.lunch[s, 3] == WHILE_DRIVING:
        if case.lunch[s, 0] + case.lunch[s, 2] > by:
            return TOO_LATE
        return int(min(case.lunch[s, 1], by - case.travel[here, there] - case.lunch[s, 2]))
    return int(
        careful_departure(
            case.lunch, case.travel, case.traffic, s, by, here, there, is_first, is_last
        )
    )
