"""A plan that meets its tolerances with long jurisdictions says why, if that is proved."""

from dataclasses import replace

import numpy as np
import pytest

from api.usecases.redraw_job import diagnosed
from optimizer.redraw import RedrawProblem
from territory.alignment import AlignmentPlan
from territory.checks import AlignmentFacts, Violation, check_alignment
from territory.measures import alignment_plan
from tests.optimizer.redraw.grids import grid

COLUMNS = 16
RICH = np.where(np.arange(COLUMNS) < 8, 3.0, 1.0)
WEST_AND_EAST = np.array([np.tile(RICH, 2), np.tile(RICH[::-1], 2)])
"""Two rows of 16 units of 1 km2: one load is three times as thick in the west, one in the east."""


def drawn(asked: RedrawProblem, owners: np.ndarray) -> AlignmentPlan:
    return alignment_plan(
        asked.alignment(owners), asked.ground, tolerance_percent=asked.tolerance_percent
    )


def said_by_the_judge(plan: AlignmentPlan, asked: RedrawProblem) -> tuple[Violation, ...]:
    facts = AlignmentFacts(
        unit_ids=asked.unit_ids,
        executive_ids=asked.executive_ids,
        neighbours=asked.neighbours,
        xy_meters=asked.xy_meters,
        area_square_meters=asked.area_square_meters,
        load_names=asked.load_names,
        loads=asked.loads,
        tolerance_percent=asked.tolerance_percent,
    )
    return check_alignment(plan, facts)


def test_rows_from_west_to_east_are_long_because_balance_wants_it() -> None:
    asked = grid(COLUMNS, 2, WEST_AND_EAST, "AB", tolerance=5.0)
    rows = drawn(asked, np.repeat([0, 1], COLUMNS))
    assert max(rows.worst_percent) == pytest.approx(0.0)
    told = diagnosed(rows, asked)
    assert {one.kind for one in told.diagnosis} == {"ratio_floor"}
    # units count as hexagons, 3.72 km around; 16 of them share 15 borders: 4 pi 16 / 29.6^2
    assert told.notes[0].startswith("Mean Polsby-Popper is 0.23. ")
    assert said_by_the_judge(told, asked) == ()
    longest = max(one.reach_meters or 0.0 for one in told.diagnosis)
    false = replace(told.diagnosis[0], reach_meters=longest + 9000.0)
    lied = replace(told, diagnosis=(false,))
    assert "wrong_proof" in {one.code for one in said_by_the_judge(lied, asked)}


def test_halves_that_may_differ_are_round_and_nothing_is_said() -> None:
    asked = grid(COLUMNS, 2, WEST_AND_EAST, "AB", tolerance=60.0)
    halves = drawn(asked, np.tile(np.repeat([0, 1], COLUMNS // 2), 2))
    assert diagnosed(halves, asked) == halves  # 24 and 8 of 32: 50 % off the mean


def test_rows_that_are_long_for_no_reason_are_not_excused() -> None:
    asked = grid(COLUMNS, 2, np.ones((2, 2 * COLUMNS)), "AB", tolerance=5.0)
    rows = drawn(asked, np.repeat([0, 1], COLUMNS))
    assert diagnosed(rows, asked) == rows
