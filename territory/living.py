"""The living day: what happened, what of a plan is history, and what a new version changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from territory.routes import ChangeKind, Route, Stop, VisitChange, VisitPlan

RETIMED_FROM_SECONDS = 60
"""A start that shifts by less than this is not listed as a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """An executive goes on no sooner than ``ready_seconds`` of the day, from ``lonlat`` if given.

    Without a place the executive is where the last stop that was started is, or at home.
    """

    executive_id: str
    ready_seconds: int
    lonlat: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Illness:
    """An executive makes no visit from now to the end of ``until``."""

    executive_id: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What is known at a moment: delays, illnesses, visits called off and visits to be added."""

    today: date
    seconds: int
    delays: tuple[Delay, ...] = ()
    ill: tuple[Illness, ...] = ()
    cancelled: tuple[str, ...] = ()
    added: tuple[str, ...] = ()  # visit ids
    is_covered: bool = False
    """Whether colleagues may take over what those who are ill had planned, on the same dates."""

    def is_history(self, day: date, stop: Stop) -> bool:
        """Whether a stop was done or started by then; what is started is finished as planned."""
        return day < self.today or (day == self.today and stop.start_seconds <= self.seconds)


def frozen_stops(route: Route, happening: Happening) -> tuple[Stop, ...]:
    """The stops of a route that are history."""
    return tuple(stop for stop in route.stops if happening.is_history(route.date, stop))


Made = Mapping[str, tuple[str, str, date, int]]


def made_visits(plan: VisitPlan) -> Made:
    """Account, executive, date and start of every visit a plan makes."""
    return {
        stop.visit_id: (stop.account_id, route.executive_id, route.date, stop.start_seconds)
        for route in plan.routes
        for stop in route.stops
    }


def changes_between(
    before: VisitPlan, after: VisitPlan, *, cancelled: Sequence[str] = ()
) -> tuple[VisitChange, ...]:
    """Every visit whose date, start or executive differs, by executive and visit."""
    then, now = made_visits(before), made_visits(after)
    known = {one.visit_id for one in before.unserved} | set(then)
    found = [
        change
        for visit_id in sorted(then.keys() | now.keys())
        if (change := _change(visit_id, then, now, known, cancelled)) is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.executive_id, one.visit_id)))


def _change(
    visit_id: str, then: Made, now: Made, known: set[str], cancelled: Sequence[str]
) -> VisitChange | None:
    old, new = then.get(visit_id), now.get(visit_id)
    kind: ChangeKind
    if old is not None and new is not None and old[1] != new[1]:
        kind = "covered"
    elif old is not None and new is not None:
        if old[2] == new[2] and abs(old[3] - new[3]) < RETIMED_FROM_SECONDS:
            return None
        kind = "moved" if old[2] != new[2] else "retimed"
    elif new is not None:
        kind = "restored" if visit_id in known else "added"
    else:
        kind = "cancelled" if visit_id in cancelled else "dropped"
    account, executive, _, _ = new or old or ("", "", date.min, 0)
    return VisitChange(
        visit_id=visit_id,
        account_id=account,
        executive_id=executive,
        kind=kind,
        before_date=old[2] if old else None,
        before_seconds=old[3] if old else None,
        after_date=new[2] if new else None,
        after_seconds=new[3] if new else None,
        before_executive_id=old[1] if old and kind == "covered" else None,
    )


def with_totals(plan: VisitPlan, value_of: Mapping[str, float]) -> VisitPlan:
    """The plan with its routes in order and its totals summed anew."""
    routes = tuple(sorted(plan.routes, key=lambda route: (route.executive_id, route.date)))
    unserved = tuple(sorted(plan.unserved, key=lambda one: (one.executive_id, one.visit_id)))
    stops = [stop for route in routes for stop in route.stops]
    return replace(
        plan,
        routes=routes,
        unserved=unserved,
        travel_seconds=sum(route.travel_seconds for route in routes),
        travel_meters=sum(route.travel_meters for route in routes),
        visit_seconds=sum(route.visit_seconds for route in routes),
        served=len(stops),
        value_kept=sum(value_of[stop.visit_id] for stop in stops),
        value_lost=sum(one.value for one in unserved),
    )
