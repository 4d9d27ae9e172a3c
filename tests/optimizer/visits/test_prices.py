"""Everything a plan may cost: each part weighed by the search, told in money, judged clean."""

from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest

from optimizer.run import Stop
from optimizer.visits import (
    VisitParams,
    VisitProblem,
    Weights,
    make_problem,
    objective_parts,
    solve,
)
from optimizer.visits.annealing import days_cost, imbalance_cost
from optimizer.visits.case import make_cases
from optimizer.visits.timing import time_day
from territory.checks import VisitFacts, check_visits
from territory.prices import CostPart, VisitPrices
from territory.routes import VisitPlan
from territory.visits import Lunch, Shift, VisitNeed
from tests.optimizer.visits.worlds import LUNCH, MONDAY, days, hm, need, plane, shift

WEIGHTED = VisitPrices(objective="weighted")
RUSH = ((0, hm(9), 1000), (hm(9), hm(10), 500), (hm(10), hm(24), 1000))


def priced(
    needs: list[VisitNeed], shifts: list[Shift], prices: VisitPrices | None = None
) -> VisitProblem:
    every = [day for one in needs for day in one.dates] + [one.date for one in shifts]
    return make_problem(
        needs,
        shifts,
        block=plane,
        first_date=min(every),
        last_date=max(every),
        prices=prices or VisitPrices(),
    )


def planned(problem: VisitProblem, seed: int = 1, turns: int = 2_000) -> VisitPlan:
    """The plan of a problem, which the judge finds clean."""
    result = solve(
        problem,
        params=VisitParams(seed=seed, threads=1, routing_solutions=10),
        stop=Stop(iterations=turns),
    )
    assert problem.prices is not None
    facts = VisitFacts(
        needs=problem.needs,
        shifts=problem.shifts,
        points=problem.points.lonlat,
        travel=problem.travel,
        prices=problem.prices,
    )
    assert check_visits(result.plan, facts) == ()
    assert objective_parts(problem, result.plan) == result.cost
    return result.plan


def part(plan: VisitPlan, name: str) -> CostPart:
    return next(one for one in plan.costs if one.name == name)


def test_the_parts_add_up_to_the_cost() -> None:
    plan = planned(priced([need("A", 1.8, 0), need("B", 100, 0, value=70.0)], [shift()]))
    assert part(plan, "driving").quantity == 1.0  # 1,800 s there and 1,800 s back
    assert part(plan, "driving").amount == 30.0
    assert part(plan, "value_lost").amount == 70.0  # B is days away
    assert plan.cost == 100.0


def waiting_world(waiting: float) -> VisitPlan:
    """A is open from 9 to 10, B an hour's wait later; a thousand seconds between all."""
    needs = [
        need("A", 1, 0, windows=(((hm(9), hm(10)),),)),
        need("B", 2, 0, windows=(((hm(12), hm(13)),),)),
    ]
    return planned(priced(needs, [shift(start_seconds=hm(8))], VisitPrices(waiting=waiting)))


def test_the_day_begins_late_where_waiting_costs() -> None:
    assert waiting_world(0).routes[0].stops[0].start_seconds == hm(9)
    late = waiting_world(10)
    assert late.routes[0].stops[0].start_seconds == hm(9, 30)  # done when A closes
    assert part(late, "waiting").quantity == pytest.approx((7_200 - 1_000) / 3600)
    assert part(late, "waiting").amount == pytest.approx(10 * 6_200 / 3600)


@pytest.mark.parametrize(("value", "served"), [(216.0, 0), (217.0, 1)])
def test_overtime_is_worked_for_what_is_worth_it(value: float, served: int) -> None:
    """3,800 s are 200 s over an hour: 200 of overtime at 3,600 an hour, 16.67 of driving."""
    short = shift(end_seconds=hm(10), overtime_seconds=600)
    problem = priced([need("A", 1, 0, value=value)], [short], replace(WEIGHTED, overtime=3_600))
    plan = planned(problem)
    assert plan.served == served
    assert part(plan, "overtime").amount == pytest.approx(200.0 * served)


def test_an_executives_own_price_of_overtime_goes_before_the_plans() -> None:
    short = shift(end_seconds=hm(10), overtime_seconds=600, overtime_price=18.0)
    plan = planned(priced([need("A", 1, 0)], [short], VisitPrices(overtime=3_600)))
    assert part(plan, "overtime").amount == pytest.approx(1.0)
    assert part(plan, "overtime").quantity == pytest.approx(200 / 3600)


def test_without_overtime_the_shift_is_the_end() -> None:
    plan = planned(priced([need("A", 1, 0)], [shift(end_seconds=hm(10))]))
    assert plan.served == 0


