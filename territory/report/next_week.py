"""Three things to do next week, per jurisdiction and for the market, each with its visits."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from territory.calendar.rows import Account, read_accounts, read_executives
from territory.calendar.shifts import make_shifts
from territory.plans import Table
from territory.report.stakes import Reason, Theme, reasons
from territory.report.week import Week, rows_as_table

THINGS = 3
"""Things to do per jurisdiction, and for the market."""
MOST_VISITS = 5
"""Visits of one thing to do; those with most at stake."""
ALL = "all"

ACTION_COLUMNS = (
    *("scope", "rank", "action_id", "executive_id", "executive", "theme", "title"),
    *("visits", "minutes", "stake", "why"),
)
VISIT_COLUMNS = (
    *("action_id", "task_id", "executive_id", "account_id", "account", "date", "deadline"),
    *("minutes", "kind", "priority", "stake", "reason"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a theme asks for: a title, the kind of task, its minutes and priority."""

    title: str
    kind: str
    minutes: float
    priority: str


WORK: Mapping[Theme, Work] = {
    "unmet_orders": Work(title="Put unmet orders right", kind="issue", minutes=20, priority="high"),
    "issues": Work(title="Settle overdue issues", kind="issue", minutes=20, priority="urgent"),
    "prices": Work(
        title="Bring prices back to the floor", kind="price_check", minutes=15, priority="high"
    ),
    "margins": Work(
        title="Bring profit back into its band", kind="price_check", minutes=15, priority="normal"
    ),
    "agreements": Work(
        title="Get agreements signed", kind="agreement", minutes=30, priority="high"
    ),
    "quotas": Work(title="Catch up with quotas", kind="promotion", minutes=30, priority="normal"),
    "policies": Work(title="Put policies in order", kind="agreement", minutes=20, priority="high"),
    "competitors": Work(
        title="Answer competitors' moves", kind="demonstration", minutes=20, priority="normal"
    ),
    "frequency": Work(
        title="See accounts that are seen too seldom", kind="survey", minutes=20, priority="normal"
    ),
}


@dataclass(slots=True)
class Diary:
    """The days of one executive next week, and what is on them so far."""

    minutes: dict[date, float] = field(default_factory=dict)
    place: dict[str, date] = field(default_factory=dict)

    def take(self, account: Account, minutes: float) -> tuple[date, date] | None:
        """A day for a visit and the last day it can be made on; None if no day will do.

        A second errand at an account goes with the first; else the day with the least on it, the
        earliest of those.
        """
        days = [day for day in self.minutes if _is_open(account, day, minutes)]
        if not days:
            return None
        day = self.place.get(account.account_id)
        if day not in days:
            day = min(days, key=lambda one: (self.minutes[one], one))
        self.place.setdefault(account.account_id, day)
        self.minutes[day] += minutes
        return day, max(days)


def _is_open(account: Account, day: date, minutes: float) -> bool:
    if account.allowed_weekdays and day.weekday() not in account.allowed_weekdays:
        return False
    windows = account.week[day.weekday()] if account.week is not None else ()
    return any(end - start >= 60 * minutes for start, end in windows)


def next_week(
    week: Week, sections: Mapping[str, Table], executive_names: Mapping[str, str]
) -> tuple[Table, Table]:
    """(things to do, their visits) of the week that begins on ``week.next_monday``.

    A thing to do is one theme of one executive: the accounts with most at stake, at most five, on
    days the executive works and the account is open. Each executive's three with most at stake
    stand, and the market's three are the first of these. Ties go by executive and theme.
    """
    found = reasons(week, sections)
    accounts = {one.account_id: one for one in read_accounts(week.market)}
    diaries = _diaries(week)
    rows: list[dict[str, Any]] = []
    visits: list[dict[str, Any]] = []
    for who in sorted({one.executive_id for one in found}):
        mine = [one for one in found if one.executive_id == who]
        for action, planned in _of_one(week, who, mine, accounts, diaries.get(who, Diary())):
            rows.append({**action, "executive": executive_names.get(who) or who})
            visits += planned
    whole = [
        {**row, "scope": ALL, "rank": rank}
        for rank, row in enumerate(sorted(rows, key=_by_stake)[:THINGS], start=1)
    ]
    return rows_as_table([*whole, *rows], ACTION_COLUMNS), rows_as_table(visits, VISIT_COLUMNS)


