"""Penetration: what share of a unit's potential is ours, without believing small numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

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


def benchmark(
    shrunk: Column, potential: Column, likeness: NDArray[np.float64], params: PotentialParams
) -> Column:
    """What the better of like units achieve: a percentile of penetration among nearest peers.

    ``likeness`` (n, k) are the covariates; they are standardised, and each unit is compared with
    the ``peers`` units with potential nearest to it (itself among them). At most 1: nobody sells
    more than there is. Units without potential get 0; where nothing was ever sold the fair share
    is the benchmark.
    """
    result = np.zeros(len(shrunk))
    worth = np.flatnonzero(potential > 0)
    if len(worth) == 0:
        return result
    if shrunk[worth].max() <= 0:
        result[worth] = params.fair_share
        return result
    place = likeness[worth]
    spread = place.std(axis=0)
    place = (place - place.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0)
    nearest = min(params.peers, len(worth))
    _, peers = cKDTree(place).query(place, k=range(1, nearest + 1))
    level = np.percentile(shrunk[worth][peers], params.benchmark_percentile, axis=1)
    result[worth] = np.minimum(level, 1.0)
    return result
