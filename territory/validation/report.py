"""The two trials of a score: places held out, and later days, each beside plainer guesses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from territory.plans import Table
from territory.units import Neighbours
from territory.validation.measures import Accuracy, accuracy, morans_i

Column = NDArray[np.float64]

FEWEST_UNITS: Final = 20
"""Units with potential below which a trial says nothing."""


def _no_rows() -> Table:
    return Table(columns={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One way to foretell sales, and how good it was."""

    name: str
    accuracy: Accuracy


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial: what was held out, the forecasts (the score's first), and Moran's I of its errors.

    ``why_not`` says in words why there was none; then ``forecasts`` is empty. ``units`` has the
    score's forecast, its interval and what came for every unit judged.
    """

    name: str
    held_out: str
    forecasts: tuple[Forecast, ...] = ()
    morans_i: float = 0.0
    morans_p: float = 1.0
    units: Table = field(default_factory=_no_rows)
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Both trials, in words too."""

    trials: tuple[Trial, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What a validation reads, per unit (n,): the score's figures and sales of two spans.

    ``accessible`` must not be made from the sales it is to foretell. ``before`` and ``after`` are
    sales a year in an earlier and a later span (``after`` alone for the trial in space). ``lump``
    is the money in which sales to a place come, an account's year (see
    ``territory.potential.penetration``); ``order_lump`` that in which they come from span to span,
    an order's amount.
    """

    unit_ids: Sequence[str]
    accessible: Column
    companies: Column
    before: Column | None
    after: Column
    block: NDArray[np.intp]
    neighbours: Neighbours
    lump: float
    order_lump: float
    before_words: str = "the year before"


def validate(evidence: Evidence) -> Validation:
    """Hold out places, then later days, and say how well the score foretold them."""
    trials = (_in_space(evidence), _in_time(evidence))
    return Validation(
        trials=trials, sentences=tuple(line for trial in trials for line in _words(trial))
    )


def _in_space(evidence: Evidence) -> Trial:
    """Each block's sales from the rate at which we sell in all other blocks."""
    blocks = np.unique(evidence.block)
    held = f"{len(blocks)} blocks of neighbouring units, one after another"
    judged = np.flatnonzero(evidence.accessible > 0)
    if len(judged) < FEWEST_UNITS or len(blocks) < 3 or evidence.after.sum() <= 0:
        return Trial(name="space", held_out=held, why_not=_too_little(len(judged), evidence.after))
    count = len(evidence.after)
    ours, by_company, plain, error = (np.zeros(count) for _ in range(4))
    for number in blocks:
        out = evidence.block == number
        learnt = ~out
        rate = _rate(evidence.after[learnt], evidence.accessible[learnt])
        each = _rate(evidence.after[learnt], evidence.companies[learnt])
        ours[out] = rate * evidence.accessible[out]
        by_company[out] = each * evidence.companies[out]
        plain[out] = evidence.after[learnt & (evidence.accessible > 0)].mean()
        error[out] = _relative_spread(evidence, learnt, rate)
    low, high = _interval(ours, evidence.lump, error)
    return _trial(
        evidence,
        "space",
        held,
        judged,
        (("the score", ours), ("sales per company", by_company), ("the mean unit", plain)),
        (low, high),
    )


def _in_time(evidence: Evidence) -> Trial:
    """Later sales from the score and what earlier sales say of each unit, shrunk."""
    held = f"sales after {evidence.before_words}"
    judged = np.flatnonzero(evidence.accessible > 0)
    before = evidence.before
    if before is None or before.sum() <= 0:
        return Trial(name="time", held_out=held, why_not="Orders do not go back far enough.")
    if len(judged) < FEWEST_UNITS or evidence.after.sum() <= 0:
        return Trial(name="time", held_out=held, why_not=_too_little(len(judged), evidence.after))
    everywhere = np.ones(len(before), dtype=np.bool_)
    rate = _rate(before, evidence.accessible)
    # Ratio 1 would say that the market stands still; its growth is not the score's to foretell.
    growth = _rate(evidence.after, before)
    spread = _relative_spread(evidence, everywhere, rate, sales=before, lump=evidence.order_lump)
    prior = rate * evidence.accessible
    # Gamma posterior of a compound Poisson: evidence weighs with how many lumps it holds.
    alpha = evidence.order_lump / np.maximum(prior * spread**2, 1e-12)
    weight = 1 / (1 + alpha)
    ours = growth * (weight * before + (1 - weight) * prior)
    left = spread * np.sqrt(1 - weight)
    each = growth * _rate(before, evidence.companies) * evidence.companies
    low, high = _interval(ours, evidence.order_lump, left)
    return _trial(
        evidence,
        "time",
        held,
        judged,
        (
            ("the score", ours),
            (evidence.before_words, growth * before),
            ("sales per company", each),
        ),
        (low, high),
    )


def _too_little(units: int, after: Column) -> str:
    if after.sum() <= 0:
        return "Nothing was sold, so there is nothing to foretell."
    return f"Only {units} units have potential; {FEWEST_UNITS} and three blocks are needed."


def _rate(above: Column, below: Column) -> float:
    total = float(below.sum())
    return float(above.sum()) / total if total > 0 else 0.0


def _relative_spread(
    evidence: Evidence,
    among: NDArray[np.bool_],
    rate: float,
    *,
    sales: Column | None = None,
    lump: float | None = None,
) -> float:
    """How far units' rates differ beyond what lumpy sales give, relative to the rate."""
    worth = among & (evidence.accessible > 0)
    expected = rate * evidence.accessible[worth]
    sold = (evidence.after if sales is None else sales)[worth]
    if expected.sum() <= 0:
        return 0.0
    weight = expected / expected.sum()
    by_chance = (evidence.lump if lump is None else lump) / expected
    seen = (sold / expected - 1) ** 2
    return float(np.sqrt(max(0.0, float((weight * (seen - by_chance)).sum()))))


def _interval(mean: Column, lump: float, spread: Column | float) -> tuple[Column, Column]:
    """80 % interval of sales around ``mean``: lumps, and rates that differ between units.

    Sales are a gamma amount with the mean and variance of the two together; where nothing at all
    is likelier than one sale in five the lower end is 0.
    """
    from scipy.special import gammaincinv

    safe = np.maximum(mean, 1e-9)
    variance = lump * safe + (np.asarray(spread) * safe) ** 2
    shape, scale = safe**2 / variance, variance / safe
    low, high = (gammaincinv(shape, share) * scale for share in (0.1, 0.9))
    none = np.exp(-safe / max(lump, 1e-9))
    return np.where(none >= 0.1, 0.0, low), np.asarray(high, dtype=np.float64)


def _trial(
    evidence: Evidence,
    name: str,
    held: str,
    judged: NDArray[np.intp],
    forecasts: Sequence[tuple[str, Column]],
    interval: tuple[Column, Column],
) -> Trial:
    came = evidence.after[judged]
    low, high = (end[judged] for end in interval)
    found = [
        Forecast(
            name=label,
            accuracy=accuracy(
                values[judged],
                came,
                low=low if place == 0 else None,
                high=high if place == 0 else None,
            ),
        )
        for place, (label, values) in enumerate(forecasts)
    ]
    errors = np.zeros(len(evidence.after))
    scale = np.sqrt(np.maximum(forecasts[0][1][judged], 1e-9))
    errors[judged] = (came - forecasts[0][1][judged]) / scale
    index, p_value = morans_i(errors, evidence.neighbours)
    return Trial(
        name=name,
        held_out=held,
        forecasts=tuple(found),
        morans_i=index,
        morans_p=p_value,
        units=Table(
            columns={
                "unit_id": tuple(evidence.unit_ids[place] for place in judged),
                "forecast": tuple(forecasts[0][1][judged].tolist()),
                "low": tuple(low.tolist()),
                "high": tuple(high.tolist()),
                "came": tuple(came.tolist()),
            }
        ),
    )


def _words(trial: Trial) -> list[str]:
    if trial.why_not:
        return [f"No trial in {trial.name}: {trial.why_not}"]
    first, *others = trial.forecasts
    beside = ", ".join(f"{100 * other.accuracy.lift:.0f} % by {other.name}" for other in others)
    explained = ", ".join(
        f"{100 * other.accuracy.explained:.0f} % by {other.name}" for other in others
    )
    covered = first.accuracy.covered or 0.0
    return [
        f"In {trial.name} ({trial.held_out}): {100 * first.accuracy.lift:.0f} % of sales fell into "
        f"the tenth of units the score puts first ({beside}; at best "
        f"{100 * first.accuracy.best_lift:.0f} %).",
        f"It explains {100 * first.accuracy.explained:.0f} % of what differs between units "
        f"({explained}); {100 * covered:.0f} % of units came within their 80 % interval.",
        f"{_clustering(trial)} (Moran's I {trial.morans_i:.2f}, "
        f"{'p < 0.01' if trial.morans_p < 0.01 else f'p = {trial.morans_p:.2f}'}).",
    ]


def _clustering(trial: Trial) -> str:
    if trial.morans_p >= 0.05:
        return "Its errors do not cluster"
    if trial.morans_i <= 0.1:
        return "Its errors cluster a little"
    return "Its errors cluster: a cause in the land is missing"
