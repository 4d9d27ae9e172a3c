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
    from optimizer.redraw import RedrawProblem

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
    surveyed: Surveyed,
    problem: "RedrawProblem",
    plan: AlignmentPlan,
    *,
    begun: AlignmentPlan | None = None,
) -> tuple[RoadShape, ...]:
    """What a plan on the road says of each jurisdiction that has units.

    Its centre is its home where homes are fixed and known, else its best unit. Jurisdictions that
    are as they were in ``begun`` keep what that states of them.
    """
    from optimizer.redraw import best_center
    from territory.measures import owner_positions
    from territory.on_road import road_shapes

    ids, lonlat = plan.alignment.executive_ids, surveyed.units.lonlat
    owners, workload = owner_positions(plan.alignment), np.array(plan.unit_loads[-1])
    kept = {} if begun is None else _as_they_were(begun, plan)
    owners[np.isin(owners, [ids.index(executive) for executive in kept])] = -1
    homes = home_lonlat(surveyed.market, ids)
    centers, own = np.full(len(ids), -1, dtype=np.int64), np.zeros(len(owners))

    def seconds(sources: Longs, targets: Longs) -> Floats:
        return road_seconds(surveyed, lonlat[sources], lonlat[targets])

    for seat in np.unique(owners[owners >= 0]).tolist():
        mine, at = np.flatnonzero(owners == seat), homes[seat]
        if not (problem.homes_fixed and np.isfinite(at).all()):
            centers[seat] = best_center(mine, problem.xy_meters, workload, seconds)
            at = lonlat[centers[seat]]
        own[mine] = road_seconds(surveyed, at[None, :], lonlat[mine])[0]
    made = road_shapes(
        owners,
        ids,
        centers=centers,
        own_seconds=own,
        workload=workload,
        unit_ids=surveyed.units.ids,
        lonlat=lonlat,
        homes=homes,
    )
    found = {**kept, **{shape.executive_id: shape for shape in made}}
    return tuple(found[executive] for executive in ids if executive in found)


def _as_they_were(begun: AlignmentPlan, plan: AlignmentPlan) -> dict[str, RoadShape]:
    """The road shape of each executive whose units are those of another plan."""
    was, now = begun.alignment.owner_of(), plan.alignment.owner_of()
    changed = {
        one for unit, owner in now.items() if was[unit] != owner for one in (owner, was[unit])
    }
    return {
        shape.executive_id: shape
        for shape in begun.road_shape
        if shape.executive_id not in changed and shape.executive_id in plan.alignment.executive_ids
    }


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
