"""Order satisfaction of the week: per jurisdiction, its trend, its causes, accounts and units."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from territory.fulfilment import (
    FEW_ORDERS,
    OTHERS,
    causes,
    order_facts,
    rate_of,
    rows_where,
    satisfaction,
    verdict,
)
from territory.plans import Table
from territory.report.week import Week, rows_as_table

ALL = "all"
TREND_WEEKS = 13
"""Weeks shown, this one included; accounts and units are judged over them."""
BASE_WEEKS = 8
"""The weeks before this one that it is compared with, taken together."""
CAUSES_OF_ALL = 10
CAUSES_OF_ONE = 3

FIGURES = (
    *("orders", "ordered", "delivered", "satisfied", "late", "lines", "lines_in_full"),
    *("lines_satisfied", "satisfied_orders", "satisfaction_percent", "low_percent"),
    *("high_percent", "satisfaction_lines_percent", "satisfaction_orders_percent"),
    "delivered_percent",
)
COUNTS = frozenset({"orders", "lines", "lines_in_full", "lines_satisfied", "satisfied_orders"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Orders that were due in the 13 weeks up to the last day judged, with executive and week."""

    week: Week
    facts: pd.DataFrame
    open_not_due: int
    due_assumed: int

    def due(self, first: date, last: date) -> pd.DataFrame:
        """The orders due within two days, both counted."""
        return rows_where(self.facts, (first <= day <= last for day in self.facts["due"]))

    @property
    def this_week(self) -> pd.DataFrame:
        """The orders due on the days of the week that are judged."""
        return self.due(self.week.first_date, self.week.last_day)

    @property
    def before(self) -> pd.DataFrame:
        """The orders due in the eight weeks before."""
        first = self.week.first_date
        return self.due(first - timedelta(weeks=BASE_WEEKS), first - timedelta(days=1))


def service_of(week: Week, unit_of_account: Mapping[str, str]) -> Service:
    """The orders of the week and of the twelve before it; none that is not due yet."""
    facts = order_facts(week.market, as_of=week.last_day)
    since = week.first_date - timedelta(weeks=TREND_WEEKS - 1)
    not_due = rows_where(facts, (day > week.last_day for day in facts["due"]))
    due = rows_where(facts, (since <= day <= week.last_day for day in facts["due"]))
    promised = dict(
        zip(
            week.market.table("orders")["order_id"],
            week.market.table("orders")["promised_on"],
            strict=True,
        )
    )
    in_week = rows_where(due, (week.holds(day) for day in due["due"]))
    return Service(
        week=week,
        facts=due.assign(
            executive_id=week.owners(due["account_id"]),
            unit_id=[unit_of_account.get(str(one), "") for one in due["account_id"]],
            all=ALL,
        ),
        open_not_due=int((not_due["delivered"] < not_due["ordered"]).sum()),
        due_assumed=sum(promised[one] is None for one in in_week["order_id"]),
    )


def figures(facts: pd.DataFrame, by: str) -> dict[str, dict[str, Any]]:
    """The rows of ``satisfaction`` by their name."""
    rows = satisfaction(facts, by)
    told = zip(rows.index, rows.to_dict("records"), strict=True)
    return {str(name): {str(key): value for key, value in row.items()} for name, row in told}


