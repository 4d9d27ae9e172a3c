"""Covering: a colleague takes over on the same day where that is cheaper than another day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from optimizer.visits import make_problem
from optimizer.visits.covering import Covered, CoverPrices, cover
from tests.optimizer.visits.worlds import MONDAY, hm, need, plane, shift

TUESDAY = MONDAY + timedelta(days=1)


def _cover(*, handed_seconds: int, length_seconds: int = 1800) -> Covered:
    """E1 is ill on Monday and back on Tuesday; E2 has A at the place of X on Monday."""
    mine = need("X", 1, 0, dates=(MONDAY, TUESDAY), visit_seconds=length_seconds)
    twin = replace(
        need("X", 1, 0, dates=(MONDAY,), visit_seconds=length_seconds),
        visit_id="X\tE2",
        executive_id="E2",
    )
    own = replace(need("A", 1, 0, dates=(MONDAY,), visit_seconds=hm(2)), executive_id="E2")
    shifts = [shift(TUESDAY), replace(shift(MONDAY), executive_id="E2")]
    problem = make_problem(
        [mine, twin, own], shifts, block=plane, first_date=MONDAY, last_date=TUESDAY
    )
    return cover(
        problem,
        {("E2", MONDAY): ["A"]},
        ["X"],
        prices=CoverPrices(handed_seconds=handed_seconds, moved_seconds=3600),
    )


def test_a_colleague_at_the_same_door_takes_over() -> None:
    """No detour and 30 min against a drive of 2,000 s and 60 min on Tuesday."""
    found = _cover(handed_seconds=1800)
    assert found.executive_of == {"X": "E2"}
    assert sorted(found.planned["E2", MONDAY]) == ["A", "X"]


@pytest.mark.parametrize(("price", "is_handed"), [(5599, True), (5601, False)])
def test_the_price_of_handing_over_decides_to_the_second(price: int, is_handed: bool) -> None:
    """Tuesday costs 3,600 + 2,000."""
    assert bool(_cover(handed_seconds=price).executive_of) is is_handed


def test_nobodys_stop_gives_way_to_one_handed_over() -> None:
    """Seven hours do not fit beside A's two: X stays with its executive."""
    found = _cover(handed_seconds=0, length_seconds=hm(7))
    assert found.executive_of == {}
    assert found.planned == {}


def test_two_visits_of_one_account_go_to_one_colleague() -> None:
    """E3 is at the door on Tuesday, but E2 took Monday's: 2,000 s of driving instead of none."""
    days = {"X1": MONDAY, "X2": TUESDAY}
    later = TUESDAY + timedelta(days=1)
    mine = [
        replace(need(visit, 1, 0, dates=(day, later)), account_id="X", visit_id=visit)
        for visit, day in days.items()
    ]
    twins = [
        replace(
            need(visit, 1, 0, dates=(day,)),
            account_id="X",
            visit_id=f"{visit}\t{who}",
            executive_id=who,
        )
        for visit, day in days.items()
        for who in ("E2", "E3")
    ]
    at_the_door = [
        replace(need("A", 1, 0, dates=(MONDAY,)), executive_id="E2"),
        replace(need("B", 1, 0, dates=(TUESDAY,)), executive_id="E3"),
    ]
    shifts = [shift(later)] + [
        replace(shift(day), executive_id=who) for day in days.values() for who in ("E2", "E3")
    ]
    problem = make_problem(
        [*mine, *twins, *at_the_door], shifts, block=plane, first_date=MONDAY, last_date=later
    )
    planned = {("E2", MONDAY): ["A"], ("E3", TUESDAY): ["B"]}
    found = cover(problem, planned, ["X1", "X2"], prices=CoverPrices(handed_seconds=0))
    assert found.executive_of == {"X1": "E2", "X2": "E2"}
