"""Whole borders of units in metres, measured on their polygons."""

import numpy as np
import shapely
from numpy.typing import NDArray

from territory.units.values import Units
from territory.units.zones import in_meters


def perimeters_meters(units: Units) -> NDArray[np.float64]:
    """Length of each unit's outline, holes included, in the local metric CRS."""
    return np.asarray(shapely.length(in_meters(units.polygons)), dtype=np.float64)
