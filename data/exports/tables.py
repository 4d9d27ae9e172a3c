"""Sheets as CSV and XLSX, in which no text is ever a formula."""

import csv
import io
import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from data.exports.context import ExportContext
from data.exports.sheets import Cell, Sheet
from data.exports.text import clean, guarded
from territory.errors import InputError

_MOST_CELL_TEXT = 32_767  # UTF-16 units a spreadsheet cell can hold
MOST_ROWS = 1_048_575
"""Rows a sheet can hold below its header."""


def csv_bytes(sheet: Sheet, *, has_bom: bool) -> bytes:
    """One sheet as RFC 4180 CSV: UTF-8, comma, CRLF, ISO dates, "." as the decimal sign.

    Texts that a spreadsheet would run start with an apostrophe (``text.guarded``); an empty cell
    is a missing value.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([guarded(name) for name in sheet.columns])
    writer.writerows([[_csv_cell(value) for value in row] for row in sheet.rows])
    return stream.getvalue().encode("utf-8-sig" if has_bom else "utf-8")


def _csv_cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(float(value)) if math.isfinite(value) else ""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return guarded(str(value))


def xlsx_bytes(sheets: Sequence[Sheet], context: ExportContext) -> bytes:
    """All sheets as one workbook; texts are text cells, numbers numbers, dates dates.

    Texts beyond what a cell can hold (32,767 characters) end in an ellipsis.

    Raises
    ------
    InputError
        If a sheet has more rows than a workbook can hold.
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
        header = book.add_format(
            {"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "valign": "top"}
        )
        dates = book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name[:31]), sheet, header, dates)
    return stream.getvalue()


def _write_sheet(page: Any, sheet: Sheet, header: Any, dates: Any) -> None:
    if len(sheet.rows) > MOST_ROWS:
        raise InputError(
            f"The sheet {sheet.name!r} has {len(sheet.rows)} rows; a workbook holds {MOST_ROWS}.",
            fix="Export as csv or gpkg.",
        )
    page.freeze_panes(1, 1)
    for column, name in enumerate(sheet.columns):
        page.write_string(0, column, clean(name), header)
        page.set_column(column, column, _width(sheet, column))
    for line, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            _write_cell(page, line, column, value, dates)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)


def _write_cell(page: Any, line: int, column: int, value: Cell, dates: Any) -> None:
    if isinstance(value, bool):
        page.write_boolean(line, column, value)
    elif isinstance(value, int | float):
        if math.isfinite(value):
            page.write_number(line, column, value)
    elif isinstance(value, date):
        page.write_datetime(line, column, value, dates)
    elif value:
        page.write_string(line, column, fitting(clean(str(value))))


def fitting(text: str) -> str:
    """The text cut to what a cell can hold, counted in UTF-16 units as spreadsheets do."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _MOST_CELL_TEXT:
        return text
    return units[: 2 * (_MOST_CELL_TEXT - 1)].decode("utf-16-le", "ignore") + "…"


def _width(sheet: Sheet, column: int) -> int:
    """Wide enough for the header and the first rows, within reason."""
    shown = [len(sheet.columns[column]), *(len(str(row[column])) for row in sheet.rows[:50])]
    return max(8, min(48, max(shown) + 2))
