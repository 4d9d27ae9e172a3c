"""How many executives a market needs: three methods side by side, on the latest score."""

from dataclasses import dataclass
from datetime import timedelta

from api.usecases.workspace import Workspace
from territory.errors import NotFound
from territory.market import Market
from territory.scores import ScorePlan
from territory.sizing import (
    CARRYOVER_SHARE,
    TeamSize,
    agreement,
    sales_by_team_size,
    size_by_increment,
    size_by_potential,
    size_by_workload,
)

YEAR_DAYS = 364
SELLING_SHARE = 0.85
"""Share of the working day left for accounts and the road after office work."""

USUAL_HOURS = 1_600.0
"""Selling hours a year of an executive where the market names none."""

MARGIN_SHARE = 0.25
COST_PER_EXECUTIVE = 80_000.0
LARGEST_FACTOR = 4
"""Teams up to this many times the largest answer of the other methods are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSizing:
    """Three answers, what stands behind them, and what to make of them."""

    sizes: tuple[TeamSize, ...]
    today: int
    selling_hours_per_executive: float
    verdict: str
    plan_id: str


def size_team(
    workspace: Workspace,
    market_name: str,
    *,
    margin_share: float = MARGIN_SHARE,
    cost_per_executive: float = COST_PER_EXECUTIVE,
    turnover_rate: float = 0.0,
    carryover_share: float = CARRYOVER_SHARE,
) -> TeamSizing:
    """Executives needed by workload, by sales potential and by increment.

    Raises
    ------
    NotFound
        If the market has no score yet.
    InputError
        If a figure is out of its range.
    """
    market = workspace.store.market(market_name)
    stored = workspace.store.latest_plan(market_name, "score")
    if stored is None or not isinstance(stored.plan, ScorePlan):
        raise NotFound(
            f"Market {market_name!r} has no score plan yet.",
            fix=f"Run `fieldwright score {market_name}` first.",
        )
    plan = stored.plan
    today, hours = _team(market)
    by_workload = size_by_workload(
        plan.table.numbers("workload_hours"), selling_hours_per_executive=hours
    )
    aimed, each = _sales(plan, today or max(by_workload.executives, 1))
    by_potential = size_by_potential(aimed, sales_per_executive=each, turnover_rate=turnover_rate)
    largest = LARGEST_FACTOR * max(by_workload.executives, by_potential.executives, 1)
    by_increment = size_by_increment(
        sales_by_team_size(
            plan,
            selling_hours_per_executive=hours,
            largest=largest,
            carryover_share=carryover_share,
        ),
        margin_share=margin_share,
        cost_per_executive=cost_per_executive,
    )
    sizes = (by_workload, by_potential, by_increment)
    return TeamSizing(
        sizes=sizes,
        today=today,
        selling_hours_per_executive=hours,
        verdict=agreement(sizes, today),
        plan_id=stored.plan_id,
    )


def _team(market: Market) -> tuple[int, float]:
    """Executives of today, and the hours a year each of them has for accounts and the road."""
    from territory.calendar.rows import read_executives
    from territory.calendar.shifts import make_shifts, public_holidays

    executives = read_executives(market)
    if not executives:
        return 0, USUAL_HOURS
    first = market.settings.today
    days = tuple(first + timedelta(days=step) for step in range(YEAR_DAYS))
    shifts = make_shifts(market, executives, days, public_holidays(market.settings.country, days))
    seconds = sum(
        shift.end_seconds - shift.start_seconds - (shift.lunch.seconds if shift.lunch else 0)
        for shift in shifts
    )
    return len(executives), SELLING_SHARE * seconds / 3600 / len(executives)


def _sales(plan: ScorePlan, team: int) -> tuple[float, float]:
    """Sales aimed at (the target; without one what is captured and the gap), and of one today.

    Where nothing is sold yet, one executive is taken to bring an equal part of what is aimed at.
    """
    totals = plan.totals
    aimed = totals.get("target", 0.0) or totals["captured"] + totals["gap"]
    each = totals["captured"] / team if totals["captured"] > 0 else aimed / team
    return aimed, max(each, 1e-9)
