"""Bounds against every plan there is, on grids small enough to list them all."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from optimizer.redraw import RedrawProblem, measured, solve
from optimizer.redraw.bound import inertia_bound
from optimizer.redraw.field import arena
from optimizer.redraw.moving import moved_bound_percent
from optimizer.run import Stop
from territory.measures import (
    centroids_meters,
    deviation_percent,
    load_sums,
    moment_of_inertia,
    owner_positions,
    worst_percent,
)
from tests.optimizer.redraw.grids import grid

Owners = NDArray[np.int64]


def assignments(asked: RedrawProblem) -> list[Owners]:
    """Every assignment, contiguous or not."""
    choices = product(range(asked.executives), repeat=len(asked.unit_ids))
    return [np.array(choice) for choice in choices]


def worst(owners: Owners, asked: RedrawProblem) -> NDArray[np.float64]:
    return worst_percent(deviation_percent(load_sums(owners, asked.loads, asked.executives)))


def drawn(seed: int, **more: object) -> RedrawProblem:
    """A grid of 8 units for two or 2 x 3 for three, with integer loads drawn by a seed."""
    rng = np.random.default_rng(seed)
    columns, rows, people = (4, 2, "AB") if seed % 2 else (3, 2, "ABC")
    loads = rng.integers(1, 9, (2, columns * rows)).astype(float)
    before = tuple(rng.choice(list(people + "X"), columns * rows).tolist())
    return grid(
        columns, rows, loads, people, tolerance=[5.0, 20.0, 40.0][seed % 3],
        before=before, move_price=5.0, **more,
    )  # fmt: skip


def test_a_bound_without_time_is_lower_but_holds() -> None:
    ready = arena(drawn(1))
    owner = np.array([0, 0, 1, 1, 0, 0, 1, 1], dtype=np.int32)
    late = inertia_bound(owner, ready, stop=Stop(seconds=0.0))
    assert 0 <= late <= inertia_bound(owner, ready) + 1e-9


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_as_balanced_is_more_compact_about_the_same_centres(seed: int) -> None:
    asked = drawn(seed)
    plan = solve(asked).plan
    owners = owner_positions(plan.alignment)
    workload = asked.loads[-1]
    centers = centroids_meters(owners, asked.xy_meters, workload, asked.executives)
    limit = np.maximum(asked.tolerance_percent, plan.worst_percent) + 1e-9
    least = min(
        float(
            moment_of_inertia(
                each, asked.xy_meters, workload, asked.executives, centers_meters=centers
            ).sum()
        )
        for each in assignments(asked)
        if (worst(each, asked) <= limit).all()
    )
    assert plan.inertia_bound <= least + 1e-9
    assert plan.inertia_bound >= 0.5 * least  # a bound of nothing would be valid too


@pytest.mark.parametrize("seed", range(24))
def test_no_plan_as_balanced_moves_less_than_the_bound(seed: int) -> None:
    asked = drawn(seed)
    plan = solve(asked).plan
    workload = asked.loads[-1]
    limit = np.maximum(asked.tolerance_percent, plan.worst_percent) + 1e-9
    least = min(
        100 * float(workload[each != asked.owners_before].sum()) / float(workload.sum())
        for each in assignments(asked)
        if (worst(each, asked) <= limit).all()
    )
    assert plan.moved_bound_percent <= least + 1e-9
    assert plan.moved_percent >= least - 1e-9


def test_potential_alone_makes_workload_move() -> None:
    # each holds 2 of workload; A holds 6 of 8 potential. Within 0 % A gives 2 of potential away:
    # its richest unit has 5 for 1 hour, so at least 2/5 of an hour of 4 must go
    asked = grid(
        4, 1, [[1, 5, 1, 1], [1, 1, 1, 1]], "AB", tolerance=0.0, before=("A", "A", "B", "B")
    )
    assert moved_bound_percent(asked, np.zeros(2)) == pytest.approx(100 * 2 / 5 / 4)
    assert moved_bound_percent(asked, np.array([50.0, 0.0])) == 0


def test_what_is_nobodys_always_moves_and_what_is_locked_never_does() -> None:
    loads = [[1.0, 1.0, 1.0, 1.0]]
    left = grid(4, 1, loads, "AB", tolerance=10.0, before=("A", "A", "B", ""))
    assert moved_bound_percent(left, np.array([10.0])) == pytest.approx(25)
    heavy = grid(
        4, 1, [[1, 5, 1, 1], [1, 1, 1, 1]], "AB", tolerance=0.0, before=("A", "A", "B", "B"),
        locked_units=("u1",),
    )  # fmt: skip
    # without the rich unit A can give one of potential for one hour, not the two wanted
    assert moved_bound_percent(heavy, np.zeros(2)) == pytest.approx(25)


def test_the_bound_by_hand() -> None:
    # 120 for two: the mean is 60; nobody's 20 must move, and B lacks 20 either way
    loads = [[60.0, 30.0, 10.0, 20.0]]
    shared = grid(4, 1, loads, "AB", before=("A", "B", "B", ""))
    assert moved_bound_percent(shared, np.zeros(1)) == pytest.approx(100 * 20 / 120)
    # all with A: 60 must go to B; with 10 % it is 54
    all_with_one = grid(4, 1, loads, "AB", before=("A",) * 4)
    assert moved_bound_percent(all_with_one, np.zeros(1)) == pytest.approx(50)
    assert moved_bound_percent(all_with_one, np.array([10.0])) == pytest.approx(45)
    nothing = grid(4, 1, np.zeros((1, 4)), "AB", before=("A",) * 4)
    assert moved_bound_percent(nothing, np.array([10.0])) == 0


def test_a_plan_measured_as_it_is_carries_its_bounds() -> None:
    asked = drawn(5)
    plan = measured(asked, np.array([0, 0, 1, 1, 0, 0, 1, 1]))
    assert 0 < plan.inertia_bound <= plan.moment_of_inertia
    assert plan.moved_bound_percent <= plan.moved_percent