@pytest.mark.parametrize(("late_seconds", "served"), [(0, 0), (899, 0), (900, 1)])
def test_a_visit_may_be_as_late_as_its_account_allows(late_seconds: int, served: int) -> None:
    """Reached at 9:15, 30 minutes long; the door shuts at 9:30, a quarter of an hour before."""
    late = need("A", 0.9, 0, windows=(((hm(8), hm(9, 30)),),), late_seconds=late_seconds)
    plan = planned(priced([late], [shift()], VisitPrices(lateness=40)))
    assert plan.served == served
    assert part(plan, "lateness").amount == pytest.approx(10.0 * served)


def test_being_late_never_runs_into_the_next_hours() -> None:
    twice = need(
        "A", 0.9, 0, windows=(((hm(8), hm(9, 30)), (hm(9, 40), hm(12))),), late_seconds=3_600
    )
    plan = planned(priced([twice], [shift()]))
    assert plan.routes[0].stops[0].start_seconds == hm(9, 40)
    assert part(plan, "lateness").quantity == 0


@pytest.mark.parametrize(("balance", "spread"), [("week", [2, 2]), ("day", [1, 1, 1, 1])])
def test_imbalance_spreads_work_over_weeks_or_days(balance: str, spread: list[int]) -> None:
    """Four visits at one place: one drive would do, were an even share worth nothing."""
    dates = (MONDAY, date(2026, 12, 1), date(2026, 12, 7), date(2026, 12, 8))
    needs = [need(f"A{k}", 0.1, 0, dates=dates) for k in range(4)]
    shifts = [shift(day) for day in dates]
    assert len(planned(priced(needs, shifts)).routes) == 1
    prices = VisitPrices(imbalance=500, balance=balance)  # type: ignore[arg-type]
    plan = planned(priced(needs, shifts, prices))
    made = [len(route.stops) for route in plan.routes]
    if balance == "week":
        weeks = [
            sum(len(r.stops) for r in plan.routes if (r.date < dates[2]) == first)
            for first in (True, False)
        ]
        assert weeks == spread
    else:
        assert made == spread
    assert part(plan, "imbalance").amount == pytest.approx(0.0, abs=1e-9)


def test_a_published_date_is_kept_until_the_drive_it_costs_is_dearer() -> None:
    """A is on Monday only; B, next door, was told Tuesday: a drive of its own costs 16.67."""
    dates = days(2)
    needs = [need("A", 1, 0), need("B", 1, 0, dates=dates, published_date=dates[1])]
    shifts = [shift(day) for day in dates]
    kept = planned(priced(needs, shifts, VisitPrices(change=17)))
    assert [len(route.stops) for route in kept.routes] == [1, 1]
    assert part(kept, "changes").quantity == 0
    moved = planned(priced(needs, shifts, VisitPrices(change=16)))
    assert [len(route.stops) for route in moved.routes] == [2]
    assert part(moved, "changes").amount == 16


def test_weighted_leaves_out_what_its_drive_outweighs_and_lexicographic_does_not() -> None:
    world = [need("A", 3.6, 0, value=59.0)]  # two hours of driving at 30
    assert planned(priced(world, [shift()])).served == 1
    assert planned(priced(world, [shift()], WEIGHTED)).served == 0
    assert planned(priced([replace(world[0], value=61.0)], [shift()], WEIGHTED)).served == 1


def test_a_day_with_an_open_end_is_over_at_its_last_visit() -> None:
    """One after another away from home; a quarter to nine hours would not bring anybody back."""
    needs = [need("A", 5, 0), need("B", 10, 0)]
    home = shift(start_seconds=hm(9), end_seconds=hm(13))
    assert planned(priced(needs, [home])).served == 1
    plan = planned(priced(needs, [replace(home, is_open_end=True)]))
    route = plan.routes[0]
    assert [stop.visit_id for stop in route.stops] == ["A", "B"]
    assert (route.home_travel_seconds, route.home_travel_meters) == (0, 0)
    assert route.end_lonlat == (10.0, 0.0)
    assert route.return_seconds == route.stops[-1].end_seconds


def test_lunch_at_an_account_is_never_on_the_way() -> None:
    """Two hours' drive around noon: a break on the way, or before it where the visit was."""
    needs = [
        need("A", 1, 0, windows=(((hm(10, 30), hm(11, 15)),),)),
        need("B", 8.2, 0, windows=(((hm(12), hm(15)),),)),
    ]
    day = shift(end_seconds=hm(18))
    anywhere = Lunch(earliest_start_seconds=hm(12), latest_start_seconds=hm(12, 30), seconds=1_800)
    plan = planned(priced(needs, [replace(day, lunch=anywhere)]))
    assert plan.routes[0].stops[1].start_seconds == hm(13, 30)  # 11:00 + 2 h + lunch on the way
    account = replace(anywhere, place="account")
    plan = planned(priced(needs, [replace(day, lunch=account)]))
    assert plan.routes[0].breaks[0].start_seconds == hm(12)  # waits at A for its time
    assert plan.routes[0].stops[1].start_seconds == hm(14, 30)


