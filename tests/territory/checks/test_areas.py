"""The judge reads travel one executive at a time, and finds what it finds with one matrix.

    E1's home (0, 0) -- A (1, 0)          E2's home (5, 0) -- B (6, 0)

A degree is 1,000 seconds and 10,000 metres.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from territory.checks import VisitFacts, check_visits
from territory.checks.areas import area_of, areas_of
from territory.routes import Resume, Route, Stop, VisitPlan
from territory.travel import TravelMatrix
from territory.visits import Shift, VisitNeed

DAY = date(2026, 11, 30)
NINE, TEN, FIVE = 9 * 3600, 10 * 3600, 17 * 3600


def plane(points: NDArray[np.float64]) -> TravelMatrix:
    apart = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    return TravelMatrix(
        seconds=np.rint(apart * 1_000).astype(np.int32),
        meters=np.rint(apart * 10_000).astype(np.int32),
        source="estimated",
    )


def need(account: str, lon: float, who: str) -> VisitNeed:
    return VisitNeed(
        visit_id=account,
        account_id=account,
        executive_id=who,
        lon=lon,
        lat=0.0,
        visit_seconds=1_800,
        dates=(DAY,),
        windows=(((NINE, FIVE),),),
        value=10.0,
    )


def shift(who: str, lon: float) -> Shift:
    return Shift(
        executive_id=who,
        date=DAY,
        start_seconds=8 * 3600,
        end_seconds=FIVE,
        start_lonlat=(lon, 0.0),
        end_lonlat=(lon, 0.0),
    )


def route(account: str, lon: float, who: str, home: float) -> Route:
    leg = round(1_000 * abs(lon - home))
    stop = Stop(
        visit_id=account,
        account_id=account,
        kind="visit",
        lon=lon,
        lat=0.0,
        travel_seconds=leg,
        travel_meters=10 * leg,
        arrive_seconds=TEN,
        start_seconds=TEN,
        end_seconds=TEN + 1_800,
    )
    return Route(
        executive_id=who,
        date=DAY,
        start_lonlat=(home, 0.0),
        end_lonlat=(home, 0.0),
        leave_seconds=TEN - leg,
        return_seconds=TEN + 1_800 + leg,
        stops=(stop,),
        breaks=(),
        home_travel_seconds=leg,
        home_travel_meters=10 * leg,
        travel_seconds=2 * leg,
        travel_meters=20 * leg,
        visit_seconds=1_800,
    )


def plan(*routes: Route) -> VisitPlan:
    return VisitPlan(
        first_date=DAY,
        last_date=DAY,
        mode="car",
        travel_source="estimated",
        routes=routes,
        unserved=(),
        travel_seconds=sum(one.travel_seconds for one in routes),
        travel_meters=sum(one.travel_meters for one in routes),
        visit_seconds=1_800 * len(routes),
        served=len(routes),
        value_kept=10.0 * len(routes),
        value_lost=0.0,
    )


NEEDS = (need("A", 1, "E1"), need("B", 6, "E2"))
SHIFTS = (shift("E1", 0), shift("E2", 5))
CLEAN = plan(route("A", 1, "E1", 0), route("B", 6, "E2", 5))


def facts(made: VisitPlan) -> VisitFacts:
    nowhere = np.empty((0, 2))
    return VisitFacts(
        needs=NEEDS,
        shifts=SHIFTS,
        points=nowhere,
        travel=plane(nowhere),
        areas=areas_of(NEEDS, SHIFTS, made.routes, block=plane),
    )


def codes(made: VisitPlan) -> list[str]:
    return [violation.code for violation in check_visits(made, facts(made))]


def test_a_clean_plan_is_clean_with_a_matrix_of_two_places_for_each() -> None:
    assert codes(CLEAN) == []
    assert [area.travel.seconds.shape for area in facts(CLEAN).areas.values()] == [(2, 2), (2, 2)]


def test_a_leg_that_is_told_too_short_is_found() -> None:
    one, other = CLEAN.routes
    (stop,) = other.stops
    short = replace(other, stops=(replace(stop, travel_seconds=900),), travel_seconds=1_900)
    made = replace(CLEAN, routes=(one, short), travel_seconds=CLEAN.travel_seconds - 100)
    assert codes(made) == ["wrong_leg"]


def test_a_visit_made_by_another_executive_is_that_and_its_legs_are_known() -> None:
    swapped = plan(route("B", 6, "E1", 0), route("A", 1, "E2", 5))
    assert codes(swapped) == ["wrong_executive", "wrong_executive"]


def test_a_route_of_nobody_known_has_no_travel_times() -> None:
    made = plan(*CLEAN.routes, route("A", 1, "E3", 7))
    assert set(codes(made)) >= {"unknown_shift", "unknown_point"}


def test_another_source_of_one_area_is_told() -> None:
    road = area_of([(0.0, 0.0), (1.0, 0.0)], lambda points: replace(plane(points), source="road"))
    mixed = replace(facts(CLEAN), areas={**facts(CLEAN).areas, "E1": road})
    assert [one.code for one in check_visits(CLEAN, mixed)] == ["wrong_facts"]


def test_the_place_a_running_day_goes_on_from_is_known() -> None:
    moved = replace(
        CLEAN.routes[0], resume=Resume(after_stops=0, lonlat=(0.5, 0.0), seconds=TEN - 500)
    )
    assert (0.5, 0.0) in areas_of(NEEDS, SHIFTS, [moved], block=plane)["E1"].point_index


def test_a_matrix_that_does_not_fit_its_places_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit 2 points"):
        area_of([(0.0, 0.0), (1.0, 0.0)], lambda points: plane(points[:1]))
