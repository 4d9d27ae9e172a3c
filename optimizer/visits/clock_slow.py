"""The compiled clock where more than driving is priced, traffic slows it or lunch has its place.

The times are those of ``optimizer.visits.clock``, whose functions call these where ``Case.slow``
says so; apart from them, for code that holds every rule is twice as slow where there is none.
"""

from typing import TYPE_CHECKING

from optimizer.visits.bare import bare
from optimizer.visits.case import Case
from optimizer.visits.clock_price import route_price
from optimizer.visits.clock_steps import (
    NEVER,
    TOO_LATE,
    arrive,
    depart,
    fed,
    latest_arrival,
    point_at,
    start_at,
    unfed,
)

if TYPE_CHECKING:
    from optimizer.visits.clock import Routes


@bare
def refresh_slowly(case: Case, routes: "Routes", s: int) -> None:
    """Set the times, driving and load of one route anew, with all rules of the way."""
    last = routes.size[s] + 1
    latest, lunch = case.lunch[s, 1], case.lunch[s, 2]
    routes.free[s, 0] = case.start[s]
    routes.fed[s, 0] = NEVER
    routes.late[s, 0] = max(case.start[s], latest + 1)
    driving, load, stay, here = 0, 0, 0, case.start_point[s]
    for p in range(1, last):
        need = routes.stop[s, p]
        there = case.point[need]
        leg = case.travel[here, there]
        driving += leg
        load += case.load[need]
        visit = case.seconds[need]
        stay += visit
        left = routes.free[s, p - 1]
        routes.free[s, p] = start_at(case, need, s, arrive(case, s, left, leg)) + visit
        if lunch > 0:
            arrival = arrive(case, s, routes.fed[s, p - 1], leg)
            arrival = min(arrival, fed(case, s, left, here, there, p == 1, False))
            routes.fed[s, p] = start_at(case, need, s, arrival) + visit
            arrival = arrive(case, s, routes.late[s, p - 1], leg)
            routes.late[s, p] = start_at(case, need, s, arrival) + visit
        here = there
    routes.driving[s] = driving + case.travel[here, case.end_point[s]]
    routes.load[s] = load
    routes.work[s] = routes.driving[s] + stay
    backward_slowly(case, routes, s)
    routes.price[s] = route_price(case, s, routes.stop, routes.size[s])


@bare
def backward_slowly(case: Case, routes: "Routes", s: int) -> None:
    """The latest arrivals of one route, from its end to its start."""
    last = routes.size[s] + 1
    latest, lunch = case.lunch[s, 1], case.lunch[s, 2]
    routes.open_[s, last] = case.end[s]
    routes.early[s, last] = min(case.end[s], latest + lunch - 1)
    routes.hungry[s, last] = TOO_LATE
    there = case.end_point[s]
    for p in range(last - 1, 0, -1):
        need = routes.stop[s, p]
        here = case.point[need]
        leg = case.travel[here, there]
        leave_by = depart(case, s, routes.open_[s, p + 1], leg)
        routes.open_[s, p] = latest_arrival(case, need, s, leave_by)
        if lunch > 0:
            leave_by = depart(case, s, routes.early[s, p + 1], leg)
            routes.early[s, p] = latest_arrival(case, need, s, leave_by)
            leave_by = depart(case, s, routes.hungry[s, p + 1], leg)
            leave_by = max(
                leave_by, unfed(case, s, routes.open_[s, p + 1], here, there, False, p == last - 1)
            )
            routes.hungry[s, p] = latest_arrival(case, need, s, leave_by)
        there = here


@bare
def fits_slowly(case: Case, routes: "Routes", s: int, p: int, need: int) -> bool:
    """Whether a need can be visited on shift s between the stops at p and p + 1, on time."""
    there = case.point[need]
    before, after = point_at(case, routes, s, p), point_at(case, routes, s, p + 1)
    leg_in, leg_out = case.travel[before, there], case.travel[there, after]
    visit = case.seconds[need]
    left = routes.free[s, p]
    done = start_at(case, need, s, arrive(case, s, left, leg_in)) + visit
    lunch = case.lunch[s, 2]
    onward = arrive(case, s, done, leg_out)
    if lunch == 0:
        return bool(onward <= routes.open_[s, p + 1])
    if onward <= routes.early[s, p + 1] or onward <= routes.hungry[s, p + 1]:
        return True
    if fed(case, s, done, there, after, False, p == routes.size[s]) <= routes.open_[s, p + 1]:
        return True
    arrival = arrive(case, s, routes.fed[s, p], leg_in)
    arrival = min(arrival, fed(case, s, left, before, there, p == 0, False))
    done = start_at(case, need, s, arrival) + visit
    if arrive(case, s, done, leg_out) <= routes.open_[s, p + 1]:
        return True
    done = start_at(case, need, s, arrive(case, s, routes.late[s, p], leg_in)) + visit
    return bool(arrive(case, s, done, leg_out) <= routes.open_[s, p + 1])


@bare
def is_on_time_slowly(case: Case, routes: "Routes", s: int) -> bool:
    """Whether a refreshed route keeps every window, lunch, and the shift's end."""
    last = routes.size[s]
    if last == 0:
        return True
    here, there = case.point[routes.stop[s, last]], case.end_point[s]
    home = case.travel[here, there]
    lunch = case.lunch[s, 2]
    back = arrive(case, s, routes.free[s, last], home)
    if lunch == 0:
        return bool(back <= case.end[s])
    if back <= routes.early[s, last + 1]:
        return True
    if arrive(case, s, routes.fed[s, last], home) <= case.end[s]:
        return True
    if fed(case, s, routes.free[s, last], here, there, False, True) <= case.end[s]:
        return True
    return bool(arrive(case, s, routes.late[s, last], home) <= case.end[s])
