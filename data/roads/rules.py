"""Which ways a mode may use, in which direction and how fast: the reading of OpenStreetMap tags.

Tag meanings follow the OpenStreetMap wiki (Key:access, Key:oneway, Key:maxspeed, Key:junction).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from territory.travel import Mode

Tags = Mapping[str, str]

CAR_KMH: Final[Mapping[str, float]] = MappingProxyType(
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
    }
)
"""Driven, not permitted, speed per class where no maxspeed is tagged, before turns and signals:
the class speeds of OSRM's car profile (car.lua 26.10), the yardstick of benchmarks/calibrate.py."""

CAR_LIMIT_SHARE: Final = 0.8
"""Share of a tagged maxspeed that is driven on average (OSRM's car profile uses the same)."""

CAR_JUNCTION_FACTOR: Final = 1.0
"""Nothing: turns and signals are priced one by one. (It was 1.15 before they were.)"""

FOOT_KMH: Final = 5.0
STEPS_KMH: Final = 2.5

BICYCLE_KMH: Final[Mapping[str, float]] = MappingProxyType(
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
        "path": 11,
        "footway": 7,
        "pedestrian": 7,
    }
)

_NOT_FOR_FEET: Final = frozenset(
    [
        "motorway",
        "motorway_link",
        "raceway",
        "construction",
        "proposed",
        "planned",
        "abandoned",
        "razed",
        "bus_guideway",
        "busway",
        "corridor",
        "elevator",
        "platform",
        "rest_area",
        "services",
        "no",
        "cycleway",
    ]
)
_PRIVATE_SERVICE: Final = frozenset(
    ["driveway", "parking_aisle", "private", "emergency_access", "drive-through"]
)
_CLOSED: Final = frozenset(["no", "private", "agricultural", "forestry", "delivery", "military"])
_OPEN: Final = frozenset(
    ["yes", "designated", "permissive", "destination", "customers", "official"]
)
_CLOSING_BARRIERS: Final[Mapping[Mode, frozenset[str]]] = MappingProxyType(
    {
        "car": frozenset(
            [
                "block",
                "bollard",
                "bus_trap",
                "cycle_barrier",
                "debris",
                "fence",
                "full-height_turnstile",
                "horse_stile",
                "jersey_barrier",
                "kissing_gate",
                "log",
                "motorcycle_barrier",
                "planter",
                "spikes",
                "stile",
                "sump_buster",
                "turnstile",
                "wall",
                "chain",
            ]
        ),
        "foot": frozenset(["fence", "wall", "debris"]),
        "bicycle": frozenset(
            ["fence", "wall", "debris", "stile", "kissing_gate", "full-height_turnstile"]
        ),
    }
)
_MODE_KEYS: Final[Mapping[Mode, tuple[str, ...]]] = MappingProxyType(
    {
        "car": ("motorcar", "motor_vehicle", "vehicle", "access"),
        "foot": ("foot", "access"),
        "bicycle": ("bicycle", "vehicle", "access"),
    }
)
_IMPLICIT_KMH: Final[Mapping[str, float]] = MappingProxyType(
    {"walk": 6, "living_street": 10, "urban": 50, "rural": 90, "trunk": 100, "motorway": 120}
)
_NUMBER: Final = re.compile(r"^(\d+(?:\.\d+)?)\s*(mph|knots|km/h|kmh|kph)?$")
_UNIT_KMH: Final[Mapping[str, float]] = MappingProxyType({"mph": 1.609344, "knots": 1.852})


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """How a mode may use a way: each direction's speed in km/h, 0 where it may not."""

    forward_kmh: float
    backward_kmh: float


def passage(tags: Tags, mode: Mode) -> Passage | None:
    """How ``mode`` may use a way with these tags, None if not at all."""
    highway = tags.get("highway", "")
    if tags.get("area") == "yes" or not _may_enter(highway, tags, mode):
        return None
    speed = _speed_kmh(highway, tags, mode)
    forward, backward = _directions(highway, tags, mode)
    if not (forward or backward):
        return None
    return Passage(
        forward_kmh=speed("forward") if forward else 0.0,
        backward_kmh=speed("backward") if backward else 0.0,
    )


