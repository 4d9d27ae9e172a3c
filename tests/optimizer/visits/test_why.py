"""Why then: every day of a visit is tried; and the dates told as a way out do let it in."""

from datetime import date, timedelta

from optimizer.run import Stop
from optimizer.visits import VisitParams, VisitProblem, make_problem, solve
from optimizer.visits.why import day_verdicts
from territory.visits import Shift, VisitNeed
from tests.optimizer.visits.worlds import MONDAY, hm, need, plane, shift

DAYS = [MONDAY + timedelta(days=step) for step in range(14)]


def _problem(needs: list[VisitNeed], shifts: list[Shift]) -> VisitProblem:
    return make_problem(needs, shifts, block=plane, first_date=DAYS[0], last_date=DAYS[-1])


def test_every_day_of_a_visit_has_its_verdict() -> None:
    """Mon planned, Tue possible at 2,000 s, Wed off, Thu full by 10 min, Fri closed, Sat near."""
    dates = tuple(DAYS[:6])
    open_all_day: tuple[tuple[int, int], ...] = ((hm(8), hm(18)),)
    windows = (*[open_all_day] * 4, ((hm(6), hm(7)),), open_all_day)
    asked = need("X#1", 1, 0, dates=dates, windows=windows, series="X", min_spacing_days=3)
    other = need("X#2", 1, 0, dates=(DAYS[7],), series="X", min_spacing_days=3)
    full = need("F", 0, 0, dates=(DAYS[3],), visit_seconds=hm(8) - 3200)
    shifts = [shift(day) for day in (*DAYS[:2], *DAYS[3:6], DAYS[7])]
    found = day_verdicts(
        _problem([asked, other, full], shifts),
        {("E1", DAYS[0]): ["X#1"], ("E1", DAYS[3]): ["F"], ("E1", DAYS[7]): ["X#2"]},
        "X#1",
    )
    assert [one.verdict for one in found] == [
        "planned",
        "possible",
        "not_working",
        "full",
        "closed",
        "too_close",
    ]
    assert found[1].extra_travel_seconds == 2000
    assert found[3].late_minutes == 10


def test_another_date_told_as_a_way_out_was_tried_and_does_let_it_in() -> None:
    """Monday is full; the Monday after is free, seven days off, and then nothing is left out."""
    day: tuple[date, ...] = (DAYS[0],)
    needs = [
        need("A", 0, 0, dates=day, visit_seconds=hm(8), value=500.0),
        need("B", 0, 0, dates=day, visit_seconds=hm(8)),
    ]
    shifts = [shift(DAYS[0]), shift(DAYS[1]), shift(DAYS[7])]
    params, stop = VisitParams(), Stop(iterations=200)
    (left,) = solve(_problem(needs, shifts), params=params, stop=stop).plan.unserved
    assert (left.visit_id, left.reason) == ("B", "lower_value_than_kept")
    assert left.fits_if.endswith(f"fits on {DAYS[7]}, 7 days off its own dates")
    later = need("B", 0, 0, dates=(DAYS[0], DAYS[7]), visit_seconds=hm(8))
    assert solve(_problem([needs[0], later], shifts), params=params, stop=stop).plan.unserved == ()


def test_a_task_is_not_told_a_date_after_its_deadline() -> None:
    """The same with a deadline on Monday: no later date is offered."""
    day: tuple[date, ...] = (DAYS[0],)
    needs = [
        need("A", 0, 0, dates=day, visit_seconds=hm(8), value=500.0),
        need("B", 0, 0, dates=day, visit_seconds=hm(8), kind="task", deadline=DAYS[0]),
    ]
    plan = solve(_problem(needs, [shift(DAYS[0]), shift(DAYS[7])]), stop=Stop(iterations=200)).plan
    assert "fits on 2026-12-07" not in plan.unserved[0].fits_if
