"""Who may go where: access words, barriers and gates as OpenStreetMap tags them.

Meanings follow the OpenStreetMap wiki (Key:access, Key:barrier): the most particular key speaks,
motorcar before motor_vehicle before vehicle before access. Access that holds at certain hours only
(``access:conditional``) is not read but counted; what is said for all hours counts.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from territory.travel import Mode

Tags = Mapping[str, str]
Word = Literal["", "open", "local", "closed"]


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


_WORDS: Final[Mapping[str, Word]] = MappingProxyType(
    {
        **dict.fromkeys(("yes", "designated", "permissive", "official", "public", "hov"), "open"),
        **dict.fromkeys(("destination", "customers", "delivery", "visitors"), "local"),
        **dict.fromkeys(
            words(
                "no private agricultural forestry agricultural;forestry military emergency psv bus "
                "taxi permit residents restricted use_sidepath dismount"
            ),
            "closed",
        ),
    }
)
MODE_KEYS: Final[Mapping[Mode, tuple[str, ...]]] = MappingProxyType(
    {
        "car": ("motorcar", "motor_vehicle", "vehicle", "access"),
        "foot": ("foot", "access"),
        "bicycle": ("bicycle", "vehicle", "access"),
    }
)
_CLOSING_BARRIERS: Final[Mapping[Mode, frozenset[str]]] = MappingProxyType(
    {
        "car": words(
            "block bollard bus_trap cable_barrier chain cycle_barrier debris ditch fence "
            "full-height_turnstile guard_rail handrail hedge horse_stile jersey_barrier "
            "kissing_gate log motorcycle_barrier planter retaining_wall rope spikes stile "
            "sump_buster turnstile wall yes"
        ),
        "foot": frozenset(["fence", "wall", "debris", "hedge", "retaining_wall", "guard_rail"]),
        "bicycle": words(
            "fence wall debris hedge retaining_wall guard_rail stile kissing_gate "
            "full-height_turnstile turnstile horse_stile"
        ),
    }
)
GATES: Final = words("gate lift_gate swing_gate sliding_gate sliding_beam hampshire_gate bump_gate")


def access(tags: Tags, mode: Mode) -> Word:
    """What the most particular key says of a mode; "" if none says anything known."""
    for key in MODE_KEYS[mode]:
        word = tags.get(key)
        if word is not None:
            return _WORDS.get(word, "")
    return ""


def is_said_for(tags: Tags, mode: Mode) -> bool:
    """Whether a key other than the general ``access`` opens this to the mode."""
    return any(_WORDS.get(tags.get(key, "")) in ("open", "local") for key in MODE_KEYS[mode][:-1])


def has_hours(tags: Tags, mode: Mode) -> bool:
    """Whether access changes by the hour, which is not read."""
    return any(f"{key}:conditional" in tags for key in MODE_KEYS[mode])


def closes(tags: Tags, mode: Mode) -> bool:
    """Whether a node with these tags (a bollard, a private gate) stops ``mode``."""
    barrier = tags.get("barrier", "")
    if not barrier or barrier == "no":
        return False
    said = access(tags, mode)
    if said in ("open", "local"):
        return False
    if said == "closed" or (barrier in GATES and tags.get("locked") == "yes"):
        return True
    if tags.get("bollard") == "rising" or tags.get("kerb") in ("lowered", "flush"):
        return False
    return barrier in _CLOSING_BARRIERS[mode]
