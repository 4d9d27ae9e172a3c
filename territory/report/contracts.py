"""Agreements that are due, how far their quotas are, and policies that are not in order."""

from collections.abc import Iterator
from datetime import date, timedelta

from territory.fulfilment import CENT
from territory.plans import Table
from territory.report.money import deliveries
from territory.report.week import AHEAD_DAYS, Record, Week, rows_as_table

PROVEN_KINDS = ("acceptance", "engineering")
"""Policies that have a limit to hold and whose use is to be proven."""

PACE_DAYS = 28


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


def quota_progress(week: Week) -> Table:
    """Agreements that run with a quota: what was delivered of it, and what time asks for.

    The quota of the whole agreement is its annual one by its days (a year, 365 or 366 days, is the
    annual quota). ``expected`` is the quota by the days gone; ``behind`` what is missing to it (at
    least 0); ``pace`` where the present pace leads by the end, once four weeks have gone. Those
    furthest behind come first.
    """
    came = deliveries(week)
    rows = []
    for one in week.market.table("agreements").to_dict("records"):
        if not one["annual_quota"] > 0 or not one["first_date"] <= week.last_day:
            continue
        if one["last_date"] < week.first_date:
            continue
        days = (one["last_date"] - one["first_date"]).days + 1
        until = min(week.last_day, one["last_date"])
        gone = (until - one["first_date"]).days + 1
        quota = one["annual_quota"] * (1.0 if days in (365, 366) else days / 365)
        sold = sum(
            amount
            for day, amount in came.get(one["account_id"], ())
            if one["first_date"] <= day <= until
        )
        expected = quota * gone / days
        rows.append(
            {
                "agreement_id": one["agreement_id"],
                "executive_id": week.owner(one["account_id"]),
                "account_id": one["account_id"],
                "account": week.name(one["account_id"]),
                "first_date": one["first_date"],
                "last_date": one["last_date"],
                "is_signed": _is_signed(week, one["signed_on"]),
                "quota": quota,
                "delivered": sold,
                "progress_percent": 100 * sold / quota,
                "expected": expected,
                "expected_percent": 100 * gone / days,
                "behind": max(0.0, expected - sold),
                "pace": sold * days / gone if gone >= PACE_DAYS else None,
            }
        )
    rows.sort(key=lambda row: (-row["behind"], row["agreement_id"]))
    return rows_as_table(
        rows,
        (
            *("agreement_id", "executive_id", "account_id", "account", "first_date", "last_date"),
            *("is_signed", "quota", "delivered", "progress_percent", "expected"),
            *("expected_percent", "behind", "pace"),
        ),
    )


def policies_due(week: Week) -> Table:
    """Policies not in order whatever their day, and those that fall due within 30 days of the week.

    ``problem`` joins what is wrong: "unsigned" (no signature yet), "late" (unsigned past its due
    day, or signed after it this week), and for acceptance and engineering policies "over limit"
    (more used than allowed) and "unproven" (used, past its due day or without one, and no proof);
    "" where it only falls due. ``over`` is what is used beyond the limit.
    """
    soon = week.last_date + timedelta(days=AHEAD_DAYS)
    rows = []
    for one in week.market.table("policies").to_dict("records"):
        problems = list(_problems(week, one))
        due = one["due_on"]
        is_soon = due is not None and week.first_date <= due <= soon
        if not is_soon and not problems:
            continue
        rows.append(
            {
                "policy_id": one["policy_id"],
                "executive_id": week.owner(one["account_id"]),
                "account_id": one["account_id"],
                "account": week.name(one["account_id"]),
                "kind": one["kind"],
                "problem": ", ".join(problems),
                "limit_amount": one["limit_amount"],
                "used_amount": one["used_amount"],
                "over": _over(one),
                "due_on": due,
                "is_signed": _is_signed(week, one["signed_on"]),
                "is_proven": _is_signed(week, one["proven_on"]),
            }
        )
    rows.sort(key=lambda row: (not row["problem"], row["due_on"] or date.max, row["policy_id"]))
    return rows_as_table(
        rows,
        (
            *("policy_id", "executive_id", "account_id", "account", "kind", "problem"),
            *("limit_amount", "used_amount", "over", "due_on", "is_signed", "is_proven"),
        ),
    )


def _problems(week: Week, one: Record) -> Iterator[str]:
    due, is_signed = one["due_on"], _is_signed(week, one["signed_on"])
    if not is_signed:
        yield "unsigned"
    is_past = due is not None and due < week.cutoff
    signed_late = is_signed and due is not None and one["signed_on"] > due
    if (is_past and not is_signed) or (signed_late and week.holds(one["signed_on"])):
        yield "late"
    if one["kind"] not in PROVEN_KINDS:
        return
    if _over(one) > 0:
        yield "over limit"
    is_asked = one["used_amount"] > 0 and (is_past or due is None)
    if is_asked and not _is_signed(week, one["proven_on"]):
        yield "unproven"


def _over(one: Record) -> float:
    over = one["used_amount"] - one["limit_amount"]
    return float(over) if over > CENT else 0.0
