"""Redraw on the road: the market's own travel times between units and from homes."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from api.usecases.redraw_problem import home_lonlat
from api.usecases.workspace import Surveyed
from territory.alignment import AlignmentPlan
from territory.geo import LonLat, haversine_meters
from territory.redrawn import RoadShape
from territory.travel import UNREACHABLE

if TYPE_CHECKING:
    from optimizer.redraw import OnRoad

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


def road_seconds(surveyed: Surveyed, sources: LonLat, targets: LonLat) -> Floats:
    """Seconds from each source (k, 2) to each target (t, 2), shape (k, t).

    Where there is no way the straight line at the usual pace of the market's mode counts.
    """
    from territory.survey.workload import STRAIGHT_SPEED_KMH

    found = surveyed.reach.block(sources, targets).seconds
    seconds: Floats = found.reshape(-1, len(sources), len(targets))[0].astype(np.float64)
    lost = seconds >= UNREACHABLE
    if lost.any():
        pace = 3.6 / STRAIGHT_SPEED_KMH[surveyed.market.settings.mode]
        seconds = np.where(lost, haversine_meters(sources, targets) * pace, seconds)
    return seconds


def road_shape_of(
    surveyed: Surveyed, found: "OnRoad", executives: tuple[str, ...]
) -> tuple[RoadShape, ...]:
    """What a plan on the road says of each jurisdiction."""
    from territory.measures import owner_positions
    from territory.on_road import road_shapes

    plan, units = found.result.plan, surveyed.units
    return road_shapes(
        owner_positions(plan.alignment),
        executives,
        centers=found.centers,
        center_seconds=found.center_seconds,
        workload=np.array(plan.unit_loads[-1]),
        unit_ids=units.ids,
        lonlat=units.lonlat,
        homes=home_lonlat(surveyed.market, executives),
    )


def seconds_from_centers(surveyed: Surveyed, plan: AlignmentPlan) -> Floats:
    """Seconds to each unit (n,) from the centre that the plan states for its executive."""
    units = surveyed.units
    seconds = np.zeros(len(units))
    place = units.index()
    owner_of = plan.alignment.owner_of()
    for shape in plan.road_shape:
        mine = [place[unit] for unit in plan.alignment.unit_ids
                if owner_of[unit] == shape.executive_id and unit in place]  # fmt: skip
        if mine:
            center = np.array([[shape.center_lon, shape.center_lat]])
            seconds[mine] = road_seconds(surveyed, center, units.lonlat[mine])[0]
    return seconds
