"""From the days of every executive to a visit plan with clock times and exact totals."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from optimizer.visits.annealing import Days
from optimizer.visits.case import ExecutiveCase
from optimizer.visits.problem import VisitProblem
from optimizer.visits.timing import DayTimes, time_day
from territory.costs import with_costs
from territory.routes import Break, Route, Stop, Unserved, VisitPlan
from territory.visits import Shift


def assemble_plan(
    problem: VisitProblem,
    cases: Sequence[ExecutiveCase],
    days: Sequence[Days],
    unserved: Sequence[Unserved],
    notes: Sequence[str] = (),
) -> VisitPlan:
    """A plan of the given days; needs in none of them must be among ``unserved``."""
    routes = tuple(
        sorted(
            (
                route
                for case, planned in zip(cases, days, strict=True)
                for route in _routes(problem, case, planned)
            ),
            key=lambda route: (route.executive_id, route.date),
        )
    )
    value = {need.visit_id: need.value for need in problem.needs}
    left_out = tuple(sorted(unserved, key=lambda item: (item.executive_id, item.visit_id)))
    plan = VisitPlan(
        first_date=problem.first_date,
        last_date=problem.last_date,
        mode=problem.mode,
        travel_source=problem.travel.source,
        routes=routes,
        unserved=left_out,
        travel_seconds=sum(route.travel_seconds for route in routes),
        travel_meters=sum(route.travel_meters for route in routes),
        visit_seconds=sum(route.visit_seconds for route in routes),
        served=sum(len(route.stops) for route in routes),
        value_kept=sum(value[stop.visit_id] for route in routes for stop in route.stops),
        value_lost=sum(item.value for item in left_out),
        notes=tuple(notes),
    )
    if problem.prices is None:
        return plan
    return with_costs(plan, problem.needs, problem.shifts, problem.prices)


def _routes(problem: VisitProblem, case: ExecutiveCase, days: Days) -> Iterable[Route]:
    for s, stops in enumerate(days):
        if stops:
            times = time_day(case.arrays, s, stops)
            if times is None:
                raise AssertionError(f"{case.executive_id}: day {s} holds stops that do not fit")
            yield timed_route(problem, case, s, stops, times)


def timed_route(
    problem: VisitProblem, case: ExecutiveCase, s: int, needs: Sequence[int], times: DayTimes
) -> Route:
    """The route of a day whose times are known."""
    row = case.shift_rows[s]
    shift = problem.shifts[row]
    legs = _leg_meters(problem, case, s, needs, times.lunch_gap)
    stops = tuple(
        _stop(problem, case.need_rows[need], times, position, legs[position])
        for position, need in enumerate(needs)
    )
    return Route(
        executive_id=shift.executive_id,
        date=shift.date,
        start_lonlat=shift.start_lonlat,
        end_lonlat=(stops[-1].lon, stops[-1].lat) if shift.is_open_end else shift.end_lonlat,
        leave_seconds=times.leave,
        return_seconds=times.back,
        stops=stops,
        breaks=_breaks(shift, times),
        home_travel_seconds=times.legs[-1],
        home_travel_meters=legs[-1],
        travel_seconds=sum(times.legs),
        travel_meters=sum(legs),
        visit_seconds=sum(stop.end_seconds - stop.start_seconds for stop in stops),
    )


def _breaks(shift: Shift, times: DayTimes) -> tuple[Break, ...]:
    begin, lunch = times.lunch_start, shift.lunch
    if begin is None or lunch is None:
        return ()
    return (Break(start_seconds=begin, end_seconds=begin + lunch.seconds, lonlat=lunch.lonlat),)


def _stop(problem: VisitProblem, row: int, times: DayTimes, position: int, meters: int) -> Stop:
    need = problem.needs[row]
    start = times.starts[position]
    return Stop(
        visit_id=need.visit_id,
        account_id=need.account_id,
        kind=need.kind,
        lon=need.lon,
        lat=need.lat,
        travel_seconds=times.legs[position],
        travel_meters=meters,
        arrive_seconds=times.arrivals[position],
        start_seconds=start,
        end_seconds=start + need.visit_seconds,
        reason=need.reason,
        with_account_ids=need.with_account_ids,
    )


def _leg_meters(
    problem: VisitProblem,
    case: ExecutiveCase,
    s: int,
    needs: Sequence[int],
    lunch_gap: int | None,
) -> list[int]:
    row = case.shift_rows[s]
    first, last = problem.points.of_shift[row]
    between = [problem.points.of_need[case.need_rows[need]] for need in needs]
    points = [first, *between, last]
    meters = problem.travel.meters
    legs = [int(meters[a, b]) for a, b in pairwise(points)]
    table = problem.points.of_lunch[row] if problem.points.of_lunch else -1
    if lunch_gap is not None and table >= 0:
        here, there = points[lunch_gap : lunch_gap + 2]
        legs[lunch_gap] = int(meters[here, table]) + int(meters[table, there])
    return [*legs[:-1], 0] if problem.shifts[row].is_open_end else legs