def home_day(**changes: object) -> VisitPlan:
    """A seen in the morning, B after noon, beyond it; lunch at home between them."""
    needs = [
        need("A", 1, 0, windows=(((hm(10, 30), hm(11)),),)),
        need("B", 2, 0, windows=(((hm(13), hm(16)),),)),
    ]
    at_home = Lunch(
        earliest_start_seconds=hm(12),
        latest_start_seconds=hm(12, 30),
        seconds=1_800,
        place="home",
        lonlat=(0.0, 0.0),
    )
    return planned(priced(needs, [shift(end_seconds=hm(18), lunch=at_home, **changes)]))


def test_lunch_at_home_takes_the_route_by_home() -> None:
    """By hand: A until 11:00, home at 11:16:40, lunch at 12, two thousand seconds on to B."""
    plan = home_day()
    route = plan.routes[0]
    assert [(b.start_seconds, b.lonlat) for b in route.breaks] == [(hm(12), (0.0, 0.0))]
    assert route.stops[1].travel_seconds == 3_000
    assert route.stops[1].travel_meters == 3_000 * 10
    assert route.stops[1].arrive_seconds == hm(12, 30) + 2_000
    assert route.travel_seconds == 6_000
    assert part(plan, "driving").quantity == pytest.approx(6_000 / 3_600)
    assert route.places == ((0.0, 0.0), (1.0, 0.0), (0.0, 0.0), (2.0, 0.0), (0.0, 0.0))


def test_the_way_home_for_lunch_counts_towards_the_driving_limit() -> None:
    assert home_day(max_driving_seconds=6_000).served == 2
    assert home_day(max_driving_seconds=5_999).served == 1


def test_the_way_home_for_lunch_is_driven_in_the_traffic_of_its_hour() -> None:
    """At half speed until noon: home at 11:33:20, and on after lunch at full speed."""
    route = home_day(traffic=((0, hm(12), 500), (hm(12), hm(24), 1000))).routes[0]
    assert route.stops[1].travel_seconds == 2_000 + 2_000
    assert route.breaks[0].start_seconds == hm(12)


def test_a_day_with_an_open_end_is_not_over_at_lunch() -> None:
    """Lunch at home is had before the last visit, not after it."""
    route = home_day(is_open_end=True).routes[0]
    assert route.stops[-1].end_seconds == route.return_seconds
    assert route.breaks[0].end_seconds < route.stops[-1].start_seconds


def test_a_drive_in_the_rush_takes_twice_as_long() -> None:
    """A thousand seconds from 9 at half speed; back after 10 at full speed."""
    stuck = planned(
        priced([need("A", 1, 0, windows=(((hm(9), hm(10, 4)),),))], [shift(traffic=RUSH)])
    )
    route = stuck.routes[0]
    assert route.stops[0].travel_seconds == 2_000
    assert route.home_travel_seconds == 1_000
    assert part(stuck, "driving").quantity == pytest.approx(3_000 / 3600)


def test_a_driving_limit_holds_in_traffic() -> None:
    slow = ((0, hm(24), 500),)
    world = [need("A", 1, 0)]
    assert planned(priced(world, [shift(max_driving_seconds=4_200, traffic=slow)])).served == 1
    assert planned(priced(world, [shift(max_driving_seconds=3_999, traffic=slow)])).served == 0


def random_world(seed: int) -> VisitProblem:
    """A few days of one or two executives with every rule there is, drawn at random."""
    random = np.random.default_rng(seed)
    dates = days(4)
    needs = []
    for number in range(12):
        opens = int(random.integers(8, 14))
        who = f"E{random.integers(2)}"
        can = tuple(day for day in dates if random.random() < 0.7) or dates[:1]
        needs.append(
            need(
                f"A{number}",
                *random.uniform(-3, 3, 2).round(2).tolist(),
                executive_id=who,
                dates=can,
                windows=((((hm(opens), hm(opens + 2)), (hm(15), hm(17))),) * len(can)),
                visit_seconds=int(random.choice([900, 1_800, 3_600])),
                value=float(random.integers(10, 200)),
                late_seconds=int(random.choice([0, 1_800])),
                published_date=can[0] if random.random() < 0.3 else None,
                preferred_dates=can[-1:] if random.random() < 0.3 else (),
            )
        )
    lunch = (
        replace(LUNCH, place="account"),
        replace(LUNCH, place="home", lonlat=(0.0, 0.0)),
        LUNCH,
    )[seed % 3]
    shifts = [
        shift(
            day,
            executive_id=who,
            end_seconds=hm(15),
            overtime_seconds=int(random.choice([0, 3_600])),
            overtime_price=None if random.random() < 0.5 else 90.0,
            is_open_end=bool(random.random() < 0.3),
            lunch=lunch if random.random() < 0.8 else None,
            max_driving_seconds=9_000 if random.random() < 0.3 else None,
            traffic=RUSH if seed % 2 else (),
        )
        for who, day in product(("E0", "E1"), dates)
    ]
    prices = VisitPrices(
        waiting=float(random.choice([0, 15])),
        imbalance=float(random.choice([0, 20])),
        balance="day",
        objective="weighted" if seed % 4 == 1 else "lexicographic",
    )
    return priced(needs, shifts, prices)


