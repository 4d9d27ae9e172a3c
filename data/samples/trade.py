"""What a sample sells: products, prices, a year of orders, targets, agreements, policies."""

from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.samples.sample import TODAY, Draws, numbered, table

_PRODUCTS: Final = (
    ("House coffee, 1 kg", "coffee", 8.4),
    ("Espresso beans, 1 kg", "coffee", 11.2),
    ("Filter coffee, 6 kg", "coffee", 43.0),
    ("Black tea, 100 bags", "tea", 4.1),
    ("Herbal tea, 100 bags", "tea", 4.9),
    ("Spring water, 24 x 0.33 l", "drinks", 6.2),
    ("Lemonade, 24 x 0.33 l", "drinks", 9.8),
    ("Apple juice, 12 x 1 l", "drinks", 13.5),
    ("Oat drink, 12 x 1 l", "drinks", 15.9),
    ("Salted nuts, 30 x 50 g", "snacks", 17.4),
    ("Oat biscuits, 60 x 40 g", "snacks", 14.8),
    ("Chocolate bars, 48 x 45 g", "snacks", 22.6),
)
MARGIN: Final = 1.42
FLOOR_MARGIN: Final = 1.18
BELOW_FLOOR_SHARE: Final = 0.03
LINES_SINCE_DAYS: Final = 91
"""Order lines are kept for the last quarter; older orders are amounts only."""

_YEAR: Final = (date(2026, 1, 1), date(2026, 12, 31))


def products() -> pd.DataFrame:
    """Twelve products of four groups."""
    names, groups, costs = zip(*_PRODUCTS, strict=True)
    return table(
        "products",
        {
            "product_id": numbered("G", len(names)),
            "name": names,
            "category": groups,
            "unit_cost": costs,
        },
    )


def price_rules(goods: pd.DataFrame) -> pd.DataFrame:
    """A guide price and a floor for every product."""
    cost = goods["unit_cost"].to_numpy()
    return table(
        "price_rules",
        {
            "product_id": goods["product_id"],
            "first_date": [_YEAR[0]] * len(goods),
            "guide_price": np.round(cost * MARGIN, 2),
            "floor_price": np.round(cost * FLOOR_MARGIN, 2),
            "profit_band_low_percent": 15.0,
            "profit_band_high_percent": 35.0,
        },
    )


