"""Routes drawn up elsewhere: their order is kept, their times are chosen (VROOM's plan mode).

The rules, for judge and solver alike, beside those of ``territory.fleet``, whose windows, loads,
skills and limits may be broken here and are told instead:

- Steps come in the order given. A drive lasts as long as it does, breaks may interrupt it, tasks
  and breaks last as long as they need: nobody is in two places. A wish (``at``, ``after``,
  ``before``) binds the second at which a step begins.
- A step is as many seconds beside its windows as its begin is from the nearest one: ``lead_time``
  where that one opens later, else ``delay``. The start and the end of a route have the vehicle's
  window; where it is open, the begin of the first step and the end of the last have it, and that is
  told of the route alone.
- Sought is first the least sum of these seconds, then the shortest time from start to end, then
  the earliest begins.
- Told of a step: a load beyond capacity (``load``), a skill that is missing (``skills``), a task
  beyond their number (``max_tasks``), a delivery with no pickup before it on the route or a pickup
  with no delivery after it (``precedence``), travel or metres beyond their limit by then
  (``max_travel_time``, ``max_distance``), a break with too much on board (``max_load``). Of a
  route: each cause of its steps once, seconds summed, and breaks it never takes
  (``missing_break``).
"""

from dataclasses import dataclass
from typing import Literal

from territory.fleet import FleetRoute, StepKind

Cause = Literal[
    "lead_time",
    "delay",
    "load",
    "skills",
    "max_tasks",
    "precedence",
    "max_travel_time",
    "max_distance",
    "max_load",
    "missing_break",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenStep:
    """A step as given. ``row`` is a task of the problem or a break of the vehicle."""

    kind: StepKind
    row: int = 0
    at_seconds: int | None = None
    after_seconds: int | None = None
    before_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRoute:
    """The steps given for a vehicle (by position), start and end exactly where it has them."""

    vehicle: int
    steps: tuple[GivenStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A rule that is broken; ``seconds`` for ``lead_time`` and ``delay`` alone."""

    cause: Cause
    seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedRoute:
    """A given route with its times: what each of its steps breaks, and what the whole does."""

    route: FleetRoute
    of_steps: tuple[tuple[Breach, ...], ...]
    of_route: tuple[Breach, ...]
