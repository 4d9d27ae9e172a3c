"""The build-up of potential, and its parts in money that sum to it exactly.

A unit's potential is a product: M = s x companies x mix x income^b1 x consumption^b2, where mix is
the mean spend norm of its companies, income and consumption are levels (1 for the mean of like
companies) and s calibrates the sum to the known market. So ln M - ln Mbar is a sum over factors,
and the logarithmic mean turns each log ratio into money without a rest: additive LMDI-I
(Ang 2004, Energy Policy 32), from the market's mean unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.potential.params import PotentialParams

Column = NDArray[np.float64]
FACTORS = ("companies", "mix", "income", "consumption")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildUp:
    """Potential per unit, the money parts that sum to it, and the calibration s."""

    potential: Column
    parts: Mapping[str, Column]
    calibration: float


def build_up(facts: pd.DataFrame, params: PotentialParams) -> BuildUp:
    """Potential in money a year of every unit, with parts "base" and the four factors."""
    columns = {name: facts[name].to_numpy(dtype=np.float64) for name in facts if name in _READ}
    companies, norm = columns["companies"], columns["norm"]
    factors = {
        "companies": companies,
        "mix": np.divide(norm, companies, out=np.zeros(len(norm)), where=companies > 0),
        "income": columns["income_level"] ** params.income_elasticity,
        "consumption": columns["consumption_level"] ** params.consumption_elasticity,
    }
    raw = np.prod([factors[name] for name in FACTORS], axis=0)
    wanted = params.total_market
    if wanted is None:
        wanted = float(columns["consumption"].sum())
    total = float(raw.sum())
    calibration = wanted / total if total > 0 else 1.0
    potential = raw * calibration
    return BuildUp(
        potential=potential, parts=_money_parts(potential, factors), calibration=calibration
    )


_READ = frozenset({"companies", "norm", "income_level", "consumption_level", "consumption"})


def _money_parts(potential: Column, factors: Mapping[str, Column]) -> dict[str, Column]:
    """Base and one amount per factor; each row sums to its potential within rounding."""
    count = len(potential)
    base = float(potential.mean()) if count else 0.0
    parts = {"base": np.full(count, base)} | {name: np.zeros(count) for name in FACTORS}
    if base <= 0:
        return parts
    means = _mean_factors(potential, factors)
    worth = potential > 0
    log_mean = _logarithmic_mean(potential[worth], base)
    for name in FACTORS:
        parts[name][worth] = log_mean * np.log(factors[name][worth] / means[name])
    for row in np.flatnonzero(~worth):
        # ln 0 has no share; the limit gives the whole loss to the factor that vanished.
        vanished = next((name for name in FACTORS if factors[name][row] <= 0), FACTORS[0])
        parts[vanished][row] = -base
    _close(parts, potential)
    return parts


def _mean_factors(potential: Column, factors: Mapping[str, Column]) -> dict[str, float]:
    """The mean unit: mean companies, mean norm of a company, mean income, and the rest."""
    companies = factors["companies"]
    norm = companies * factors["mix"]
    means = {
        "companies": float(companies.mean()),
        "mix": float(norm.sum() / companies.sum()),
        "income": float((norm * factors["income"]).sum() / norm.sum()),
    }
    raw = np.prod([factors[name] for name in FACTORS], axis=0)
    return means | {"consumption": float(raw.mean()) / float(np.prod(list(means.values())))}


def _logarithmic_mean(values: Column, other: float) -> Column:
    """(a - b) / (ln a - ln b), and a where a = b."""
    ratio = np.log(values / other)
    near = np.abs(ratio) < 1e-6
    safe = np.where(near, 1.0, ratio)
    # Series around ratio 0: b (1 + r/2 + r^2/6), exact to rounding at this width.
    return np.where(near, other * (1 + ratio / 2 + ratio**2 / 6), (values - other) / safe)


def _close(parts: dict[str, Column], potential: Column) -> None:
    """Put what rounding left into the largest factor, so that sums close to the last digits."""
    rest = potential - np.sum(list(parts.values()), axis=0)
    largest = np.argmax(np.abs([parts[name] for name in FACTORS]), axis=0)
    for place, name in enumerate(FACTORS):
        mine = largest == place
        parts[name][mine] += rest[mine]
