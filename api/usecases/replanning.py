"""Replanning a running plan: the past stays, the rest is mended with few changes, and judged."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, cast

import numpy as np

from api.replan_schemas import AddedIn, DelayIn, OfferRequest, ReplanRequest, replans_of
from api.schemas import VisitsRequest
from api.usecases.listing import plan_id_of
from api.usecases.run import request_of
from api.usecases.unfinished import Unfinished, unfinished
from api.usecases.visits_job import calendar_of
from api.usecases.workspace import TOOL_VERSION, Workspace
from territory.calendar import Calendar
from territory.errors import CheckFailed, Conflict, Fault, InputError
from territory.hours import parse_time
from territory.living import Delay, Happening, Illness, changes_between, with_totals
from territory.market import Market
from territory.plans import Json, Provenance
from territory.routes import Route, Unserved, VisitPlan
from territory.travel import TravelTimes
from territory.visits import VisitNeed

if TYPE_CHECKING:
    from data.store import StoredPlan
    from optimizer.visits import VisitProblem
    from optimizer.visits.living import Offer
    from territory.checks import Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanned:
    """A new version, and how long its kernel took."""

    stored: "StoredPlan"
    kernel_milliseconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """Slots for one more visit, the best first, and how long the kernel took."""

    offers: "tuple[Offer, ...]"
    kernel_milliseconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A plan with all that was needed for it, added visits included."""

    market: Market
    before: VisitPlan
    calendar: Calendar
    travel: TravelTimes


def replan(
    workspace: Workspace, plan: str, request: ReplanRequest, *, branch: bool = False
) -> Replanned:
    """A new version of a visit plan after something happened. The old one stays.

    Raises
    ------
    InputError
        If nothing happened, or an executive, visit, account or time is named that is not there.
    Conflict
        If the plan is no visit plan, the tables no longer ask for its visits, or it was replanned
        already and no ``branch`` is asked for.
    CheckFailed
        If the judge finds the new version wrong.
    """
    stored = workspace.store.load_plan(plan_id_of(workspace, plan))
    made, milliseconds = _made(workspace, stored, request)
    market = workspace.store.market(stored.market)
    params: dict[str, Json] = {
        **stored.provenance.params,
        "replans": [
            *cast(list[Json], stored.provenance.params.get("replans", [])),
            request.model_dump(mode="json"),
        ],
    }
    provenance = Provenance(
        market=stored.market,
        kind="visits",
        seed=stored.provenance.seed,
        params=params,
        input_hash=workspace.input_hash(market),
        tool_version=TOOL_VERSION,
        parents=(stored.plan_id,),
    )
    saved = workspace.store.save_plan(made, provenance, is_only_child=not branch)
    return Replanned(stored=saved, kernel_milliseconds=milliseconds)


def replanned_again(workspace: Workspace, stored: "StoredPlan") -> VisitPlan:
    """The plan that a replanned version makes now from the version before it."""
    parent = workspace.store.load_plan(stored.provenance.parents[0])
    return _made(workspace, parent, replans_of(stored.provenance.params)[-1])[0]


def judged_replan(workspace: Workspace, stored: "StoredPlan") -> "tuple[Violation, ...]":
    """All that is wrong with a stored version made by a replan."""
    parent = workspace.store.load_plan(stored.provenance.parents[0])
    replans = replans_of(stored.provenance.params)
    scene = scene_of(workspace, parent, replans)
    happening = _happening(scene, replans[-1])
    return _judged(scene, cast(VisitPlan, stored.plan), happening)


def offers(workspace: Workspace, plan: str, request: OfferRequest) -> Offered:
    """The best slots for one more visit in what is still to come of a plan.

    Raises
    ------
    InputError
        If the account or an executive is not there.
    Conflict
        If the plan is no visit plan.
    """
    from optimizer.visits.living import offer_slots

    stored = workspace.store.load_plan(plan_id_of(workspace, plan))
    asked = ReplanRequest(now=request.now)
    scene = scene_of(workspace, stored, replans_of(stored.provenance.params))
    happening = _happening(scene, asked)
    needs = _candidates(scene, request)
    left = unfinished(
        scene.before,
        replace(scene.calendar, needs=(*scene.calendar.needs, *needs)),
        happening,
        {need.executive_id for need in needs},
    )
    problem = _problem(scene, left)
    started = time.perf_counter()
    found = offer_slots(problem, left.planned, _OFFERED, count=request.count, away=left.away)
    return Offered(offers=found, kernel_milliseconds=1000 * (time.perf_counter() - started))


_OFFERED = "offered"


def _candidates(scene: Scene, request: OfferRequest) -> list[VisitNeed]:
    """The visit once for each executive who is asked."""
    from territory.calendar.extra import account_named

    account = account_named(scene.market, request.visit.account)
    everybody = sorted({shift.executive_id for shift in scene.calendar.shifts})
    able = {
        shift.executive_id
        for shift in scene.calendar.shifts
        if not account.required_skill or account.required_skill in shift.skills
    }
    first = request.now.date()
    own = _extra(scene, request.visit, _OFFERED, first)
    if not request.any_executive:
        return [own]
    return [
        replace(
            _extra(scene, request.visit.model_copy(update={"executive": who}), _OFFERED, first),
            visit_id=_OFFERED if who == own.executive_id else f"{_OFFERED}\t{who}",
        )
        for who in everybody
        if who in able or who == own.executive_id
    ]


