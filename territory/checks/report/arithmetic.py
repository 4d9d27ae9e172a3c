"""A report in itself: sums, quotients, counts of lists, days."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from territory.checks.violation import Violation, miscopied, misstated, shown
from territory.weekly import WeeklyReport

SUMMED = (
    *("accounts", "orders", "ordered", "delivered", "satisfied", "lines", "lines_satisfied"),
    *("satisfied_orders", "actual", "month_actual", "visits_planned", "visits_done"),
    *("visits_missed", "tasks_overdue", "answers_due", "agreements_due", "policies_not_in_order"),
    *("prices_below_floor", "profits_outside_band", "competitor_observations", "promoters"),
)
RATIOS = {
    "satisfaction_percent": ("satisfied", "ordered"),
    "satisfaction_lines_percent": ("lines_satisfied", "lines"),
    "satisfaction_orders_percent": ("satisfied_orders", "orders"),
    "delivered_percent": ("delivered", "ordered"),
    "compliance_percent": ("visits_done", "visits_planned"),
}
PERCENTS = (*RATIOS, "low_percent", "high_percent", "coverage_percent", "frequency_percent")
COUNTED = {
    "tasks_overdue": "overdue_tasks",
    "answers_due": "answers_due",
    "agreements_due": "agreements_due",
    "prices_below_floor": "prices_below_floor",
    "profits_outside_band": "profits_outside_band",
    "competitor_observations": "competitor_observations",
    "promoters": "promoters",
}
GAPS = {"gap": ("target", "actual"), "forecast_gap": ("month_target", "forecast")}


def check_arithmetic(report: WeeklyReport) -> tuple[Violation, ...]:
    """Everything that contradicts itself in a weekly report; empty if it is clean."""
    broken = [*_rows(report)]
    if broken:
        return tuple(broken)
    return (*_days(report), *_sums(report), *_quotients(report), *_gaps(report), *_lists(report))


def _rows(report: WeeklyReport) -> Iterator[Violation]:
    ids = report.jurisdictions.texts("executive_id")
    if not ids or ids[-1] != "all" or "all" in ids[:-1]:
        yield Violation(
            code="missing_executive", subject="jurisdictions", message="the last row must be 'all'"
        )
    wanted = {*SUMMED, *PERCENTS, *COUNTED, *GAPS, *(x for pair in GAPS.values() for x in pair)}
    for name in sorted(wanted - set(report.jurisdictions.columns)):
        yield Violation(
            code="wrong_facts", subject="jurisdictions", message=f"have no column {name}"
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
    for name in PERCENTS:
        for row, value in enumerate(table.numbers(name)):
            if value < -1e-9 or value > 100 + 1e-9:
                yield Violation(
                    code="out_of_range",
                    subject=f"jurisdiction {ids[row]}",
                    message=f"{name} {shown(value)} is not between 0 and 100",
                    stated=value,
                )


def _gaps(report: WeeklyReport) -> Iterator[Violation]:
    """What is left to a target, and a forecast within its interval."""
    table = report.jurisdictions
    ids = table.texts("executive_id")
    for name, (whole, part) in GAPS.items():
        for row, (gap, target, amount) in enumerate(
            zip(table.numbers(name), table.numbers(whole), table.numbers(part), strict=True)
        ):
            found = target - amount
            if not (np.isnan(gap) and np.isnan(found)):
                subject = f"jurisdiction {ids[row]}"
                yield from misstated("wrong_gap", subject, name, stated=gap, found=found)
    ends = (table.numbers(f"forecast{end}") for end in ("_low", "", "_high"))
    for row, (low, amount, high) in enumerate(zip(*ends, strict=True)):
        if low > amount + 1e-6 or high < amount - 1e-6:
            yield Violation(
                code="out_of_range",
                subject=f"jurisdiction {ids[row]}",
                message=f"forecast {shown(amount)} is not within {shown(low)} to {shown(high)}",
                stated=amount,
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
