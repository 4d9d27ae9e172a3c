"""Compiled clock of one day's route: can this visit go in here, lunch and windows and all?

Loaded only where it is needed, for numba takes a second to import. For every route three forward
times and three backward times are kept at each position p (0 is home, 1..k the stops, k+1 the way
home's end), so that an insertion is tested without walking the route (Savelsbergh 1992, with lunch
as a second state):

- ``free[p]``   earliest departure from p when lunch is not had yet;
- ``fed[p]``    earliest departure from p when lunch is had by then;
- ``late[p]``   earliest departure from p on a route that leaves home after lunch;
- ``open_[p]``  latest arrival at p when no lunch is to come, home by the shift's end;
- ``early[p]``  latest arrival at p when home is reached before lunch is due;
- ``hungry[p]`` latest arrival at p when lunch is still to be had after the visit at p.

See ``territory.visits.Lunch`` for the rule.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.bare import bare, bare_inline
from optimizer.visits.case import Case, Ints
from optimizer.visits.clock_slow import fits_slowly, is_on_time_slowly, refresh_slowly
from optimizer.visits.clock_steps import NEVER, TOO_LATE, latest_arrival, point_at, start_at


class Routes(NamedTuple):
    """The routes of a search in the making, one row for each shift."""

    stop: NDArray[np.int64]  # (m, n + 2): need at positions 1..size
    size: Ints
    shift_of: Ints  # (n,): -1 for a need left out
    driving: Ints
    load: Ints
    work: Ints  # driving and visits, in seconds
    free: NDArray[np.int64]
    fed: NDArray[np.int64]
    late: NDArray[np.int64]
    open_: NDArray[np.int64]
    early: NDArray[np.int64]
    hungry: NDArray[np.int64]
    state: Ints  # a number that is new whenever the stops of a route are
    kept_state: Ints  # before this turn
    last_state: Ints  # (1,): the last number given
    seen_state: NDArray[np.int64]  # (n, m): the state in which a need's way in was looked for
    seen_longer: NDArray[np.int64]  # by how much it is longer; nothing is below this without place
    seen_place: NDArray[np.int64]  # after which position; -1 for none
    key: NDArray[np.float64]  # (n,): room to sort what is absent
    price: Ints  # what each route costs beside its driving
    above: NDArray[np.int64]  # (2, spans): work of a week, and how much of it is above its share


def empty_routes(case: Case) -> Routes:
    """No stops on any shift. Times are set by ``refresh``."""
    needs, shifts = len(case.point), len(case.start)
    stop, *times = (np.zeros((shifts, needs + 2), dtype=np.int64) for _ in range(7))
    free, fed, late, open_, early, hungry = times
    return Routes(
        stop=stop,
        size=np.zeros(shifts, dtype=np.int64),
        shift_of=np.full(needs, -1, dtype=np.int64),
        driving=np.zeros(shifts, dtype=np.int64),
        load=np.zeros(shifts, dtype=np.int64),
        work=np.zeros(shifts, dtype=np.int64),
        free=free,
        fed=fed,
        late=late,
        open_=open_,
        early=early,
        hungry=hungry,
        state=np.arange(1, shifts + 1, dtype=np.int64),
        kept_state=np.zeros(shifts, dtype=np.int64),
        last_state=np.array([shifts], dtype=np.int64),
        seen_state=np.zeros((needs, shifts), dtype=np.int64),
        seen_longer=np.zeros((needs, shifts), dtype=np.int64),
        seen_place=np.zeros((needs, shifts), dtype=np.int64),
        key=np.zeros(needs),
        price=np.zeros(shifts, dtype=np.int64),
        above=np.zeros((2, len(case.span_offered)), dtype=np.int64),
    )


@bare
def refresh(case: Case, routes: Routes, s: int) -> None:
    """Set the times, driving and load of one route anew after its stops have changed."""
    if case.slow is not None:
        refresh_slowly(case, routes, s)
        return
    last = routes.size[s] + 1
    earliest, latest, lunch = case.lunch[s, 0], case.lunch[s, 1], case.lunch[s, 2]
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
        routes.free[s, p] = start_at(case, need, s, left + leg) + visit
        if lunch > 0:
            arrival = routes.fed[s, p - 1] + leg
            if left <= latest:
                arrival = min(arrival, max(left + leg, earliest) + lunch)
            routes.fed[s, p] = start_at(case, need, s, arrival) + visit
            routes.late[s, p] = start_at(case, need, s, routes.late[s, p - 1] + leg) + visit
        here = there
    routes.driving[s] = driving + case.travel[here, case.end_point[s]]
    routes.load[s] = load
    routes.work[s] = routes.driving[s] + stay
    backward(case, routes, s)


@bare
def backward(case: Case, routes: Routes, s: int) -> None:
    """The latest arrivals of one route, from its end to its start."""
    last = routes.size[s] + 1
    earliest, latest, lunch = case.lunch[s, 0], case.lunch[s, 1], case.lunch[s, 2]
    routes.open_[s, last] = case.end[s]
    routes.early[s, last] = min(case.end[s], latest + lunch - 1)
    routes.hungry[s, last] = TOO_LATE
    there = case.end_point[s]
    for p in range(last - 1, 0, -1):
        need = routes.stop[s, p]
        here = case.point[need]
        leg = case.travel[here, there]
        routes.open_[s, p] = latest_arrival(case, need, s, routes.open_[s, p + 1] - leg)
        if lunch > 0:
            routes.early[s, p] = latest_arrival(case, need, s, routes.early[s, p + 1] - leg)
            leave_by = routes.hungry[s, p + 1] - leg
            if earliest + lunch <= routes.open_[s, p + 1]:
                leave_by = max(leave_by, min(latest, routes.open_[s, p + 1] - leg - lunch))
            routes.hungry[s, p] = latest_arrival(case, need, s, leave_by)
        there = here


@bare_inline
def longest_work(case: Case, s: int) -> int:
    """The most driving and visiting that a shift can hold, lunch or no lunch."""
    start, end = case.start[s], case.end[s]
    latest, lunch = case.lunch[s, 1], case.lunch[s, 2]
    if lunch == 0:
        return int(end - start)
    before = min(end, latest + lunch - 1) - start
    after = end - max(start, latest + 1)
    return int(max(end - start - lunch, before, after))


@bare
def fits_plainly(case: Case, routes: Routes, s: int, p: int, need: int) -> bool:
    """Whether a need can be visited between the stops at p and p + 1, where no rule is slow."""
    there = case.point[need]
    leg_in = case.travel[point_at(case, routes, s, p), there]
    leg_out = case.travel[there, point_at(case, routes, s, p + 1)]
    visit = case.seconds[need]
    left = routes.free[s, p]
    done = start_at(case, need, s, left + leg_in) + visit
    lunch = case.lunch[s, 2]
    if lunch == 0:
        return bool(done + leg_out <= routes.open_[s, p + 1])
    if done + leg_out <= routes.early[s, p + 1] or done + leg_out <= routes.hungry[s, p + 1]:
        return True
    earliest, latest = case.lunch[s, 0], case.lunch[s, 1]
    if done <= latest and max(done + leg_out, earliest) + lunch <= routes.open_[s, p + 1]:
        return True
    arrival = routes.fed[s, p] + leg_in
    if left <= latest:
        arrival = min(arrival, max(left + leg_in, earliest) + lunch)
    done = start_at(case, need, s, arrival) + visit
    if done + leg_out <= routes.open_[s, p + 1]:
        return True
    done = start_at(case, need, s, routes.late[s, p] + leg_in) + visit
    return bool(done + leg_out <= routes.open_[s, p + 1])


@bare
def fits(case: Case, routes: Routes, s: int, p: int, need: int) -> bool:
    """Whether a need can be visited on shift s between the stops at p and p + 1, on time."""
    if case.slow is not None:
        return bool(fits_slowly(case, routes, s, p, need))
    return bool(fits_plainly(case, routes, s, p, need))


@bare
def is_on_time(case: Case, routes: Routes, s: int) -> bool:
    """Whether a refreshed route keeps every window, lunch, and the shift's end."""
    if case.slow is not None:
        return bool(is_on_time_slowly(case, routes, s))
    last = routes.size[s]
    if last == 0:
        return True
    home = case.travel[case.point[routes.stop[s, last]], case.end_point[s]]
    lunch = case.lunch[s, 2]
    if lunch == 0:
        return bool(routes.free[s, last] + home <= case.end[s])
    back = routes.free[s, last] + home
    if back <= routes.early[s, last + 1] or routes.fed[s, last] + home <= case.end[s]:
        return True
    if (
        routes.free[s, last] <= case.lunch[s, 1]
        and max(back, case.lunch[s, 0]) + lunch <= case.end[s]
    ):
        return True
    return bool(routes.late[s, last] + home <= case.end[s])
