"""Districts around medians, against every way to share a small grid and against the judge."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from optimizer.redraw.medians import MedianParams, MedianProblem, redraw_around_medians, solve
from optimizer.run import Stop
from territory.checks.medians import check_medians
from territory.errors import Infeasible, InputError
from territory.medians import MedianPlan
from tests.optimizer.redraw.medians.worlds import ask, facts_of, grid, least_distance
from tests.optimizer.redraw.worlds import disc, hexagons, judged

QUICK = MedianParams(starts=4, proposals_per_unit=2000)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Loads of two kinds and weights for nine units."""
    random = np.random.default_rng(seed)
    return random.uniform(1, 3, (2, 9)), random.uniform(0.5, 2, 9)


def kept(loads: np.ndarray, districts: int, percent: float) -> dict[str, object]:
    """Both loads within so many percent of the mean."""
    mean = loads.sum(axis=1) / districts
    return {
        "load_names": ("sales", "work"),
        "loads": loads,
        "least": mean * (1 - percent / 100),
        "most": mean * (1 + percent / 100),
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whole_balanced_districts_are_optimal_on_nine_units(seed: int) -> None:
    xy, neighbours = grid(3, 3)
    loads, weight = drawn(seed)
    problem = ask(xy, 3, neighbours=neighbours, weight=weight, **kept(loads, 3, 30))
    result = solve(problem, params=QUICK)
    assert check_medians(result.plan, facts_of(problem)) == []
    assert result.objective == pytest.approx(least_distance(problem))
    assert result.bound is not None
    assert result.bound <= result.objective + 1e-9


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_capacitated_medians_are_optimal_on_nine_units(seed: int) -> None:
    random = np.random.default_rng(seed)
    loads = random.integers(1, 6, (1, 9)).astype(float)
    xy = random.uniform(0, 100, (9, 2))
    table = np.floor(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)))
    problem = ask(xy, 3, loads=loads, most=loads.sum(axis=1) / 3 * 1.2, distances=table)
    result = solve(problem, params=QUICK)
    assert check_medians(result.plan, facts_of(problem)) == []
    assert result.objective == pytest.approx(least_distance(problem))


def test_a_district_may_not_jump_over_another() -> None:
    """Six units in a row, the heavy ones at the ends: 2 | 1 1 1 1 | 2, pairs of equal weight."""
    xy, neighbours = grid(6, 1)
    loads = np.array([[2.0, 1, 1, 1, 1, 2]])
    apart = ask(
        xy, 2, neighbours=neighbours, loads=loads, least=np.full(1, 4.0), most=np.full(1, 4)
    )
    plan = solve(apart, params=QUICK).plan
    # u0 u1 u2 about u1 and u3 u4 u5 about u4: each 1 + 1
    assert plan.centers == ("u1",) * 3 + ("u4",) * 3
    assert plan.distance == pytest.approx(4.0)


def test_the_bound_is_below_every_plan_and_near_the_best() -> None:
    xy, _ = grid(8, 6)
    problem = ask(xy, 4, most=np.array([12.0]))
    result = solve(problem, params=QUICK)
    # four rectangles of 4 x 3 about an inner unit: 1 1 1 2 and four or so diagonals
    assert result.bound is not None
    assert 0.9 * result.objective < result.bound <= result.objective + 1e-9


def test_the_plan_does_not_depend_on_threads_and_differs_only_by_seed() -> None:
    xy, neighbours = grid(7, 7)
    loads = np.random.default_rng(5).uniform(1, 2, (2, 49))
    problem = ask(xy, 5, neighbours=neighbours, **kept(loads, 5, 10))
    plans = [
        solve(problem, params=replace(QUICK, threads=threads)).plan.centers for threads in (1, 2, 2)
    ]
    assert plans[0] == plans[1] == plans[2]


def test_limits_that_no_plan_meets_leave_a_whole_plan_that_says_so() -> None:
    """Loads 3 3 3 1 in a row cannot make two fives; the nearest is 6 and 4."""
    xy, neighbours = grid(4, 1)
    loads = np.array([[3.0, 3, 3, 1]])
    problem = ask(
        xy, 2, neighbours=neighbours, loads=loads, least=np.full(1, 5), most=np.full(1, 5)
    )
    plan = solve(problem, params=QUICK).plan
    assert plan.worst_excess_percent == pytest.approx(20)
    assert "20.00 % outside" in plan.notes[0]
    assert check_medians(plan, facts_of(problem)) == []


def test_a_limit_on_work_is_kept_and_a_cancelled_run_returns_a_plan() -> None:
    xy, neighbours = grid(6, 6)
    problem = ask(xy, 4, neighbours=neighbours)
    result = solve(problem, stop=Stop(iterations=5000))
    assert result.work.iterations <= 5000
    assert result.work.is_repeatable
    stop = Stop()
    stop.cancel.set()
    cancelled = solve(problem, stop=stop)
    assert cancelled.work.stopped_by == "cancelled"
    assert check_medians(cancelled.plan, facts_of(problem)) == []


