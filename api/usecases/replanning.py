"""Replanning a running plan: the past stays, the rest is mended with few changes, and judged."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, cast

from api.replan_schemas import OfferRequest, ReplanRequest, replans_of
from api.usecases.covering import covered, nearest_executives
from api.usecases.listing import plan_id_of
from api.usecases.scene import Scene, extra_need, happening_of, scene_of, with_handed
from api.usecases.unfinished import Unfinished, unfinished
from api.usecases.workspace import TOOL_VERSION, Workspace
from territory.costs import with_costs
from territory.errors import CheckFailed, InputError
from territory.living import Happening, changes_between, with_totals
from territory.plans import Json, Provenance
from territory.routes import Route, Unserved, VisitPlan
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
    happening = happening_of(scene, replans[-1])
    plan = cast(VisitPlan, stored.plan)
    if happening.is_covered:  # whether each was rightly handed over is judged with the rest
        handed = {v.visit_id: v.executive_id for v in plan.changes if v.kind == "covered"}
        scene = with_handed(scene, handed)
    return _judged(scene, plan, happening)


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
    happening = happening_of(scene, asked)
    needs = _candidates(scene, request)
    left = unfinished(
        scene.before,
        replace(scene.calendar, needs=(*scene.calendar.needs, *needs)),
        happening,
        {need.executive_id for need in needs},
        handed=scene.handed,
    )
    problem = _problem(scene, left)
    started = time.perf_counter()
    found = offer_slots(problem, left.planned, _OFFERED, count=request.count, away=left.away)
    return Offered(offers=found, kernel_milliseconds=1000 * (time.perf_counter() - started))


_OFFERED = "offered"
MOST_OFFERED = 20
"""So many executives are asked for one more visit that anybody may make: the nearest ones."""


def _candidates(scene: Scene, request: OfferRequest) -> list[VisitNeed]:
    """The visit once for each executive who is asked."""
    from territory.calendar.extra import account_named

    account = account_named(scene.market, request.visit.account)
    able = {
        shift.executive_id
        for shift in scene.calendar.shifts
        if not account.required_skill or account.required_skill in shift.skills
    }
    first = request.now.date()
    own = extra_need(scene, request.visit, _OFFERED, first)
    if not request.any_executive:
        return [own]
    others = able - {own.executive_id}
    coming = [route for route in scene.before.routes if route.date >= first]
    near = nearest_executives(own, others, scene.calendar.shifts, coming, most=MOST_OFFERED)
    return [
        replace(
            extra_need(scene, request.visit.model_copy(update={"executive": who}), _OFFERED, first),
            visit_id=_OFFERED if who == own.executive_id else f"{_OFFERED}\t{who}",
        )
        for who in sorted({own.executive_id, *near})
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
    happening = happening_of(scene, request)
    scene, planned = _with_cover(scene, happening, request.cover_minutes)
    affected = _affected(scene, happening) | {who for who, _ in planned}
    left = unfinished(scene.before, scene.calendar, happening, affected, handed=scene.handed)
    problem = _problem(scene, left)
    started = time.perf_counter()
    rest = mend(problem, {**left.planned, **planned}, away=left.away)
    milliseconds = 1000 * (time.perf_counter() - started)
    home = scene.travel.block(left.places, left.homes) if len(left.places) else None
    made = _joined(scene, left, rest, happening, left.heads(rest, home))
    found = _judged(scene, made, happening)
    if found:
        raise CheckFailed("The judge does not agree with this replan; it was not saved.", found)
    return made, milliseconds


def _with_cover(
    scene: Scene, happening: Happening, minutes: float
) -> tuple[Scene, Mapping[tuple[str, date], tuple[str, ...]]]:
    """Visits of those who are ill handed to colleagues, with the colleagues' days, if asked for."""
    if not (happening.is_covered and happening.ill):
        return scene, {}
    found = covered(
        scene.before,
        scene.calendar,
        happening,
        affected=_affected(scene, happening),
        handed=scene.handed,
        minutes=minutes,
        problem_of=lambda left: _problem(scene, left),
    )
    return with_handed(scene, found.executive_of), found.planned


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
    if scene.prices is not None:
        made = with_costs(made, scene.calendar.needs, scene.calendar.shifts, scene.prices)
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
        prices=scene.prices,
    )


def _judged(scene: Scene, plan: VisitPlan, happening: Happening) -> "tuple[Violation, ...]":
    from api.usecases.judging import visit_facts
    from territory.checks import check_replan, check_visits

    facts = visit_facts(scene.market, plan, scene.calendar, scene.travel, prices=scene.prices)
    return (*check_visits(plan, facts), *check_replan(scene.before, plan, happening))
