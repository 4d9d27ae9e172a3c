"""Travel of a VROOM request: matrices that are given, else a market's roads, else an estimate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from api.vroom.errors import RoutingError, refuse
from api.vroom.schema import MatricesIn, VroomRequest
from territory.errors import FieldwrightError
from territory.fleet import FleetTravel
from territory.travel import UNREACHABLE, Mode, TravelTimes

if TYPE_CHECKING:
    from territory.geo import LonLat

TravelBy = Callable[[Mode], TravelTimes]
GivenSource = Literal["given", "road", "estimated"]

_MODES: tuple[tuple[str, Mode], ...] = (
    ("car", "car"),
    ("driving", "car"),
    ("truck", "car"),
    ("foot", "foot"),
    ("walk", "foot"),
    ("pedestrian", "foot"),
    ("bike", "bicycle"),
    ("bicycle", "bicycle"),
    ("cycling", "bicycle"),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RequestTravel:
    """All profiles' matrices over the places of a request, and where they come from."""

    profiles: tuple[FleetTravel, ...]
    source: GivenSource
    has_meters: bool


def mode_of(profile: str) -> Mode:
    """The way of moving a profile's name means.

    Raises
    ------
    InputError
        If it means none of ours.
    """
    lower = profile.lower()
    for word, mode in _MODES:
        if lower.startswith(word):
            return mode
    raise refuse(
        f"Invalid profile: {profile!r}.",
        "Use car, foot or bicycle (openrouteservice's names will do), or give its matrix.",
    )


def given_matrices(request: VroomRequest) -> dict[str, MatricesIn] | None:
    """The matrices in a request; the old ``matrix`` holds for every profile."""
    if request.matrices:
        return dict(request.matrices)
    if request.matrix is not None:
        only = MatricesIn(durations=request.matrix)
        return {vehicle.profile: only for vehicle in request.vehicles}
    return None


def given_travel(request: VroomRequest, matrices: dict[str, MatricesIn]) -> RequestTravel:
    """Travel of the matrices in a request."""
    profiles: list[FleetTravel] = []
    for name in dict.fromkeys(vehicle.profile for vehicle in request.vehicles):
        if name not in matrices:
            raise refuse(f"Invalid profile: {name!r}.", f"Matrices are given for {list(matrices)}.")
        one = matrices[name]
        durations = one.durations or one.costs
        if durations is None:
            raise refuse(f"Missing durations for profile {name!r}.")
        seconds = _square(durations, name, "durations")
        profiles.append(
            FleetTravel(
                profile=name,
                seconds=np.where(seconds >= 2**32 - 1, UNREACHABLE, seconds),
                meters=None if one.distances is None else _square(one.distances, name, "distances"),
                costs=None if one.costs is None else _square(one.costs, name, "costs"),
            )
        )
    sizes = {len(travel.seconds) for travel in profiles}
    sizes |= {len(travel.meters) for travel in profiles if travel.meters is not None}
    sizes |= {len(travel.costs) for travel in profiles if travel.costs is not None}
    if len(sizes) > 1:
        raise refuse(f"Inconsistent matrix sizes: {sorted(sizes)}.")
    return RequestTravel(
        profiles=tuple(profiles),
        source="given",
        has_meters=all(travel.meters is not None for travel in profiles),
    )


def _square(rows: Sequence[Sequence[int]], profile: str, kind: str) -> NDArray[np.int64]:
    widths = {len(row) for row in rows}
    if widths != {len(rows)}:
        raise refuse(
            f"The {kind} of profile {profile!r} are not square: {len(rows)} rows, "
            f"columns {sorted(widths)}."
        )
    return np.array(rows, dtype=np.int64)


def asked_travel(request: VroomRequest, points: "LonLat", travel_by: TravelBy) -> RequestTravel:
    """Travel between coordinates, asked of a market's roads or estimated.

    Raises
    ------
    RoutingError
        If the roads cannot be asked.
    """
    profiles: list[FleetTravel] = []
    sources: set[GivenSource] = set()
    for name in dict.fromkeys(vehicle.profile for vehicle in request.vehicles):
        mode = mode_of(name)
        try:
            travel = travel_by(mode)
            matrix = travel.block(points, points)
        except FieldwrightError as error:
            raise RoutingError(str(error)) from error
        sources.add("estimated" if matrix.source == "estimated" else "road")
        profiles.append(
            FleetTravel(
                profile=name,
                seconds=matrix.seconds.astype(np.int64),
                meters=matrix.meters.astype(np.int64),
            )
        )
    return RequestTravel(
        profiles=tuple(profiles),
        source="estimated" if "estimated" in sources else "road",
        has_meters=True,
    )
