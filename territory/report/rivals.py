"""What competitors do: every sighting of the week, and one row per competitor."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from territory.plans import Table
from territory.report.prices import PriceRules, product_names
from territory.report.week import Record, Week, rows_as_table


def competitor_observations(week: Week) -> Table:
    """What the week's visits saw of competitors."""
    seen = week.rows("observations")
    names = product_names(week)
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


SHARE_WEEKS = 8
"""The share seen in the week is compared with that of so many weeks before."""


def competitors(week: Week) -> Table:
    """What each competitor did in the week, per jurisdiction and of all.

    Sightings by kind; ``price_vs_guide_percent``, the mean of their prices over our guide price of
    the product that day; ``share_percent``, the mean share seen, how often, and that of the eight
    weeks before. Competitors without a name are one, named "".
    """
    now = _sightings(week, week.first_date, week.last_date)
    earlier = _sightings(
        week, week.first_date - timedelta(weeks=SHARE_WEEKS), week.first_date - timedelta(days=1)
    )
    shares_before = _shares(earlier)
    rows: list[dict[str, Any]] = [
        {
            "executive_id": who,
            "competitor": competitor,
            "observations": len(seen),
            **_by_kind(seen),
            "price_vs_guide_percent": _mean(_against_guide(week, seen)),
            "share_percent": _mean(_shares({(who, competitor): seen})[who, competitor]),
            "shares_seen": len(_shares({(who, competitor): seen})[who, competitor]),
            "share_before_percent": _mean(shares_before.get((who, competitor), [])),
        }
        for (who, competitor), seen in now.items()
    ]
    rows.sort(
        key=lambda row: (
            row["executive_id"] != "all",
            row["executive_id"],
            -row["observations"],
            row["competitor"],
        )
    )
    return rows_as_table(
        rows,
        (
            *("executive_id", "competitor", "observations", "launches", "promotions", "prices"),
            *("volumes", "shares_seen", "price_vs_guide_percent", "share_percent"),
            "share_before_percent",
        ),
    )


def _sightings(week: Week, first: date, last: date) -> dict[tuple[str, str], list[Record]]:
    """Rows of competitors within two days, by (executive or "all", competitor)."""
    seen: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for row in week.market.table("observations").to_dict("records"):
        if row["owner"] == "competitor" and first <= row["date"] <= last:
            for who in ("all", week.owner(row["account_id"])):
                seen[who, row["competitor"]].append(row)
    return seen


def _by_kind(seen: list[Record]) -> dict[str, int]:
    kinds = Counter(row["kind"] for row in seen)
    return {
        "launches": kinds["launch"],
        "promotions": kinds["promotion"],
        "prices": kinds["price"],
        "volumes": kinds["volume"],
    }


def _against_guide(week: Week, seen: list[Record]) -> list[float]:
    rules = PriceRules(week.market.table("price_rules"))
    found = []
    for row in seen:
        rule = rules.on(row["product_id"], row["date"])
        if row["kind"] == "price" and rule is not None and rule["guide_price"] > 0:
            found.append(100 * (row["price"] / rule["guide_price"] - 1))
    return [one for one in found if not math.isnan(one)]


def _shares(seen: Mapping[tuple[str, str], list[Record]]) -> dict[tuple[str, str], list[float]]:
    return {
        key: [
            row["share_percent"]
            for row in rows
            if row["kind"] == "share" and not math.isnan(row["share_percent"])
        ]
        for key, rows in seen.items()
    }


def _mean(values: list[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
