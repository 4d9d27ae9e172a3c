"""Sales per unit: what accounts ordered and what was delivered in the last 365 days."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.units import Units, locate
from territory.units.totals import Facts, sum_per_unit

YEAR_DAYS = 365


def sales_per_unit(
    tables: Mapping[str, pd.DataFrame], units: Units, today: date
) -> tuple[Facts, tuple[str, ...]]:
    """accounts, ordered, captured and captured_squared per unit, and notes on what is left out.

    ``captured`` is the amount delivered in the 365 days that end with ``today``, at the account's
    place; a delivery without an amount counts as ordered. ``captured_squared`` sums its squares
    over accounts: it tells in what lumps sales come.
    """
    accounts, orders = tables["accounts"], tables["orders"]
    unit = locate(units, accounts[["lon", "lat"]].to_numpy(dtype=np.float64))
    notes: list[str] = []
    if (unit < 0).any():
        notes.append(f"{int((unit < 0).sum())} accounts lie outside every unit and are left out.")
    ordered, captured, strangers = _yearly(accounts, orders, today)
    if strangers:
        notes.append(f"{strangers} orders name an unknown account and are left out.")
    lost = float(captured[unit < 0].sum())
    if lost > 0:
        notes.append(f"Deliveries of {lost:,.0f} a year went to accounts outside every unit.")

    notes += _short_history(orders, today)

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return sum_per_unit(unit, values, len(units))

    return {
        "accounts": total(np.ones(len(unit))),
        "ordered": total(ordered),
        "captured": total(captured),
        "captured_squared": total(captured**2),
    }, tuple(notes)


def sales_of_accounts(
    accounts: pd.DataFrame, orders: pd.DataFrame, today: date
) -> NDArray[np.float64]:
    """Amount delivered to each account in the 365 days that end with ``today``."""
    return _yearly(accounts, orders, today)[1]


def _yearly(
    accounts: pd.DataFrame, orders: pd.DataFrame, today: date
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Amounts ordered and delivered per account in the year, and orders of unknown accounts."""
    account = pd.Index(accounts["account_id"]).get_indexer(pd.Index(orders["account_id"]))
    ordered_amount = orders["ordered_amount"].to_numpy(dtype=np.float64)
    delivered = orders["delivered_amount"].to_numpy(dtype=np.float64)
    delivered = np.where(np.isfinite(delivered), delivered, ordered_amount)

    def total(amounts: NDArray[np.float64], column: str) -> NDArray[np.float64]:
        counted = np.where(in_year(orders[column], today), account, -1)
        return sum_per_unit(counted.astype(np.int32), np.nan_to_num(amounts), len(accounts))

    strangers = int((account < 0).sum())
    return total(ordered_amount, "ordered_on"), total(delivered, "delivered_on"), strangers


def _short_history(orders: pd.DataFrame, today: date) -> list[str]:
    """A word where orders do not go back a year: captured is then less than a year's sales."""
    first = pd.to_datetime(orders["ordered_on"], errors="coerce").min()
    days = (pd.Timestamp(today) - first).days + 1 if pd.notna(first) else YEAR_DAYS
    if days >= YEAR_DAYS - 14:
        return []
    return [f"Orders go back {days} days only: captured is the sales of that time, not of a year."]


def in_year(days: pd.Series, today: date) -> NDArray[np.bool_]:
    """Whether each day lies in the 365 days that end with ``today``; a missing day does not."""
    stamps = pd.to_datetime(days, errors="coerce")
    first = pd.Timestamp(today - timedelta(days=YEAR_DAYS - 1))
    return np.asarray((stamps >= first) & (stamps <= pd.Timestamp(today)), dtype=bool)
