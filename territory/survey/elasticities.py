"""How spending answers to income and to the zone: fitted where the survey says enough.

What a company of some kind spends is taken as norm x income level^b1 x zone level^b2. Both
exponents are 1 until companies whose spending is known say otherwise.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from territory.potential.glm import fit_log_glm

Column = NDArray[np.float64]

FEWEST_ROWS: Final = 300
"""Companies with known spending below which the exponents stay 1."""

LEAST_SPREAD: Final = 0.05
"""Standard deviation of a log level below which its exponent cannot be told."""

PRIOR_ERROR: Final = 0.5
"""Belief in an exponent of 1: two thirds of markets lie within 0.5 to 1.5."""

MOST: Final = 3.0
UNKNOWN_DISPERSION: Final = 1.0
"""Squared relative error of an estimate where nothing tells it: as much as the amount itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elasticities:
    """Exponents of income (b1) and zone (b2), how sure they are, and how far estimates miss.

    An error is None where the exponent is the default. ``covariance`` holds var b1, cov, var b2.
    ``scale`` keeps the mean company's spending where it was; ``dispersion`` is the squared relative
    error of one company's estimate.
    """

    income: float = 1.0
    income_error: float | None = None
    zone: float = 1.0
    zone_error: float | None = None
    covariance: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: float = 1.0
    dispersion: float = UNKNOWN_DISPERSION
    rows: int = 0
    note: str = ""


def fit_elasticities(
    amounts: Column, usual: Column, income_level: Column, zone_level: Column, *, what: str
) -> Elasticities:
    """The exponents behind known ``amounts`` (n,), against the ``usual`` of each one's kind.

    Levels (n,) are positive, 1 for the mean. ``what`` names the amounts in the note. Gamma
    regression with a Gaussian prior around 1 (``territory.potential.glm``); it is used only if it
    predicts companies held out better than exponents of 1 do.
    """
    usable = (usual > 0) & (amounts > 0)
    amounts, usual = amounts[usable], usual[usable]
    logs = np.log(np.column_stack([income_level[usable], zone_level[usable]]))
    plain = Elasticities(
        rows=len(amounts), dispersion=_dispersion(amounts, usual * np.exp(logs.sum(axis=1)))
    )
    if len(amounts) < FEWEST_ROWS:
        return plain
    told = np.flatnonzero(logs.std(axis=0) >= LEAST_SPREAD)
    if not len(told):
        return plain
    fit = fit_log_glm(
        np.column_stack([np.ones(len(amounts)), logs[:, told]]),
        amounts,
        prior_mean=np.ones(1 + len(told)) - np.eye(1 + len(told))[0],
        prior_precision=np.append(0.0, np.full(len(told), PRIOR_ERROR**-2)),
        offset=np.log(usual),
        strengths=(1.0,),
    )
    if fit.explained <= 0:
        return plain
    exponent, variance = np.ones(2), np.zeros((2, 2))
    exponent[told] = np.clip(fit.coefficients[1:], -MOST, MOST)
    variance[np.ix_(told, told)] = fit.covariance[1:, 1:]
    errors = [float(np.sqrt(variance[k, k])) if k in told else None for k in (0, 1)]
    return Elasticities(
        income=float(exponent[0]),
        income_error=errors[0],
        zone=float(exponent[1]),
        zone_error=errors[1],
        covariance=(float(variance[0, 0]), float(variance[0, 1]), float(variance[1, 1])),
        scale=float(np.exp(fit.coefficients[0])),
        dispersion=fit.dispersion,
        rows=len(amounts),
        note=_note(exponent, errors, len(amounts), what, fit.explained),
    )


def _dispersion(amounts: Column, mean: Column) -> float:
    """Squared relative error around a mean that is right in sum."""
    if len(amounts) < 5:
        return UNKNOWN_DISPERSION
    level = mean * (amounts.sum() / mean.sum())
    return float(((amounts / level - 1) ** 2).sum()) / (len(amounts) - 1)


def _note(
    exponent: Column, errors: list[float | None], rows: int, what: str, explained: float
) -> str:
    told = [
        f"{value:.2f} ± {error:.2f} for {name}"
        for name, value, error in zip(
            ("income", "the zone"), exponent.tolist(), errors, strict=True
        )
        if error is not None
    ]
    return (
        f"Elasticities are fitted on the {what} of {rows:,} companies: {' and '.join(told)}; "
        f"they explain {100 * explained:.1f} % more of companies held out than 1 would."
    )
