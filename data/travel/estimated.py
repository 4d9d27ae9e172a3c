"""Travel times where no roads are given: the straight line, a detour, a speed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np

from data.travel.periods import NIGHT_FACTOR, PEAK_OTHER, PERIODS
from territory.errors import Fault, InputError
from territory.geo import LonLat, as_lonlat, haversine_meters
from territory.travel import UNREACHABLE, Leg, Mode, Nearest, Source, TravelMatrix

DETOUR_FACTOR: Final = 1.3
"""Roads are about 1.3 times the straight line (Boscoe et al. 2012 find 1.4 in the United States,
Ballou et al. 2002 1.2 to 1.5 by country)."""

CELLS_AT_ONCE: Final = 1_000_000
"""Pairs looked at together when only the nearest are asked for."""

ESTIMATED_KMH: Final[Mapping[Mode, float]] = MappingProxyType(
    {"car": 30.0, "bicycle": 14.0, "foot": 4.8}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedTravel:
    """``territory.travel.TravelTimes`` without roads: every pair is reachable."""

    mode: Mode
    detour_factor: float = DETOUR_FACTOR

    @property
    def source(self) -> Source:
        return "estimated"

    def seconds_per_meter(self, period: str | None = None) -> float:
        """Seconds for each metre of the straight line."""
        speed = ESTIMATED_KMH[self.mode] / 3.6
        return self.detour_factor / speed * _factor(self.mode, period)

    def block(self, sources: LonLat, targets: LonLat, *, period: str | None = None) -> TravelMatrix:
        """Seconds and metres, both rounded up, between places (n, 2) and (m, 2)."""
        straight = haversine_meters(as_lonlat(sources), as_lonlat(targets))
        meters = straight * self.detour_factor
        seconds = straight * self.seconds_per_meter(period)
        limit = UNREACHABLE - 1
        return TravelMatrix(
            seconds=np.minimum(np.ceil(seconds), limit).astype(np.int32),
            meters=np.minimum(np.ceil(meters), limit).astype(np.int32),
            source="estimated",
        )

    def nearest(
        self,
        sources: LonLat,
        targets: LonLat,
        count: int,
        *,
        limit_seconds: float | None = None,
        period: str | None = None,
    ) -> Nearest:
        """The ``count`` quickest targets of each source, the quickest first, within a limit."""
        if count < 1:
            raise InputError(f"The nearest {count} places cannot be found; ask for 1 or more.")
        start, end = as_lonlat(sources), as_lonlat(targets)
        index = np.full((len(start), count), -1, dtype=np.int32)
        seconds = np.full((len(start), count), UNREACHABLE, dtype=np.int32)
        meters = seconds.copy()
        limit = UNREACHABLE if limit_seconds is None else limit_seconds
        step = max(1, CELLS_AT_ONCE // max(1, len(end)))
        for begin in range(0, len(start), step):
            part = self.block(start[begin : begin + step], end, period=period)
            order = np.lexsort((part.meters, part.seconds), axis=1)[:, :count]
            quick, far = (np.take_along_axis(x, order, 1) for x in (part.seconds, part.meters))
            cells = (slice(begin, begin + len(order)), slice(0, order.shape[1]))
            is_in = quick <= limit
            index[cells] = np.where(is_in, order, -1)
            seconds[cells] = np.where(is_in, quick, UNREACHABLE)
            meters[cells] = np.where(is_in, far, UNREACHABLE)
        return Nearest(index=index, seconds=seconds, meters=meters, source="estimated")

    def legs(self, points: LonLat, *, period: str | None = None) -> tuple[Leg, ...]:
        """The straight lines along a sequence of points, timed as in ``block``."""
        lonlat = as_lonlat(points)
        legs = []
        for start, end in pairwise(lonlat):
            cell = self.block(start, end, period=period)
            line = ((float(start[0]), float(start[1])), (float(end[0]), float(end[1])))
            legs.append(
                Leg(seconds=int(cell.seconds[0, 0]), meters=int(cell.meters[0, 0]), lonlat=line)
            )
        return tuple(legs)

    def travel_hash(self, points: LonLat) -> str:
        """A hash over everything that decides the travel times between these points."""
        digest = hashlib.sha256(f"estimated{self.mode}{self.detour_factor!r}".encode())
        digest.update(np.ascontiguousarray(as_lonlat(points)).tobytes())
        return digest.hexdigest()


def estimated_travel(mode: Mode, *, detour_factor: float = DETOUR_FACTOR) -> EstimatedTravel:
    """Travel times by straight line and detour, for a market without roads."""
    if not detour_factor >= 1:
        raise InputError(f"A detour factor of {detour_factor!r} is shorter than a straight line.")
    return EstimatedTravel(mode=mode, detour_factor=detour_factor)


def _factor(mode: Mode, period: str | None) -> float:
    if period is not None and period not in PERIODS:
        fault = Fault(column="period", value=period, expected=f"one of {', '.join(PERIODS)}")
        raise InputError("This time of day is unknown.", [fault])
    if mode != "car":
        return 1.0
    return {"peak": PEAK_OTHER, "night": NIGHT_FACTOR}.get(period or "", 1.0)
