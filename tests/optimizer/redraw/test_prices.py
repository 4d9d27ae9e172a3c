"""Soft loads, what a move costs, load carried besides units, shape on the road: each counts."""

from typing import Any

import numpy as np
import pytest

from optimizer.redraw import RedrawParams, solve
from optimizer.redraw.field import arena
from optimizer.redraw.kernel import gain_of, hand_over, set_up
from optimizer.redraw.kernel_values import Rate
from optimizer.redraw.problem import RedrawProblem
from territory.errors import InputError
from tests.optimizer.redraw.grids import best_by_enumeration, grid, measured, squares

FREE = Rate(0.0, 1.0, 0.0)  # hard loads weigh nothing, so the energy is the cost alone
PLAIN = ("A", "A", "B", "B")


def rules(kind: str, seed: int) -> dict[str, Any]:
    draw = np.random.default_rng(seed)
    steps = np.array(squares(3, 3)[0]) / 1000
    away = 120.0 * np.abs(steps[None] - steps[[0, 5, 7], None]).sum(axis=2)  # centres u0, u5, u7
    return {
        "soft": {"soft_price": (3.0, 0.0)},
        "moves": {
            "before": tuple(draw.choice(list("ABC"), 9)),
            "move_price": 2.0,
            "move_cost": draw.random(9),
        },
        "carried": {"carried_loads": np.array([[4.0, 0.0, 1.0], [0.0, 6.0, 0.0]])},
        "soft and carried": {
            "soft_price": (3.0, 0.0),
            "carried_loads": np.array([[9.0, 0.0, 1.0], [0.0, 6.0, 0.0]]),
        },
        "road": {"center_seconds": away + draw.integers(0, 60, (3, 9))},
    }[kind]


KINDS = ("soft", "moves", "carried", "soft and carried", "road")


def world(kind: str, seed: int) -> RedrawProblem:
    loads = np.random.default_rng(seed + 50).integers(1, 9, (2, 9))
    return grid(3, 3, loads, "ABC", **rules(kind, seed))


@pytest.mark.parametrize("kind", KINDS)
def test_the_exact_engine_equals_enumeration(kind: str) -> None:
    asked = world(kind, 1)
    result, best = solve(asked), best_by_enumeration(asked)
    assert result.objective == pytest.approx(1000 * best.violation + best.cost)
    assert result.bound == result.objective


@pytest.mark.parametrize("kind", KINDS)
def test_the_search_finds_what_the_exact_engine_proves(kind: str) -> None:
    asked = world(kind, 2)
    exact = solve(asked, params=RedrawParams(engine="exact"))
    search = solve(asked, params=RedrawParams(engine="search", threads=1))
    assert search.objective == pytest.approx(exact.objective)


@pytest.mark.parametrize("kind", KINDS)
def test_the_kernel_foretells_the_change_of_cost_of_every_move_and_swap(kind: str) -> None:
    asked = world(kind, 3)
    ready, draw = arena(asked), np.random.default_rng(3)
    for _ in range(40):
        owner = draw.integers(0, 3, 9).astype(np.int32)
        state = set_up(ready.field, owner.copy())
        unit, back = draw.choice(9, 2, replace=False).tolist()
        k, to = int(owner[unit]), int(owner[back])
        if k == to:
            continue
        for other in (-1, back):
            changed = owner.copy()
            changed[unit] = to
            if other >= 0:
                changed[other] = k
            foretold = gain_of(unit, other, k, to, ready.field, state, FREE)
            true = measured(changed.astype(np.int64), asked).cost
            true -= measured(owner.astype(np.int64), asked).cost
            assert foretold == pytest.approx(3 * true, abs=1e-9)
        hand_over(unit, to, ready.field, state)
        fresh = set_up(ready.field, state.owner.copy())
        assert state.soft_held == pytest.approx(fresh.soft_held)
        assert state.held == pytest.approx(fresh.held)


def test_a_soft_load_is_given_up_for_a_hard_one() -> None:
    """Row of four: hard 1 1 1 1, soft 9 0 0 0. Halves are even in the hard load alone."""
    loads = np.array([[9.0, 0, 0, 0], [1.0, 1, 1, 1]])
    result = solve(grid(4, 1, loads, "AB", soft_price=(1.0, 0.0)))
    assert result.plan.alignment.owners in (PLAIN, PLAIN[::-1])
    assert result.cost["violation"] == 0
    assert result.cost["soft"] == pytest.approx(0.95)  # both jurisdictions lie 100 % off, 5 % free


def test_the_dearer_unit_stays_when_one_of_two_must_move() -> None:
    """A has three of four units in a ring; u0 and u2 touch B alike, u0 is dear to move."""
    asked = grid(
        2, 2, np.ones((1, 4)), "AB", before=("A", "A", "A", "B"), move_price=5.0,
        move_cost=np.array([1.0, 9.0, 1.0, 1.0]),
    )  # fmt: skip
    owner_of = solve(asked).plan.alignment.owner_of()
    assert (owner_of["u1"], owner_of["u2"]) == ("A", "B")


def test_who_carries_key_accounts_gets_less_land() -> None:
    """Row of six units of 1; A carries 2 besides: (6 + 2) / 2 = 4 each, so A has 2 units."""
    asked = grid(6, 1, np.ones((1, 6)), "AB", carried_loads=np.array([[2.0, 0.0]]))
    result = solve(asked)
    assert len(result.plan.alignment.units_of("A")) == 2
    assert result.cost["violation"] == 0


def test_shape_on_the_road_puts_a_unit_across_a_slow_pass_to_the_other_side() -> None:
    """Row of three, A's centre at u0, B's at u2; u1 is 60 s from B and 600 s from A."""
    seconds = np.array([[0.0, 600.0, 900.0], [900.0, 60.0, 0.0]])
    asked = grid(3, 1, np.ones((1, 3)), "AB", tolerance=60, center_seconds=seconds)
    assert solve(asked).plan.alignment.owners == ("A", "B", "B")


def test_numbers_that_cannot_be_are_all_named() -> None:
    with pytest.raises(InputError) as caught:
        grid(
            2, 1, np.ones((1, 2)), "AB", soft_price=(-1.0,), move_cost=np.array([1.0, np.nan]),
            carried_loads=np.array([[0.0, -2.0]]), center_seconds=np.array([[0, 1], [np.inf, 0]]),
        )  # fmt: skip
    assert {fault.column for fault in caught.value.faults} == {
        "soft_price", "move_cost", "carried_loads", "center_seconds",
    }  # fmt: skip
