"""Reports of the small market, each judged against the rows it was made from."""

from collections.abc import Collection, Mapping
from datetime import date

from territory.checks import Violation
from territory.checks.report import ReportFacts, check_report, facts_of
from territory.market import Market
from territory.report import weekly
from territory.routes import VisitPlan
from territory.weekly import WeeklyReport
from tests.territory.weeks import OWNERS, day


def facts(
    market: Market,
    *,
    of: date = day(11),
    owners: Mapping[str, str] = OWNERS,
    plan: VisitPlan | None = None,
    holidays: Collection[date] = (),
    units: Mapping[str, str] | None = None,
) -> ReportFacts:
    """What the judge is given of a market."""
    routes = plan.routes if plan is not None else ()
    return facts_of(
        market.tables,
        week_of=of,
        today=market.settings.today,
        currency=market.settings.currency,
        owner_of_account=owners,
        unit_of_account=units,
        holidays=frozenset(holidays),
        stops=tuple((r.executive_id, r.date, stop.account_id) for r in routes for stop in r.stops),
    )


def judged(
    told: WeeklyReport,
    market: Market,
    *,
    of: date = day(11),
    owners: Mapping[str, str] = OWNERS,
) -> tuple[Violation, ...]:
    """What the judge says of a report on a market."""
    return check_report(told, facts(market, of=of, owners=owners))


def report(
    market: Market,
    *,
    plan: VisitPlan | None = None,
    of: date = day(11),
    owners: Mapping[str, str] = OWNERS,
    holidays: Collection[date] = (),
    units: Mapping[str, str] | None = None,
) -> WeeklyReport:
    """The week's report; the judge, who counts on its own, agrees with every figure."""
    told = weekly(
        market,
        week_of=of,
        owner_of_account=owners,
        visit_plan=plan,
        unit_of_account=units,
        holidays=holidays,
    )
    known = facts(market, of=of, owners=owners, plan=plan, holidays=holidays, units=units)
    assert [str(one) for one in check_report(told, known)] == []
    return told


def row(told: WeeklyReport, executive: str) -> Mapping[str, object]:
    """The figures of one executive."""
    place = told.jurisdictions.texts("executive_id").index(executive)
    return {name: values[place] for name, values in told.jurisdictions.columns.items()}


def figures(told: WeeklyReport, name: str) -> tuple[object, ...]:
    """One column: Ann, Bo, all."""
    return told.jurisdictions.columns[name]


def listed(told: WeeklyReport, name: str) -> list[dict[str, object]]:
    """The rows of a list."""
    table = told.sections[name]
    return [
        dict(zip(table.columns, values, strict=True))
        for values in zip(*table.columns.values(), strict=True)
    ]
