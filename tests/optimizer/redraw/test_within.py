"""A level above that is given: jurisdictions in one group each, seats, ferries, refusals."""

from collections.abc import Sequence

import numpy as np
import pytest

from optimizer.redraw import RedrawParams, RedrawProblem, improve, solve
from optimizer.redraw.diagnose import diagnose
from optimizer.redraw.levels import drawn_levels
from optimizer.run import Stop
from territory.errors import Conflict, Infeasible, InputError
from territory.measures import owner_positions
from tests.optimizer.redraw.grids import grid, problem

QUICK = RedrawParams(starts=1, proposals_per_unit=200, threads=1)


def row(groups: str, executives: str, **more: object) -> RedrawProblem:
    """Units of 1 in a row, each in the group of one letter."""
    loads = np.ones((1, len(groups)))
    return grid(len(groups), 1, loads, executives, unit_groups=tuple(groups), **more)


def groups_held(asked: RedrawProblem, owners: Sequence[str]) -> dict[str, set[str]]:
    """The groups in which each executive has units."""
    held: dict[str, set[str]] = {}
    for group, owner in zip(asked.unit_groups, owners, strict=True):
        held.setdefault(owner, set()).add(group)
    return held


def test_no_jurisdiction_crosses_the_border_of_a_group() -> None:
    """Ten columns of four rows; West has four of them, East six: 2 and 3 jurisdictions of 8."""
    groups = tuple("W" if unit % 10 < 4 else "E" for unit in range(40))
    asked = grid(10, 4, np.ones((1, 40)), "ABCDE", unit_groups=groups)
    plan = solve(asked, params=QUICK).plan
    held = groups_held(asked, plan.alignment.owners)
    assert all(len(names) == 1 for names in held.values())
    assert sorted("".join(names) for names in held.values()) == ["E", "E", "E", "W", "W"]
    assert plan.worst_percent == (0.0,)
    assert {one.components for one in plan.jurisdictions} == {1}


def test_without_the_level_the_same_market_is_drawn_across_it() -> None:
    """Three jurisdictions of 4 in a row of 12 lie across a border after 6 units."""
    free = grid(12, 1, np.ones((1, 12)), "ABC")
    held = groups_held(row("WWWWWWEEEEEE", "ABC", tolerance=60), solve(free).plan.alignment.owners)
    assert any(len(names) == 2 for names in held.values()), "else the next test proves nothing"


def test_a_group_whose_mean_is_out_of_reach_is_balanced_about_that_mean_and_named() -> None:
    """Six units for one executive, six for two: +50 % and -25 % of the mean of 4 at best."""
    asked = row("WWWWWWEEEEEE", "ABC", executive_groups=("W", "E", "E"), tolerance=5)
    plan = solve(asked).plan
    assert sorted(plan.alignment.owners.count(one) for one in "ABC") == [3, 3, 6]
    found = {one.text.split(" ")[1]: one for one in diagnose(asked) if one.kind == "group"}
    assert found["W"].least_percent == pytest.approx(50, rel=1e-6)
    assert found["E"].least_percent == pytest.approx(25, rel=1e-6)
    assert found["W"].unit_ids == tuple(f"u{unit}" for unit in range(6))


def test_seats_follow_the_loads_and_people_stay_where_they_work() -> None:
    """W holds 9 of 12 units: 3 of 4 seats; A has today's only units of E and so sits there."""
    asked = row("WWWWWWWWWEEE", "ABCD", before=tuple("BBBCCCDDDAAA"))
    assert asked.executive_groups == ("E", "W", "W", "W")
    assert solve(asked).plan.alignment.owners == tuple("BBBCCCDDDAAA")


def test_seats_prefer_numbers_that_every_group_can_hold_within_tolerance() -> None:
    """Shares of 1.3 and 2.7 of 4 seats: at 35 % one and three fit, as nearest whole numbers say."""
    loads = np.array([[1.3, *([0.3] * 9)]])
    asked = grid(10, 1, loads, "ABCD", unit_groups=tuple("WEEEEEEEEE"), tolerance=35)
    assert sorted(asked.executive_groups) == ["E", "E", "E", "W"]


def test_every_group_has_somebody_however_small_it_is() -> None:
    asked = row("WEEEEEEEEEEE", "AB")
    assert sorted(asked.executive_groups) == ["E", "W"]


def test_a_lock_seats_its_executive_in_the_group_of_the_unit() -> None:
    asked = row("WWWEEE", "AB", before=tuple("BBBAAA"), locked_units=("u0",))
    assert asked.executive_groups == ("E", "W")
    assert solve(asked).plan.alignment.owners == tuple("BBBAAA")


