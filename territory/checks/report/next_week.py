"""Things to do next week: what they are worth, how they are ranked, whether they can be done."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from territory.checks.report.compare import rows_of
from territory.checks.report.facts import ReportFacts
from territory.checks.violation import Violation, agree, shown
from territory.hours import parse_weekdays
from territory.weekly import WeeklyReport

THINGS, MOST_VISITS = 3, 5
LATE, ISSUE, RIVAL = 0.10, 0.20, 0.10

Cells = dict[str, Any]


def check_next_week(report: WeeklyReport, facts: ReportFacts) -> Iterator[Violation]:
    """Stakes, sums, ranks, days and owners of the things to do."""
    for name in ("next_week", "next_week_visits"):
        if name not in report.sections:
            yield Violation(code="wrong_facts", subject=f"list {name}", message="is not there")
            return
    actions = rows_of(report.sections["next_week"])
    visits: dict[str, list[Cells]] = defaultdict(list)
    for visit in rows_of(report.sections["next_week_visits"]):
        visits[visit["action_id"]].append(visit)
    yield from _ranks(actions)
    worth = stakes(report, facts)
    for action in actions:
        yield from _action(action, visits.pop(action["action_id"], []) if _own(action) else None)
    for action_id in visits:
        yield _said("unknown_row", f"visits of {action_id}", "belong to nothing that is to be done")
    themes = {action["action_id"]: action["theme"] for action in actions}
    for visit in rows_of(report.sections["next_week_visits"]):
        yield from _visit(visit, themes.get(visit["action_id"], ""), worth, facts)


def _own(action: Cells) -> bool:
    return bool(action["scope"] != "all")


def _said(code: str, subject: str, message: str, **figures: Any) -> Violation:
    return Violation(code=code, subject=subject, message=message, **figures)


def _ranks(actions: list[Cells]) -> Iterator[Violation]:
    scopes: dict[str, list[Cells]] = defaultdict(list)
    for action in actions:
        scopes[action["scope"]].append(action)
    for scope, rows in scopes.items():
        stakes = [row["stake"] for row in rows]
        subject = f"things to do of {scope}"
        if len(rows) > THINGS or [row["rank"] for row in rows] != list(range(1, len(rows) + 1)):
            yield _said("wrong_order", subject, "are not ranked 1 to 3")
        if stakes != sorted(stakes, reverse=True):
            yield _said("wrong_order", subject, "do not fall by the money at stake")
    own = sorted((row for row in actions if _own(row)), key=lambda row: -row["stake"])
    best = [row["stake"] for row in own[:THINGS]]
    told = [row["stake"] for row in scopes.get("all", [])]
    if len(told) != len(best) or not all(agree(a, b) for a, b in zip(told, best, strict=True)):
        yield _said("wrong_order", "things to do of all", "are not those with most at stake")


def _action(action: Cells, visits: list[Cells] | None) -> Iterator[Violation]:
    if visits is None:
        return
    subject = f"thing to do {action['action_id']}"
    if not 1 <= len(visits) <= MOST_VISITS or len(visits) != action["visits"]:
        yield _said(
            "wrong_total", subject, f"asks for {action['visits']} visits, has {len(visits)}"
        )
    for column in ("stake", "minutes"):
        found = sum(visit[column] for visit in visits)
        if not agree(action[column], found):
            yield _said(
                "wrong_total",
                subject,
                f"{column} {shown(action[column])} is not the visits' {shown(found)}",
                stated=action[column],
                found=found,
            )
    if any(visit["executive_id"] != action["executive_id"] for visit in visits):
        yield _said("wrong_executive", subject, "has a visit of somebody else")


def _visit(
    visit: Cells, theme: str, worth: dict[tuple[str, str], float], facts: ReportFacts
) -> Iterator[Violation]:
    subject = f"visit {visit['task_id']}"
    account = visit["account_id"]
    if facts.owner(account) != visit["executive_id"] or account not in facts.names:
        yield _said("wrong_executive", subject, f"{account!r} is not {visit['executive_id']!r}'s")
        return
    found = worth.get((theme, account), 0.0)
    if not agree(visit["stake"], found):
        yield _said(
            "wrong_figure",
            subject,
            f"stake {shown(visit['stake'])} is not {shown(found)}",
            stated=visit["stake"],
            found=found,
        )
    day, deadline = (date.fromisoformat(visit[name]) for name in ("date", "deadline"))
    if not facts.next_monday <= day <= deadline < facts.next_monday + timedelta(days=7):
        yield _said("wrong_date", subject, f"{day} to {deadline} is not within next week")
    for one in (day, deadline):
        if why := _not_working(facts, visit["executive_id"], account, one):
            yield _said("wrong_date", subject, f"on {one} {why}")


def _not_working(facts: ReportFacts, who: str, account: str, day: date) -> str:
    """Why a visit cannot be made on a day, "" if it can."""
    row = next(row for row in facts.tables["executives"] if row["executive_id"] == who)
    if day.weekday() not in parse_weekdays(row["weekdays"] or "Mo-Fr") or day in facts.holidays:
        return "nobody works"
    if any(
        gone["executive_id"] == who and gone["first_date"] <= day <= gone["last_date"]
        for gone in facts.tables["absences"]
    ):
        return "the executive is away"
    allowed = next(
        row["allowed_weekdays"] for row in facts.tables["accounts"] if row["account_id"] == account
    )
    days = parse_weekdays(allowed or "")
    return "" if not days or day.weekday() in days else "the account is not to be visited"


def stakes(report: WeeklyReport, facts: ReportFacts) -> dict[tuple[str, str], float]:
    """Money at stake by (theme, account), from the lists, which are judged by themselves."""
    worth: dict[tuple[str, str], float] = defaultdict(float)
    lists = {name: rows_of(table) for name, table in report.sections.items()}
    sold = facts.four_weeks
    for row in lists["dissatisfied_accounts"]:
        worth["unmet_orders", row["account_id"]] += row["missing"] + LATE * row["late"]
    for row in (*lists["overdue_tasks"], *lists["answers_due"]):
        worth["issues", row["account_id"]] = ISSUE * sold.get(row["account_id"], 0.0)
    for row in lists["prices_below_floor"]:
        part = row["below_percent"] / 100 * sold.get(row["account_id"], 0.0)
        short = row["shortfall"]
        worth["prices", row["account_id"]] += part if short is None else short
    for row in lists["profits_outside_band"]:
        worth["margins", row["account_id"]] += row["stake"]
    for row in lists["agreements_due"]:
        quota, account = row["annual_quota"], row["account_id"]
        four = sold.get(account, 0.0) if quota is None else quota / 365 * 28
        worth["agreements", account] += four
    for row in lists["quota_progress"]:
        gone = (facts.last_day - date.fromisoformat(row["first_date"])).days + 1
        worth["quotas", row["account_id"]] += row["behind"] / max(gone, 28) * 28
    for row in lists["policies_due"]:
        worth["policies", row["account_id"]] += _policy(row)
    for row in lists["competitor_observations"]:
        if row["kind"] in ("launch", "promotion"):
            worth["competitors", row["account_id"]] = RIVAL * sold.get(row["account_id"], 0.0)
    for row in lists["below_frequency"]:
        worth["frequency", row["account_id"]] += row["stake"]
    return worth


def _policy(row: Cells) -> float:
    problem = row["problem"] or ""
    if "unproven" in problem:
        return float(row["used_amount"] or 0.0)
    over = float(row["over"]) if "over limit" in problem else 0.0
    if "unsigned" in problem or "late" in problem:
        return max(over, float(row["limit_amount"] or 0.0) / 365 * 28)
    return over
