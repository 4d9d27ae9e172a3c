"""Huff's exponents from what was bought where: how far people go, and for what size of outlet.

Shares of an origin's purchases follow P_ij = A_j^a d_ij^-b / sum_k A_k^a d_ik^-b (Huff 1964;
Nakanishi and Cooper 1974). Given each origin's total, Poisson flows are multinomial, so the
exponents are the maximum of a conditional logit (McFadden 1974; Guimaraes, Figueiredo and Woodward
2003 for the equality), a concave function with one maximum.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from territory.coverage import matrix_minutes
from territory.outlets import Site
from territory.potential.params import PotentialParams
from territory.potential.uncertainty import WIDTH
from territory.travel import TravelMatrix

Matrix = NDArray[np.float64]
Column = NDArray[np.float64]

ROUNDS: Final = 100
CLOSE: Final = 1e-10
FEWEST_ORIGINS: Final = 20
"""Below this the market's flows say too little to move a default."""

LEAST_SPREAD: Final = 0.05
"""Standard deviation of ln attractiveness (or ln minutes) below which its exponent stays as it is:
outlets of one size cannot tell what size is worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HuffFit:
    """Exponents a (attractiveness) and b (distance decay) with standard errors.

    An exponent that the flows cannot tell keeps its default and has ``None`` for its error.
    ``explained`` is McFadden's share of the log-likelihood over choosing at random.
    """

    attractiveness_elasticity: float
    attractiveness_error: float | None
    distance_decay: float
    distance_error: float | None
    explained: float
    origins: int
    note: str


def with_fitted_reach(
    params: PotentialParams,
    flows: Matrix,
    matrices: Sequence[TravelMatrix],
    sites: Sequence[Site],
) -> tuple[PotentialParams, str]:
    """Parameters with the exponents that ``flows`` (n, m) tell, and the sentence that says so.

    ``matrices`` run from the n units to the m ``sites``, one after another. Sites without
    attractiveness take no part.
    """
    none = np.zeros((len(flows), 0))  # a market may have flows and no outlets left
    minutes = np.concatenate([none, *(matrix_minutes(matrix) for matrix in matrices)], axis=1)
    size = np.array([site.attractiveness for site in sites], dtype=np.float64)
    told = np.flatnonzero(size > 0)
    fit = fit_huff(
        flows[:, told],
        minutes[:, told],
        size[told],
        default_elasticity=params.attractiveness_elasticity,
        default_decay=params.distance_decay,
        nearest_minutes=params.nearest_minutes,
    )
    swing = params.distance_decay_swing
    if fit.distance_error is not None:
        swing = WIDTH / 2 * fit.distance_error
    fitted = replace(
        params,
        attractiveness_elasticity=min(3.0, max(0.0, fit.attractiveness_elasticity)),
        distance_decay=min(5.0, max(0.0, fit.distance_decay)),
        distance_decay_swing=min(5.0, swing),
    )
    return fitted, fit.note


def fit_huff(
    flows: Matrix,
    minutes: Matrix,
    attractiveness: Column,
    *,
    default_elasticity: float,
    default_decay: float,
    nearest_minutes: float,
) -> HuffFit:
    """The exponents behind ``flows`` (n, m), purchases >= 0 of n origins at m outlets.

    ``minutes`` (n, m) are by road, infinite where there is no way (what flows there is left out),
    at least ``nearest_minutes``; ``attractiveness`` (m,) > 0. Errors are widened by the Pearson
    dispersion, since money comes in lumps.

    Raises
    ------
    ValueError
        If shapes disagree, a flow is negative or an attractiveness is not positive.
    """
    _check(flows, minutes, attractiveness)
    may = np.isfinite(minutes)
    flows = np.where(may, flows, 0.0)
    used = (flows.sum(axis=1) > 0) & (may.sum(axis=1) > 1)
    origins = int(used.sum())
    defaults = np.array([default_elasticity, default_decay])
    if origins < FEWEST_ORIGINS:
        return _kept(defaults, origins, f"only {origins} origins with a choice have flows")
    logs = np.stack(
        [
            np.broadcast_to(np.log(attractiveness), minutes.shape)[used],
            -np.log(np.maximum(np.where(may, minutes, 1.0), nearest_minutes))[used],
        ],
        axis=2,
    )
    told = np.array([_spread(logs[:, :, place], may[used]) >= LEAST_SPREAD for place in (0, 1)])
    if not told.any():
        return _kept(defaults, origins, "its outlets are alike in size and distance")
    return _fitted(flows[used], logs, may[used], defaults, told)


def _check(flows: Matrix, minutes: Matrix, attractiveness: Column) -> None:
    if flows.shape != minutes.shape or flows.shape[1] != len(attractiveness):
        raise ValueError(
            f"flows {flows.shape}, minutes {minutes.shape} and {len(attractiveness)} outlets "
            "do not agree"
        )
    if not (np.isfinite(flows).all() and (flows >= 0).all()):
        raise ValueError("flows must be at least 0")
    if not (np.isfinite(attractiveness).all() and (attractiveness > 0).all()):
        raise ValueError("attractiveness must be above 0")


def _kept(defaults: Column, origins: int, why: str) -> HuffFit:
    return HuffFit(
        attractiveness_elasticity=float(defaults[0]),
        attractiveness_error=None,
        distance_decay=float(defaults[1]),
        distance_error=None,
        explained=0.0,
        origins=origins,
        note=f"The exponents of reach keep their defaults: {why}.",
    )


def _spread(logs: Matrix, may: NDArray[np.bool_]) -> float:
    """Root mean square deviation from each origin's own mean, over the outlets it can reach."""
    count = may.sum(axis=1, keepdims=True)
    mean = np.where(may, logs, 0.0).sum(axis=1, keepdims=True) / count
    return float(np.sqrt(np.where(may, (logs - mean) ** 2, 0.0).sum() / count.sum()))


