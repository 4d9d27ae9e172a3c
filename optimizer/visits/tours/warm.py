"""Compile the tour kernels once, on a toy, so that the first real plan does not wait for it."""

import numpy as np

from optimizer.visits.tours.problem import TourProblem, Vehicle
from optimizer.visits.tours.solve import solve_tours


def warm_up() -> None:
    """Drive round three visits: the kernels of the search are loaded or compiled."""
    vehicle = Vehicle(start_point=0, end_point=0, earliest_seconds=0, latest_seconds=1000)
    zeros = np.zeros(3, dtype=np.int64)
    problem = TourProblem(
        travel_seconds=np.abs(np.arange(4)[:, None] - np.arange(4)[None]),
        point=np.arange(1, 4),
        service_seconds=zeros,
        load=zeros,
        windows=(((0, 500),), (), ()),
        penalty=(None, None, 1000),
        vehicles=(vehicle, vehicle),
    )
    solve_tours(problem, iterations=40)
