"""Why a visit is made then and by whom, or why it is not made: every day of it tried."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from api.replan_schemas import replans_of
from api.schemas import VisitsRequest
from api.usecases.listing import plan_id_of
from api.usecases.run import request_of
from api.usecases.scene import Scene, scene_of
from api.usecases.workspace import Workspace
from territory.errors import NotFound
from territory.hours import format_time
from territory.routes import Route, Stop, Unserved
from territory.travel import UNREACHABLE
from territory.visits import VisitNeed

if TYPE_CHECKING:
    from optimizer.visits.why import DayVerdict

MOST_OTHERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What stands for a visit's day and executive. ``days`` is empty where none could be tried."""

    visit_id: str
    account_id: str
    executive_id: str
    sentences: tuple[str, ...]
    days: "tuple[DayVerdict, ...]"


def why_visit(workspace: Workspace, plan: str, visit_id: str) -> Why:
    """Why a visit of a plan is made then and by this executive, or not at all.

    Raises
    ------
    NotFound
        If the plan has no such visit.
    """
    stored = workspace.store.load_plan(plan_id_of(workspace, plan))
    scene = scene_of(workspace, stored, replans_of(stored.provenance.params))
    found = _found(scene, visit_id)
    need = next((one for one in scene.calendar.needs if one.visit_id == visit_id), None)
    if found is None:
        raise NotFound(f"The plan has no visit {visit_id[:80]!r}.")
    if need is None:
        assert isinstance(found, Unserved)
        return _given_up(found)
    days = _verdicts(scene, need)
    asked = request_of(stored.provenance)
    by_plan = asked.alignment_plan if isinstance(asked, VisitsRequest) else None
    return Why(
        visit_id=visit_id,
        account_id=need.account_id,
        executive_id=need.executive_id,
        sentences=(
            *_what(found, need),
            *(_words(one, need) for one in days),
            *_executive(scene, need, by_plan),
        ),
        days=days,
    )


def _found(scene: Scene, visit_id: str) -> tuple[Route, Stop] | Unserved | None:
    for route in scene.before.routes:
        for stop in route.stops:
            if stop.visit_id == visit_id:
                return route, stop
    return next((one for one in scene.before.unserved if one.visit_id == visit_id), None)


def _given_up(one: Unserved) -> Why:
    return Why(
        visit_id=one.visit_id,
        account_id=one.account_id,
        executive_id=one.executive_id,
        sentences=tuple(_left_out(one)),
        days=(),
    )


def _left_out(one: Unserved) -> Iterator[str]:
    yield f"Not made ({one.reason}): {one.detail}"
    if one.fits_if:
        yield f"It fits if {one.fits_if}."


def _what(found: tuple[Route, Stop] | Unserved, need: VisitNeed) -> Iterator[str]:
    if isinstance(found, Unserved):
        yield from _left_out(found)
    else:
        route, stop = found
        yield (
            f"Made on {route.date} at {format_time(stop.start_seconds)} by {route.executive_id}, "
            f"stop {route.stops.index(stop) + 1} of {len(route.stops)}."
        )
    yield f"Why at all: {need.reason or 'asked for'}; worth {need.value:,.0f}."


def _verdicts(scene: Scene, need: VisitNeed) -> "tuple[DayVerdict, ...]":
    from optimizer.visits import make_problem
    from optimizer.visits.why import day_verdicts

    who = need.executive_id
    shifts = [shift for shift in scene.calendar.shifts if shift.executive_id == who]
    if not shifts:
        return ()
    problem = make_problem(
        [one for one in scene.calendar.needs if one.executive_id == who],
        shifts,
        block=lambda points: scene.travel.block(points, points),
        first_date=scene.before.first_date,
        last_date=scene.before.last_date,
        mode=scene.before.mode,
    )
    planned = {
        (route.executive_id, route.date): [stop.visit_id for stop in route.stops]
        for route in scene.before.routes
        if route.executive_id == who
    }
    return day_verdicts(problem, planned, need.visit_id)


def _words(one: "DayVerdict", need: VisitNeed) -> str:
    off = "" if one.is_preferred else ", not a preferred day"
    extra = one.extra_travel_seconds
    driving = "" if extra is None else f"+{extra / 60:.0f} min of driving"
    match one.verdict:
        case "planned":
            return f"{one.date}: here it is, {driving or 'its place'}{off}."
        case "possible":
            return f"{one.date}: would fit, {driving}{off}."
        case "not_working":
            return f"{one.date}: {need.executive_id} does not work."
        case "closed":
            return f"{one.date}: not open long enough within the shift."
        case "too_close":
            return f"{one.date}: too near to another visit of the account."
    late = "" if one.late_minutes is None else f"; {one.late_minutes} min longer would do"
    return f"{one.date}: the day is full{late}{off}."


def _executive(scene: Scene, need: VisitNeed, alignment_plan: str | None) -> Iterator[str]:
    """Whose account it is by what, and how far everybody's home is."""
    accounts = scene.market.table("accounts")
    named = dict(
        zip(accounts["account_id"].astype(str), accounts["executive_id"].astype(str), strict=True)
    )
    if alignment_plan is not None:
        yield f"{need.executive_id} looks after it by alignment {alignment_plan}."
    elif named.get(need.account_id) == need.executive_id:
        yield f"{need.executive_id} is named in the accounts table."
    else:
        yield f"{need.executive_id} is the nearest by home, for nobody is named."
    homes = {shift.executive_id: shift.start_lonlat for shift in scene.calendar.shifts}
    ids = sorted(homes)
    if not ids:
        return
    there = np.array([[need.lon, need.lat]])
    seconds = scene.travel.block(np.array([homes[who] for who in ids]), there).seconds[:, 0]
    way = {who: int(one) for who, one in zip(ids, seconds, strict=True)}
    others = sorted((way[who], who) for who in ids if who != need.executive_id)
    own = way.get(need.executive_id, UNREACHABLE)
    told = [f"{who} {_minutes(one)}" for one, who in others[:MOST_OTHERS]]
    yield "; ".join([f"From home: {need.executive_id} {_minutes(own)}", *told]) + "."


def _minutes(seconds: int) -> str:
    return "no way" if seconds >= UNREACHABLE else f"{seconds / 60:.0f} min"
