"""Why a visit cannot be reached, in words: what the solver knows as "no road leads there"."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from api.usecases.travel_check import Why, why_cut_off
from territory.routes import Unserved, VisitPlan
from territory.travel import TravelTimes
from territory.visits import Shift, VisitNeed

if TYPE_CHECKING:
    from data.travel import RoadTravel


def with_reasons(
    plan: VisitPlan, needs: Sequence[VisitNeed], shifts: Sequence[Shift], travel: TravelTimes
) -> VisitPlan:
    """The plan whose unreachable visits say why: too far from a road, a closed one, an island.

    Codes, values and routes stay as they are. Only roads of our own can tell more than that there
    is no way.
    """
    from data.travel import RoadTravel

    cut = [item for item in plan.unserved if item.reason == "unreachable_island"]
    if not cut or not isinstance(travel, RoadTravel):
        return plan
    whys = _whys(needs, shifts, travel)
    told = tuple(_told(item, whys) for item in plan.unserved)
    return replace(plan, unserved=told)


Key = tuple[str, str]
"""("visit", visit id) or ("executive", executive id)."""


def _whys(
    needs: Sequence[VisitNeed], shifts: Sequence[Shift], travel: "RoadTravel"
) -> Mapping[Key, Why]:
    """Why each visit's place or each executive's start is cut off, for those that are."""
    starts = {shift.executive_id: shift.start_lonlat for shift in shifts}
    keys: list[Key] = [("visit", need.visit_id) for need in needs]
    keys += [("executive", name) for name in starts]
    points = [*((need.lon, need.lat) for need in needs), *starts.values()]
    found = why_cut_off(travel, np.asarray(points, dtype=np.float64).reshape(-1, 2))
    return {key: why for key, why in zip(keys, found, strict=True) if why is not None}


def _told(item: Unserved, whys: Mapping[Key, Why]) -> Unserved:
    if item.reason != "unreachable_island":
        return item
    place = whys.get(("visit", item.visit_id))
    if place is not None:
        return replace(item, detail=f"{item.detail} {place[1]}")
    start = whys.get(("executive", item.executive_id))
    if start is not None:
        words = f"The day's start of {item.executive_id} is cut off: {start[1]}"
        return replace(item, detail=f"{item.detail} {words}")
    return item
