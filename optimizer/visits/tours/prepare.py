"""A tour problem as the arrays of the compiled search."""

from dataclasses import astuple

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.tours.layout import (
    ALLOWED_AT,
    CAPACITY,
    CLOSE,
    COLUMNS,
    COUNT,
    DEMAND,
    END,
    END_KIND,
    FIRST_ROUTE,
    FIRST_WINDOW,
    HAS_CHOICE,
    HAS_DRIVING,
    HAS_PRIZES,
    HAS_SKILLS,
    HAS_WINDOWS,
    HEAD,
    IS_SYMMETRIC,
    IS_UNIFORM,
    KIND,
    LAST_ROUTE,
    LAST_ROWS,
    LAST_WINDOW,
    LEFT_OUT,
    MAX_DRIVING,
    MUST,
    NEXT,
    OPEN,
    PLACE,
    PREV,
    PRIZE,
    ROUTE,
    SECONDS,
    SERVICE,
    START,
    TOUCHED,
    UNLIMITED,
    VEHICLES,
    VISITS,
    Hot,
    Ints,
    Short,
    Side,
    Table,
)
from optimizer.visits.tours.problem import TourProblem

Legs = NDArray[np.int32]

WAIT_WEIGHT = 0.2
LATE_WEIGHT = 1.0
ALWAYS = 1 << 31
ROWS_AT_ONCE = 500


def make_search(
    problem: TourProblem, near_kept: int, seed: int | tuple[int, int]
) -> tuple[Hot, Side]:
    """The arrays of a search with no visit served yet.

    Places are the visits and then the distinct ends of vehicles.
    """
    kinds, kind_rows = _kinds(problem)
    legs = _legs(problem)
    counts = [max(1, len(spans)) for spans in problem.windows]
    spans = [span for spans in problem.windows for span in spans or ((0, ALWAYS),)]
    windows = np.array(spans, dtype=np.int64).reshape(-1, 2)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    allowed = np.ones((problem.visits, len(kind_rows)), dtype=np.int64)
    if problem.allowed is not None:
        allowed = problem.allowed[:, kind_rows].astype(np.int64)
    rules = np.concatenate([windows.ravel(), allowed.ravel()])
    count, vehicles = problem.visits, len(problem.vehicles)
    rows = np.zeros((count + 3 * vehicles + LAST_ROWS, COLUMNS), dtype=np.int64)
    _fill_head(problem, rows, legs, allowed)
    _fill_visits(problem, rows, windows, first, len(kind_rows))
    _fill_vehicles(problem, rows)
    by_kind = np.argsort(kinds, kind="stable").astype(np.int64)
    mixed = np.random.SeedSequence(seed).generate_state(1, dtype=np.uint64)
    side = Side(
        near=_nearest(problem, legs, windows, first, near_kept),
        kind_of=np.searchsorted(kinds[by_kind], np.arange(len(kind_rows) + 1)).astype(np.int64),
        by_kind=by_kind + count + 2 * vehicles,
        spare=np.full(len(kind_rows), -1, dtype=np.int64),
        queue=np.zeros(max(1, count), dtype=np.int64),
        is_queued=np.zeros(max(1, count), dtype=np.uint8),
        touched=np.zeros(vehicles, dtype=np.int64),
        saved=np.zeros(max(1, count), dtype=np.int64),
        absent=np.zeros(2 * count + 1, dtype=np.int64),
        random=mixed | np.uint64(1),
    )
    return Hot(rows=rows, legs=legs, rules=rules), side


def _fill_head(problem: TourProblem, rows: Table, legs: Legs, allowed: Table) -> None:
    head, vehicles = rows[HEAD], problem.vehicles
    first = vehicles[0]
    head[VISITS], head[VEHICLES] = problem.visits, len(vehicles)
    head[FIRST_ROUTE] = problem.visits + 2 * len(vehicles)
    head[LAST_ROUTE] = head[FIRST_ROUTE] + len(vehicles)
    head[HAS_WINDOWS] = any(problem.windows) or not _shifts_are_loose(problem)
    head[HAS_CHOICE] = any(len(spans) > 1 for spans in problem.windows)
    head[HAS_SKILLS] = bool((allowed == 0).any())
    head[HAS_DRIVING] = any(v.max_driving_seconds is not None for v in vehicles)
    head[IS_SYMMETRIC] = all(bool((matrix == matrix.T).all()) for matrix in legs)
    head[IS_UNIFORM] = allowed.shape[1] == 1 and first.start_point == first.end_point
    head[HAS_PRIZES] = any(cost is not None for cost in problem.penalty)
    head[SECONDS] = len(legs) - 1


def _shifts_are_loose(problem: TourProblem) -> bool:
    """Whether no tour of all visits could outlast a shift."""
    longest = int(problem.service_seconds.sum())
    longest += int(problem.travel_seconds.max()) * (problem.visits + 1)
    return all(v.latest_seconds - v.earliest_seconds >= longest for v in problem.vehicles)


def _kinds(problem: TourProblem) -> tuple[Ints, list[int]]:
    """The kind of each vehicle, and the first vehicle of each kind."""
    seen: dict[tuple[object, ...], int] = {}
    rows: list[int] = []
    kinds = np.empty(len(problem.vehicles), dtype=np.int64)
    for row, vehicle in enumerate(problem.vehicles):
        serves = b"" if problem.allowed is None else problem.allowed[:, row].tobytes()
        key = (*astuple(vehicle), serves)
        if key not in seen:
            seen[key] = len(seen)
            rows.append(row)
        kinds[row] = seen[key]
    return kinds, rows


