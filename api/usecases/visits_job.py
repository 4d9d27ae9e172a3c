"""Visits as a job: who is due when, then weeks of routes on road times."""

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from api.schemas import VisitsRequest
from api.usecases.judging import judge_visits
from api.usecases.owners import owners_of_accounts
from api.usecases.run import Computed
from api.usecases.unreachable import with_reasons
from api.usecases.workspace import Workspace
from optimizer.run import Progress, Report, Stop
from territory.calendar import Calendar
from territory.errors import Fault, InputError
from territory.market import Market
from territory.prices import PRICE_NAMES, VisitPrices
from territory.routes import VisitPlan

if TYPE_CHECKING:
    from optimizer.visits import VisitParams

MANY_VISITS = 20_000
"""More are planned by half of the turns, and by OR-Tools and the other half where some stay out."""


def visits(
    workspace: Workspace,
    market: Market,
    request: VisitsRequest,
    stop: Stop,
    progress: Progress[Any],
) -> Computed:
    """Routes of some weeks; what did not fit comes back with its reason."""
    from api.cluster import visit_spread
    from optimizer.visits import make_problems, solve

    request = _filled_in(workspace, market, request)
    progress(Report(message="see who is due when", fraction=0.02))
    calendar = calendar_of(workspace, market, request)
    travel = workspace.travel(market.name, market.settings.mode)
    progress(Report(message="measure the roads between accounts", fraction=0.05))
    first, last = _horizon(request)
    problems = make_problems(
        calendar.needs,
        calendar.shifts,
        block=lambda points: travel.block(points, points),
        first_date=first,
        last_date=last,
        mode=market.settings.mode,
        unserved=calendar.unserved,
        prices=request.visit_prices(),
    )
    params = params_for(len(calendar.needs), seed=request.seed)
    with visit_spread(workspace.settings.dask) as spread:
        result = solve(tuple(problems), params=params, stop=stop, progress=progress, spread=spread)
    plan = with_reasons(result.plan, calendar.needs, calendar.shifts, travel)
    plan = replace(plan, notes=(*plan.notes, *calendar.notes))
    progress(Report(message="let the judge look", fraction=0.98, best=plan))
    return Computed(
        plan=plan,
        violations=judge_visits(workspace, market, plan, request, calendar=calendar),
        work=result.work,
        request=request,
        parents=tuple(filter(None, (request.alignment_plan, request.published_plan))),
    )


def params_for(visits: int, *, seed: int) -> "VisitParams":
    """How so many visits are searched: many without OR-Tools where all find their place."""
    from optimizer.visits import VisitParams

    if visits <= MANY_VISITS:
        return VisitParams(seed=seed)
    usual = VisitParams().iterations_per_visit
    return VisitParams(seed=seed, engine="ruin-first", iterations_per_visit=2 * usual)


def calendar_of(workspace: Workspace, market: Market, request: VisitsRequest) -> Calendar:
    """Needs and shifts of a filled-in request, from the market's tables."""
    from territory.calendar import visit_needs

    first, _ = _horizon(request)
    owners = owners_of_accounts(workspace, market, alignment_plan=request.alignment_plan)
    calendar = visit_needs(market, first_date=first, weeks=request.weeks, owner_of_account=owners)
    calendar = _as_told(workspace, calendar, request.published_plan)
    if not request.executives:
        return calendar
    _refuse_unknown(market, request.executives)
    wanted = set(request.executives)
    return Calendar(
        needs=tuple(need for need in calendar.needs if need.executive_id in wanted),
        shifts=tuple(shift for shift in calendar.shifts if shift.executive_id in wanted),
        unserved=tuple(item for item in calendar.unserved if item.executive_id in wanted),
        notes=calendar.notes,
    )


def _as_told(workspace: Workspace, calendar: Calendar, published_plan: str | None) -> Calendar:
    """The calendar whose needs know the dates that a published plan has told."""
    from api.usecases.listing import plan_id_of
    from territory.calendar.published import with_published

    if published_plan is None:
        return calendar
    stored = workspace.store.load_plan(plan_id_of(workspace, published_plan))
    if not isinstance(stored.plan, VisitPlan):
        raise InputError(f"Plan {stored.plan_id} is no visit plan, so no dates were told by it.")
    return replace(calendar, needs=with_published(calendar.needs, stored.plan))


def _prices(workspace: Workspace, request: VisitsRequest) -> dict[str, float]:
    """Every price by its name, those not asked for as set for all plans, else the default."""
    named: dict[str, Any] = workspace.settings.usual_visit_prices | dict(request.prices)
    prices = VisitPrices(**named)
    return {name: getattr(prices, name) for name in PRICE_NAMES}


def _filled_in(workspace: Workspace, market: Market, request: VisitsRequest) -> VisitsRequest:
    """The request with its defaults made explicit, so that a rerun asks for the same."""
    from api.usecases.listing import plan_id_of

    first = request.first_date or _next_monday(market.settings.today)
    plan, told = request.alignment_plan, request.published_plan
    return request.model_copy(
        update={
            "first_date": first,
            "alignment_plan": None if plan is None else plan_id_of(workspace, plan),
            "prices": _prices(workspace, request),
            "published_plan": None if told is None else plan_id_of(workspace, told),
        }
    )


def _horizon(request: VisitsRequest) -> tuple[date, date]:
    if request.first_date is None:
        raise ValueError("the request must be filled in first")
    return request.first_date, request.first_date + timedelta(days=7 * request.weeks - 1)


def _next_monday(today: date) -> date:
    """The day itself if it is a Monday, else the Monday after."""
    return today + timedelta(days=-today.weekday() % 7)


def _refuse_unknown(market: Market, executives: tuple[str, ...]) -> None:
    known = set(market.table("executives")["executive_id"].astype(str))
    faults = [
        Fault(column="executives", value=name, expected="an executive of this market")
        for name in executives
        if name not in known
    ]
    if faults:
        raise InputError("The request names executives that do not exist.", faults)
