"""How fast a way is driven: its limit, its class, and what its surface allows.

Tag meanings follow the OpenStreetMap wiki (Key:maxspeed, Key:source:maxspeed, Key:surface,
Key:tracktype, Key:smoothness); what a surface allows is of the order of OSRM's car profile.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from data.roads.countries import MILE, UNLIMITED_KMH, WALK_KMH, Limits, limits_of
from data.roads.profile import FOOT_KMH, STEPS_KMH, Profile

Tags = Mapping[str, str]

_NUMBER: Final = re.compile(r"^(\d+(?:\.\d+)?)\s*(mph|knots|km/h|kmh|kph)?$")
_PLACED: Final = re.compile(r"^(?:([a-z]{2})(?:[-_][a-z]+)?:)?([a-z_]*?)(\d+)?$")
_UNIT_KMH: Final[Mapping[str, float]] = MappingProxyType({"mph": MILE, "knots": 1.852})
_SAID_BY: Final = ("maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic")
"""Keys that name the rule behind a limit, read where no limit is tagged itself."""

SURFACE_KMH: Final[Mapping[str, float]] = MappingProxyType(
    {
        "cement": 80, "compacted": 80, "fine_gravel": 80, "paving_stones": 60, "metal": 60,
        "bricks": 60, "grass": 40, "wood": 40, "sett": 40, "grass_paver": 40, "gravel": 40,
        "unpaved": 40, "ground": 40, "dirt": 40, "pebblestone": 40, "cobblestone": 30,
        "unhewn_cobblestone": 20, "clay": 30, "earth": 20, "stone": 20, "rocky": 20, "sand": 20,
        "mud": 10, "ice": 20, "snow": 30,
    }
)  # fmt: skip
TRACKTYPE_KMH: Final[Mapping[str, float]] = MappingProxyType(
    {"grade1": 60, "grade2": 40, "grade3": 30, "grade4": 25, "grade5": 20}
)
SMOOTHNESS_KMH: Final[Mapping[str, float]] = MappingProxyType(
    {"intermediate": 80, "bad": 40, "very_bad": 20, "horrible": 10, "very_horrible": 5}
)
SERVICE_KMH: Final[Mapping[str, float]] = MappingProxyType(
    {"alley": 8, "driveway": 8, "parking_aisle": 6, "parking": 8}
)
SLOWEST_KMH: Final = 5.0
FASTEST_KMH: Final = 150.0
"""A tagged limit of more is a slip."""


def parse_kmh(text: str, limits: Limits | None = None) -> float | None:
    """A maxspeed value in km/h: "50", "30 mph", "RO:urban", "walk"; None if it says nothing.

    Of several values ("50;30", "50|30") the lowest counts; "none" is 130. What a bare "urban"
    means is told by ``limits``.
    """
    parts = text.lower().replace("|", ";").split(";")
    found = [value for part in parts if (value := _one_kmh(part.strip(), limits))]
    return min(found, default=None)


def _one_kmh(text: str, limits: Limits | None) -> float | None:
    match = _NUMBER.match(text)
    if match:
        return float(match[1]) * _UNIT_KMH.get(match[2] or "", 1.0)
    if text in ("none", "unlimited"):
        return UNLIMITED_KMH
    placed = _PLACED.match(text.replace("zone:", "zone"))
    if not placed:
        return None
    country, kind, number = placed[1] or "", str(placed[2]), placed[3]
    named = limits_of(country) if country or limits is None else limits
    return _implicit_kmh(country, kind, number, named)


def _implicit_kmh(country: str, kind: str, number: str | None, named: Limits) -> float | None:
    """What "pt:urban", "de:zone30" or "gb:nsl_single" stands for."""
    if number:
        if kind not in ("", "zone", "bicycle_road"):
            return None
        return float(number) * (MILE if country in ("gb", "uk", "us") else 1.0)
    known = {
        "walk": WALK_KMH,
        "living_street": named.living_street,
        "pedestrian_zone": WALK_KMH,
        "urban": named.urban,
        "rural": named.rural,
        "nsl_restricted": named.urban,
        "nsl_single": named.rural,
        "nsl_dual": named.trunk,
        "trunk": named.trunk,
        "expressway": named.trunk,
        "motorway": named.motorway,
        "bicycle_road": 30.0,
    }
    return known.get(kind)


def way_kmh(highway: str, tags: Tags, profile: Profile, direction: str) -> float:
    """How fast a way is driven in a direction ("forward" or "backward"), in km/h."""
    if profile.mode == "foot":
        return STEPS_KMH if highway == "steps" else FOOT_KMH
    driven = profile.class_kmh[highway]
    if profile.mode == "bicycle":
        return driven
    practical = tags.get("maxspeed:practical")
    told = parse_kmh(practical) if practical else None
    if told is None:
        limit = _limit_kmh(tags, profile, direction)
        driven = driven if limit is None else profile.limit_share * limit
        driven = min(driven, SERVICE_KMH.get(tags.get("service", ""), driven))
    else:
        driven = told
    return max(SLOWEST_KMH, min(driven, _surface_kmh(tags)))


def _limit_kmh(tags: Tags, profile: Profile, direction: str) -> float | None:
    for key in (f"maxspeed:{direction}", "maxspeed", f"maxspeed:lanes:{direction}"):
        text = tags.get(key)
        found = parse_kmh(text, profile.limits) if text else None
        if found is not None:
            return found
    lanes = tags.get("maxspeed:lanes")
    if lanes:
        shown = [parse_kmh(lane, profile.limits) for lane in lanes.split("|")]
        return max((kmh for kmh in shown if kmh), default=None)
    for key in _SAID_BY:
        text = tags.get(key)
        if text and ":" in text:
            return parse_kmh(text, profile.limits)
    return None


def _surface_kmh(tags: Tags) -> float:
    """The fastest that surface, tracktype and smoothness allow."""
    return min(
        SURFACE_KMH.get(tags.get("surface", ""), FASTEST_KMH),
        TRACKTYPE_KMH.get(tags.get("tracktype", ""), FASTEST_KMH),
        SMOOTHNESS_KMH.get(tags.get("smoothness", ""), FASTEST_KMH),
    )
