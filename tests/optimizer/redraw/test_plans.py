"""Redraw on hexagons: judged, whole, repeatable, true to locks, homes and what is today."""

import threading
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from optimizer.redraw import RedrawParams, RedrawProblem, solve
from optimizer.run import Report, Result, Stop
from territory.alignment import AlignmentPlan
from territory.errors import Infeasible
from territory.measures import centroids_meters, objective, owner_positions
from tests.optimizer.redraw.worlds import World, disc, hexagons, judged, people, pieces_of
from tests.shared import shared_path

QUICK = RedrawParams(polish_rounds=2)
CITY = hexagons(disc(5), seed=3)  # 91 cells
TOWN = hexagons(disc(2), seed=4)  # 19 cells


def solved(problem: RedrawProblem, params: RedrawParams = QUICK) -> Result[AlignmentPlan]:
    """A search of a fraction of a second."""
    return solve(problem, params=params, stop=Stop(iterations=200_000))


@cache
def city_plan() -> Result[AlignmentPlan]:
    return solved(CITY.problem(6))


@cache
def today() -> tuple[str, ...]:
    """Owners of yesterday: the best sharing of loads that have changed since."""
    drift = np.random.default_rng(9).uniform(0.7, 1.4, CITY.loads.shape)
    return solved(CITY.with_loads(CITY.loads * drift).problem(6)).plan.alignment.owners


def assert_sound(result: Result[AlignmentPlan], problem: RedrawProblem, world: World) -> None:
    """Judged clean, every executive with one piece, every unit with an executive."""
    assert judged(result.plan, problem, world.neighbours) == ()
    assert pieces_of(result.plan, problem) == [1] * problem.executives
    assert "" not in result.plan.alignment.owners


@pytest.mark.parametrize(("radius", "executives"), [(4, 4), (5, 6), (7, 12)])
def test_a_plan_is_clean_in_one_piece_each_and_within_tolerance(
    radius: int, executives: int
) -> None:
    world = hexagons(disc(radius), seed=radius)
    problem = world.problem(executives)
    result = solved(problem)
    assert_sound(result, problem, world)
    assert max(result.plan.worst_percent) <= 10 + 1e-9
    assert result.plan.notes == ()


def test_the_objective_is_that_of_the_measures_and_the_sum_of_its_parts() -> None:
    result, problem = city_plan(), CITY.problem(6)
    value = objective(
        owner_positions(result.plan.alignment),
        problem.ground,
        executives=6,
        tolerance_percent=problem.tolerance_percent,
        border_price=problem.border_price,
    )
    assert result.cost == {
        "violation": 1000 * value.violation,
        "shape": value.shape,
        "border": value.border,
        "moved": 0,
    }
    assert result.objective == pytest.approx(sum(result.cost.values()))
    assert result.bound is None  # a search proves nothing of the whole objective


def test_the_bound_on_inertia_lies_below_and_near() -> None:
    plan = city_plan().plan
    assert 0.5 * plan.moment_of_inertia < plan.inertia_bound <= plan.moment_of_inertia


def test_the_search_never_beats_a_proven_optimum_and_mostly_reaches_it() -> None:
    reached = 0
    for seed in range(6):
        problem = hexagons(disc(2)[:12], seed=seed).problem(3, tolerance_percent=(30.0, 30.0))
        best = solve(problem)
        assert best.bound == best.objective
        found = solved(problem, replace(QUICK, engine="search"))
        assert found.objective >= best.objective - 1e-6
        reached += found.objective <= 1.001 * best.objective
    assert reached >= 4


# --- the same again, stopping and telling ------------------------------------------------------


def test_the_same_seed_gives_the_same_plan_on_one_thread_or_two() -> None:
    again = solved(CITY.problem(6), replace(QUICK, threads=1))
    assert again.plan == city_plan().plan
    assert again.work.iterations == city_plan().work.iterations
    assert again.work.is_repeatable


def test_starts_that_tie_give_the_same_plan_on_any_number_of_threads() -> None:
    ring = hexagons(disc(1)).with_loads(np.ones((2, 7)))
    problem = ring.problem(3, tolerance_percent=(50.0, 50.0))
    for seed in range(8):
        tried = RedrawParams(seed=seed, engine="search", starts=4)
        plans = {
            solve(problem, params=replace(tried, threads=threads), stop=Stop(iterations=4_000)).plan
            for threads in (1, 2, 3)
        }
        assert len(plans) == 1


