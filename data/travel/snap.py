"""Snapping: from a place to the nearest point of a road, with the way off the road told."""

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from data.roads import RoadNetwork
from territory.geo import WGS84, LonLat, as_lonlat, local_crs

if TYPE_CHECKING:
    import shapely
    from pyproj import Transformer

STUB_KMH = 5.0
"""Off the road everybody walks."""
MAX_WALK_IN_METERS = 250.0
"""From a road one may not use one walks this far from an open one, and no farther."""
REMEMBERED = 4
"""How many answers are kept: a solver asks of the same places again and again."""
CELL_METERS = 500.0
SORTED_FROM = 64
"""From so many places on they are searched for cell by cell."""
_FAR = 1e12

BEYOND = "beyond"
CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapped:
    """Where n places join a network; every array is (n,).

    A place joins line ``line`` at ``fraction`` of its metres from its beginning, and so the arcs
    ``arc_forward`` and ``arc_backward`` along it (-1 where one may not drive that way).
    ``meters`` is the straight way to the nearest open road, joined or not; ``component`` that of
    the road. ``reason`` is "" where joined; "beyond" where that way is over the limit; "closed"
    where the nearest road of all may not be used (``closed_why``, a code of
    ``data.roads.network``) and the nearest open one lies too far to walk in. There ``line``, both
    arcs and ``component`` are -1.
    """

    line: NDArray[np.int64]
    arc_forward: NDArray[np.int64]
    arc_backward: NDArray[np.int64]
    fraction: NDArray[np.float64]
    meters: NDArray[np.float64]
    component: NDArray[np.int64]
    reason: NDArray[np.str_]
    closed_why: NDArray[np.int8]

    def __post_init__(self) -> None:
        for name in self.__slots__:
            getattr(self, name).setflags(write=False)

    def __len__(self) -> int:
        return len(self.line)

    @property
    def is_joined(self) -> NDArray[np.bool_]:
        return self.line >= 0

    @property
    def stub_decimeters(self) -> NDArray[np.int64]:
        """The way off the road in whole tenths of a metre."""
        return np.rint(self.meters * 10).astype(np.int64)

    @property
    def stub_deciseconds(self) -> NDArray[np.int64]:
        """The time off the road, on foot, in whole tenths of a second."""
        return np.rint(self.meters / (STUB_KMH / 3.6) * 10).astype(np.int64)

    def take(self, rows: NDArray[np.intp] | slice) -> "Snapped":
        """Some of these places."""
        return Snapped(**{name: getattr(self, name)[rows] for name in self.__slots__})


