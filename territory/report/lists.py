"""The lists behind the week's figures; each row names its executive, so figures count rows."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd

from territory.plans import Table
from territory.report.week import AHEAD_DAYS, NOBODY, Record, Week, owners_of_places, rows_as_table
from territory.routes import VisitPlan

_DEADLINE_ORDER = {"urgent": 0, "high": 1, "normal": 2, "": 2, "low": 3}


def overdue_tasks(week: Week) -> Table:
    """Tasks whose deadline was over by the week's end and that were not done by then."""
    rows = [
        {
            "task_id": task["task_id"],
            "executive_id": week.owner(task["account_id"]),
            "account_id": task["account_id"],
            "account": week.name(task["account_id"]),
            "kind": task["kind"],
            "title": task["title"],
            "priority": task["priority"],
            "deadline": task["deadline"],
            "days_overdue": (week.cutoff - task["deadline"]).days,
        }
        for task in week.market.table("tasks").to_dict("records")
        if _is_overdue(task["deadline"], task["status"], task["done"], task["created"], week.cutoff)
    ]
    rows.sort(
        key=lambda row: (
            -row["days_overdue"],
            _DEADLINE_ORDER.get(row["priority"], 2),
            row["task_id"],
        )
    )
    return rows_as_table(
        rows,
        (
            *("task_id", "executive_id", "account_id", "account", "kind", "title"),
            *("priority", "deadline", "days_overdue"),
        ),
    )


def _is_overdue(
    deadline: date, status: str, done: date | None, created: date | None, cutoff: date
) -> bool:
    was_done = status == "done" and (done is None or done < cutoff)
    was_there = created is None or created < cutoff
    return was_there and deadline < cutoff and not was_done


def prices_below_floor(week: Week) -> Table:
    """Own prices of the week below the floor of that day: seen at accounts, or sold in orders."""
    floors, names = _Floors(week.market.table("price_rules")), _product_names(week)
    rows: list[dict[str, Any]] = [
        {
            "executive_id": week.owner(account),
            "account_id": account,
            "account": week.name(account),
            "product_id": product,
            "product": names.get(product) or product,
            "date": day,
            "price": price,
            "floor_price": floor,
            "below_percent": 100 * (1 - price / floor),
            "seen_as": seen_as,
        }
        for seen_as, account, product, day, price in _own_prices(week)
        if (floor := floors.on(product, day)) is not None and price < floor
    ]
    rows.sort(key=lambda row: (-row["below_percent"], row["account_id"], row["product_id"]))
    return rows_as_table(
        rows,
        (
            *("executive_id", "account_id", "account", "product_id", "product", "date"),
            *("price", "floor_price", "below_percent", "seen_as"),
        ),
    )


def _product_names(week: Week) -> dict[str, str]:
    products = week.market.table("products")
    return dict(zip(products["product_id"], products["name"], strict=True))


def _own_prices(week: Week) -> Iterator[tuple[str, str, str, date, float]]:
    """(seen as, account, product, day, price) of the week's own prices."""
    seen = week.rows("observations")
    seen = seen[(seen["owner"] == "own") & (seen["kind"] == "price") & seen["price"].notna()]
    for row in seen.to_dict("records"):
        yield "observation", row["account_id"], row["product_id"], row["date"], row["price"]
    placed = week.rows("orders", "ordered_on").set_index("order_id")
    lines = week.market.table("order_lines")
    lines = lines[lines["order_id"].isin(placed.index) & lines["unit_price"].notna()]
    for row in lines.to_dict("records"):
        order = placed.loc[row["order_id"]]
        yield (
            f"order {row['order_id']}",
            order["account_id"],
            row["product_id"],
            order["ordered_on"],
            row["unit_price"],
        )


class _Floors:
    """Floor prices by product and day; of two rules that hold, the later one counts."""

    def __init__(self, rules: pd.DataFrame) -> None:
        self._rules: dict[str, list[tuple[date, date, float]]] = {}
        for rule in rules.to_dict("records"):
            span = (rule["first_date"], rule["last_date"] or date.max, rule["floor_price"])
            self._rules.setdefault(rule["product_id"], []).append(span)
        for spans in self._rules.values():
            spans.sort(reverse=True)

    def on(self, product_id: str, day: date) -> float | None:
        """The floor price of a product on a day, None without a rule."""
        for first, last, floor in self._rules.get(product_id, []):
            if first <= day <= last:
                return floor
        return None


