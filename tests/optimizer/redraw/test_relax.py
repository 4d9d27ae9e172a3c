"""Bad input: a clear word, and the nearest rules that can be obeyed."""

from typing import Any

import numpy as np
import pytest

from optimizer.redraw import RedrawParams, RedrawProblem, solve
from optimizer.redraw.relax import Rules, nearest_rules
from territory.errors import Infeasible, InputError
from tests.optimizer.redraw.grids import grid, problem


def strip(people: str, before: str, **more: Any) -> Any:
    """Makes the problem of some rules on a strip with these people and owners today."""

    def make(rules: Rules) -> RedrawProblem:
        return grid(
            len(before),
            1,
            np.ones((1, len(before))),
            people[: rules.executives],
            before=tuple(before),
            locked_units=rules.locked_units,
            together=rules.together,
            apart=rules.apart,
            **more,
        )

    return make


def test_rules_that_can_be_obeyed_stay_as_they_are() -> None:
    rules = Rules(executives=2, locked_units=("u0", "u3"), together=(("u0", "u1"),))
    assert nearest_rules(rules, strip("AB", "AABB"), units=4) == (rules, ())


def test_more_executives_than_units_leaves_the_last_without() -> None:
    kept, notes = nearest_rules(Rules(executives=5), strip("ABCDE", "ABC"), units=3)
    assert kept.executives == 3
    assert notes == ("Relaxed: 5 executives cannot share 3 units, so the first 3 have one each.",)


def test_locks_that_wall_somebody_in_are_freed_down_to_one_piece() -> None:
    # A is locked at both ends, B between: A cannot be one piece
    rules = Rules(executives=2, locked_units=("u0", "u1", "u3", "u5"))
    make = strip("AB", "AABBBA")
    with pytest.raises(Infeasible):
        solve(make(rules))
    kept, notes = nearest_rules(rules, make, units=6)
    assert kept.locked_units == ("u0", "u1", "u5") or kept.locked_units == ("u0", "u1", "u3")
    assert len(notes) == 1
    plan = solve(make(kept)).plan
    assert all(one.components == 1 for one in plan.jurisdictions)


def test_a_group_against_a_pair_gives_up_the_pair() -> None:
    rules = Rules(executives=2, together=(("u0", "u1"),), apart=(("u1", "u0"), ("u0", "u3")))
    kept, notes = nearest_rules(rules, strip("AB", "AABB"), units=4)
    assert kept.apart == (("u0", "u3"),)
    assert notes == ("Relaxed: units u1 and u0 need not be apart.",)


# --- loads and graphs that are odd but can be planned ------------------------------------------


def test_tolerance_zero_gives_the_nearest_plan_and_says_what_is_missing() -> None:
    plan = solve(grid(5, 1, np.ones((1, 5)), "AB", tolerance=0.0)).plan
    assert sorted(one.units for one in plan.jurisdictions) == [2, 3]
    assert "The tolerance of 0 % on workload was not met" in plan.notes[0]


def test_an_executive_for_every_unit_leaves_nobody_without() -> None:
    loads = np.array([[9.0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 5, 2]])
    people = "ABCDEFGHIJKLMNOPQRST"
    plan = solve(
        grid(5, 4, loads, people, tolerance=5.0), params=RedrawParams(proposals_per_unit=200)
    ).plan
    assert [one.units for one in plan.jurisdictions] == [1] * 20


def test_a_unit_heavier_than_numbers_bear_is_named() -> None:
    with pytest.raises(InputError) as caught:
        grid(4, 1, np.array([[1.0, 1e308, 1.0, 1.0]]), "AB")
    assert [fault.value for fault in caught.value.faults] == ["1e+308 of unit u1"]


def test_a_miss_that_key_accounts_cause_is_not_laid_on_a_part_of_the_market() -> None:
    carried = np.array([[3.0, 0.0]])
    plan = solve(grid(4, 1, np.ones((1, 4)), "AB", tolerance=0.0, carried_loads=carried)).plan
    assert "only a link to another part" not in " ".join(plan.notes)
    assert "was not met" in plan.notes[0]


def test_many_ferries_are_told_in_few_lines() -> None:
    xy = np.array([(1000.0 * place, 0.0) for place in range(12)])
    asked = problem(xy, [], np.ones((1, 12)), "AB")
    assert len(asked.links) == 11
    assert len(asked.notes) == 6
    assert asked.notes[0].startswith("11 ferry edges join parts")


CLIQUE = tuple((f"u{a}", f"u{b}") for a in range(4) for b in range(a))


def test_more_units_apart_than_executives_is_proved_and_the_rest_of_the_pairs_kept() -> None:
    make = strip("ABC", "AABBCC")
    with pytest.raises(Infeasible, match="u0, u1, u2, u3 cannot all be apart"):
        make(Rules(executives=3, apart=CLIQUE))
    kept, notes = nearest_rules(Rules(executives=3, apart=CLIQUE), make, units=6)
    assert len(kept.apart) == 5
    assert notes == ("Relaxed: units u3 and u2 need not be apart.",)


def test_a_ring_of_five_wants_three_executives_and_locks_count() -> None:
    ring = tuple((f"u{a}", f"u{(a + 1) % 5}") for a in range(5))
    with pytest.raises(Infeasible, match="2 executives are too few"):
        strip("AB", "AABBB")(Rules(executives=2, apart=ring))
    assert strip("ABC", "AABBC")(Rules(executives=3, apart=ring)).apart == ring
    fan = (("u0", "u2"), ("u1", "u2"))  # u0 is A's and u1 is B's: nobody is left for u2
    locked = Rules(executives=2, apart=fan, locked_units=("u0", "u1"))
    with pytest.raises(Infeasible, match="too few"):
        strip("AB", "ABB")(locked)


def test_loads_of_zero_leave_everyone_a_piece_and_are_told() -> None:
    plan = solve(grid(4, 1, np.zeros((1, 4)), "AB")).plan
    assert all(one.units >= 1 and one.components == 1 for one in plan.jurisdictions)
    assert "is 0 everywhere" in plan.notes[0]


def test_a_unit_without_neighbours_is_joined_by_a_ferry_that_is_told() -> None:
    xy = np.array([(0.0, 0.0), (1000.0, 0.0), (2000.0, 0.0), (9000.0, 0.0)])
    plan = solve(problem(xy, [(0, 1), (1, 2)], [[1, 1, 1, 1]], "AB")).plan
    assert plan.notes[0].startswith("An island of 1 unit is worth 0.50 jurisdictions in workload")
    assert all(one.components == 1 for one in plan.jurisdictions)


def test_parts_that_each_fit_need_no_ferry() -> None:
    xy = np.array([(0.0, 0.0), (1000.0, 0.0), (8000.0, 0.0), (9000.0, 0.0)])
    asked = problem(xy, [(0, 1), (2, 3)], [[1, 1, 1, 1]], "AB")
    assert asked.links == ()
    assert solve(asked).plan.worst_percent == (0.0,)
