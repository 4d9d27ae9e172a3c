"""Visits of the week: planned, done, missed."""

from collections import Counter
from typing import Any

import pandas as pd

from territory.plans import Table
from territory.report.week import Week, rows_as_table
from territory.routes import VisitPlan


def planned_visits(week: Week, visit_plan: VisitPlan | None) -> pd.DataFrame:
    """The week's planned visits: executive_id, account_id, date, is_done, is_missed, why.

    For an executive whom the visit plan gives a route in the week its stops are what was planned,
    and a stop is done when the account was visited on any day of the week; for the others the
    rows of the visits table are, done ones too. A visit not done is missed when its day is over.
    """
    made = week.rows("visits")
    stops = [] if visit_plan is None else _stops(week, visit_plan, made)
    routed = {row["executive_id"] for row in stops}
    listed = [
        {
            "executive_id": row["executive_id"] or week.owner(row["account_id"]),
            "account_id": row["account_id"],
            "date": row["date"],
            "is_done": row["status"] == "done",
            "why": row["note"] if row["status"] == "missed" else "",
        }
        for row in made.to_dict("records")
    ]
    planned = [*stops, *(row for row in listed if row["executive_id"] not in routed)]
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
        seen = [one for stop in route.stops for one in (stop.account_id, *stop.with_account_ids)]
        for account_id in seen:
            is_done = left[account_id] > 0
            left[account_id] -= is_done
            planned.append(
                {
                    "executive_id": route.executive_id,
                    "account_id": account_id,
                    "date": route.date,
                    "is_done": is_done,
                    "why": "" if is_done else notes.get(account_id, ""),
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
