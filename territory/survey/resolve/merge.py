"""Records of one company become one fact, each field from the record whose word weighs most."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.survey.resolve.model import FIELDS, SOURCES, ResolveParams
from territory.survey.resolve.records import Records
from territory.tables import TABLES
from territory.tables.frames import typed_frame

DRAWN_WEIGHT = 0.01
ADRIFT_WEIGHT = 1e-6
DAYS_PER_YEAR = 365.25
UNDATED_YEARS = 10.0
"""A record without date counts as this much older than the newest one."""

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Merged:
    """Companies with and without a place, and the row each field was taken from."""

    companies: pd.DataFrame
    placeless: pd.DataFrame
    origins: pd.DataFrame


def merge(records: Records, group: Rows, ids: pd.Series, params: ResolveParams) -> Merged:
    """One row per group; ``ids`` names the company of each record.

    A field is taken from the filled record with the greatest weight: the reliability of its source,
    halved every ``half_life_years`` before the newest record; the newer one, then the earlier
    source and id where weights are equal. Longitude and latitude come from one record. A cell that
    a model drew is taken only where nothing was observed, and stays marked in ``synthetic``.
    """
    first, entity = np.unique(group, return_inverse=True)
    weight = record_weights(records, params)
    origins = {
        field: _best(entity, len(first), weight * _told_weight(records, field), records.day)
        for field in FIELDS
    }
    leading = _best(entity, len(first), weight, records.day)
    names = ids.iloc[first].reset_index(drop=True)
    columns: dict[str, pd.Series] = {"company_id": names}
    for field in FIELDS:
        for column in ("lon", "lat") if field == "place" else (field,):
            columns[column] = _taken(records.frame[column], origins[field])
    columns["source"] = _taken(records.frame["source"], leading)
    columns["source_date"] = _taken(records.frame["source_date"], leading)
    columns["synthetic"] = _marks(records, origins, len(first))
    frame = pd.DataFrame(columns)
    has_place = origins["place"] >= 0
    order = np.argsort(names.to_numpy(dtype=object).astype("U"), kind="stable")
    frame, has_place = frame.iloc[order], has_place[order]
    table = pd.DataFrame(origins, index=pd.Index(names, name="company_id")).iloc[order]
    return Merged(
        companies=typed_frame(frame[has_place], TABLES["companies"]),
        placeless=typed_frame(frame[~has_place], TABLES["companies"]),
        origins=table,
    )


def record_weights(records: Records, params: ResolveParams) -> NDArray[np.float64]:
    """How much each record's word weighs, from 0 to the reliability of its source."""
    reliability = np.array([params.reliability.get(source, 0.5) for source in SOURCES])
    newest = np.nanmax(records.day) if np.isfinite(records.day).any() else 0.0
    years = (newest - records.day) / DAYS_PER_YEAR
    years = np.where(np.isfinite(years), years, UNDATED_YEARS)
    found = reliability[records.source] * np.exp2(-years / params.half_life_years)
    return np.asarray(found, dtype=np.float64)


def _told_weight(records: Records, field: str) -> NDArray[np.float64]:
    """0 where a record does not tell the field, little where it was drawn or is in doubt."""
    if field == "place":
        lon, lat = (records.frame[name].to_numpy(dtype=np.float64) for name in ("lon", "lat"))
        told = (np.isfinite(lon) & np.isfinite(lat)).astype(np.float64)
        told[records.is_adrift] = ADRIFT_WEIGHT
        marks: tuple[str, ...] = ("lon", "lat")
    else:
        values = records.frame[field]
        is_told = values.notna() if values.dtype == "float64" else values != ""
        told, marks = is_told.to_numpy(dtype=np.float64), (field,)
    drawn = _is_drawn(records, marks)
    return np.asarray(np.where(drawn, told * DRAWN_WEIGHT, told), dtype=np.float64)


def _is_drawn(records: Records, columns: tuple[str, ...]) -> NDArray[np.bool_]:
    codes, marks = pd.factorize(records.frame["synthetic"])
    drawn = [bool({"*", *columns} & set(str(mark).split(";"))) for mark in marks]
    return np.array([*drawn, False], dtype=bool)[codes]


def _best(
    entity: NDArray[np.intp], count: int, weight: NDArray[np.float64], day: NDArray[np.float64]
) -> Rows:
    """The row of greatest positive weight of each entity, -1 where there is none."""
    told = np.flatnonzero(weight > 0)
    alone = np.bincount(entity[told], minlength=count)[entity[told]] == 1
    best = np.full(count, -1, dtype=np.int64)
    best[entity[told[alone]]] = told[alone]
    rest = told[~alone]
    order = np.lexsort([rest, -np.nan_to_num(day[rest], nan=-1.0), -weight[rest], entity[rest]])
    ranked = rest[order]
    is_first = np.ones(len(ranked), dtype=bool)
    is_first[1:] = entity[ranked][1:] != entity[ranked][:-1]
    best[entity[ranked[is_first]]] = ranked[is_first]
    return best


def _taken(values: pd.Series, rows: Rows) -> pd.Series:
    """Values of these rows, missing where there is no row."""
    if values.dtype == "float64":
        cells = np.append(values.to_numpy(dtype=np.float64), np.nan)
        return pd.Series(cells[rows])
    missing: object = None if values.name == "source_date" else ""
    told = np.empty(len(values) + 1, dtype=object)
    told[:-1], told[-1] = values.to_numpy(dtype=object), missing
    return pd.Series(told[rows], dtype="object" if missing is None else "str")


def _marks(records: Records, origins: dict[str, Rows], count: int) -> pd.Series:
    """The cells of each company that a model drew."""
    marks = np.full(count, "", dtype=object)
    if not (records.frame["synthetic"] != "").any():
        return pd.Series(marks, dtype="str")
    for field, rows in origins.items():
        columns = ("lon", "lat") if field == "place" else (field,)
        for column in columns:
            drawn = np.append(_is_drawn(records, (column,)), False)[rows]
            marks[drawn] = marks[drawn] + f";{column}"
    return pd.Series([mark.removeprefix(";") for mark in marks], dtype="str")
