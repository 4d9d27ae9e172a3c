"""Compiled loops over points near sites: who is in reach of whom, without a list of all pairs."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Words = NDArray[np.uint64]


@njit(cache=True)
def add_keys(
    x: Floats, y: Floats, east: Floats, north: Floats, begin: Longs, end: Longs,
    square: float, salts: Words, keys: Words,
) -> None:  # fmt: skip
    """Add the two salts of every site to the keys of the points in its reach (n, 2).

    Points lie in ascending ``x``; those of a site's strip are ``begin`` to ``end``.
    """
    for site in range(len(east)):
        for point in range(begin[site], end[site]):
            across, along = x[point] - east[site], y[point] - north[site]
            if across * across + along * along <= square:
                keys[point, 0] += salts[site, 0]
                keys[point, 1] += salts[site, 1]


@njit(cache=True)
def pairs_near(
    x: Floats, y: Floats, east: Floats, north: Floats, begin: Longs, end: Longs,
    square: float, point_of: Longs, site_of: Longs,
) -> int:  # fmt: skip
    """Write the pairs of point and site in reach as far as there is room; how many there are."""
    count = 0
    for site in range(len(east)):
        for point in range(begin[site], end[site]):
            across, along = x[point] - east[site], y[point] - north[site]
            if across * across + along * along <= square:
                if count < len(point_of):
                    point_of[count], site_of[count] = point, site
                count += 1
    return count
