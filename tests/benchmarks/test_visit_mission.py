"""The mission set is drawn by its seed, judged with its costs, and given to peers whole."""

import time
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.visit_mission import MissionSize, judge, make_mission, parts_of_cost, value_kept
from benchmarks.visit_mission_rows import (
    STILL_TURNS,
    Ended,
    ProcessorStop,
    days_by_ortools,
    without_misfits,
)
from data.travel import estimated_travel
from optimizer.visits import VisitParams, VisitProblem, solve
from optimizer.visits.assemble import assemble_plan
from optimizer.visits.case import make_cases
from optimizer.visits.explain import explain_unserved

SIZE = MissionSize(executives=2, accounts=24, weeks=2)


PLACES = np.array([-8.6, 41.15]) + np.random.default_rng(1).uniform(-0.05, 0.05, (26, 2))


@pytest.fixture
def mission() -> VisitProblem:
    return make_mission(SIZE, estimated_travel("car"), PLACES)


def test_a_mission_set_is_planned_cleanly_and_its_total_is_what_the_judge_finds(
    mission: VisitProblem,
) -> None:
    plan = solve(mission, params=VisitParams(engine="ruin", iterations_per_visit=20)).plan
    parts = parts_of_cost(plan)

    assert {need.executive_id for need in mission.needs} == {"E000", "E001"}
    assert judge(mission, plan) == 0
    assert parts["driving"] == pytest.approx(plan.travel_seconds / 3600 * 30.0)
    assert parts["value_lost"] == pytest.approx(plan.value_lost)
    assert value_kept(mission, plan) == pytest.approx(plan.value_kept)

    cheaper = [replace(part, amount=part.amount / 2) for part in plan.costs]
    assert judge(mission, replace(plan, costs=tuple(cheaper))) > 0


def test_the_peer_of_dates_and_weeks_gives_a_plan_the_judge_accepts(mission: VisitProblem) -> None:
    cases = make_cases(mission)
    days = [days_by_ortools(case, 0.4, 1) for case in cases]
    left_out = [
        item
        for case, planned in zip(cases, days, strict=True)
        for item in explain_unserved(mission, case, planned)
    ]

    plan = assemble_plan(mission, cases, days, left_out)

    assert judge(mission, plan) == 0
    assert plan.served > len(mission.needs) / 2


def test_a_day_too_full_for_our_clock_loses_its_least_dear_stops(mission: VisitProblem) -> None:
    case = make_cases(mission)[1]
    arrays = case.arrays
    today = [need for need in range(case.needs) if arrays.window_count[need, 0] > 0]
    short = replace(
        case, arrays=arrays._replace(end=arrays.start + 3 * 3600, lunch=0 * arrays.lunch)
    )

    kept = without_misfits(short, 0, today)

    lost = set(today) - set(kept)
    assert kept
    assert lost
    assert min(arrays.penalty[list(kept)]) >= max(arrays.penalty[list(lost)])
    assert list(kept) == [need for need in today if need in set(kept)]


def test_the_parts_of_a_mission_set_are_its_executives_each_once(mission: VisitProblem) -> None:
    parts = [
        make_mission(SIZE, estimated_travel("car"), PLACES, part=part, parts=2) for part in (1, 2)
    ]

    assert [part.executive_ids for part in parts] == [("E000",), ("E001",)]
    assert {need for part in parts for need in part.needs} == set(mission.needs)
    assert sum(len(part.shifts) for part in parts) == len(mission.shifts)


def test_a_day_of_a_peer_ends_when_nothing_better_comes() -> None:
    ended = Ended(1_000.0)

    assert not ended(100)
    assert not any(ended(100) for _ in range(STILL_TURNS - 1))
    assert not ended(99)  # a better one begins the count anew
    assert not any(ended(99) for _ in range(STILL_TURNS - 1))
    assert ended(99)
    assert Ended(-1.0)(1)


def test_our_clock_runs_with_the_work_of_the_process_on_all_threads() -> None:
    stop = ProcessorStop(seconds=60.0, threads=2)
    stop.restart()
    began = time.process_time()
    while time.process_time() - began < 0.1:
        sum(range(1000))

    assert 0.05 <= stop.elapsed_seconds < 1.0
    assert stop.seconds_left is not None
    assert stop.seconds_left <= 60.0 - 0.05
