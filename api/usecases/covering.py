"""Colleagues for one who is ill: who may take which visit, and who does."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from api.usecases.unfinished import Unfinished, unfinished
from territory.calendar import Calendar
from territory.geo import haversine_meters
from territory.living import Happening
from territory.routes import Route, VisitPlan
from territory.visits import Shift, VisitNeed

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.visits import VisitProblem
    from optimizer.visits.covering import Covered

MOST_ASKED = 5
"""So many colleagues are asked for each visit: those whose day comes nearest to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A visit that was planned in the days its executive is ill."""

    need: VisitNeed
    date: date


def orphans(plan: VisitPlan, calendar: Calendar, happening: Happening) -> tuple[Orphan, ...]:
    """What those who are ill had still to make while they are."""
    until = {one.executive_id: one.until for one in happening.ill}
    need_of = {need.visit_id: need for need in calendar.needs}
    return tuple(
        Orphan(need=need_of[stop.visit_id], date=route.date)
        for route in plan.routes
        if route.executive_id in until and route.date <= until[route.executive_id]
        for stop in route.stops
        if not happening.is_history(route.date, stop)
        and stop.visit_id not in happening.cancelled
        and stop.visit_id in need_of
    )


def covered(
    plan: VisitPlan,
    calendar: Calendar,
    happening: Happening,
    *,
    affected: set[str],
    handed: Iterable[str],
    minutes: float,
    problem_of: "Callable[[Unfinished], VisitProblem]",
) -> "Covered":
    """Which colleague takes over which visit, and the days they then have."""
    from optimizer.visits.covering import Covered, CoverPrices, cover

    lost = orphans(plan, calendar, happening)
    twins = [twin for orphan in lost for twin in _twins(orphan, plan, calendar, happening)]
    if not twins:
        return Covered(executive_of={}, planned={})
    left = unfinished(
        plan,
        replace(calendar, needs=(*calendar.needs, *twins)),
        happening,
        {*affected, *(twin.executive_id for twin in twins)},
        handed=frozenset(handed),
    )
    return cover(
        problem_of(left),
        left.planned,
        [orphan.need.visit_id for orphan in lost],
        prices=CoverPrices(handed_seconds=round(60 * minutes)),
        away=left.away,
    )


def _twins(
    orphan: Orphan, plan: VisitPlan, calendar: Calendar, happening: Happening
) -> Iterable[VisitNeed]:
    need = orphan.need
    row = need.dates.index(orphan.date) if orphan.date in need.dates else None
    if row is None:
        return
    ill = {one.executive_id for one in happening.ill}
    able = [
        shift
        for shift in calendar.shifts
        if shift.date == orphan.date
        and shift.executive_id not in ill
        and shift.executive_id != need.executive_id
        and (not need.required_skill or need.required_skill in shift.skills)
    ]
    distance = {shift.executive_id: _distance(need, shift, plan) for shift in able}
    for executive in sorted(distance, key=lambda who: (distance[who], who))[:MOST_ASKED]:
        yield replace(
            need,
            visit_id=f"{need.visit_id}\t{executive}",
            executive_id=executive,
            dates=(orphan.date,),
            windows=(need.windows[row],),
            preferred_dates=(),
            series="",
            min_spacing_days=0,
            max_spacing_days=0,
        )


def _distance(need: VisitNeed, shift: Shift, plan: VisitPlan) -> float:
    """How near an executive's day comes to a visit: home or a stop of that day, in metres."""
    places = [shift.start_lonlat]
    for route in plan.routes:
        if (route.executive_id, route.date) == (shift.executive_id, shift.date):
            places += [(stop.lon, stop.lat) for stop in route.stops]
    here = np.array([(need.lon, need.lat)], dtype=np.float64)
    return float(haversine_meters(here, np.array(places, dtype=np.float64)).min())


def nearest_executives(
    need: VisitNeed,
    among: Collection[str],
    shifts: Iterable[Shift],
    routes: Iterable[Route],
    *,
    most: int,
) -> list[str]:
    """At most so many executives whose start of a day or a stop lies nearest to a visit."""
    if len(among) <= most:
        return sorted(among)
    places = [(shift.executive_id, shift.start_lonlat) for shift in shifts]
    places += [
        (route.executive_id, (stop.lon, stop.lat)) for route in routes for stop in route.stops
    ]
    here = np.array([(need.lon, need.lat)], dtype=np.float64)
    there = np.array([lonlat for _, lonlat in places], dtype=np.float64)
    away: dict[str, float] = {}
    for (who, _), meters in zip(places, haversine_meters(here, there)[0].tolist(), strict=True):
        away[who] = min(meters, away.get(who, meters))
    return sorted(among, key=lambda who: (away[who], who))[:most]


def handed_over(calendar: Calendar, executive_of: Mapping[str, str]) -> Calendar:
    """The calendar with these visits made by others."""
    return replace(
        calendar,
        needs=tuple(
            replace(need, executive_id=executive_of.get(need.visit_id, need.executive_id))
            for need in calendar.needs
        ),
    )


def makers_of(plan: VisitPlan) -> dict[str, str]:
    """Whose every visit of a plan is, made or left out."""
    made = {stop.visit_id: route.executive_id for route in plan.routes for stop in route.stops}
    return {**{one.visit_id: one.executive_id for one in plan.unserved}, **made}
