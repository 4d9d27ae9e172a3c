"""The weekly report as a job."""

from datetime import date, timedelta
from typing import Any

from api.schemas import ReportRequest
from api.usecases.judging import judge_report
from api.usecases.owners import owners_of_accounts
from api.usecases.run import Computed
from api.usecases.workspace import Workspace
from optimizer.run import Progress, Report, Stop
from territory.market import Market
from territory.plans import WorkDone


def report(
    workspace: Workspace,
    market: Market,
    request: ReportRequest,
    stop: Stop,
    progress: Progress[Any],
) -> Computed:
    """One week of the market: figures per jurisdiction and the lists behind them."""
    from territory.report import weekly

    day = request.week_of or last_full_week(market.settings.today)
    progress(Report(message=f"week of {day:%Y-%m-%d}", fraction=0.2))
    plan = weekly(
        market, week_of=day, owner_of_account=owners_of_accounts(workspace, market), visit_plan=None
    )
    return Computed(
        plan=plan,
        violations=judge_report(plan),
        work=WorkDone(wall_seconds=stop.elapsed_seconds),
        request=request.model_copy(update={"week_of": day}),
    )


def last_full_week(today: date) -> date:
    """The Monday of the last ISO week that is over on this day."""
    return today - timedelta(days=today.weekday() + 7)
