"""The judge of costs names every part that is misstated, and drives that no traffic explains."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from territory.checks import check_visits
from territory.costs import with_costs
from territory.prices import CostPart, VisitPrices
from territory.routes import Break, Route, VisitPlan
from tests.acceptance import clean_plans

HOUR = 3600
TUESDAY = clean_plans.TUESDAY
PRICES = VisitPrices(
    driving=36, waiting=18, overtime=72, lateness=54, imbalance=9, change=7, off_preferred=3
)


def needs() -> tuple:
    """B was told Monday (and is), C told Wednesday; A#2 prefers Monday; B closes at 13:20."""
    told = {
        "B#1": {"late_seconds": 1_800, "windows": ((((13 * HOUR, 13 * HOUR + 1_200)),),) * 2},
        "A#2": {"preferred_dates": (clean_plans.MONDAY,)},
        "C#1": {"published_date": TUESDAY + timedelta(days=1)},
    }
    facts = clean_plans.visit_facts()
    return tuple(replace(one, **told.get(one.visit_id, {})) for one in facts.needs)


def facts():
    """Monday's shift ends ten minutes before its route does."""
    given = clean_plans.visit_facts()
    monday, tuesday = given.shifts
    back = 13 * HOUR + 3_000
    monday = replace(monday, end_seconds=back - 600, overtime_seconds=600)
    return replace(given, needs=needs(), shifts=(monday, tuesday), prices=PRICES)


def plan() -> VisitPlan:
    given = facts()
    return with_costs(clean_plans.visit_plan(), given.needs, given.shifts, PRICES)


def test_a_costed_plan_is_clean_and_its_parts_are_these() -> None:
    """By hand: 100 min of drives; waits 12:20-13:00 and 09:50-10:00; B ends 10 min late."""
    assert check_visits(plan(), facts()) == ()
    told = {one.name: (one.quantity, one.amount) for one in plan().costs}
    assert told["value_lost"] == (1, 40.0)
    assert told["driving"] == pytest.approx((100 / 60, 60.0))
    assert told["waiting"] == pytest.approx((50 / 60, 15.0))
    assert told["overtime"] == pytest.approx((1 / 6, 12.0))
    assert told["lateness"] == pytest.approx((1 / 6, 9.0))
    assert told["changes"] == (1, 7.0)
    assert told["off_preferred"] == (1, 3.0)
    assert told["imbalance"] == (0.0, 0.0)  # one week


def changed(name: str, **changes: object) -> Callable[[VisitPlan], VisitPlan]:
    def corrupt(given: VisitPlan) -> VisitPlan:
        costs = tuple(replace(one, **changes) if one.name == name else one for one in given.costs)
        return replace(given, costs=costs)

    return corrupt


@pytest.mark.parametrize("name", [one.name for one in plan().costs])
@pytest.mark.parametrize("figure", ["quantity", "price", "amount"])
def test_any_figure_of_any_part_that_is_off_is_named(name: str, figure: str) -> None:
    part = next(one for one in plan().costs if one.name == name)
    off = changed(name, **{figure: getattr(part, figure) + 0.5})(plan())
    found = check_visits(off, facts())
    assert {one.code for one in found} == {"wrong_cost"}
    assert {one.subject for one in found} == {f"cost {name}"}


def without(name: str) -> Callable[[VisitPlan], VisitPlan]:
    return lambda given: replace(given, costs=tuple(one for one in given.costs if one.name != name))


@pytest.mark.parametrize(
    ("code", "corrupt"),
    [
        ("wrong_cost_part", without("waiting")),
        ("wrong_cost_part", lambda given: replace(given, costs=(*given.costs, given.costs[1]))),
        ("wrong_cost_part", lambda given: replace(given, costs=())),
        (
            "wrong_cost_part",
            lambda given: replace(
                given,
                costs=(
                    *given.costs,
                    CostPart(
                        name="tolls",  # type: ignore[arg-type]
                        quantity=0.0,
                        unit="stops",
                        price=0.0,
                        amount=0.0,
                    ),
                ),
            ),
        ),
        ("wrong_facts", lambda given: replace(given, objective="weighted")),
    ],
)
def test_parts_missing_doubled_or_invented_are_named(
    code: str, corrupt: Callable[[VisitPlan], VisitPlan]
) -> None:
    assert {one.code for one in check_visits(corrupt(plan()), facts())} == {code}


def test_overtime_beyond_what_is_allowed_lies_outside_the_shift() -> None:
    given = facts()
    monday = replace(given.shifts[0], overtime_seconds=599)
    found = check_visits(plan(), replace(given, shifts=(monday, given.shifts[1])))
    assert {one.code for one in found} == {"outside_shift"}


def test_a_visit_later_than_its_account_allows_lies_outside_its_window() -> None:
    given = facts()
    less = tuple(replace(n, late_seconds=599) if n.visit_id == "B#1" else n for n in given.needs)
    found = check_visits(plan(), replace(given, needs=less))
    assert {one.code for one in found} == {"outside_window"}