def _depots(problem: TourProblem) -> tuple[dict[tuple[int, int], int], list[tuple[int, int]]]:
    """Places of starts (with what the vehicle costs) and ends (without), after the visits."""
    places: dict[tuple[int, int], int] = {}
    for vehicle in problem.vehicles:
        for key in ((vehicle.start_point, vehicle.cost), (vehicle.end_point, 0)):
            places.setdefault(key, problem.visits + len(places))
    return places, list(places)


def _legs(problem: TourProblem) -> Legs:
    """Cost and seconds between places; what a vehicle costs is paid on its first leg.

    Between two ends there is nothing: that is a vehicle not used.
    """
    _, depots = _depots(problem)
    points = np.concatenate([problem.point, [point for point, _ in depots]]).astype(np.int64)
    travel = problem.travel_seconds[np.ix_(points, points)].astype(np.int32)
    travel[problem.visits :, problem.visits :] = 0
    if problem.travel_cost is None and not any(cost for _, cost in depots):
        return travel[None]
    source = problem.travel_seconds if problem.travel_cost is None else problem.travel_cost
    cost = source[np.ix_(points, points)].astype(np.int64)
    for row, (_, paid) in enumerate(depots):
        cost[problem.visits + row, : problem.visits] += paid
    cost[problem.visits :, problem.visits :] = 0
    return np.stack([np.minimum(cost, (1 << 31) - 1).astype(np.int32), travel])


def _nearest(problem: TourProblem, legs: Legs, windows: Table, window_of: Ints, kept: int) -> Short:
    """The visits that go well beside each, by cost, waiting and lateness between the two."""
    count, cost, travel = problem.visits, legs[0], legs[-1]
    if count < 2:
        return np.zeros((count, 0), dtype=np.int32)
    first = windows[window_of[:-1], 0].astype(np.float64)
    last = windows[window_of[1:] - 1, 1].astype(np.float64)
    service = problem.service_seconds.astype(np.float64)
    kept = min(kept, count - 1)
    near = np.empty((count, kept), dtype=np.int32)
    for row in range(0, count, ROWS_AT_ONCE):
        rows = np.arange(row, min(count, row + ROWS_AT_ONCE))
        there = cost[rows, :count] + _friction(
            travel[rows, :count], first[rows], last[rows], service[rows], first, last
        )
        back = cost[:count, rows] + _friction(
            travel[:count, rows], first, last, service, first[rows], last[rows]
        )
        apart = np.minimum(there, back.T)
        apart[np.arange(len(rows)), rows] = np.inf
        near[rows] = np.argsort(apart, axis=1, kind="stable")[:, :kept]
    return near


def _friction(
    travel: NDArray[np.integer],
    first: NDArray[np.float64],
    last: NDArray[np.float64],
    service: NDArray[np.float64],
    next_first: NDArray[np.float64],
    next_last: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Weighted waiting and lateness that cannot be avoided between a visit and the next."""
    gone = travel + service[:, None]
    waiting = np.maximum(0.0, next_first - gone - last[:, None])
    lateness = np.maximum(0.0, first[:, None] + gone - next_last)
    return WAIT_WEIGHT * waiting + LATE_WEIGHT * lateness


def _fill_visits(
    problem: TourProblem, rows: Table, windows: Table, first: Ints, kinds: int
) -> None:
    count = problem.visits
    rows[:count, PLACE] = np.arange(count)
    rows[:count, ROUTE] = -1
    rows[:count, SERVICE] = problem.service_seconds
    rows[:count, DEMAND] = problem.load
    rows[:count, PRIZE] = [MUST if cost is None else cost for cost in problem.penalty]
    rows[:count, OPEN] = windows[first[:-1], 0]
    rows[:count, CLOSE] = windows[first[:-1], 1]
    rows[:count, FIRST_WINDOW] = 2 * first[:-1]
    rows[:count, LAST_WINDOW] = 2 * (first[1:] - 1)
    rows[:count, ALLOWED_AT] = 2 * len(windows) + kinds * np.arange(count)
    rows[COUNT, LEFT_OUT] = rows[:count, PRIZE].sum()


def _fill_vehicles(problem: TourProblem, rows: Table) -> None:
    count, vehicles = problem.visits, len(problem.vehicles)
    places, _ = _depots(problem)
    kinds, _ = _kinds(problem)
    ends: dict[tuple[int, int], int] = {}
    for row, vehicle in enumerate(problem.vehicles):
        start, end, v = count + row, count + vehicles + row, count + 2 * vehicles + row
        rows[start, PLACE] = places[vehicle.start_point, vehicle.cost]
        rows[end, PLACE] = places[vehicle.end_point, 0]
        rows[[start, end], OPEN] = vehicle.earliest_seconds
        rows[[start, end], CLOSE] = vehicle.latest_seconds
        rows[[start, end], ROUTE] = v
        rows[start, NEXT], rows[end, PREV] = end, start
        rows[v, START], rows[v, END] = start, end
        key = (vehicle.end_point, vehicle.latest_seconds)
        rows[v, END_KIND] = ends.setdefault(key, len(ends))
        rows[v, KIND] = kinds[row]
        limits = (vehicle.capacity, vehicle.max_driving_seconds)
        rows[v, CAPACITY] = UNLIMITED if limits[0] is None else limits[0]
        rows[v, MAX_DRIVING] = UNLIMITED if limits[1] is None else limits[1]
        rows[v, TOUCHED] = -1
