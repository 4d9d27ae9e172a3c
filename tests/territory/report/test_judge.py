"""The judge of reports names each planted fault: in a figure, a list, a cause, a thing to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from territory.market import Market
from territory.plans import Table
from territory.weekly import WeeklyReport
from tests.territory.report.test_sales import weekly_orders, weeks_before
from tests.territory.report.told import judged, report
from tests.territory.weeks import LINES, MONDAY, ORDERS, SUNDAY, day, market, rows

ACCOUNTS = rows(
    "account_id name lon lat tier annual_potential",
    ("A1", "Apple", 0.1, 0.1, "A", 5200.0),
    ("A2", "Avocado", 0.2, 0.1, "C", 1300.0),
    ("B1", "Banana", 1.0, 0.1, "B", 650.0),
)


def busy_market() -> Market:
    """Something in every table that a report reads."""
    history = weekly_orders(weeks_before(12, 500.0))
    orders = {
        name: [*ORDERS.get(name, [None] * 6), *history.get(name, [None] * 12)] for name in history
    }
    return market(
        accounts=ACCOUNTS,
        orders={
            **orders,
            "currency": [*[""] * 17, "JPY"],
            "cancelled_by": [""] * 18,
        },
        order_lines=LINES,
        products=rows("product_id name unit_cost", ("P", "Pear", 19.0), ("Q", "Quince", 1.0)),
        price_rules=rows(
            "product_id first_date guide_price floor_price profit_band_low_percent "
            "profit_band_high_percent",
            ("P", date(2026, 1, 1), 40.0, 32.0, 15.0, 40.0),
        ),
        targets=rows(
            "subject_kind subject_id first_date last_date amount",
            ("executive", "Ann", day(1), day(30), 3000.0),
            ("account", "A1", MONDAY, SUNDAY, 900.0),
            ("market", "fruit", MONDAY, SUNDAY, 5000.0),
            ("executive", "Zed", MONDAY, SUNDAY, 500.0),
        ),
        visits=rows(
            "visit_id account_id executive_id date status note",
            ("V1", "A1", "Ann", day(9), "done", ""),
            ("V2", "A2", "Ann", day(10), "missed", ""),
        ),
        tasks=rows(
            "task_id account_id kind title created deadline status",
            ("T", "A1", "issue", "Leak", day(1), day(10), "open"),
        ),
        observations=rows(
            "observation_id account_id date owner product_id competitor kind price share_percent",
            ("1", "A1", day(10), "competitor", "P", "Rival", "launch", 44.0, None),
            ("2", "B1", day(10), "competitor", "P", "Rival", "price", 44.0, None),
            ("3", "A1", day(10), "own", "P", "", "price", 30.0, None),
        ),
        agreements=rows(
            "agreement_id account_id first_date last_date annual_quota signed_on",
            ("D", "A2", date(2026, 1, 1), date(2026, 12, 31), 3650.0, None),
        ),
        policies=rows(
            "policy_id account_id kind limit_amount signed_on due_on used_amount",
            ("L", "A1", "acceptance", 100.0, day(1), day(10), 130.0),
        ),
        promoters=rows("promoter_id name account_id shifts", ("P1", "Pia", "A1", "Mo 10:00-14:00")),
        promoter_days=rows("promoter_id date hours units sales", ("P1", day(9), 3.0, 10.0, 100.0)),
    )


@pytest.fixture(scope="module")
def told() -> WeeklyReport:
    return report(busy_market())


Fault = Callable[[WeeklyReport], WeeklyReport]


def with_table(told: WeeklyReport, name: str, table: Table) -> WeeklyReport:
    return replace(told, sections={**told.sections, name: table})


def cell(name: str, column: str, value: object, place: int = 0) -> Fault:
    """One cell of a list, changed."""

    def plant(told: WeeklyReport) -> WeeklyReport:
        table = told.sections[name]
        cells = list(table.columns[column])
        assert cells[place] != value
        cells[place] = value  # type: ignore[call-overload]
        return with_table(told, name, Table(columns={**table.columns, column: tuple(cells)}))

    return plant


def figure(column: str, value: object, place: int = -1) -> Fault:
    """One figure of the jurisdictions, changed; every place of its sums and ratios left alone."""

    def plant(told: WeeklyReport) -> WeeklyReport:
        cells = list(told.jurisdictions.columns[column])
        assert cells[place] != value
        cells[place] = value  # type: ignore[call-overload]
        columns = {**told.jurisdictions.columns, column: tuple(cells)}
        return replace(told, jurisdictions=Table(columns=columns))

    return plant


def without_row(name: str, place: int = 0) -> Fault:
    """A list that lost a row."""

    def plant(told: WeeklyReport) -> WeeklyReport:
        columns = {
            key: values[:place] + values[place + 1 :]
            for key, values in told.sections[name].columns.items()
        }
        return with_table(told, name, Table(columns=columns))

    return plant


def without_list(name: str) -> Fault:
    """A report that lost a list."""

    def plant(told: WeeklyReport) -> WeeklyReport:
        return replace(
            told, sections={key: table for key, table in told.sections.items() if key != name}
        )

    return plant


def another_week(told: WeeklyReport) -> WeeklyReport:
    week = timedelta(days=7)
    return replace(told, first_date=told.first_date - week, last_date=told.last_date - week)


FAULTS: dict[str, tuple[str, str, Fault]] = {
    "the wrong interval": ("wrong_figure", "low_percent", figure("low_percent", 1.0)),
    "a rate before that was not": (
        "wrong_figure",
        "before",
        figure("satisfaction_before_percent", 1.0),
    ),
    "noise called a fall": ("wrong_figure", "trend", figure("satisfaction_trend", "fell")),
    "a target too low": ("wrong_figure", "target", figure("target", 100.0, 0)),
    "sales that were not": ("wrong_figure", "actual", figure("actual", 1.0, 0)),
    "a rosy forecast": ("wrong_figure", "forecast", figure("forecast", 9999.0, 0)),
    "a narrow interval": ("wrong_figure", "forecast_low", figure("forecast_low", 2000.0, 0)),
    "a missed visit forgotten": ("wrong_total", "visits_missed", figure("visits_missed", 0)),
    "coverage made up": ("wrong_figure", "coverage", figure("coverage_percent", 99.0, 0)),
    "frequency made up": ("wrong_figure", "frequency", figure("frequency_percent", 99.0, 0)),
    "an order's delay forgotten": (
        "wrong_figure",
        "late",
        cell("dissatisfied_accounts", "late", 1.0, -1),
    ),
    "an account's rate": (
        "wrong_figure",
        "satisfaction_percent",
        cell("satisfaction_by_account", "satisfaction_percent", 1.0),
    ),
    "a week of the trend": (
        "wrong_figure",
        "satisfied",
        cell("satisfaction_trend", "satisfied", 1.0),
    ),
    "a week left out of the trend": ("missing_row", "trend", without_row("satisfaction_trend")),
    "a cause blown up": ("wrong_causes", "points", cell("satisfaction_causes", "points", 50.0)),
    "a cause left out": ("wrong_causes", "sum to", without_row("satisfaction_causes")),
    "mix for rate": (
        "wrong_causes",
        "mix and rate",
        cell("satisfaction_causes", "mix_points", 77.0),
    ),
    "a past forecast bettered": (
        "wrong_figure",
        "forecast",
        cell("sales_trend", "forecast", 1.0, 12),
    ),
    "a hit that was none": (
        "wrong_figure",
        "is_within",
        cell("sales_trend", "is_within", None, 12),
    ),
    "a row counted all the same": ("missing_row", "left_out", without_row("left_out")),
    "a conflict hushed up": ("missing_row", "conflicts", without_row("target_conflicts")),
    "a visit missed unlisted": ("wrong_total", "missed_visits", without_row("missed_visits")),
    "a tier's share": (
        "wrong_figure",
        "frequency_percent",
        cell("frequency", "frequency_percent", 50.0),
    ),
    "an account seen too seldom": (
        "missing_row",
        "below_frequency",
        without_row("below_frequency"),
    ),
    "a task forgotten": ("missing_row", "overdue_tasks", without_row("overdue_tasks")),
    "an answer that was not given": (
        "wrong_figure",
        "answer",
        cell("overdue_tasks", "answer", "given"),
    ),
    "an answer not owed": ("missing_row", "answers_due", without_row("answers_due")),
    "a floor moved": (
        "wrong_figure",
        "floor_price",
        cell("prices_below_floor", "floor_price", 31.0),
    ),
    "a profit bettered": (
        "wrong_figure",
        "profit_percent",
        cell("profits_outside_band", "profit_percent", 14.0),
    ),
    "an agreement signed by pen": ("wrong_figure", "why", cell("agreements_due", "why", "ends")),
    "a quota lowered": ("wrong_figure", "quota", cell("quota_progress", "quota", 10.0)),
    "a limit kept": ("wrong_figure", "problem", cell("policies_due", "problem", "unproven")),
    "what is over": ("wrong_figure", "over", cell("policies_due", "over", 0.0)),
    "a promoter who was there": (
        "wrong_figure",
        "presence_percent",
        cell("promoters", "presence_percent", 100.0),
    ),
    "a promoter's sales": ("wrong_figure", "sales", cell("promoters", "sales", 1.0)),
    "a rival's launch": ("wrong_figure", "launches", cell("competitors", "launches", 0)),
    "a sighting lost": (
        "wrong_total",
        "competitor_observations",
        without_row("competitor_observations"),
    ),
    "a stake blown up": ("wrong_total", "stake", cell("next_week", "stake", 1e6, -1)),
    "ranks turned round": ("wrong_order", "ranked", cell("next_week", "rank", 3)),
    "a visit's worth": ("wrong_figure", "stake", cell("next_week_visits", "stake", 1.0)),
    "a visit lost": ("wrong_total", "visits", without_row("next_week_visits")),
    "a visit on a Sunday": (
        "wrong_date",
        "nobody works",
        cell("next_week_visits", "deadline", "2026-11-29"),
    ),
    "a visit past": ("wrong_date", "next week", cell("next_week_visits", "date", "2026-11-16")),
    "somebody else's visit": (
        "wrong_executive",
        "not 'Bo'",
        cell("next_week_visits", "executive_id", "Bo"),
    ),
    "a list lost": ("wrong_facts", "not there", without_list("quota_progress")),
    "the things to do lost": ("wrong_facts", "not there", without_list("next_week_visits")),
    "another week": ("wrong_facts", "2026-11-02", another_week),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_judge_names_the_fault(told: WeeklyReport, name: str) -> None:
    code, word, plant = FAULTS[name]
    found = judged(plant(told), busy_market())
    assert any(one.code == code and word in str(one) for one in found), [str(one) for one in found]


def test_every_list_of_a_busy_market_has_something_in_it(told: WeeklyReport) -> None:
    empty = {name for name, table in told.sections.items() if not len(table)}
    assert empty == {"satisfaction_by_unit"}


def test_a_list_that_lost_a_column_is_named(told: WeeklyReport) -> None:
    table = told.sections["quota_progress"]
    columns = {name: values for name, values in table.columns.items() if name != "behind"}
    found = judged(with_table(told, "quota_progress", Table(columns=columns)), busy_market())
    assert any("has no column behind" in str(one) for one in found)
