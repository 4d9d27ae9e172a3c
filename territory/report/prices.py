"""Prices below their floor, and lines sold at a profit outside the band wanted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from territory.plans import Table
from territory.report.week import Record, Week, rows_as_table


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPrice:
    """A price of ours in the week: seen at an account, or of a line that was sold."""

    seen_as: str
    account_id: str
    product_id: str
    day: date
    price: float
    units: float | None = None


class PriceRules:
    """Price rules by product and day; of two that hold, the later one counts."""

    def __init__(self, rules: pd.DataFrame) -> None:
        self._rules: dict[str, list[tuple[date, date, Record]]] = {}
        for rule in rules.to_dict("records"):
            span = (rule["first_date"], rule["last_date"] or date.max, rule)
            self._rules.setdefault(rule["product_id"], []).append(span)
        for spans in self._rules.values():
            spans.sort(key=lambda span: span[:2], reverse=True)

    def on(self, product_id: str, day: date) -> Record | None:
        """The rule of a product on a day, None without one."""
        for first, last, rule in self._rules.get(product_id, []):
            if first <= day <= last:
                return rule
        return None


def product_names(week: Week) -> dict[str, str]:
    """Names of the products by id."""
    products = week.market.table("products")
    return dict(zip(products["product_id"], products["name"], strict=True))


def own_prices(week: Week) -> Iterator[OwnPrice]:
    """The week's own prices: observed, and of lines ordered that were not called off."""
    seen = week.rows("observations")
    seen = seen[(seen["owner"] == "own") & (seen["kind"] == "price") & seen["price"].notna()]
    for row in seen.to_dict("records"):
        yield OwnPrice(
            seen_as="observation",
            account_id=row["account_id"],
            product_id=row["product_id"],
            day=row["date"],
            price=row["price"],
        )
    placed = week.rows("orders", "ordered_on")
    placed = placed[placed["cancelled_by"] == ""].set_index("order_id")
    lines = week.market.table("order_lines")
    lines = lines[
        lines["order_id"].isin(placed.index)
        & lines["unit_price"].notna()
        & (lines["cancelled_by"] == "")
    ]
    for row in lines.to_dict("records"):
        order = placed.loc[row["order_id"]]
        yield OwnPrice(
            seen_as=f"order {row['order_id']}",
            account_id=order["account_id"],
            product_id=row["product_id"],
            day=order["ordered_on"],
            price=row["unit_price"],
            units=row["ordered_units"],
        )


def prices_below_floor(week: Week, prices: tuple[OwnPrice, ...]) -> Table:
    """Own prices of the week below the floor of that day; ``shortfall`` is what the units sold
    lack to the floor, unknown for a price that was only seen."""
    rules, names = PriceRules(week.market.table("price_rules")), product_names(week)
    rows: list[dict[str, Any]] = []
    for one in prices:
        rule = rules.on(one.product_id, one.day)
        if rule is None or not one.price < rule["floor_price"]:
            continue
        floor = rule["floor_price"]
        rows.append(
            {
                **_cells(week, one, names),
                "price": one.price,
                "floor_price": floor,
                "below_percent": 100 * (1 - one.price / floor),
                "units": one.units,
                "shortfall": None if one.units is None else (floor - one.price) * one.units,
                "seen_as": one.seen_as,
            }
        )
    rows.sort(
        key=lambda row: (
            -row["below_percent"],
            row["account_id"],
            row["product_id"],
            row["seen_as"],
        )
    )
    return rows_as_table(
        rows,
        (
            *("executive_id", "account_id", "account", "product_id", "product", "date"),
            *("price", "floor_price", "below_percent", "units", "shortfall", "seen_as"),
        ),
    )


def profits_outside_band(week: Week, prices: tuple[OwnPrice, ...]) -> Table:
    """Lines of the week whose profit, 100 x (price - cost) / price, lies outside the band of its
    price rule; ``stake`` is the money that a line below the band lacks to it."""
    rules, names = PriceRules(week.market.table("price_rules")), product_names(week)
    products = week.market.table("products")
    costs = dict(zip(products["product_id"], products["unit_cost"], strict=True))
    rows: list[dict[str, Any]] = []
    for one in prices:
        rule, cost = rules.on(one.product_id, one.day), costs.get(one.product_id)
        if rule is None or one.units is None or not one.price > 0 or pd.isna(cost):
            continue
        profit = 100 * (one.price - float(cost)) / one.price
        low, high = rule["profit_band_low_percent"], rule["profit_band_high_percent"]
        side = "below" if profit < low - 1e-9 else "above" if profit > high + 1e-9 else ""
        if side:
            amount = one.price * one.units
            rows.append(
                {
                    **_cells(week, one, names),
                    "price": one.price,
                    "unit_cost": float(cost),
                    "profit_percent": profit,
                    "band_low_percent": low,
                    "band_high_percent": high,
                    "side": side,
                    "amount": amount,
                    "stake": amount * (low - profit) / 100 if side == "below" else 0.0,
                    "seen_as": one.seen_as,
                }
            )
    rows.sort(
        key=lambda row: (
            row["side"] != "below",
            -row["stake"],
            -row["amount"],
            *(row["account_id"], row["product_id"], row["seen_as"]),
        )
    )
    return rows_as_table(
        rows,
        (
            *("executive_id", "account_id", "account", "product_id", "product", "date", "price"),
            *("unit_cost", "profit_percent", "band_low_percent", "band_high_percent", "side"),
            *("amount", "stake", "seen_as"),
        ),
    )


def _cells(week: Week, one: OwnPrice, names: dict[str, str]) -> dict[str, Any]:
    return {
        "executive_id": week.owner(one.account_id),
        "account_id": one.account_id,
        "account": week.name(one.account_id),
        "product_id": one.product_id,
        "product": names.get(one.product_id) or one.product_id,
        "date": one.day,
    }
