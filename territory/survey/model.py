"""What is usual for a company: norms per kind, levels of income and zone, from sums alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from territory.survey.elasticities import Elasticities, fit_elasticities
from territory.survey.exact import ExactSums, exact_total, total_of
from territory.survey.look import TOLD, Look, under
from territory.survey.norms import CREDIBLE_COUNT, shrunken_means
from territory.survey.parts import Part, Runner
from territory.survey.rows import Column, Kind, Rows, Surroundings, read_rows

SIZE_WEIGHTS = {"micro": 1.0, "small": 4.0, "medium": 12.0, "large": 40.0}
"""Spending of a size class against micro, used only where no company's consumption is known."""

FEWEST_BUYERS = 30
"""Companies that buy from us from which norms are read where no consumption is known."""

FARTHEST_LEVEL = 10.0  # one income moves an estimate at most tenfold either way
MOST_FITTED = 100_000
"""Companies on whose spending elasticities are fitted; of more, this many are drawn by row."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # spreads row numbers evenly (Knuth, TAOCP 6.4)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """What companies are held against. ``income_usual`` is None where nobody tells an income.

    ``norm``, ``income_usual`` and ``told`` are per kind; ``told`` counts companies whose spending
    is known by ``evidence``. ``income_spread`` is the standard deviation of log incomes around
    what kind and zone say.
    """

    place: dict[Kind, int]
    norm: Column
    evidence: Literal["consumption", "bought", ""]
    told: NDArray[np.int64]
    income_usual: Column | None
    zone_income: float
    zone_index: float
    income_spread: float = 0.0
    elasticities: Elasticities = field(default_factory=Elasticities)

    def kinds_of(self, rows: Rows) -> NDArray[np.intp]:
        """Kinds by the model's numbers."""
        here = np.array([self.place[kind] for kind in rows.kinds], dtype=np.intp)
        return np.asarray(here[rows.kind], dtype=np.intp)

    def kind_variance(self) -> Column:
        """Squared relative error of each kind's norm."""
        return np.asarray(self.elasticities.dispersion / (self.told + CREDIBLE_COUNT))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levels:
    """Income in money (NaN if nobody tells any), its error, and how companies stand by it."""

    money: Column
    error: Column
    level: Column
    zone_level: Column


def model_of(seen: Look) -> tuple[Model, tuple[str, ...]]:
    """Norms and usual incomes of what was seen, and notes; elasticities are still the defaults."""
    table = seen.table
    sums = dict(zip(TOLD, (one.floats() for one in table.sums), strict=True))
    known = dict(zip(TOLD, table.known, strict=True))
    money = dict(zip(TOLD, (total_of(one) for one in table.sums), strict=True))
    notes: list[str] = []
    evidence: Literal["consumption", "bought", ""] = ""
    if money["consumption"] > 0:
        evidence = "consumption"
    elif (buyers := int(known["bought"].sum())) >= FEWEST_BUYERS:
        evidence = "bought"
        notes.append(
            f"No company's consumption is known: potential counts what like companies buy from "
            f"us ({buyers:,} of them), the least the market can be, until a total is given."
        )
    elif seen.inside:
        notes.append(
            "No company's consumption is known: potential counts micro companies "
            "(small = 4, medium = 12, large = 40) until a total market is given."
        )
    weights = [SIZE_WEIGHTS.get(size, SIZE_WEIGHTS["micro"]) for _, size in table.kinds]
    zone_income, zone_index = seen.zone_means()
    model = Model(
        place={kind: place for place, kind in enumerate(table.kinds)},
        norm=_means(table.kinds, known[evidence], sums[evidence])
        if evidence
        else np.array(weights, dtype=np.float64),
        evidence=evidence,
        told=known[evidence] if evidence else np.zeros(len(table.kinds), dtype=np.int64),
        income_usual=_means(table.kinds, known["income"], sums["income"])
        if known["income"].any()
        else None,
        zone_income=zone_income,
        zone_index=zone_index,
    )
    return model, tuple(notes)


def _means(kinds: Sequence[Kind], known: NDArray[np.int64], sums: Column) -> Column:
    """The shrunken mean of every kind."""
    categories = sorted({category for category, _ in kinds})
    sizes = sorted({size for _, size in kinds})
    row = np.array([categories.index(category) for category, _ in kinds], dtype=np.intp)
    column = np.array([sizes.index(size) for _, size in kinds], dtype=np.intp)
    count = np.zeros((len(categories), len(sizes)), dtype=np.int64)
    total = np.zeros(count.shape)
    count[row, column], total[row, column] = known, sums
    return np.asarray(shrunken_means(count, total)[row, column], dtype=np.float64)


