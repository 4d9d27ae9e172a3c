"""One horizon of tours: visits, vehicles (a shift each), travel, the cost of leaving out."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.tours.layout import Ints
from territory.errors import Fault, InputError
from territory.plans import StoppedBy

MAX_NUMBER = 1 << 30
Windows = tuple[tuple[int, int], ...]
"""Spans in which service may start, (earliest, latest), ascending and apart; empty: any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """One tour at most: where and when it may run, what it may carry.

    ``cost`` is paid if it is used. Times are seconds of the horizon, so a horizon of several days
    has a vehicle for each shift.
    """

    start_point: int
    end_point: int
    earliest_seconds: int
    latest_seconds: int
    max_driving_seconds: int | None = None
    capacity: int | None = None
    cost: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.earliest_seconds <= self.latest_seconds < MAX_NUMBER:
            span = (self.earliest_seconds, self.latest_seconds)
            raise ValueError(f"a vehicle's time {span!r} must be 0 <= earliest <= latest")
        for limit in (self.max_driving_seconds, self.capacity, self.cost):
            if limit is not None and not 0 <= limit < MAX_NUMBER:
                raise ValueError(f"a vehicle's limit {limit!r} must be a whole number from 0")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TourProblem:
    """Who is visited by which vehicle in which order, at the least cost.

    ``travel_seconds`` (points, points) is whole and need not be symmetric; ``travel_cost`` is the
    same matrix if None. ``point``, ``service_seconds``, ``load`` have a row per visit. ``penalty``
    is the cost of leaving a visit out, None where it must be served (and is left out only if no
    plan serves it). ``allowed`` (visits, vehicles) says who may serve whom.
    Cost = travel + vehicles used + penalties of the visits left out; waiting is free.
    """

    travel_seconds: NDArray[np.integer]
    travel_cost: NDArray[np.integer] | None = None
    point: Ints
    service_seconds: Ints
    load: Ints
    windows: tuple[Windows, ...]
    penalty: tuple[int | None, ...]
    vehicles: tuple[Vehicle, ...]
    allowed: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        faults = list(self._shape_faults()) or list(self._value_faults())
        if faults:
            raise InputError(f"The tour problem has {len(faults)} faults.", faults)

    @property
    def visits(self) -> int:
        """How many visits there are."""
        return len(self.point)

    def _shape_faults(self) -> Iterable[Fault]:
        shape = self.travel_seconds.shape
        if len(shape) != 2 or shape[0] != shape[1]:
            yield Fault(column="travel_seconds", value=str(shape), expected="a square matrix")
        if self.travel_cost is not None and self.travel_cost.shape != shape:
            yield Fault(
                column="travel_cost", value=str(self.travel_cost.shape), expected=str(shape)
            )
        for name in ("service_seconds", "load", "windows", "penalty"):
            count = len(getattr(self, name))
            if count != self.visits:
                yield Fault(column=name, value=str(count), expected=f"{self.visits} rows")
        wanted = (self.visits, len(self.vehicles))
        if self.allowed is not None and self.allowed.shape != wanted:
            yield Fault(column="allowed", value=str(self.allowed.shape), expected=str(wanted))

    def _value_faults(self) -> Iterable[Fault]:
        points = len(self.travel_seconds)
        ends = [(v.start_point, v.end_point) for v in self.vehicles]
        for name, rows in (("point", self.point), ("vehicle point", np.array(ends))):
            if len(rows) and not (rows.min() >= 0 and rows.max() < points):
                yield Fault(column=name, expected=f"0 to {points - 1}", fix="Add the point.")
        wholes = [
            ("travel_seconds", self.travel_seconds),
            ("service_seconds", self.service_seconds),
        ]
        wholes += [("load", self.load)]
        wholes += [] if self.travel_cost is None else [("travel_cost", self.travel_cost)]
        for name, numbers in wholes:
            if numbers.size and not (numbers.min() >= 0 and numbers.max() < MAX_NUMBER):
                yield Fault(column=name, expected=f"whole numbers from 0 to {MAX_NUMBER - 1}")
        for row, spans in enumerate(self.windows):
            flat = [time for span in spans for time in span]
            if flat != sorted(flat) or any(not 0 <= time < MAX_NUMBER for time in flat):
                yield Fault(column="windows", value=f"visit {row}: {spans}", expected="ascending")
        for row, cost in enumerate(self.penalty):
            if cost is not None and not 0 <= cost < MAX_NUMBER:
                yield Fault(column="penalty", value=f"visit {row}: {cost}", expected="from 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tours:
    """The visits of each vehicle in order, who is left out, and the cost in parts.

    ``cost`` = ``travel_cost`` + ``vehicle_cost`` + ``penalty_cost``; visits of ``unmet`` had to be
    made and are not, and are in no cost.
    """

    routes: tuple[tuple[int, ...], ...]
    left_out: tuple[int, ...]
    unmet: tuple[int, ...]
    travel_cost: int
    vehicle_cost: int
    penalty_cost: int
    iterations: int
    stopped_by: StoppedBy

    @property
    def cost(self) -> int:
        """All parts together."""
        return self.travel_cost + self.vehicle_cost + self.penalty_cost


def cost_of(
    problem: TourProblem,
    routes: tuple[tuple[int, ...], ...],
    *,
    iterations: int,
    stopped_by: StoppedBy,
) -> Tours:
    """The cost of given routes in parts, from the problem's own matrices."""
    matrix = problem.travel_seconds if problem.travel_cost is None else problem.travel_cost
    travel = 0
    for vehicle, route in zip(problem.vehicles, routes, strict=True):
        points = [vehicle.start_point, *problem.point[list(route)], vehicle.end_point]
        travel += int(matrix[points[:-1], points[1:]].sum()) if route else 0
    served = {visit for route in routes for visit in route}
    left_out = tuple(visit for visit in range(problem.visits) if visit not in served)
    return Tours(
        routes=routes,
        left_out=left_out,
        unmet=tuple(visit for visit in left_out if problem.penalty[visit] is None),
        travel_cost=travel,
        vehicle_cost=sum(
            v.cost for v, route in zip(problem.vehicles, routes, strict=True) if route
        ),
        penalty_cost=sum(problem.penalty[visit] or 0 for visit in left_out),
        iterations=iterations,
        stopped_by=stopped_by,
    )
