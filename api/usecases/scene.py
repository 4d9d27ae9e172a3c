"""What a replan starts from: the plan with all it needed, and what happened, read and checked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, cast

from api.replan_schemas import AddedIn, DelayIn, ReplanRequest, replans_of
from api.schemas import VisitsRequest
from api.usecases.covering import handed_over, makers_of
from api.usecases.run import request_of
from api.usecases.visits_job import calendar_of
from api.usecases.workspace import Workspace
from territory.calendar import Calendar
from territory.errors import Conflict, Fault, InputError
from territory.hours import parse_time
from territory.living import Delay, Happening, Illness
from territory.market import Market
from territory.prices import VisitPrices
from territory.routes import VisitPlan
from territory.travel import TravelTimes
from territory.visits import VisitNeed

if TYPE_CHECKING:
    from data.store import StoredPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A plan with all that was needed for it, added visits included."""

    market: Market
    before: VisitPlan
    calendar: Calendar
    travel: TravelTimes
    prices: VisitPrices | None = None  # None for plans made before plans told their costs
    handed: frozenset[str] = frozenset()
    """Visits that were handed to a colleague, now or by a version before."""


def scene_of(workspace: Workspace, stored: "StoredPlan", replans: Sequence[ReplanRequest]) -> Scene:
    """A version with needs and shifts of its market, and every visit added up to now."""
    if not isinstance(stored.plan, VisitPlan):
        raise Conflict(f"Plan {stored.plan_id} is no visit plan, so it cannot be replanned.")
    market = workspace.store.market(stored.market)
    asked = cast(VisitsRequest, request_of(stored.provenance))
    scene = Scene(
        market=market,
        before=stored.plan,
        calendar=calendar_of(workspace, market, asked),
        travel=workspace.travel(market.name, market.settings.mode),
        prices=asked.visit_prices() if asked.prices else None,
    )
    for request in replans:
        for added in request.added:
            visit_id = _added_id(scene.calendar, added.account)
            need = extra_need(scene, added, visit_id, request.now.date())
            scene = replace(
                scene, calendar=replace(scene.calendar, needs=(*scene.calendar.needs, need))
            )
    if any(request.cover for request in replans_of(stored.provenance.params)):
        owner = {need.visit_id: need.executive_id for need in scene.calendar.needs}
        maker = makers_of(stored.plan)
        scene = with_handed(scene, {v: e for v, e in maker.items() if owner.get(v, e) != e})
    known = {need.visit_id for need in scene.calendar.needs}
    known |= {one.visit_id for one in scene.calendar.unserved}
    planned = {stop.visit_id for route in stored.plan.routes for stop in route.stops}
    if planned - known:
        raise Conflict(
            f"The tables of {stored.market!r} no longer ask for {len(planned - known)} visits of "
            "this plan.",
            fix="Make a new plan.",
        )
    return scene


def with_handed(scene: Scene, executive_of: Mapping[str, str]) -> Scene:
    """The scene in which others make these visits."""
    return replace(
        scene,
        calendar=handed_over(scene.calendar, executive_of),
        handed=scene.handed | executive_of.keys(),
    )


def _added_id(calendar: Calendar, account_id: str) -> str:
    used = {need.visit_id for need in calendar.needs}
    number = 1
    while f"{account_id}+{number}" in used:
        number += 1
    return f"{account_id}+{number}"


def extra_need(scene: Scene, added: AddedIn, visit_id: str, first: date) -> VisitNeed:
    """The need of a visit that was added, from its account's row and what the request says."""
    from territory.calendar.extra import account_named, extra_visit

    account = account_named(scene.market, added.account)
    owner = added.executive or next(
        (n.executive_id for n in scene.calendar.needs if n.account_id == added.account),
        account.own_executive,
    )
    refuse_strangers(scene, [owner])
    last = min(added.last_date or scene.before.last_date, scene.before.last_date)
    days = sorted({s.date for s in scene.calendar.shifts if first <= s.date <= last})
    if added.on is not None:
        days = [day for day in days if day == added.on]
    return extra_visit(
        scene.market,
        account,
        visit_id=visit_id,
        executive_id=owner,
        shifts=scene.calendar.shifts,
        days=days,
        minutes=added.minutes,
        value=added.value,
    )


def refuse_strangers(scene: Scene, names: Iterable[str]) -> None:
    """Raise InputError with everybody named who has no shift in this plan."""
    known = {shift.executive_id for shift in scene.calendar.shifts}
    faults = [
        Fault(column="executive", value=name, expected="an executive with a shift in this plan")
        for name in names
        if name not in known
    ]
    if faults:
        raise InputError("Executives are named that this plan does not know.", faults)


def happening_of(scene: Scene, request: ReplanRequest) -> Happening:
    """What the request says happened, by visits and dates of the scene."""
    today = request.now.date()
    seconds = request.now.hour * 3600 + request.now.minute * 60 + request.now.second
    refuse_strangers(scene, [one.executive for one in request.delays])
    refuse_strangers(scene, [one.executive for one in request.ill])
    planned = {stop.visit_id for route in scene.before.routes for stop in route.stops}
    waiting = {one.visit_id for one in scene.before.unserved}
    past = Happening(today=today, seconds=seconds)
    begun = {
        stop.visit_id
        for route in scene.before.routes
        for stop in route.stops
        if past.is_history(route.date, stop)
    }
    faults = [
        Fault(column="cancelled", value=name, expected="a visit of this plan still to come")
        for name in request.cancelled
        if name not in (planned | waiting) - begun
    ]
    if faults:
        raise InputError("Visits are called off that are not to come.", faults)
    return replace(
        past,
        delays=tuple(_delay(scene, one, past) for one in request.delays),
        ill=tuple(
            Illness(executive_id=one.executive, until=one.until or today) for one in request.ill
        ),
        cancelled=tuple(dict.fromkeys(request.cancelled)),
        added=_added_ids(scene, request),
        is_covered=request.cover,
    )


def _added_ids(scene: Scene, request: ReplanRequest) -> tuple[str, ...]:
    """The ids of the visits this request added, the last ones of the calendar."""
    count = len(request.added)
    return tuple(
        need.visit_id for need in scene.calendar.needs[len(scene.calendar.needs) - count :]
    )


def _delay(scene: Scene, one: DelayIn, past: Happening) -> Delay:
    """When the executive goes on: at a clock time, or so long after what is being made."""
    ends = [
        stop.end_seconds
        for route in scene.before.routes
        if (route.executive_id, route.date) == (one.executive, past.today)
        for stop in route.stops
        if past.is_history(route.date, stop)
    ]
    ready = max([past.seconds, *ends])
    if one.until is not None:
        try:
            ready = max(past.seconds, parse_time(one.until))
        except ValueError as error:
            raise InputError(f"{one.until!r} is no clock time.", fix="Write 13:40.") from error
    elif one.minutes is not None:
        ready += round(60 * one.minutes)
    return Delay(executive_id=one.executive, ready_seconds=ready, lonlat=one.at)