def _made(
    workspace: Workspace, stored: "StoredPlan", request: ReplanRequest
) -> tuple[VisitPlan, float]:
    from optimizer.visits.living import mend

    if not (request.delays or request.ill or request.cancelled or request.added):
        raise InputError(
            "Nothing happened.", fix="Name a delay, an illness, a visit called off or one more."
        )
    scene = scene_of(workspace, stored, (*replans_of(stored.provenance.params), request))
    happening = _happening(scene, request)
    left = unfinished(scene.before, scene.calendar, happening, _affected(scene, happening))
    problem = _problem(scene, left)
    started = time.perf_counter()
    rest = mend(problem, left.planned, away=left.away)
    milliseconds = 1000 * (time.perf_counter() - started)
    home = scene.travel.block(left.places, left.homes) if len(left.places) else None
    made = _joined(scene, left, rest, happening, left.heads(rest, home))
    found = _judged(scene, made, happening)
    if found:
        raise CheckFailed("The judge does not agree with this replan; it was not saved.", found)
    return made, milliseconds


def _joined(
    scene: Scene, left: Unfinished, rest: VisitPlan, happening: Happening, heads: Sequence[Route]
) -> VisitPlan:
    """History, the mended rest and what nobody touched, as one plan."""
    value_of = {need.visit_id: need.value for need in scene.calendar.needs}
    made = with_totals(
        replace(
            scene.before,
            routes=(*left.untouched, *heads),
            unserved=(*left.told, *_called_off(scene, happening), *rest.unserved),
            changes=(),
        ),
        value_of,
    )
    changes = changes_between(scene.before, made, cancelled=happening.cancelled)
    return replace(made, changes=changes)


def _called_off(scene: Scene, happening: Happening) -> Iterable[Unserved]:
    need_of = {need.visit_id: need for need in scene.calendar.needs}
    for visit_id in happening.cancelled:
        need = need_of[visit_id]
        yield Unserved(
            visit_id=visit_id,
            account_id=need.account_id,
            executive_id=need.executive_id,
            reason="manual_exclude",
            detail=f"It was called off on {happening.today}.",
            value=need.value,
        )


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
    )
    for request in replans:
        for added in request.added:
            visit_id = _added_id(scene.calendar, added.account)
            need = _extra(scene, added, visit_id, request.now.date())
            scene = replace(
                scene, calendar=replace(scene.calendar, needs=(*scene.calendar.needs, need))
            )
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


def _added_id(calendar: Calendar, account_id: str) -> str:
    used = {need.visit_id for need in calendar.needs}
    number = 1
    while f"{account_id}+{number}" in used:
        number += 1
    return f"{account_id}+{number}"


def _extra(scene: Scene, added: AddedIn, visit_id: str, first: date) -> VisitNeed:
    from territory.calendar.extra import account_named, extra_visit

    account = account_named(scene.market, added.account)
    owner = added.executive or next(
        (n.executive_id for n in scene.calendar.needs if n.account_id == added.account),
        account.own_executive,
    )
    _refuse_strangers(scene, [owner])
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


def _refuse_strangers(scene: Scene, names: Iterable[str]) -> None:
    known = {shift.executive_id for shift in scene.calendar.shifts}
    faults = [
        Fault(column="executive", value=name, expected="an executive with a shift in this plan")
        for name in names
        if name not in known
    ]
    if faults:
        raise InputError("Executives are named that this plan does not know.", faults)


def _happening(scene: Scene, request: ReplanRequest) -> Happening:
    today = request.now.date()
    seconds = request.now.hour * 3600 + request.now.minute * 60 + request.now.second
    _refuse_strangers(scene, [one.executive for one in request.delays])
    _refuse_strangers(scene, [one.executive for one in request.ill])
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


def _affected(scene: Scene, happening: Happening) -> set[str]:
    owner = {need.visit_id: need.executive_id for need in scene.calendar.needs}
    return {
        *(one.executive_id for one in happening.delays),
        *(one.executive_id for one in happening.ill),
        *(owner[visit_id] for visit_id in (*happening.cancelled, *happening.added)),
    }


def _problem(scene: Scene, left: Unfinished) -> "VisitProblem":
    from optimizer.visits import make_problem

    return make_problem(
        left.needs,
        left.shifts,
        block=lambda points: scene.travel.block(points, points),
        first_date=scene.before.first_date,
        last_date=scene.before.last_date,
        mode=scene.before.mode,
    )


def _judged(scene: Scene, plan: VisitPlan, happening: Happening) -> "tuple[Violation, ...]":
    from territory.checks import VisitFacts, check_replan, check_visits

    calendar = scene.calendar
    places = dict.fromkeys(
        [
            *((need.lon, need.lat) for need in calendar.needs),
            *(place for s in calendar.shifts for place in (s.start_lonlat, s.end_lonlat)),
            *(route.resume.lonlat for route in plan.routes if route.resume is not None),
        ]
    )
    points = np.array(list(places), dtype=np.float64).reshape(-1, 2)
    facts = VisitFacts(
        needs=calendar.needs,
        shifts=calendar.shifts,
        points=points,
        travel=scene.travel.block(points, points),
        mode=scene.market.settings.mode,
        unplannable=calendar.unserved,
    )
    return (*check_visits(plan, facts), *check_replan(scene.before, plan, happening))
