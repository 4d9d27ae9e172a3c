"""Routing instances reach the tours as they are."""

from typing import Literal

import numpy as np
import pytest

from benchmarks.visit_instances import RoutingInstance, judge_routes, truncated_distances
from benchmarks.visit_tours import as_tours
from optimizer.visits.tours import solve_tours


def _instance(kind: Literal["vrptw", "toptw"], profit: int) -> RoutingInstance:
    xy = np.array([(0, 0), (10, 0), (10, 10), (0, 10)], dtype=float)
    zeros = np.zeros(4, dtype=np.int64)
    return RoutingInstance(
        name="square",
        kind=kind,
        distance=truncated_distances(xy),
        earliest=zeros,
        latest=np.array([1000, 900, 900, 50]),
        service=zeros,
        demand=np.array([0, 1, 1, 1]),
        profit=np.array([0, profit, profit, profit]),
        vehicles=2,
        capacity=2,
        best_known=None,
    )


@pytest.mark.parametrize(("kind", "profit"), [("vrptw", 0), ("toptw", 4)])
def test_the_instance_judges_the_tours_as_the_tours_do(
    kind: Literal["vrptw", "toptw"], profit: int
) -> None:
    """Customer 3 closes at 50 and is 100 away: nobody can serve it; the others are on one round."""
    instance = _instance(kind, profit)
    tours = solve_tours(as_tours(instance), iterations=40)
    routes = [[visit + 1 for visit in route] for route in tours.routes if route]
    objective, broken = judge_routes(instance, routes)
    assert tours.left_out == (2,)
    if kind == "vrptw":
        assert (objective, broken) == (tours.cost, 1)  # the one that is missing
        assert tours.cost == 100 + 100 + 141
    else:
        assert (objective, broken) == (8.0, 0)