def levels_of(model: Model, around: Surroundings, rows: Rows) -> Levels:
    """Incomes, estimated where missing, and the levels of income and zone of each row."""
    zone_income = _relative(under(around.areas.median_income, rows.zone), model.zone_income)
    zone_level = _relative(under(around.areas.consumption_index, rows.zone), model.zone_index)
    count = len(rows.unit)
    if model.income_usual is None:
        return Levels(
            money=np.full(count, np.nan),
            error=np.zeros(count),
            level=zone_income,
            zone_level=zone_level,
        )
    usual = model.income_usual[model.kinds_of(rows)]
    known = np.isfinite(rows.income)
    level = np.divide(rows.income, usual, out=np.ones(count), where=known & (usual > 0))
    level = np.where(known, level, zone_income)
    guess = usual * zone_income
    return Levels(
        money=np.where(known, rows.income, guess),
        error=np.where(known, 0.0, guess * model.income_spread),
        level=np.minimum(np.maximum(level, 1 / FARTHEST_LEVEL), FARTHEST_LEVEL),
        zone_level=zone_level,
    )


def _relative(values: Column, mean: float) -> Column:
    return np.where(np.isfinite(values), values / mean, 1.0)


def fitted(
    model: Model, around: Surroundings, parts: Sequence[Part], run: Runner, rows: int
) -> Model:
    """The model with the spread of incomes and fitted elasticities; ``rows`` is how many in all."""
    share = min(1.0, MOST_FITTED / max(1, rows))
    found = list(run(partial(evidence_of, model, around, share), parts))
    number = sum(one.known for one in found)
    spread = 0.0
    if number:
        first, second = (
            sum((one.sums[power] for one in found[1:]), found[0].sums[power]) for power in (0, 1)
        )
        mean = total_of(first) / number
        spread = float(np.sqrt(max(0.0, total_of(second) / number - mean**2)))
    amounts, usual, level, zone_level = (
        np.concatenate([one.sample[place] for one in found]) for place in range(4)
    )
    what = {"consumption": "stated consumption", "bought": "sales", "": ""}[model.evidence]
    elasticities = fit_elasticities(amounts, usual, level, zone_level, what=what)
    return replace(model, income_spread=spread, elasticities=elasticities)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """How known incomes spread (count, sum and sum of squares of logs), and a sample of spending:
    amount, usual amount, income level and zone level.
    """

    known: int
    sums: tuple[ExactSums, ExactSums]
    sample: tuple[Column, Column, Column, Column]


def evidence_of(
    model: Model, around: Surroundings, share: float, parts: Sequence[Part]
) -> Evidence:
    """What some parts tell of levels; of their rows about ``share`` are in the sample."""
    known, first, second = 0, ExactSums.zeros(1), ExactSums.zeros(1)
    sample: list[tuple[Column, ...]] = [(np.empty(0),) * 4]
    for every in read_rows(around, parts):
        rows = every.inside()
        levels = levels_of(model, around, rows)
        told = np.isfinite(rows.income)
        if told.any():
            zone_income = under(around.areas.median_income, rows.zone[told])
            logs = np.log(levels.level[told] / _relative(zone_income, model.zone_income))
            known += len(logs)
            first, second = first + exact_total(logs), second + exact_total(logs**2)
        if model.evidence:
            amounts = _READ_EVIDENCE[model.evidence](rows)
            chosen = np.flatnonzero(np.isfinite(amounts) & _is_drawn(rows.number, share))
            usual = model.norm[model.kinds_of(rows)]
            columns = (amounts, usual, levels.level, levels.zone_level)
            sample.append(tuple(column[chosen] for column in columns))
    amounts, usual, level, zone_level = (
        np.concatenate([piece[place] for piece in sample]) for place in range(4)
    )
    return Evidence(known=known, sums=(first, second), sample=(amounts, usual, level, zone_level))


_READ_EVIDENCE: dict[str, Callable[[Rows], Column]] = {
    "consumption": lambda rows: rows.consumption,
    "bought": lambda rows: rows.bought,
}


def _is_drawn(number: NDArray[np.int64], share: float) -> NDArray[np.bool_]:
    """Whether a row is in a sample of this share: the same rows however they are split."""
    if share >= 1:
        return np.ones(len(number), dtype=bool)
    return np.asarray(number.astype(np.uint64) * _GOLDEN < np.uint64(share * 2.0**64))
