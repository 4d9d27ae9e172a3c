"""Travel times on roads: matrices and drives between any places of a market."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from data.roads import RoadNetwork
from data.travel.calibration import TimeCalibration
from data.travel.engine import Engine
from data.travel.engines import EngineName, Engines
from data.travel.graph import NEVER, Packed, TurnGraph, unpack
from data.travel.labels import along_one_road, source_labels, target_labels
from data.travel.manoeuvres import described
from data.travel.paths import fastest_drive
from data.travel.snap import MAX_WALK_IN_METERS, Snapped, Snapper
from territory.errors import Infeasible
from territory.geo import LonLat, as_lonlat
from territory.travel import UNREACHABLE, Leg, Mode, Source, TravelMatrix

MAX_SNAP_METERS = 1_000.0
CELLS_AT_ONCE = 1_000_000
"""Cells of a matrix worked on at once: 8 MB for each array of them."""


def road_travel(
    network: RoadNetwork,
    *,
    max_snap_meters: float = MAX_SNAP_METERS,
    max_walk_in_meters: float = MAX_WALK_IN_METERS,
    engine: EngineName | Engine = "auto",
    calibration: TimeCalibration | None = None,
) -> "RoadTravel":
    """Travel times on a network, each place joined to its nearest road up to a limit.

    Where the nearest road of all is closed to the mode, the nearest open one may be
    ``max_walk_in_meters`` away. ``calibration`` are factors a market's own times ask for.
    """
    return RoadTravel(
        network=network,
        snapper=Snapper(
            network=network, max_meters=max_snap_meters, max_walk_in_meters=max_walk_in_meters
        ),
        engines=Engines(network=network, wanted=engine, calibration=calibration),
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

    def snap(self, points: LonLat) -> Snapped:
        """Where points (n, 2) join the network."""
        return self.snapper.snap(points)

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
        start = _Places.of(self.snapper, as_lonlat(sources))
        end = _Places.of(self.snapper, as_lonlat(targets))
        graph, engine = self.engines.ready(period, work=len(start.lonlat))
        labels = source_labels(graph, start.snapped)
        search = engine.towards(graph, target_labels(self.network, graph, end.snapped))
        step = rows or max(1, CELLS_AT_ONCE // max(1, len(end.lonlat)))
        for begin in range(0, len(start.lonlat), step):
            part = slice(begin, min(begin + step, len(start.lonlat)))
            packed = search(labels.rows(part.start, part.stop))
            yield _matrix(graph, packed, start.take(part), end, _source(period))

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
                    f"They lie {snapped.meters[0]:.0f} m and {snapped.meters[1]:.0f} m from the "
                    f"nearest road; the limit is {self.snapper.max_meters:.0f} m.",
                ],
            )
        return described(self.snapper, drive, ends, snapped)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Places:
    """Places, where they join, and their coordinates as one number each."""

    lonlat: LonLat
    snapped: Snapped
    spot: NDArray[np.complex128] = field(repr=False)

    @classmethod
    def of(cls, snapper: Snapper, lonlat: LonLat) -> "_Places":
        return cls(lonlat=lonlat, snapped=snapper.snap(lonlat), spot=lonlat @ np.array([1, 1j]))

    def take(self, rows: slice) -> "_Places":
        return _Places(
            lonlat=self.lonlat[rows], snapped=self.snapped.take(rows), spot=self.spot[rows]
        )


def _matrix(
    graph: TurnGraph, packed: Packed, start: _Places, end: _Places, source: Source
) -> TravelMatrix:
    """Whole seconds and metres of packed weights that as yet know no straight drives."""
    row, column, _, straight = along_one_road(graph, start.snapped, end.snapped)
    np.minimum.at(packed, (row, column), straight)
    is_never = packed >= NEVER
    is_same = start.spot[:, None] == end.spot[None, :]
    whole = []
    for value, stub in zip(unpack(packed), ("stub_deciseconds", "stub_decimeters"), strict=True):
        value += getattr(start.snapped, stub)[:, None] + getattr(end.snapped, stub)[None, :]
        rounded = np.minimum((value + 9) // 10, UNREACHABLE - 1).astype(np.int32)
        rounded[is_never] = UNREACHABLE
        rounded[is_same] = 0
        whole.append(rounded)
    return TravelMatrix(seconds=whole[0], meters=whole[1], source=source)


def _source(period: str | None) -> Source:
    return "road" if period is None else "road+time-of-day"


def _pair(point: NDArray[np.float64]) -> tuple[float, float]:
    return float(point[0]), float(point[1])
