"""The weekly report as a value: figures per jurisdiction and the lists behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from territory.plans import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyReport:
    """One ISO week.

    ``jurisdictions`` has a row per executive (and a last row "all"); its columns are those of
    ``territory.report.jurisdictions.COLUMNS``. ``sections`` are tables keyed by a stable name:
    next_week (three things to do per scope, "all" first, with money at stake), next_week_visits
    (the visits they ask for), overdue_tasks, answers_due, dissatisfied_accounts,
    satisfaction_causes, satisfaction_trend, satisfaction_by_account, satisfaction_by_unit,
    sales_trend, missed_visits, frequency, below_frequency, competitors, competitor_observations,
    prices_below_floor, profits_outside_band, agreements_due, quota_progress, policies_due,
    promoters, target_conflicts, left_out (rows in no figure, with the reason). A report made by an
    earlier version has fewer.
    ``headlines`` are sentences with numbers.
    """

    first_date: date
    last_date: date
    jurisdictions: Table
    sections: Mapping[str, Table]
    headlines: tuple[str, ...]
    notes: tuple[str, ...] = ()
