"""Directions in words: what a person reads at each step of a drive."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from territory.travel import Manoeuvre, Step

ARROWS: Final[Mapping[Manoeuvre, str]] = MappingProxyType(
    {
        "depart": "●",
        "continue": "↑",
        "slight left": "↖",
        "left": "←",
        "sharp left": "↙",
        "slight right": "↗",
        "right": "→",
        "sharp right": "↘",
        "U-turn": "↶",
        "roundabout": "↻",
        "ferry": "⛴",
        "arrive": "■",
    }
)
"""One sign for each manoeuvre, never the only word on it."""

_WORDS: Final[Mapping[Manoeuvre, str]] = MappingProxyType(
    {
        "depart": "Start",
        "continue": "Continue",
        "slight left": "Bear left",
        "left": "Turn left",
        "sharp left": "Turn sharp left",
        "slight right": "Bear right",
        "right": "Turn right",
        "sharp right": "Turn sharp right",
        "U-turn": "Make a U-turn",
        "roundabout": "Take the roundabout",
        "ferry": "Take the ferry",
        "arrive": "Arrive",
    }
)
_INTO: Final = frozenset(
    {
        "slight left",
        "left",
        "sharp left",
        "slight right",
        "right",
        "sharp right",
        "roundabout",
    }
)


def instruction(step: Step) -> str:
    """What to do, in words: "Turn left into Rua do Amial"; the street as the map spells it."""
    said = _WORDS[step.manoeuvre]
    if step.manoeuvre == "roundabout" and step.exit_number is not None:
        said = f"Take exit {step.exit_number} of the roundabout"
    if not step.street or step.manoeuvre == "arrive":
        return said
    return f"{said} {'into' if step.manoeuvre in _INTO else 'on'} {step.street}"


def distance(meters: int) -> str:
    """A length as a driver reads it: 40 m, 260 m, 1.4 km."""
    if meters < 95:
        return f"{meters} m"
    if meters < 950:
        return f"{round(meters, -1)} m"
    return f"{meters / 1000:.1f} km"