def competitor_observations(week: Week) -> Table:
    """What the week's visits saw of competitors."""
    seen = week.rows("observations")
    names = _product_names(week)
    rows = [
        {
            **{name: row[name] for name in ("date", "competitor", "kind", "product_id")},
            "executive_id": week.owner(row["account_id"]),
            "account_id": row["account_id"],
            "account": week.name(row["account_id"]),
            "product": names.get(row["product_id"]) or row["product_id"],
            **{name: row[name] for name in ("price", "volume", "share_percent", "note")},
        }
        for row in seen[seen["owner"] == "competitor"].to_dict("records")
    ]
    rows.sort(key=lambda row: (row["competitor"], row["kind"], row["date"], row["account_id"]))
    return rows_as_table(
        rows,
        (
            *("date", "executive_id", "account_id", "account", "competitor", "kind"),
            *("product_id", "product", "price", "volume", "share_percent", "note"),
        ),
    )


def agreements_due(week: Week) -> Table:
    """Agreements that run unsigned, or end within 30 days of the week with no signed successor."""
    agreements = week.market.table("agreements").to_dict("records")
    signed_until: dict[str, date] = {}
    for one in agreements:
        if _is_signed(week, one["signed_on"]):
            until = signed_until.get(one["account_id"], date.min)
            signed_until[one["account_id"]] = max(until, one["last_date"])
    rows = []
    for one in agreements:
        why = _why_agreement(week, one, signed_until.get(one["account_id"], date.min))
        if why:
            rows.append(
                {
                    "agreement_id": one["agreement_id"],
                    "executive_id": week.owner(one["account_id"]),
                    "account_id": one["account_id"],
                    "account": week.name(one["account_id"]),
                    "why": why,
                    "first_date": one["first_date"],
                    "last_date": one["last_date"],
                    "annual_quota": one["annual_quota"],
                }
            )
    rows.sort(key=lambda row: (row["last_date"], row["agreement_id"]))
    return rows_as_table(
        rows,
        (
            *("agreement_id", "executive_id", "account_id", "account", "why"),
            *("first_date", "last_date", "annual_quota"),
        ),
    )


def _why_agreement(week: Week, one: Record, signed_until: date) -> str:
    soon = week.last_date + timedelta(days=AHEAD_DAYS)
    is_live = one["first_date"] <= week.last_date and one["last_date"] >= week.first_date
    if is_live and not _is_signed(week, one["signed_on"]):
        return "unsigned"
    ends_soon = week.first_date <= one["last_date"] <= soon
    return "ends" if ends_soon and signed_until <= one["last_date"] else ""


def _is_signed(week: Week, day: date | None) -> bool:
    return day is not None and day < week.cutoff


def policies_due(week: Week) -> Table:
    """Policies that fall due within 30 days of the week, and unsigned ones that are past it."""
    soon = week.last_date + timedelta(days=AHEAD_DAYS)
    rows = [
        {
            "policy_id": one["policy_id"],
            "executive_id": week.owner(one["account_id"]),
            "account_id": one["account_id"],
            "account": week.name(one["account_id"]),
            "kind": one["kind"],
            "limit_amount": one["limit_amount"],
            "due_on": one["due_on"],
            "is_signed": _is_signed(week, one["signed_on"]),
        }
        for one in week.market.table("policies").to_dict("records")
        if one["due_on"] is not None
        and one["due_on"] <= soon
        and (one["due_on"] >= week.first_date or not _is_signed(week, one["signed_on"]))
    ]
    rows.sort(key=lambda row: (row["due_on"], row["policy_id"]))
    return rows_as_table(
        rows,
        (
            *("policy_id", "executive_id", "account_id", "account", "kind"),
            *("limit_amount", "due_on", "is_signed"),
        ),
    )


