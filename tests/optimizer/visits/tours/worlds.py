"""Tour problems drawn from a seed, and an evaluator that shares no code with the search."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.tours import TourProblem, Vehicle


@dataclass(frozen=True)
class Told:
    """What an evaluator says of routes."""

    cost: int
    breaks: list[str]


def told(problem: TourProblem, routes: tuple[tuple[int, ...], ...]) -> Told:
    """Cost and broken rules of routes, walked stop by stop from the problem alone."""
    cost, breaks, served = 0, [], []
    for number, (vehicle, route) in enumerate(zip(problem.vehicles, routes, strict=True)):
        if not route:
            continue
        cost += vehicle.cost
        now, here, load, driving = vehicle.earliest_seconds, vehicle.start_point, 0, 0
        for visit in route:
            served.append(visit)
            there = int(problem.point[visit])
            cost += _leg_cost(problem, here, there)
            driving += int(problem.travel_seconds[here, there])
            now += int(problem.travel_seconds[here, there])
            begins = _begins(problem, visit, now)
            if begins is None:
                breaks.append(f"visit {visit} late")
            else:
                now = begins
            now += int(problem.service_seconds[visit])
            load += int(problem.load[visit])
            here = there
            if problem.allowed is not None and not problem.allowed[visit, number]:
                breaks.append(f"visit {visit} not allowed on {number}")
        cost += _leg_cost(problem, here, vehicle.end_point)
        home = int(problem.travel_seconds[here, vehicle.end_point])
        if now + home > vehicle.latest_seconds:
            breaks.append(f"vehicle {number} late")
        limit = vehicle.max_driving_seconds
        if limit is not None and driving + home > limit:
            breaks.append(f"vehicle {number} drives too long")
        if vehicle.capacity is not None and load > vehicle.capacity:
            breaks.append(f"vehicle {number} is too full")
    if len(served) != len(set(served)):
        breaks.append("served twice")
    for visit in set(range(len(problem.point))) - set(served):
        cost += problem.penalty[visit] or 0
    return Told(cost, breaks)


def _leg_cost(problem: TourProblem, here: int, there: int) -> int:
    matrix = problem.travel_seconds if problem.travel_cost is None else problem.travel_cost
    return int(matrix[here, there])


def _begins(problem: TourProblem, visit: int, now: int) -> int | None:
    spans = problem.windows[visit]
    if not spans:
        return now
    return next((max(now, first) for first, last in spans if now <= last), None)


def drawn(
    seed: int,
    visits: int = 30,
    *,
    windows: int = 1,
    optional: bool = False,
    mixed: bool = False,
    asymmetric: bool = False,
) -> TourProblem:
    """A seeded problem: ``mixed`` gives shifts, ends, limits and skills that differ."""
    random = np.random.default_rng(seed)
    xy = random.integers(0, 1000, (visits + 3, 2))
    travel: NDArray[np.int64] = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)).astype(int)
    if asymmetric:
        travel = travel + random.integers(0, 200, travel.shape)
        np.fill_diagonal(travel, 0)
    spans = []
    for _ in range(visits):
        starts = np.sort(random.choice(8, windows, replace=False)) * 1000
        spans.append(tuple((int(first), int(first) + 600) for first in starts))
    vehicles = [
        Vehicle(
            start_point=visits + (number % 3 if mixed else 0),
            end_point=visits + ((number + 1) % 3 if mixed else 0),
            earliest_seconds=number * 300 if mixed else 0,
            latest_seconds=9500 + number * 100 if mixed else 10_500,
            max_driving_seconds=6000 if mixed else None,
            capacity=60 + number if mixed else 80,
            cost=100 * number if mixed else 0,
        )
        for number in range(max(4, visits // 4))
    ]
    allowed = random.random((visits, len(vehicles))) < 0.7 if mixed else None
    return TourProblem(
        travel_seconds=travel,
        travel_cost=travel * 3 + 7 if mixed else None,
        point=np.arange(visits),
        service_seconds=random.integers(0, 200, visits),
        load=random.integers(1, 15, visits),
        windows=tuple(spans) if windows else ((),) * visits,
        penalty=tuple(int(p) for p in random.integers(100, 2500, visits))
        if optional
        else (None,) * visits,
        vehicles=tuple(vehicles),
        allowed=allowed,
    )