def test_a_limit_on_work_is_kept_and_repeatable() -> None:
    runs = [solve(CITY.problem(6), params=QUICK, stop=Stop(iterations=5_000)) for _ in range(2)]
    assert runs[0].plan == runs[1].plan
    assert runs[0].work.stopped_by == "work"
    assert 4_000 < runs[0].work.iterations <= 5_000


def test_a_run_made_shorter_for_the_clock_says_that_it_may_not_repeat() -> None:
    long = RedrawParams(proposals_per_unit=10**7)
    result = solve(CITY.problem(6), params=long, stop=Stop(seconds=2))
    assert result.work.stopped_by == "clock"
    assert not result.work.is_repeatable
    assert_sound(result, CITY.problem(6), CITY)


def test_a_clock_that_does_not_bite_changes_nothing() -> None:
    stop = Stop(iterations=200_000, seconds=600)
    result = solve(CITY.problem(6), params=QUICK, stop=stop)
    assert result.plan == city_plan().plan
    assert result.work.stopped_by == "work"


def test_a_run_cancelled_before_it_begins_does_no_work_and_returns_a_whole_plan() -> None:
    cancelled = threading.Event()
    cancelled.set()
    long = RedrawParams(proposals_per_unit=10**6)
    result = solve(CITY.problem(6), params=long, stop=Stop(cancel=cancelled))
    assert (result.work.stopped_by, result.work.iterations) == ("cancelled", 0)
    assert_sound(result, CITY.problem(6), CITY)


def test_a_run_cancelled_on_its_way_stops_after_the_slice_it_is_in() -> None:
    stop = Stop(iterations=200_000)

    def cancel(report: Report[AlignmentPlan]) -> None:
        if report.fraction > 0.1:
            stop.cancel.set()

    result = solve(CITY.problem(6), params=QUICK, stop=stop, progress=cancel)
    assert result.work.stopped_by == "cancelled"
    assert 0 < result.work.iterations < city_plan().work.iterations / 4
    assert_sound(result, CITY.problem(6), CITY)


def test_progress_goes_forward_and_each_best_is_a_whole_plan_no_worse_than_the_last() -> None:
    reports: list[Report[AlignmentPlan]] = []
    problem, tried = CITY.problem(6), replace(QUICK, starts=4)
    result = solve(problem, params=tried, stop=Stop(iterations=200_000), progress=reports.append)
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1
    costs = [report.objective for report in reports if report.objective is not None]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > costs[-1] >= result.objective
    for report in reports:
        if report.best is not None:
            assert judged(report.best, problem, CITY.neighbours) == ()


# --- today, locks, homes -----------------------------------------------------------------------


def test_from_today_on_less_moves_than_from_scratch() -> None:
    scratch = CITY.problem(6, before=today())
    careful = CITY.problem(6, before=today(), move_price=3.0)
    free, kept = solved(scratch), solved(careful)
    assert kept.plan.moved_percent < free.plan.moved_percent
    for result, problem in ((free, scratch), (kept, careful)):
        assert_sound(result, problem, CITY)


def test_nothing_moves_when_moving_is_dear_and_today_is_within_tolerance() -> None:
    owners = city_plan().plan.alignment.owners
    result = solved(CITY.problem(6, before=owners, move_price=1e6))
    assert result.plan.alignment == city_plan().plan.alignment


def test_what_a_leaver_had_must_move_and_the_bound_knows_it() -> None:
    hired = (*people(5), "New")
    problem = CITY.problem(6, before=today(), move_price=1.0, executive_ids=hired)
    result = solved(problem)
    assert_sound(result, problem, CITY)
    assert result.plan.alignment.units_of("New")
    assert 10 < result.plan.moved_bound_percent <= result.plan.moved_percent


def test_locked_units_stay_and_join_their_jurisdiction() -> None:
    owners = city_plan().plan.alignment.owners
    rng = np.random.default_rng(5)
    locked = tuple(CITY.unit_ids[unit] for unit in rng.choice(91, 20, replace=False))
    changed = CITY.with_loads(CITY.loads * rng.uniform(0.5, 1.5, CITY.loads.shape))
    problem = changed.problem(6, before=owners, locked_units=locked)
    result = solved(problem)
    was = dict(zip(CITY.unit_ids, owners, strict=True))
    assert all(result.plan.alignment.owner_of()[unit] == was[unit] for unit in locked)
    assert_sound(result, problem, changed)


