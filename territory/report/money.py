"""Targets prorated to a week, and what was sold in it, per executive."""

from datetime import date

import numpy as np

from territory.report.week import NOBODY, Week


def prorated_targets(week: Week) -> tuple[dict[str, float], float | None]:
    """(target per executive, target of all) for the days of the week; absent where none is set.

    An executive's own targets count; where there are none, those of the accounts looked after.
    Of all: the market's own targets, else the sum over the executives.
    """
    own: dict[str, float] = {}
    by_account: dict[str, float] = {}
    market: float | None = None
    for row in week.market.table("targets").to_dict("records"):
        share = week_share(row["first_date"], row["last_date"], week.first_date, week.last_date)
        if share == 0:
            continue
        amount = row["amount"] * share
        if row["subject_kind"] == "executive":
            own[row["subject_id"]] = own.get(row["subject_id"], 0.0) + amount
        elif row["subject_kind"] == "account":
            owner = week.owner(row["subject_id"])
            by_account[owner] = by_account.get(owner, 0.0) + amount
        elif row["subject_kind"] == "market":
            market = (market or 0.0) + amount
    targets = {**by_account, **own}
    if market is None and targets:
        market = sum(targets.values())
    return targets, market


def week_share(first: date, last: date, week_first: date, week_last: date) -> float:
    """The part of a period's days that lies in the week, 0 to 1."""
    shared = (min(last, week_last) - max(first, week_first)).days + 1
    return max(0, shared) / ((last - first).days + 1) if last >= first else 0.0


def actual_sales(week: Week) -> dict[str, float]:
    """What was delivered in the week per executive; an unknown amount counts as ordered."""
    orders = week.rows("orders", "delivered_on")
    amount = orders["delivered_amount"].to_numpy(dtype=np.float64)
    amount = np.where(np.isnan(amount), orders["ordered_amount"].to_numpy(dtype=float), amount)
    sales: dict[str, float] = {}
    for account, sold in zip(orders["account_id"], amount.tolist(), strict=True):
        owner = week.owner(str(account)) or NOBODY
        sales[owner] = sales.get(owner, 0.0) + sold
    return sales
