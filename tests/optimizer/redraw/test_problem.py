"""A redraw problem says what is wrong with it, everything at once and with numbers."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optimizer.redraw import RedrawParams, RedrawProblem
from territory.alignment import Alignment
from territory.errors import Infeasible, InputError
from tests.optimizer.redraw.worlds import disc, hexagons

WORLD = hexagons(disc(1))  # seven cells
EVEN = WORLD.with_loads(np.ones((2, 7)))
TODAY = ("E1", "E1", "E1", "E2", "E2", "E2", "")


def faults_of(**rules: Any) -> list[tuple[str, str]]:
    """Columns and values of the faults of a problem with these rules."""
    with pytest.raises(InputError) as refused:
        WORLD.problem(2, **rules)
    return [(fault.column, fault.value) for fault in refused.value.faults]


# --- refusals ----------------------------------------------------------------------------------


def test_every_wrong_length_is_named_with_the_length_it_has() -> None:
    found = faults_of(
        xy_meters=np.zeros((6, 2)),
        loads=np.ones((1, 7)),
        tolerance_percent=(5.0,),
        executive_names=("Ann",),
        before=("E1",),
        homes_meters=np.zeros((3, 2)),
        perimeter_meters=np.zeros(8),
    )
    assert dict(found) == {
        "xy_meters": "(6, 2)",
        "loads": "(1, 7)",
        "homes_meters": "(3, 2)",
        "perimeter_meters": "(8,)",
        "tolerance_percent": "1",
        "executive_names": "1",
        "before": "1",
    }


def test_every_wrong_number_is_named_with_its_unit() -> None:
    loads = np.ones((2, 7))
    loads[0, 3], loads[1, 4] = -2.0, np.nan
    area = np.ones(7)
    area[5] = 0
    places = WORLD.xy_meters.copy()
    places[6, 1] = np.inf
    found = faults_of(
        loads=loads,
        area_square_meters=area,
        xy_meters=places,
        tolerance_percent=(-1.0, 5.0),
        move_price=float("nan"),
        border_price=-0.5,
    )
    assert found == [
        ("sales", "-2.0 of unit h3"),
        ("workload", "nan of unit h4"),
        ("xy_meters", "h6"),
        ("area_square_meters", "h5"),
        ("move_price", "nan"),
        ("border_price", "-0.5"),
        ("tolerance_percent", "-1.0"),
    ]


def test_ids_must_be_there_once() -> None:
    twice = ("h0", "h0", *WORLD.unit_ids[2:])
    assert faults_of(unit_ids=twice, executive_ids=("E1", "")) == [
        ("unit_id", ""),
        ("executive_id", ""),
    ]


def test_no_executive_and_no_load_are_refused() -> None:
    assert ("executive_ids", "") in faults_of(executive_ids=())
    assert ("load_names", "") in faults_of(
        load_names=(), loads=np.ones((0, 7)), tolerance_percent=()
    )


def test_fixed_homes_must_be_known_for_everyone() -> None:
    assert faults_of(homes_fixed=True) == [("homes_meters", "")]
    half = np.array([[0.0, 0.0], [np.nan, np.nan]])
    assert faults_of(homes_fixed=True, homes_meters=half) == [("homes_meters", "")]
    assert WORLD.problem(2, homes_meters=half).homes_fixed is False


def test_a_lock_needs_a_unit_of_the_market_that_somebody_has() -> None:
    found = faults_of(before=TODAY, locked_units=("h0", "h6", "nowhere"))
    assert found == [("locked_units", "h6"), ("locked_units", "nowhere")]
    assert faults_of(locked_units=("h0",)) == [("locked_units", "h0")]


def test_more_executives_than_units_are_refused_with_both_numbers() -> None:
    with pytest.raises(Infeasible, match="8 executives cannot share 7 units"):
        WORLD.problem(8)


def test_locks_that_leave_somebody_no_unit_are_refused_with_the_numbers() -> None:
    with pytest.raises(Infeasible, match="7 locked units leave 0 free units for the 1 executives"):
        WORLD.problem(3, before=("E1",) * 4 + ("E2",) * 3, locked_units=WORLD.unit_ids)


@pytest.mark.parametrize("zero", ["starts", "proposals_per_unit", "threads"])
def test_parameters_must_let_the_search_begin(zero: str) -> None:
    with pytest.raises(ValueError, match=zero):
        RedrawParams(**{zero: 0})


# --- what it knows -----------------------------------------------------------------------------


def test_before_may_name_people_who_left_and_lists_them_behind_the_others() -> None:
    problem = WORLD.problem(2, before=("E1", "E1", "Gone", "E2", "E2", "Also", ""))
    assert problem.owners_before.tolist() == [0, 0, -1, 1, 1, -1, -1]
    assert problem.alignment_before is not None
    assert problem.alignment_before.executive_ids == ("E1", "E2", "Also", "Gone")
    assert problem.alignment_before.owners[2] == "Gone"


def test_before_may_be_an_alignment_of_other_units() -> None:
    before = Alignment(
        unit_ids=("h3", "old", "h0"), executive_ids=("E2", "E1"), owners=("E1", "E1", "E2")
    )
    problem = WORLD.problem(2, before=before, locked_units=("h3",))
    assert problem.owners_before.tolist() == [1, -1, -1, 0, -1, -1, -1]
    assert problem.locked.tolist() == [-1, -1, -1, 0, -1, -1, -1]
    assert problem.alignment_before is before


def test_names_default_to_ids() -> None:
    assert WORLD.problem(2).names == {"E1": "E1", "E2": "E2"}
    assert WORLD.problem(2, executive_names=("Ann", "Bob")).names == {"E1": "Ann", "E2": "Bob"}


def test_a_unit_heavier_than_a_jurisdiction_may_be_is_a_note_not_a_refusal() -> None:
    loads = np.ones((2, 7))
    loads[1, 2] = 24.0  # of 30 for two: 160 % of the mean of 15
    problem = EVEN.with_loads(loads).problem(2)
    assert len(problem.notes) == 1
    assert "unit h2 alone is 160 % of the mean, 110 % is allowed" in problem.notes[0]
    assert "heavier in workload" in problem.notes[0]


def test_a_unit_exactly_at_the_limit_is_not_too_heavy() -> None:
    loads = np.ones((2, 7))
    loads[0, 0] = 6.0  # half of 12 for two: exactly the mean
    assert EVEN.with_loads(loads).problem(2, tolerance_percent=(0.0, 50.0)).notes == ()


def test_a_load_of_nothing_is_told() -> None:
    loads = np.ones((2, 7))
    loads[0] = 0
    notes = EVEN.with_loads(loads).problem(2).notes
    assert notes == ("Load 'sales' is 0 everywhere, so there is nothing to balance in it.",)


def test_a_problem_can_be_made_again_with_one_thing_changed() -> None:
    problem = WORLD.problem(2)
    again: RedrawProblem = replace(problem, tolerance_percent=(1.0, 2.0))
    assert again.tolerance_percent == (1, 2)
    assert problem.tolerance_percent == (10, 10)
