"""Pinned appointments: visits already promised, which take the place of the regular one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from territory.calendar.needs import Desk, Draft, near_enough, open_windows
from territory.calendar.rows import Account
from territory.hours import format_time, parse_time
from territory.market import Market
from territory.routes import Unserved, UnservedReason
from territory.visits import VisitNeed

PROMISED = 10.0
"""How many times a regular visit an appointment is worth."""


def with_appointments(
    desk: Desk, draft: Draft, accounts: Mapping[str, Account], market: Market
) -> None:
    """Add the pinned visits of the horizon and take out the regular visits they stand for."""
    visits = market.table("visits")
    pinned = visits[(visits["status"] == "planned") & visits["is_pinned"].fillna(False)]
    for row in pinned.to_dict("records"):
        account = accounts.get(row["account_id"])
        if row["date"] is None or not desk.days[0] <= row["date"] <= desk.days[-1]:
            continue
        if account is None or not account.has_place:
            words = f"{row['account_id']} is no account with coordinates."
            _give_up(draft, row, account, "no_coordinates", words)
            continue
        who = row["executive_id"] or draft.owner.get(account.account_id, "")
        if who in desk.executives:
            _take_place(draft, _appointment(desk, account, row, who))
        else:
            words = f"{who or 'Nobody'} is no executive with a home and a working day."
            _give_up(draft, row, account, "no_executive", words)


def _give_up(
    draft: Draft,
    row: Mapping[Any, Any],
    account: Account | None,
    reason: UnservedReason,
    words: str,
) -> None:
    """Name an appointment that nobody can keep."""
    draft.unserved.append(
        Unserved(
            visit_id=row["visit_id"],
            account_id=row["account_id"],
            executive_id=row["executive_id"] or "",
            reason=reason,
            detail=f"Appointment on {row['date']}: {words}",
            value=0.0 if account is None else account.value * PROMISED,
        )
    )


def _appointment(desk: Desk, account: Account, row: Mapping[Any, Any], who: str) -> VisitNeed:
    minutes = row["minutes"]
    seconds = round(60 * float(minutes)) if not pd.isna(minutes) and minutes > 0 else 0
    seconds = seconds or account.visit_seconds
    day: date = row["date"]
    start = parse_time(row["start"]) if row["start"] else None
    windows = open_windows(desk, account, (day,), seconds).get(day, ((0, 86_400),))
    if start is not None:
        windows = ((start, start + seconds),)
    at = f" at {format_time(start)}" if start is not None else ""
    return VisitNeed(
        visit_id=row["visit_id"],
        account_id=account.account_id,
        executive_id=who,
        lon=account.lon,
        lat=account.lat,
        visit_seconds=seconds,
        dates=(day,),
        windows=(windows,),
        value=account.value * PROMISED,
        kind="appointment",
        pinned_start_seconds=start,
        reason=f"appointment on {day}{at}",
    )


def _take_place(draft: Draft, appointment: VisitNeed) -> None:
    """The regular visit nearest to the appointment is the appointment; the rest keep away."""
    day = appointment.dates[0]
    regular = [
        need
        for need in draft.needs
        if appointment.account_id in (need.account_id, *need.with_account_ids)
        and need.executive_id == appointment.executive_id
        and need.kind == "visit"
    ]
    if regular:
        nearest = min(regular, key=lambda need: min(abs((d - day).days) for d in need.dates))
        draft.needs.remove(nearest)
        appointment = replace(
            appointment,
            series=nearest.series,
            min_spacing_days=nearest.min_spacing_days,
            required_skill=nearest.required_skill,
            with_account_ids=nearest.with_account_ids,
        )
    draft.needs.append(appointment)
    _keep_near(draft, appointment)


def _keep_near(draft: Draft, appointment: VisitNeed) -> None:
    """The appointment's day decides anew how late the visit after it may be."""
    limit = max(
        (need.max_spacing_days for need in draft.needs if need.series == appointment.series),
        default=0,
    )
    if not appointment.series or not limit:
        return
    places = [k for k, need in enumerate(draft.needs) if need.series == appointment.series]
    places.sort(key=lambda k: draft.needs[k].dates[0])
    near = near_enough([draft.needs[k] for k in places], limit)
    for place, need in zip(places, near, strict=True):
        if need is not None:
            draft.needs[place] = need
