"""Travel times on roads: matrices and drives between any places of a market."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.roads import RoadNetwork
from data.roads.osm import Progress, quiet
from data.travel.calibration import TimeCalibration
from data.travel.cch.hierarchy import Hierarchy
from data.travel.engine import Engine
from data.travel.engines import EngineName, Engines
from data.travel.graph import TurnGraph
from data.travel.manoeuvres import described
from data.travel.paths import fastest_drive
from data.travel.quarantine import Joined, joined
from data.travel.questions import nearest, one_place, reached, within
from data.travel.snap import MAX_WALK_IN_METERS, Snapped, Snapper
from data.travel.totals import Places, totals, whole
from territory.errors import Infeasible
from territory.geo import LonLat, as_lonlat
from territory.travel import Leg, Mode, Nearest, Source, TravelMatrix

MAX_SNAP_METERS = 1_000.0


def road_travel(
    network: RoadNetwork,
    *,
    max_snap_meters: float = MAX_SNAP_METERS,
    max_walk_in_meters: float = MAX_WALK_IN_METERS,
    engine: EngineName | Engine = "auto",
    calibration: TimeCalibration | None = None,
    hierarchy: Hierarchy | None = None,
    progress: Progress = quiet,
    keep: Callable[[Hierarchy], None] | None = None,
) -> "RoadTravel":
    """Travel times on a network, each place joined to its nearest road up to a limit.

    Where the nearest road of all is closed to the mode, the nearest open one may be
    ``max_walk_in_meters`` away. ``calibration`` are factors a market's own times ask for.
    ``hierarchy`` is one that was built for this network (``RoadTravel.hierarchy``) and kept.
    ``progress`` hears of building one, and ``keep`` is handed it.
    """
    return RoadTravel(
        network=network,
        snapper=Snapper(
            network=network, max_meters=max_snap_meters, max_walk_in_meters=max_walk_in_meters
        ),
        engines=Engines(
            network=network,
            wanted=engine,
            calibration=calibration,
            hierarchy=hierarchy,
            progress=progress,
            keep=keep,
        ),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class RoadTravel:
    """``territory.travel.TravelTimes`` on a road network.

    A drive is the walk from the place to its road, the fastest path over turns, and the walk to
    the other place; between equal coordinates it is nothing. A place on a two-way road is left and
    reached on either side of it. Tenths of seconds are summed exactly and then rounded up to whole
    seconds (metres alike), so that going by way of a third place is never shown as quicker by more
    than the turn there. Places that join no road, or roads of another island, are ``UNREACHABLE``.
    """

    network: RoadNetwork
    snapper: Snapper
    engines: Engines

    @property
    def source(self) -> Source:
        return "road"

    @property
    def mode(self) -> Mode:
        return self.network.mode

    def hierarchy(self) -> Hierarchy:
        """The contraction hierarchy of this network, built if there is none yet.

        It serves every period and calibration.

        Raises
        ------
        HierarchyTooLarge
            If it would not fit into memory.
        """
        return self.engines.contracted().hierarchy

    def snap(self, points: LonLat) -> Snapped:
        """Where points (n, 2) join the network."""
        return self.snapper.snap(points)

    def join(self, points: LonLat, *, home: LonLat | None = None) -> Joined:
        """Which points reach one another, and in words why the others are left out.

        Those count that lie on the roads of ``home``, by default on those most points join.

        Raises
        ------
        Infeasible
            If ``home`` joins no road.
        """
        where = None if home is None else self.snap(home)
        return joined(self.snapper, self.snap(points), home=where)

    def block(self, sources: LonLat, targets: LonLat, *, period: str | None = None) -> TravelMatrix:
        """Seconds and metres of the fastest drives from each source to each target."""
        start, end = as_lonlat(sources), as_lonlat(targets)
        seconds = np.empty((len(start), len(end)), dtype=np.int32)
        meters = np.empty_like(seconds)
        row = 0
        for part in self.blocks(start, end, period=period):
            stop = row + len(part.seconds)
            seconds[row:stop], meters[row:stop] = part.seconds, part.meters
            row = stop
        return TravelMatrix(seconds=seconds, meters=meters, source=_source(period))

    def blocks(
        self,
        sources: LonLat,
        targets: LonLat,
        *,
        rows: int | None = None,
        period: str | None = None,
    ) -> Iterator[TravelMatrix]:
        """``block`` in parts of ``rows`` sources each, in order, for more than memory holds."""
        start, end = self._places(sources, targets)
        for packed in totals(self.engines, start, end, rows=rows, period=period):
            seconds, meters = whole(packed)
            yield TravelMatrix(seconds=seconds, meters=meters, source=_source(period))

    def nearest(
        self,
        sources: LonLat,
        targets: LonLat,
        count: int,
        *,
        limit_seconds: float | None = None,
        period: str | None = None,
    ) -> Nearest:
        """The ``count`` quickest targets of each source, the quickest first.

        Those beyond ``limit_seconds`` do not count. Of equally quick ones the shortest comes first,
        then the one named first.
        """
        start, end = self._places(sources, targets)
        return nearest(self.engines, start, end, count, limit_seconds=limit_seconds, period=period)

    def within(
        self,
        source: LonLat,
        targets: LonLat,
        limit_seconds: float,
        *,
        period: str | None = None,
    ) -> TravelMatrix:
        """From one place to each target (1, m), ``UNREACHABLE`` beyond the limit.

        It searches no farther than the limit, so it is quick however large the network.
        """
        start = Places.of(self.snapper, one_place(source))
        end = Places.of(self.snapper, as_lonlat(targets))
        packed = within(self.engines, start, end, limit_seconds=limit_seconds, period=period)
        seconds, meters = whole(packed)
        return TravelMatrix(seconds=seconds, meters=meters, source=_source(period))

    def reached(
        self, place: LonLat, limit_seconds: float, *, period: str | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The arcs whose beginning is reached from a place within a limit, and the deciseconds.

        The nearest first. The time is that of standing at the beginning of the arc, about to drive
        it: walk, drive and turn. The place's own road (``snap``) is not told.
        """
        start = Places.of(self.snapper, one_place(place))
        return reached(self.engines, start, limit_seconds=limit_seconds, period=period)

    def legs(self, points: LonLat, *, period: str | None = None) -> tuple[Leg, ...]:
        """The drives along a sequence of points, each with its line of road and its steps.

        Seconds and metres are those of ``block``; each drive stands for itself, so a place may be
        left the other way than it was reached.

        Raises
        ------
        Infeasible
            If a point cannot be reached from the one before.
        """
        lonlat = as_lonlat(points)
        snapped = self.snap(lonlat)
        graph, engine = self.engines.ready(period, work=max(0, len(lonlat) - 1))
        return tuple(
            self._leg(lonlat[k : k + 2], snapped.take(slice(k, k + 2)), graph, engine)
            for k in range(len(lonlat) - 1)
        )

    def travel_hash(self, points: LonLat) -> str:
        """A hash over everything that decides the travel times between these points."""
        digest = hashlib.sha256(self.network.content_hash.encode())
        limits = (self.snapper.max_meters, self.snapper.max_walk_in_meters)
        digest.update(f"road{limits!r}{self.engines.calibration_text}".encode())
        digest.update(np.ascontiguousarray(as_lonlat(points)).tobytes())
        return digest.hexdigest()

    def _places(self, sources: LonLat, targets: LonLat) -> tuple[Places, Places]:
        """Both sides of a question; one value where they are the same places."""
        one, other = as_lonlat(sources), as_lonlat(targets)
        start = Places.of(self.snapper, one)
        if one.shape == other.shape and (one == other).all():
            return start, start
        return start, Places.of(self.snapper, other)

    def _reasons(self, snapped: Snapped) -> tuple[str, ...]:
        start = snapped.take(slice(0, 1))
        home = start if start.is_joined.all() else None
        return joined(self.snapper, snapped, home=home).reason

    def _leg(self, ends: LonLat, snapped: Snapped, graph: TurnGraph, engine: Engine) -> Leg:
        if (ends[0] == ends[1]).all():
            return Leg(seconds=0, meters=0, lonlat=(_pair(ends[0]), _pair(ends[1])))
        drive = None
        if snapped.is_joined.all():
            drive = fastest_drive(self.network, graph, engine, snapped)
        if drive is None:
            raise Infeasible(
                f"There is no way by {self.mode} from {_pair(ends[0])} to {_pair(ends[1])}.",
                [
                    f"{_pair(end)} {why}."
                    for end, why in zip(ends, self._reasons(snapped), strict=True)
                    if why
                ],
            )
        return described(self.snapper, drive, ends, snapped)


def _source(period: str | None) -> Source:
    return "road" if period is None else "road+time-of-day"


def _pair(point: NDArray[np.float64]) -> tuple[float, float]:
    return float(point[0]), float(point[1])
