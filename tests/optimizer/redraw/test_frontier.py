"""The frontier: plans about a plan, none of those kept beaten by another, each clean."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.redraw import (
    RedrawParams,
    Trial,
    improve,
    measured,
    non_dominated,
    solve,
    trials,
)
from optimizer.run import Stop
from territory.measures import owner_positions
from tests.optimizer.redraw.worlds import disc, hexagons, judged

WORLD = hexagons(disc(5), seed=3)  # 91 cells
QUICK = RedrawParams(starts=1, proposals_per_unit=20)
SHORT = Stop(iterations=20_000)


def test_of_plans_in_three_figures_only_the_unbeaten_are_kept() -> None:
    problem = WORLD.problem(3)
    plan = solve(problem, params=QUICK, stop=SHORT).plan

    def trial(worst: float, inertia: float, moved: float) -> Trial:
        changed = replace(
            plan, worst_percent=(worst,), moment_of_inertia=inertia, moved_percent=moved
        )
        return Trial(tolerance_percent=(5.0,), move_price=1.0, plan=changed)

    made = [trial(5, 100, 9), trial(2, 120, 12), trial(5, 100, 10), trial(5, 100, 9)]
    kept = non_dominated(made)
    # the third moves more than the first for nothing, the fourth is the first again
    assert [(one.values, is_this) for one, is_this in kept] == [
        ((2, 120, 12), False),
        ((5, 100, 9), True),
    ]


def test_every_trial_is_clean_and_the_same_again() -> None:
    before = tuple(np.where(WORLD.xy_meters[:, 0] < 0, "E1", "E2").tolist())
    problem = WORLD.problem(3, before=before, move_price=5.0, tolerance_percent=(6.0, 6.0))
    plan = solve(problem, params=QUICK, stop=SHORT).plan
    made = trials(problem, plan, params=QUICK, stop=SHORT)
    assert len(made) == 1 + 3 * 4
    for one in made:
        asked = replace(problem, tolerance_percent=one.tolerance_percent)
        assert judged(one.plan, asked, WORLD.neighbours) == ()
    again = trials(problem, plan, params=QUICK, stop=SHORT)
    assert [one.plan for one in again] == [one.plan for one in made]
    moved = {price: min(t.plan.moved_percent for t in made[1:] if t.move_price == price)
             for price in (20.0, 1.25)}  # fmt: skip
    assert moved[20.0] <= moved[1.25]


def test_without_an_alignment_before_there_is_no_price_to_vary() -> None:
    problem = WORLD.problem(3)
    plan = solve(problem, params=QUICK, stop=SHORT).plan
    made = trials(problem, plan, params=QUICK, stop=SHORT)
    assert [one.move_price for one in made] == [0.0] * 5
    assert [one.tolerance_percent[0] for one in made[1:]] == [40.0, 20.0, 10.0, 5.0]


def test_a_stop_keeps_what_there_is() -> None:
    problem = WORLD.problem(3)
    plan = solve(problem, params=QUICK, stop=SHORT).plan
    stop = Stop()
    stop.cancel.set()
    assert [one.plan for one in trials(problem, plan, params=QUICK, stop=stop)] == [plan]


# --- carrying a plan on ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_a_plan_carried_on_is_never_worse(seed: int) -> None:
    problem = WORLD.problem(4, tolerance_percent=(3.0, 3.0))
    first = solve(problem, params=replace(QUICK, seed=seed), stop=Stop(iterations=3000))
    owners = owner_positions(first.plan.alignment)
    again = improve(problem, owners, params=replace(QUICK, seed=seed), stop=SHORT)
    assert again.objective <= first.objective + 1e-9
    assert judged(again.plan, problem, WORLD.neighbours) == ()


def test_measuring_a_plan_changes_nothing() -> None:
    problem = WORLD.problem(4)
    plan = solve(problem, params=QUICK, stop=SHORT).plan
    assert measured(problem, owner_positions(plan.alignment)) == plan