@pytest.mark.parametrize("seed", range(12))
def test_any_mixture_of_rules_is_judged_clean_and_costed_as_searched(seed: int) -> None:
    problem = random_world(seed)
    plan = planned(problem, seed=seed, turns=1_000)
    total = 0
    for case in make_cases(problem):
        row_of = {problem.needs[row].visit_id: k for k, row in enumerate(case.need_rows)}
        route_of = {
            route.date: [row_of[stop.visit_id] for stop in route.stops]
            for route in plan.routes
            if route.executive_id == case.executive_id
        }
        orders = [route_of.get(problem.shifts[row].date, []) for row in case.shift_rows]
        made = tuple(tuple(order) for order in orders)
        # in traffic the search balances the matrix's driving, which is near enough
        total += days_cost(case.arrays, made) - imbalance_cost(case.arrays, made)
    parts = objective_parts(problem, plan)
    assert total == pytest.approx(sum(parts.values()) - parts.get("imbalance", 0.0), abs=40)


@pytest.mark.parametrize("seed", range(12))
def test_the_compiled_clock_lets_in_just_what_the_timing_can_time(seed: int) -> None:
    from optimizer.visits.clock import fits, is_on_time
    from optimizer.visits.what_if import load_routes

    random = np.random.default_rng(seed)
    for case in make_cases(random_world(seed)):
        arrays = case.arrays._replace(
            max_driving=np.full_like(case.arrays.max_driving, 10**6),  # not the clock's matter
            lunch=np.where(np.arange(6) == 5, 10**6, case.arrays.lunch),
        )
        for s in range(len(arrays.start)):
            order: tuple[int, ...] = ()
            for one in random.permutation(case.needs)[:6].tolist():
                if arrays.window_count[one, s] == 0:
                    continue
                days_now = tuple(order if k == s else () for k in range(len(arrays.start)))
                routes = load_routes(arrays, days_now)
                assert is_on_time(arrays, routes, s)
                places = range(len(order) + 1)
                into = {p: (*order[:p], one, *order[p:]) for p in places}
                told = {p: bool(fits(arrays, routes, s, p, one)) for p in places}
                assert told == {p: time_day(arrays, s, into[p]) is not None for p in places}
                order = next((into[p] for p in places if told[p]), order)


@pytest.mark.parametrize("seed", range(4))
def test_drives_in_traffic_are_first_in_first_out_and_turn_back_exactly(seed: int) -> None:
    from optimizer.visits.clock_steps import slow_arrival, slow_departure
    from territory.checks.drives import drive_seconds

    random = np.random.default_rng(seed)
    edges = sorted({0, 86_400, *random.integers(1, 86_400, 5).tolist()})
    spans = tuple((a, b, int(random.integers(200, 2_000))) for a, b in zip(edges, edges[1:]))  # noqa: B905, RUF007
    day = shift(traffic=spans)
    case = make_cases(priced([need("A", 1, 0)], [day]))[0].arrays
    before = 0
    for left in sorted(random.integers(0, 60_000, 60).tolist()):
        leg = 1_500
        there = slow_arrival(case.traffic, 0, left, leg)
        assert there - left == drive_seconds(day, left, leg)
        assert there >= before
        before = there
        back = slow_departure(case.traffic, 0, there, leg)
        assert back >= left
        assert (
            slow_arrival(case.traffic, 0, back, leg)
            <= there
            < slow_arrival(case.traffic, 0, back + 1, leg)
        )


@pytest.mark.parametrize(
    ("name", "price"),
    [("driving", 0.0), ("waiting", -1.0), ("overtime", float("nan")), ("change", 1e9)],
)
def test_prices_that_cannot_be_are_refused(name: str, price: float) -> None:
    with pytest.raises(ValueError, match=name):
        VisitPrices(**{name: price})


def test_weights_follow_from_prices() -> None:
    weights = Weights.of(VisitPrices(driving=36, overtime=54, change=1, objective="weighted"))
    assert weights.seconds_per_value == 100
    assert weights.overtime == 1.5
    assert weights.change_seconds == 100
