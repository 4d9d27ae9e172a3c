"""One more visit than the rhythm asks for: a need for an account on days still to come."""

from collections.abc import Sequence
from datetime import date

from territory.calendar.needs import Desk, open_windows, preferred
from territory.calendar.rows import Account, read_account, read_executives
from territory.calendar.shifts import public_holidays
from territory.errors import Fault, InputError
from territory.market import Market
from territory.visits import Shift, VisitNeed


def account_named(market: Market, account_id: str) -> Account:
    """An account that can be visited.

    Raises
    ------
    InputError
        If there is none of that id, it has no coordinates or its hours cannot be read.
    """
    account = read_account(market, account_id)
    fault = Fault(table="accounts", column="account_id", value=account_id, expected="")
    if account is None:
        raise InputError(f"There is no account {account_id!r}.", [fault], fix="Name one.")
    if not account.has_place:
        raise InputError(f"Account {account_id!r} has no coordinates.", [fault])
    if account.week is None:
        raise InputError(f"The hours of {account_id!r} cannot be read: {account.opening_hours!r}.")
    return account


def extra_visit(
    market: Market,
    account: Account,
    *,
    visit_id: str,
    executive_id: str,
    shifts: Sequence[Shift],
    days: Sequence[date],
    minutes: float | None = None,
    value: float | None = None,
) -> VisitNeed:
    """A need for an account on some of an executive's days, within its opening hours.

    ``minutes`` and ``value`` are the account's own if None. A need may have no date left; it is
    then told as unserved.
    """
    working = tuple(s.date for s in shifts if s.executive_id == executive_id and s.date in days)
    desk = Desk(
        days=tuple(days),
        closed=public_holidays(market.settings.country, days),
        executives={one.executive_id: one for one in read_executives(market)},
        shifts=tuple(shifts),
        currency=market.settings.currency,
    )
    seconds = account.visit_seconds if minutes is None else round(60 * minutes)
    windows = open_windows(desk, account, working, seconds)
    return VisitNeed(
        visit_id=visit_id,
        account_id=account.account_id,
        executive_id=executive_id,
        lon=account.lon,
        lat=account.lat,
        visit_seconds=seconds,
        dates=tuple(windows),
        windows=tuple(windows.values()),
        value=account.value if value is None else value,
        preferred_dates=preferred(account, tuple(windows)),
        required_skill=account.required_skill,
        reason="asked for in addition",
        late_seconds=account.late_seconds,
    )