def orders_and_lines(
    draws: Draws, accounts: pd.DataFrame, goods: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A year of orders, and the lines of those of the last quarter.

    An account buys a share of its potential from us. Most orders come whole and in time; some
    late, some in part, the newest are still open, a few lines are called off, and a few are sold
    below the floor.
    """
    draw = draws.of("orders")
    when, who, amount = _orders(draw, accounts)
    recent = np.flatnonzero(when <= LINES_SINCE_DAYS)
    lines = _lines(draw, recent, amount[recent], goods)
    amount[recent] = _per_order(lines, recent, "ordered_units")
    share = _delivered_share(draw, len(when))
    delivered = np.round(amount * share, 2)
    lines["delivered_units"] = np.floor(
        lines["ordered_units"].to_numpy() * share[lines["order"].to_numpy()]
    )
    lines["cancelled_by"] = draws.of("cancelled lines").choice(
        ["", "account", "us"], len(lines), p=[0.987, 0.01, 0.003]
    )
    lines.loc[lines["cancelled_by"] != "", "delivered_units"] = 0.0
    delivered[recent] = _per_order(lines, recent, "delivered_units")
    ordered_on = [TODAY - timedelta(days=int(days)) for days in when]
    arrives = when - 2 - np.where(draw.random(len(when)) < 0.09, draw.integers(2, 9, len(when)), 0)
    is_open = arrives <= 0
    ids = numbered("O", len(when))
    orders = table(
        "orders",
        {
            "order_id": ids,
            "account_id": accounts["account_id"].to_numpy()[who],
            "ordered_on": ordered_on,
            "promised_on": [day + timedelta(days=3) for day in ordered_on],
            "delivered_on": [
                None if late else TODAY - timedelta(days=int(days))
                for late, days in zip(is_open, arrives, strict=True)
            ],
            "ordered_amount": amount,
            "delivered_amount": np.where(is_open, 0.0, delivered),
        },
    )
    order = lines["order"].to_numpy()
    return orders, table(
        "order_lines",
        {
            "order_id": np.array(ids)[order],
            "line": lines["line"],
            "product_id": lines["product_id"],
            "ordered_units": lines["ordered_units"],
            "delivered_units": np.where(is_open[order], 0.0, lines["delivered_units"]),
            "unit_price": lines["unit_price"],
            "cancelled_by": lines["cancelled_by"],
        },
    )


def _orders(
    draw: np.random.Generator, accounts: pd.DataFrame
) -> tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.float64]]:
    """Days ago, account and amount of each order, oldest first."""
    count = len(accounts)
    penetration = draw.beta(2.2, 3.6, count)
    penetration[draw.random(count) < 0.06] = 0.0  # visited, never bought
    yearly = accounts["annual_potential"].to_numpy() * penetration
    by_tier = accounts["tier"].map({"A": 26, "B": 14, "C": 8}).to_numpy()
    times = np.where(yearly > 0, draw.poisson(by_tier), 0)
    who = np.repeat(np.arange(count), times)
    weight = draw.gamma(4.0, 0.25, len(who))
    total = np.bincount(who, weights=weight, minlength=count)
    amount = np.round(yearly[who] * weight / total[who], 2)
    when = draw.integers(1, 365, len(who))
    order = np.lexsort((who, -when))
    return when[order], who[order], np.maximum(amount[order], 5.0)


def _delivered_share(draw: np.random.Generator, count: int) -> NDArray[np.float64]:
    is_part = draw.random(count) < 0.08
    return np.where(is_part, draw.uniform(0.4, 0.95, count), 1.0)


def _lines(
    draw: np.random.Generator,
    orders: NDArray[np.intp],
    amounts: NDArray[np.float64],
    goods: pd.DataFrame,
) -> pd.DataFrame:
    """One to four lines an order, different products, together worth about its amount."""
    times = draw.integers(1, 5, len(orders))
    order = np.repeat(orders, times)
    line = np.arange(len(order)) - np.repeat(np.cumsum(times) - times, times) + 1
    first = np.repeat(draw.integers(0, len(goods), len(orders)), times)
    product = (first + 5 * line) % len(goods)  # 5 and 12 share no divisor: no product twice
    cost = goods["unit_cost"].to_numpy()[product]
    is_low = draw.random(len(order)) < BELOW_FLOOR_SHARE
    margin = np.where(
        is_low,
        draw.uniform(1.02, FLOOR_MARGIN - 0.03, len(order)),
        draw.normal(MARGIN, 0.04, len(order)),
    )
    price = np.round(cost * margin, 2)
    part = np.repeat(amounts / times, times)
    return pd.DataFrame(
        {
            "order": order,
            "line": line,
            "product_id": goods["product_id"].to_numpy()[product],
            "ordered_units": np.maximum(1, np.rint(part / price)),
            "unit_price": price,
        }
    )


def _per_order(lines: pd.DataFrame, orders: NDArray[np.intp], units: str) -> NDArray[np.float64]:
    worth = lines[units].to_numpy() * lines["unit_price"].to_numpy()
    sums = np.bincount(lines["order"].to_numpy(), weights=worth)
    return np.round(sums[orders], 2)


def targets(
    draws: Draws, market: str, accounts: pd.DataFrame, orders: pd.DataFrame
) -> pd.DataFrame:
    """This year's targets of the executives, some above and some below what they sell, and theirs
    together for the market."""
    draw = draws.of("targets")
    sold = orders.groupby("account_id")["delivered_amount"].sum()
    by_owner = accounts["account_id"].map(sold).fillna(0.0).groupby(accounts["executive_id"]).sum()
    amounts = np.round(by_owner.to_numpy() * draw.uniform(0.97, 1.25, len(by_owner)), -2)
    return table(
        "targets",
        {
            "subject_kind": [*["executive"] * len(by_owner), "market"],
            "subject_id": [*by_owner.index, market],
            "first_date": [_YEAR[0]] * (len(by_owner) + 1),
            "last_date": [_YEAR[1]] * (len(by_owner) + 1),
            "amount": [*amounts, amounts.sum()],
        },
    )


def agreements(draws: Draws, accounts: pd.DataFrame) -> pd.DataFrame:
    """Yearly agreements with most A and B accounts; a tenth of them not signed yet."""
    draw = draws.of("agreements")
    big = accounts[accounts["tier"].isin(["A", "B"])]
    chosen = big[draw.random(len(big)) < 0.7]
    count = len(chosen)
    begin = [TODAY - timedelta(days=int(days)) for days in draw.integers(20, 355, count)]
    is_signed = draw.random(count) < 0.9
    return table(
        "agreements",
        {
            "agreement_id": numbered("D", count),
            "account_id": chosen["account_id"].to_numpy(),
            "first_date": begin,
            "last_date": [day + timedelta(days=364) for day in begin],
            "annual_quota": np.round(
                chosen["annual_potential"].to_numpy() * draw.uniform(0.2, 0.6, count), -2
            ),
            "signed_on": [
                day - timedelta(days=7) if signed else None
                for day, signed in zip(begin, is_signed, strict=True)
            ],
        },
    )


def policies(draws: Draws, accounts: pd.DataFrame) -> pd.DataFrame:
    """Rebates, acceptances and engineering policies with some A and B accounts."""
    draw = draws.of("policies")
    big = accounts[accounts["tier"].isin(["A", "B"])]
    chosen = big[draw.random(len(big)) < 0.35]
    count = len(chosen)
    signed = [TODAY - timedelta(days=int(days)) for days in draw.integers(30, 300, count)]
    is_signed = draw.random(count) < 0.85
    due = draw.integers(-6, 120, count)
    kind = draw.choice(["rebate", "acceptance", "engineering"], count, p=[0.6, 0.25, 0.15])
    limit = np.round(chosen["annual_potential"].to_numpy() * draw.uniform(0.02, 0.08, count), -1)
    use = draws.of("policies used")
    used = np.round(limit * use.beta(2.0, 2.4, count) * 1.35, 2)  # a few go over their limit
    is_proven = use.random(count) < 0.75
    return table(
        "policies",
        {
            "policy_id": numbered("L", count),
            "account_id": chosen["account_id"].to_numpy(),
            "kind": kind,
            "limit_amount": limit,
            "signed_on": [
                day if done else None for day, done in zip(signed, is_signed, strict=True)
            ],
            "due_on": [TODAY + timedelta(days=int(days)) for days in due],
            "used_amount": used,
            "proven_on": [TODAY - timedelta(days=9) if proven else None for proven in is_proven],
        },
    )
