"""Travel times from a Valhalla server somebody runs (its HTTP API)."""

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
from data.travel.servers.steps import Line, valhalla_steps
from territory.errors import InputError
from territory.geo import LonLat, as_lonlat
from territory.travel import Leg, Mode, Source, TravelMatrix

PAIR_LIMIT = 2_500
"""Pairs in one matrix question that every Valhalla server takes unless told otherwise."""

COSTINGS: Mapping[Mode, str] = {"car": "auto", "foot": "pedestrian", "bicycle": "bicycle"}
NO_WAY_CODES = frozenset({154, 170, 171, 441, 442, 443})
"""Error codes that mean "too far", "not joined", "no road near" or "no path"."""


def valhalla_travel(
    url: str,
    *,
    allowed: Collection[str],
    mode: Mode = "car",
    pair_limit: int = PAIR_LIMIT,
    max_snap_meters: float = MAX_SNAP_METERS,
    limits: Limits | None = None,
) -> "ValhallaTravel":
    """Travel times on a Valhalla server at an address whose host is on the allow-list.

    ``pair_limit`` is the server's own ``max_matrix_location_pairs``.

    Raises
    ------
    InputError
        If the address is not plain http or https, or its host is not allowed.
    """
    if pair_limit < 1:
        raise InputError(f"A limit of {pair_limit} pairs leaves nothing to ask for.")
    return ValhallaTravel(
        server=allowed_server(url, allowed, limits=limits),
        mode=mode,
        pair_limit=pair_limit,
        max_snap_meters=max_snap_meters,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ValhallaTravel:
    """``territory.travel.TravelTimes`` as a Valhalla server tells them.

    It has one time of day: every known period gets its times, under the source "road". They are
    taken as they are, in whole seconds, and its lengths are good to a metre. Places further than
    ``max_snap_meters`` from a road are ``UNREACHABLE``.
    """

    server: Server
    mode: Mode
    pair_limit: int
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
        side = int(self.pair_limit**0.5)
        return gather(sources, targets, Spans(sources=side, targets=side), self._ask)

    def legs(self, points: LonLat, *, period: str | None = None) -> tuple[Leg, ...]:
        """The drives along a sequence of points, each asked for by itself.

        Valhalla reckons routes apart from tables: on Malta's roads a drive was mostly 1 s off its
        cell in ``block``, once 11 s and 17 m.

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
            f"valhalla{self.server.url}{self.mode}{self.max_snap_meters!r}".encode()
        )
        digest.update(np.ascontiguousarray(as_lonlat(points)).tobytes())
        return digest.hexdigest()

    def _ask(self, start: LonLat, end: LonLat) -> Cells | None:
        question = {"sources": self._places(start), "targets": self._places(end)}
        answer = self._answer("sources_to_targets", question)
        if answer is None:
            return None
        shape = (len(start), len(end))
        raw = list_of(self.server, answer.get("sources_to_targets"), shape[0], "the matrix")
        rows = [list_of(self.server, row, shape[1], "a row") for row in raw]
        seconds = [[self._said(cell, "time") for cell in row] for row in rows]
        lengths = [[self._said(cell, "distance") for cell in row] for row in rows]
        kilometers = table(self.server, lengths, shape, "distances")
        return table(self.server, seconds, shape, "times"), _meters(kilometers)

    def _said(self, cell: object, what: str) -> object:
        """A cell's number or null; a cell that says neither is no cell."""
        said = part(self.server, cell)
        if what not in said:
            raise self.server.unfit(f"a cell says no {what}")
        return said[what]

    def _leg(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> Leg:
        here, there = as_pair(start), as_pair(end)
        if here == there:
            return Leg(seconds=0, meters=0, lonlat=(here, there))
        answer = self._answer("route", {"locations": self._places(np.stack([start, end]))})
        if answer is None:
            raise no_way(start, end, self.server)
        trip = part(self.server, answer.get("trip"))
        leg = part(self.server, list_of(self.server, trip.get("legs"), 1, "legs")[0])
        summary = part(self.server, leg.get("summary"))
        line = decoded(self.server, leg.get("shape"))
        length = checked(self.server, summary.get("length"), "the leg")
        return Leg(
            seconds=whole(checked(self.server, summary.get("time"), "the leg")),
            meters=whole(float(_meters(np.asarray(length)))),
            lonlat=joined(here, line, there),
            steps=valhalla_steps(self.server, leg.get("maneuvers"), line),
        )

    def _places(self, points: LonLat) -> list[dict[str, float]]:
        return [
            {"lon": float(lon), "lat": float(lat), "search_cutoff": self.max_snap_meters}
            for lon, lat in points
        ]

    def _answer(self, service: str, question: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The answer to one question, None if the server knows no road or way for it."""
        body = {**question, "costing": COSTINGS[self.mode], "units": "kilometers"}
        answer = part(self.server, self.server.ask(f"/{service}", body=body))
        code = answer.get("error_code")
        if code is None:
            return answer
        if code in NO_WAY_CODES:
            return None
        said = str(answer.get("error"))[:80]
        raise self.server.unfit(f"its error is {str(code)[:10]}, {said!r}")


def _meters(kilometers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres of kilometres told to a metre, without the dust of binary fractions."""
    return np.asarray(np.round(kilometers * 1000, 1), dtype=np.float64)


def decoded(server: Server, raw: object) -> Line:
    """A line in Google's polyline coding with six digits, as lon, lat pairs.

    Raises
    ------
    MissingPart
        If it is no such text or leaves the globe.
    """
    if not isinstance(raw, str) or not raw.isascii():
        raise server.unfit("the line is no text")
    deltas = _deltas(server, raw)
    if not deltas or len(deltas) % 2:
        raise server.unfit("the line breaks off")
    steps = np.asarray(deltas, dtype=np.float64).reshape(-1, 2)
    latlon = steps.cumsum(axis=0) / 1e6
    if (np.abs(latlon) > (90, 180)).any():
        raise server.unfit("the line leaves the globe")
    return tuple((float(lon), float(lat)) for lat, lon in latlon)


def _deltas(server: Server, raw: str) -> list[int]:
    """The signed steps in a polyline: five bits a letter, the sign in the lowest bit."""
    deltas = []
    value = shift = 0
    for letter in raw:
        bits = ord(letter) - 63
        if not 0 <= bits < 64 or shift > 30:
            raise server.unfit("the line is not coded as it should be")
        value |= (bits & 31) << shift
        shift += 5
        if bits < 32:
            deltas.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    if shift:
        raise server.unfit("the line breaks off")
    return deltas
