"""Jurisdictions measured on the road: minutes from a centre to each unit, weighted by workload."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from territory.geo import LonLat
from territory.redrawn import RoadShape

Floats = NDArray[np.float64]
Owners = NDArray[np.int64]


def road_shapes(
    owners: Owners,
    executive_ids: Sequence[str],
    *,
    centers: Owners,
    own_seconds: Floats,
    workload: Floats,
    unit_ids: Sequence[str],
    lonlat: LonLat,
    homes: LonLat | None = None,
) -> tuple[RoadShape, ...]:
    """Every jurisdiction that has units on the road, in the order of the executives.

    ``centers`` (p,) are positions of units, -1 for the home of ``homes`` (p, 2); ``own_seconds``
    (n,) lead to each unit from the centre of its owner. A jurisdiction without workload weighs its
    units alike.
    """
    shapes = []
    for seat, executive in enumerate(executive_ids):
        mine = owners == seat
        if not mine.any():
            continue
        minutes, weight = own_seconds[mine] / 60, workload[mine]
        if weight.sum() <= 0:
            weight = np.ones(len(minutes))
        total = float(weight.sum()) or 1.0
        unit = int(centers[seat])
        if unit < 0 and homes is None:
            raise ValueError("a centre at home needs homes")
        at = lonlat[unit] if unit >= 0 or homes is None else homes[seat]
        shapes.append(
            RoadShape(
                executive_id=executive,
                center_unit=unit_ids[unit] if unit >= 0 else "",
                center_lon=float(at[0]),
                center_lat=float(at[1]),
                mean_minutes=float((weight * minutes).sum()) / total,
                minutes_squared=float((weight * minutes**2).sum()) / total,
                worst_minutes=float(minutes.max(initial=0.0)),
            )
        )
    return tuple(shapes)
