"""Orders as they stood on a day, and what share of them was satisfied."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.fulfilment.intervals import Rate, effective_count, wilson
from territory.market import Market

CENT = 0.005
"""Half of the smallest amount: a delivery short by less than this is whole."""

PROMISE_DAYS = 7
"""Where no day was promised, an order is due so many days after it was placed."""

SUMS = (
    *("orders", "ordered", "delivered", "satisfied_orders", "satisfied", "late"),
    *("lines", "lines_in_full", "lines_satisfied", "ordered_squared"),
)


def order_facts(market: Market, *, as_of: date) -> pd.DataFrame:
    """One row per order that stands, as it was at the end of the day ``as_of``.

    Columns: order_id, account_id, ordered_on, due, week (the Monday of ``due``), ordered,
    delivered, is_in_full, is_on_time, lines, lines_in_full, lines_satisfied.

    - ``due`` is the day promised, seven days after the order where none was.
    - What the account called off is taken out of ``ordered`` (a line at its price, at its part of
      the order's units where the price is unknown); an order of which nothing is left is not
      there. What we called off was not delivered.
    - ``delivered`` is at most ``ordered``: more of one thing does not make up for less of another.
      A delivery after ``as_of`` does not count; one of unknown amount is whole; an amount without
      a day (a part, while the order is open) counts but is not on time.
    - An order is in full when its amount and every line of it came. A line is satisfied when it
      came in full and its order on time.

    Orders placed after ``as_of`` are left out.
    """
    orders = market.table("orders")
    stands = (orders["cancelled_by"] != "account").to_numpy(dtype=bool)
    placed = np.fromiter((_is_by(day, as_of) for day in orders["ordered_on"]), np.bool_)
    orders = orders[stands & placed].reset_index(drop=True)
    is_here = np.array([_is_by(day, as_of) for day in orders["delivered_on"]], dtype=bool)
    by_us = (orders["cancelled_by"] == "us").to_numpy(dtype=bool)
    lines = _lines(market, dict(zip(orders["order_id"], is_here & ~by_us, strict=True)))
    counted = orders[["order_id"]].join(lines, on="order_id").fillna(0)
    ordered, is_left = _ordered(orders, counted)
    due = _due(orders)
    is_on_time = _on_time(orders, due, is_here) & ~by_us
    delivered = np.where(by_us, 0.0, _delivered(orders, ordered, is_here))
    all_lines = (counted["lines"] == counted["lines_in_full"]).to_numpy(dtype=bool)
    facts = pd.DataFrame(
        {
            **{name: orders[name] for name in ("order_id", "account_id", "ordered_on")},
            "due": np.array(due, dtype=object),
            "week": np.array([monday_of(day) for day in due], dtype=object),
            "ordered": ordered,
            "delivered": delivered,
            "is_in_full": (delivered >= ordered - CENT) & all_lines & ~by_us,
            "is_on_time": is_on_time,
            "lines": counted["lines"].astype(int),
            "lines_in_full": counted["lines_in_full"].astype(int),
            "lines_satisfied": counted["lines_in_full"].astype(int) * is_on_time,
        }
    )
    return facts[is_left].reset_index(drop=True)


def _ordered(
    orders: pd.DataFrame, counted: pd.DataFrame
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """What is still asked for of each order, and whether anything is."""
    placed = orders["ordered_amount"].to_numpy(dtype=np.float64)
    off = counted["off_amount"].to_numpy(dtype=np.float64)
    units = counted["units"].to_numpy(dtype=np.float64)
    share = counted["off_units"].to_numpy(dtype=np.float64) / np.where(units > 0, units, 1.0)
    ordered = np.maximum(0.0, placed - off - placed * share)
    is_any_off = (off > 0) | (share > 0) | (counted["lines_off"] > 0).to_numpy(dtype=bool)
    is_empty = is_any_off & ((ordered <= CENT) | (counted["lines"] == 0).to_numpy(dtype=bool))
    return ordered, ~is_empty


def _due(orders: pd.DataFrame) -> list[date]:
    return [
        promised or placed + timedelta(days=PROMISE_DAYS)
        for promised, placed in zip(orders["promised_on"], orders["ordered_on"], strict=True)
    ]


def _on_time(
    orders: pd.DataFrame, due: Sequence[date], is_here: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    return np.array(
        [
            here and day <= last
            for here, day, last in zip(is_here, orders["delivered_on"], due, strict=True)
        ],
        dtype=bool,
    )


def _delivered(
    orders: pd.DataFrame, ordered: NDArray[np.float64], is_here: NDArray[np.bool_]
) -> NDArray[np.float64]:
    is_later = np.array([day is not None for day in orders["delivered_on"]], dtype=bool) & ~is_here
    amount = orders["delivered_amount"].to_numpy(dtype=np.float64)
    amount = np.where(np.isnan(amount), np.where(is_here, ordered, 0.0), amount)
    return np.where(is_later, 0.0, np.minimum(amount, ordered))


def _lines(market: Market, is_here: dict[str, bool]) -> pd.DataFrame:
    """Lines that stand and came in full per order, and what was called off; a line of unknown
    delivery follows its order."""
    lines = market.table("order_lines")
    wanted = lines["ordered_units"].to_numpy(dtype=np.float64)
    given = lines["delivered_units"].to_numpy(dtype=np.float64)
    price = lines["unit_price"].to_numpy(dtype=np.float64)
    is_off = (lines["cancelled_by"] == "account").to_numpy(dtype=bool)
    by_us = (lines["cancelled_by"] == "us").to_numpy(dtype=bool)
    here = np.array([is_here.get(order, False) for order in lines["order_id"]], dtype=bool)
    is_full = here & ~by_us & (np.isnan(given) | (given >= wanted - 1e-9))
    counted = pd.DataFrame(
        {
            "order_id": lines["order_id"],
            "lines": (~is_off).astype(int),
            "lines_in_full": (is_full & ~is_off).astype(int),
            "lines_off": is_off.astype(int),
            "off_amount": np.where(is_off & ~np.isnan(price), wanted * price, 0.0),
            "off_units": np.where(is_off & np.isnan(price), wanted, 0.0),
            "units": wanted,
        }
    )
    return counted.groupby("order_id", sort=True).sum()


def satisfaction(facts: pd.DataFrame, by: str | Sequence[str]) -> pd.DataFrame:
    """Order satisfaction per account, executive, week or any columns ``by`` of ``order_facts``.

    Columns: orders, ordered, delivered, satisfied_orders, satisfied (amount of the orders that
    came in full and on time), late (amount of those that came in full but late), lines,
    lines_in_full, lines_satisfied, ordered_squared (sum of squared amounts), and in percent

    - satisfaction_percent: satisfied / ordered, with low_percent and high_percent (80 %, Wilson);
    - satisfaction_lines_percent: lines satisfied / lines;
    - satisfaction_orders_percent: orders satisfied / orders;
    - delivered_percent: delivered / ordered, however late or partial.

    nan where there is nothing to divide by.
    """
    is_whole = facts["is_in_full"].astype(bool)
    is_satisfied = is_whole & facts["is_on_time"].astype(bool)
    counted = facts.assign(
        orders=1,
        satisfied_orders=is_satisfied.astype(int),
        satisfied=facts["ordered"].where(is_satisfied, 0.0),
        late=facts["ordered"].where(is_whole & ~is_satisfied, 0.0),
        ordered_squared=facts["ordered"] ** 2,
    )
    sums = counted.groupby(by if isinstance(by, str) else list(by), sort=True)[list(SUMS)].sum()
    sums = sums.assign(
        satisfaction_percent=percent(sums["satisfied"], sums["ordered"]),
        satisfaction_lines_percent=percent(sums["lines_satisfied"], sums["lines"]),
        satisfaction_orders_percent=percent(sums["satisfied_orders"], sums["orders"]),
        delivered_percent=percent(sums["delivered"], sums["ordered"]),
    )
    ends = np.array([_interval(row) for row in sums.to_dict("records")]).reshape(-1, 2)
    return sums.assign(low_percent=ends[:, 0], high_percent=ends[:, 1])


def rate_of(sums: Mapping[Any, Any]) -> Rate:
    """A row of ``satisfaction`` as a rate by amount with its effective number of orders."""
    ordered = float(sums["ordered"])
    share = float(sums["satisfied"]) / ordered if ordered > 0 else 0.0
    return Rate(share=share, count=effective_count(ordered, float(sums["ordered_squared"])))


def _interval(sums: Mapping[Any, Any]) -> tuple[float, float]:
    if not sums["ordered"] > 0:
        return float("nan"), float("nan")
    low, high = wilson(rate_of(sums))
    return 100 * low, 100 * high


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
