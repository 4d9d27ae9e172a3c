"""Turn-by-turn steps as a sheet shows them: a sign, the words, the length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from territory.directions import distance, instruction
from territory.travel import Manoeuvre, Step

_ARROW: Final = "M10 18V3M4.5 8.5 10 3l5.5 5.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A sign as SVG path data in a square of 20, turned clockwise by some degrees."""

    path: str
    degrees: int = 0


SIGNS: Final[Mapping[Manoeuvre, Sign]] = MappingProxyType(
    {
        "depart": Sign(path="M10 6a4 4 0 1 0 .01 0Z"),
        "continue": Sign(path=_ARROW),
        "slight right": Sign(path=_ARROW, degrees=40),
        "right": Sign(path=_ARROW, degrees=90),
        "sharp right": Sign(path=_ARROW, degrees=135),
        "slight left": Sign(path=_ARROW, degrees=-40),
        "left": Sign(path=_ARROW, degrees=-90),
        "sharp left": Sign(path=_ARROW, degrees=-135),
        "U-turn": Sign(path="M14 18V8a4 4 0 0 0-8 0v8M2.5 12.5 6 16l3.5-3.5"),
        "roundabout": Sign(path="M10 3a7 7 0 1 1-6.6 4.7M3 3v5h5"),
        "ferry": Sign(path="M3 12h14l-2.5 5h-9ZM6 12V7h8v5M10 7V3"),
        "arrive": Sign(path="M5 18V3h10l-3 4 3 4H5"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One step on paper."""

    sign: Sign
    text: str
    length: str


def step_lines(steps: Sequence[Step]) -> tuple[StepLine, ...]:
    """Steps in order; a step of no length (an arrival) shows none."""
    return tuple(
        StepLine(
            sign=SIGNS[step.manoeuvre],
            text=instruction(step),
            length=distance(step.meters) if step.meters else "",
        )
        for step in steps
    )
