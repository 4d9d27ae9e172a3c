"""Sums per unit: the one way in which rows become facts."""

import numpy as np
from numpy.typing import NDArray

Facts = dict[str, NDArray[np.float64] | NDArray[np.object_]]
"""Columns of facts, one value per unit."""


def sum_per_unit(
    unit: NDArray[np.int32], values: NDArray[np.generic], count: int
) -> NDArray[np.float64]:
    """Sum of ``values`` over the rows of each of ``count`` units; rows in no unit (-1) left out."""
    inside = unit >= 0
    weights = values.astype(np.float64)[inside]
    return np.bincount(unit[inside], weights=weights, minlength=count).astype(np.float64)
