"""What an executive should know of an account at the door: the last order, and the gap."""

from datetime import timedelta

import pandas as pd

from territory.market import Market

YEAR_DAYS = 365


def account_facts(market: Market) -> dict[str, dict[str, str]]:
    """Lines of a profile card by account: the last order, and the gap to potential.

    The gap is the account's yearly potential less what it ordered in the 365 days up to the
    market's day; accounts without a known potential have none.
    """
    orders = market.table("orders")
    currency = market.settings.currency
    facts: dict[str, dict[str, str]] = {}
    newest = orders.sort_values("ordered_on", kind="stable").drop_duplicates(
        "account_id", keep="last"
    )
    for row in newest.to_dict("records"):
        amount = f"{float(row['ordered_amount']):,.0f} {currency}"
        facts[str(row["account_id"])] = {"Last order": f"{row['ordered_on']}, {amount}"}
    bought = _year_of_orders(orders, market)
    for account_id, potential in _potentials(market).items():
        sold = bought.get(account_id, 0.0)
        gap = max(0.0, potential - sold)
        facts.setdefault(account_id, {})["Gap"] = (
            f"{gap:,.0f} {currency} a year (potential {potential:,.0f}, bought {sold:,.0f})"
        )
    return facts


def _year_of_orders(orders: pd.DataFrame, market: Market) -> dict[str, float]:
    today = market.settings.today
    since = today - timedelta(days=YEAR_DAYS)
    total: dict[str, float] = {}
    for account_id, day, amount in zip(
        orders["account_id"], orders["ordered_on"], orders["ordered_amount"], strict=True
    ):
        if day is not None and since < day <= today and not pd.isna(amount):
            total[str(account_id)] = total.get(str(account_id), 0.0) + float(amount)
    return total


def _potentials(market: Market) -> dict[str, float]:
    """The yearly potential of accounts: their own, else their company's consumption."""
    companies = market.table("companies")
    spent = dict(zip(companies["company_id"], companies["consumption"], strict=True))
    accounts = market.table("accounts")
    known = accounts["annual_potential"].fillna(accounts["company_id"].map(spent))
    return {
        str(account_id): float(value)
        for account_id, value in zip(accounts["account_id"], known, strict=True)
        if not pd.isna(value)
    }
