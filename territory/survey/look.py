"""The first look over the companies: how many of each kind, what they tell, what lies outside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from territory.survey.exact import ExactSums, exact_total, total_of
from territory.survey.parts import Part
from territory.survey.rows import Column, Kind, Rows, Surroundings, read_rows

TOLD = ("income", "consumption", "bought")
MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KindTable:
    """Per kind of company how many there are, how many tell each of TOLD, and its sum."""

    kinds: tuple[Kind, ...]
    rows: NDArray[np.int64]
    known: NDArray[np.int64]
    sums: tuple[ExactSums, ...]

    @classmethod
    def of(cls, rows: Rows) -> "KindTable":
        count = len(rows.kinds)
        known, sums = [], []
        for name in TOLD:
            values: Column = getattr(rows, name)
            told = np.isfinite(values)
            known.append(np.bincount(rows.kind[told], minlength=count))
            sums.append(ExactSums.of(rows.kind[told], values[told], count))
        return cls(
            kinds=rows.kinds,
            rows=np.bincount(rows.kind, minlength=count),
            known=np.array(known).reshape(len(TOLD), count),
            sums=tuple(sums),
        )

    def __add__(self, other: "KindTable") -> "KindTable":
        """Kinds stand in the order of their names, whichever table told of them first."""
        kinds = tuple(sorted({*self.kinds, *other.kinds}))
        one, two = self._at(kinds), other._at(kinds)
        return KindTable(
            kinds=kinds,
            rows=one.rows + two.rows,
            known=one.known + two.known,
            sums=tuple(left + right for left, right in zip(one.sums, two.sums, strict=True)),
        )

    def _at(self, kinds: tuple[Kind, ...]) -> "KindTable":
        position = {kind: place for place, kind in enumerate(kinds)}
        place = np.array([position[kind] for kind in self.kinds], dtype=np.intp)
        rows, known = np.zeros(len(kinds), np.int64), np.zeros((len(TOLD), len(kinds)), np.int64)
        rows[place], known[:, place] = self.rows, self.known
        sums = tuple(one.at(place, len(kinds)) for one in self.sums)
        return KindTable(kinds=kinds, rows=rows, known=known, sums=sums)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """What is there. ``zone_sums`` and ``zone_known`` are over companies in a unit: the median
    income and the consumption index of the zone under each.
    """

    rows: int
    table: KindTable
    outside: int
    outside_money: ExactSums
    outside_rows: tuple[int, ...]
    doubts: tuple[tuple[str, int, float, float], ...]
    zone_known: NDArray[np.int64]
    zone_sums: tuple[ExactSums, ...]

    @property
    def inside(self) -> int:
        return self.rows - self.outside

    def zone_means(self) -> tuple[float, float]:
        """Mean median income and mean consumption index under a company; NaN if none tells."""
        sums = [total_of(one) for one in self.zone_sums]
        means = [
            total / known if known else np.nan
            for total, known in zip(sums, self.zone_known.tolist(), strict=True)
        ]
        return means[0], means[1]

    def __add__(self, other: "Look") -> "Look":
        return Look(
            rows=self.rows + other.rows,
            table=self.table + other.table,
            outside=self.outside + other.outside,
            outside_money=self.outside_money + other.outside_money,
            outside_rows=(*self.outside_rows, *other.outside_rows)[:MOST_NAMED],
            doubts=(*self.doubts, *other.doubts),
            zone_known=self.zone_known + other.zone_known,
            zone_sums=tuple(
                left + right for left, right in zip(self.zone_sums, other.zone_sums, strict=True)
            ),
        )


def nothing_seen() -> Look:
    """A look over no rows."""
    none = ExactSums.zeros(0)
    return Look(
        rows=0,
        table=KindTable(
            kinds=(),
            rows=np.empty(0, np.int64),
            known=np.empty((len(TOLD), 0), np.int64),
            sums=(none,) * len(TOLD),
        ),
        outside=0,
        outside_money=ExactSums.zeros(1),
        outside_rows=(),
        doubts=(),
        zone_known=np.zeros(2, np.int64),
        zone_sums=(ExactSums.zeros(1), ExactSums.zeros(1)),
    )


def look(around: Surroundings, parts: Sequence[Part]) -> Look:
    """Look over some parts."""
    return together(_look_at(around, rows) for rows in read_rows(around, parts))


def together(looks: Iterable[Look]) -> Look:
    """All looks as one."""
    return reduce(lambda one, two: one + two, looks, nothing_seen())


def _look_at(around: Surroundings, rows: Rows) -> Look:
    is_outside = rows.unit < 0
    lost = rows.consumption[is_outside & np.isfinite(rows.consumption)]
    held = rows.inside()
    known, sums = [], []
    for figures in (around.areas.median_income, around.areas.consumption_index):
        values = under(figures, held.zone)
        told = values[np.isfinite(values)]
        known.append(len(told))
        sums.append(exact_total(told))
    return Look(
        rows=len(rows.unit),
        table=KindTable.of(held),
        outside=int(is_outside.sum()),
        outside_money=exact_total(lost),
        outside_rows=tuple(rows.number[is_outside][:MOST_NAMED].tolist()),
        doubts=rows.doubts,
        zone_known=np.array(known, dtype=np.int64),
        zone_sums=tuple(sums),
    )


def under(figures: Column, zone: NDArray[np.int32]) -> Column:
    """The figure of the zone under each row, NaN where there is none."""
    if len(figures) == 0:
        return np.full(len(zone), np.nan)
    return np.where(zone >= 0, figures[zone], np.nan)