def test_a_seal_holds_within_its_group() -> None:
    """A keeps its two of W's eight; C works there and takes the other six, B has E."""
    asked = row(
        "WWWWWWWWEEEE", "ABC", before=tuple("AACCCCBBBBBB"), sealed=("A",), tolerance=60,
    )  # fmt: skip
    assert solve(asked).plan.alignment.owners == tuple("AACCCCCCBBBB")


def test_a_group_in_two_pieces_gets_a_ferry_of_its_own_and_never_one_into_another_group() -> None:
    """W E W: neither end of W holds a jurisdiction; the ferry leads over E, not into it."""
    asked = row("WWEEEEWW", "AB", tolerance=5)
    assert [sorted(link) for link in asked.links] == [[1, 6]]
    assert asked.notes[0].startswith("Within W: An island")
    held = groups_held(asked, solve(asked).plan.alignment.owners)
    assert sorted("".join(names) for names in held.values()) == ["E", "W"]


def test_the_search_keeps_groups_of_many_units_apart_too() -> None:
    """A checkered load on 30 x 20 units, four quarters as groups, twelve executives."""
    xy = [(x, y) for y in range(20) for x in range(30)]
    loads = np.array([[1.0 + (x + y) % 3 for x, y in xy], [1.0 + x % 2 for x, y in xy]])
    groups = tuple(("W" if x < 15 else "E") + ("S" if y < 10 else "N") for x, y in xy)
    asked = grid(30, 20, loads, "ABCDEFGHIJKL", unit_groups=groups, tolerance=6)
    made = solve(asked, params=QUICK, stop=Stop(iterations=400_000))
    held = groups_held(asked, made.plan.alignment.owners)
    assert len(held) == 12
    assert all(len(names) == 1 for names in held.values())
    assert max(made.plan.worst_percent) <= 6 + 1e-9
    assert (
        solve(asked, params=QUICK, stop=Stop(iterations=400_000)).plan.alignment
        == made.plan.alignment
    )
    again = improve(asked, owner_positions(made.plan.alignment), params=QUICK)
    assert again.objective <= made.objective + 1e-9
    assert all(
        len(names) == 1 for names in groups_held(asked, again.plan.alignment.owners).values()
    )


def test_owners_from_outside_their_group_are_not_carried_on() -> None:
    asked = row("WWWEEE", "AB", executive_groups=("W", "E"))
    plan = improve(asked, np.array([1, 1, 1, 0, 0, 0])).plan
    assert plan.alignment.owners == tuple("AAABBB")


def test_districts_drawn_below_lie_within_the_level_that_is_given() -> None:
    """Twelve jurisdictions of one unit, regions of 8 and 4: three districts are 4, 4 and 4."""
    asked = row("WWWWWWWWEEEE", "ABCDEFGHIJKL", tolerance=60)
    owners = owner_positions(solve(asked).plan.alignment)
    (district,) = drawn_levels(asked, owners, [(3, 5.0)])
    regions = np.array(asked.executive_groups)
    assert [len(set(regions[district == one])) for one in range(3)] == [1, 1, 1]
    assert np.bincount(district).tolist() == [4, 4, 4]
    with pytest.raises(Conflict, match="1 groups cannot lie within the 2"):
        drawn_levels(asked, owners, [(1, 5.0)])


def test_what_cannot_be_is_refused_with_its_names() -> None:
    with pytest.raises(InputError, match="'S of A' is not a group that has units"):
        row("WWEE", "AB", executive_groups=("S", ""))
    with pytest.raises(InputError, match="unit_groups"):
        problem(np.zeros((2, 2)), [(0, 1)], [[1, 1]], "A", unit_groups=("W",))
    with pytest.raises(InputError, match="'u1' is not a unit with a group"):
        problem(np.zeros((2, 2)), [(0, 1)], [[1, 1]], "A", unit_groups=("W", ""))
    with pytest.raises(Infeasible, match="nobody is left for"):
        row("WWEESS", "AB")
    with pytest.raises(Infeasible, match="nobody is left for E"):
        row("WWEE", "AB", executive_groups=("W", "W"))
    with pytest.raises(Infeasible, match="Units u1, u2 must stay together and lie in E and in W"):
        row("WWEE", "AB", together=(("u1", "u2"),))
    with pytest.raises(Infeasible, match="A would sit in E and in W"):
        row("WWEE", "AB", before=tuple("AABA"), locked_units=("u0", "u3"))
    with pytest.raises(Infeasible, match="Within W: 3 executives cannot share 2 units"):
        row("WWEEE", "ABCD", executive_groups=("W", "W", "W", "E"))
