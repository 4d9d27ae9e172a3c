"""Redraw against enumeration, locks, islands, realignment, stops and its own bounds."""

import threading

import numpy as np
import pytest

from optimizer.redraw import RedrawParams, RedrawProblem, solve
from optimizer.run import Report, Stop
from territory.alignment import AlignmentPlan
from territory.checks import AlignmentFacts, check_alignment
from territory.errors import InputError
from tests.optimizer.redraw.grids import best_by_enumeration, grid, problem, squares

QUICK = RedrawParams(starts=2, proposals_per_unit=1, threads=1)


def judged(plan: AlignmentPlan, asked: RedrawProblem) -> tuple[object, ...]:
    locked = (
        {unit: asked.alignment_before.owner_of()[unit] for unit in asked.locked_units}
        if (asked.alignment_before)
        else {}
    )
    return check_alignment(
        plan,
        AlignmentFacts(
            unit_ids=asked.unit_ids,
            executive_ids=asked.executive_ids,
            neighbours=asked.neighbours,
            xy_meters=asked.xy_meters,
            area_square_meters=asked.area_square_meters,
            load_names=asked.load_names,
            loads=asked.loads,
            tolerance_percent=asked.tolerance_percent,
            locked=locked,
            before=asked.alignment_before,
        ),
    )


@pytest.mark.parametrize("seed", range(3))
def test_nine_units_and_three_executives_equal_enumeration(seed: int) -> None:
    draw = np.random.default_rng(seed)
    asked = grid(
        3,
        3,
        draw.integers(1, 9, (2, 9)),
        "ABC",
        before=tuple(draw.choice(list("ABC"), 9)),
        move_price=0.5 * seed,
        locked_units=("u4",) if seed == 2 else (),
    )
    result, best = solve(asked), best_by_enumeration(asked)
    assert result.objective == pytest.approx(1000 * best.violation + best.cost)
    assert result.bound == result.objective
    assert result.work.stopped_by == "finished"
    assert judged(result.plan, asked) == ()


def test_fixed_homes_equal_enumeration() -> None:
    homes = np.array([[0.0, 0.0], [2000.0, 2000.0]])
    asked = grid(3, 3, np.ones((1, 9)), "AB", homes_meters=homes, homes_fixed=True, tolerance=12)
    result, best = solve(asked), best_by_enumeration(asked)
    assert result.objective == pytest.approx(1000 * best.violation + best.cost)
    owner_of = result.plan.alignment.owner_of()
    assert owner_of["u0"] == "A"
    assert owner_of["u8"] == "B"


@pytest.mark.parametrize("seed", range(2))
def test_search_finds_the_optimum_that_exact_proves(seed: int) -> None:
    loads = np.random.default_rng(seed).integers(1, 9, (2, 12))
    asked = grid(4, 3, loads, "ABC")
    exact = solve(asked, params=RedrawParams(engine="exact"))
    search = solve(asked, params=RedrawParams(engine="search", threads=1))
    assert search.objective == pytest.approx(exact.objective)
    assert search.bound is None


def test_an_even_grid_is_cut_into_equal_pieces_the_judge_accepts() -> None:
    asked = grid(12, 10, np.ones((2, 120)), "ABCDEF")
    result = solve(asked, params=QUICK)
    assert [one.loads for one in result.plan.jurisdictions] == [(20.0, 20.0)] * 6
    assert judged(result.plan, asked) == ()
    assert result.cost["violation"] == 0
    assert sum(result.cost.values()) == pytest.approx(result.objective)


def test_the_inertia_bound_lies_close_below_the_plan() -> None:
    asked = grid(12, 10, np.random.default_rng(1).uniform(1, 2, (2, 120)), "ABCDEF")
    plan = solve(asked, params=QUICK).plan
    assert 0.85 * plan.moment_of_inertia < plan.inertia_bound <= plan.moment_of_inertia


def test_the_same_seed_and_work_give_the_same_plan_on_one_thread_and_on_two() -> None:
    asked = grid(10, 10, np.random.default_rng(1).uniform(1, 2, (2, 100)), "ABCDE")
    stop = 200_000
    one = solve(asked, params=RedrawParams(seed=5, threads=1), stop=Stop(iterations=stop))
    two = solve(asked, params=RedrawParams(seed=5, threads=2), stop=Stop(iterations=stop))
    assert one.plan == two.plan
    assert one.work.stopped_by == "work"
    assert 0 < one.work.iterations <= stop


def test_locked_units_stay_and_are_joined_to_one_piece() -> None:
    before = tuple("A" if unit in (0, 9) else "B" for unit in range(100))
    asked = grid(
        10, 10, np.ones((2, 100)), "AB", before=before, locked_units=("u0", "u9"), move_price=0.0
    )
    plan = solve(asked, params=QUICK).plan
    owner_of = plan.alignment.owner_of()
    assert (owner_of["u0"], owner_of["u9"]) == ("A", "A")
    assert [one.components for one in plan.jurisdictions] == [1, 1]
    assert judged(plan, asked) == ()


