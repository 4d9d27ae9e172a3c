"""The weekly report as a job."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from api.schemas import ReportRequest
from api.usecases.judging import judge_report
from api.usecases.owners import owners_of_accounts
from api.usecases.run import Computed
from api.usecases.workspace import Workspace
from optimizer.run import Progress, Report, Stop
from territory.errors import InputError, NotFound
from territory.market import Market
from territory.plans import WorkDone
from territory.routes import VisitPlan

if TYPE_CHECKING:
    from data.store import StoredPlan

HISTORY_DAYS = 800
"""How far back and ahead of the week public holidays matter: two years of sales, some weeks."""


def report(
    workspace: Workspace,
    market: Market,
    request: ReportRequest,
    stop: Stop,
    progress: Progress[Any],
) -> Computed:
    """One week of the market: figures per jurisdiction, the lists behind them, what to do next."""
    from territory.report import weekly

    day = request.week_of or last_full_week(market.settings.today)
    progress(Report(message=f"week of {day:%Y-%m-%d}", fraction=0.2))
    visits = visit_plan_of(workspace, market, day, request.visit_plan)
    units = units_of_accounts(market)
    progress(Report(message="figures", fraction=0.5))
    plan = weekly(
        market,
        week_of=day,
        owner_of_account=owners_of_accounts(workspace, market),
        visit_plan=None if visits is None else visits.plan,  # type: ignore[arg-type]
        unit_of_account=units,
        holidays=tuple(holidays_round(market, day)),
    )
    told = request.model_copy(
        update={"week_of": day, "visit_plan": "" if visits is None else visits.plan_id}
    )
    return Computed(
        plan=plan,
        violations=judge_report(workspace, market, plan, told),
        work=WorkDone(wall_seconds=stop.elapsed_seconds),
        request=told,
        parents=() if visits is None else (visits.plan_id,),
    )


def last_full_week(today: date) -> date:
    """The Monday of the last ISO week that is over on this day."""
    return today - timedelta(days=today.weekday() + 7)


def visit_plan_of(
    workspace: Workspace, market: Market, day: date, wanted: str | None
) -> "StoredPlan | None":
    """The visit plan of a week: the one named, else the newest with a route in it; "" for none.

    Raises
    ------
    NotFound
        If the plan named is no visit plan of this market.
    """
    if wanted == "":
        return None
    if wanted is not None:
        stored = workspace.store.load_plan(wanted)
        if not isinstance(stored.plan, VisitPlan) or stored.market != market.name:
            raise NotFound(f"Plan {wanted} is no visit plan of {market.name!r}.")
        return stored
    first = day - timedelta(days=day.weekday())
    last = first + timedelta(days=6)
    for stored in workspace.store.list_plans(market.name, "visits"):
        plan = stored.plan
        if isinstance(plan, VisitPlan) and any(first <= r.date <= last for r in plan.routes):
            return stored
    return None


def units_of_accounts(market: Market) -> Mapping[str, str]:
    """The unit each account lies in; nothing where the market has no units to be made."""
    from territory.units import build_units, locate

    accounts = market.table("accounts")
    if accounts.empty:
        return {}
    try:
        units = build_units(market)
    except InputError:
        return {}  # a market without places has a week all the same
    places = locate(units, accounts[["lon", "lat"]].to_numpy(dtype=np.float64))
    return {
        str(account): units.ids[place]
        for account, place in zip(accounts["account_id"], places, strict=True)
        if place >= 0
    }


def holidays_round(market: Market, day: date) -> Mapping[date, str]:
    """Public holidays from two years before a day, for history, to the week that is planned."""
    from territory.calendar.shifts import public_holidays

    last = max(day, market.settings.today) + timedelta(days=60)
    first = day - timedelta(days=HISTORY_DAYS)
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return public_holidays(market.settings.country, days)
