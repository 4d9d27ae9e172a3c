"""The judgement of a weekly report: in itself, and against the rows it was made from."""

from collections.abc import Iterator

from territory.checks.report.arithmetic import check_arithmetic
from territory.checks.report.compare import compare
from territory.checks.report.facts import ReportFacts
from territory.checks.report.lists import check_lists
from territory.checks.report.money import check_money, money_cells
from territory.checks.report.next_week import check_next_week
from territory.checks.report.orders import changes, check_orders, orders_due, scopes, tally
from territory.checks.report.visits import check_visits_of_week, visit_cells
from territory.checks.violation import Violation
from territory.weekly import WeeklyReport


def check_report(report: WeeklyReport, facts: ReportFacts | None = None) -> tuple[Violation, ...]:
    """Everything that contradicts itself, or the market's rows if they are given; empty if clean.

    Without facts only the report's own sums, quotients and counts are judged.
    """
    broken = tuple(check_arithmetic(report))
    if facts is None or any(one.code == "missing_executive" for one in broken):
        return broken
    found = (
        *broken,
        *_week(report, facts),
        *_figures(report, facts),
        *check_orders(report, facts),
        *check_money(report, facts),
        *check_visits_of_week(report, facts),
        *check_lists(report, facts),
    )
    if any(one.code == "wrong_facts" and one.subject.startswith("list ") for one in found):
        return found  # what is worth a visit is worked out from whole lists
    return (*found, *check_next_week(report, facts))


def _week(report: WeeklyReport, facts: ReportFacts) -> Iterator[Violation]:
    if report.first_date != facts.first_date:
        yield Violation(
            code="wrong_facts",
            subject="report",
            message=f"is of {report.first_date}, not of {facts.first_date}",
        )


def _figures(report: WeeklyReport, facts: ReportFacts) -> Iterator[Violation]:
    """Every figure per executive and of all, from the rows."""
    ids = list(report.jurisdictions.texts("executive_id"))
    for one in facts.executives:
        if one not in ids:
            yield Violation(
                code="missing_executive", subject=f"jurisdiction {one}", message="has no row"
            )
    orders = orders_due(facts)
    week = scopes(facts, [one for one in orders if one.due >= facts.first_date])
    moved = changes(facts, orders)
    money, visits = money_cells(facts, ids), visit_cells(facts, ids)
    unchanged = {
        "satisfaction_before_percent": None,
        "satisfaction_change": None,
        "satisfaction_trend": "",
    }
    yield from compare(
        "jurisdictions",
        report.jurisdictions,
        ["executive_id"],
        {
            (one,): {
                **tally(week.get(one, [])),
                **moved.get(one, unchanged),
                **money[one],
                **visits[one],
            }
            for one in ids
        },
    )
