"""A log-link regression of amounts that is pulled toward what is believed without data.

Generalised linear model with variance phi x mean^p (Wedderburn 1974 quasi-likelihood; Tweedie
1984): p = 1 for counts, 2 for amounts whose spread grows with them, between for amounts with
zeros. Coefficients have a Gaussian prior; the mode is found by Fisher scoring (Nelder and
Wedderburn 1972), and the prior's strength, one factor on all its precisions, is what predicts rows
held out best.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
Matrix = NDArray[np.float64]

STRENGTHS: Final = (0.1, 1.0, 10.0, 100.0)
"""Factors on the prior's precisions that are tried."""

FOLDS: Final = 5
ROUNDS: Final = 50
CLOSE: Final = 1e-9
_FARTHEST: Final = 30.0  # of a log mean from 0 in units of the response's own mean


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogGlm:
    """A fitted regression: ln mean = offset + design @ coefficients.

    ``covariance`` (k, k) is that of the posterior's normal approximation, ``dispersion`` phi by
    Pearson, ``strength`` the factor on the prior chosen, ``explained`` the share of deviance
    explained in held-out rows against the prior's own prediction (0 or less: nothing was learnt).
    """

    coefficients: Column
    covariance: Matrix
    dispersion: float
    strength: float
    explained: float
    rows: int

    @property
    def standard_errors(self) -> Column:
        return np.sqrt(np.diag(self.covariance))