@pytest.mark.parametrize("length", [9, 20])
def test_locks_that_cut_a_jurisdiction_in_two_are_infeasible(length: int) -> None:
    row = hexagons([(place, 0) for place in range(length)])
    owners = ("E1", *("E2",) * (length - 2), "E1")
    locked = (row.unit_ids[0], row.unit_ids[length // 2], row.unit_ids[-1])
    with pytest.raises(Infeasible, match="one piece"):
        solve(row.problem(2, before=owners, locked_units=locked))


def test_executives_get_the_jurisdiction_near_their_home() -> None:
    corners = np.array([[8000.0, 0.0], [-8000.0, 0.0]])
    owners = owner_positions(solved(CITY.problem(2, homes_meters=corners)).plan.alignment)
    centers = centroids_meters(owners, CITY.xy_meters, CITY.loads[-1], 2)
    apart = np.linalg.norm(centers[:, None] - corners[None], axis=2)
    assert apart[0, 0] + apart[1, 1] < apart[0, 1] + apart[1, 0]


# --- honest words, odd loads -------------------------------------------------------------------


def test_a_cell_too_heavy_for_any_plan_gives_a_plan_with_a_note() -> None:
    loads = CITY.loads.copy()
    loads[1, 45] = np.delete(loads[1], 45).sum()  # half of everything in one cell
    world = CITY.with_loads(loads)
    problem = world.problem(6)
    result = solved(problem, replace(QUICK, polish_rounds=0))
    assert_sound(result, problem, world)
    assert "unit h45 alone is 300 % of the mean, 110 % is allowed" in result.plan.notes[0]
    said = [note for note in result.plan.notes if "10 % on workload was not met" in note]
    assert len(said) == 1
    assert "unit h45 alone" in said[0]
    assert result.cost["violation"] > 1000 * 1.9  # 200 % above the mean, 190 % beyond tolerance


def test_a_proved_miss_says_so() -> None:
    row = hexagons([(place, 0) for place in range(3)]).with_loads(np.full((2, 3), 4.0))
    result = solve(row.problem(2))
    assert result.plan.worst_percent == pytest.approx((100 / 3, 100 / 3))
    assert len(result.plan.notes) == 2
    assert all("It is proved" in note for note in result.plan.notes)


@pytest.mark.parametrize("rows", [[0], [1], [0, 1]])
def test_loads_of_nothing_leave_whole_plans(rows: list[int]) -> None:
    loads = TOWN.loads.copy()
    loads[rows] = 0
    world = TOWN.with_loads(loads)
    problem = world.problem(3, tolerance_percent=(40.0, 40.0))
    result = solved(problem)
    assert_sound(result, problem, world)
    assert np.isfinite(result.objective)


@pytest.mark.parametrize("executives", [1, 19])
def test_one_executive_for_all_and_one_for_each_unit(executives: int) -> None:
    problem = TOWN.problem(executives)
    result = solved(problem, replace(QUICK, polish_rounds=0))
    assert_sound(result, problem, TOWN)
    assert {one.units for one in result.plan.jurisdictions} == {19 // executives}


# --- a drawn city of H3 cells ------------------------------------------------------------------


@pytest.mark.shared
def test_a_city_of_a_thousand_cells_is_judged_clean_in_ten_pieces() -> None:
    from territory.units import Neighbours

    path = shared_path("instances", "redraw", "synthetic_h3", "city_1000.npz")
    with np.load(path) as city:
        world = World(
            unit_ids=tuple(city["cells"].tolist()),
            xy_meters=1000 * np.column_stack([city["x"], city["y"]]),
            neighbours=Neighbours(
                indptr=city["indptr"].astype(np.int32),
                indices=city["indices"].astype(np.int32),
                border_meters=np.full(len(city["indices"]), 200.0),
            ),
            loads=np.array([city["pot"], city["work"]]),
        )
    area = np.full(1000, 105_000.0)  # about a cell of resolution 9
    problem = world.problem(10, area_square_meters=area, tolerance_percent=(5.0, 5.0))
    result = solve(problem, params=QUICK, stop=Stop(iterations=1_000_000))
    assert_sound(result, problem, world)
    assert problem.links == ()
