"""Groups annealed anew: what they mend, what they must leave alone."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.redraw import RedrawParams, RedrawProblem
from optimizer.redraw.field import Arena, arena
from optimizer.redraw.kernel_values import Ints
from optimizer.redraw.mend import around, cut_group, excess, mended, settled
from optimizer.run import Stop
from territory.measures import components, objective
from tests.optimizer.redraw.grids import grid

QUICK = RedrawParams(polish_rounds=1)
SIDE = 12


def strips(seed: int, **more: object) -> tuple[RedrawProblem, Ints]:
    """A square of 12 x 12 with lumpy loads, and four strips of three columns each."""
    rng = np.random.default_rng(seed)
    loads = rng.lognormal(0, 0.8, (2, SIDE * SIDE))
    asked = grid(SIDE, SIDE, loads, "ABCD", tolerance=3.0, **more)
    return asked, np.tile(np.repeat(np.arange(4, dtype=np.int32), 3), SIDE)


def whole(owner: Ints, ready: Arena) -> bool:
    counts = components(owner.astype(np.int64), ready.problem.neighbours, ready.problem.executives)
    return bool((counts == 1).all())


@pytest.mark.parametrize("seed", range(3))
def test_four_lumpy_strips_are_brought_within_three_percent_in_one_piece_each(seed: int) -> None:
    asked, owner = strips(seed)
    ready = arena(asked)
    found, spent = mended(owner, ready, QUICK, Stop())
    assert excess(owner, ready).max() > 0.02
    assert excess(found, ready).max() <= 1e-9
    assert spent > 0
    assert whole(found, ready)


def test_the_plan_does_not_depend_on_how_many_groups_are_annealed_at_once() -> None:
    asked, owner = strips(1)
    ready = arena(asked)
    one, _ = mended(owner, ready, replace(QUICK, threads=1), Stop())
    two, _ = mended(owner, ready, replace(QUICK, threads=2), Stop())
    assert one.tolist() == two.tolist()


def test_locked_units_stay_where_they_are() -> None:
    held = tuple(f"u{SIDE * row + 3 * k}" for row in (2, 5) for k in range(4))
    before = tuple("ABCD"[column // 3] for _ in range(SIDE) for column in range(SIDE))
    asked, owner = strips(2, locked_units=held, before=before)
    ready = arena(asked)
    found, _ = mended(owner, ready, QUICK, Stop())
    places = [int(unit[1:]) for unit in held]
    assert found[places].tolist() == owner[places].tolist()
    assert excess(found, ready).sum() < excess(owner, ready).sum()


def test_settling_costs_less_and_breaks_no_tolerance() -> None:
    asked, owner = strips(0)
    ready = arena(asked)
    balanced, _ = mended(owner, ready, QUICK, Stop())
    found, spent = settled(balanced, ready, QUICK, Stop(iterations=2_000_000))
    assert spent > 0
    assert ready.objective(found).violation == 0
    assert ready.objective(found).cost < ready.objective(balanced).cost
    assert whole(found, ready)


def test_nothing_is_done_where_nothing_is_beyond_tolerance() -> None:
    asked = grid(4, 4, np.ones((2, 16)), "AB", tolerance=5.0)
    owner = np.repeat(np.arange(2, dtype=np.int32), 8)
    found, spent = mended(owner, arena(asked), QUICK, Stop())
    assert (found.tolist(), spent) == (owner.tolist(), 0)


def test_a_group_is_worth_what_the_whole_map_gains_by_it() -> None:
    before = tuple("ABCD"[(unit * 7) % 4] for unit in range(SIDE * SIDE))
    asked, owner = strips(3, before=before, move_price=4.0)
    ready = arena(asked)
    group = cut_group((1, 2), owner, ready)
    changed = group.start.copy()
    changed[np.flatnonzero(changed == 0)[-1]] = 1
    new = owner.copy()
    new[group.members] = np.array(group.seats, dtype=np.int32)[changed]
    was, now = group.key(group.start), group.key(changed)
    gains = [
        objective(
            each.astype(np.int64), asked.ground, executives=4, border_price=asked.border_price,
            move_price=4.0,
            tolerance_percent=asked.tolerance_percent, before=asked.owners_before,
        )
        for each in (owner, new)
    ]  # fmt: skip
    assert now[0] - was[0] == pytest.approx(gains[1].violation - gains[0].violation)
    assert (now[1] - was[1]) / 4 == pytest.approx(gains[1].cost - gains[0].cost)


def test_strips_touch_only_the_strips_beside_them() -> None:
    asked, owner = strips(0)
    assert around(owner, arena(asked)) == [{1}, {0, 2}, {1, 3}, {2}]
