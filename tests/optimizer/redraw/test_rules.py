"""Units together, apart and pinned: kept by every plan, refused where they contradict."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from optimizer.redraw import RedrawParams, RedrawProblem, improve, solve
from optimizer.redraw.grouped import contracted, joined_groups
from optimizer.run import Stop
from territory.alignment import AlignmentPlan
from territory.checks import AlignmentFacts, check_alignment
from territory.errors import Infeasible, InputError
from territory.measures import components, deviation_percent, load_sums, owner_positions
from tests.optimizer.redraw.grids import grid
from tests.optimizer.redraw.worlds import disc, hexagons

QUICK = RedrawParams(starts=1, proposals_per_unit=20)
SHORT = Stop(iterations=20_000)
WORLD = hexagons(disc(4), seed=2)  # 61 cells


def codes(plan: AlignmentPlan, asked: RedrawProblem) -> set[str]:
    facts = AlignmentFacts(
        unit_ids=asked.unit_ids,
        executive_ids=asked.executive_ids,
        neighbours=asked.neighbours,
        xy_meters=asked.xy_meters,
        area_square_meters=asked.area_square_meters,
        load_names=asked.load_names,
        loads=asked.loads,
        tolerance_percent=asked.tolerance_percent,
        together=asked.together,
        apart=asked.apart,
    )
    return {one.code for one in check_alignment(plan, facts)}


def test_a_strip_is_cut_where_no_group_is_torn() -> None:
    # u0 u1 u2 | u3 u4 u5 would be even, but u2 and u3 stay together: 2 and 4, or 4 and 2
    asked = grid(6, 1, np.ones((1, 6)), "AB", together=(("u2", "u3"),))
    plan = solve(asked).plan
    assert sorted(one.units for one in plan.jurisdictions) == [2, 4]
    assert codes(plan, asked) == set()
    assert codes(solve(replace(asked, together=())).plan, asked) == {"torn_group"}


def test_a_group_apart_takes_the_way_between_along() -> None:
    asked = grid(6, 1, np.ones((1, 6)), "AB", together=(("u0", "u3"),))
    groups = joined_groups(asked)
    assert len(set(groups[:4].tolist())) == 1
    assert sorted(one.units for one in solve(asked).plan.jurisdictions) == [2, 4]


def test_two_units_of_one_half_are_parted() -> None:
    asked = grid(6, 1, np.ones((1, 6)), "AB", apart=(("u0", "u1"),))
    plan = solve(asked).plan  # the only contiguous way: u0 alone
    assert sorted(one.units for one in plan.jurisdictions) == [1, 5]
    assert codes(plan, asked) == set()
    assert codes(solve(replace(asked, apart=())).plan, asked) == {"shared_pair"}


@pytest.mark.parametrize("seed", range(6))
def test_rules_hold_in_larger_worlds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    units = rng.choice(61, 10, replace=False).tolist()
    ids = [WORLD.unit_ids[unit] for unit in units]
    asked = WORLD.problem(
        4,
        tolerance_percent=(15.0, 15.0),
        together=((ids[0], ids[1]), (ids[2], ids[3])),
        apart=((ids[0], ids[4]), (ids[5], ids[6]), (ids[7], ids[8])),
    )
    result = solve(asked, params=QUICK, stop=SHORT)
    assert codes(result.plan, asked) == set()
    again = improve(asked, owner_positions(result.plan.alignment), params=QUICK, stop=SHORT)
    assert codes(again.plan, asked) == set()


@pytest.mark.parametrize("seed", range(8))
def test_a_small_world_with_a_group_is_as_balanced_as_the_best_that_keeps_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    loads = rng.integers(1, 9, (2, 9)).astype(float)
    asked = grid(3, 3, loads, "AB", tolerance=0.0, together=(("u0", "u4"), ("u2", "u5")))
    # the way from u0 to u4 goes by u1 or u3: the group has both ends and one of them
    groups = joined_groups(asked)
    best = min(
        np.abs(deviation_percent(load_sums(owners, loads, 2))).sum()
        for owners in map(np.array, product(range(2), repeat=9))
        if (components(owners, asked.neighbours, 2) == 1).all()
        and all(len(set(owners[groups == group].tolist())) == 1 for group in set(groups.tolist()))
    )
    plan = solve(asked).plan
    found = sum(abs(off) for one in plan.jurisdictions for off in one.deviation_percent)
    assert found == pytest.approx(best)


def test_a_contracted_world_holds_the_same_loads_area_and_outer_border() -> None:
    asked = grid(4, 1, [[1, 2, 3, 4]], "AB", together=(("u1", "u2"),))
    small = contracted(asked, joined_groups(asked))
    assert small.unit_ids == ("u0", "u1", "u3")
    assert small.loads.tolist() == [[1, 5, 4]]
    assert small.area_square_meters.tolist() == [1e6, 2e6, 1e6]
    assert small.xy_meters[1, 0] == pytest.approx((2 * 1000 + 3 * 2000) / 5, rel=1e-6)
    assert small.neighbours.indices.tolist() == [1, 0, 2, 1]


def test_a_pin_holds_a_unit_that_somebody_else_has_today() -> None:
    asked = grid(6, 1, np.ones((1, 6)), "AB", before=tuple("AAABBB"), pinned=(("u0", "B"),))
    assert solve(asked).plan.alignment.owners[0] == "B"


# --- contradictions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"together": (("u0", "u1"),), "apart": (("u1", "u0"),)}, "together and apart"),
        ({"together": (("u0", "u1"), ("u1", "u2")), "apart": (("u2", "u0"),)}, "u2 and u0"),
        ({"pinned": (("u0", "A"), ("u0", "B"))}, "Unit u0 is locked to A and to B"),
        ({"pinned": (("u0", "A"), ("u1", "B")), "together": (("u0", "u1"),)}, "locked to A and"),
        ({"pinned": (("u0", "A"), ("u1", "A")), "apart": (("u0", "u1"),)}, "both locked to A"),
    ],
)
def test_rules_that_contradict_are_refused_by_name(rules: dict[str, object], said: str) -> None:
    with pytest.raises(Infeasible, match=said):
        grid(6, 1, np.ones((1, 6)), "AB", **rules)


def test_apart_needs_two_executives() -> None:
    with pytest.raises(Infeasible, match="only one executive"):
        grid(3, 1, np.ones((1, 3)), "A", apart=(("u0", "u1"),))


def test_a_pair_that_cannot_be_parted_is_named() -> None:
    # a unit amid a row apart from both neighbours, and two executives: one would lie in two pieces
    asked = grid(5, 1, np.ones((1, 5)), "AB", apart=(("u1", "u2"), ("u2", "u3")))
    with pytest.raises(Infeasible, match="No plan was found that parts"):
        solve(asked)


def test_rules_about_strangers_are_faults() -> None:
    with pytest.raises(InputError) as refused:
        grid(3, 1, np.ones((1, 3)), "AB", together=(("u0", "x"),), pinned=(("u0", "C"),))
    assert [(f.column, f.value) for f in refused.value.faults] == [
        ("together", "x"),
        ("pinned", "C"),
    ]
