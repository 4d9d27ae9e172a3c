"""The visit benchmark reads instances truly and judges routes from the instance alone."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.visit_instances import (
    RoutingInstance,
    as_problem,
    judge_routes,
    read_solomon,
    read_toptw,
    routes_of,
    truncated_distances,
)
from optimizer.visits import VisitParams, solve
from territory.errors import InputError

SOLOMON = """T1

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.   XCOORD.   YCOORD.   DEMAND    READY TIME   DUE DATE   SERVICE TIME

    0      0         0          0          0        100          0
    1      3         4          6          0         50         10
    2      6         8          6         20         60         10
    3      0         1          4          0         10          5
"""


@pytest.fixture
def line(tmp_path: Path) -> RoutingInstance:
    """Two customers 5 and 10 away on one ray, a third 1 away; two vehicles of capacity 10."""
    path = tmp_path / "T1.txt"
    path.write_text(SOLOMON, encoding="utf-8")
    return read_solomon(path, {"T1": 220.0})


def test_distances_are_cut_after_the_first_decimal() -> None:
    assert truncated_distances(np.array([[0.0, 0.0], [1.0, 1.0]]))[0, 1] == 14  # 1.4142
    assert truncated_distances(np.array([[0.0, 0.0], [0.3, 0.4]]))[0, 1] == 5  # exactly 0.5


def test_solomon_is_read_in_tenths(line: RoutingInstance) -> None:
    assert (line.vehicles, line.capacity, line.customers, line.best_known) == (2, 10, 3, 220.0)
    assert line.distance[0].tolist() == [0, 50, 100, 10]
    assert line.latest.tolist() == [1000, 500, 600, 100]


def test_a_clean_plan_has_its_distance_and_no_violation(line: RoutingInstance) -> None:
    # 0-3-1-0: 10 + |(3,3)| 42 + 50; 0-2-0: 200
    assert judge_routes(line, [[3, 1], [2]]) == (302.0, 0)


@pytest.mark.parametrize(
    ("routes", "broken"),
    [
        ([[1, 2], [3]], 1),  # 12 pieces in 10
        ([[1, 3], [2]], 1),  # 3 closes at 10
        ([[3, 1]], 1),  # 2 is left out
        ([[3, 1], [2, 2]], 2),  # 2 is visited twice: once too often, and 12 pieces in 10
        ([[1], [2], [3]], 1),  # three vehicles of two
    ],
)
def test_each_broken_rule_is_counted(
    line: RoutingInstance, routes: list[list[int]], broken: int
) -> None:
    assert judge_routes(line, routes)[1] == broken


def test_ours_solves_it_as_days_of_one_executive(line: RoutingInstance) -> None:
    plan = solve(as_problem(line), params=VisitParams(engine="ruin")).plan
    assert judge_routes(line, routes_of(plan)) == (302.0, 0)


def test_profit_is_gathered_within_the_horizon(tmp_path: Path) -> None:
    path = tmp_path / "p.txt"
    rows = ["0 0 0 0 0 0 0 0 50", "1 10 0 5 7 1 1 1 0 40", "2 30 0 5 99 1 1 1 0 40"]
    path.write_text("1 1 2 1\n0 0\n" + "\n".join(rows), encoding="utf-8")
    instance = read_toptw(path, 1, {})
    plan = solve(as_problem(instance), params=VisitParams(engine="ruin")).plan
    assert judge_routes(instance, routes_of(plan)) == (7.0, 0)  # 2 is 60 of driving away in 50


def test_a_horizon_beyond_a_day_of_seconds_is_no_day_of_an_executive(tmp_path: Path) -> None:
    path = tmp_path / "c1.txt"
    path.write_text("1 1 0 1\n0 0\n0 0 0 0 0 0 0 0 10000", encoding="utf-8")
    with pytest.raises(InputError, match="100000"):
        as_problem(read_toptw(path, 1, {}))