def _fitted(
    flows: Matrix, logs: Matrix, may: NDArray[np.bool_], defaults: Column, told: NDArray[np.bool_]
) -> HuffFit:
    free = np.flatnonzero(told)
    exponents = defaults.copy()
    exponents[free] = 1.0
    exponents, information, likelihood = most_likely(flows, logs, may, exponents, free)
    return _told(flows, logs, may, exponents, free, information, likelihood)


def most_likely(
    flows: Matrix,
    logs: Matrix,
    may: NDArray[np.bool_],
    exponents: Column,
    free: NDArray[np.intp],
) -> tuple[Column, Matrix, float]:
    """The exponents of ``logs`` (n, m, k) under which ``flows`` are likeliest, by Newton's steps.

    Only the ``free`` ones move from where they are; with them come the information and the
    log-likelihood.
    """
    gradient, information, likelihood = _derivatives(flows, logs, may, exponents)
    for _ in range(ROUNDS):
        step = np.linalg.solve(information[np.ix_(free, free)], gradient[free])
        reach = 1.0
        while True:
            trial = exponents.copy()
            trial[free] += reach * step
            found = _derivatives(flows, logs, may, trial)
            if found[2] >= likelihood - 1e-12 * abs(likelihood) or reach < 1e-6:
                break
            reach /= 2
        exponents, (gradient, information, likelihood) = trial, found
        if float(np.abs(reach * step).max(initial=0.0)) < CLOSE:
            break
    return exponents, information, likelihood


def pearson_dispersion(
    flows: Matrix, logs: Matrix, may: NDArray[np.bool_], exponents: Column, free: int
) -> float:
    """How much more flows scatter than single purchases would: money comes in lumps."""
    expected = flows.sum(axis=1)[:, None] * _shares(logs, may, exponents)
    pearson = np.where(may, (flows - expected) ** 2 / np.maximum(expected, 1e-12), 0.0).sum()
    return float(pearson) / max(1, int(may.sum()) - len(flows) - free)


def _shares(logs: Matrix, may: NDArray[np.bool_], exponents: Column) -> Matrix:
    pull = np.where(may, logs @ exponents, -np.inf)
    pull = np.exp(pull - pull.max(axis=1, keepdims=True))
    return np.asarray(pull / pull.sum(axis=1, keepdims=True), dtype=np.float64)


def _derivatives(
    flows: Matrix, logs: Matrix, may: NDArray[np.bool_], exponents: Column
) -> tuple[Column, Matrix, float]:
    """Gradient, information and log-likelihood of the conditional logit."""
    shares = _shares(logs, may, exponents)
    total = flows.sum(axis=1)
    gradient = np.einsum("ij,ijk->k", flows - total[:, None] * shares, logs)
    mean = np.einsum("ij,ijk->ik", shares, logs)
    centred = logs - mean[:, None, :]
    information = np.einsum("i,ij,ijk,ijl->kl", total, shares, centred, centred)
    seen = flows > 0
    likelihood = float((flows[seen] * np.log(np.maximum(shares[seen], 1e-300))).sum())
    return gradient, information, likelihood


def _told(
    flows: Matrix,
    logs: Matrix,
    may: NDArray[np.bool_],
    exponents: Column,
    free: NDArray[np.intp],
    information: Matrix,
    likelihood: float,
) -> HuffFit:
    total = flows.sum(axis=1)
    dispersion = pearson_dispersion(flows, logs, may, exponents, len(free))
    covariance = np.linalg.inv(information[np.ix_(free, free)]) * dispersion
    errors: list[float | None] = [None, None]
    for place, number in enumerate(free.tolist()):
        errors[number] = float(np.sqrt(covariance[place, place]))
    chance = float(-(total * np.log(may.sum(axis=1))).sum())
    kept = [name for number, name in enumerate(("size", "distance")) if number not in free.tolist()]
    note = (
        f"Exponents of reach are fitted on the flows of {len(flows):,} origins: distance "
        f"{exponents[1]:.2f}, attractiveness {exponents[0]:.2f}."
    )
    if kept:
        note += f" That of {kept[0]} keeps its default: outlets are alike in it."
    return HuffFit(
        attractiveness_elasticity=float(exponents[0]),
        attractiveness_error=errors[0],
        distance_decay=float(exponents[1]),
        distance_error=errors[1],
        explained=1 - likelihood / chance if chance < 0 else 0.0,
        origins=len(flows),
        note=note,
    )
