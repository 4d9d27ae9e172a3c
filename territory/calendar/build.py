"""Visit needs and shifts from the market tables.

Regular visits come from each account's rhythm, appointments take the place of the regular visit
they fall on, tasks ride along with a visit before their deadline or stand alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from territory.calendar.appointments import with_appointments
from territory.calendar.groups import joined
from territory.calendar.needs import Desk, Draft, draft_visits
from territory.calendar.rows import read_accounts, read_executives
from territory.calendar.shifts import horizon, make_shifts, public_holidays
from territory.calendar.tasks import with_tasks
from territory.errors import InputError
from territory.market import Market
from territory.routes import Unserved
from territory.visits import Shift, VisitNeed

MOST_WEEKS = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What has to be seen and who works when.

    ``unserved`` are visits that are due and cannot be planned by anybody, with the reason;
    ``not_due`` names accounts whose next visit falls after the horizon, which is no failure.
    ``notes`` say which accounts of a visit group are seen apart from it, and why.
    """

    needs: tuple[VisitNeed, ...]
    shifts: tuple[Shift, ...]
    unserved: tuple[Unserved, ...] = ()
    not_due: tuple[Unserved, ...] = ()
    notes: tuple[str, ...] = ()


def visit_needs(
    market: Market, *, first_date: date, weeks: int, owner_of_account: Mapping[str, str]
) -> Calendar:
    """The calendar of some weeks from a first day.

    ``owner_of_account`` says who looks after each account; where it is silent the account's own
    executive does. Values are in the market's currency.

    Raises
    ------
    InputError
        If ``weeks`` is not 1 to 13 or the market's country has no known holidays.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise InputError(f"{weeks} weeks cannot be planned.", fix="Give 1 to 13 weeks.")
    days = horizon(first_date, weeks)
    closed = public_holidays(market.settings.country, days)
    executives = {one.executive_id: one for one in read_executives(market)}
    desk = Desk(
        days=days,
        closed=closed,
        executives=executives,
        shifts=make_shifts(market, executives.values(), days, closed),
        currency=market.settings.currency,
    )
    draft = Draft()
    every = {account.account_id: account for account in read_accounts(market)}
    together, notes = joined(every.values(), owner_of_account)
    accounts = every | {account.account_id: account for account in together}
    for account in together:
        owner = owner_of_account.get(account.account_id, "") or account.own_executive
        draft_visits(desk, draft, account, owner)
    for account in together:
        for other in account.with_ids:
            _as_its_lead(draft, account.account_id, other)
    with_appointments(desk, draft, accounts, market)
    with_tasks(desk, draft, accounts, market)
    return Calendar(
        needs=tuple(_unique(draft.needs)),
        shifts=desk.shifts,
        unserved=tuple(draft.unserved),
        not_due=tuple(draft.not_due),
        notes=notes,
    )


def _as_its_lead(draft: Draft, lead: str, account_id: str) -> None:
    """An account seen with another has that one's executive, and its refusal if it is refused."""
    if lead in draft.owner:
        draft.owner[account_id] = draft.owner[lead]
    if lead in draft.refused:
        draft.refused[account_id] = draft.refused[lead]


def _unique(needs: list[VisitNeed]) -> list[VisitNeed]:
    # An appointment's id is the user's own and may look like one of ours: the later gives way.
    used: set[str] = set()
    named: list[VisitNeed] = []
    for need in needs:
        visit_id = need.visit_id
        while visit_id in used:
            visit_id += "'"
        used.add(visit_id)
        named.append(need if visit_id == need.visit_id else replace(need, visit_id=visit_id))
    return named
