"""Routing instances put to ``optimizer.visits.tours``: a vehicle each, everybody one horizon."""

import time
from collections.abc import Callable

import numpy as np

from benchmarks.visit_instances import RoutingInstance
from optimizer.visits.tours import TourProblem, Vehicle, solve_tours

NO_HORIZON = 1 << 29  # where an instance knows no time


def as_tours(instance: RoutingInstance) -> TourProblem:
    """The instance without its depot's row: visits 0..n-1 are its customers 1..n.

    "toptw" pays a profit more than any detour could save, others with profit pay just that;
    where there is no profit everybody must be visited.
    """
    has_profit = bool(np.any(instance.profit))
    far = int(4 * instance.distance.max()) + 1 if instance.kind == "toptw" else 1
    timed = bool(instance.latest[0] > instance.earliest[0])
    vehicle = Vehicle(
        start_point=0,
        end_point=0,
        earliest_seconds=int(instance.earliest[0]),
        latest_seconds=int(instance.latest[0]) if timed else NO_HORIZON,
        capacity=int(instance.capacity) or None,
    )
    customers = range(1, instance.customers + 1)
    return TourProblem(
        travel_seconds=instance.distance,
        point=np.arange(1, instance.customers + 1),
        service_seconds=instance.service[1:],
        load=instance.demand[1:],
        windows=tuple(
            ((int(instance.earliest[c]), int(instance.latest[c])),) if timed else ()
            for c in customers
        ),
        penalty=tuple(int(instance.profit[c]) * far if has_profit else None for c in customers),
        vehicles=(vehicle,) * instance.vehicles,
    )


def run_tours(
    instance: RoutingInstance,
    seconds: float,
    seed: int,
    threads: int = 1,
    clock: Callable[[], float] = time.monotonic,
) -> list[list[int]]:
    """Our routes of customers 1..n after so many seconds by ``clock``."""
    problem = as_tours(instance)
    tours = solve_tours(problem, seed=seed, seconds=seconds, threads=threads, clock=clock)
    return [[visit + 1 for visit in route] for route in tours.routes if route]
