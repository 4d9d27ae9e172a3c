"""Sealed jurisdictions, ranges of executives, shape on the road, districts and regions."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from optimizer.redraw import RedrawParams, RedrawProblem, solve
from optimizer.redraw.counts import Counted, solve_counts, tried
from optimizer.redraw.levels import drawn_levels
from optimizer.redraw.relax import Rules, nearest_rules
from optimizer.redraw.road import solve_on_road
from territory.errors import Conflict, Infeasible, InputError
from territory.hierarchy import kept_levels, level_notes, level_of
from territory.measures import components, owner_positions
from tests.optimizer.redraw.grids import grid
from tests.optimizer.redraw.worlds import disc, hexagons

QUICK = RedrawParams(starts=1, proposals_per_unit=50, threads=1)


def row(executives: str, **more: object) -> RedrawProblem:
    """Eight units of 1 in a row, today A A B B B B C C."""
    before = tuple("AABBBBCC")
    return grid(8, 1, np.ones((1, 8)), executives, before=before, **more)


def test_a_sealed_jurisdiction_stays_exactly_and_the_rest_is_shared() -> None:
    """A keeps its two of eight; B and C share six, 3 each, whatever that is against the mean."""
    result = solve(row("ABC", sealed=("A",), tolerance=30))
    assert result.plan.alignment.owners == tuple("AABBBCCC")
    assert result.cost["violation"] == 0  # 2, 3, 3 of 8 / 3: at most 25 % off


def test_the_rest_is_balanced_about_the_mean_of_all() -> None:
    """Against the mean of the rest, 3 each would be exact; against that of all it is 12.5 % off."""
    result = solve(row("ABC", sealed=("A",), tolerance=10))
    assert result.plan.worst_percent == pytest.approx((25.0,))
    assert result.cost["violation"] == pytest.approx(1000 * (0.15 + 0.025 + 0.025))


@pytest.mark.parametrize("sealed", ["A", "AB"])
def test_a_sealed_jurisdiction_in_pieces_is_refused_with_their_number(sealed: str) -> None:
    before = tuple("AABBBBAA")
    asked = grid(8, 1, np.ones((1, 8)), "AB", before=before, sealed=tuple(sealed), tolerance=30)
    with pytest.raises(Infeasible, match="A has 2 pieces that do not touch"):
        solve(asked)


def test_all_sealed_is_the_plan_of_today() -> None:
    plan = solve(row("ABC", sealed=("A", "B", "C"))).plan
    assert plan.alignment.owners == tuple("AABBBBCC")


def test_land_that_a_seal_cuts_off_joins_it_if_it_can_hold_no_jurisdiction() -> None:
    """B u1-u4 parts u0 from the rest; u0 is an eighth of the land and joins B, A gets u5-u7."""
    asked = grid(8, 1, np.ones((1, 8)), "AB", before=tuple("ABBBBAAA"), sealed=("B",), tolerance=30)
    plan = solve(asked).plan
    assert plan.alignment.owners == tuple("BBBBBAAA")
    assert "cut 1 units off" in plan.notes[0]


def test_locks_in_land_that_a_seal_cuts_off_are_told() -> None:
    asked = grid(
        8, 1, np.ones((1, 8)), "AB", before=tuple("ABBBBAAA"), sealed=("B",),
        locked_units=("u0",), tolerance=30,
    )  # fmt: skip
    with pytest.raises(Infeasible, match="cut the rest"):
        solve(asked)


def test_nobody_left_to_take_what_is_open_is_told() -> None:
    before = ("A", "A", "", "")
    with pytest.raises(Infeasible, match="no one to take them"):
        solve(grid(4, 1, np.ones((1, 4)), "A", before=before, sealed=("A",)))


def test_rules_across_a_seal_are_all_named() -> None:
    asked = row("ABC", sealed=("A",), together=(("u1", "u2"),), pinned=(("u7", "A"),))
    with pytest.raises(Infeasible) as caught:
        solve(asked)
    assert len(caught.value.reasons) == 2


def test_a_seal_of_somebody_without_units_is_a_fault() -> None:
    with pytest.raises(InputError) as caught:
        row("ABCD", sealed=("D", "Z"))
    assert [fault.value for fault in caught.value.faults] == ["D", "Z"]


def test_relax_opens_the_seal_that_cannot_be_and_says_so() -> None:
    before = ("A", "A", "", "")
    rules = Rules(executives=1, sealed=("A",))

    def make(kept: Rules) -> RedrawProblem:
        return grid(4, 1, np.ones((1, 4)), "A", before=before, sealed=kept.sealed)

    kept, notes = nearest_rules(rules, make, units=4)
    assert kept.sealed == ()
    assert kept.locked_units == ("u0", "u1")
    assert "A keeps what they have" in notes[0]


def counted(counts: range, first: int) -> dict[int, Counted]:
    world = hexagons(disc(5), seed=4)
    return dict(solve_counts(world.problem, counts, first=first, params=QUICK))


def test_every_count_of_a_range_gets_a_whole_plan_of_its_own() -> None:
    found = counted(range(3, 7), 5)
    assert list(found) == [3, 4, 5, 6]
    for count, one in found.items():
        owners = owner_positions(one.result.plan.alignment)
        assert components(owners, one.problem.neighbours, count).tolist() == [1] * count
        line = tried(one, full_hours=1000.0)
        assert line.executives == count
        assert line.full_percent == pytest.approx(
            max(each.loads[-1] for each in one.result.plan.jurisdictions) / 10
        )


def test_a_neighbouring_count_carries_on_instead_of_beginning_anew() -> None:
    """One start from where the neighbour ended, not all the starts of a whole solve."""
    world = hexagons(disc(5), seed=4)
    params = RedrawParams(starts=2, proposals_per_unit=50, threads=1)
    found = solve_counts(world.problem, range(5, 7), first=5, params=params)
    whole, carried_on = (found[count].result.work.iterations for count in (5, 6))
    assert 0 < carried_on < whole


def city_seconds(xy: NDArray[np.float64], river: float) -> NDArray[np.float64]:
    """A minute a kilometre, and half an hour more to cross the river at y = ``river``."""
    away = np.hypot(*(xy[:, None] - xy[None, :]).T)
    crosses = (xy[:, None, 1] > river) != (xy[None, :, 1] > river)
    return np.asarray(away / 1000 * 60 + 1800 * crosses)


def test_jurisdictions_on_the_road_keep_to_their_side_of_a_slow_river() -> None:
    """A 10 x 6 grid with a river in the middle; straight lines would cut it the short way."""
    asked = grid(10, 6, np.ones((1, 60)), "AB", tolerance=5)
    straight = solve(asked, params=QUICK).plan
    seconds = city_seconds(asked.xy_meters, 2500.0)
    found = solve_on_road(asked, lambda one, other: seconds[np.ix_(one, other)], params=QUICK)
    owners = np.array(found.result.plan.alignment.owners).reshape(6, 10)
    assert all(len(set(row)) == 1 for row in owners.tolist())
    assert len({straight.alignment.owners[0], straight.alignment.owners[9]}) == 2
    for seat, center in enumerate(found.centers.tolist()):
        assert found.result.plan.alignment.owners[center] == "AB"[seat]


def test_fixed_homes_on_the_road_are_the_centres() -> None:
    asked = grid(
        6, 1, np.ones((1, 6)), "AB", tolerance=70,
        homes_meters=np.array([[0.0, 0.0], [5000.0, 0.0]]), homes_fixed=True,
    )  # fmt: skip
    home_seconds = np.array([[0.0, 900, 900, 900, 900, 900], [500.0, 400, 300, 200, 100, 0]])
    found = solve_on_road(
        asked, lambda one, other: np.zeros((len(one), len(other))), home_seconds=home_seconds
    )
    assert found.result.plan.alignment.owners == tuple("ABBBBB")
    assert found.centers.tolist() == [-1, -1]


def test_twelve_jurisdictions_make_four_districts_and_two_regions_whole_and_nested() -> None:
    """Twelve rows of equal units: any three in a row are a district, exactly balanced."""
    asked = grid(4, 12, np.ones((1, 48)), "ABCDEFGHIJKL")
    owners = np.arange(48) // 4
    districts, regions = drawn_levels(asked, owners, [(4, 5.0), (2, 5.0)])
    assert np.bincount(districts).tolist() == [3, 3, 3, 3]
    assert np.bincount(regions).tolist() == [6, 6]
    assert all(len(set(regions[districts == k].tolist())) == 1 for k in range(4))
    assert components(districts[owners], asked.neighbours, 4).tolist() == [1] * 4
    assert components(regions[owners], asked.neighbours, 2).tolist() == [1] * 2


def test_districts_of_seven_jurisdictions_are_as_equal_as_whole_numbers_allow() -> None:
    asked = grid(4, 7, np.ones((1, 28)), "ABCDEFG")
    (districts,) = drawn_levels(asked, np.arange(28) // 4, [(3, 5.0)])
    assert sorted(np.bincount(districts).tolist()) == [2, 2, 3]
    plan = asked.alignment(np.arange(28) // 4)
    heads = {"ABCDEFG"[k]: f"district {g + 1}" for k, g in enumerate(districts.tolist())}
    level = level_of(plan, asked.ground, heads, name="district", tolerance_percent=5.0)
    assert level.worst_percent == (0.0,)
    assert [group.components for group in level.groups] == [1, 1, 1]
    assert level_notes((level,), ("workload",)) == ()


def test_more_districts_than_jurisdictions_is_a_conflict() -> None:
    asked = grid(4, 1, np.ones((1, 4)), "AB")
    with pytest.raises(Conflict, match="3 groups cannot be made of 2"):
        drawn_levels(asked, np.array([0, 0, 1, 1]), [(3, 5.0)])


def test_an_edit_keeps_the_hierarchy_and_a_newcomer_joins_whom_they_come_from() -> None:
    """A and B are one district, C the other; D takes a unit of C; then B is gone."""
    asked = grid(6, 1, np.ones((1, 6)), "ABC")
    was = asked.alignment(np.array([0, 0, 1, 1, 2, 2]))
    level = level_of(
        was, asked.ground, {"A": "x", "B": "x", "C": "y"}, name="district", tolerance_percent=5.0
    )
    hired = replace(was, executive_ids=("A", "B", "C", "D"), owners=tuple("AABBCD"))
    (kept,) = kept_levels((level,), hired, asked.ground, was)
    assert [group.executive_ids for group in kept.groups] == [("A", "B"), ("C", "D")]
    assert kept.groups[0].deviation_percent == pytest.approx((100 * (4 / 3 - 1),))
    gone = replace(was, executive_ids=("A", "C"), owners=tuple("AAAACC"))
    (kept,) = kept_levels((level,), gone, asked.ground, was)
    assert [group.executive_ids for group in kept.groups] == [("A",), ("C",)]
    assert "was not met" in level_notes((kept,), ("workload",))[0]
    assert level_notes((kept,), ("workload",), (1.0,)) == ()
