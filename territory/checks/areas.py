"""Travel for the judge of visits, one executive's places at a time: no matrix over all of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from territory.routes import Route
from territory.travel import TravelMatrix
from territory.visits import Shift, VisitNeed

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TravelArea:
    """Some places and the travel between them; ``points`` (n, 2) are lon, lat of its rows."""

    points: NDArray[np.float64]
    travel: TravelMatrix
    point_index: dict[Point, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.points)
        if self.travel.seconds.shape[-2:] != (count, count):
            raise ValueError(f"travel {self.travel.seconds.shape} does not fit {count} points")
        self.point_index.update(
            {(float(lon), float(lat)): row for row, (lon, lat) in enumerate(self.points)}
        )


def area_of(
    places: Iterable[Point], block: Callable[[NDArray[np.float64]], TravelMatrix]
) -> TravelArea:
    """The travel between some places, as ``block`` gives it for their lon, lat (n, 2)."""
    points = np.array(list(dict.fromkeys(places)), dtype=np.float64).reshape(-1, 2)
    return TravelArea(points=points, travel=block(points))


def areas_of(
    needs: Sequence[VisitNeed],
    shifts: Sequence[Shift],
    routes: Sequence[Route],
    *,
    block: Callable[[NDArray[np.float64]], TravelMatrix],
) -> Mapping[str, TravelArea]:
    """For every executive the travel between the places of needs, shifts and visits on routes.

    A place that only a route knows is left out, except where a running day was planned anew.
    """
    places: dict[str, dict[Point, None]] = {}
    place_of = {need.visit_id: (need.lon, need.lat) for need in needs}
    for need in needs:
        places.setdefault(need.executive_id, {})[need.lon, need.lat] = None
    for shift in shifts:
        mine = places.setdefault(shift.executive_id, {})
        mine[shift.start_lonlat] = mine[shift.end_lonlat] = None
        if shift.lunch is not None and shift.lunch.lonlat is not None:
            mine[shift.lunch.lonlat] = None
    for route in routes:
        mine = places.setdefault(route.executive_id, {})
        known = (place_of.get(stop.visit_id) for stop in route.stops)
        mine.update(dict.fromkeys(place for place in known if place is not None))
        if route.resume is not None:
            mine[route.resume.lonlat] = None
    return {who: area_of(places[who], block) for who in sorted(places)}
