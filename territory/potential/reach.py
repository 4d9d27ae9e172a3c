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
    """Per unit: the share reached, what it would be without competitors, and nearest minutes.

    ``share_low`` and ``share_high`` are the share with the pull of distance at the ends of what it
    may be, in no order.
    """

    share: Column
    share_alone: Column
    share_low: Column
    share_high: Column
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
    to_ours, to_theirs = _Pulls(count, to_own, own), _Pulls(count, to_competitors, competitors)
    decay = params.distance_decay
    share, alone = _shares(to_ours, to_theirs, decay, params)
    ends = [
        _shares(to_ours, to_theirs, max(0.0, decay + sign * params.distance_decay_swing), params)[0]
        for sign in (-1, 1)
    ]
    return Reach(
        share=share,
        share_alone=alone,
        share_low=ends[0],
        share_high=ends[1],
        minutes_to_own=nearest_minutes(to_own, count),
        minutes_to_competitor=nearest_minutes(to_competitors, count),
    )


def _shares(
    to_ours: "_Pulls", to_theirs: "_Pulls", decay: float, params: PotentialParams
) -> tuple[Column, Column]:
    """The share reached, and what it would be without competitors."""
    if not len(to_ours.sites):
        fair = np.full(to_ours.count, params.fair_share)
        return fair, fair
    ours, theirs = to_ours.at(decay, params), to_theirs.at(decay, params)
    elsewhere = params.elsewhere_minutes**-decay
    share = np.maximum(ours / (ours + theirs + elsewhere), params.minimum_reach)
    alone = np.maximum(ours / (ours + elsewhere), params.minimum_reach)
    return share, alone


@dataclass(frozen=True, slots=True)
class _Pulls:
    """Outlets of one side as units feel them."""

    count: int
    matrix: TravelMatrix | None
    sites: Sequence[Site]

    def at(self, decay: float, params: PotentialParams) -> Column:
        return _pull(self.count, self.matrix, self.sites, decay, params)


def _pull(
    count: int,
    matrix: TravelMatrix | None,
    sites: Sequence[Site],
    decay: float,
    params: PotentialParams,
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
    nearness = np.maximum(minutes, params.nearest_minutes) ** -decay
    nearness[~np.isfinite(minutes)] = 0.0
    return np.asarray(nearness @ size, dtype=np.float64)
