"""Isochrones: the area one reaches within some minutes, by road and then on foot.

The time to a node of a grid is the least over the roads one joins from there, as in a matrix; all
polygons are cut from that one field by marching squares (Lorensen and Cline 1987, in two
dimensions), so a shorter time's polygon lies within a longer one's, and none touches itself.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from data.roads import RoadNetwork
from data.travel.estimated import EstimatedTravel
from data.travel.graph import LENGTH_BITS, TurnGraph
from data.travel.labels import source_labels
from data.travel.reach_grid import ReachGrid, Window, meters_per_degree, reach_grid
from data.travel.snap import Snapped, Snapper
from territory.errors import Fault, Infeasible, InputError, MissingPart
from territory.geo import LonLat, as_lonlat
from territory.travel import Source, TravelTimes

if TYPE_CHECKING:
    from shapely import MultiPolygon

    from data.travel.times import RoadTravel

MINUTES = (5, 10, 15, 30)
MAX_MINUTES = 24 * 60
NUDGE_SECONDS = 0.5
"""No node's time is nearer to a limit than this, lest a polygon touch itself at the node."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Isochrone:
    """What is reached within so many minutes: valid, in WGS84, holes kept; empty if nothing is."""

    minutes: int
    geometry: "MultiPolygon"
    square_meters: float
    source: Source


def reach_polygons(
    travel: TravelTimes,
    places: Sequence[float] | LonLat,
    *,
    minutes: Sequence[int] = MINUTES,
    period: str | None = None,
) -> tuple[Isochrone, ...]:
    """The areas reached from one place (lon, lat), or from the nearest of several (n, 2).

    Ascending in time, each within the next. On roads, reached is what a drive from a place and
    the walk off the road it joins take less time to, no farther off than the travel's snapping
    limit; true to one step of a grid of 50 m, coarser where that would be over six million nodes.
    Of several places, those that join no road reach nothing. Estimated travel reaches circles.

    Raises
    ------
    InputError
        If a place is not on the globe, or the minutes are none, not positive or over a day.
    Infeasible
        If no place joins a road.
    MissingPart
        If the travel is a server's: it is asked for times, not for areas.
    """
    from data.travel.times import RoadTravel

    limits = _checked(minutes)
    lonlat = as_lonlat(np.asarray(places, dtype=np.float64).reshape(-1, 2))
    if isinstance(travel, RoadTravel):
        return _on_roads(travel, lonlat, limits, period)
    if isinstance(travel, EstimatedTravel):
        return tuple(_circles(travel, lonlat, limit, period) for limit in limits)
    raise MissingPart(
        "A travel server is asked for times, not for areas.",
        fix="Give the market roads of its own to see what is within reach.",
    )


def _on_roads(
    travel: "RoadTravel", lonlat: LonLat, limits: Sequence[int], period: str | None
) -> tuple[Isochrone, ...]:
    snapped = travel.snap(lonlat)
    joined = np.flatnonzero(snapped.is_joined)
    if not len(joined):
        reasons = [
            f"({lon:.6f}, {lat:.6f}) is {away:.0f} m from the nearest road one may use."
            for (lon, lat), away in zip(lonlat.tolist()[:20], snapped.meters, strict=False)
        ]
        raise Infeasible("No place to start from joins a road.", reasons)
    reach = _field_of(travel.snapper)
    graph = travel.engines.graph(period)
    seconds, window = reach.seconds(graph, snapped.take(joined), max(limits) * 60)
    source: Source = "road" if period is None else "road+time-of-day"
    return tuple(_isochrone(reach.grid, seconds, window, limit, source) for limit in limits)