def test_a_small_drift_is_mended_with_few_moves_and_scratch_moves_more() -> None:
    even = grid(12, 12, np.ones((2, 144)), "ABCD")
    today = solve(even, params=QUICK).plan.alignment
    loads = np.ones((2, 144))
    loads[:, [owner == "A" for owner in today.owners]] *= 1.3
    xy, pairs = squares(12, 12)
    dear = problem(xy, pairs, loads, "ABCD", before=today, move_price=20.0)
    plan = solve(dear, params=QUICK).plan
    assert max(plan.worst_percent) <= 5
    assert plan.moved_bound_percent <= plan.moved_percent <= 12
    assert plan.before == today
    assert judged(plan, dear) == ()


def test_who_left_is_absorbed_and_a_new_hire_gets_land() -> None:
    before = tuple("A" if unit % 10 < 5 else "gone" for unit in range(100))
    asked = grid(10, 10, np.ones((2, 100)), "AN", before=before, move_price=5.0)
    plan = solve(asked, params=QUICK).plan
    assert max(plan.worst_percent) <= 5
    assert plan.moved_percent == pytest.approx(50, abs=3)
    assert judged(plan, asked) == ()


def test_two_islands_that_fit_whole_executives_are_kept_apart() -> None:
    xy, pairs = squares(4, 8)
    far = xy + np.array([50_000.0, 0.0])
    both = pairs + [(a + 32, b + 32) for a, b in pairs]
    asked = problem(np.vstack([xy, far]), both, np.ones((2, 64)), "ABCD")
    assert asked.links == ()
    assert asked.seating.seats == (2, 2)
    plan = solve(asked, params=QUICK).plan
    assert [one.components for one in plan.jurisdictions] == [1, 1, 1, 1]
    assert judged(plan, asked) == ()


def test_an_island_too_small_for_an_executive_gets_a_ferry_and_a_note() -> None:
    xy, pairs = squares(6, 6)
    island = np.array([[9000.0, 0.0], [9000.0, 1000.0]])
    asked = problem(np.vstack([xy, island]), [*pairs, (36, 37)], np.ones((2, 38)), "AB")
    assert asked.links == ((36, 5),)
    assert any("ferry edge joins unit u36 to unit u5" in note for note in asked.notes)
    plan = solve(asked, params=QUICK).plan
    assert max(plan.worst_percent) <= 5.3
    assert judged(plan, asked) == ()


def test_a_tolerance_nobody_can_meet_is_explained_with_the_heavy_unit() -> None:
    loads = np.ones((2, 64))
    loads[0, 27] = 100
    asked = grid(8, 8, loads, "ABCD")
    plan = solve(asked, params=QUICK).plan
    said = " ".join(plan.notes)
    assert "unit u27 alone is 245 % of the mean" in said
    assert "tolerance of 5 % on potential was not met" in said
    assert judged(plan, asked) == ()


def test_a_cancelled_run_returns_a_whole_contiguous_plan() -> None:
    cancel = threading.Event()
    heard: list[Report[AlignmentPlan]] = []

    def hear(report: Report[AlignmentPlan]) -> None:
        heard.append(report)
        cancel.set()

    asked = grid(12, 12, np.ones((2, 144)), "ABCD")
    result = solve(asked, params=QUICK, stop=Stop(cancel=cancel), progress=hear)
    assert result.work.stopped_by == "cancelled"
    assert not result.work.is_repeatable
    assert judged(result.plan, asked) == ()
    assert heard[0].best is not None
    assert judged(heard[0].best, asked) == ()


def test_a_run_stopped_by_the_clock_says_so() -> None:
    asked = grid(12, 12, np.ones((2, 144)), "ABCD")
    result = solve(asked, stop=Stop(seconds=0.0), params=RedrawParams(threads=1))
    assert result.work.stopped_by == "clock"
    assert judged(result.plan, asked) == ()


def test_a_single_load_of_zeros_still_gives_contiguous_jurisdictions() -> None:
    asked = grid(6, 6, np.zeros((1, 36)), "ABC")
    plan = solve(asked, params=QUICK).plan
    assert [one.components for one in plan.jurisdictions] == [1, 1, 1]
    assert any("0 everywhere" in note for note in plan.notes)


def test_one_executive_gets_everything() -> None:
    plan = solve(grid(6, 6, np.ones((2, 36)), "A"), params=QUICK).plan
    assert set(plan.alignment.owners) == {"A"}


def test_the_exact_engine_refuses_more_than_it_can_prove() -> None:
    with pytest.raises(InputError, match="14 units at most, this problem has 36"):
        solve(grid(6, 6, np.ones((2, 36)), "AB"), params=RedrawParams(engine="exact"))
