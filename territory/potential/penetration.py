"""Penetration: what share of a unit's potential is ours, without believing small numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import ndtri

from territory.potential.params import PotentialParams

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Penetration:
    """Per unit: captured / potential, the same shrunk, and how much of it is the unit's own."""

    raw: Column
    shrunk: Column
    reliability: Column


def penetration(
    captured: Column,
    potential: Column,
    group: NDArray[np.object_],
    *,
    lump: float,
    params: PotentialParams,
) -> Penetration:
    """Empirical-Bayes penetration: (A + alpha m) / (M + alpha), reliability M / (M + alpha).

    A unit is shrunk to the mean m of its group, a small group to the market. ``lump`` is the money
    in which sales come (sum of squares over sum of yearly sales per account): sales of N accounts
    vary like a compound Poisson, so Var(A/M) = tau^2 + lump m / M and alpha = lump m / tau^2, with
    tau^2 by the method of moments (Marshall 1991; Clayton and Kaldor 1987 for counts). tau is kept
    at ``least_variation`` x m or more. A unit without potential has 0 and reliability 0.
    """
    worth = potential > 0
    raw = np.divide(captured, potential, out=np.zeros(len(potential)), where=worth)
    shrunk, reliability = np.zeros(len(potential)), np.zeros(len(potential))
    if worth.any():
        _shrink(worth, captured, potential, lump, params, shrunk, reliability)
    for name in sorted({str(name) for name in group[worth]}):
        among = worth & (group == name)
        if among.sum() >= params.fewest_in_group:
            _shrink(among, captured, potential, lump, params, shrunk, reliability)
    return Penetration(raw=raw, shrunk=shrunk, reliability=reliability)


def _shrink(
    among: NDArray[np.bool_],
    captured: Column,
    potential: Column,
    lump: float,
    params: PotentialParams,
    shrunk: Column,
    reliability: Column,
) -> None:
    sold, worth = captured[among], potential[among]
    mean = float(sold.sum() / worth.sum())
    between = _variance_between(sold / worth, worth, mean, lump)
    between = max(between, (params.least_variation * mean) ** 2)
    alpha = lump * mean / between if between > 0 else 0.0
    shrunk[among] = (sold + alpha * mean) / (worth + alpha)
    # With no sales in the group there is nothing to tell units apart by.
    reliability[among] = worth / (worth + alpha) if mean > 0 else 0.0


def _variance_between(rate: Column, worth: Column, mean: float, lump: float) -> float:
    """tau^2: the weighted variance of rates less what lumpy sales alone would give."""
    total = float(worth.sum())
    spread = float((worth * (rate - mean) ** 2).sum()) / total
    concentration = 1 - float((worth**2).sum()) / total**2
    by_chance = lump * mean * (len(rate) - 1) / total
    return (spread - by_chance) / concentration if concentration > 1e-12 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """Per unit: what the better of like units achieve, and the standard error of that."""

    level: Column
    error: Column


def benchmark(
    share: Penetration,
    potential: Column,
    likeness: NDArray[np.float64],
    *,
    lump: float,
    params: PotentialParams,
) -> Benchmark:
    """What the better of like units achieve: a percentile of penetration among nearest peers.

    ``likeness`` (n, k) are the covariates; they are standardised, and each unit is compared with
    the ``peers`` units with potential nearest to it (itself among them). At most 1: nobody sells
    more than there is. Units without potential get 0; where nothing was ever sold the fair share
    is the benchmark, and half of it its error. The error is a normal sample quantile's (Mosteller
    1946), of peers that spread as they do and are known as well as they are.
    """
    shrunk = share.shrunk
    level, error = np.zeros(len(shrunk)), np.zeros(len(shrunk))
    worth = np.flatnonzero(potential > 0)
    if len(worth) and shrunk[worth].max() <= 0:
        level[worth], error[worth] = params.fair_share, params.fair_share / 2
    elif len(worth):
        rates = shrunk[_nearest(likeness[worth], worth, params)]
        found = np.percentile(rates, params.benchmark_percentile, axis=1)
        level[worth] = np.minimum(found, 1.0)
        # Sales come in lumps, so a shrunk rate is known to lump x rate x w / M (its posterior).
        unsure = lump * shrunk[worth] * share.reliability[worth] / potential[worth]
        spread = np.sqrt(rates.var(axis=1) + unsure)
        quantile = params.benchmark_percentile / 100
        height = np.exp(-(ndtri(quantile) ** 2) / 2) / np.sqrt(2 * np.pi)
        chance = np.sqrt(quantile * (1 - quantile) / rates.shape[1])
        error[worth] = spread * chance / max(float(height), 1e-3)
    return Benchmark(level=level, error=error)


def _nearest(
    place: NDArray[np.float64], worth: NDArray[np.intp], params: PotentialParams
) -> NDArray[np.intp]:
    """The units most like each of those with potential, (n, peers)."""
    spread = place.std(axis=0)
    place = (place - place.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0)
    nearest = min(params.peers, len(worth))
    _, peers = cKDTree(place).query(place, k=range(1, nearest + 1))
    return np.asarray(worth[peers], dtype=np.intp)
