"""Travel times from an OSRM server somebody runs (its HTTP API, version 1)."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.travel.periods import known_period
from data.travel.servers.blocks import (
    MAX_SNAP_METERS,
    Cells,
    Spans,
    as_pair,
    checked,
    gather,
    joined,
    list_of,
    no_way,
    part,
    table,
    whole,
)
from data.travel.servers.http import Limits, Server, allowed_server
from data.travel.servers.steps import osrm_steps
from territory.errors import InputError
from territory.geo import LonLat, as_lonlat
from territory.travel import Leg, Mode, Source, TravelMatrix

TABLE_LIMIT = 100
"""Places in one table question that every OSRM server takes unless told otherwise."""

PROFILES: Mapping[Mode, str] = {"car": "driving", "foot": "walking", "bicycle": "cycling"}
NO_WAY_CODES = ("NoRoute", "NoSegment")


def osrm_travel(
    url: str,
    *,
    allowed: Collection[str],
    mode: Mode = "car",
    table_limit: int = TABLE_LIMIT,
    max_snap_meters: float = MAX_SNAP_METERS,
    limits: Limits | None = None,
) -> "OsrmTravel":
    """Travel times on an OSRM server at an address whose host is on the allow-list.

    ``table_limit`` is the server's own ``--max-table-size``: no question names more places.

    Raises
    ------
    InputError
        If the address is not plain http or https, or its host is not allowed.
    """
    if table_limit < 2:
        raise InputError(f"A table limit of {table_limit} places leaves no pair to ask for.")
    return OsrmTravel(
        server=allowed_server(url, allowed, limits=limits),
        mode=mode,
        table_limit=table_limit,
        max_snap_meters=max_snap_meters,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OsrmTravel:
    """``territory.travel.TravelTimes`` as an OSRM server tells them.

    It has one time of day: every known period gets its times, under the source "road". They are
    taken as they are, rounded up to whole seconds; the way off the road is not added. Places it
    joins to a road further away than ``max_snap_meters`` are ``UNREACHABLE``.
    """

    server: Server
    mode: Mode
    table_limit: int
    max_snap_meters: float

    @property
    def source(self) -> Source:
        return "road"

    def block(self, sources: LonLat, targets: LonLat, *, period: str | None = None) -> TravelMatrix:
        """Seconds and metres from each source to each target, asked in blocks.

        Raises
        ------
        MissingPart
            If the server is not there or its answer cannot be used.
        """
        known_period(period)
        half = self.table_limit // 2
        return gather(sources, targets, Spans(sources=half, targets=half), self._ask)

    def legs(self, points: LonLat, *, period: str | None = None) -> tuple[Leg, ...]:
        """The drives along a sequence of points, each asked for by itself.

        One question per drive keeps each the same as in ``block``: a drive through several places
        would have to leave every place the way it arrived.

        Raises
        ------
        Infeasible
            If a point cannot be reached from the one before.
        MissingPart
            If the server is not there or its answer cannot be used.
        """
        known_period(period)
        return tuple(self._leg(start, end) for start, end in pairwise(as_lonlat(points)))

    def travel_hash(self, points: LonLat) -> str:
        """A hash over what is known to decide the travel times: the server and the points."""
        digest = hashlib.sha256(
            f"osrm{self.server.url}{self.mode}{self.max_snap_meters!r}".encode()
        )
        digest.update(np.ascontiguousarray(as_lonlat(points)).tobytes())
        return digest.hexdigest()

    def _ask(self, start: LonLat, end: LonLat) -> Cells | None:
        answer = self._answer("table", np.concatenate([start, end]), _table_options(start, end))
        if answer is None:
            return None
        shape = (len(start), len(end))
        seconds = table(self.server, answer.get("durations"), shape, "durations")
        meters = table(self.server, answer.get("distances"), shape, "distances")
        seconds[self._is_far(answer.get("sources"), len(start)), :] = np.nan
        seconds[:, self._is_far(answer.get("destinations"), len(end))] = np.nan
        return seconds, meters

    def _is_far(self, raw: object, count: int) -> NDArray[np.bool_]:
        """Which places the server joined to a road beyond the limit."""
        joined = [
            checked(self.server, part(self.server, place).get("distance"), "the way to the road")
            for place in list_of(self.server, raw, count, "the list of places")
        ]
        return np.asarray(joined) > self.max_snap_meters

    def _leg(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> Leg:
        here, there = as_pair(start), as_pair(end)
        if here == there:
            return Leg(seconds=0, meters=0, lonlat=(here, there))
        options = "overview=false&steps=true&geometries=geojson"
        answer = self._answer("route", np.stack([start, end]), options)
        if answer is None or self._is_far(answer.get("waypoints"), 2).any():
            raise no_way(start, end, self.server)
        routes = answer.get("routes")
        route = part(self.server, routes[0] if isinstance(routes, list) and routes else None)
        leg = part(self.server, list_of(self.server, route.get("legs"), 1, "legs")[0])
        line, steps = osrm_steps(self.server, leg.get("steps"))
        return Leg(
            seconds=whole(checked(self.server, leg.get("duration"), "the leg")),
            meters=whole(checked(self.server, leg.get("distance"), "the leg")),
            lonlat=joined(here, line, there),
            steps=steps,
        )

    def _answer(self, service: str, points: LonLat, options: str) -> Mapping[str, Any] | None:
        """The answer to one question, None if the server knows no road or way for it."""
        places = ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in points)
        path = f"/{service}/v1/{PROFILES[self.mode]}/{places}?{options}"
        answer = part(self.server, self.server.ask(path))
        code = answer.get("code")
        if code == "Ok":
            return answer
        if code in NO_WAY_CODES:
            return None
        raise self.server.unfit(f"its code is {str(code)[:40]!r}{_advice(code)}")


def _table_options(start: LonLat, end: LonLat) -> str:
    rows = ";".join(str(place) for place in range(len(start)))
    columns = ";".join(str(place) for place in range(len(start), len(start) + len(end)))
    return f"sources={rows}&destinations={columns}&annotations=duration,distance"


def _advice(code: object) -> str:
    return "; lower the table limit to its --max-table-size" if code == "TooBig" else ""
