"""Accounts behind one door: seen in one stop, as often as the most frequent of them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from territory.calendar.rows import Account
from territory.hours import Week, Window


def joined(
    accounts: Iterable[Account], owner_of: Mapping[str, str]
) -> tuple[tuple[Account, ...], tuple[str, ...]]:
    """The accounts with each group taken together under its first one, and why some are not.

    A group is seen as often as its most frequent account, for as long as all of them take one
    after another, when all are open, and is worth the sum. An account stays alone that has no
    place, another executive, another required skill, is not to be visited, or leaves the group no
    common hour.
    """
    kept: dict[str, Account] = {}
    leads: dict[tuple[str, str], str] = {}
    notes = []
    for account in accounts:
        who = owner_of.get(account.account_id, "") or account.own_executive
        key = account.visit_group, who
        lead = leads.get(key) if account.visit_group else None
        why = _why_not(kept[lead], account) if lead is not None else ""
        if lead is not None and not why:
            kept[lead] = _with(kept[lead], account)
            continue
        kept[account.account_id] = account
        if why:
            notes.append(f"{account.account_id} is seen apart from {lead}: {why}.")
        elif account.visit_group and _can_lead(account):
            leads[key] = account.account_id
    return tuple(kept.values()), tuple(notes)


def _can_lead(account: Account) -> bool:
    return account.has_place and account.week is not None and account.visits_per_4_weeks > 0


def _why_not(lead: Account, account: Account) -> str:
    """Why an account cannot be seen with the group; empty if it can."""
    if not _can_lead(account):
        return "it has no place, no hours that can be read, or is not to be visited"
    if account.required_skill != lead.required_skill:
        return "it needs another skill"
    seconds = lead.visit_seconds + account.visit_seconds
    days = _days(lead) & _days(account)
    open_long = [
        day for day in days for span in _common(lead, account)[day] if span[1] - span[0] >= seconds
    ]
    return "" if open_long else f"all are open together for {seconds // 60} min on no day"


def _with(lead: Account, account: Account) -> Account:
    days = _days(lead) & _days(account)
    seen = [day for day in (lead.last_visit, account.last_visit) if day is not None]
    most = [days_ for days_ in (lead.max_spacing_days, account.max_spacing_days) if days_]
    least = [days_ for days_ in (lead.min_spacing_days, account.min_spacing_days) if days_]
    return replace(
        lead,
        visits_per_4_weeks=max(lead.visits_per_4_weeks, account.visits_per_4_weeks),
        visit_seconds=lead.visit_seconds + account.visit_seconds,
        week=_common(lead, account),
        allowed_weekdays=frozenset() if len(days) == 7 else days,
        preferred_weekdays=(lead.preferred_weekdays | account.preferred_weekdays) & days,
        last_visit=min(seen) if len(seen) == 2 else None,
        min_spacing_days=max(least, default=None),
        max_spacing_days=min(most, default=None),
        with_ids=(*lead.with_ids, account.account_id),
        value_beside=lead.value_beside + account.value,
        late_seconds=min(lead.late_seconds, account.late_seconds),
    )


def _days(account: Account) -> frozenset[int]:
    return account.allowed_weekdays or frozenset(range(7))


def _common(one: Account, other: Account) -> Week:
    """The hours in which both are open, per weekday."""
    return tuple(
        _overlaps(left, right)
        for left, right in zip(one.week or ((),) * 7, other.week or ((),) * 7, strict=True)
    )


def _overlaps(left: Iterable[Window], right: Iterable[Window]) -> tuple[Window, ...]:
    spans = [(max(a, c), min(b, d)) for a, b in left for c, d in right]
    return tuple(sorted(span for span in spans if span[0] < span[1]))
