"""Tasks with deadlines: done along with a regular visit before the deadline, else on their own."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from territory.calendar.needs import Desk, Draft, open_windows, preferred
from territory.calendar.rows import DEFAULT_TASK_MINUTES, Account
from territory.market import Market
from territory.routes import Unserved
from territory.visits import VisitNeed

WORTH = {"low": 0.5, "normal": 1.0, "": 1.0, "high": 2.0, "urgent": 4.0}
"""What a task is worth in regular visits of its account."""
OVERDUE_WORTH = 2.0
OVERDUE_WITHIN_DAYS = 7
"""A task whose deadline is past is given so many days of the horizon as its new deadline."""


def with_tasks(desk: Desk, draft: Draft, accounts: Mapping[str, Account], market: Market) -> None:
    """Add the open tasks of the market, the earliest deadline first."""
    tasks = market.table("tasks")
    rows = tasks[tasks["status"] != "done"].to_dict("records")
    rows = [row for row in rows if row["deadline"] is not None]
    for row in sorted(rows, key=lambda row: (row["deadline"], row["task_id"])):
        account = accounts.get(row["account_id"])
        if account is None:
            draft.unserved.append(_of_nobody(row))
        elif _is_excused(draft, account):
            _add(desk, draft, account, row)
        else:
            _give_up(draft, account, row)


def _is_excused(draft: Draft, account: Account) -> bool:
    """Whether the account can be visited at all; a frequency of 0 does not bar a task."""
    refused = draft.refused.get(account.account_id)
    return refused is None or refused.reason == "manual_exclude"


def _add(desk: Desk, draft: Draft, account: Account, row: Mapping[Any, Any]) -> None:
    minutes = row["minutes"]
    seconds = round(60 * (DEFAULT_TASK_MINUTES if pd.isna(minutes) else float(minutes)))
    deadline: date = row["deadline"]
    is_late = deadline < desk.days[0]
    value = account.value * WORTH.get(row["priority"], 1.0) * (OVERDUE_WORTH if is_late else 1.0)
    last = desk.days[0].toordinal() + OVERDUE_WITHIN_DAYS - 1 if is_late else deadline.toordinal()
    words = _words(row, is_late=is_late)
    if not _ride_along(draft, account, seconds, date.fromordinal(last), value, words):
        _stand_alone(desk, draft, account, row, seconds, date.fromordinal(last), value, words)


def _words(row: Mapping[Any, Any], *, is_late: bool) -> str:
    kind = row["kind"].replace("_", " ")
    title = f" “{row['title']}”" if row["title"] else ""
    late = ", overdue" if is_late else ""
    return f"{kind} task{title} by {row['deadline']}{late}"


def _ride_along(
    draft: Draft,
    account: Account,
    seconds: int,
    last: date,
    value: float,
    words: str,
) -> bool:
    """Give the task to the first visit that can be made in time and is long enough; say if so."""
    for position, need in enumerate(draft.needs):
        seen = (need.account_id, *need.with_account_ids)
        if account.account_id not in seen or need.kind == "task":
            continue
        longer = need.visit_seconds + seconds
        kept = _days_in_time(need, longer, last)
        if not kept:
            continue
        draft.needs[position] = replace(
            need,
            visit_seconds=longer,
            dates=tuple(day for day, _ in kept),
            windows=tuple(windows for _, windows in kept),
            preferred_dates=tuple(d for d in need.preferred_dates if d <= last),
            value=need.value + value,
            deadline=min(last, need.deadline or last),
            reason="; ".join(filter(None, (need.reason, words))),
        )
        return True
    return False


def _days_in_time(
    need: VisitNeed, seconds: int, last: date
) -> list[tuple[date, tuple[tuple[int, int], ...]]]:
    if need.pinned_start_seconds is not None:
        start = need.pinned_start_seconds
        day = need.dates[0]
        return [(day, ((start, start + seconds),))] if day <= last else []
    long_enough = (
        (day, tuple(span for span in windows if span[1] - span[0] >= seconds))
        for day, windows in zip(need.dates, need.windows, strict=True)
        if day <= last
    )
    return [(day, windows) for day, windows in long_enough if windows]


def _stand_alone(
    desk: Desk,
    draft: Draft,
    account: Account,
    row: Mapping[Any, Any],
    seconds: int,
    last: date,
    value: float,
    words: str,
) -> None:
    owner = draft.owner[account.account_id]
    days = [day for day in desk.working_days[owner] if day <= last]
    windows = open_windows(desk, account, days, seconds)
    if not windows:
        detail = (
            f"{words[0].upper()}{words[1:]}: no day of {owner} up to {last} on which the account "
            f"is open for {seconds // 60} min."
        )
        draft.unserved.append(
            _unserved(account, owner, row, "no_opening_hours_in_window", detail, value)
        )
        return
    dates = tuple(windows)
    draft.needs.append(
        VisitNeed(
            visit_id=f"{account.account_id}/{row['task_id']}",
            account_id=account.account_id,
            executive_id=owner,
            lon=account.lon,
            lat=account.lat,
            visit_seconds=seconds,
            dates=dates,
            windows=tuple(windows.values()),
            value=value,
            kind="task",
            deadline=last,
            preferred_dates=preferred(account, dates),
            required_skill=account.required_skill,
            reason=words,
            late_seconds=account.late_seconds,
        )
    )


def _give_up(draft: Draft, account: Account, row: Mapping[Any, Any]) -> None:
    refused = draft.refused[account.account_id]
    value = account.value * WORTH.get(row["priority"], 1.0)
    draft.unserved.append(
        _unserved(account, refused.executive_id, row, refused.reason, refused.detail, value)
    )


def _of_nobody(row: Mapping[Any, Any]) -> Unserved:
    """A task at an account that the market does not have."""
    return Unserved(
        visit_id=f"{row['account_id']}/{row['task_id']}",
        account_id=row["account_id"],
        executive_id="",
        reason="no_coordinates",
        detail=f"{row['account_id']} is no account of this market.",
        value=0.0,
    )


def _unserved(
    account: Account,
    who: str,
    row: Mapping[Any, Any],
    reason: Any,
    detail: str,
    value: float,
) -> Unserved:
    return Unserved(
        visit_id=f"{account.account_id}/{row['task_id']}",
        account_id=account.account_id,
        executive_id=who,
        reason=reason,
        detail=detail,
        value=value,
    )
