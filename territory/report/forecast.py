"""What will be sold: the recent rate per working day, the season a year ago, and an interval.

Method. The level is sales per working day over up to 26 complete weeks, a week's weight halving
every four weeks: sum w s / sum w d, which is linear in sales, so jurisdictions sum to the market.
It is multiplied by half of what the same season did a year ago (the market's rate in those days,
a week more on both sides, over the rate in the level's weeks, both 364 days earlier; within a half
and double), if history goes back so far. A forecast is what was sold so far plus level x season x
working days left. The 80 % interval comes from how far the same method, made a week ahead, was off
in up to 12 past weeks: variance per working day v = mean(error^2 / days), and v x n x (1 + n / m)
for n days ahead, m being the effective number of days behind the level.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from territory.fulfilment import monday_of
from territory.report.money import deliveries
from territory.report.week import NOBODY, Week

MOST_WEEKS = 26
HALF_LIFE_WEEKS = 4
LEAST_WEEKS = 4
"""Fewer complete weeks of history give no level worth the name."""
BACKTEST_WEEKS = 12
LEAST_ERRORS = 4
YEAR = timedelta(days=364)
"""A year back on the same weekday."""
SEASON_SHARE = 0.5
"""How much of last year's season is believed: one year is one sample."""
SEASON_RANGE = (0.5, 2.0)
Z80 = 1.2815515655446004

ALL = "all"
WEEK_DAYS = timedelta(days=6)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A forecast with its 80 % interval; None where history is too short to say."""

    amount: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sales:
    """What was delivered per day up to the last day judged, per executive and of "all"."""

    week: Week
    by_day: Mapping[str, Mapping[date, float]]
    first_day: date | None

    def between(self, scope: str, first: date, last: date) -> float:
        """Sales of a scope within two days, both counted."""
        days = self.by_day.get(scope, {})
        steps = range((last - first).days + 1)
        return sum(days.get(first + timedelta(days=step), 0.0) for step in steps)


def daily_sales(week: Week) -> Sales:
    """Sales per day from the orders; an unknown amount counts as ordered."""
    by_day: dict[str, dict[date, float]] = {ALL: {}}
    for account, came in deliveries(week).items():
        owner = week.owner(account) or NOBODY
        for day, sold in came:
            if day > week.last_day:
                continue
            for scope in (ALL, owner):
                days = by_day.setdefault(scope, {})
                days[day] = days.get(day, 0.0) + sold
    return Sales(week=week, by_day=by_day, first_day=min(by_day[ALL], default=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Sales per working day, and how many days stand behind it."""

    per_day: float
    effective_days: float


def level_before(sales: Sales, scope: str, monday: date) -> Level | None:
    """The level from the complete weeks before a Monday; None if there are fewer than four."""
    weeks = _weeks_before(sales, monday)
    days = [sales.week.working_days(first, first + WEEK_DAYS) for first in weeks]
    if sum(count > 0 for count in days) < LEAST_WEEKS:
        return None
    weights = [0.5 ** (back / HALF_LIFE_WEEKS) for back in range(len(weeks))]
    sold = [sales.between(scope, first, first + WEEK_DAYS) for first in weeks]
    total = math.fsum(w * d for w, d in zip(weights, days, strict=True))
    squares = math.fsum(w * w * d for w, d in zip(weights, days, strict=True))
    return Level(
        per_day=math.fsum(w * s for w, s in zip(weights, sold, strict=True)) / total,
        effective_days=total * total / squares,
    )


def _weeks_before(sales: Sales, monday: date) -> list[date]:
    """Mondays of the complete weeks of history before a Monday, the latest first."""
    if sales.first_day is None:
        return []
    earliest = monday_of(sales.first_day)
    latest = min(monday, monday_of(sales.week.cutoff)) - WEEK
    count = min(MOST_WEEKS, (latest - earliest).days // 7 + 1)
    return [latest - back * WEEK for back in range(max(0, count))]


def season(sales: Sales, monday: date, first: date, last: date) -> float:
    """What to multiply the level before a Monday by for the days from first to last."""
    weeks = _weeks_before(sales, monday)
    if not weeks or sales.first_day is None or weeks[-1] - YEAR < sales.first_day:
        return 1.0
    then = _rate(sales, [(first - YEAR - WEEK, last - YEAR + WEEK)])
    usual = _rate(sales, [(week - YEAR, week - YEAR + WEEK_DAYS) for week in weeks])
    if not usual > 0:
        return 1.0
    low, high = SEASON_RANGE
    return 1 + SEASON_SHARE * (min(high, max(low, then / usual)) - 1)


def _rate(sales: Sales, spans: Sequence[tuple[date, date]]) -> float:
    days = sum(sales.week.working_days(first, last) for first, last in spans)
    return math.fsum(sales.between(ALL, *span) for span in spans) / days if days else 0.0


def outlook(sales: Sales, scope: str, first: date, last: date, *, made_on: date) -> Outlook:
    """Sales of a span of days as seen on a day: what came before that day, and a forecast of the
    rest from the complete weeks before it."""
    sold = sales.between(scope, first, made_on - timedelta(days=1)) if first < made_on else 0.0
    start = max(first, made_on)
    if start > last:
        return Outlook(amount=sold, low=sold, high=sold)
    monday = monday_of(made_on)
    level = level_before(sales, scope, monday)
    if level is None:
        return Outlook()
    days = sales.week.working_days(start, last)
    ahead = level.per_day * season(sales, monday, start, last) * days
    variance = _variance_per_day(sales, scope, monday)
    if variance is None:
        return Outlook(amount=sold + ahead)
    half = Z80 * math.sqrt(variance * days * (1 + days / level.effective_days))
    return Outlook(amount=sold + ahead, low=sold + max(0.0, ahead - half), high=sold + ahead + half)


def _variance_per_day(sales: Sales, scope: str, monday: date) -> float | None:
    """Squared error of forecasts made a week ahead, per working day."""
    errors = []
    for week in _weeks_before(sales, monday)[:BACKTEST_WEEKS]:
        days = sales.week.working_days(week, week + WEEK_DAYS)
        level = level_before(sales, scope, week)
        if level is None or days == 0:
            continue
        told = level.per_day * season(sales, week, week, week + WEEK_DAYS) * days
        errors.append((sales.between(scope, week, week + WEEK_DAYS) - told) ** 2 / days)
    return math.fsum(errors) / len(errors) if len(errors) >= LEAST_ERRORS else None
