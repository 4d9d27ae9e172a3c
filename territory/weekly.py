"""The weekly report as a value: figures per jurisdiction and the lists behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from territory.plans import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyReport:
    """One ISO week.

    ``jurisdictions`` has a row per executive (and a last row "all"): executive_id, name, accounts,
    orders, ordered, delivered, satisfaction_percent, satisfaction_lines_percent, target, actual,
    gap, visits_planned, visits_done, compliance_percent, coverage_percent, tasks_overdue,
    agreements_due, prices_below_floor, competitor_observations, promoters.
    ``sections`` are lists keyed by a stable name: overdue_tasks, prices_below_floor,
    competitor_observations, agreements_due, policies_due, dissatisfied_accounts, missed_visits,
    promoters.
    ``headlines`` are sentences with numbers.
    """

    first_date: date
    last_date: date
    jurisdictions: Table
    sections: Mapping[str, Table]
    headlines: tuple[str, ...]
    notes: tuple[str, ...] = ()
