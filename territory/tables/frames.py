"""Frames of market tables: the type of every column, empty frames, and a schema that tests them.

In a frame every column of its specification is present, in order:

- id, text, category, hours, weekdays, time, ids, geometry (WKT): text (pandas ``str``), missing "";
- number, longitude, latitude: float64, missing NaN;
- integer: Int64, missing NA;
- boolean: boolean, missing NA;
- date: object holding ``datetime.date``, missing None.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from territory.errors import Fault, InputError
from territory.tables.model import Column, Kind, TableSpec

if TYPE_CHECKING:
    import pandera.pandas as pandera

TEXT_KINDS: frozenset[Kind] = frozenset(
    {"id", "text", "category", "hours", "weekdays", "time", "ids", "geometry"}
)
NUMBER_KINDS: frozenset[Kind] = frozenset({"number", "longitude", "latitude"})


def dtype_of(kind: Kind) -> str:
    """The pandas dtype of a column of this kind."""
    if kind in TEXT_KINDS:
        return "str"
    if kind in NUMBER_KINDS:
        return "float64"
    return {"integer": "Int64", "boolean": "boolean", "date": "object"}[kind]


def empty_frame(spec: TableSpec) -> pd.DataFrame:
    """A frame of this table with no rows."""
    return typed_frame({}, spec)


def typed_frame(columns: Mapping[str, object] | pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    """A frame as this module describes it, from columns that hold the right values already.

    Absent columns are filled with their missing value; values are not judged (``check_table`` does
    that for input from outside).

    Raises
    ------
    InputError
        If a column is not one of the table, or cannot be held in its dtype.
    """
    given = columns if isinstance(columns, pd.DataFrame) else pd.DataFrame(dict(columns))
    known = spec.by_name()
    faults = [
        Fault(table=spec.name, column=str(name), expected=f"not a column of {spec.name}")
        for name in given.columns
        if name not in known
    ]
    typed: dict[str, pd.Series] = {}
    for column in spec.columns:
        try:
            typed[column.name] = _typed_column(given, column)
        except (TypeError, ValueError) as error:
            wanted = f"values of kind {column.kind} are needed ({error})"
            faults.append(Fault(table=spec.name, column=column.name, expected=wanted))
    if faults:
        raise InputError(f"This frame does not fit the table {spec.name!r}.", faults)
    return pd.DataFrame(typed, index=pd.RangeIndex(len(given)))


def _typed_column(given: pd.DataFrame, column: Column) -> pd.Series:
    dtype = dtype_of(column.kind)
    if column.name not in given:
        missing = {"str": "", "float64": np.nan, "object": None}.get(dtype, pd.NA)
        return pd.Series([missing] * len(given), dtype=dtype)
    values = given[column.name].reset_index(drop=True)
    if column.kind == "date":
        return dates_series(values)
    if dtype == "str":
        return values.astype("str").fillna("")
    typed: pd.Series = values.astype(pd.api.types.pandas_dtype(dtype))
    return typed


def dates_series(values: pd.Series) -> pd.Series:
    """Dates, datetimes or ISO texts as an object column of ``datetime.date`` or None."""
    return pd.Series([_as_date(value) for value in values], dtype="object", index=values.index)


def _as_date(value: object) -> date | None:
    if isinstance(value, datetime):
        return None if pd.isna(value) else value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and value:
        return date.fromisoformat(value)
    if value is None or value == "" or pd.isna(value):  # type: ignore[call-overload]
        return None
    raise TypeError(f"{value!r} is not a date")


def frame_schema(spec: TableSpec) -> "pandera.DataFrameSchema":
    """A pandera schema of this table's frame: dtypes, ranges, allowed words, unique key."""
    import pandera.pandas as pandera

    return pandera.DataFrameSchema(
        {column.name: _schema_column(column) for column in spec.columns},
        strict=True,
        ordered=True,
        unique=list(spec.key),
        name=spec.name,
    )


def _schema_column(column: Column) -> "pandera.Column":
    import pandera.pandas as pandera

    checks = []
    if column.minimum is not None:
        checks.append(pandera.Check.ge(column.minimum))
    if column.maximum is not None:
        checks.append(pandera.Check.le(column.maximum))
    if column.kind == "category":
        checks.append(pandera.Check.isin([*column.allowed, *([] if column.required else [""])]))
    if column.kind == "date":
        checks.append(pandera.Check(lambda value: type(value) is date, element_wise=True))
    if column.kind in NUMBER_KINDS:
        checks.append(pandera.Check(lambda values: ~np.isinf(values)))
    is_text = column.kind in TEXT_KINDS
    if column.required and is_text:
        checks.append(pandera.Check(lambda values: values != ""))
    nullable = not (column.required or is_text)
    return pandera.Column(dtype_of(column.kind), checks, nullable=nullable)
