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
