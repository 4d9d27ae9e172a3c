"""The weekly report as a workbook: opened again, its cells are what they should be."""

import io
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from data.exports import render
from data.exports.report_book import kind_of
from territory.plans import Table
from territory.weekly import WeeklyReport
from tests.data.exports.worlds import context, report

HOSTILE = '=cmd|"/c calc"!A1'


def full_report(text: str = "Ann") -> WeeklyReport:
    """A report with the lists that have formats and charts of their own."""
    plain = report(text)
    weeks = ("2026-02-23", "2026-03-02")
    return WeeklyReport(
        first_date=plain.first_date,
        last_date=plain.last_date,
        jurisdictions=Table(
            columns={
                "executive_id": ("e1", "all"),
                "name": (text, "All"),
                "satisfaction_percent": (94.5, 94.5),
                "target": (1000.0, 1000.0),
                "forecast": (1200.5, 1200.5),
            }
        ),
        sections={
            **plain.sections,
            "sales_trend": Table(
                columns={
                    "week": (*weeks, "2026-03-09"),
                    "target": (100.0, 100.0, 100.0),
                    "actual": (90.0, 110.0, None),
                    "forecast": (95.0, 99.0, 101.0),
                    "forecast_low": (80.0, 85.0, 88.0),
                    "forecast_high": (110.0, 113.0, 114.0),
                }
            ),
            "satisfaction_trend": Table(
                columns={
                    "executive_id": ("all", "all", "e1"),
                    "week": (*weeks, weeks[0]),
                    "satisfaction_percent": (90.0, 80.0, 70.0),
                    "satisfaction_lines_percent": (91.0, 81.0, 71.0),
                    "low_percent": (70.0, 60.0, 50.0),
                    "high_percent": (99.0, 95.0, 90.0),
                }
            ),
            "next_week_visits": Table(
                columns={
                    "account": (text,),
                    "date": ("2026-03-10",),
                    "minutes": (20.0,),
                    "stake": (-12.5,),
                }
            ),
        },
        headlines=plain.headlines,
        notes=plain.notes,
    )


def book(plan: WeeklyReport, **changes: Any) -> Any:
    (file,) = render(plan, "report", "xlsx", context=context(**changes))
    return openpyxl.load_workbook(io.BytesIO(file.content))


def cells(sheet: Any, name: str) -> list[Any]:
    head = [cell.value for cell in sheet[1]]
    return [row[head.index(name)] for row in sheet.iter_rows(min_row=2)]


def test_money_percent_and_days_have_formats_of_their_own() -> None:
    opened = book(full_report())
    visits = opened["next_week_visits"]
    (day,), (stake,) = cells(visits, "date"), cells(visits, "stake")
    assert (day.value, day.number_format) == (datetime(2026, 3, 10), "yyyy-mm-dd")  # noqa: DTZ001
    assert stake.value == -12.5
    assert "#,##0" in stake.number_format
    assert "EUR" in stake.number_format
    rate = cells(opened["jurisdictions"], "satisfaction percent")[0]
    assert (rate.value, rate.number_format) == (94.5, '0.0" %"')
    weeks = cells(opened["sales_trend"], "week")
    assert [week.is_date for week in weeks] == [True] * 3


def test_heads_are_frozen_lists_can_be_filtered_and_columns_are_wide_enough() -> None:
    opened = book(full_report("A name of more than twenty letters"))
    for name in ("jurisdictions", "sales_trend", "next_week_visits", "overdue_tasks"):
        sheet = opened[name]
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.startswith("A1:")
    assert opened["jurisdictions"].column_dimensions["B"].width > 30


def test_the_overview_draws_sales_and_satisfaction_from_their_sheets() -> None:
    opened = book(full_report())
    assert opened.sheetnames[0] == "overview"
    charts = opened["overview"]._charts
    assert len(charts) == 2
    drawn = [
        series.val.numRef.f.replace("$", "").replace("'", "")
        for chart in charts
        for part in chart._charts
        for series in part.series
    ]
    # actual, target, forecast of three weeks; the two weeks of "all", not those of e1
    assert {"sales_trend!C2:C4", "sales_trend!B2:B4", "sales_trend!D2:D4"} <= set(drawn)
    assert {"satisfaction_trend!C2:C3", "satisfaction_trend!E2:E3"} <= set(drawn)


def test_no_text_becomes_a_formula_in_any_sheet() -> None:
    opened = book(full_report(HOSTILE), currency='EUR";=1+1')
    found = 0
    for sheet in opened:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
                found += cell.value == HOSTILE
    assert found >= 4
    stake = cells(opened["next_week_visits"], "stake")[0]
    assert "=" not in stake.number_format


def test_a_report_without_charts_of_an_earlier_version_still_opens() -> None:
    opened = book(report())
    assert opened["overview"]._charts == []
    assert opened["overview"]["A1"].value


def test_the_same_report_gives_the_same_bytes() -> None:
    first, second = (
        render(full_report(), "report", "xlsx", context=context())[0].content for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("satisfaction_percent", (94.5, None), "percent"),
        ("mix_points", (-1.5,), "points"),
        ("week", ("2026-03-02",), "date"),
        ("target", (1.0,), "money"),
        ("orders", (3, 4), "whole"),
        ("units", (3.5,), "number"),
        ("is_signed", (True, False), "text"),
        ("title", ("a",), "long"),
        ("account_id", ("00123",), "text"),
        ("price", (9.95,), "price"),
        ("gap", (None, None), "text"),
    ],
)
def test_a_column_takes_the_format_of_what_it_holds(
    name: str, values: tuple[Any, ...], kind: str
) -> None:
    assert kind_of(name, values) == kind