def test_a_clock_is_kept() -> None:
    xy, neighbours = grid(12, 12)
    problem = ask(xy, 8, neighbours=neighbours)
    solve(problem, params=QUICK, stop=Stop(iterations=100))  # compiled before the clock runs
    result = solve(problem, params=MedianParams(starts=40), stop=Stop(seconds=1.0))
    assert result.work.iterations < 40 * 8000 * 144
    assert result.work.stopped_by == "clock"
    assert check_medians(result.plan, facts_of(problem)) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"loads": np.full((1, 9), np.nan)}, "loads"),
        ({"loads": np.full((1, 9), -1.0)}, "loads"),
        ({"weight": np.ones(3)}, "weight"),
        ({"least": np.full(1, 9.0)}, "least"),
        ({"distances": np.triu(np.ones((9, 9)))}, "distances"),
    ],
)
def test_wrong_values_are_named(change: dict[str, np.ndarray], word: str) -> None:
    with pytest.raises(InputError) as raised:
        ask(grid(3, 3)[0], 3, **change)
    assert word in str(raised.value)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"districts": 10}, "9 units cannot make 10"),
        ({"most": np.full(1, 2.5)}, "hold 0 to 7.5 of work, there is 9"),
        ({"loads": np.array([[6.0, *[0.1] * 8]])}, "Unit u0 alone"),
    ],
)
def test_what_cannot_be_is_refused_with_numbers(change: dict[str, object], word: str) -> None:
    problem = ask(grid(3, 3)[0], 3)
    with pytest.raises(Infeasible, match=word):
        replace(problem, **change)


def test_more_islands_than_districts_are_refused() -> None:
    _, row = grid(3, 1)
    nobody = replace(
        row,
        indptr=np.zeros(4, np.int32),
        indices=np.zeros(0, np.int32),
        border_meters=np.zeros(0),
    )
    with pytest.raises(Infeasible, match="3 pieces"):
        ask(grid(3, 1)[0], 2, neighbours=nobody)


# --- the judge ---------------------------------------------------------------------------------


def clean() -> tuple[MedianProblem, MedianPlan]:
    """Three rows of three about the middle of each row."""
    xy, neighbours = grid(3, 3)
    problem = ask(xy, 3, neighbours=neighbours, most=np.full(1, 3.0))
    rows = ("u1",) * 3 + ("u4",) * 3 + ("u7",) * 3
    plan = MedianPlan(
        unit_ids=problem.unit_ids, centers=rows, distance=6.0, worst_excess_percent=0.0, bound=5.5
    )
    return problem, plan


def swapped(plan: MedianPlan, one: int, other: int) -> MedianPlan:
    centers = list(plan.centers)
    centers[one], centers[other] = centers[other], centers[one]
    return replace(plan, centers=tuple(centers))


FAULTS: dict[str, tuple[Callable[[MedianPlan], MedianPlan], str]] = {
    "a better plan than there is": (lambda plan: replace(plan, distance=5.0), "wrong_total"),
    "a bound above the plan": (lambda plan: replace(plan, bound=6.5), "wrong_bound"),
    "a worst that is not": (lambda plan: replace(plan, worst_excess_percent=3.0), "wrong_worst"),
    "an island": (lambda plan: swapped(plan, 0, 8), "island"),
    "a centre that is not best": (
        lambda plan: replace(plan, centers=("u0",) * 3 + plan.centers[3:]),
        "wrong_facts",
    ),
    "a centre elsewhere": (lambda plan: swapped(plan, 1, 4), "wrong_facts"),
    "a district too few": (
        lambda plan: replace(plan, centers=("u4",) * 6 + plan.centers[6:]),
        "wrong_count",
    ),
    "a limit broken in silence": (
        lambda plan: replace(plan, centers=(*plan.centers[:3], "u1", *plan.centers[4:])),
        "over_tolerance",
    ),
    "no such unit": (lambda plan: replace(plan, centers=("?",) * 9), "wrong_facts"),
}


def test_a_clean_plan_is_clean() -> None:
    problem, plan = clean()
    assert check_medians(plan, facts_of(problem)) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_the_judge_finds(fault: str) -> None:
    problem, plan = clean()
    spoil, code = FAULTS[fault]
    assert code in {one.code for one in check_medians(spoil(plan), facts_of(problem))}


# --- jurisdictions -----------------------------------------------------------------------------


def test_jurisdictions_around_medians_keep_tolerance_and_are_whole() -> None:
    world = hexagons(disc(5))
    problem = world.problem(5)
    result = redraw_around_medians(problem, params=QUICK)
    assert judged(result.plan, problem, world.neighbours) == ()
    assert max(result.plan.worst_percent) <= 10
    assert result.bound is not None
    assert result.bound <= result.objective


def test_rules_that_medians_do_not_know_are_refused() -> None:
    world = hexagons(disc(2))
    problem = world.problem(2, apart=(("h0", "h1"),))
    with pytest.raises(InputError, match="apart"):
        redraw_around_medians(problem)
