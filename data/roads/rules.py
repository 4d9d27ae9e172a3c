"""Which ways a mode may use, in which direction and how fast: the reading of OpenStreetMap tags.

Tag meanings follow the OpenStreetMap wiki (Key:access, Key:oneway, Key:junction, Tag:route=ferry).
"""

import re
from dataclasses import dataclass
from typing import Final

from data.roads.access import Tags, access, is_said_for, words
from data.roads.profile import Profile
from data.roads.speeds import way_kmh
from territory.travel import Mode

FERRY: Final = "ferry"
ROUND: Final = frozenset(["roundabout", "circular"])
_NOT_FOR_FEET: Final = words(
    "motorway motorway_link raceway construction proposed planned abandoned razed bus_guideway "
    "busway corridor elevator platform rest_area services no cycleway disused demolished "
    "escape emergency_bay street_lamp via_ferrata"
)
_PRIVATE_SERVICE: Final = words("private emergency_access drive-through drive-thru bus")
MINOR_SERVICE: Final = words("driveway parking_aisle")
"""Service roads that seldom lead anywhere else."""
_ASKS_LEAVE: Final = frozenset(["track"])
"""Classes a car may use only where the tags say so, as it may such service roads."""
_MINUTES: Final = re.compile(r"^\d{1,4}$")
_CLOCK: Final = re.compile(r"^(\d{1,3}):(\d\d)(?::(\d\d))?$")
_ISO: Final = re.compile(
    r"^P(?:(\d{1,2})D)?T?(?:(\d{1,3})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?$", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """How a mode may use a way of a class: each direction's speed in km/h, 0 where it may not.

    ``is_local``: open to residents and visitors, not to through traffic. A ferry takes ``seconds``
    where its tags say how long.
    """

    road_class: str
    forward_kmh: float
    backward_kmh: float
    is_local: bool = False
    seconds: float | None = None


def passage(tags: Tags, profile: Profile) -> Passage | None:
    """How ``profile`` may use a way with these tags, None if not at all."""
    highway = tags.get("highway", "")
    if not highway and tags.get("route") == FERRY:
        return _crossing(tags, profile)
    word = access(tags, profile.mode)
    if word == "closed" or not _is_kind_for(highway, tags, profile):
        return None
    forward, backward = _directions(highway, tags, profile.mode)
    if not (forward or backward):
        return None
    return Passage(
        road_class=highway,
        forward_kmh=way_kmh(highway, tags, profile, "forward") if forward else 0.0,
        backward_kmh=way_kmh(highway, tags, profile, "backward") if backward else 0.0,
        is_local=word == "local",
    )


def is_kept_out(tags: Tags, profile: Profile) -> bool:
    """Whether a way is of a kind the mode uses, but closed to it by its access tags."""
    highway = tags.get("highway", "")
    closed = access(tags, profile.mode) == "closed"
    return bool(highway) and closed and _is_kind_for(highway, tags, profile)


def parse_seconds(text: str) -> float | None:
    """A duration tag in seconds: "00:25", "1:30:00", "PT25M", "25" (minutes); None if unclear."""
    text = text.strip()
    if _MINUTES.match(text):
        return 60.0 * int(text) or None
    clock = _CLOCK.match(text)
    if clock:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return float(3600 * hours + 60 * minutes + seconds) or None
    iso = _ISO.match(text.upper())
    if iso:
        days, hours, minutes, seconds = (int(part or 0) for part in iso.groups())
        return float(86_400 * days + 3600 * hours + 60 * minutes + seconds) or None
    return None


def _crossing(tags: Tags, profile: Profile) -> Passage | None:
    """A ferry: for vehicles only where it says that it takes them."""
    if not profile.ferries or access(tags, profile.mode) == "closed":
        return None
    if profile.mode != "foot" and not is_said_for(tags, profile.mode):
        return None
    forward, backward = _directions(FERRY, tags, "car")
    if not (forward or backward):
        return None
    return Passage(
        road_class=FERRY,
        forward_kmh=profile.ferry_kmh if forward else 0.0,
        backward_kmh=profile.ferry_kmh if backward else 0.0,
        seconds=parse_seconds(tags.get("duration", "")),
    )


def _is_kind_for(highway: str, tags: Tags, profile: Profile) -> bool:
    """Whether the mode uses ways of this class, whoever owns them."""
    if tags.get("area") == "yes" or tags.get("impassable") == "yes":
        return False
    if tags.get("smoothness") == "impassable":
        return False
    mode = profile.mode
    if mode == "car":
        asks = highway in _ASKS_LEAVE or tags.get("service") in _PRIVATE_SERVICE
        return highway in profile.class_kmh and (not asks or is_said_for(tags, mode))
    said = access({mode: tags.get(mode, "")}, mode)
    if mode == "foot":
        if highway == "cycleway":
            return said in ("open", "local")
        return bool(highway) and highway not in _NOT_FOR_FEET
    if highway in ("footway", "pedestrian", "bridleway"):
        return said in ("open", "local")
    return highway in profile.class_kmh


def _directions(highway: str, tags: Tags, mode: Mode) -> tuple[bool, bool]:
    oneway = _oneway_word(tags, mode)
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
    if oneway in ("reversible", "alternating"):
        # A reversible lane changes through the day and is not to be relied on; traffic that
        # alternates at a narrow place may go both ways.
        return (False, False) if oneway == "reversible" else (True, True)
    implied = tags.get("junction") in ROUND or highway == "motorway"
    return True, oneway == "no" or not implied


def _oneway_word(tags: Tags, mode: Mode) -> str | None:
    """What is said of one-way for this mode in particular."""
    if mode == "car":
        return tags.get("oneway:motorcar") or tags.get("oneway:motor_vehicle")
    return tags.get(f"oneway:{mode}")


def _cycles_against(tags: Tags) -> bool:
    keys = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
    return any(tags.get(key, "").startswith("opposite") for key in keys)
