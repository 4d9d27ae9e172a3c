"""Rules that cannot all be met are named by number before any search."""

from dataclasses import replace
from datetime import timedelta

import pytest

from optimizer.visits import VisitProblem, make_problem
from territory.visits import Shift, VisitNeed
from tests.optimizer.visits.worlds import MONDAY, hm, need, plane, shift

TUESDAY = MONDAY + timedelta(days=1)


def _notes(needs: list[VisitNeed], shifts: list[Shift]) -> tuple[str, ...]:
    problem: VisitProblem = make_problem(
        needs, shifts, block=plane, first_date=MONDAY, last_date=TUESDAY
    )
    return problem.notes()


def test_what_can_be_met_is_not_named() -> None:
    """Two visits of half an hour in a day of eight."""
    assert _notes([need("A", 1, 0), need("B", 2, 0)], [shift()]) == ()


PINNED = need("P", 0, 0, visit_seconds=hm(1), pinned_start_seconds=hm(10))


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        (
            [need("A", 0, 0, visit_seconds=hm(5)), need("B", 0, 0, visit_seconds=hm(5))],
            "E1: 8 h of working time offered, 10 h of visits needed",
        ),
        (
            [
                need("A", 0, 0, visit_seconds=hm(5)),
                need("B", 0, 0, visit_seconds=hm(5)),
                need("C", 0, 0, dates=(TUESDAY,)),
            ],
            f"E1 on {MONDAY}: 8.0 h of work offered, 10.0 h of visits",
        ),
        ([need("A", 0, 0, visit_seconds=hm(9))], "the longest day is 480 min, longer are A"),
        ([need("A", 0, 0, windows=(((hm(6), hm(9, 20)),),))], "no opening hours meet a shift"),
        ([need("A", 0, 0, required_skill="wine")], "E1 lacks 'wine', which A require"),
        (
            [PINNED, replace(PINNED, visit_id="Q", lon=1.0, pinned_start_seconds=hm(11, 10))],
            "P is pinned at 10:00 and Q at 11:10, with 60 min of visit and 16 min of driving",
        ),
        (
            [
                need(f"A#{n}", 0, 0, series="A", min_spacing_days=2, dates=(MONDAY, TUESDAY))
                for n in (1, 2)
            ],
            "2 visits of A are due, 1 fit on the days worked that are 2 days apart",
        ),
    ],
)
def test_each_contradiction_is_told_with_its_numbers(needs: list[VisitNeed], words: str) -> None:
    """Hours, hours of one day, length, opening, skill, two pinned at once, rhythm."""
    assert any(words in note for note in _notes(needs, [shift(), *_tuesday(needs)]))


def _tuesday(needs: list[VisitNeed]) -> list[Shift]:
    return [shift(TUESDAY)] if any(TUESDAY in one.dates for one in needs) else []
