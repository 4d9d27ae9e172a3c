"""What the judge of a report is given: the market's rows as they are, and who owns what."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

Row = Mapping[str, Any]

TABLES = (
    *("executives", "absences", "accounts", "companies", "zones", "alignment", "visits", "tasks"),
    *("promoters", "promoter_days", "outlets", "products", "orders", "order_lines", "targets"),
    *("observations", "agreements", "policies", "price_rules"),
)
"""The tables a report reads."""


@dataclass(frozen=True, kw_only=True)
class ReportFacts:
    """The rows of every table a report reads, with None for what is missing.

    ``stops`` are (executive, day, account) of the visit plan the report was held against.
    ``first_date`` is the Monday of the week.
    """

    first_date: date
    today: date
    currency: str
    tables: Mapping[str, tuple[Row, ...]]
    owner_of_account: Mapping[str, str]
    unit_of_account: Mapping[str, str] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    stops: tuple[tuple[str, date, str], ...] = ()

    @property
    def last_date(self) -> date:
        """The Sunday."""
        return self.first_date + timedelta(days=6)

    @property
    def last_day(self) -> date:
        """The last day that was over when the report was made, the Sunday at most."""
        return min(self.last_date, self.today - timedelta(days=1))

    @property
    def next_monday(self) -> date:
        """The first Monday after the week that is not past."""
        monday = self.first_date + timedelta(days=7)
        while monday < self.today:
            monday += timedelta(days=7)
        return monday

    def owner(self, account: str) -> str:
        """Who looks after an account, "" for nobody."""
        return self.owner_of_account.get(account, "")

    def name(self, account: str) -> str:
        """An account's name, its id if it has none."""
        return self.names.get(account) or account

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Names of accounts."""
        return {row["account_id"]: row["name"] for row in self.tables["accounts"]}

    @cached_property
    def executives(self) -> tuple[str, ...]:
        """Ids of the executives."""
        return tuple(row["executive_id"] for row in self.tables["executives"])

    def is_working(self, day: date) -> bool:
        """Whether a day is a Monday to Friday and no holiday."""
        return day.weekday() < 5 and day not in self.holidays

    def working_days(self, first: date, last: date) -> int:
        """Working days within two days, both counted."""
        return sum(self.is_working(day) for day in days_between(first, last))

    @cached_property
    def left_out(self) -> dict[tuple[str, int], str]:
        """(table, row) of the orders and targets that no figure may hold, with the column."""
        found: dict[tuple[str, int], str] = {}
        for place, row in enumerate(self.tables["orders"]):
            came = row["delivered_on"]
            if came is not None and came < row["ordered_on"]:
                found["orders", place + 2] = "delivered_on"
            elif column := self._money_fault(row, "ordered_amount"):
                found["orders", place + 2] = column
        for place, row in enumerate(self.tables["targets"]):
            if self._is_nobody(row):
                found["targets", place + 2] = "subject_id"
            elif row["last_date"] < row["first_date"]:
                found["targets", place + 2] = "last_date"
            elif column := self._money_fault(row, "amount"):
                found["targets", place + 2] = column
        return found

    def _money_fault(self, row: Row, column: str) -> str:
        said = (row["currency"] or "").strip().upper()
        if said not in ("", self.currency.upper()):
            return "currency"
        amount = row[column]
        return "" if amount is not None and 0 <= amount < math.inf else column

    def _is_nobody(self, row: Row) -> bool:
        table = {"executive": "executives", "account": "accounts", "zone": "zones"}.get(
            row["subject_kind"]
        )
        if table is None:
            return False
        return row["subject_id"] not in self._known[table]

    @cached_property
    def _known(self) -> Mapping[str, frozenset[str]]:
        keys = {"executives": "executive_id", "accounts": "account_id", "zones": "zone_id"}
        return {
            table: frozenset(row[key] for row in self.tables[table]) for table, key in keys.items()
        }

    def counted(self, table: str) -> list[Row]:
        """The rows of orders or targets that figures may hold."""
        return [
            row
            for place, row in enumerate(self.tables[table])
            if (table, place + 2) not in self.left_out
        ]

    @cached_property
    def deliveries(self) -> tuple[tuple[date, str, float], ...]:
        """(day, account, amount) of all that was delivered."""
        return tuple(
            (
                row["delivered_on"],
                row["account_id"],
                row["ordered_amount"]
                if row["delivered_amount"] is None
                else row["delivered_amount"],
            )
            for row in self.counted("orders")
            if row["delivered_on"] is not None
        )

    @cached_property
    def sold_by_day(self) -> Mapping[str, Mapping[date, float]]:
        """Deliveries per day up to the last day judged, per executive and of "all"."""
        sold: dict[str, dict[date, float]] = {"all": {}}
        for day, account, amount in self.deliveries:
            if day <= self.last_day:
                for scope in (self.owner(account), "all"):
                    days = sold.setdefault(scope, {})
                    days[day] = days.get(day, 0.0) + amount
        return sold

    @cached_property
    def four_weeks(self) -> Mapping[str, float]:
        """What each account was delivered in the 28 days up to the last day judged."""
        sold: dict[str, float] = {}
        for day, account, amount in self.deliveries:
            if self.last_day - timedelta(days=28) < day <= self.last_day:
                sold[account] = sold.get(account, 0.0) + amount
        return sold

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in the week."""
        return day is not None and self.first_date <= day <= self.last_date


def days_between(first: date, last: date) -> list[date]:
    """Every day within two days, both counted."""
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def facts_of(
    tables: Mapping[str, Any],
    *,
    week_of: date,
    today: date,
    currency: str,
    owner_of_account: Mapping[str, str],
    unit_of_account: Mapping[str, str] | None = None,
    holidays: frozenset[date] = frozenset(),
    stops: tuple[tuple[str, date, str], ...] = (),
) -> ReportFacts:
    """The facts from frames (anything with ``to_dict("records")``); missing cells become None."""
    return ReportFacts(
        first_date=week_of - timedelta(days=week_of.weekday()),
        today=today,
        currency=currency,
        tables={
            name: tuple(_plain(row) for row in _needed(name, tables).to_dict("records"))
            for name in TABLES
        },
        owner_of_account=owner_of_account,
        unit_of_account=unit_of_account or {},
        holidays=holidays,
        stops=stops,
    )


def _needed(name: str, tables: Mapping[str, Any]) -> Any:
    """A table; of the companies, which may be millions, only those that are accounts."""
    frame = tables[name]
    if name == "companies":
        return frame[frame["company_id"].isin(set(tables["accounts"]["company_id"]))]
    return frame


def _plain(row: Row) -> Row:
    return {str(name): None if _is_missing(value) else value for name, value in row.items()}


def _is_missing(value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ == "NAType"