def fit_log_glm(
    design: Matrix,
    amounts: Column,
    *,
    prior_mean: Column,
    prior_precision: Column,
    variance_power: float = 2.0,
    offset: Column | None = None,
    strengths: Sequence[float] = STRENGTHS,
) -> LogGlm:
    """Fit ``amounts`` (n,) >= 0 on ``design`` (n, k).

    ``prior_precision`` (k,) is 1 / sd^2 of each coefficient around ``prior_mean``; 0 leaves a
    coefficient free. ``offset`` (n,) enters with coefficient 1. Row i is held out in fold i mod 5,
    so the caller's order decides the folds and the same rows give the same fit.

    Raises
    ------
    ValueError
        If shapes disagree, an amount is negative, nothing is positive or a number is not finite.
    """
    start = np.zeros(len(amounts)) if offset is None else offset
    _check(design, amounts, start, prior_mean, prior_precision)
    case = _Case(design, amounts, start, prior_mean, prior_precision, variance_power)
    fold = np.arange(len(amounts)) % min(FOLDS, len(amounts))
    lost = [_held_out(case, fold, strength) for strength in strengths]
    strength = float(strengths[int(np.argmin(lost))])
    beliefs = _held_out(case, fold, np.inf)
    coefficients, information = _mode(case, strength)
    mean = case.mean(coefficients)
    free = max(1.0, len(amounts) - float(np.trace(_hat(case, mean, information))))
    dispersion = float((((amounts - mean) ** 2) / mean**variance_power).sum()) / free
    told = _weighted(design, mean, variance_power) / dispersion
    covariance = np.linalg.pinv(told + np.diag(prior_precision) * strength)
    return LogGlm(
        coefficients=coefficients,
        covariance=np.asarray(covariance, dtype=np.float64),
        dispersion=dispersion,
        strength=strength,
        explained=1 - min(lost) / beliefs if beliefs > 0 else 0.0,
        rows=len(amounts),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    design: Matrix
    amounts: Column
    offset: Column
    prior_mean: Column
    prior_precision: Column
    power: float

    def mean(self, coefficients: Column) -> Column:
        level = self.offset + self.design @ coefficients
        usual = np.log(max(float(self.amounts.mean()), 1e-300))
        return np.asarray(np.exp(np.clip(level, usual - _FARTHEST, usual + _FARTHEST)))

    def rows(self, chosen: NDArray[np.bool_]) -> "_Case":
        return _Case(
            self.design[chosen],
            self.amounts[chosen],
            self.offset[chosen],
            self.prior_mean,
            self.prior_precision,
            self.power,
        )


def _check(
    design: Matrix, amounts: Column, offset: Column, mean: Column, precision: Column
) -> None:
    rows, columns = design.shape
    if not (len(amounts) == len(offset) == rows and len(mean) == len(precision) == columns):
        raise ValueError(f"design {design.shape} does not fit amounts, offset or prior")
    for label, values in (("design", design), ("amounts", amounts), ("offset", offset)):
        if not np.isfinite(values).all():
            raise ValueError(f"{label} holds a number that is not finite")
    if (amounts < 0).any() or not (amounts > 0).any():
        raise ValueError("amounts must be at least 0, and one of them more")


def _mode(case: _Case, strength: float) -> tuple[Column, Matrix]:
    """The posterior's mode and the information there, by Fisher scoring with halved steps.

    The dispersion that weighs data against prior is taken from the fit of the round before.
    """
    coefficients = _starting(case)
    precision = case.prior_precision * strength
    dispersion = 1.0
    information = np.eye(len(coefficients))
    for _ in range(ROUNDS):
        mean = case.mean(coefficients)
        relative = (case.amounts - mean) / mean
        dispersion = float((relative**2 * mean ** (2 - case.power)).mean())
        weight = mean ** (2 - case.power) / dispersion
        information = case.design.T @ (case.design * weight[:, None]) + np.diag(precision)
        pull = precision * (coefficients - case.prior_mean)
        step = np.linalg.lstsq(information, case.design.T @ (weight * relative) - pull, rcond=None)[
            0
        ]
        size = float(np.abs(step).max(initial=0.0))
        coefficients = coefficients + step * min(1.0, 2.0 / size if size > 0 else 1.0)
        if size < CLOSE:
            break
    return coefficients, information


def _starting(case: _Case) -> Column:
    """The prior, moved along the design so that the total agrees: near enough to converge."""
    level = case.amounts.sum() / max(float(case.mean(case.prior_mean).sum()), 1e-300)
    ones = np.full(len(case.amounts), np.log(level))
    shift = np.linalg.lstsq(case.design, ones, rcond=None)[0]
    return np.asarray(case.prior_mean + shift, dtype=np.float64)


def _weighted(design: Matrix, mean: Column, power: float) -> Matrix:
    return np.asarray(design.T @ (design * (mean ** (2 - power))[:, None]), dtype=np.float64)


def _hat(case: _Case, mean: Column, information: Matrix) -> Matrix:
    """Its trace is the number of coefficients the data decided."""
    relative = (case.amounts - mean) / mean
    dispersion = float((relative**2 * mean ** (2 - case.power)).mean())
    told = _weighted(case.design, mean, case.power) / max(dispersion, 1e-300)
    return np.asarray(np.linalg.pinv(information) @ told, dtype=np.float64)


def _held_out(case: _Case, fold: NDArray[np.intp], strength: float) -> float:
    """Deviance of rows predicted by the others; infinite strength predicts by the prior's shape.

    The prior's shape is its coefficients with one level fitted, so that both predictions know the
    sum.
    """
    lost = 0.0
    for number in np.unique(fold):
        learnt, judged = case.rows(fold != number), case.rows(fold == number)
        if not learnt.amounts.any():
            continue
        if np.isinf(strength):
            raw = learnt.mean(case.prior_mean).sum()
            mean = judged.mean(case.prior_mean) * (learnt.amounts.sum() / raw)
        else:
            mean = judged.mean(_mode(learnt, strength)[0])
        lost += deviance(judged.amounts, mean, power=case.power)
    return lost


def deviance(amounts: Column, mean: Column, *, power: float) -> float:
    """Twice the quasi-log-likelihood lost against a perfect fit (Jorgensen 1987), any p.

    For p = 2 an amount of 0 counts as a thousandth of its mean, where the term would be infinite.
    """
    floor = np.maximum(amounts, 1e-3 * mean)
    if power == 1.0:
        terms = floor * np.log(floor / mean) - (amounts - mean)
    elif power == 2.0:
        terms = -np.log(floor / mean) + (floor - mean) / mean
    else:
        terms = (
            amounts ** (2 - power) / ((1 - power) * (2 - power))
            - amounts * mean ** (1 - power) / (1 - power)
            + mean ** (2 - power) / (2 - power)
        )
    return float(2 * terms.sum())
