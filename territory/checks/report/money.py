"""Targets, sales and forecasts worked out again."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from territory.checks.report.compare import Cells, compare
from territory.checks.report.facts import ReportFacts, days_between
from territory.checks.violation import Violation
from territory.weekly import WeeklyReport

LEVELS = ("executive", "account", "zone")
Z80 = 1.2815515655446004
WEEK = timedelta(days=7)
YEAR = timedelta(days=364)


def check_money(report: WeeklyReport, facts: ReportFacts) -> Iterator[Violation]:
    """What was left out, the targets in conflict, and the sales trend."""
    yield from compare(
        "left_out",
        report.sections.get("left_out"),
        ["table", "row"],
        {
            place: {
                "column": column,
                "amount": facts.tables[place[0]][place[1] - 2][
                    "ordered_amount" if place[0] == "orders" else "amount"
                ],
            }
            for place, column in facts.left_out.items()
        },
    )
    targets = targets_of(facts, facts.first_date, facts.last_date)
    yield from compare(
        "target_conflicts",
        report.sections.get("target_conflicts"),
        ["executive_id"],
        {(one,): cells for one, cells in _conflicts(targets).items()},
    )
    yield from _sales(report, facts)


def targets_of(
    facts: ReportFacts, first: date, last: date
) -> tuple[dict[str, dict[str, float]], dict[str, str], float | None]:
    """(amounts per executive and level, the level that counts, the market's own)."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    market: float | None = None
    zones = _zone_owners(facts)
    for row in facts.counted("targets"):
        days = range(row["first_date"].toordinal(), row["last_date"].toordinal() + 1)
        shared = range(max(days.start, first.toordinal()), min(days.stop, last.toordinal() + 1))
        if not shared:
            continue
        amount = row["amount"] * len(shared) / len(days)
        kind, subject = row["subject_kind"], row["subject_id"]
        if kind == "market":
            market = (market or 0.0) + amount
            continue
        who = subject if kind == "executive" else facts.owner(subject)
        if kind == "zone":
            who = zones.get(subject, "")
        found[who][kind] = found[who].get(kind, 0.0) + amount
    used = {who: next(kind for kind in LEVELS if kind in told) for who, told in found.items()}
    others = {kind for who, kind in used.items() if who}
    if others and used.get("") not in others:
        used.pop("", None)
    return found, used, market


def _zone_owners(facts: ReportFacts) -> dict[str, str]:
    return {
        row["subject_id"]: row["executive_id"]
        for row in facts.tables["alignment"]
        if row["subject_kind"] == "zone"
        and row["executive_id"] in facts.executives
        and row["valid_from"] <= facts.last_date
        and not (row["valid_to"] and row["valid_to"] < facts.last_date)
    }


def used_targets(
    facts: ReportFacts, first: date, last: date
) -> tuple[dict[str, float], float | None]:
    """(target per executive, target of all)."""
    found, used, market = targets_of(facts, first, last)
    told = {who: found[who][kind] for who, kind in used.items()}
    return told, sum(told.values()) if market is None and told else market


def _conflicts(
    targets: tuple[dict[str, dict[str, float]], dict[str, str], float | None],
) -> dict[str, Cells]:
    found, used, market = targets
    rows: dict[str, Cells] = {}
    for who, told in found.items():
        if who in used and max(told.values()) - min(told.values()) <= 0.5:
            continue
        rows[who] = {
            "used": used.get(who, "none"),
            "target": told[used[who]] if who in used else None,
            **{f"by_{kind}": told.get(kind) for kind in LEVELS},
        }
    total = sum(found[who][kind] for who, kind in used.items())
    if market is not None and used and abs(market - total) > 0.5:
        rows["all"] = {"used": "market", "target": market, "difference": total - market}
    return rows


class Series:
    """Sales per day of one executive, or of all, and what the method makes of them."""

    def __init__(self, facts: ReportFacts, scope: str) -> None:
        self.facts = facts
        self.days = facts.sold_by_day.get(scope, {})
        self.first = min(facts.sold_by_day["all"], default=None)

    def between(self, first: date, last: date) -> float:
        """Sales within two days, both counted."""
        return math.fsum(self.days.get(day, 0.0) for day in days_between(first, last))

    def weeks(self, monday: date) -> list[date]:
        """Mondays of the up to 26 complete weeks known before a Monday, the latest first."""
        if self.first is None:
            return []
        over = self.facts.last_day + timedelta(days=1)
        week = min(monday, over - timedelta(days=over.weekday())) - WEEK
        earliest = self.first - timedelta(days=self.first.weekday())
        found: list[date] = []
        while week >= earliest and len(found) < 26:
            found.append(week)
            week -= WEEK
        return found

    def level(self, monday: date) -> tuple[float, float] | None:
        """(sales per working day, effective days) before a Monday."""
        sold = days = squares = 0.0
        counted = 0
        for back, week in enumerate(self.weeks(monday)):
            working = self.facts.working_days(week, week + timedelta(days=6))
            weight = 2 ** (-back / 4)
            sold += weight * self.between(week, week + timedelta(days=6))
            days += weight * working
            squares += weight * weight * working
            counted += working > 0
        return (sold / days, days * days / squares) if counted >= 4 else None

    def variance(self, monday: date, seasons: "Seasons") -> float | None:
        """Mean squared error per working day of forecasts made a week ahead."""
        errors = []
        for week in self.weeks(monday)[:12]:
            sunday = week + timedelta(days=6)
            level, working = self.level(week), self.facts.working_days(week, sunday)
            if level is not None and working:
                told = level[0] * working * seasons.factor(week, week, sunday)
                errors.append((told - self.between(week, sunday)) ** 2 / working)
        return sum(errors) / len(errors) if len(errors) >= 4 else None

    def told(
        self, first: date, last: date, made: date, seasons: "Seasons"
    ) -> tuple[float | None, float | None, float | None]:
        """(forecast, low, high) of a span of days, made on a day."""
        sold = self.between(first, made - timedelta(days=1)) if first < made else 0.0
        start = max(first, made)
        if start > last:
            return sold, sold, sold
        monday = made - timedelta(days=made.weekday())
        level = self.level(monday)
        if level is None:
            return None, None, None
        days = self.facts.working_days(start, last)
        ahead = level[0] * days * seasons.factor(monday, start, last)
        spread = self.variance(monday, seasons)
        if spread is None:
            return sold + ahead, None, None
        half = Z80 * math.sqrt(spread * (days + days * days / level[1]))
        return sold + ahead, sold + max(0.0, ahead - half), sold + ahead + half


class Seasons:
    """What the market's season a year ago says, half believed."""

    def __init__(self, facts: ReportFacts) -> None:
        self.market = Series(facts, "all")

    def factor(self, monday: date, first: date, last: date) -> float:
        """The multiplier of the level before a Monday for some days."""
        market, weeks = self.market, self.market.weeks(monday)
        if not weeks or market.first is None or weeks[-1] - YEAR < market.first:
            return 1.0
        low, high = first - YEAR - WEEK, last - YEAR + WEEK
        days = market.facts.working_days(low, high)
        then = market.between(low, high) / days if days else 0.0
        spans = [(week - YEAR, week - YEAR + timedelta(days=6)) for week in weeks]
        working = sum(market.facts.working_days(*span) for span in spans)
        usual = sum(market.between(*span) for span in spans) / working if working else 0.0
        return 1 + (min(2.0, max(0.5, then / usual)) - 1) / 2 if usual > 0 else 1.0


def month_of(day: date) -> tuple[date, date]:
    """First and last day of a month."""
    last = day
    while (last + timedelta(days=1)).month == day.month:
        last += timedelta(days=1)
    return date(day.year, day.month, 1), last


def money_cells(facts: ReportFacts, scopes: list[str]) -> Mapping[str, Cells]:
    """Target, actual and forecast of each executive and of all."""
    week = used_targets(facts, facts.first_date, facts.last_date)
    first, last = month_of(facts.last_day)
    month = used_targets(facts, first, last)
    seasons = Seasons(facts)
    found: dict[str, Cells] = {}
    for scope in scopes:
        series = Series(facts, scope)
        target, of_month = (
            told[1] if scope == "all" else told[0].get(scope) for told in (week, month)
        )
        amount, low, high = series.told(first, last, facts.last_day + timedelta(days=1), seasons)
        found[scope] = {
            "target": target,
            "actual": series.between(facts.first_date, facts.last_date),
            "month_target": of_month,
            "month_actual": series.between(first, facts.last_day),
            "forecast": amount,
            "forecast_low": low,
            "forecast_high": high,
            "forecast_gap": None if None in (amount, of_month) else _less(of_month, amount),
        }
    return found


def _less(target: Any, amount: Any) -> float:
    return float(target) - float(amount)


def _sales(report: WeeklyReport, facts: ReportFacts) -> Iterator[Violation]:
    seasons, over = Seasons(facts), facts.last_day + timedelta(days=1)
    expected: dict[tuple[Any, ...], Cells] = {}
    for step in range(-12, 5):
        monday = facts.first_date + step * WEEK
        sunday = monday + timedelta(days=6)
        amount, low, high = seasons.market.told(monday, sunday, min(monday, over), seasons)
        actual = seasons.market.between(monday, sunday) if monday < over else None
        is_within = None
        if sunday < over and actual is not None and low is not None and high is not None:
            is_within = low <= actual <= high
        expected[(monday,)] = {
            "working_days": facts.working_days(monday, sunday),
            "target": used_targets(facts, monday, sunday)[1],
            "actual": actual,
            "forecast": amount,
            "forecast_low": low,
            "forecast_high": high,
            "is_within": is_within,
        }
    yield from compare("sales_trend", report.sections.get("sales_trend"), ["week"], expected)
