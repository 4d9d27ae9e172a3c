"""The last look over the companies: sums per unit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.survey.exact import ExactSums
from territory.survey.model import Levels, Model, levels_of
from territory.survey.parts import Part
from territory.survey.rows import Column, Rows, Surroundings, read_rows

COUNTED = ("companies", "income_missing")
SUMMED = (
    "employees",
    "norm",
    "income",
    "income_variance",
    "norm_by_income",
    "consumption",
    "consumption_variance",
    "by_income",
    "by_zone",
    "estimated",
    "synthetic",
)
"""What is summed per unit; money a year.

norm_by_income is what companies of this kind spend with their incomes; income_variance and
consumption_variance are squared standard errors of estimates, by_income and by_zone how estimates
move with either elasticity, estimated and synthetic the consumption that is estimated or drawn.
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompanySums:
    """``counts`` and ``sums`` per unit; ``guessed`` is estimated consumption per (unit, kind).

    ``pairs`` are unit x kinds + kind, ascending: those that hold an estimate.
    """

    kinds: int
    counts: NDArray[np.int64]
    sums: tuple[ExactSums, ...]
    pairs: NDArray[np.int64]
    guessed: ExactSums

    @classmethod
    def zeros(cls, units: int, kinds: int) -> "CompanySums":
        return cls(
            kinds=kinds,
            counts=np.zeros((len(COUNTED), units), dtype=np.int64),
            sums=tuple(ExactSums.zeros(units) for _ in SUMMED),
            pairs=np.empty(0, dtype=np.int64),
            guessed=ExactSums.zeros(0),
        )

    def __add__(self, other: "CompanySums") -> "CompanySums":
        both = self.with_guessed(other.pairs, other.guessed)
        return replace(
            both,
            counts=self.counts + other.counts,
            sums=tuple(left + right for left, right in zip(self.sums, other.sums, strict=True)),
        )

    def with_guessed(self, pairs: NDArray[np.int64], guessed: ExactSums) -> "CompanySums":
        """These sums with more estimates per (unit, kind)."""
        if len(pairs) == 0:
            return self
        union = np.sort(np.concatenate([self.pairs, pairs]), kind="stable")  # two sorted runs
        union = union[np.append(True, union[1:] != union[:-1])]
        mine = self.guessed.at(np.searchsorted(union, self.pairs), len(union))
        theirs = guessed.at(np.searchsorted(union, pairs), len(union))
        return replace(self, pairs=union, guessed=mine + theirs)

    def per_unit(self) -> dict[str, Column]:
        """All counts and sums as numbers."""
        counted = dict(zip(COUNTED, self.counts.astype(np.float64), strict=True))
        return counted | {name: one.floats() for name, one in zip(SUMMED, self.sums, strict=True)}

    def norm_variance(self, kind_variance: Column) -> Column:
        """Per unit, what errors of the kinds' norms add to the variance of its consumption.

        Companies of one kind share its norm, so what it is off adds up before it is squared.
        """
        unit, kind = np.divmod(self.pairs, max(1, self.kinds))
        off = self.guessed.floats() ** 2 * kind_variance[kind]
        per_unit = np.bincount(unit, weights=off, minlength=self.counts.shape[1])
        return per_unit.astype(np.float64)


def sum_companies(model: Model, around: Surroundings, parts: Sequence[Part]) -> CompanySums:
    """Sums per unit over some parts."""
    units, kinds = around.locator.count, len(model.place)
    total = CompanySums.zeros(units, kinds)
    for every in read_rows(around, parts):
        rows = every.inside()
        levels = levels_of(model, around, rows)
        kind = model.kinds_of(rows)
        columns = _columns(model, rows, levels, kind)
        for sums, name in zip(total.sums, SUMMED, strict=True):
            sums.add(rows.unit, columns[name])
        total.counts[0] += np.bincount(rows.unit, minlength=units)
        missing = rows.unit[~np.isfinite(rows.income)]
        total.counts[1] += np.bincount(missing, minlength=units)
        total = total.with_guessed(*_guessed(kinds, rows, kind, columns["estimated"]))
    return total


def _columns(model: Model, rows: Rows, levels: Levels, kind: NDArray[np.intp]) -> dict[str, Column]:
    found = model.elasticities
    norm = model.norm[kind]
    effect = found.scale * levels.level**found.income
    estimate = norm * effect * levels.zone_level**found.zone
    is_estimated = ~np.isfinite(rows.consumption)
    consumption = np.where(is_estimated, estimate, rows.consumption)
    guess = np.where(is_estimated, estimate, 0.0)
    by_income = np.where(levels.error > 0, found.income * model.income_spread, 0.0)
    return {
        "employees": rows.employees,
        "norm": norm,
        "income": np.nan_to_num(levels.money),
        "income_variance": levels.error**2,
        "norm_by_income": norm * effect,
        "consumption": consumption,
        "consumption_variance": guess**2 * (found.dispersion + by_income**2),
        "by_income": guess * np.log(levels.level),
        "by_zone": guess * np.log(levels.zone_level),
        "estimated": guess,
        "synthetic": np.where(rows.is_synthetic, consumption, 0.0),
    }


def _guessed(
    kinds: int, rows: Rows, kind: NDArray[np.intp], guess: Column
) -> tuple[NDArray[np.int64], ExactSums]:
    """(unit, kind) pairs, ascending, and the estimates in each."""
    held = np.flatnonzero(guess > 0)
    place, pairs = pd.factorize(rows.unit[held].astype(np.int64) * kinds + kind[held], sort=True)
    return np.asarray(pairs, dtype=np.int64), ExactSums.of(place, guess[held], len(pairs))
