"""Fewest moves: as little as a chain of neighbours needs, nothing where nothing is needed."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.redraw import RedrawParams, RedrawProblem, solve
from optimizer.run import Stop
from territory.measures import components, owner_positions
from tests.optimizer.redraw.grids import grid

FEWEST = RedrawParams(moves="fewest", proposals_per_unit=50, polish_rounds=1)


def row(owners: str, *, tolerance: float = 1.0) -> RedrawProblem:
    """Units of load 1 side by side, today's executive of each by letter."""
    return grid(
        len(owners), 1, np.ones((1, len(owners))), "ABC", tolerance=tolerance, before=tuple(owners)
    )


def drifted(seed: int) -> RedrawProblem:
    """Four quarters of a square of 12 x 12 whose loads have grown towards one corner."""
    rng = np.random.default_rng(seed)
    rows, columns = np.divmod(np.arange(144), 12)
    grown = np.exp(0.03 * (rows + columns)) * rng.lognormal(0, 0.05, (2, 144))
    before = tuple("ABCD"[2 * (r >= 6) + (c >= 6)] for r, c in zip(rows, columns, strict=True))
    return grid(12, 12, grown, "ABCD", before=before)


def test_surplus_goes_from_neighbour_to_neighbour_and_no_unit_too_many() -> None:
    plan = solve(row("AAAAAABBBBBCCCC"), params=FEWEST).plan
    assert "".join(plan.alignment.owners) == "AAAAABBBBBCCCCC"
    assert plan.moved_percent == pytest.approx(100 * 2 / 15)


def test_an_alignment_within_tolerance_stays_as_it_is() -> None:
    plan = solve(row("AAAAAABBBBBCCCC", tolerance=20.0), params=FEWEST).plan
    assert "".join(plan.alignment.owners) == "AAAAAABBBBBCCCC"
    assert plan.moved_percent == 0
    assert plan.notes == ()


def test_units_of_nobody_are_given_to_somebody() -> None:
    asked = row("AAAAABBBBBCCCCC")
    left = replace(asked, before=(*("AAAAABBBBBCCC"), "", "gone"))
    plan = solve(left, params=FEWEST).plan
    assert "".join(plan.alignment.owners) == "AAAAABBBBBCCCCC"


@pytest.mark.parametrize("seed", range(3))
def test_less_moves_than_at_any_price_that_is_asked_for(seed: int) -> None:
    asked = drifted(seed)
    plan = solve(asked, params=FEWEST).plan
    dear = solve(replace(asked, move_price=5.0), params=replace(FEWEST, moves="priced")).plan
    assert max(plan.worst_percent) <= 5 + 1e-9
    assert plan.moved_bound_percent <= plan.moved_percent <= dear.moved_percent + 1e-9
    owners = owner_positions(plan.alignment)
    assert components(owners, asked.neighbours, 4).tolist() == [1, 1, 1, 1]
    assert "moved least" in plan.notes[-1]


def test_the_plan_does_not_depend_on_how_many_prices_are_tried_at_once() -> None:
    asked = drifted(3)
    one = solve(asked, params=replace(FEWEST, threads=1)).plan
    two = solve(asked, params=FEWEST).plan
    assert one.alignment == two.alignment


def test_a_limit_on_work_is_a_limit_on_all_prices_together() -> None:
    result = solve(drifted(4), params=FEWEST, stop=Stop(iterations=20_000))
    assert 0 < result.work.iterations <= 20_000
