"""Regular visits of one account: needs where they can be planned, reasons where they cannot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from territory.calendar.rhythm import MOST_OVERDUE, Due, due_visits, rhythm_of
from territory.calendar.rows import Account, Executive
from territory.hours import Window
from territory.routes import Unserved, UnservedReason
from territory.visits import Shift, VisitNeed


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What holds for every account: the days, the holidays, who works when."""

    days: tuple[date, ...]
    closed: Mapping[date, str]
    executives: Mapping[str, Executive]
    shifts: tuple[Shift, ...]
    currency: str

    @cached_property
    def working_days(self) -> Mapping[str, tuple[date, ...]]:
        """The days each executive works, ascending."""
        days: dict[str, list[date]] = {}
        for shift in self.shifts:
            days.setdefault(shift.executive_id, []).append(shift.date)
        return {who: tuple(dates) for who, dates in days.items()}


@dataclass(slots=True)
class Draft:
    """The calendar in the making. ``owner`` is who visits each account that can be visited."""

    needs: list[VisitNeed] = field(default_factory=list)
    unserved: list[Unserved] = field(default_factory=list)
    not_due: list[Unserved] = field(default_factory=list)
    owner: dict[str, str] = field(default_factory=dict)
    refused: dict[str, Unserved] = field(default_factory=dict)

    def refuse(
        self, account: Account, who: str, reason: UnservedReason, detail: str, fits_if: str = ""
    ) -> None:
        """Give an account up, once, with what one visit is worth; an excluded one is worth 0."""
        entry = Unserved(
            visit_id=f"{account.account_id}#1",
            account_id=account.account_id,
            executive_id=who,
            reason=reason,
            detail=detail,
            value=0.0 if reason == "manual_exclude" else account.value,
            fits_if=fits_if,
        )
        self.unserved.append(entry)
        self.refused[account.account_id] = entry


def draft_visits(desk: Desk, draft: Draft, account: Account, owner: str) -> None:
    """Add the regular visits of an account, or why there are none."""
    if _is_refused(desk, draft, account, owner):
        return
    draft.owner[account.account_id] = owner
    if account.visits_per_4_weeks <= 0:
        draft.refuse(account, owner, "manual_exclude", "Its visit frequency is set to 0.")
        return
    executive = desk.executives[owner]
    rhythm = rhythm_of(
        account.visits_per_4_weeks,
        len(executive.weekdays),
        min_spacing_days=account.min_spacing_days,
        max_spacing_days=account.max_spacing_days,
    )
    dues = due_visits(
        account.account_id,
        rhythm,
        working_days=desk.working_days[owner],
        weekdays=executive.weekdays,
        last_visit=account.last_visit,
    )
    if not dues:
        draft.not_due.append(_not_due(account, owner))
    needs = [
        _need(desk, account, owner, due, number, rhythm.min_spacing_days if len(dues) > 1 else 0)
        for number, due in enumerate(dues, 1)
    ]
    for number, need in enumerate(near_enough(needs, rhythm.max_spacing_days), 1):
        if need is None:
            draft.unserved.append(_no_hours(account, owner, number, dues[number - 1]))
        else:
            draft.needs.append(need)


def near_enough(needs: Sequence[VisitNeed | None], max_spacing_days: int) -> list[VisitNeed | None]:
    """The needs of a series with dates none of which can lie too far after the visit before.

    A visit keeps the dates within ``max_spacing_days`` of the first date of the one before it.
    Where none of its dates lies in that time it keeps them all and has no limit.
    """
    near: list[VisitNeed | None] = []
    before: VisitNeed | None = None
    for need in needs:
        if need is not None and before is not None and max_spacing_days:
            last = before.dates[0].toordinal() + max_spacing_days
            keep = sum(day.toordinal() <= last for day in need.dates)
            if keep:
                dates = need.dates[:keep]
                need = replace(
                    need,
                    dates=dates,
                    windows=need.windows[:keep],
                    preferred_dates=tuple(d for d in need.preferred_dates if d in dates),
                    max_spacing_days=max_spacing_days,
                )
            else:
                need = replace(need, max_spacing_days=0)
        near.append(need)
        before = need or before
    return near


