"""The week's figures: a row per executive, one for what is nobody's, and all together."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from territory.plans import Table
from territory.report.forecast import ALL, Sales, outlook
from territory.report.money import Targets, targets_of
from territory.report.sales import month_of
from territory.report.service import FIGURES, Service, by_scope, changes
from territory.report.week import Week, rows_as_table

SEEN_DAYS = 28
"""Coverage: the share of accounts seen within so many days up to the week's end."""

COLUMNS = (
    *("executive_id", "name", "accounts", "orders", "ordered", "delivered", "satisfied"),
    *("satisfaction_percent", "low_percent", "high_percent", "satisfaction_before_percent"),
    *("satisfaction_change", "satisfaction_trend", "lines", "lines_satisfied"),
    *("satisfaction_lines_percent", "satisfied_orders", "satisfaction_orders_percent"),
    *("delivered_percent", "target", "target_of", "actual", "gap", "month_target"),
    *("month_actual", "forecast", "forecast_low", "forecast_high", "forecast_gap"),
    *("visits_planned", "visits_done", "visits_missed", "compliance_percent"),
    *("coverage_percent", "frequency_percent", "tasks_overdue", "answers_due"),
    *("agreements_due", "policies_not_in_order", "prices_below_floor", "profits_outside_band"),
    *("competitor_observations", "promoters", "promoter_planned_hours"),
    *("promoter_present_hours", "promoter_sales"),
)
COUNTED = {
    "tasks_overdue": "overdue_tasks",
    "answers_due": "answers_due",
    "agreements_due": "agreements_due",
    "prices_below_floor": "prices_below_floor",
    "profits_outside_band": "profits_outside_band",
    "competitor_observations": "competitor_observations",
    "promoters": "promoters",
}
"""Columns that count the rows of a list."""
SUMMED = {
    "promoter_planned_hours": "planned_hours",
    "promoter_present_hours": "present_hours",
    "promoter_sales": "sales",
}
"""Columns that sum a column of the list of promoters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """All that the rows are made from, by executive."""

    week: Week
    sales: Sales
    targets: Targets
    month_targets: Targets
    bills: Mapping[str, Mapping[str, Any]]
    changes: Mapping[str, Mapping[str, Any]]
    accounts: Counter[str]
    seen: Counter[str]
    planned: pd.DataFrame
    sections: Mapping[str, Table]


def jurisdictions(
    week: Week,
    served: Service,
    targets: Targets,
    sales: Sales,
    planned: pd.DataFrame,
    sections: Mapping[str, Table],
) -> Table:
    """A row per executive of the market in its order, strays after them, the last one "all"."""
    desk = _Desk(
        week=week,
        sales=sales,
        targets=targets,
        month_targets=targets_of(week, *month_of(week.last_day)),
        bills=by_scope(served.this_week),
        changes=changes(served),
        accounts=Counter(week.owners(week.market.table("accounts")["account_id"])),
        seen=_seen_accounts(week),
        planned=planned,
        sections=sections,
    )
    executives = week.market.table("executives")
    names = dict(zip(executives["executive_id"], executives["name"], strict=True))
    ids = [*names, *sorted(_strays(desk, set(names)))]
    rows = [_row(desk, one, names.get(one) or one or "(nobody)") for one in ids]
    return rows_as_table([*rows, _row(desk, ALL, "All")], COLUMNS)


def _strays(desk: _Desk, known: set[str]) -> set[str]:
    """Who is no executive of the market and has figures all the same."""
    found = {*desk.accounts, *desk.bills, *desk.targets.used, *desk.planned["executive_id"]}
    week = desk.week
    found |= {
        one
        for one in desk.sales.by_day
        if desk.sales.between(one, *month_of(week.last_day))
        or desk.sales.between(one, week.first_date, week.last_date)
    }
    for name in COUNTED.values():
        found |= set(desk.sections[name].texts("executive_id"))
    return found - {ALL} - known


def _row(desk: _Desk, one: str, name: str) -> dict[str, Any]:
    accounts = _count(desk.accounts, one)
    return {
        "executive_id": one,
        "name": name,
        "accounts": accounts,
        **_orders(desk, one),
        **_money(desk, one),
        **_visits(desk, one),
        "coverage_percent": 100 * _count(desk.seen, one) / accounts if accounts else None,
        "frequency_percent": _frequency(desk.sections["frequency"], one),
        **_lists(desk.sections, one),
    }


def _count(counted: Counter[str], one: str) -> int:
    return sum(counted.values()) if one == ALL else counted[one]


def _orders(desk: _Desk, one: str) -> dict[str, Any]:
    bill, change = desk.bills.get(one, {}), desk.changes.get(one, {})
    percents = [name for name in FIGURES if name.endswith("percent")]
    return {
        **{name: int(bill.get(name, 0)) for name in ("orders", "lines")},
        **{name: int(bill.get(name, 0)) for name in ("lines_satisfied", "satisfied_orders")},
        **{name: float(bill.get(name, 0.0)) for name in ("ordered", "delivered", "satisfied")},
        **{name: bill.get(name) for name in percents},
        "satisfaction_before_percent": change.get("satisfaction_before_percent"),
        "satisfaction_change": change.get("satisfaction_change"),
        "satisfaction_trend": change.get("satisfaction_trend", ""),
    }


def _money(desk: _Desk, one: str) -> dict[str, Any]:
    week = desk.week
    first, last = month_of(week.last_day)
    is_all = one == ALL
    target = desk.targets.market if is_all else desk.targets.used.get(one)
    month = desk.month_targets.market if is_all else desk.month_targets.used.get(one)
    level = desk.targets.level.get(one, "")
    if is_all and target is not None:
        level = "market" if desk.targets.is_own else "sum"
    actual = desk.sales.between(one, week.first_date, week.last_date)
    told = outlook(desk.sales, one, first, last, made_on=week.cutoff)
    is_told = month is not None and told.amount is not None
    return {
        "target": target,
        "target_of": level,
        "actual": actual,
        "gap": None if target is None else target - actual,
        "month_target": month,
        "month_actual": desk.sales.between(one, first, week.last_day),
        "forecast": told.amount,
        "forecast_low": told.low,
        "forecast_high": told.high,
        "forecast_gap": month - told.amount if is_told else None,  # type: ignore[operator]
    }


def _visits(desk: _Desk, one: str) -> dict[str, Any]:
    mine = desk.planned if one == ALL else desk.planned[desk.planned["executive_id"] == one]
    wanted, made = len(mine), int(mine["is_done"].astype(bool).sum())
    return {
        "visits_planned": wanted,
        "visits_done": made,
        "visits_missed": int(mine["is_missed"].astype(bool).sum()),
        "compliance_percent": 100 * made / wanted if wanted else None,
    }


def _frequency(table: Table, one: str) -> float | None:
    for who, tier, share in zip(
        table.texts("executive_id"),
        table.texts("tier"),
        table.numbers("frequency_percent"),
        strict=True,
    ):
        if who == one and tier == ALL:
            return share
    return None


def _lists(sections: Mapping[str, Table], one: str) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for column, name in COUNTED.items():
        owners = sections[name].texts("executive_id")
        cells[column] = len(owners) if one == ALL else owners.count(one)
    policies = sections["policies_due"]
    cells["policies_not_in_order"] = sum(
        bool(problem) and one in (ALL, who)
        for who, problem in zip(
            policies.texts("executive_id"), policies.texts("problem"), strict=True
        )
    )
    promoters = sections["promoters"]
    for column, name in SUMMED.items():
        told = [
            value
            for who, value in zip(
                promoters.texts("executive_id"), promoters.columns[name], strict=True
            )
            if one in (ALL, who) and isinstance(value, int | float)
        ]
        cells[column] = float(sum(told)) if told else None
    return cells


def _seen_accounts(week: Week) -> Counter[str]:
    """Accounts of each executive seen within 28 days up to the week's end."""
    last = week.last_day
    since = week.last_date - timedelta(days=SEEN_DAYS - 1)
    visits = week.market.table("visits")
    done = visits[(visits["status"] == "done").to_numpy(dtype=bool)]
    seen = {
        account
        for account, day in zip(done["account_id"], done["date"], strict=True)
        if since <= day <= last
    }
    accounts = week.market.table("accounts")
    return Counter(
        week.owner(str(account))
        for account, day in zip(accounts["account_id"], accounts["last_visit"], strict=True)
        if account in seen or (day is not None and since <= day <= last)
    )
