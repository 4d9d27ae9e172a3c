"""Travel times on roads: matrices and drives between any places of a market."""

import hashlib
import threading
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from data.roads import RoadNetwork
from data.travel.engine import (
    NEVER,
    Engine,
    EngineName,
    WeightedGraph,
    choose_engine,
    unpack,
    weighted_graph,
)
from data.travel.paths import path_arcs
from data.travel.periods import arc_factor
from data.travel.snap import Snapped, Snapper
from territory.errors import Infeasible
from territory.geo import LonLat, as_lonlat
from territory.travel import UNREACHABLE, Leg, Mode, Source, TravelMatrix

MAX_SNAP_METERS = 1_000.0


def road_travel(
    network: RoadNetwork,
    *,
    max_snap_meters: float = MAX_SNAP_METERS,
    engine: EngineName | Engine = "auto",
) -> "RoadTravel":
    """Travel times on a network, each place joined to its nearest node up to a limit."""
    return RoadTravel(
        network=network,
        snapper=Snapper(network=network, max_meters=max_snap_meters),
        engine=engine,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class RoadTravel:
    """``territory.travel.TravelTimes`` on a road network.

    A drive is the walk from the place to its node, the fastest path, and the walk to the other
    place; between equal coordinates it is nothing. Tenths of seconds are summed exactly and then
    rounded up to whole seconds (metres alike), so that going by way of a third place is never
    shown as quicker. Places beyond the snapping limit or on another island are ``UNREACHABLE``.
    """

    network: RoadNetwork
    snapper: Snapper
    engine: EngineName | Engine = "auto"
    _graphs: dict[str, WeightedGraph] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    @property
    def source(self) -> Source:
        return "road"

    @property
    def mode(self) -> Mode:
        return self.network.mode

    def snap(self, points: LonLat) -> Snapped:
        """Where points (n, 2) join the network."""
        return self.snapper.snap(points)

    def block(self, sources: LonLat, targets: LonLat, *, period: str | None = None) -> TravelMatrix:
        """Seconds and metres of the fastest drives from each source to each target."""
        start, end = as_lonlat(sources), as_lonlat(targets)
        tenths, lengths = self._drives(start, self.snap(start), end, self.snap(end), period)
        is_same = (start[:, None, :] == end[None, :, :]).all(axis=2)
        tenths[is_same] = lengths[is_same] = 0
        return TravelMatrix(
            seconds=_whole(tenths),
            meters=_whole(lengths),
            source=_source(period),
        )

    def legs(self, points: LonLat, *, period: str | None = None) -> tuple[Leg, ...]:
        """The drives along a sequence of points, each with the line of road it follows.

        Seconds and metres are those of ``block``.

        Raises
        ------
        Infeasible
            If a point cannot be reached from the one before.
        """
        lonlat = as_lonlat(points)
        snapped = self.snap(lonlat)
        graph = self._graph(period)
        return tuple(self._leg(lonlat, snapped, graph, number) for number in range(len(lonlat) - 1))

    def travel_hash(self, points: LonLat) -> str:
        """A hash over everything that decides the travel times between these points."""
        digest = hashlib.sha256(self.network.content_hash.encode())
        digest.update(f"road{self.snapper.max_meters!r}".encode())
        digest.update(np.ascontiguousarray(as_lonlat(points)).tobytes())
        return digest.hexdigest()

    def _graph(self, period: str | None) -> WeightedGraph:
        factor = arc_factor(self.network, period)  # also refuses an unknown period
        key = period or "offpeak"
        with self._lock:
            if key not in self._graphs:
                self._graphs[key] = weighted_graph(self.network, factor=factor)
            return self._graphs[key]

    def _drives(
        self, start: LonLat, from_: Snapped, end: LonLat, to: Snapped, period: str | None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Deciseconds and decimetres (n, m), -1 where there is no way."""
        graph = self._graph(period)
        tenths = np.full((len(start), len(end)), -1, dtype=np.int64)
        rows, columns = np.flatnonzero(from_.is_joined), np.flatnonzero(to.is_joined)
        if not len(rows) or not len(columns):
            return tenths, tenths.copy()
        source, source_of = np.unique(from_.node[rows], return_inverse=True)
        target, target_of = np.unique(to.node[columns], return_inverse=True)
        packed = self._table(graph, source, target)[source_of[:, None], target_of[None, :]]
        time, length = unpack(packed)
        time += from_.stub_deciseconds[rows][:, None] + to.stub_deciseconds[columns][None, :]
        length += from_.stub_decimeters[rows][:, None] + to.stub_decimeters[columns][None, :]
        is_cut = packed == NEVER
        time[is_cut] = length[is_cut] = -1
        lengths = tenths.copy()
        tenths[np.ix_(rows, columns)] = time
        lengths[np.ix_(rows, columns)] = length
        return tenths, lengths

    def _table(
        self, graph: WeightedGraph, source: NDArray[np.int64], target: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        engine = self.engine
        if isinstance(engine, str):
            engine = choose_engine(engine, sources=len(source), nodes=graph.node_count)
        return engine.table(graph, source, target)

    def _leg(self, lonlat: LonLat, snapped: Snapped, graph: WeightedGraph, number: int) -> Leg:
        start, end = lonlat[number], lonlat[number + 1]
        if (start == end).all():
            return Leg(seconds=0, meters=0, lonlat=(_pair(start), _pair(end)))
        arcs = None
        if snapped.node[number] >= 0 and snapped.node[number + 1] >= 0:
            arcs = path_arcs(graph, int(snapped.node[number]), int(snapped.node[number + 1]))
        if arcs is None:
            raise Infeasible(
                f"There is no way by {self.mode} from {_pair(start)} to {_pair(end)}.",
                [
                    f"They lie {snapped.meters[number]:.0f} m and "
                    f"{snapped.meters[number + 1]:.0f} m from the nearest road; the limit is "
                    f"{self.snapper.max_meters:.0f} m.",
                ],
            )
        time, length = unpack(graph.weight[arcs])
        stubs = slice(number, number + 2)
        tenths = int(time.sum() + snapped.stub_deciseconds[stubs].sum())
        decimeters = int(length.sum() + snapped.stub_decimeters[stubs].sum())
        return Leg(
            seconds=-(-tenths // 10),
            meters=-(-decimeters // 10),
            lonlat=self._shape(lonlat, snapped, graph, arcs, number),
        )

    def _shape(
        self,
        lonlat: LonLat,
        snapped: Snapped,
        graph: WeightedGraph,
        arcs: NDArray[np.int64],
        number: int,
    ) -> tuple[tuple[float, float], ...]:
        """The place, its node, the arcs' lines, the other node, the other place."""
        lines = [self.network.line(int(graph.arc[arc])) for arc in arcs]
        nodes = self.network.lonlat[snapped.node[number : number + 2]]
        points = np.concatenate(
            [lonlat[[number]], nodes[:1], *lines, nodes[1:], lonlat[[number + 1]]]
        )
        is_new = np.ones(len(points), dtype=np.bool_)
        is_new[1:] = (points[1:] != points[:-1]).any(axis=1)
        return tuple(_pair(point) for point in points[is_new])


def _source(period: str | None) -> Source:
    return "road" if period is None else "road+time-of-day"


def _pair(point: NDArray[np.float64]) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _whole(tenths: NDArray[np.int64]) -> NDArray[np.int32]:
    """Whole units, rounded up; -1 becomes ``UNREACHABLE``."""
    whole = -(-tenths // 10)
    return np.where(tenths < 0, UNREACHABLE, np.minimum(whole, UNREACHABLE - 1)).astype(np.int32)