def _circles(
    travel: EstimatedTravel, lonlat: LonLat, minutes: int, period: str | None
) -> Isochrone:
    """As far as the estimate gets in a straight line, all round."""
    import shapely

    radius = minutes * 60 / travel.seconds_per_meter(period)
    turn = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    rings = [
        np.column_stack([np.cos(turn), np.sin(turn)]) * radius / meters_per_degree(lat) + (lon, lat)
        for lon, lat in lonlat
    ]
    shape = shapely.union_all([shapely.Polygon(np.round(ring, 7)) for ring in rings])
    geometry = shapely.MultiPolygon(getattr(shape, "geoms", [shape]))
    return Isochrone(
        minutes=minutes, geometry=geometry, square_meters=_area(geometry), source=travel.source
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class ReachField:
    """Times on the grid of a network, from any places at any time of day."""

    snapper: Snapper
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    @cached_property
    def grid(self) -> ReachGrid:
        """The grid; made at the first question, which takes a second in a large city."""
        return reach_grid(
            self.network,
            max_walk_meters=self.snapper.max_meters,
            max_walk_in_meters=self.snapper.max_walk_in_meters,
        )

    @property
    def network(self) -> RoadNetwork:
        return self.snapper.network

    def seconds(
        self, graph: TurnGraph, start: Snapped, limit_seconds: int
    ) -> tuple[NDArray[np.float64], Window]:
        """Seconds from the nearest start to each node of a window, beyond which none is near."""
        from data.travel.kernel import spread
        from data.travel.reach_kernels import times

        with self._lock:
            grid = self.grid
        state, weight = _least(*_labels(graph, start))
        limit = ((limit_seconds * 10 + 1) << LENGTH_BITS) - 1
        states, arrival = spread(graph.first, graph.head, graph.weight, state, weight, limit)
        entered = self._entered(states, arrival)
        own = np.zeros(self.network.line_count, dtype=np.int64)
        own[start.line] = 1
        is_reached = np.isfinite(entered).any(axis=1) | (own > 0)
        window = grid.window(np.flatnonzero(is_reached))
        found = np.empty((window[1] - window[0], window[3] - window[2]))
        times(
            window,
            grid.columns,
            grid.first,
            grid.line,
            grid.fraction,
            grid.walk_seconds,
            entered[:, 0].copy(),
            entered[:, 1].copy(),
            self._drive(graph),
            own,
            start.line,
            start.fraction,
            start.stub_deciseconds / 10.0,
            found,
        )
        return found, window

    def _entered(
        self, states: NDArray[np.int32], arrival: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Seconds (l, 2) until one enters each line at its beginning and at its end."""
        entered = np.full(2 * self.network.line_count, np.inf)
        side = (
            2 * self.network.arc_line[states].astype(np.int64) + self.network.arc_reversed[states]
        )
        np.minimum.at(entered, side, (arrival >> LENGTH_BITS) / 10.0)
        return entered.reshape(-1, 2)

    def _drive(self, graph: TurnGraph) -> NDArray[np.float64]:
        """Seconds (l, 2) to drive each line either way, infinite where one may not."""
        arcs = self.snapper.line_arcs
        return np.where(arcs >= 0, (graph.arc_weight >> LENGTH_BITS)[arcs] / 10.0, np.inf)


_Ragged = tuple[list[NDArray[np.float64]], list[NDArray[np.uint32]], list[NDArray[np.uint32]]]
"""Points, where each ring's begin, and where each polygon's rings begin; one chunk of each."""

_fields: "WeakKeyDictionary[Snapper, ReachField]" = WeakKeyDictionary()


def _field_of(snapper: Snapper) -> ReachField:
    """The one field of a network and its snapping, kept as long as these are."""
    return _fields.setdefault(snapper, ReachField(snapper=snapper))


def _labels(graph: TurnGraph, start: Snapped) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The states after the roads the starts lie on, and the weight until then, stubs included."""
    labels = source_labels(graph, start)
    stubs = np.repeat(start.stub_deciseconds << LENGTH_BITS, np.diff(labels.first))
    return labels.state, labels.weight + stubs


def _least(
    state: NDArray[np.int32], weight: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Each state once, with its least weight."""
    order = np.lexsort((weight, state))
    state, weight = state[order], weight[order]
    is_first = np.ones(len(state), dtype=np.bool_)
    is_first[1:] = state[1:] != state[:-1]
    return state[is_first], weight[is_first]


def _checked(minutes: Sequence[int]) -> tuple[int, ...]:
    limits = tuple(sorted(set(minutes)))
    if not limits or min(limits) <= 0 or max(limits) > MAX_MINUTES:
        fault = Fault(
            column="minutes",
            value=", ".join(map(str, limits)),
            expected=f"one or more whole numbers from 1 to {MAX_MINUTES}",
        )
        raise InputError("These minutes cannot be drawn.", [fault])
    return limits


def _isochrone(
    grid: ReachGrid, seconds: NDArray[np.float64], window: Window, minutes: int, source: Source
) -> Isochrone:
    late = _late(seconds, minutes * 60.0, grid.cell_seconds)
    geometry = _polygons(grid, late, window)
    return Isochrone(
        minutes=minutes,
        geometry=geometry,
        square_meters=_area(geometry),
        source=source,
    )


def _late(seconds: NDArray[np.float64], limit: float, cell: float) -> NDArray[np.float64]:
    """How late each node is: negative within the limit, never 0, at most a step's walk either way.

    The bound keeps a limit's line near the last node within it where the next one is far later,
    since one gets there on foot at best. As it grows with the time and falls with the limit, a
    longer limit's line can only lie farther out on every edge of the grid.
    """
    late = np.clip(seconds - limit, -cell, cell)
    np.copyto(late, -NUDGE_SECONDS, where=(late > -NUDGE_SECONDS) & (late <= 0))
    np.copyto(late, NUDGE_SECONDS, where=(late > 0) & (late < NUDGE_SECONDS))
    return late


def _polygons(grid: ReachGrid, late: NDArray[np.float64], window: Window) -> "MultiPolygon":
    import shapely
    from contourpy import FillType, contour_generator

    near = _near_window(late)
    if near is None:
        return shapely.MultiPolygon()
    row, row_end, column, column_end = near
    rim = np.pad(late[row:row_end, column:column_end], 1, constant_values=late.max())
    contours = contour_generator(z=rim, name="serial", fill_type=FillType.ChunkCombinedOffsetOffset)
    (points,), (rings,), (polygons,) = cast(_Ragged, contours.filled(-1e12, 0.0))
    lonlat = grid.place(window, points[:, 0] + (column - 1), points[:, 1] + (row - 1))
    offsets = (rings.astype(np.int64), polygons.astype(np.int64), np.array([0, len(polygons) - 1]))
    made = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, lonlat, offsets)
    return cast("MultiPolygon", made[0])


def _near_window(late: NDArray[np.float64]) -> Window | None:
    """The rows and columns that hold a node within the limit, one wider; None if there is none."""
    rows = np.flatnonzero((late < 0).any(axis=1))
    columns = np.flatnonzero((late < 0).any(axis=0))
    if not len(rows):
        return None
    return (
        max(0, int(rows[0]) - 1),
        min(late.shape[0], int(rows[-1]) + 2),
        max(0, int(columns[0]) - 1),
        min(late.shape[1], int(columns[-1]) + 2),
    )


def _area(geometry: "MultiPolygon") -> float:
    """Square metres, in a sinusoidal projection on the ellipsoid about the polygons' middle.

    Equal-area on a sphere; with the radii of the ellipsoid at that latitude, true to 1 in 10,000
    for a region.
    """
    import shapely

    if geometry.is_empty:
        return 0.0
    west, south, east, north = geometry.bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    per_lon, per_lat = meters_per_degree(lat)

    def flat(points: NDArray[np.float64]) -> NDArray[np.float64]:
        shrinking = np.cos(np.radians(points[:, 1])) / np.cos(np.radians(lat))
        east = (points[:, 0] - lon) * per_lon * shrinking
        return np.column_stack([east, (points[:, 1] - lat) * per_lat])

    return float(shapely.area(shapely.transform(geometry, flat)))
