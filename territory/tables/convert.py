"""Cells of text become typed columns; what cannot is found, never guessed.

A column is converted as a whole, or each distinct text once, so that a million rows take seconds.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.hours import format_time, parse_hours, parse_time, parse_weekdays
from territory.tables.findings import Converted, Finding, Mask
from territory.tables.frames import TEXT_KINDS, dtype_of
from territory.tables.geometry import convert_wkt
from territory.tables.model import Column

DecimalMark = Literal[".", ","]

MAX_TEXT_CHARACTERS = 100_000
MAX_ID_CHARACTERS = 200

TRUE_WORDS = frozenset({"true", "yes", "y", "1", "t"})
FALSE_WORDS = frozenset({"false", "no", "n", "0", "f"})


def as_text(values: pd.Series) -> pd.Series:
    """Cells as stripped text, missing as "". Whole floats lose their ".0", as ids in a sheet do."""
    try:
        return _as_text(values, _cell_text)
    except UnicodeEncodeError:  # halves of characters, as JSON can spell them: marked for refusal
        return _as_text(values.astype("object"), _marked_text)


def _as_text(values: pd.Series, spell: Callable[[object], str]) -> pd.Series:
    if pd.api.types.is_float_dtype(values.dtype) or values.dtype == "object":
        values = values.map(spell, na_action="ignore")
    elif pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = values.dt.strftime("%Y-%m-%dT%H:%M:%S")
    text: pd.Series = values.astype("str").fillna("").str.strip()
    return text


def _marked_text(value: object) -> str:
    return re.sub("[\ud800-\udfff]", "\x00", _cell_text(value))


def _cell_text(value: object) -> str:
    if isinstance(value, float | np.floating):
        value = float(value)
        is_whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if is_whole else repr(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def convert(values: pd.Series, column: Column, *, decimal: DecimalMark = ".") -> Converted:
    """One column of cells, text or typed already, in its kind; blank cells are missing values."""
    if column.kind in ("number", "longitude", "latitude", "integer"):
        return _numbers(values, column, decimal)
    text = as_text(values)
    if column.kind == "boolean":
        return _booleans(text, column)
    if column.kind == "date":
        return _dates(text, column)
    if column.kind == "geometry":
        return convert_wkt(text, column)
    if column.kind in ("id", "text", "ids"):
        return _texts(text, column)
    return _by_distinct_text(text, column)


def is_blank(values: pd.Series) -> Mask:
    """Which cells of a typed column hold its missing value."""
    blank = values.isna().to_numpy(dtype=bool)
    if values.dtype == "str":
        return blank | (values == "").to_numpy(dtype=bool)
    return blank


def _texts(text: pd.Series, column: Column) -> Converted:
    longest = MAX_TEXT_CHARACTERS if column.kind == "text" else MAX_ID_CHARACTERS
    # NUL cannot be stored in PostgreSQL; only binary files carry it, and as_text for what is none.
    has_nul = text.str.contains("\x00", regex=False).to_numpy(dtype=bool)
    is_long = (text.str.len() > longest).to_numpy(dtype=bool)
    return _converted(
        text,
        Finding(column=column.name, is_bad=has_nul, expected="text without NUL or half characters"),
        Finding(
            column=column.name, is_bad=is_long, expected=f"text of {longest:,} characters or fewer"
        ),
    )


def _by_distinct_text(text: pd.Series, column: Column) -> Converted:
    read, expected = _TEXT_READERS.get(column.kind, (_reader_of_category(column), ""))
    codes, distinct = pd.factorize(text)
    results = [_try(read, str(cell)) for cell in distinct]
    is_bad = np.array([result is None for result in results], dtype=bool)[codes]
    values = pd.Series([result or "" for result in results], dtype="str").to_numpy()[codes]
    wanted = expected or "one of " + ", ".join(column.allowed)
    return _converted(
        pd.Series(values, dtype="str"),
        Finding(column=column.name, is_bad=is_bad, expected=wanted),
    )


def _try(read: Callable[[str], str], cell: str) -> str | None:
    try:
        return read(cell) if cell else ""
    except ValueError:
        return None


def _reader_of_category(column: Column) -> Callable[[str], str]:
    by_folded = {_folded(word): word for word in column.allowed}

    def read(cell: str) -> str:
        if _folded(cell) not in by_folded:
            raise ValueError(cell)
        return by_folded[_folded(cell)]

    return read


def _folded(word: str) -> str:
    return re.sub(r"[\s_-]+", "_", word.strip().lower())


def _read_hours(cell: str) -> str:
    parse_hours(cell)
    return cell


def _read_weekdays(cell: str) -> str:
    parse_weekdays(cell)
    return cell


def _read_time(cell: str) -> str:
    return format_time(parse_time(cell))


_TEXT_READERS: dict[str, tuple[Callable[[str], str], str]] = {
    "hours": (_read_hours, 'opening hours such as "Mo-Fr 09:00-17:00; Sa 10:00-14:00"'),
    "weekdays": (_read_weekdays, 'weekdays such as "Mo-Fr" or "Mo,We,Fr"'),
    "time": (_read_time, 'a clock time such as "08:30"'),
}


def _booleans(text: pd.Series, column: Column) -> Converted:
    folded = text.str.lower()
    is_true = folded.isin(TRUE_WORDS).to_numpy(dtype=bool)
    is_false = folded.isin(FALSE_WORDS).to_numpy(dtype=bool)
    is_missing = (text == "").to_numpy(dtype=bool)
    values = pd.array(is_true, dtype="boolean")
    values[~(is_true | is_false)] = pd.NA
    return _converted(
        pd.Series(values),
        Finding(
            column=column.name,
            is_bad=~(is_true | is_false | is_missing),
            expected="true or false (yes/no, 1/0)",
        ),
    )


def _numbers(values: pd.Series, column: Column, decimal: DecimalMark) -> Converted:
    if pd.api.types.is_bool_dtype(values.dtype):
        values = values.astype("str")
    findings: tuple[Finding, ...] = ()
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        numbers, findings = _parse_numbers(as_text(values), column, decimal)
    is_infinite = np.isinf(numbers)
    findings = (
        *findings,
        Finding(column=column.name, is_bad=is_infinite, expected="a finite number"),
        _out_of_range(numbers, column),
    )
    if column.kind != "integer":
        return _converted(pd.Series(numbers), *findings)
    is_broken = np.isfinite(numbers) & ((numbers != np.round(numbers)) | (np.abs(numbers) >= 2**53))
    whole = pd.array(np.where(np.isfinite(numbers) & ~is_broken, numbers, 0), dtype="Int64")
    whole[~np.isfinite(numbers) | is_broken] = pd.NA
    broken = Finding(column=column.name, is_bad=is_broken, expected="a whole number")
    return _converted(pd.Series(whole), *findings, broken)


def _out_of_range(numbers: NDArray[np.float64], column: Column) -> Finding:
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum
    is_bad = np.isfinite(numbers) & ((numbers < low) | (numbers > high))
    noun = column.kind if column.kind in ("longitude", "latitude") else "number"
    if column.maximum is None:
        expected = f"a {noun} of {low:g} or more"
    else:
        expected = f"a {noun} from {low:g} to {high:g}"
    unit = f" {column.unit}" if column.unit else ""
    return Finding(column=column.name, is_bad=is_bad, expected=expected + unit)


_PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_AMBIGUOUS_FIX = "Write it without a thousands separator; one such mark could also be the decimal."


def _parse_numbers(
    text: pd.Series, column: Column, decimal: DecimalMark
) -> tuple[NDArray[np.float64], tuple[Finding, ...]]:
    is_missing = (text == "").to_numpy(dtype=bool)
    if decimal == ".":
        # "nan" reads as a number here, but a file that says so has to say "empty" instead.
        numbers = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64, copy=True)
    else:
        numbers = np.full(len(text), np.nan)
    left = np.flatnonzero(np.isnan(numbers) & ~is_missing)
    is_bad, is_ambiguous = np.zeros(len(text), dtype=bool), np.zeros(len(text), dtype=bool)
    if len(left):
        codes, distinct = pd.factorize(text.iloc[left])
        results = [_read_number(str(cell), decimal) for cell in distinct]
        numbers[left] = np.array([result for result, _ in results])[codes]
        is_ambiguous[left] = np.array([doubt for _, doubt in results])[codes]
        is_bad[left] = np.isnan(numbers[left]) & ~is_ambiguous[left]
    mark = "point" if decimal == "." else "comma"
    wrong = Finding(
        column=column.name,
        is_bad=is_bad,
        expected=f"a number with a decimal {mark}",
        fix="Leave the cell empty if it is unknown.",
    )
    doubtful = Finding(
        column=column.name,
        is_bad=is_ambiguous,
        expected=f"a clear number (this file has a decimal {mark})",
        fix=_AMBIGUOUS_FIX,
    )
    return numbers, (wrong, doubtful)


def _read_number(cell: str, decimal: DecimalMark) -> tuple[float, bool]:
    """The number of a cell, NaN if it is none; and whether two readings are possible."""
    thousands = "," if decimal == "." else "."
    squeezed = re.sub(r"(?<=[0-9])[\s'’](?=[0-9]{3}(?![0-9]))", "", cell)
    grouped = re.fullmatch(
        rf"([+-]?[0-9]{{1,3}})((?:\{thousands}[0-9]{{3}})+)(\{decimal}[0-9]+)?", squeezed
    )
    if grouped is not None:
        one_group = len(grouped[2]) == 4 and grouped[3] is None
        if one_group:
            return np.nan, True
        squeezed = squeezed.replace(thousands, "")
    elif thousands in squeezed:
        return np.nan, False
    plain = squeezed.replace(decimal, ".")
    return (float(plain), False) if _PLAIN.fullmatch(plain) else (np.nan, False)


_ISO_DATE = re.compile(
    r"(\d{4})([-/.]?)(\d{2})\2(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\S*)?"
)
_LOCAL_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?: 0{1,2}:00(?::00)?)?")


def _dates(text: pd.Series, column: Column) -> Converted:
    codes, distinct = pd.factorize(text)
    cells = [str(cell) for cell in distinct]
    order = _day_order(cells)
    results = [_read_date(cell, order) if cell else None for cell in cells]
    filled = np.array([cell != "" for cell in cells], dtype=bool)
    unread = np.array([result is None for result in results], dtype=bool)
    table = np.empty(len(cells), dtype=object)
    table[:] = results
    doubtful = np.array([_is_doubtful(cell, order) for cell in cells], dtype=bool)
    values = pd.Series(table[codes] if len(cells) else table, dtype="object")
    return _converted(
        values,
        Finding(
            column=column.name,
            is_bad=(filled & unread & ~doubtful)[codes],
            expected="a date such as 2026-03-31",
        ),
        Finding(
            column=column.name,
            is_bad=(unread & doubtful)[codes],
            expected="a clear date (day and month could be swapped)",
            fix="Write dates as 2026-03-31.",
        ),
    )


DayOrder = Literal["day first", "month first", "unknown"]


def _day_order(cells: list[str]) -> DayOrder:
    """Which comes first in 31/03/2026, seen over the column; dots always put the day first."""
    pairs = [
        (int(match[1]), int(match[3]))
        for match in map(_LOCAL_DATE.fullmatch, cells)
        if match is not None and match[2] != "."
    ]
    day_first = any(first > 12 for first, _ in pairs)
    month_first = any(second > 12 for _, second in pairs)
    if day_first == month_first:
        return "unknown"
    return "day first" if day_first else "month first"


def _is_doubtful(cell: str, order: DayOrder) -> bool:
    match = _LOCAL_DATE.fullmatch(cell)
    return match is not None and match[2] != "." and order == "unknown"


def _read_date(cell: str, order: DayOrder) -> date | None:
    iso, local = _ISO_DATE.fullmatch(cell), _LOCAL_DATE.fullmatch(cell)
    try:
        if iso is not None:
            return date(int(iso[1]), int(iso[3]), int(iso[4]))
        if local is None or _is_doubtful(cell, order):
            return None
        first, second, year = int(local[1]), int(local[3]), int(local[4])
        if local[2] != "." and order == "month first":
            first, second = second, first
        return date(year, second, first)
    except ValueError:
        return None


def _converted(values: pd.Series, *findings: Finding) -> Converted:
    return Converted(
        values=values.reset_index(drop=True),
        findings=tuple(finding for finding in findings if finding.is_bad.any()),
    )


def missing_column(column: Column, length: int) -> pd.Series:
    """A column of missing values."""
    dtype = dtype_of(column.kind)
    if column.kind in TEXT_KINDS:
        return pd.Series([""] * length, dtype="str")
    fill = None if column.kind == "date" else (np.nan if dtype == "float64" else pd.NA)
    return pd.Series([fill] * length, dtype=dtype)
