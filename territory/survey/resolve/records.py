"""Source records, judged and brought into one canonical order, with their comparable features."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.errors import Fault, InputError
from territory.survey.resolve.model import SOURCES
from territory.survey.resolve.names import Names, comparable_names, name_keys, street_and_number
from territory.survey.resolve.phones import phone_keys

TEXTS = ("name", "category", "size", "phone", "brand", "address", "synthetic")
NUMBERS = ("lon", "lat", "employees", "income", "consumption")
NEEDED = ("source", "source_record_id")

SHORE_METERS = 150.0
"""A place this near to land is on it: piers, rounded outlines, coordinates of entrances."""

MOST_FAULTS = 1_000

_METERS_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Records:
    """Records in the order of source and id; arrays are aligned with ``frame``.

    ``lon`` and ``lat`` are NaN where there is no place that can be believed. ``phone`` is 0,
    ``brand``, ``category``, ``street`` and ``number`` are -1 where missing. ``day`` counts days
    from 1 January of the year 1, NaN where no date is told. ``row`` is the position in the frame
    that was given.
    """

    frame: pd.DataFrame
    row: NDArray[np.intp]
    source: NDArray[np.int8]
    names: Names
    phone: NDArray[np.int64]
    brand: NDArray[np.int32]
    category: NDArray[np.int32]
    street: NDArray[np.int32]
    number: NDArray[np.int32]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    day: NDArray[np.float64]
    is_adrift: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.row)

    @property
    def has_place(self) -> NDArray[np.bool_]:
        return np.isfinite(self.lon) & np.isfinite(self.lat)


def read_records(given: pd.DataFrame, *, land: Sequence[str] = ()) -> Records:
    """The records of a frame with the columns of the companies table and ``source_record_id``.

    Missing columns beside source and id are empty. ``land`` are WKT polygons, WGS84: a place more
    than 150 m off all of them is not believed (``is_adrift``), nor is (0, 0).

    Raises
    ------
    InputError
        If a source is unknown, an id empty or used twice in its source, a coordinate off the
        globe, a figure negative or not finite; every fault with its row, the header being row 1.
    """
    _refuse_faults(given)
    frame, row = _canonical(given)
    lon, lat, is_adrift = _places(frame, land)
    streets, numbers = _addresses(frame["address"])
    names = comparable_names(frame["name"])
    return Records(
        frame=frame,
        row=row,
        source=_source_codes(frame["source"]),
        names=names,
        phone=phone_keys(frame["phone"]),
        brand=name_keys(frame["brand"]),
        category=_codes(frame["category"].str.strip().str.lower()),
        street=streets,
        number=numbers,
        lon=lon,
        lat=lat,
        day=_days(frame["source_date"]),
        is_adrift=is_adrift,
    )


def _source_codes(source: pd.Series) -> NDArray[np.int8]:
    return np.asarray(pd.Categorical(source, categories=[*SOURCES]).codes, dtype=np.int8)


def _canonical(given: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """The frame typed and sorted by source and id, so that the order of rows tells nothing."""
    columns: dict[str, pd.Series] = {}
    plain = given.reset_index(drop=True)
    for name in (*NEEDED, *TEXTS):
        blank = pd.Series([""] * len(plain), dtype="str")
        columns[name] = _text(plain[name]) if name in plain else blank
    for name in NUMBERS:
        absent = pd.Series(np.full(len(plain), np.nan))
        columns[name] = pd.to_numeric(plain[name]).astype("float64") if name in plain else absent
    days = pd.Series([None] * len(plain), dtype="object")
    columns["source_date"] = (
        plain["source_date"].astype("object") if "source_date" in plain else days
    )
    typed = pd.DataFrame(columns, index=plain.index)
    ids = typed["source_record_id"].to_numpy(dtype=object).astype("U")
    order = np.lexsort([ids, _source_codes(typed["source"])])
    return typed.iloc[order].reset_index(drop=True), np.asarray(order, dtype=np.intp)


def _text(values: pd.Series) -> pd.Series:
    return values.astype("str").fillna("")


def _refuse_faults(given: pd.DataFrame) -> None:
    absent = [name for name in NEEDED if name not in given]
    if absent:
        faults = [Fault(column=name, expected="missing, and is needed") for name in absent]
        raise InputError("These are no source records.", faults)
    faults = [fault for part in _findings(given.reset_index(drop=True)) for fault in part]
    if faults:
        faults.sort(key=lambda fault: (fault.row or 0, fault.column))
        raise InputError(f"{len(faults):,} faults in the source records.", faults[:MOST_FAULTS])


def _findings(given: pd.DataFrame) -> list[list[Fault]]:
    source, record = (_text(given[name]) for name in NEEDED)
    keys = pd.DataFrame({"source": source, "id": record})
    found = [
        _faults(given, "source", ~source.isin(SOURCES), f"one of {', '.join(SOURCES)}"),
        _faults(given, "source_record_id", record == "", "empty, and is needed"),
        _faults(
            given,
            "source_record_id",
            keys.duplicated(keep="first") & (record != ""),
            "used once in its source (an earlier row has it)",
        ),
    ]
    for name in NUMBERS:
        if name in given:
            numbers = pd.to_numeric(given[name], errors="coerce")
            limit = {"lon": 180.0, "lat": 90.0}.get(name, np.inf)
            least = -limit if name in ("lon", "lat") else 0.0
            is_bad = (numbers < least) | (numbers > limit) | np.isinf(numbers)
            is_bad |= numbers.isna() & given[name].notna() & (given[name].astype("str") != "")
            found.append(_faults(given, name, is_bad, _range_word(name)))
    return found


def _range_word(name: str) -> str:
    if name == "lon":
        return "a longitude (-180 to 180)"
    return "a latitude (-90 to 90)" if name == "lat" else "a number of 0 or more"


def _faults(given: pd.DataFrame, column: str, is_bad: pd.Series, expected: str) -> list[Fault]:
    return [
        Fault(
            row=int(position) + 2,
            column=column,
            value=str(given[column].iloc[position])[:120],
            expected=expected,
        )
        for position in np.flatnonzero(is_bad.to_numpy(dtype=bool))[:MOST_FAULTS]
    ]


def _places(
    frame: pd.DataFrame, land: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    lon, lat = (frame[name].to_numpy(dtype=np.float64).copy() for name in ("lon", "lat"))
    has_place = np.isfinite(lon) & np.isfinite(lat)
    is_adrift = has_place & (lon == 0) & (lat == 0)
    if land:
        is_adrift |= has_place & ~_on_land(lon, lat, has_place, land)
    lon[~has_place | is_adrift] = np.nan
    lat[~has_place | is_adrift] = np.nan
    return lon, lat, is_adrift


def _on_land(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    has_place: NDArray[np.bool_],
    land: Sequence[str],
) -> NDArray[np.bool_]:
    """Whether a point lies on land or near its shore; degrees are stretched to equal metres."""
    import shapely

    shapes = shapely.make_valid(shapely.from_wkt(list(land)))
    middle = float(np.mean(shapely.bounds(shapes)[:, [1, 3]]))
    stretch = np.array([_METERS_PER_DEGREE * np.cos(np.radians(middle)), _METERS_PER_DEGREE])
    tree = shapely.STRtree(shapely.transform(shapes, lambda points: points * stretch))
    where = np.flatnonzero(has_place)
    points = shapely.points(np.column_stack([lon[where], lat[where]]) * stretch)
    near = tree.query(points, predicate="dwithin", distance=SHORE_METERS)[0]
    found = np.zeros(len(lon), dtype=bool)
    found[where[near]] = True
    return found


def _codes(texts: pd.Series) -> NDArray[np.int32]:
    codes, distinct = pd.factorize(texts, sort=True)
    blank = np.array([str(text) == "" for text in distinct], dtype=bool)
    found = codes.astype(np.int32)
    found[blank[codes] if len(codes) else np.zeros(0, dtype=bool)] = -1
    return found


def _addresses(texts: pd.Series) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    codes, distinct = pd.factorize(texts)
    parts = [street_and_number(str(text)) for text in distinct]
    streets = _codes(pd.Series([street for street, _ in parts], dtype="str"))
    numbers = _codes(pd.Series([number for _, number in parts], dtype="str"))
    return streets[codes], numbers[codes]


def _days(days: pd.Series) -> NDArray[np.float64]:
    codes, distinct = pd.factorize(days)
    counted = [*(_ordinal(day) for day in distinct), np.nan]
    return np.array(counted, dtype=np.float64)[codes]


def _ordinal(day: object) -> float:
    if isinstance(day, date):
        return float(day.toordinal())
    return float(date.fromisoformat(str(day)[:10]).toordinal()) if str(day) else np.nan
