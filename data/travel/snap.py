"""Snapping: from a place to the nearest node of a network, with the way off the road told."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from data.roads import RoadNetwork
from territory.geo import LonLat, as_lonlat, local_crs, to_meters

if TYPE_CHECKING:
    from scipy.spatial import KDTree

STUB_KMH = 5.0
"""Off the road everybody walks."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapped:
    """Where n points join the network.

    ``node`` (n,) is -1 where none lies within the limit; ``meters`` (n,) is the straight way to
    the nearest node, within the limit or not; ``component`` (n,) is the node's, or -1.
    """

    node: NDArray[np.int64]
    meters: NDArray[np.float64]
    component: NDArray[np.int64]

    @property
    def is_joined(self) -> NDArray[np.bool_]:
        return self.node >= 0

    @property
    def stub_decimeters(self) -> NDArray[np.int64]:
        """The way off the road in whole tenths of a metre."""
        return np.rint(self.meters * 10).astype(np.int64)

    @property
    def stub_deciseconds(self) -> NDArray[np.int64]:
        """The time off the road, on foot, in whole tenths of a second."""
        return np.rint(self.meters / (STUB_KMH / 3.6) * 10).astype(np.int64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapper:
    """Finds the nearest node in metres (not in degrees), up to ``max_meters`` away."""

    network: RoadNetwork
    max_meters: float

    @cached_property
    def _crs(self) -> str:
        return local_crs(self.network.lonlat)

    @cached_property
    def _tree(self) -> "KDTree":
        from scipy.spatial import KDTree

        return KDTree(to_meters(self.network.lonlat, crs=self._crs))

    def snap(self, points: LonLat) -> Snapped:
        """Where points (n, 2) join the network.

        Raises
        ------
        InputError
            If a point is not on the globe.
        """
        lonlat = as_lonlat(points)
        east_north = to_meters(lonlat, crs=self._crs)
        # Points a world away project to infinity; they are as far as can be.
        east_north = np.where(np.isfinite(east_north), east_north, 1e12)
        meters, node = self._tree.query(east_north)
        is_near = meters <= self.max_meters
        return Snapped(
            node=np.where(is_near, node, -1).astype(np.int64),
            meters=np.asarray(meters, dtype=np.float64),
            component=np.where(is_near, self.network.component[node], -1).astype(np.int64),
        )