def test_imbalance_counts_hours_above_the_even_share() -> None:
    """Both days 100 minutes of 600 worked; one twice as long a shift: its share is twice."""
    given = clean_plans.visit_facts()
    daily = VisitPrices(imbalance=6, balance="day")
    busy = {r.date: r.travel_seconds + r.visit_seconds for r in clean_plans.visit_plan().routes}
    assert busy == {clean_plans.MONDAY: 6_000, TUESDAY: 7_200}
    told = with_costs(clean_plans.visit_plan(), given.needs, given.shifts, daily)
    part = next(one for one in told.costs if one.name == "imbalance")
    assert part.quantity == pytest.approx(600 / HOUR)  # 7,200 beside a share of 6,600
    assert check_visits(told, replace(given, prices=daily)) == ()


# --- the way and lunch ---------------------------------------------------------------------------


def with_shift(**changes: object):
    given = clean_plans.visit_facts()
    return replace(given, shifts=tuple(replace(one, **changes) for one in given.shifts))


def test_lunch_on_the_road_is_named_where_it_belongs_to_an_account() -> None:
    """Monday's lunch begins five minutes into a drive of ten."""
    lunch = clean_plans.visit_facts().shifts[0].lunch
    assert lunch is not None
    found = check_visits(
        clean_plans.visit_plan(), with_shift(lunch=replace(lunch, place="account"))
    )
    assert {one.code for one in found} == {"lunch_on_the_way"}
    monday = clean_plans.visit_plan().routes[0]
    before = Break(start_seconds=11 * HOUR + 2_400, end_seconds=12 * HOUR + 600)
    moved = replace(clean_plans.visit_plan(), routes=(replace(monday, breaks=(before,)), *_rest()))
    assert check_visits(moved, with_shift(lunch=replace(lunch, place="account"))) == ()


def home_facts():
    lunch = clean_plans.visit_facts().shifts[0].lunch
    assert lunch is not None
    return with_shift(lunch=replace(lunch, place="home", lonlat=(0.0, 0.0)))


def home_plan() -> VisitPlan:
    """Monday: A until 11:40, home at 11:50, lunch until 12:20, at B at 12:40."""
    plan = clean_plans.visit_plan()
    monday = plan.routes[0]
    begin = 11 * HOUR + 50 * 60
    pause = Break(start_seconds=begin, end_seconds=begin + 1_800, lonlat=(0.0, 0.0))
    first, second = monday.stops
    second = replace(
        second, travel_seconds=1_800, travel_meters=15_000, arrive_seconds=12 * HOUR + 2_400
    )
    monday = replace(
        monday,
        stops=(first, second),
        breaks=(pause,),
        travel_seconds=monday.travel_seconds + 1_200,
        travel_meters=monday.travel_meters + 10_000,
    )
    return replace(
        plan,
        routes=(monday, *_rest()),
        travel_seconds=plan.travel_seconds + 1_200,
        travel_meters=plan.travel_meters + 10_000,
    )


def test_lunch_not_had_at_home_is_named_and_so_is_a_way_not_told() -> None:
    """Told as had on the road, elsewhere, before it is reached; the way by it told too short."""
    facts, plan = home_facts(), home_plan()
    assert check_visits(plan, facts) == ()
    monday = plan.routes[0]
    (pause,), (first, second) = monday.breaks, monday.stops

    def codes(**changes: object) -> set[str]:
        changed = replace(plan, routes=(replace(monday, **changes), *_rest()))
        return {one.code for one in check_visits(changed, facts)}

    assert "lunch_on_the_way" in codes(breaks=(replace(pause, lonlat=None),))
    assert "wrong_facts" in codes(breaks=(replace(pause, lonlat=(first.lon, first.lat)),))
    early = replace(pause, start_seconds=pause.start_seconds - 1, end_seconds=pause.end_seconds - 1)
    assert "lunch_on_the_way" in codes(breaks=(early,))
    shorter = replace(second, travel_seconds=second.travel_seconds - 1)
    assert {"wrong_leg", "wrong_total"} <= codes(stops=(first, shorter))
    shorter = replace(second, travel_meters=second.travel_meters - 1)
    assert {"wrong_leg", "wrong_total"} <= codes(stops=(first, shorter))


def _rest() -> tuple[Route, ...]:
    return clean_plans.visit_plan().routes[1:]


def test_a_drive_that_its_traffic_does_not_explain_is_named() -> None:
    slow = ((0, 24 * HOUR, 500),)
    codes = {one.code for one in check_visits(clean_plans.visit_plan(), with_shift(traffic=slow))}
    assert "wrong_leg" in codes
    free = ((0, 12 * HOUR, 1000), (12 * HOUR, 24 * HOUR, 1000))
    codes = {one.code for one in check_visits(clean_plans.visit_plan(), with_shift(traffic=free))}
    assert codes == {"lunch_on_the_way"}  # in traffic no drive is interrupted


def test_a_day_that_ends_at_its_last_visit_has_no_way_home() -> None:
    found = check_visits(clean_plans.visit_plan(), with_shift(is_open_end=True))
    assert {one.code for one in found} == {"wrong_leg", "wrong_facts"}
