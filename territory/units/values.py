"""Units: the smallest areas a jurisdiction is made of, and who borders whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from territory.geo import LonLat


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbours:
    """Who borders whom: CSR arrays. Unit i borders ``indices[indptr[i]:indptr[i + 1]]``.

    Symmetric, without loops. ``border_meters`` is the shared border of each pair, 0 for a bridge
    or ferry that joins two units which do not touch.
    """

    indptr: NDArray[np.int32]
    indices: NDArray[np.int32]
    border_meters: NDArray[np.float64]

    def of(self, unit: int) -> NDArray[np.int32]:
        """The neighbours of one unit."""
        return self.indices[self.indptr[unit] : self.indptr[unit + 1]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Units:
    """All units of a market. ``lonlat`` (n, 2) is a point inside each; ``polygons`` are WGS84.

    ``kind`` is "h3" (``resolution`` says which) or "zones" (the user's own polygons).
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    lonlat: LonLat
    polygons: NDArray[np.object_]
    area_square_meters: NDArray[np.float64]
    neighbours: Neighbours
    kind: Literal["h3", "zones"]
    resolution: int | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def index(self) -> Mapping[str, int]:
        """Position of each unit id."""
        return {unit: position for position, unit in enumerate(self.ids)}
