"""Instances of every kind are read truly and judged from the instance alone."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks.visit_formats import judge_periodic, pvrp_best, read_pvrp, read_vrplib
from benchmarks.visit_instances import judge_routes, read_toptw
from benchmarks.visit_sets import TABLE
from tests.shared import shared_path

CVRP = """NAME : X
TYPE : CVRP
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
DEMAND_SECTION
1 0
2 6
3 6
DEPOT_SECTION
1
-1
"""
PCVRPTW = """NAME : P
TYPE : PCVRPTW
VEHICLES : 1
CAPACITY : 10
SERVICE_TIME : 2
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
DEMAND_SECTION
1 0
2 6
3 6
TIME_WINDOW_SECTION
1 0 100
2 0 50
3 0 50
PRIZE_SECTION
1 0
2 11
3 30
DEPOT_SECTION
1
-1
"""
PVRP = """1 1 2 2
0 10
50 10
0 0 0 0 0 0 0
1 3 4 5 6 1 2 1 2
2 6 8 5 6 2 1 3
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_cordeau_orienteering_is_read_in_hundredths(tmp_path: Path) -> None:
    rows = ["1 1 1 1", "0 0", "0 0 0 0 0 0 0 0 50", "1 1 1 5 7 1 1 1 0 40"]
    instance = read_toptw(written(tmp_path, "pr01.txt", "\n".join(rows)), 1, {})
    assert instance.distance[0, 1] == 141  # 1.4142
    assert instance.latest.tolist() == [5000, 4000]


def test_routing_without_time_counts_whole_distance_and_load(tmp_path: Path) -> None:
    instance = read_vrplib(written(tmp_path, "X.vrp", CVRP), {"X": 30.0})
    assert (instance.kind, instance.is_timed, instance.best_known) == ("cvrp", False, 30.0)
    assert judge_routes(instance, [[1], [2]]) == (30.0, 0)
    assert judge_routes(instance, [[1, 2]]) == (20.0, 1)  # 12 pieces in 10


def test_profit_left_behind_is_added_to_the_distance(tmp_path: Path) -> None:
    instance = read_vrplib(written(tmp_path, "P.vrp", PCVRPTW), {})
    assert instance.service.tolist() == [0, 20, 20]
    assert judge_routes(instance, [[2]]) == (200.0 + 110.0, 0)
    assert judge_routes(instance, [[1]]) == (100.0 + 300.0, 0)


def test_patterns_are_read_with_the_first_day_on_the_left(tmp_path: Path) -> None:
    instance = read_pvrp(written(tmp_path, "q.txt", PVRP), {"q": (31.0, 30.0)})
    assert instance.problem.patterns == ((), (0b10, 0b01), (0b11,))
    assert (instance.best_known, instance.verified) == (30.0, 31.0)
    assert instance.problem.longest.tolist() == [np.inf, 50.0]


@pytest.mark.parametrize(
    ("routes", "found"),
    [
        ([[[2]], [[2]]], (40.0, 1)),  # nobody sees 1
        ([[[2], [1]], [[2]]], (50.0, 1)),  # two routes of one
        ([[[1, 2]], [[2]]], (40.0, 1)),  # 12 pieces in 10
        ([[[1]], [[2]]], (30.0, 1)),  # 2 is missed on the first day
    ],
)
def test_each_broken_rule_of_a_periodic_plan_is_counted(
    tmp_path: Path, routes: list[list[list[int]]], found: tuple[float, int]
) -> None:
    instance = read_pvrp(written(tmp_path, "q.txt", PVRP), {})
    assert judge_periodic(instance, routes) == found


def test_the_plans_that_come_with_periodic_instances_are_judged_as_they_say() -> None:
    folder = shared_path("instances", "visits", "pvrp_cordeau")
    instance = read_pvrp(folder / "pr01.txt", pvrp_best(folder))
    days: list[list[list[int]]] = [[] for _ in range(instance.problem.days)]
    for line in (folder / "pr01.res").read_text(encoding="utf-8").splitlines()[1:]:
        words = line.split()
        if words:
            stops = [int(word) for word in words[4:] if word != "0"]
            days[int(words[0]) - 1].append(stops)
    length, broken = judge_periodic(instance, days)
    assert broken == 0
    assert length == pytest.approx(2209.02, abs=0.01)


def test_the_prize_collecting_plan_that_is_best_known_costs_what_is_said() -> None:
    folder = shared_path("instances", "visits", "pcvrptw")
    instance = read_vrplib(folder / "C1_10_2.vrp", {})
    lines = (folder / "C1_10_2.sol").read_text(encoding="utf-8").splitlines()
    routes = [[int(w) for w in line.split(":")[1].split()] for line in lines if "#" in line]
    assert judge_routes(instance, routes) == (248409.0, 0)


def test_the_table_has_two_instances_of_each_class() -> None:
    names = [name for found in ("solomon", "homberger") for name in TABLE[found]]

    kinds = Counter((name[: 2 if name.startswith("RC") else 1]) for name in names)
    assert len(names) == 12
    assert kinds == {"C": 4, "R": 4, "RC": 4}
    assert {len(TABLE["cvrplib_x"]), len(TABLE["pvrp_cordeau"]), len(TABLE["pcvrptw"])} == {4, 8, 2}
