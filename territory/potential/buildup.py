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
    """Potential per unit, the money parts that sum to it, and the calibration s.

    ``factors`` are what is multiplied, ``means`` the mean unit's, so that the product of the means
    times s is the mean potential.
    """

    potential: Column
    parts: Mapping[str, Column]
    calibration: float
    factors: Mapping[str, Column]
    means: Mapping[str, float]

    def log_parts(self) -> dict[str, Column]:
        """What each factor adds to ln(potential / mean potential); 0 where a factor is 0."""
        return {
            name: np.log(np.where(values > 0, values / max(self.means[name], 1e-300), 1.0))
            for name, values in self.factors.items()
        }


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
    means = _mean_factors(potential, factors)
    return BuildUp(
        potential=potential,
        parts=money_parts(potential, factors, means),
        calibration=calibration,
        factors=factors,
        means=means,
    )


def accessible_parts(built: BuildUp, *, share: Column, share_alone: Column) -> dict[str, Column]:
    """Money parts of what we reach: those of potential, own reach and competitor reach.

    Reach is what own outlets would draw alone, times what competitors leave of that.
    """
    potential = built.potential
    left = np.divide(share, share_alone, out=np.ones(len(share)), where=share_alone > 0)
    total, alone = float(potential.sum()), float((potential * share_alone).sum())
    factors = dict(built.factors) | {"own_reach": share_alone, "competitor_reach": left}
    means = dict(built.means) | {
        "own_reach": alone / total if total > 0 else 1.0,
        "competitor_reach": float((potential * share).sum()) / alone if alone > 0 else 1.0,
    }
    return money_parts(potential * share, factors, means)


_READ = frozenset({"companies", "norm", "income_level", "consumption_level", "consumption"})


def money_parts(
    amounts: Column, factors: Mapping[str, Column], means: Mapping[str, float]
) -> dict[str, Column]:
    """Base (the mean amount) and one amount per factor; each row sums to its amount exactly.

    The product of the means, like that of each row's factors, is the amount but for one constant.
    """
    count = len(amounts)
    base = float(amounts.mean()) if count else 0.0
    parts = {"base": np.full(count, base)} | {name: np.zeros(count) for name in factors}
    if base <= 0:
        return parts
    worth = amounts > 0
    log_mean = _logarithmic_mean(amounts[worth], base)
    for name, values in factors.items():
        parts[name][worth] = log_mean * np.log(values[worth] / means[name])
    for row in np.flatnonzero(~worth):
        # ln 0 has no share; the limit gives the whole loss to the factor that vanished.
        vanished = next((name for name in factors if factors[name][row] <= 0), FACTORS[0])
        parts[vanished][row] = -base
    _close(parts, amounts, tuple(factors))
    return parts


def _mean_factors(potential: Column, factors: Mapping[str, Column]) -> dict[str, float]:
    """The mean unit: mean companies, mean norm of a company, mean income, and the rest."""
    companies = factors["companies"]
    if not len(potential) or potential.sum() <= 0:
        return dict.fromkeys(FACTORS, 1.0)
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


def _close(parts: dict[str, Column], amounts: Column, names: tuple[str, ...]) -> None:
    """Put what rounding left into the largest factor, so that sums close to the last digits."""
    rest = amounts - np.sum(list(parts.values()), axis=0)
    largest = np.argmax(np.abs([parts[name] for name in names]), axis=0)
    for place, name in enumerate(names):
        mine = largest == place
        parts[name][mine] += rest[mine]