def by_scope(facts: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Satisfaction per executive, and of "all"."""
    return {**figures(facts, "executive_id"), **figures(facts, "all")}


def changes(service: Service) -> dict[str, dict[str, Any]]:
    """Per scope: satisfaction_before_percent, satisfaction_change (points), satisfaction_trend."""
    now, before = by_scope(service.this_week), by_scope(service.before)
    told: dict[str, dict[str, Any]] = {}
    for scope, row in now.items():
        old = before.get(scope)
        if old is None or not (row["ordered"] > 0 and old["ordered"] > 0):
            told[scope] = {"satisfaction_trend": "few orders"}
            continue
        told[scope] = {
            "satisfaction_before_percent": old["satisfaction_percent"],
            "satisfaction_change": row["satisfaction_percent"] - old["satisfaction_percent"],
            "satisfaction_trend": verdict(rate_of(row), rate_of(old), orders=int(row["orders"])),
        }
    return told


def trend(service: Service) -> Table:
    """Satisfaction of each of the 13 weeks, of all and of each executive who had orders."""
    rows = []
    for monday in _mondays(service.week):
        due = service.due(monday, min(monday + timedelta(days=6), service.week.last_day))
        for scope, row in by_scope(due).items():
            rows.append({"executive_id": scope, "week": monday, **_cells(row)})
    rows.sort(key=lambda row: (row["executive_id"] != ALL, row["executive_id"], row["week"]))
    return rows_as_table(rows, ("executive_id", "week", *FIGURES, "is_few"))


def _mondays(week: Week) -> list[date]:
    return [week.first_date - timedelta(weeks=back) for back in range(TREND_WEEKS - 1, -1, -1)]


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of one row; counts whole."""
    cells = {name: int(row[name]) if name in COUNTS else row[name] for name in FIGURES}
    return {**cells, "is_few": bool(row["orders"] < FEW_ORDERS)}


def explained(service: Service) -> Table:
    """Which accounts move the rate against the eight weeks before, of all and per executive."""
    names = (
        *("executive_id", "account_id", "account", "orders_before", "ordered_before"),
        *("percent_before", "orders", "ordered", "percent", "mix_points", "rate_points", "points"),
    )
    # An account has one executive, so each executive's accounts are a part of all accounts.
    now, before = (
        satisfaction(facts, "account_id") for facts in (service.this_week, service.before)
    )
    owners = [pd.Series(service.week.owners(table.index)) for table in (now, before)]
    rows: list[dict[str, Any]] = []
    for scope in [ALL, *sorted(set(owners[0]) & set(owners[1]))]:
        mine = [
            table if scope == ALL else table[(owner == scope).to_numpy(dtype=bool)]
            for table, owner in zip((now, before), owners, strict=True)
        ]
        most = CAUSES_OF_ALL if scope == ALL else CAUSES_OF_ONE
        parts = causes(*mine, most=most)
        rows += [
            {
                **{str(name): value for name, value in row.items()},
                "executive_id": scope,
                "account": service.week.name(row["account_id"])
                if row["account_id"] != OTHERS
                else "(all others)",
            }
            for row in parts.to_dict("records")
        ]
    return rows_as_table(rows, names)


def by_account(service: Service) -> Table:
    """Satisfaction of every account over the 13 weeks, and in this one; the worst first."""
    week = service.week
    return _ranked(
        service,
        "account_id",
        lambda one: {"executive_id": week.owner(one), "account": week.name(one)},
        ("account_id", "executive_id", "account"),
    )


def by_unit(service: Service) -> Table:
    """Satisfaction of every unit over the 13 weeks, and in this one, the worst first; no row for
    accounts that lie in no unit."""
    known = rows_where(service.facts, (unit != "" for unit in service.facts["unit_id"]))
    return _ranked(replace(service, facts=known), "unit_id", lambda _: {}, ("unit_id",))


def _ranked(service: Service, key: str, names: Any, columns: tuple[str, ...]) -> Table:
    now = figures(service.this_week, key)
    rows = []
    for one, row in figures(service.facts, key).items():
        today = now.get(one, {})
        rows.append(
            {
                key: one,
                **names(one),
                **_cells(row),
                "unsatisfied": row["ordered"] - row["satisfied"],
                "week_orders": int(today.get("orders", 0)),
                "week_percent": today.get("satisfaction_percent"),
            }
        )
    rows.sort(key=lambda row: (-row["unsatisfied"], row[key]))
    return rows_as_table(
        rows, (*columns, *FIGURES, "is_few", "unsatisfied", "week_orders", "week_percent")
    )


def dissatisfied_accounts(service: Service) -> Table:
    """Accounts of which something due in the week did not come in full and on time, the most
    missing first; ``late`` is the amount of orders that came whole but late."""
    week = service.week
    rows = [
        {
            **row,
            "account_id": account,
            "executive_id": week.owner(account),
            "account": week.name(account),
            "orders": int(row["orders"]),
            "missing": row["ordered"] - row["delivered"],
        }
        for account, row in figures(service.this_week, "account_id").items()
        if row["ordered"] - row["satisfied"] > 0.005
    ]
    rows.sort(key=lambda row: (-row["missing"], -row["late"], row["account_id"]))
    return rows_as_table(
        rows,
        (
            *("account_id", "executive_id", "account", "orders", "ordered", "delivered"),
            *("missing", "late", "satisfaction_percent"),
        ),
    )
