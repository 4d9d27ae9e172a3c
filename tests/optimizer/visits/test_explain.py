"""Every visit left out says why, and what would make it fit was tried."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from optimizer.visits import VisitProblem, solve
from territory.routes import Unserved
from territory.travel import UNREACHABLE
from tests.optimizer.visits.worlds import LUNCH, MONDAY, days, hm, need, problem, shift


def left_out(world: VisitProblem) -> dict[str, Unserved]:
    return {item.visit_id: item for item in solve(world).plan.unserved}


def test_no_shift_at_all_is_no_executive() -> None:
    item = left_out(problem([need("A", 1, 0)], []))["A"]
    assert item.reason == "no_executive"
    assert "E1" in item.detail


def test_no_shift_on_its_days_is_no_executive() -> None:
    tomorrow = MONDAY + timedelta(days=1)
    item = left_out(problem([need("A", 1, 0, dates=(tomorrow,))], [shift()]))["A"]
    assert item.reason == "no_executive"
    assert str(tomorrow) in item.detail


def test_a_skill_that_is_missing_is_named() -> None:
    item = left_out(problem([need("A", 1, 0, required_skill="wine")], [shift()]))["A"]
    assert item.reason == "skill_mismatch"
    assert "'wine'" in item.fits_if


def test_opening_hours_outside_the_shift_say_how_much_is_missing() -> None:
    early = need("A", 1, 0, windows=(((hm(8), hm(9, 20)),),))
    item = left_out(problem([early], [shift()]))["A"]
    assert item.reason == "no_opening_hours_in_window"
    assert item.fits_if == f"it stays open 10 min longer on {MONDAY}"
    longer = need("A", 1, 0, windows=(((hm(8), hm(9, 30)),),))
    later_home = shift(start_seconds=hm(8, 43))  # 1,000 s away: there by 8:59:40
    assert left_out(problem([longer], [later_home])) == {}


def test_no_road_is_an_island() -> None:
    world = problem([need("A", 1, 0)], [shift()])
    seconds = world.travel.seconds.copy()
    seconds[0, 1] = UNREACHABLE
    cut = replace(world, travel=replace(world.travel, seconds=seconds))
    assert left_out(cut)["A"].reason == "unreachable_island"


def test_a_drive_longer_than_the_day_is_too_far() -> None:
    item = left_out(problem([need("A", 15, 0)], [shift()]))["A"]  # 500 min of driving in 480
    assert item.reason == "too_far_for_day"
    assert "500 min of driving" in item.detail


def test_a_sibling_too_near_blocks() -> None:
    monday, tuesday = days(2)
    twins = [
        need(f"A#{n}", 1, 0, dates=(day,), series="A", min_spacing_days=3, value=100.0 - n)
        for n, day in enumerate((monday, tuesday))
    ]
    item = left_out(problem(twins, [shift(monday), shift(tuesday)]))["A#1"]
    assert item.reason == "blocked_until"
    assert str(monday) in item.detail


def full_day(**changes: object) -> VisitProblem:
    """Two visits of four hours at home and one of 30 minutes in a day of eight hours."""
    late = {"windows": (((hm(8), hm(20)),),)}
    big = [need(f"B{n}", 0, 0, visit_seconds=hm(4), value=500.0, **late) for n in range(2)]
    return problem([*big, need("A", 0, 0, value=20.0, **late)], [shift(**changes)])


def test_a_full_day_names_the_kept_stop_and_the_minutes_that_lack() -> None:
    item = left_out(full_day())["A"]
    assert item.reason == "lower_value_than_kept"
    assert "B0" in item.detail or "B1" in item.detail
    assert f"fits on {MONDAY} if the day ends 30 min later" in item.fits_if


def test_the_minutes_named_are_enough_and_one_less_is_not() -> None:
    assert left_out(full_day(end_seconds=hm(17, 30))) == {}
    assert "A" in left_out(full_day(end_seconds=hm(17, 29)))


def test_a_full_day_that_no_single_stop_could_free_is_a_capacity_matter() -> None:
    small = [need(f"B{n}", 0, 0, visit_seconds=hm(1), value=500.0) for n in range(8)]
    big = need("A", 0, 0, visit_seconds=hm(4), value=20.0)
    item = left_out(problem([*small, big], [shift()]))["A"]
    assert item.reason == "capacity_day_full"
    assert item.fits_if == ""


def test_lunch_counts_when_minutes_are_named() -> None:
    item = left_out(full_day(end_seconds=hm(17, 45), lunch=LUNCH))["A"]
    assert f"fits on {MONDAY} if the day ends 30 min later" in item.fits_if


def test_what_was_given_up_before_the_search_stays_in_the_plan() -> None:
    gone = Unserved(
        visit_id="X#1",
        account_id="X",
        executive_id="",
        reason="no_coordinates",
        detail="It has no coordinates.",
        value=3.0,
    )
    world = replace(problem([need("A", 1, 0)], [shift()]), unserved=(gone,))
    plan = solve(world).plan
    assert plan.unserved == (gone,)
    assert plan.value_lost == 3.0
    assert plan.value_kept == 100.0
    assert np.isclose(plan.travel_seconds, 2_000)
