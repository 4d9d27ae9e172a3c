"""When visits are due: frequency and last visit give a rhythm counted in working days.

With f visits in 4 weeks and w working days a week a visit is due every 4 w / f working days.
Counted so, a weekly visit has five days to choose from wherever the week begins, a holiday or an
absence stretches the rhythm and does not break it, and the windows of successive visits do not
overlap.
"""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LONG_RHYTHM_SHARE = 0.35
"""How far from its due day a visit rarer than weekly may move, as a part of its interval."""
SPACING_SHARE = 0.6
"""Least distance of successive visits as a part of their interval."""
MOST_OVERDUE = 1.0
"""Overdue visits gain value up to this many times their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One visit that is due: the working days it may be made on and by how much it is overdue.

    ``overdue`` is the delay at the horizon's start as a part of the interval, 0 if it is not late.
    """

    day: date
    days: tuple[date, ...]
    overdue: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often an account is seen: the interval in working days, the spacing in calendar days.

    ``reach_days`` is how far from its due day a visit may move, in working days.
    """

    interval_days: float
    min_spacing_days: int
    reach_days: float
    max_spacing_days: int = 0  # 0: no limit


def rhythm_of(
    visits_per_4_weeks: float,
    weekdays: int,
    *,
    min_spacing_days: int | None = None,
    max_spacing_days: int | None = None,
) -> Rhythm:
    """The rhythm of an account visited by somebody with this many working days a week.

    The account's own spacing goes before the usual one. Visits that could lie farther apart than
    ``max_spacing_days`` fall due more often, and move less about their due day.
    """
    interval = 4 * weekdays / visits_per_4_weeks
    calendar_days = 28 / visits_per_4_weeks
    spacing = max(1, math.floor(SPACING_SHARE * calendar_days + 1e-9))
    reach = _usual_reach(interval)
    if max_spacing_days:
        longest = max_spacing_days * weekdays / 7
        interval = min(interval, max(1.0, longest))
        reach = max(0.0, min(reach, _usual_reach(interval), (longest - interval) / 2))
        spacing = min(spacing, max_spacing_days)
    if min_spacing_days is not None:
        spacing = min_spacing_days
    return Rhythm(
        interval_days=interval,
        min_spacing_days=spacing,
        reach_days=reach,
        max_spacing_days=max_spacing_days or 0,
    )


def _usual_reach(interval: float) -> float:
    week = 5.0
    return interval / 2 if interval <= week else max(week / 2, LONG_RHYTHM_SHARE * interval)


def due_visits(
    account_id: str,
    rhythm: Rhythm,
    *,
    working_days: Sequence[date],
    weekdays: frozenset[int],
    last_visit: date | None,
) -> tuple[Due, ...]:
    """The visits that fall due on the working days of the horizon, in order.

    Without a last visit the first one falls anywhere within the first interval, spread over the
    accounts by their ids. A visit due beyond the last working day is for the next plan.
    """
    interval = rhythm.interval_days
    if not working_days:
        return ()
    if last_visit is None:
        first = _spread(account_id) * interval
    else:
        first = interval - _working_days_since(last_visit, working_days[0], weekdays)
    overdue = max(0.0, -first) / interval
    due = max(0.0, first)
    visits: list[Due] = []
    while due < len(working_days):
        visits.append(_due(due, rhythm.reach_days, working_days, 0.0 if visits else overdue))
        due += interval
    return tuple(visits)


def _due(due: float, reach: float, working_days: Sequence[date], overdue: float) -> Due:
    low = max(0, math.ceil(due - reach - 1e-9))
    if reach < 0.5:  # less than a day to choose from: the day within which it falls due
        low = min(low, int(due))
    high = min(len(working_days), max(low + 1, math.ceil(due + reach - 1e-9)))
    return Due(day=working_days[int(due)], days=tuple(working_days[low:high]), overdue=overdue)


def _spread(account_id: str) -> float:
    """A number in [0, 1) that is always the same for an id."""
    return zlib.crc32(account_id.encode("utf-8", "surrogatepass")) / 2**32


def _working_days_since(last: date, first: date, weekdays: frozenset[int]) -> int:
    """Working days from the last visit to the horizon's first day; whole weeks at one go."""
    gap = (first - last).days
    if gap <= 0:
        return gap  # seen after the horizon's start: the rhythm goes on from there
    weeks, rest = divmod(gap, 7)
    partly = sum((last + timedelta(days=step)).weekday() in weekdays for step in range(rest))
    return weeks * len(weekdays) + partly
