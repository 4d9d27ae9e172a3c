"""Visits planned, done and missed, coverage and frequency, counted again."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from territory.checks.report.compare import Cells, compare
from territory.checks.report.facts import ReportFacts, Row
from territory.checks.violation import Violation
from territory.weekly import WeeklyReport

TIER_VISITS = {"A": 4.0, "B": 2.0, "C": 1.0}


def planned_visits(facts: ReportFacts) -> list[tuple[str, date, str, bool]]:
    """(executive, day, account, whether it was done) of the week's planned visits."""
    rows = [row for row in facts.tables["visits"] if facts.holds(row["date"])]
    made = [row["account_id"] for row in rows if row["status"] == "done"]
    planned = []
    stops = sorted(
        (stop for stop in facts.stops if facts.holds(stop[1])), key=lambda stop: (stop[1], stop[0])
    )
    for who, day, account in stops:
        is_done = account in made
        if is_done:
            made.remove(account)
        planned.append((who, day, account, is_done))
    routed = {who for who, *_ in stops}
    for row in rows:
        who = row["executive_id"] or facts.owner(row["account_id"])
        if who not in routed:
            planned.append((who, row["date"], row["account_id"], row["status"] == "done"))
    return planned


def days_seen(facts: ReportFacts) -> dict[str, set[date]]:
    """The days on which each account was seen."""
    seen: dict[str, set[date]] = defaultdict(set)
    for row in facts.tables["visits"]:
        if row["status"] == "done":
            seen[row["account_id"]].add(row["date"])
    for row in facts.tables["accounts"]:
        if row["last_visit"] is not None:
            seen[row["account_id"]].add(row["last_visit"])
    return seen


def frequency_of(account: Row) -> float:
    """Visits in 4 weeks: the account's own, else its tier's."""
    often = account["visits_per_4_weeks"]
    return TIER_VISITS.get(account["tier"] or "", 1.0) if often is None else float(often)


def rhythm(facts: ReportFacts, account: Row, seen: set[date]) -> tuple[int, int, int] | None:
    """(window in days, visits required, visits done) of an account that is to be visited."""
    often = frequency_of(account)
    if often <= 0:
        return None
    window = 28 if often >= 1 else round(28 / often)
    done = [d for d in seen if facts.last_day - timedelta(days=window) < d <= facts.last_day]
    return window, max(1, int(often)), len(done)


def visit_cells(facts: ReportFacts, scopes: list[str]) -> dict[str, Cells]:
    """Visits, coverage and frequency of each executive and of all."""
    planned = planned_visits(facts)
    seen = days_seen(facts)
    kept: dict[str, list[bool]] = defaultdict(list)
    covered: dict[str, list[bool]] = defaultdict(list)
    since = facts.last_date - timedelta(days=27)
    for account in facts.tables["accounts"]:
        days = seen[account["account_id"]]
        found = rhythm(facts, account, days)
        for who in (facts.owner(account["account_id"]), "all"):
            covered[who].append(any(since <= day <= facts.last_day for day in days))
            if found is not None:
                kept[who].append(found[2] >= found[1])
    return {
        who: {
            "visits_planned": sum(who in ("all", row[0]) for row in planned),
            "visits_done": sum(who in ("all", row[0]) and row[3] for row in planned),
            "visits_missed": sum(
                who in ("all", row[0]) and not row[3] and row[1] <= facts.last_day
                for row in planned
            ),
            "accounts": len(covered[who]),
            "coverage_percent": _share(covered[who]),
            "frequency_percent": _share(kept[who]),
        }
        for who in scopes
    }


def _share(flags: list[bool]) -> float | None:
    return 100 * sum(flags) / len(flags) if flags else None


def check_visits_of_week(report: WeeklyReport, facts: ReportFacts) -> Iterator[Violation]:
    """The lists of missed visits, of frequency, and of accounts seen too seldom."""
    yield from _missed(report, facts)
    seen = days_seen(facts)
    tiers: dict[tuple[Any, ...], list[tuple[int, int]]] = defaultdict(list)
    behind: dict[tuple[Any, ...], Cells] = {}
    worth = _potentials(facts)
    for account in facts.tables["accounts"]:
        one = account["account_id"]
        found = rhythm(facts, account, seen[one])
        if found is None:
            continue
        window, required, done = found
        for who in (facts.owner(one), "all"):
            for tier in (account["tier"] or "", "all"):
                tiers[who, tier].append((required, done))
        if done < required:
            behind[(one,)] = {
                "executive_id": facts.owner(one),
                "window_days": window,
                "required": required,
                "done": done,
                "missing": required - done,
                "stake": (required - done) * worth[one] / max(1.0, 13 * frequency_of(account)),
            }
    expected: dict[tuple[Any, ...], Cells] = {
        key: {
            "accounts": len(rows),
            "kept": sum(done >= required for required, done in rows),
            "frequency_percent": _share([done >= required for required, done in rows]),
            "visits_required": sum(required for required, _ in rows),
            "visits_done": sum(min(done, required) for required, done in rows),
        }
        for key, rows in tiers.items()
    }
    table = report.sections.get("frequency")
    yield from compare("frequency", table, ["executive_id", "tier"], expected)
    table = report.sections.get("below_frequency")
    yield from compare("below_frequency", table, ["account_id"], behind)


def _missed(report: WeeklyReport, facts: ReportFacts) -> Iterator[Violation]:
    missed = [
        (day, who, account)
        for who, day, account, is_done in planned_visits(facts)
        if not is_done and day <= facts.last_day
    ]
    table = report.sections.get("missed_visits")
    if table is None or len(table) != len(missed):
        stated = 0 if table is None else len(table)
        yield Violation(
            code="wrong_total",
            subject="list missed_visits",
            message=f"has {stated} rows, {len(missed)} visits were missed",
            stated=stated,
            found=len(missed),
        )
    elif {*zip(table.texts("executive_id"), table.texts("account_id"), strict=True)} != {
        (who, account) for _, who, account in missed
    }:
        yield Violation(
            code="wrong_facts", subject="list missed_visits", message="names other visits"
        )


def _potentials(facts: ReportFacts) -> dict[str, float]:
    """A year's potential of each account; the accounts' median where none is known."""
    spent = {row["company_id"]: row["consumption"] for row in facts.tables["companies"]}
    known = {}
    for row in facts.tables["accounts"]:
        own = row["annual_potential"]
        known[row["account_id"]] = spent.get(row["company_id"]) if own is None else own
    told = sorted(float(one) for one in known.values() if one is not None)
    half = len(told) // 2
    middle = 100.0
    if told:
        middle = told[half] if len(told) % 2 else (told[half - 1] + told[half]) / 2
    return {key: max(1.0, middle if one is None else float(one)) for key, one in known.items()}
