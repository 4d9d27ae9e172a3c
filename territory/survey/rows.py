"""Companies as they are read: cleaned, placed in units and zones, numbered by their kind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.survey.parts import Part
from territory.survey.usual import AMOUNTS, UsualAmounts
from territory.survey.zones import ZoneFacts
from territory.units.locate import Locator

Column = NDArray[np.float64]
Kind = tuple[str, str]
"""Category and size."""

SIZE_NAMES = ("micro", "small", "medium", "large")
SIZE_LIMITS = (10.0, 50.0, 250.0)  # employees; EU recommendation 2003/361/EC
READ = ("lon", "lat", "category", "size", "employees", *AMOUNTS, "synthetic", "bought")
DRAWN = ("consumption", "annual_potential")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surroundings:
    """What every row is read against: places, usual amounts, what accounts tell of companies.

    ``potential_of`` and ``bought_of`` are indexed by company_id, None where no account tells.
    """

    locator: Locator
    areas: ZoneFacts
    usual: UsualAmounts = field(default_factory=UsualAmounts)
    potential_of: pd.Series | None = None
    bought_of: pd.Series | None = None

    def knowing(self, usual: UsualAmounts) -> "Surroundings":
        """The same, with usual amounts by which others are set aside."""
        return replace(self, usual=usual)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns to read."""
        is_asked = self.potential_of is not None or self.bought_of is not None
        return (*READ, "company_id") if is_asked else READ


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Companies of one block. Amounts are NaN where unknown; ``unit`` and ``zone`` -1 if none.

    ``kind`` numbers ``kinds``; ``doubts`` are (column, row, value, usual) of amounts set aside.
    """

    number: NDArray[np.int64]
    unit: NDArray[np.int32]
    zone: NDArray[np.int32]
    kind: NDArray[np.intp]
    kinds: tuple[Kind, ...]
    employees: Column
    income: Column
    consumption: Column
    bought: Column
    is_synthetic: NDArray[np.bool_]
    doubts: tuple[tuple[str, int, float, float], ...]

    def inside(self) -> "Rows":
        """Those that lie in a unit."""
        held = np.flatnonzero(self.unit >= 0)
        if len(held) == len(self.unit):
            return self
        return Rows(
            number=self.number[held],
            unit=self.unit[held],
            zone=self.zone[held],
            kind=self.kind[held],
            kinds=self.kinds,
            employees=self.employees[held],
            income=self.income[held],
            consumption=self.consumption[held],
            bought=self.bought[held],
            is_synthetic=self.is_synthetic[held],
            doubts=self.doubts,
        )


def read_rows(around: Surroundings, parts: Sequence[Part]) -> Iterator[Rows]:
    """All rows of some parts, block by block, those outside every unit too."""
    for part in parts:
        for first_row, frame in part.blocks(around.columns):
            if len(frame):
                yield _rows(around, frame, first_row)


def _rows(around: Surroundings, frame: pd.DataFrame, first_row: int) -> Rows:
    lonlat = np.column_stack([numbers(frame, "lon"), numbers(frame, "lat")])
    unit = around.locator.locate(lonlat)
    category = _texts(frame, "category")
    amounts, doubts = _amounts(around, frame, category, first_row)
    kind, kinds = _kinds(category, frame)
    return Rows(
        number=first_row + np.arange(len(frame), dtype=np.int64),
        unit=unit,
        zone=around.areas.zones_at(lonlat, unit),
        kind=kind,
        kinds=kinds,
        employees=np.nan_to_num(numbers(frame, "employees")),
        income=amounts["income"],
        consumption=_told(amounts["consumption"], frame, around.potential_of),
        bought=_told(numbers(frame, "bought"), frame, around.bought_of),
        is_synthetic=_is_drawn(frame),
        doubts=doubts,
    )


def numbers(frame: pd.DataFrame, column: str) -> Column:
    """A column of numbers, NaN where it is absent."""
    if column not in frame:
        return np.full(len(frame), np.nan)
    return frame[column].to_numpy(dtype=np.float64)


def _texts(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series([""] * len(frame), index=frame.index, dtype="str")
    return frame[column].fillna("")


def _amounts(
    around: Surroundings, frame: pd.DataFrame, category: pd.Series, first_row: int
) -> tuple[dict[str, Column], tuple[tuple[str, int, float, float], ...]]:
    """Incomes and consumptions without those that cannot be right, and these."""
    kept, doubts = {}, []
    for column in AMOUNTS:
        values = numbers(frame, column)
        found = around.usual.doubtful(column, values, category)
        if len(found.places):
            values = values.copy()
            values[found.places] = np.nan
            doubts += [
                (column, first_row + place, value, usual)
                for place, value, usual in zip(
                    found.places.tolist(), found.values.tolist(), found.usual.tolist(), strict=True
                )
            ]
        kept[column] = values
    return kept, tuple(doubts)


def _told(known: Column, frame: pd.DataFrame, by_company: pd.Series | None) -> Column:
    """What is known, completed by what accounts say of the company."""
    if by_company is None or "company_id" not in frame:
        return known
    asked = pd.Index(frame["company_id"])
    place = by_company.index.get_indexer(asked)
    told = np.where(place >= 0, by_company.to_numpy(dtype=np.float64)[place], np.nan)
    return np.where(np.isfinite(known), known, told)


def _kinds(category: pd.Series, frame: pd.DataFrame) -> tuple[NDArray[np.intp], tuple[Kind, ...]]:
    """The kind of each row; a size that is missing is read from the number of employees."""
    code, categories = pd.factorize(category)
    bulk, given = pd.factorize(_texts(frame, "size"))
    sizes = list(dict.fromkeys([*map(str, given), *SIZE_NAMES, ""]))
    employees = numbers(frame, "employees")
    missing = bulk == (sizes.index("") if "" in [*map(str, given)] else -1)
    counted = missing & np.isfinite(employees)
    by_count = np.array([sizes.index(name) for name in SIZE_NAMES])
    size_class = np.searchsorted(SIZE_LIMITS, employees[counted], side="right")
    bulk = bulk.astype(np.int64)
    bulk[counted] = by_count[size_class]
    cell = code * len(sizes) + bulk
    used = np.flatnonzero(np.bincount(cell, minlength=len(categories) * len(sizes)))
    number = np.zeros(len(categories) * len(sizes), dtype=np.intp)
    number[used] = np.arange(len(used))
    kinds = tuple(
        (str(categories[place // len(sizes)]), sizes[place % len(sizes)]) for place in used.tolist()
    )
    return number[cell], kinds


def _is_drawn(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows in which a model drew what is consumed; distinct marks are read once."""
    codes, marks = pd.factorize(_texts(frame, "synthetic"))
    drawn = [bool({"*", *DRAWN} & set(str(mark).split(";"))) for mark in marks]
    return np.array(drawn, dtype=bool)[codes]
