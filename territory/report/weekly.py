"""One week of a market as a report: figures per jurisdiction, lists, things to do, notes."""

from collections.abc import Collection, Mapping
from datetime import date

from territory.market import Market
from territory.plans import Table
from territory.report import (
    contracts,
    forecast,
    frequency,
    issues,
    prices,
    promoters,
    rivals,
    service,
    visiting,
)
from territory.report.headlines import headlines
from territory.report.jurisdictions import jurisdictions
from territory.report.left_out import without_uncountable
from territory.report.money import target_conflicts, targets_of
from territory.report.next_week import next_week
from territory.report.notes import notes
from territory.report.sales import sales_trend
from territory.report.week import make_week
from territory.routes import VisitPlan
from territory.weekly import WeeklyReport


def weekly(
    market: Market,
    *,
    week_of: date,
    owner_of_account: Mapping[str, str],
    visit_plan: VisitPlan | None,
    unit_of_account: Mapping[str, str] | None = None,
    holidays: Collection[date] = (),
) -> WeeklyReport:
    """The report of the ISO week that holds ``week_of``.

    - Order satisfaction: of the orders due on days of the week that are over (promised for them,
      or ordered seven days before where nothing was promised), the part that came in full and on
      time, by amount and by line, with an 80 % interval. It is compared with the eight weeks
      before, and called changed only where the difference is beyond chance (95 %).
    - Target: every target prorated by the days it shares with the week; see ``money.targets_of``
      for which counts. Actual: what was delivered. Gap = target - actual. Forecast: of the month
      that the last day judged lies in; see ``forecast`` for the method.
    - Visits: those of the visit plan for the executives it has routes for, of the visits table for
      the others. Coverage: accounts seen in 28 days. Frequency: seen as often as their tier asks.
    - Orders and targets that cannot be counted are in ``left_out`` and in no figure.
    - A week that is not over is judged as far as it went.

    ``unit_of_account`` gives the unit of each account for satisfaction per unit; ``holidays`` are
    the market's public holidays. Percentages are None where there is nothing to divide by. What
    belongs to no executive has a row of its own, named "(nobody)", only if there is such a thing.
    """
    counted, left_out = without_uncountable(market)
    week = make_week(counted, week_of, owner_of_account, holidays)
    served = service.service_of(week, unit_of_account or {})
    targets = targets_of(week, week.first_date, week.last_date)
    sales = forecast.daily_sales(week)
    planned = visiting.planned_visits(week, visit_plan)
    rhythms = frequency.rhythms(week)
    own = tuple(prices.own_prices(week))
    sections: dict[str, Table] = {
        "overdue_tasks": issues.overdue_tasks(week),
        "answers_due": issues.answers_due(week),
        "dissatisfied_accounts": service.dissatisfied_accounts(served),
        "satisfaction_causes": service.explained(served),
        "satisfaction_trend": service.trend(served),
        "satisfaction_by_account": service.by_account(served),
        "satisfaction_by_unit": service.by_unit(served),
        "sales_trend": sales_trend(week, sales),
        "missed_visits": visiting.missed_visits(week, planned),
        "frequency": frequency.compliance(rhythms),
        "below_frequency": frequency.below(week, rhythms),
        "competitors": rivals.competitors(week),
        "competitor_observations": rivals.competitor_observations(week),
        "prices_below_floor": prices.prices_below_floor(week, own),
        "profits_outside_band": prices.profits_outside_band(week, own),
        "agreements_due": contracts.agreements_due(week),
        "quota_progress": contracts.quota_progress(week),
        "policies_due": contracts.policies_due(week),
        "promoters": promoters.promoters(week),
        "target_conflicts": target_conflicts(week, targets),
        "left_out": left_out,
    }
    names = {
        str(one): str(name)
        for one, name in zip(
            counted.table("executives")["executive_id"],
            counted.table("executives")["name"],
            strict=True,
        )
    }
    actions, visits = next_week(week, sections, names)
    sections = {"next_week": actions, "next_week_visits": visits, **sections}
    table = jurisdictions(week, served, targets, sales, planned, sections)
    return WeeklyReport(
        first_date=week.first_date,
        last_date=week.last_date,
        jurisdictions=table,
        sections=sections,
        headlines=headlines(week, table, sections),
        notes=notes(week, served, targets, table, sections),
    )