def closes(tags: Tags, mode: Mode) -> bool:
    """Whether a node with these tags (a bollard, a private gate) stops ``mode``."""
    said = _first_said(tags, mode)
    if said in _OPEN:
        return False
    barrier = tags.get("barrier", "")
    return bool(barrier) and (said in _CLOSED or barrier in _CLOSING_BARRIERS[mode])


def parse_kmh(text: str) -> float | None:
    """A maxspeed value in km/h: "50", "30 mph", "RO:urban", "walk"; None if it says nothing.

    Of several values ("50;30") the lowest counts; "none" is 130.
    """
    found = [value for part in text.lower().split(";") if (value := _one_kmh(part.strip()))]
    return min(found, default=None)


def _one_kmh(text: str) -> float | None:
    if text == "none":
        return 130.0
    match = _NUMBER.match(text)
    if match:
        return float(match[1]) * _UNIT_KMH.get(match[2] or "", 1.0)
    zone = text.rsplit(":", 1)[-1].removeprefix("zone")
    return _IMPLICIT_KMH.get(zone) or (float(zone) if zone.isdigit() else None)


def _first_said(tags: Tags, mode: Mode) -> str:
    """The most particular access word for a mode, "" if none is said."""
    return next((tags[key] for key in _MODE_KEYS[mode] if key in tags), "")


def _may_enter(highway: str, tags: Tags, mode: Mode) -> bool:
    said = _first_said(tags, mode)
    if said in _CLOSED:
        return False
    if mode == "car":
        return highway in CAR_KMH and tags.get("service") not in _PRIVATE_SERVICE
    particular = tags.get(mode, "")
    if mode == "foot":
        if highway == "cycleway":
            return particular in _OPEN
        return bool(highway) and highway not in _NOT_FOR_FEET
    if highway in ("footway", "pedestrian", "path"):
        return particular in _OPEN or (highway == "path" and particular != "no")
    return highway in BICYCLE_KMH and particular not in ("no", "dismount", "use_sidepath")


def _speed_kmh(highway: str, tags: Tags, mode: Mode) -> "_Speed":
    if mode == "foot":
        return _Speed(STEPS_KMH if highway == "steps" else FOOT_KMH, tags={}, factor=1.0)
    if mode == "bicycle":
        return _Speed(BICYCLE_KMH[highway], tags={}, factor=1.0)
    factor = 1.0 if highway.startswith("motorway") else CAR_JUNCTION_FACTOR
    return _Speed(CAR_KMH[highway], tags=tags, factor=factor)


@dataclass(frozen=True, slots=True)
class _Speed:
    """The speed of each direction; a tagged limit speaks before the class."""

    class_kmh: float
    tags: Tags
    factor: float

    def __call__(self, direction: str) -> float:
        text = self.tags.get(f"maxspeed:{direction}") or self.tags.get("maxspeed", "")
        limit = parse_kmh(text) if text else None
        driven = self.class_kmh if limit is None else max(5.0, CAR_LIMIT_SHARE * limit)
        return driven / self.factor


def _directions(highway: str, tags: Tags, mode: Mode) -> tuple[bool, bool]:
    oneway = tags.get(f"oneway:{mode}") if mode != "car" else tags.get("oneway:motor_vehicle")
    if oneway is None:
        if mode == "foot":
            return True, True
        if mode == "bicycle" and _cycles_against(tags):
            return True, True
        oneway = tags.get("oneway")
    if oneway in ("yes", "true", "1"):
        return True, False
    if oneway in ("-1", "reverse"):
        return False, True
    if oneway == "reversible":
        return False, False  # changes through the day: not to be relied on
    implied = tags.get("junction") in ("roundabout", "circular") or highway == "motorway"
    return True, oneway == "no" or not implied


def _cycles_against(tags: Tags) -> bool:
    lanes = (tags.get(key, "") for key in ("cycleway", "cycleway:left", "cycleway:both"))
    return any(lane.startswith("opposite") for lane in lanes)