def _by_stake(row: Mapping[str, Any]) -> tuple[float, str, str]:
    return -row["stake"], row["executive_id"], row["theme"]


def _diaries(week: Week) -> dict[str, Diary]:
    days = [week.next_monday + timedelta(days=step) for step in range(7)]
    diaries: dict[str, Diary] = {}
    for shift in make_shifts(week.market, read_executives(week.market), days, week.closed):
        diaries.setdefault(shift.executive_id, Diary()).minutes[shift.date] = 0.0
    return diaries


def _of_one(
    week: Week,
    who: str,
    found: Iterable[Reason],
    accounts: Mapping[str, Account],
    diary: Diary,
) -> Iterable[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The three things of one executive: ranked by what their visits can be made for."""
    by_theme: dict[Theme, list[Reason]] = {}
    for one in sorted(found, key=lambda one: (-one.stake, one.account_id)):
        account = accounts.get(one.account_id)
        is_placed = account is not None and account.has_place
        if account is not None and is_placed and _fits(account, one, diary):
            by_theme.setdefault(one.theme, []).append(one)
    chosen = [
        (sum(one.stake for one in ones[:MOST_VISITS]), theme, ones[:MOST_VISITS])
        for theme, ones in by_theme.items()
    ]
    chosen.sort(key=lambda item: (-item[0], item[1]))
    for rank, (stake, theme, ones) in enumerate(chosen[:THINGS], start=1):
        visits = [_visit(week, who, one, accounts[one.account_id], diary) for one in ones]
        yield _action(week, who, rank, theme, stake, visits), visits


def _fits(account: Account, one: Reason, diary: Diary) -> bool:
    return any(_is_open(account, day, WORK[one.theme].minutes) for day in diary.minutes)


def _action(
    week: Week,
    who: str,
    rank: int,
    theme: Theme,
    stake: float,
    visits: list[dict[str, Any]],
) -> dict[str, Any]:
    currency = week.market.settings.currency
    first = visits[0]
    more = f" and {len(visits) - 1} more" if len(visits) > 1 else ""
    return {
        "scope": who,
        "rank": rank,
        "action_id": _action_id(week, theme, who),
        "executive_id": who,
        "theme": theme,
        "title": WORK[theme].title,
        "visits": len(visits),
        "minutes": sum(one["minutes"] for one in visits),
        "stake": stake,
        "why": f"{first['account']}: {first['reason']}{more}; "
        f"{stake:,.0f} {currency} at stake in four weeks",
    }


def _visit(week: Week, who: str, one: Reason, account: Account, diary: Diary) -> dict[str, Any]:
    work = WORK[one.theme]
    taken = diary.take(account, work.minutes)
    if taken is None:
        raise ValueError(f"{one.account_id!r} was open a moment ago")
    day, deadline = taken
    return {
        "action_id": _action_id(week, one.theme, who),
        "task_id": _task_id(week, one.theme, one.account_id),
        "executive_id": who,
        "account_id": one.account_id,
        "account": week.name(one.account_id),
        "date": day,
        "deadline": deadline,
        "minutes": work.minutes,
        "kind": work.kind,
        "priority": work.priority,
        "stake": one.stake,
        "reason": one.text,
    }


def week_name(monday: date) -> str:
    """An ISO week as 2026-W47."""
    year, number, _ = monday.isocalendar()
    return f"{year}-W{number:02d}"


def _action_id(week: Week, theme: Theme, who: str) -> str:
    return f"{week_name(week.next_monday)}/{theme}/{_short(who)}"


def _task_id(week: Week, theme: Theme, account_id: str) -> str:
    """The same for every report on the same week, so that accepting twice adds nothing."""
    return f"{week_name(week.next_monday)}/{theme}/{_short(account_id)}"


def _short(name: str) -> str:
    # An id may be as long as an id can be; the task's own must still fit.
    return name if len(name) <= 120 else hashlib.sha256(name.encode()).hexdigest()[:32]
