"""Reach: the share of a unit's demand that own outlets draw, against competitors and elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from territory.coverage import matrix_minutes, nearest_minutes
from territory.outlets import Site
from territory.potential.params import PotentialParams
from territory.travel import TravelMatrix

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Per unit: the share reached, what it would be without competitors, and nearest minutes."""

    share: Column
    share_alone: Column
    minutes_to_own: Column
    minutes_to_competitor: Column


def huff_reach(
    count: int,
    *,
    to_own: TravelMatrix | None,
    to_competitors: TravelMatrix | None,
    own: Sequence[Site],
    competitors: Sequence[Site],
    params: PotentialParams,
) -> Reach:
    """Huff's share of own outlets (Huff 1964) for ``count`` units, at least ``minimum_reach``.

    share = own pull / (own + competitor pull + elsewhere); the pull of an outlet is
    attractiveness^a x minutes^-b, of elsewhere that of a mean outlet at ``elsewhere_minutes``.
    Without own outlets field sales has its ``fair_share`` everywhere. Matrices run from units to
    the outlets in the order given.

    Raises
    ------
    ValueError
        If a matrix does not fit its outlets.
    """
    ours = _pull(count, to_own, own, params)
    theirs = _pull(count, to_competitors, competitors, params)
    elsewhere = params.elsewhere_minutes**-params.distance_decay
    if len(own):
        share = np.maximum(ours / (ours + theirs + elsewhere), params.minimum_reach)
        alone = np.maximum(ours / (ours + elsewhere), params.minimum_reach)
    else:
        share = alone = np.full(count, params.fair_share)
    return Reach(
        share=share,
        share_alone=alone,
        minutes_to_own=nearest_minutes(to_own, count),
        minutes_to_competitor=nearest_minutes(to_competitors, count),
    )


def _pull(
    count: int, matrix: TravelMatrix | None, sites: Sequence[Site], params: PotentialParams
) -> Column:
    if matrix is None or not len(sites):
        if len(sites):
            raise ValueError(f"{len(sites)} outlets came without a travel matrix")
        return np.zeros(count)
    minutes = matrix_minutes(matrix)
    if minutes.shape != (count, len(sites)):
        raise ValueError(
            f"travel {minutes.shape} does not run from {count} units to {len(sites)} outlets"
        )
    size = np.array([max(site.attractiveness, 0.0) for site in sites])
    size **= params.attractiveness_elasticity
    nearness = np.maximum(minutes, params.nearest_minutes) ** -params.distance_decay
    nearness[~np.isfinite(minutes)] = 0.0
    return np.asarray(nearness @ size, dtype=np.float64)