@dataclass(frozen=True, kw_only=True, eq=False)
class _Lines:
    """Lines that can be searched: their numbers, shapes in metres, and a tree over them.

    Row k of ``begin`` and ``end`` (l, 2) are the ends of line k, ``way_id`` (l,) is its way.
    """

    number: NDArray[np.int64]
    shape: NDArray[np.object_]
    tree: "shapely.STRtree"
    begin: NDArray[np.float64]
    end: NDArray[np.float64]
    way_id: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapper:
    """Finds the nearest road in metres (not in degrees), up to ``max_meters`` away.

    Of roads equally near, the one with the least way number, then with the least coordinates, is
    taken, so that the answer does not depend on how the network is numbered.
    """

    network: RoadNetwork
    max_meters: float
    max_walk_in_meters: float = MAX_WALK_IN_METERS
    _known: dict[bytes, Snapped] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @cached_property
    def crs(self) -> str:
        """The metric CRS in which nearness is measured."""
        return local_crs(self.network.lonlat)

    @cached_property
    def _transformer(self) -> "Transformer":
        from pyproj import Transformer

        return Transformer.from_crs(WGS84, self.crs, always_xy=True)

    @cached_property
    def line_meters(self) -> NDArray[np.float64]:
        """``line_lonlat`` of the network in metres east and north."""
        return self._to_meters(self.network.line_lonlat)

    def _to_meters(self, lonlat: LonLat) -> NDArray[np.float64]:
        """As ``territory.geo.to_meters``, with the CRS read once: a leg must not wait for it."""
        return np.column_stack(self._transformer.transform(lonlat[:, 0], lonlat[:, 1]))

    @cached_property
    def line_arcs(self) -> NDArray[np.int64]:
        """The arc along each line (l, 2), forward and backward; -1 where there is none."""
        network = self.network
        arcs = np.full((network.line_count, 2), -1, dtype=np.int64)
        own = np.flatnonzero(~network.arc_is_copy)
        arcs[network.arc_line[own], network.arc_reversed[own].astype(np.intp)] = own
        return arcs

    @cached_property
    def _line_component(self) -> NDArray[np.int64]:
        first = self.network.tail[self.line_arcs.max(axis=1)]
        return np.asarray(self.network.component[first], dtype=np.int64)

    @cached_property
    def _open(self) -> _Lines:
        network = self.network
        used = np.flatnonzero((self.line_arcs >= 0).any(axis=1))
        return _lines(self.line_meters, network.line_offset, used, network.line_way_id[used])

    @cached_property
    def _closed(self) -> _Lines | None:
        network = self.network
        count = len(network.closed_why)
        if not count:
            return None
        meters = self._to_meters(network.closed_lonlat)
        return _lines(meters, network.closed_offset, np.arange(count), np.zeros(count, np.int64))

    def snap(self, points: LonLat) -> Snapped:
        """Where points (n, 2) join the network; the last few answers are remembered.

        Raises
        ------
        InputError
            If a point is not on the globe.
        """
        lonlat = as_lonlat(points)
        key = lonlat.tobytes()
        if (known := self._known.get(key)) is not None:
            return known
        found = self._snap(lonlat)
        with self._lock:
            while len(self._known) >= REMEMBERED:
                self._known.pop(next(iter(self._known)))
            self._known[key] = found
        return found

    def _snap(self, lonlat: LonLat) -> Snapped:
        import shapely

        east_north = self._to_meters(lonlat)
        if not np.isfinite(east_north).all():
            # Points a world away project to infinity; they are as far as can be.
            east_north = np.where(np.isfinite(east_north), east_north, _FAR)
        spots = np.asarray(shapely.points(east_north), dtype=np.object_)
        place, meters = _nearest(self._open, spots)
        reason, why = self._reasons(spots, meters)
        line = self._open.number[place]
        arcs, component = self.line_arcs[line], self._line_component[line]
        fraction = shapely.line_locate_point(self._open.shape[place], spots, normalized=True)
        fraction[np.isnan(fraction)] = 0.0  # of a line without length
        if reason.any():
            left_out = reason != ""
            line[left_out] = arcs[left_out] = component[left_out] = -1
            fraction[left_out] = 0.0
        return Snapped(
            line=line,
            arc_forward=arcs[:, 0].copy(),
            arc_backward=arcs[:, 1].copy(),
            fraction=fraction,
            meters=meters,
            component=component,
            reason=reason,
            closed_why=why,
        )

    def _reasons(
        self, spots: NDArray[np.object_], meters: NDArray[np.float64]
    ) -> tuple[NDArray[np.str_], NDArray[np.int8]]:
        """Why each spot joins no road, "" if it does; and how its nearest closed road is closed."""
        if meters.max(initial=0.0) <= min(self.max_meters, self.max_walk_in_meters):
            return np.zeros(len(spots), dtype="U8"), np.zeros(len(spots), dtype=np.int8)
        reason = np.where(meters > self.max_meters, BEYOND, "").astype("U8")
        why = np.zeros(len(spots), dtype=np.int8)
        walkers = np.flatnonzero((reason == "") & (meters > self.max_walk_in_meters))
        if self._closed is not None and len(walkers):
            place, closed_meters = _nearest(self._closed, spots[walkers])
            is_closed = closed_meters < meters[walkers]
            reason[walkers[is_closed]] = CLOSED
            why[walkers[is_closed]] = self.network.closed_why[self._closed.number[place[is_closed]]]
        return reason, why


def _lines(
    meters: NDArray[np.float64],
    offset: NDArray[np.int64],
    number: NDArray[np.int64],
    way_id: NDArray[np.int64],
) -> _Lines:
    import shapely

    lengths = np.diff(offset)[number]
    row = np.repeat(np.arange(len(number)), lengths)
    within = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    shape = shapely.linestrings(meters[offset[number][row] + within], indices=row)
    return _Lines(
        number=number,
        shape=shape,
        tree=shapely.STRtree(shape),
        begin=meters[offset[number]],
        end=meters[offset[number + 1] - 1],
        way_id=way_id,
    )


def _nearest(
    lines: _Lines, spots: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each spot the place in ``lines`` of its nearest line, and the metres to it."""
    import shapely

    if not len(spots):
        return np.empty(0, dtype=np.int64), np.empty(0)
    # Neighbours one after another find the same branches of the tree in the cache: twice as quick.
    along = np.arange(len(spots))
    if len(spots) >= SORTED_FROM:
        along = np.lexsort(np.floor(shapely.get_coordinates(spots) / CELL_METERS).T)
    (at, place), meters = lines.tree.query_nearest(spots[along], return_distance=True)
    spot = along[at]
    if len(spot) == len(spots):
        first = np.argsort(spot)
    else:
        (begin_east, begin_north), (end_east, end_north) = lines.begin[place].T, lines.end[place].T
        ties = (end_north, end_east, begin_north, begin_east, lines.way_id[place])
        order = np.lexsort((*ties, meters, spot))
        first = order[np.searchsorted(spot[order], np.arange(len(spots)))]
    return place[first].astype(np.int64), meters[first]
