"""The weekly report as a workbook: real formats, real dates, charts; no text is ever a formula."""

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from data.exports.context import ExportContext
from data.exports.sheets import Cell, Sheet, about, sheets_of
from data.exports.tables import MOST_ROWS, fitting
from data.exports.text import clean
from territory.errors import InputError
from territory.weekly import WeeklyReport

MONEY = frozenset(
    {
        *("ordered", "delivered", "satisfied", "late", "unsatisfied", "target", "actual", "gap"),
        *("month_target", "month_actual", "forecast", "forecast_low", "forecast_high", "stake"),
        *("forecast_gap", "promoter_sales", "shortfall", "amount", "annual_quota", "quota"),
        *("expected", "behind", "pace", "limit_amount", "used_amount", "over", "sales", "price"),
        *("by_executive", "by_account", "by_zone", "difference", "ordered_before", "unit_cost"),
        *("floor_price", "sales_per_hour"),
    }
)
"""Columns of money; ``missing`` is money in one list and visits in another, so it is a number."""

DATES = frozenset({"date", "deadline", "week", "first_date", "last_date", "due_on", "last_visit"})

WIDE = {"why": 60, "reason": 60, "headline": 100, "note": 48, "title": 40}
NARROW, BROAD = 9, 44
UNDER_CHARTS = 37
"""The row of the overview where the charts are over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """The cell formats of a workbook."""

    head: Any
    title: Any
    figure: Any
    by_kind: Mapping[str, Any]


def report_bytes(report: WeeklyReport, context: ExportContext) -> bytes:
    """The report as one workbook: an overview with charts, then a sheet per list.

    Percentages are per cent with one decimal (94.5 is written as 94.5 %), money has the thousands
    grouped, dates are dates; heads are frozen, every list has a filter. The same report and
    context give the same bytes.

    Raises
    ------
    InputError
        If a list has more rows than a sheet can hold.
    """
    import xlsxwriter

    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        day = datetime(context.date.year, context.date.month, context.date.day)  # noqa: DTZ001
        book.set_properties({"title": clean(context.title)[:255], "created": day})
        formats = _formats(book, context.currency)
        overview = book.add_worksheet("overview")
        lists = [*sheets_of(report, "report", context), about(report, "report", context)]
        for sheet in lists:
            _write(book.add_worksheet(sheet.name[:31]), sheet, formats)
        _overview(book, overview, report, context, formats)
    return stream.getvalue()


def _formats(book: Any, currency: str) -> Formats:
    # A currency is a user's text: inside quotes a number format shows it and does nothing else.
    unit = "".join(letter for letter in currency if letter.isalnum())[:8]
    money = f'#,##0 "{unit}";[Red]-#,##0 "{unit}"' if unit else "#,##0;[Red]-#,##0"
    head = {"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "valign": "top"}
    return Formats(
        head=book.add_format({**head, "text_wrap": True}),
        title=book.add_format({"bold": True, "font_size": 16}),
        figure=book.add_format({"bold": True}),
        by_kind={
            "money": book.add_format({"num_format": money}),
            "price": book.add_format({"num_format": "#,##0.00"}),
            "percent": book.add_format({"num_format": '0.0" %"'}),
            "points": book.add_format({"num_format": "+0.0;-0.0;0.0"}),
            "whole": book.add_format({"num_format": "#,##0"}),
            "number": book.add_format({"num_format": "#,##0.00"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "text": book.add_format({"valign": "top"}),
            "long": book.add_format({"valign": "top", "text_wrap": True}),
        },
    )


def kind_of(name: str, values: Sequence[Cell]) -> str:
    """Which format a column takes, by what it is called and what is in it."""
    if name in DATES:
        return "date"
    if name in WIDE:
        return "long"
    held = [value for value in values if value is not None and value != ""]
    if not held or not all(isinstance(value, int | float) for value in held):
        return "text"
    if all(isinstance(value, bool) for value in held):
        return "text"
    if name.endswith("points") or name == "satisfaction_change":
        return "points"
    if "percent" in name:
        return "percent"
    if name in ("price", "floor_price", "unit_cost", "sales_per_hour"):
        return "price"
    if name in MONEY:
        return "money"
    return "whole" if all(isinstance(value, int) for value in held) else "number"


def _write(page: Any, sheet: Sheet, formats: Formats) -> None:
    if len(sheet.rows) > MOST_ROWS:
        raise InputError(
            f"The sheet {sheet.name!r} has {len(sheet.rows)} rows; a workbook holds {MOST_ROWS}.",
            fix="Export as csv.",
        )
    page.freeze_panes(1, 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    columns = list(zip(*sheet.rows, strict=True)) or [()] * len(sheet.columns)
    for place, (name, values) in enumerate(zip(sheet.columns, columns, strict=True)):
        kind = kind_of(name, values)
        page.write_string(0, place, clean(name.replace("_", " ")), formats.head)
        page.set_column(place, place, _width(name, values))
        for line, value in enumerate(values, start=1):
            write_cell(page, line, place, value, kind, formats.by_kind[kind])
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)


def write_cell(page: Any, line: int, place: int, value: Cell, kind: str, how: Any) -> None:
    """One cell in its own type: a date where the column holds dates, never a formula."""
    if isinstance(value, bool):
        page.write_boolean(line, place, value, how)
    elif isinstance(value, int | float):
        if math.isfinite(value):
            page.write_number(line, place, value, how)
    elif isinstance(value, date):
        page.write_datetime(line, place, value, how)
    elif value:
        day = _day(str(value)) if kind == "date" else None
        if day is None:
            page.write_string(line, place, fitting(clean(str(value))), how)
        else:
            page.write_datetime(line, place, day, how)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _width(name: str, values: Sequence[Cell]) -> int:
    if name in WIDE:
        return WIDE[name]
    shown = [len(name) // 2 + 4, *(len(_shown(value)) for value in values[:50])]
    return max(NARROW, min(BROAD, max(shown) + 3))


def _shown(value: Cell) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


def _overview(
    book: Any, page: Any, report: WeeklyReport, context: ExportContext, formats: Formats
) -> None:
    """The first sheet: title, head figures, headlines, and the charts of the lists behind."""
    page.hide_gridlines(2)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 1)
    page.set_column(0, 0, 30)
    page.set_column(1, 12, 13)
    page.write_string(0, 0, clean(context.title), formats.title)
    week = f"{report.first_date.isoformat()} to {report.last_date.isoformat()}"
    page.write_string(1, 0, week, formats.by_kind["text"])
    line = 3
    for label, key in _HEAD:
        values = report.jurisdictions.columns.get(key, ())
        if values and values[-1] is not None:
            kind = kind_of(key, values)
            page.write_string(line, 0, label, formats.figure)
            write_cell(page, line, 1, values[-1], kind, formats.by_kind[kind])
            line += 1
    line = UNDER_CHARTS
    for headline in report.headlines:
        page.write_string(line, 0, fitting(clean(headline)), formats.by_kind["text"])
        line += 1
    _sales_chart(book, page, report, context)
    _service_chart(book, page, report)


_HEAD = (
    ("Order satisfaction", "satisfaction_percent"),
    ("By line", "satisfaction_lines_percent"),
    ("Target", "target"),
    ("Actual", "actual"),
    ("Gap", "gap"),
    ("Month's target", "month_target"),
    ("Month's forecast", "forecast"),
    ("Visits done", "compliance_percent"),
    ("Frequency kept", "frequency_percent"),
    ("Tasks overdue", "tasks_overdue"),
)


def _sales_chart(book: Any, page: Any, report: WeeklyReport, context: ExportContext) -> None:
    table = report.sections.get("sales_trend")
    if table is None or not len(table):
        return
    names = list(table.columns)
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {**_series("sales_trend", names, "actual", len(table)), "fill": {"color": "#7FBFAE"}}
    )
    lines = book.add_chart({"type": "line"})
    for name, colour, dash in (
        ("target", "#B35806", "solid"),
        ("forecast", "#1F3A5F", "solid"),
        ("forecast_low", "#8795A8", "dash"),
        ("forecast_high", "#8795A8", "dash"),
    ):
        line = {"color": colour, "width": 2 if dash == "solid" else 1, "dash_type": dash}
        lines.add_series({**_series("sales_trend", names, name, len(table)), "line": line})
    chart.combine(lines)
    chart.set_title({"name": "Target, actual and forecast a week", "name_font": {"size": 12}})
    unit = clean(context.currency)[:8]
    chart.set_y_axis({"num_format": "#,##0", "name": unit, "major_gridlines": {"visible": True}})
    _finish(chart)
    page.insert_chart("D4", chart)


def _service_chart(book: Any, page: Any, report: WeeklyReport) -> None:
    table = report.sections.get("satisfaction_trend")
    count = table.texts("executive_id").count("all") if table is not None else 0
    if table is None or not count:
        return
    names = list(table.columns)  # the rows of "all" come first
    chart = book.add_chart({"type": "line"})
    for name, colour, dash in (
        ("satisfaction_percent", "#0B6B57", "solid"),
        ("satisfaction_lines_percent", "#E69F00", "solid"),
        ("low_percent", "#8795A8", "dash"),
        ("high_percent", "#8795A8", "dash"),
    ):
        line = {"color": colour, "width": 2 if dash == "solid" else 1, "dash_type": dash}
        chart.add_series(
            {
                **_series("satisfaction_trend", names, name, count),
                "line": line,
                "marker": {"type": "circle" if dash == "solid" else "none", "size": 5},
            }
        )
    chart.set_title({"name": "Order satisfaction a week, percent", "name_font": {"size": 12}})
    chart.set_y_axis({"num_format": "0", "max": 100})
    _finish(chart)
    page.insert_chart("D21", chart)


def _series(sheet: str, names: Sequence[str], name: str, rows: int) -> dict[str, Any]:
    """A column of a sheet against its weeks; sheets are named by us, never by a user."""
    week, column = names.index("week"), names.index(name)
    return {
        "name": name.replace("_", " "),
        "categories": [sheet, 1, week, rows, week],
        "values": [sheet, 1, column, rows, column],
    }


def _finish(chart: Any) -> None:
    chart.set_x_axis({"date_axis": True, "num_format": "d mmm", "major_unit": 14})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 760, "height": 310})
