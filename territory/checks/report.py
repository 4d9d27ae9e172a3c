"""The judge of weekly reports: sums, quotients, counts of lists, days."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from territory.checks.violation import Violation, miscopied, misstated, shown
from territory.weekly import WeeklyReport

SUMMED = (
    *("accounts", "orders", "ordered", "delivered", "actual", "visits_planned", "visits_done"),
    *("tasks_overdue", "agreements_due", "prices_below_floor", "competitor_observations"),
    "promoters",
)
RATIOS = {
    "satisfaction_percent": ("delivered", "ordered"),
    "compliance_percent": ("visits_done", "visits_planned"),
}
PERCENTS = (*RATIOS, "satisfaction_lines_percent", "coverage_percent")
COUNTED = {
    "tasks_overdue": "overdue_tasks",
    "agreements_due": "agreements_due",
    "prices_below_floor": "prices_below_floor",
    "competitor_observations": "competitor_observations",
    "promoters": "promoters",
}


def check_report(report: WeeklyReport) -> tuple[Violation, ...]:
    """Everything that contradicts itself in a weekly report; empty if it is clean."""
    broken = [*_rows(report)]
    if broken:
        return tuple(broken)
    return (*_days(report), *_sums(report), *_quotients(report), *_lists(report))


def _rows(report: WeeklyReport) -> Iterator[Violation]:
    ids = report.jurisdictions.texts("executive_id")
    if not ids or ids[-1] != "all" or "all" in ids[:-1]:
        yield Violation(
            code="missing_executive", subject="jurisdictions", message="the last row must be 'all'"
        )
    for name, times in Counter(ids).items():
        if times > 1:
            yield Violation(
                code="wrong_facts", subject=f"jurisdiction {name}", message=f"stands {times} times"
            )


def _days(report: WeeklyReport) -> Iterator[Violation]:
    yield from miscopied(
        "report", "weekday of first_date", stated=report.first_date.isoweekday(), found=1
    )
    yield from miscopied(
        "report",
        "last_date",
        stated=report.last_date,
        found=report.first_date + timedelta(days=6),
    )


def _sums(report: WeeklyReport) -> Iterator[Violation]:
    for name in SUMMED:
        *each, whole = report.jurisdictions.numbers(name)
        yield from misstated("wrong_total", "all", name, stated=whole, found=sum(each))


def _quotients(report: WeeklyReport) -> Iterator[Violation]:
    table = report.jurisdictions
    ids = table.texts("executive_id")
    for name, (part, whole) in RATIOS.items():
        for row, (stated, above, below) in enumerate(
            zip(table.numbers(name), table.numbers(part), table.numbers(whole), strict=True)
        ):
            if below > 0:
                yield from misstated(
                    "wrong_ratio",
                    f"jurisdiction {ids[row]}",
                    name,
                    stated=stated,
                    found=100 * above / below,
                )
    for row, (gap, target, actual) in enumerate(
        zip(table.numbers("gap"), table.numbers("target"), table.numbers("actual"), strict=True)
    ):
        if not (np.isnan(target) and np.isnan(gap)):
            yield from misstated(
                "wrong_gap", f"jurisdiction {ids[row]}", "gap", stated=gap, found=target - actual
            )
    for name in PERCENTS:
        for row, value in enumerate(table.numbers(name)):
            if value < -1e-9 or value > 100 + 1e-9:
                yield Violation(
                    code="out_of_range",
                    subject=f"jurisdiction {ids[row]}",
                    message=f"{name} {shown(value)} is not between 0 and 100",
                    stated=value,
                )


def _lists(report: WeeklyReport) -> Iterator[Violation]:
    """A figure that counts a list is as long as the list, per executive."""
    ids = report.jurisdictions.texts("executive_id")
    for column, name in COUNTED.items():
        if name not in report.sections:
            yield Violation(code="wrong_facts", subject=f"list {name}", message="is not there")
            continue
        found = Counter(report.sections[name].texts("executive_id"))
        found["all"] = len(report.sections[name])
        for executive, stated in zip(ids, report.jurisdictions.numbers(column), strict=True):
            yield from misstated(
                "wrong_total",
                f"jurisdiction {executive}",
                column,
                stated=stated,
                found=found[executive],
            )
