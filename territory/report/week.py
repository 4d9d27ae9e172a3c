"""One week of a market: its days, who owns what, and the small questions every list asks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.fulfilment import rows_where
from territory.geo import haversine_meters
from territory.market import Market
from territory.plans import Table

Record = Mapping[Any, Any]
"""One row of a table or list, by column."""

Cell = str | float | int | bool | None
NOBODY = ""
"""The executive of what belongs to no one."""

AHEAD_DAYS = 30
"""An agreement or policy that falls due within so many days after the week is listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """An ISO week of a market. ``cutoff`` is the first day that was not over when it was judged:
    the Monday after, or the market's today if the week still runs."""

    market: Market
    first_date: date
    last_date: date
    cutoff: date
    owner_of_account: Mapping[str, str]
    account_names: Mapping[str, str]
    closed: frozenset[date] = frozenset()

    @property
    def last_day(self) -> date:
        """The last day that is judged."""
        return self.cutoff - timedelta(days=1)

    @property
    def next_monday(self) -> date:
        """The Monday of the week that can still be planned: after this one, today or later."""
        today = self.market.settings.today
        return max(
            self.first_date + timedelta(days=7), today + timedelta(days=-today.weekday() % 7)
        )

    def working_days(self, first: date, last: date) -> int:
        """Mondays to Fridays within two days, both counted, less the public holidays."""
        days = ((first + timedelta(days=step)) for step in range((last - first).days + 1))
        return sum(day.weekday() < 5 and day not in self.closed for day in days)

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in the week."""
        return day is not None and self.first_date <= day <= self.last_date

    def owner(self, account_id: str) -> str:
        """The executive of an account, NOBODY if it has none."""
        return self.owner_of_account.get(account_id, NOBODY)

    def name(self, account_id: str) -> str:
        """An account's name, its id if it has none."""
        return self.account_names.get(account_id) or account_id

    def owners(self, account_ids: Iterable[object]) -> list[str]:
        """The executive of each account."""
        return [self.owner(str(account)) for account in account_ids]

    def rows(self, table: str, column: str = "date") -> pd.DataFrame:
        """The rows of a table whose day in this column lies in the week."""
        frame = self.market.table(table)
        return rows_where(frame, (self.holds(day) for day in frame[column]))


def make_week(
    market: Market,
    week_of: date,
    owner_of_account: Mapping[str, str],
    closed: Collection[date] = (),
) -> Week:
    """The ISO week that holds a day; ``closed`` are the public holidays round it."""
    first = week_of - timedelta(days=week_of.weekday())
    accounts = market.table("accounts")
    return Week(
        market=market,
        first_date=first,
        last_date=first + timedelta(days=6),
        cutoff=min(first + timedelta(days=7), market.settings.today),
        owner_of_account=owner_of_account,
        account_names={
            str(account): str(name)
            for account, name in zip(accounts["account_id"], accounts["name"], strict=True)
        },
        closed=frozenset(closed),
    )


def owners_of_places(week: Week, lonlat: NDArray[np.float64]) -> list[str]:
    """The executive of the account nearest to each place: whose jurisdiction it lies in."""
    accounts = week.market.table("accounts")
    if len(accounts) == 0 or len(lonlat) == 0:
        return [NOBODY] * len(lonlat)
    at = accounts[["lon", "lat"]].to_numpy(dtype=np.float64)
    ids = accounts["account_id"].tolist()
    return [
        week.owner(str(ids[int(haversine_meters(place[None, :], at)[0].argmin())]))
        for place in lonlat
    ]


def plain(value: object) -> Cell:
    """One cell in its plain form."""
    if isinstance(value, date):
        return value.isoformat()
    if value is None or value is pd.NA:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return None if np.isnan(value) else value
    if isinstance(value, str | int | bool):
        return value
    raise TypeError(f"{type(value).__name__} is no cell of a table")


def rows_as_table(rows: Sequence[Record], columns: tuple[str, ...]) -> Table:
    """A list of rows as a Table with these columns, in order; empty columns without rows."""
    return Table(columns={name: tuple(plain(row[name]) for row in rows) for name in columns})
