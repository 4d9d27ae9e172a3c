"""Targets of any span of days per executive, which of them are used, and where they conflict."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from territory.plans import Table
from territory.report.week import NOBODY, Week, rows_as_table

LEVELS = ("executive", "account", "zone")
"""Whose targets make up a jurisdiction's, the first that there are: never two of them together."""

CONFLICT = 0.5
"""Targets that differ by more than this much money conflict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Targets prorated to a span of days.

    ``used`` is what counts per executive, absent where nothing is set; ``level`` says whose
    targets these are. ``by_level`` holds all there are, level by level. ``market`` counts for all
    together: the market's own (``is_own``), else the sum of ``used``, else None.
    """

    used: dict[str, float] = field(default_factory=dict)
    level: dict[str, str] = field(default_factory=dict)
    by_level: dict[str, dict[str, float]] = field(default_factory=dict)
    market: float | None = None
    is_own: bool = False


def targets_of(week: Week, first: date, last: date) -> Targets:
    """Every target by the days it shares with a span of days.

    A jurisdiction's are the executive's own; where there are none, those of its accounts; where
    there are none either, those of the zones it owns whole by the alignment table. Targets of
    accounts and zones that belong to nobody count only if no executive has one.
    """
    by_level: dict[str, dict[str, float]] = {level: {} for level in LEVELS}
    market: float | None = None
    owner_of_zone = _owners_of_zones(week)
    for row in week.market.table("targets").to_dict("records"):
        share = days_share(row["first_date"], row["last_date"], first, last)
        if share == 0:
            continue
        amount, kind, subject = row["amount"] * share, row["subject_kind"], row["subject_id"]
        if kind == "market":
            market = (market or 0.0) + amount
            continue
        owner = {
            "executive": subject,
            "account": week.owner(subject),
            "zone": owner_of_zone.get(subject, NOBODY),
        }[kind]
        by_level[kind][owner] = by_level[kind].get(owner, 0.0) + amount
    level = _levels(by_level)
    used = {one: by_level[name][one] for one, name in level.items()}
    is_own = market is not None
    if market is None and used:
        market = sum(used.values())
    return Targets(used=used, level=level, by_level=by_level, market=market, is_own=is_own)


def _levels(by_level: dict[str, dict[str, float]]) -> dict[str, str]:
    """The level that counts for each executive; nobody's targets stand back behind anybody's."""
    level: dict[str, str] = {}
    for name in LEVELS:
        for one in by_level[name]:
            level.setdefault(one, name)
    if any(one != NOBODY for one in level):
        finest = {name for one, name in level.items() if one != NOBODY}
        if level.get(NOBODY) not in finest:
            level.pop(NOBODY, None)
    return dict(sorted(level.items()))


def _owners_of_zones(week: Week) -> dict[str, str]:
    """Who owns each zone whole on the week's last day."""
    held = week.market.table("alignment")
    known = set(week.market.table("executives")["executive_id"])
    return {
        row["subject_id"]: row["executive_id"]
        for row in held[held["subject_kind"] == "zone"].to_dict("records")
        if row["executive_id"] in known
        and row["valid_from"] <= week.last_date
        and (row["valid_to"] is None or row["valid_to"] >= week.last_date)
    }


def days_share(first: date, last: date, span_first: date, span_last: date) -> float:
    """The part of a period's days that lies in a span of days, 0 to 1."""
    shared = (min(last, span_last) - max(first, span_first)).days + 1
    return max(0, shared) / ((last - first).days + 1) if last >= first else 0.0


def target_conflicts(week: Week, targets: Targets) -> Table:
    """Executives whose targets of two levels do not say the same, and the market's own."""
    names = dict(
        zip(
            week.market.table("executives")["executive_id"],
            week.market.table("executives")["name"],
            strict=True,
        )
    )
    rows = []
    everyone = sorted({one for found in targets.by_level.values() for one in found})
    for one in everyone:
        found = {name: targets.by_level[name].get(one) for name in LEVELS}
        told = [amount for amount in found.values() if amount is not None]
        used = targets.used.get(one)
        if used is not None and max(told) - min(told) <= CONFLICT:
            continue
        rows.append(_conflict(one, names.get(one) or one or "(nobody)", targets, found, used))
    total = sum(targets.used.values())
    if targets.is_own and targets.used and abs((targets.market or 0.0) - total) > CONFLICT:
        sums = {name: sum(targets.by_level[name].values()) or None for name in LEVELS}
        rows.append(
            {
                **_conflict("all", "All", targets, sums, targets.market),
                "used": "market",
                "difference": total - (targets.market or 0.0),
            }
        )
    columns = ("executive_id", "name", "used", "target", *(f"by_{x}" for x in LEVELS), "difference")
    return rows_as_table(rows, columns)


def _conflict(
    one: str, name: str, targets: Targets, found: dict[str, float | None], used: float | None
) -> dict[str, object]:
    other = [amount for amount in found.values() if amount is not None and amount != used]
    apart = max((amount - (used or 0.0) for amount in other), key=abs, default=0.0)
    return {
        "executive_id": one,
        "name": name,
        "used": targets.level.get(one, "none"),
        "target": used,
        **{f"by_{level}": found[level] for level in LEVELS},
        "difference": apart,
    }


def sales_by_owner(week: Week, first: date, last: date) -> dict[str, float]:
    """What was delivered within two days per executive; an unknown amount counts as ordered."""
    sales: dict[str, float] = {}
    for account, sold in sales_by_account(week, first, last).items():
        owner = week.owner(account) or NOBODY
        sales[owner] = sales.get(owner, 0.0) + sold
    return sales


def sales_by_account(week: Week, first: date, last: date) -> dict[str, float]:
    """What was delivered within two days, both counted, per account that got anything."""
    sales = {
        account: [amount for day, amount in came if first <= day <= last]
        for account, came in deliveries(week).items()
    }
    return {account: sum(amounts) for account, amounts in sales.items() if amounts}


def deliveries(week: Week) -> dict[str, list[tuple[date, float]]]:
    """(day, amount) of all that was delivered per account; an unknown amount is as ordered."""
    orders = week.market.table("orders")
    amount = orders["delivered_amount"].to_numpy(dtype=np.float64)
    amount = np.where(np.isnan(amount), orders["ordered_amount"].to_numpy(dtype=float), amount)
    found: dict[str, list[tuple[date, float]]] = {}
    for account, day, sold in zip(
        orders["account_id"], orders["delivered_on"], amount.tolist(), strict=True
    ):
        if day is not None:
            found.setdefault(str(account), []).append((day, sold))
    return found
