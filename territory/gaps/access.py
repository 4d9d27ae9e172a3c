"""Access: how much outlet each unit has to share, supply against demand that competes for it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from territory.outlets import Site

Column = NDArray[np.float64]
MILLION = 1e6


def floating_access(weights: Column, own: Sequence[Site], potential: Column) -> Column:
    """Outlets per million of potential that each unit can reach, (n,).

    Two-step floating catchment area with stepped decay (Luo and Wang 2003; Luo and Qi 2009): each
    outlet's attractiveness is divided by the potential in its catchment, each weighted by reach,
    then each unit adds up, by reach, what its outlets can spare. ``weights`` (n, m) are reach
    weights. The mean over units, weighted by potential, is the attractiveness in reach per million.
    """
    if not len(own):
        return np.zeros(len(potential))
    supply = np.array([max(site.attractiveness, 0.0) for site in own])
    demand = potential @ weights
    spared = np.divide(supply, demand, out=np.zeros(len(own)), where=demand > 0)
    return np.asarray(weights @ spared * MILLION, dtype=np.float64)
