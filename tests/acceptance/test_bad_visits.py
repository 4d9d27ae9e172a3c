"""What cannot be visited is named with its reason, the rest is planned, and nothing is raised."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pytest

from optimizer.run import Stop
from optimizer.visits import VisitParams, make_problem, solve
from territory.calendar import visit_needs
from territory.checks import VisitFacts, check_visits
from territory.geo import LonLat
from territory.market import Market
from territory.prices import VisitPrices
from territory.routes import VisitPlan
from territory.travel import UNREACHABLE, TravelMatrix
from tests.territory.test_calendar import MONDAY, account, market

GOOD = account("good")
ISLAND = (25.5, 60.5)
"""A place with no way to it or from it."""


def travel(points: LonLat) -> TravelMatrix:
    """A minute for a hundredth of a degree; the island's row and column are holes."""
    apart = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    seconds = np.rint(apart * 6_000).astype(np.int32)
    is_island = (points == ISLAND).all(axis=1)
    seconds[is_island, :] = UNREACHABLE
    seconds[:, is_island] = UNREACHABLE
    np.fill_diagonal(seconds, 0)
    meters = np.where(seconds == UNREACHABLE, UNREACHABLE, seconds * 15).astype(np.int32)
    return TravelMatrix(seconds=seconds, meters=meters, source="estimated")


def planned(world: Market, weeks: int = 1) -> VisitPlan:
    """The plan of a market, in which the judge misses nothing."""
    calendar = visit_needs(world, first_date=MONDAY, weeks=weeks, owner_of_account={})
    prices = VisitPrices()
    problem = make_problem(
        calendar.needs,
        calendar.shifts,
        block=travel,
        first_date=MONDAY,
        last_date=date.fromordinal(MONDAY.toordinal() + 7 * weeks - 1),
        unserved=calendar.unserved,
        prices=prices,
    )
    params = VisitParams(threads=1, routing_solutions=10)
    plan = solve(problem, params=params, stop=Stop(iterations=500)).plan
    facts = VisitFacts(
        needs=calendar.needs,
        shifts=calendar.shifts,
        points=problem.points.lonlat,
        travel=problem.travel,
        unplannable=calendar.unserved,
        prices=prices,
    )
    assert check_visits(plan, facts) == ()
    return plan


def reasons(plan: VisitPlan) -> dict[str, str]:
    return {one.visit_id: one.reason for one in plan.unserved}


def pinned(visit_id: str, account_id: str, start: str, **facts: object) -> dict[str, object]:
    row = {"visit_id": visit_id, "account_id": account_id, "date": MONDAY, "status": "planned"}
    return {**row, "start": start, "minutes": 60, "is_pinned": True, **facts}


Rows = Sequence[Mapping[str, object]]
E1 = {"executive_id": "E1", "home_lon": 24.9, "home_lat": 60.2}
GONE = {"executive_id": "E1", "first_date": date(2026, 1, 1), "last_date": date(2027, 1, 1)}
TASK = {"task_id": "T", "account_id": "far", "kind": "issue", "minutes": 30}
FAR = account("far", lon=ISLAND[0], lat=ISLAND[1])


@pytest.mark.parametrize(
    ("tables", "named"),
    [
        ({"executives": []}, {"good#1": "no_executive"}),
        ({"absences": [GONE]}, {"good#1": "no_executive"}),
        ({"executives": [{**E1, "weekdays": "Su"}]}, {"good#1": "no_opening_hours_in_window"}),
        (
            {"executives": [{**E1, "shift_start": "17:00", "shift_end": "09:00"}]},
            {"good#1": "no_executive"},
        ),
        (
            {"accounts": [GOOD, account("long", visit_minutes=480)]},
            {"long#1": "too_far_for_day"},  # 8 h of visit, lunch and a drive in 8.5 h
        ),
        (
            {"accounts": [GOOD, account("night", opening_hours="Mo-Su 20:00-22:00")]},
            {"night#1": "no_opening_hours_in_window"},
        ),
        ({"accounts": [GOOD, FAR]}, {"far#1": "unreachable_island"}),
        (
            {
                "accounts": [GOOD, account("far", lon=24.9, lat=60.9)],
                "tasks": [{**TASK, "deadline": date(2026, 11, 1)}],
            },
            {},  # overdue: due within the week, rides along
        ),
        (
            {"accounts": [GOOD, FAR], "tasks": [{**TASK, "deadline": date(2026, 11, 1)}]},
            {"far#1": "unreachable_island"},
        ),
        (
            {"accounts": [GOOD], "visits": [pinned("P", "good", "10:00", executive_id="E9")]},
            {"P": "no_executive"},
        ),
        (
            {
                "accounts": [GOOD, account("nowhere", lon=0.0, lat=0.0)],
                "visits": [pinned("P", "nowhere", "10:00")],
            },
            {"nowhere#1": "no_coordinates", "P": "no_coordinates"},
        ),
        (
            {"accounts": [GOOD], "tasks": [{**TASK, "deadline": date(2026, 12, 3)}]},
            {"far/T": "no_coordinates"},
        ),
    ],
)
def test_what_cannot_be_made_is_named_and_the_rest_is_planned(
    tables: dict[str, Rows], named: dict[str, str]
) -> None:
    plan = planned(market(**{"accounts": [GOOD], **tables}))
    assert reasons(plan) == named
    good = [stop for route in plan.routes for stop in route.stops if stop.account_id == "good"]
    assert len(good) == (0 if "good#1" in named else 1)


def test_of_two_pinned_at_once_one_is_kept_and_the_clash_is_told() -> None:
    accounts = [GOOD, account("a"), account("b")]
    visits = [pinned("P", "a", "10:00"), pinned("Q", "b", "10:30")]
    plan = planned(market(accounts=accounts, visits=visits))
    assert len(reasons(plan)) == 1
    assert any("P is pinned at 10:00 and Q at 10:30" in note for note in plan.notes)


def test_more_visits_than_days_are_named_one_by_one() -> None:
    """Twenty in four weeks asked of an executive who works on Mondays."""
    world = market(
        executives=[{**E1, "weekdays": "Mo"}],
        accounts=[account("often", visits_per_4_weeks=20, min_spacing_days=1)],
    )
    plan = planned(world, weeks=4)
    assert plan.served == 4
    assert set(reasons(plan).values()) == {"blocked_until"}
    assert plan.served + len(plan.unserved) >= 19
    assert any("visits of often are due, 4 fit" in note for note in plan.notes)


def test_an_empty_market_has_an_empty_plan() -> None:
    plan = planned(market(executives=[], accounts=[]))
    assert (plan.routes, plan.unserved) == ((), ())
    assert plan.cost == 0