def _is_refused(desk: Desk, draft: Draft, account: Account, owner: str) -> bool:
    if not account.has_place:
        fix = "it gets a longitude and a latitude"
        draft.refuse(account, owner, "no_coordinates", "It has no coordinates.", fix)
    elif not owner:
        detail = "It lies in no jurisdiction and names no executive."
        draft.refuse(account, owner, "no_executive", detail, "an executive is given to it")
    elif owner not in desk.executives:
        detail = f"{owner} is not an executive with a home and a working day."
        draft.refuse(account, owner, "no_executive", detail, "an executive is given to it")
    elif not desk.working_days.get(owner):
        detail = f"{owner} works on no day from {desk.days[0]} to {desk.days[-1]}."
        draft.refuse(account, owner, "no_executive", detail)
    elif account.required_skill and account.required_skill not in desk.executives[owner].skills:
        detail = f"It needs the skill {account.required_skill!r}, which {owner} lacks."
        fits = f"{owner} has the skill {account.required_skill!r}"
        draft.refuse(account, owner, "skill_mismatch", detail, fits)
    elif account.week is None:
        detail = f"Its opening hours {account.opening_hours!r} cannot be read."
        draft.refuse(account, owner, "no_opening_hours_in_window", detail)
    else:
        return False
    return True


def open_windows(
    desk: Desk, account: Account, days: Iterable[date], seconds: int
) -> dict[date, tuple[Window, ...]]:
    """The opening windows long enough for a visit, on the days on which it is allowed."""
    week = account.week or ((),) * 7
    allowed = account.allowed_weekdays or frozenset(range(7))
    found = {
        day: tuple(span for span in week[day.weekday()] if span[1] - span[0] >= seconds)
        for day in days
        if day.weekday() in allowed and day not in desk.closed
    }
    return {day: windows for day, windows in found.items() if windows}


def _need(
    desk: Desk, account: Account, owner: str, due: Due, number: int, spacing: int
) -> VisitNeed | None:
    windows = open_windows(desk, account, due.days, account.visit_seconds)
    if not windows:
        return None
    dates = tuple(windows)
    return VisitNeed(
        visit_id=f"{account.account_id}#{number}",
        account_id=account.account_id,
        executive_id=owner,
        lon=account.lon,
        lat=account.lat,
        visit_seconds=account.visit_seconds,
        dates=dates,
        windows=tuple(windows.values()),
        value=account.value * (1.0 + min(MOST_OVERDUE, due.overdue)),
        series=account.account_id,
        min_spacing_days=spacing,
        preferred_dates=preferred(account, dates),
        required_skill=account.required_skill,
        reason=_reason(desk, account, due),
        with_account_ids=account.with_ids,
        late_seconds=account.late_seconds,
    )


def preferred(account: Account, dates: Sequence[date]) -> tuple[date, ...]:
    """The dates that fall on a preferred weekday."""
    return tuple(day for day in dates if day.weekday() in account.preferred_weekdays)


def _reason(desk: Desk, account: Account, due: Due) -> str:
    seen = f"last seen {account.last_visit}" if account.last_visit else "not seen so far"
    late = ", overdue" if due.overdue > 0 else ""
    potential = f"potential {short_amount(account.annual_potential)} {desk.currency} a year"
    beside = f"; with {', '.join(account.with_ids)}" if account.with_ids else ""
    rhythm = rhythm_words(account.visits_per_4_weeks)
    if account.max_spacing_days:
        rhythm += f", at most {account.max_spacing_days} days apart"
    return f"due {due.day}{late}, {rhythm}, {seen}; {potential}{beside}"


def rhythm_words(visits_per_4_weeks: float) -> str:
    """A frequency as people say it."""
    said = {1.0: "every 4 weeks", 2.0: "every 2 weeks", 4.0: "every week", 8.0: "twice a week"}
    return said.get(visits_per_4_weeks, f"{visits_per_4_weeks:g} times in 4 weeks")


def short_amount(amount: float) -> str:
    """An amount in three figures or so: 640, 12 k, 1.3 M."""
    if amount >= 1e6:
        return f"{amount / 1e6:.1f} M"
    return f"{amount / 1e3:.0f} k" if amount >= 1e4 else f"{amount:.0f}"


def _not_due(account: Account, owner: str) -> Unserved:
    return Unserved(
        visit_id=f"{account.account_id}#1",
        account_id=account.account_id,
        executive_id=owner,
        reason="not_due_yet",
        detail=f"Seen {rhythm_words(account.visits_per_4_weeks)}, last on {account.last_visit}.",
        value=0.0,
    )


def _no_hours(account: Account, owner: str, number: int, due: Due) -> Unserved:
    hours = account.opening_hours or "09:00-17:00 on weekdays"
    return Unserved(
        visit_id=f"{account.account_id}#{number}",
        account_id=account.account_id,
        executive_id=owner,
        reason="no_opening_hours_in_window",
        detail=f"Due {due.day}; from {due.days[0]} to {due.days[-1]} it is not open for "
        f"{account.visit_seconds // 60} min on a day when it may be visited ({hours}).",
        value=account.value,
    )
