"""Mending and offering: what is planned stays where it can, the least dear gives way."""

from datetime import timedelta

import pytest

from optimizer.visits import VisitProblem, make_problem
from optimizer.visits.living import mend, offer_slots
from territory.visits import Shift, VisitNeed
from tests.optimizer.visits.worlds import LUNCH, MONDAY, hm, need, plane, shift

TUESDAY = MONDAY + timedelta(days=1)
BOTH = (MONDAY, TUESDAY)


def _problem(needs: list[VisitNeed], shifts: list[Shift]) -> VisitProblem:
    return make_problem(
        needs, shifts, block=plane, first_date=MONDAY, last_date=TUESDAY, weights=None
    )


def _order(plan: object) -> dict[object, list[str]]:
    return {
        route.date: [stop.visit_id for stop in route.stops]
        for route in plan.routes  # type: ignore[attr-defined]
    }


def test_a_day_that_holds_stays_in_its_order_however_long_the_way() -> None:
    """A zigzag that a solver would straighten is kept: the AE was promised this order."""
    needs = [need("A", 1, 0), need("B", 3, 0), need("C", 2, 0)]
    plan = mend(_problem(needs, [shift()]), {("E1", MONDAY): ["B", "A", "C"]})
    assert _order(plan) == {MONDAY: ["B", "A", "C"]}


def test_a_short_day_that_no_longer_holds_is_put_into_its_quickest_order() -> None:
    """C closes at 10:30: it has to come first now, and nothing is dropped."""
    early = need("C", 1, 0, windows=(((hm(9), hm(10, 30)),),))
    plan = mend(_problem([need("A", 2, 0), early], [shift()]), {("E1", MONDAY): ["A", "C"]})
    assert _order(plan) == {MONDAY: ["C", "A"]}
    assert plan.unserved == ()


def test_what_no_longer_fits_today_moves_to_another_day_the_least_dear_first() -> None:
    """Ready at 16:00 only: one visit fits before 17:00; B is worth less and goes to Tuesday."""
    needs = [need("A", 0, 0, dates=BOTH, value=200.0), need("B", 0.1, 0, dates=BOTH)]
    late = shift(start_seconds=hm(16, 10))
    plan = mend(_problem(needs, [late, shift(TUESDAY)]), {("E1", MONDAY): ["A", "B"]})
    assert _order(plan) == {MONDAY: ["A"], TUESDAY: ["B"]}


def test_a_dear_visit_takes_the_place_of_one_worth_less() -> None:
    """The day is full with A; the new B is worth more."""
    needs = [
        need("A", 0, 0, visit_seconds=hm(8)),
        need("B", 0, 0, visit_seconds=hm(7), value=500.0),
    ]
    plan = mend(_problem(needs, [shift()]), {("E1", MONDAY): ["A"]})
    assert _order(plan) == {MONDAY: ["B"]}
    assert [one.visit_id for one in plan.unserved] == ["A"]


def test_one_who_is_away_cannot_have_lunch_at_home_before_leaving() -> None:
    """From the road at 13:00 with lunch due by 13:30: the break is on the route."""
    pending = shift(start_seconds=hm(13), lunch=LUNCH)
    asked = _problem([need("A", 0.5, 0, visit_seconds=hm(1))], [pending])
    at_home = mend(asked, {("E1", MONDAY): ["A"]})
    assert at_home.routes[0].breaks == ()
    away = mend(asked, {("E1", MONDAY): ["A"]}, away={("E1", MONDAY)})
    assert [pause.start_seconds for pause in away.routes[0].breaks] == [hm(13)]


def test_offers_name_the_cheapest_day_first_and_how_late_it_may_start() -> None:
    """X lies beside A on Tuesday (no detour) and alone on Monday (2,000 s there and back)."""
    needs = [need("A", 1, 0, dates=(TUESDAY,)), need("X", 1, 0, dates=BOTH)]
    found = offer_slots(_problem(needs, [shift(), shift(TUESDAY)]), {("E1", TUESDAY): ["A"]}, "X")
    assert [(one.date, one.extra_travel_seconds) for one in found] == [(TUESDAY, 0), (MONDAY, 2000)]
    # Alone: home by 17:00 after half an hour there and 1,000 s of driving, in quarters.
    assert found[1].latest_start_seconds == hm(16)


@pytest.mark.parametrize("count", [1, 2])
def test_offers_keep_their_number_and_find_nothing_on_a_full_day(count: int) -> None:
    """No more than asked; none where nothing fits."""
    needs = [need("A", 0, 0, visit_seconds=hm(8)), need("X", 0, 0, dates=BOTH)]
    asked = _problem(needs, [shift(), shift(TUESDAY)])
    found = offer_slots(asked, {("E1", MONDAY): ["A"]}, "X", count=count)
    assert [one.date for one in found] == [TUESDAY]
