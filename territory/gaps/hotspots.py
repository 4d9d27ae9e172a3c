"""Hot spots: where money gathers more than chance would put it, with the risk of error told."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from territory.units.values import Neighbours

Column = NDArray[np.float64]

FALSE_SHARE: Final = 0.05
"""Share of false ones accepted among all spots called hot or cold."""

FEWEST_UNITS: Final = 12


def hot_spots(values: Column, neighbours: Neighbours) -> tuple[Column, Column]:
    """Gi* of each unit (n,), and 1 where it is a hot spot, -1 a cold one, 0 neither.

    Getis and Ord's local statistic in its starred form (Ord and Getis 1995): the sum over a unit
    and those that border it, in standard deviations from what the whole land would give, by PySAL's
    ``esda``. Of all units called, at most 5 % are expected to be false (Benjamini and Hochberg
    1995). Fewer than 12 units, or values all alike, have none.
    """
    count = len(values)
    if count < FEWEST_UNITS or float(values.std()) <= 1e-12 * max(1.0, float(np.abs(values).max())):
        return np.zeros(count), np.zeros(count)
    z = _getis_ord(values, neighbours)
    return z, np.where(_called(z), np.sign(z), 0.0)


def _getis_ord(values: Column, neighbours: Neighbours) -> Column:
    from esda.getisord import G_Local
    from libpysal.weights import W

    near = {
        unit: [int(other) for other in neighbours.of(unit)] + [unit] for unit in range(len(values))
    }
    weights = W(near, id_order=list(near), silence_warnings=True)
    found = G_Local(values, weights, transform="B", star=None, permutations=0)
    return np.nan_to_num(np.asarray(found.Zs, dtype=np.float64), posinf=0.0, neginf=0.0)


def _called(z: Column) -> NDArray[np.bool_]:
    """Units whose two-sided p-value passes the step-up rule."""
    from scipy.special import ndtr

    p_value = 2 * ndtr(-np.abs(z))
    order = np.argsort(p_value, kind="stable")
    limit = FALSE_SHARE * np.arange(1, len(z) + 1) / len(z)
    passed = np.flatnonzero(p_value[order] <= limit)
    most = p_value[order[passed[-1]]] if len(passed) else -1.0
    return np.asarray(p_value <= most, dtype=np.bool_)
