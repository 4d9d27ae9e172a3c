"""Order satisfaction: what was delivered of what was promised, in full and on time."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from territory.market import Market

CENT = 0.005
"""Half of the smallest amount: a delivery short by less than this is whole."""


def order_facts(market: Market, *, as_of: date) -> pd.DataFrame:
    """One row per order, as it stood at the end of the day ``as_of``.

    Columns: order_id, account_id, due (the day promised, the day ordered where none was), week (its
    Monday), ordered, delivered, is_in_full, is_on_time, lines, lines_in_full.

    ``delivered`` is at most ``ordered``: more of one thing does not make up for less of another. A
    delivery after ``as_of`` does not count; a delivery of unknown amount counts as whole, an amount
    without a day (a part, while the order is open) counts but is not on time. Orders placed after
    ``as_of`` are left out.
    """
    orders = market.table("orders")
    orders = rows_where(orders, (_is_by(day, as_of) for day in orders["ordered_on"]))
    orders = orders.reset_index(drop=True)
    ordered = orders["ordered_amount"].to_numpy(dtype=np.float64)
    due = [
        promised or placed
        for promised, placed in zip(orders["promised_on"], orders["ordered_on"], strict=True)
    ]
    is_here = np.array([_is_by(day, as_of) for day in orders["delivered_on"]], dtype=bool)
    is_later = np.array([day is not None for day in orders["delivered_on"]], dtype=bool) & ~is_here
    amount = orders["delivered_amount"].to_numpy(dtype=np.float64)
    amount = np.where(np.isnan(amount), np.where(is_here, ordered, 0.0), amount)
    delivered = np.where(is_later, 0.0, np.minimum(amount, ordered))
    is_on_time = np.array(
        [
            here and (promised is None or day <= promised)
            for here, day, promised in zip(
                is_here, orders["delivered_on"], orders["promised_on"], strict=True
            )
        ],
        dtype=bool,
    )
    facts = pd.DataFrame(
        {
            "order_id": orders["order_id"],
            "account_id": orders["account_id"],
            "due": due,
            "week": [monday_of(day) for day in due],
            "ordered": ordered,
            "delivered": delivered,
            "is_in_full": delivered >= ordered - CENT,
            "is_on_time": is_on_time,
        }
    )
    lines = _lines(market, dict(zip(orders["order_id"], is_here, strict=True)))
    return facts.join(lines, on="order_id").fillna({"lines": 0, "lines_in_full": 0})


def _lines(market: Market, is_here: dict[str, bool]) -> pd.DataFrame:
    """Lines and lines delivered in full per order; a line of unknown delivery follows its order."""
    lines = market.table("order_lines")
    wanted = lines["ordered_units"].to_numpy(dtype=np.float64)
    given = lines["delivered_units"].to_numpy(dtype=np.float64)
    here = np.array([is_here.get(order, False) for order in lines["order_id"]], dtype=bool)
    is_full = here & (np.isnan(given) | (given >= wanted - 1e-9))
    counted = pd.DataFrame(
        {"order_id": lines["order_id"], "lines": 1, "lines_in_full": is_full.astype(int)}
    )
    return counted.groupby("order_id", sort=True)[["lines", "lines_in_full"]].sum()


def satisfaction(facts: pd.DataFrame, by: str | Sequence[str]) -> pd.DataFrame:
    """Order satisfaction per account, executive, week or any columns ``by`` of ``order_facts``.

    Columns: orders, ordered, delivered, in_full_on_time (orders), lines, lines_in_full, and in
    percent satisfaction_percent (delivered / ordered amount), in_full_on_time_percent (of orders),
    satisfaction_lines_percent (lines delivered in full / lines); nan where there is nothing to
    divide by.
    """
    counted = facts.assign(
        orders=1, in_full_on_time=(facts["is_in_full"] & facts["is_on_time"]).astype(int)
    )
    sums = counted.groupby(by if isinstance(by, str) else list(by), sort=True)[
        ["orders", "ordered", "delivered", "in_full_on_time", "lines", "lines_in_full"]
    ].sum()
    return sums.assign(
        satisfaction_percent=percent(sums["delivered"], sums["ordered"]),
        in_full_on_time_percent=percent(sums["in_full_on_time"], sums["orders"]),
        satisfaction_lines_percent=percent(sums["lines_in_full"], sums["lines"]),
    )


def percent(part: pd.Series, whole: pd.Series) -> pd.Series:
    """100 x part / whole, nan where there is no whole."""
    safe = whole.where(whole > 0)
    return 100 * part / safe


def rows_where(frame: pd.DataFrame, keep: Iterable[bool]) -> pd.DataFrame:
    """The rows that are to be kept; right for a frame without rows too."""
    return frame[np.fromiter(keep, dtype=np.bool_, count=len(frame))]


def monday_of(day: date) -> date:
    """The Monday of a day's ISO week."""
    return day - timedelta(days=day.weekday())


def _is_by(day: date | None, as_of: date) -> bool:
    return day is not None and day <= as_of