def dissatisfied_accounts(week: Week, by_account: pd.DataFrame) -> Table:
    """Accounts of which something due in the week was not delivered, the most missing first."""
    short = by_account[by_account["ordered"] - by_account["delivered"] > 0.005]
    rows = [
        {
            "account_id": account,
            "executive_id": week.owner(str(account)),
            "account": week.name(str(account)),
            "orders": int(row["orders"]),
            "ordered": row["ordered"],
            "delivered": row["delivered"],
            "missing": row["ordered"] - row["delivered"],
            "satisfaction_percent": row["satisfaction_percent"],
        }
        for account, row in short.iterrows()
    ]
    rows.sort(key=lambda row: (-row["missing"], row["account_id"]))
    return rows_as_table(
        rows,
        (
            *("account_id", "executive_id", "account", "orders", "ordered", "delivered"),
            *("missing", "satisfaction_percent"),
        ),
    )


def planned_visits(week: Week, visit_plan: VisitPlan | None) -> pd.DataFrame:
    """The week's planned visits: executive_id, account_id, date, is_done, is_missed, why.

    With a visit plan its stops are what was planned, and a stop is done when the account was
    visited on any day of the week; without one the rows of the visits table are, done ones too.
    A visit not done is missed when its day is over.
    """
    made = week.rows("visits")
    planned: list[dict[str, Any]]
    if visit_plan is None:
        planned = [
            {
                "executive_id": row["executive_id"] or week.owner(row["account_id"]),
                "account_id": row["account_id"],
                "date": row["date"],
                "is_done": row["status"] == "done",
                "why": row["note"] if row["status"] == "missed" else "",
            }
            for row in made.to_dict("records")
        ]
    else:
        planned = _stops(week, visit_plan, made)
    for row in planned:
        row["is_missed"] = not row["is_done"] and row["date"] < week.cutoff
    columns = ["executive_id", "account_id", "date", "is_done", "is_missed", "why"]
    return pd.DataFrame(planned, columns=columns)


def _stops(week: Week, plan: VisitPlan, made: pd.DataFrame) -> list[dict[str, Any]]:
    left = Counter(made.loc[made["status"] == "done", "account_id"])
    notes = dict(
        zip(
            made.loc[made["status"] == "missed", "account_id"],
            made.loc[made["status"] == "missed", "note"],
            strict=True,
        )
    )
    planned = []
    for route in sorted(plan.routes, key=lambda route: (route.date, route.executive_id)):
        if not week.holds(route.date):
            continue
        for stop in route.stops:
            is_done = left[stop.account_id] > 0
            left[stop.account_id] -= is_done
            planned.append(
                {
                    "executive_id": route.executive_id,
                    "account_id": stop.account_id,
                    "date": route.date,
                    "is_done": is_done,
                    "why": "" if is_done else notes.get(stop.account_id, ""),
                }
            )
    return planned


def missed_visits(week: Week, planned: pd.DataFrame) -> Table:
    """Planned visits whose day is over and that were not made."""
    rows = [
        {**row, "account": week.name(row["account_id"])}
        for row in planned[planned["is_missed"].astype(bool)].to_dict("records")
    ]
    rows.sort(key=lambda row: (row["date"], row["executive_id"], row["account_id"]))
    return rows_as_table(rows, ("date", "executive_id", "account_id", "account", "why"))


def promoters(week: Week) -> Table:
    """Promoters, their site and shifts; one at an outlet belongs to the jurisdiction it lies in."""
    outlets = week.market.table("outlets").set_index("outlet_id")
    at_outlet = owners_of_places(week, outlets[["lon", "lat"]].to_numpy(dtype=float))
    owner_of_outlet = dict(zip(outlets.index, at_outlet, strict=True))
    rows = []
    for one in week.market.table("promoters").to_dict("records"):
        account, outlet = one["account_id"], one["outlet_id"]
        owner = week.owner(account) if account else owner_of_outlet.get(outlet, NOBODY)
        known = outlet in outlets.index
        site = week.name(account) if account else (outlets.loc[outlet, "name"] if known else outlet)
        rows.append(
            {
                "promoter_id": one["promoter_id"],
                "name": one["name"],
                "executive_id": owner,
                "site_id": account or outlet,
                "site": site,
                "shifts": one["shifts"],
            }
        )
    return rows_as_table(rows, ("promoter_id", "name", "executive_id", "site_id", "site", "shifts"))
