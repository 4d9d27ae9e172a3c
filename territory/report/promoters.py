"""Promoters: where they stand, whether they were there, and what came of it."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pandas as pd

from territory.hours import parse_hours
from territory.plans import Table
from territory.report.week import NOBODY, Record, Week, owners_of_places, rows_as_table

COLUMNS = (
    *("promoter_id", "name", "executive_id", "site_id", "site", "shifts", "planned_hours"),
    *("present_hours", "presence_percent", "shifts_missed", "units", "sales", "sales_per_hour"),
)


def promoters(week: Week) -> Table:
    """Promoters, their site, the week's shifts, presence and result.

    Planned are the shifts of the days that are over; presence counts no more than a day's shift,
    for a day's surplus does not make up for another day's absence. Where the week has no promoter's
    day at all, nobody wrote them down: presence and result are unknown. One at an outlet belongs
    to the jurisdiction it lies in.
    """
    outlets = week.market.table("outlets").set_index("outlet_id")
    at_outlet = owners_of_places(week, outlets[["lon", "lat"]].to_numpy(dtype=float))
    owner_of_outlet = dict(zip(outlets.index, at_outlet, strict=True))
    days: dict[str, list[Record]] = defaultdict(list)
    for row in week.market.table("promoter_days").to_dict("records"):
        if week.first_date <= row["date"] <= week.last_day:
            days[row["promoter_id"]].append(row)
    is_known = bool(days)
    rows = []
    for one in week.market.table("promoters").to_dict("records"):
        account, outlet = one["account_id"], one["outlet_id"]
        known = outlet in outlets.index
        rows.append(
            {
                "promoter_id": one["promoter_id"],
                "name": one["name"],
                "executive_id": week.owner(account)
                if account
                else owner_of_outlet.get(outlet, NOBODY),
                "site_id": account or outlet,
                "site": week.name(account)
                if account
                else (outlets.loc[outlet, "name"] if known else outlet),
                "shifts": one["shifts"],
                **_presence(week, one["shifts"], days[one["promoter_id"]], is_known=is_known),
            }
        )
    return rows_as_table(rows, COLUMNS)


def _presence(week: Week, shifts: str, days: list[Record], *, is_known: bool) -> dict[str, Any]:
    planned = _planned(week, shifts)
    hours = sum(planned.values())
    cells: dict[str, Any] = dict.fromkeys(COLUMNS[7:])
    cells["planned_hours"] = hours
    if not is_known:
        return cells
    there = {row["date"]: _number(row["hours"]) for row in days}
    kept = sum(min(there.get(day, 0.0), wanted) for day, wanted in planned.items())
    present, sales = sum(there.values()), sum(_number(row["sales"]) for row in days)
    return {
        "planned_hours": hours,
        "present_hours": present,
        "presence_percent": 100 * kept / hours if hours > 0 else None,
        "shifts_missed": sum(not there.get(day, 0.0) > 0 for day in planned),
        "units": sum(_number(row["units"]) for row in days),
        "sales": sales,
        "sales_per_hour": sales / present if present > 0 else None,
    }


def _planned(week: Week, shifts: str) -> dict[date, float]:
    """Hours of each day of the week that is over and has a shift."""
    try:
        hours = parse_hours(shifts)
    except ValueError:
        return {}  # words that are no shifts are shown as they are and ask for nobody
    days = (week.first_date + timedelta(days=step) for step in range(7))
    told = {day: sum(end - start for start, end in hours[day.weekday()]) / 3600 for day in days}
    return {day: length for day, length in told.items() if length > 0 and day <= week.last_day}


def _number(value: Any) -> float:
    return 0.0 if pd.isna(value) else float(value)
