"""How a mode drives: speeds per road class, and what turns, signals, gates and ferries cost.

Every constant that calibration may move stands here. Turn costs follow the shape of OSRM's car
profile, against which they are measured (``docs/benchmarks.md``).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data.roads.countries import LEFT_HAND, Limits, limits_of
from territory.travel import Mode

BEARING_METERS: Final = 15.0
"""A road's direction at a junction is taken over this much of it, not over one tiny step."""

SIGNAL_REACH_METERS: Final = 30.0
"""Signals closer than this along a road belong to one junction and are waited at once."""


def _frozen(table: Mapping[str, float]) -> Mapping[str, float]:
    return MappingProxyType(dict(table))


CAR_KMH: Final = _frozen(
    {
        "motorway": 90,
        "motorway_link": 45,
        "trunk": 85,
        "trunk_link": 40,
        "primary": 65,
        "primary_link": 30,
        "secondary": 55,
        "secondary_link": 25,
        "tertiary": 40,
        "tertiary_link": 20,
        "unclassified": 25,
        "residential": 25,
        "road": 25,
        "living_street": 10,
        "service": 15,
        "track": 15,
    }
)
"""Driven, not permitted, speed per class where no maxspeed is tagged: what is left of the usual
European limits after ordinary traffic (of the order of OSRM's car profile)."""

BICYCLE_KMH: Final = _frozen(
    {
        "cycleway": 17,
        "primary": 16,
        "primary_link": 16,
        "secondary": 16,
        "secondary_link": 16,
        "tertiary": 16,
        "tertiary_link": 16,
        "unclassified": 16,
        "residential": 15,
        "road": 14,
        "living_street": 11,
        "service": 13,
        "track": 11,
        "bridleway": 8,
        "path": 11,
        "footway": 7,
        "pedestrian": 7,
    }
)
FOOT_KMH: Final = 5.0
STEPS_KMH: Final = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a drive costs.

    ``class_kmh`` is the speed of a road class without a tagged limit (empty on foot), and
    ``limit_share`` the share of a tagged limit that is driven. A turn by an angle costs
    ``turn_seconds`` x a logistic curve of the angle, half of it at ``half_angle_degrees``. To the
    far side (left where one drives on the right), across what comes towards one, it costs
    ``far_side_factor`` times as much, half of it at ``far_half_angle_degrees``.
    ``signal_seconds`` is paid at each signal passed, ``stop_seconds``, ``give_way_seconds`` (mini
    roundabouts too), ``gate_seconds`` and ``toll_seconds`` likewise. Whoever drives through a road
    that is open to its residents and visitors only pays ``through_seconds``, half on entering and
    half on leaving it.

    Ferries are used only if ``ferries``; ``boarding_seconds`` are paid on boarding one, and
    ``ferry_kmh`` is its speed where no duration is tagged.
    """

    mode: Mode
    country: str = ""
    class_kmh: Mapping[str, float] = field(default_factory=dict)
    limit_share: float = 1.0
    turn_seconds: float = 0.0
    half_angle_degrees: float = 90.0
    far_half_angle_degrees: float = 90.0
    angle_scale_degrees: float = 13.85
    far_side_factor: float = 1.0
    u_turn_seconds: float = 0.0
    signal_seconds: float = 0.0
    stop_seconds: float = 0.0
    give_way_seconds: float = 0.0
    gate_seconds: float = 0.0
    toll_seconds: float = 0.0
    through_seconds: float = 0.0
    ferries: bool = False
    ferry_kmh: float = 15.0
    boarding_seconds: float = 600.0

    @property
    def drives_on_left(self) -> bool:
        return self.country.upper() in LEFT_HAND

    @property
    def limits(self) -> Limits:
        """The country's limits where no figure is tagged."""
        return limits_of(self.country)

    @property
    def fingerprint(self) -> str:
        """Equal exactly for equal profiles: 16 hexadecimal digits over everything in it."""
        said = {name: getattr(self, name) for name in self.__dataclass_fields__}
        said["class_kmh"] = sorted(self.class_kmh.items())
        return hashlib.sha256(repr(sorted(said.items())).encode()).hexdigest()[:16]

    def seconds_of_turn(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        """What turning by these angles costs, any shape: 0 is straight on, above 0 to the right."""
        is_far = degrees > 0 if self.drives_on_left else degrees < 0
        half = np.where(is_far, self.far_half_angle_degrees, self.half_angle_degrees)
        share = 1 / (1 + np.exp(-(np.abs(degrees) - half) / self.angle_scale_degrees))
        side = np.where(is_far, self.far_side_factor, 1.0)
        return np.asarray(self.turn_seconds * share * side, dtype=np.float64)


_COSTS: Final[Mapping[Mode, Mapping[str, Any]]] = MappingProxyType(
    {
        "car": {
            "class_kmh": CAR_KMH,
            "limit_share": 0.8,
            "turn_seconds": 7.5,
            "half_angle_degrees": 104.0,
            "far_half_angle_degrees": 71.5,
            "far_side_factor": 1.26,
            "u_turn_seconds": 20.0,
            "signal_seconds": 2.0,
            "stop_seconds": 2.0,
            "give_way_seconds": 1.0,
            "gate_seconds": 60.0,
            "toll_seconds": 15.0,
            "through_seconds": 60.0,
        },
        "bicycle": {
            "class_kmh": BICYCLE_KMH,
            "turn_seconds": 4.0,
            "u_turn_seconds": 8.0,
            "signal_seconds": 2.0,
            "stop_seconds": 1.0,
            "gate_seconds": 5.0,
            "through_seconds": 0.0,
        },
        "foot": {},
    }
)
"""The car's are facts of OSRM's car profile (car.lua 26.10): turn penalty 7.5 s with bias 1.075 and
2 s across oncoming traffic, written as one curve per side (0.33 s off at most); U-turn 20 s, signal
and stop 2 s, give way 1 s, gate 60 s. Tolls and driving through local roads are our own."""

_LIMITED_BY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "motorway": "motorway",
        "trunk": "trunk",
        "primary": "rural",
        "secondary": "rural",
        "living_street": "living_street",
    }
)
"""Classes whose speed is no more than the driven share of a country's limit of this name."""


def profile_for(mode: Mode, country: str = "", *, ferries: bool = False) -> Profile:
    """The profile of a mode, in a country (ISO 3166-1 alpha-2) where it is known.

    A country gives the side that is driven on, what "urban" or "rural" means in its tags, and caps
    class speeds at the driven share of its limits.
    """
    profile = Profile(mode=mode, country=country.upper(), ferries=ferries, **_COSTS[mode])
    if mode != "car" or not country:
        return profile
    capped = {
        road: min(kmh, max(10.0, profile.limit_share * profile.limits.of(_LIMITED_BY[road])))
        if road in _LIMITED_BY
        else kmh
        for road, kmh in profile.class_kmh.items()
    }
    return Profile(
        mode=mode,
        country=country.upper(),
        ferries=ferries,
        **{**_COSTS[mode], "class_kmh": _frozen(capped)},
    )
