"""A fleet problem in VROOM's terms: tasks, vehicles, travel between places; and its plan.

The rules, for judge and solver alike. Times are whole seconds on one axis of the asker's choosing
(of the day or of the epoch), windows hold both of their ends.

- A used vehicle leaves its start (if it has one) at or after its window's start and is at its end
  (if it has one, else done with its last task) by its window's end. A vehicle without tasks stays.
- A leg lasts the profile's seconds divided by the vehicle's speed factor (in whole hundredths),
  rounded to whole seconds, halves up. A task starts within one of its windows, after arrival;
  set-up, unless the place before (start or task) is the same, and service follow at once and may
  end after the window.
- Breaks are taken in the order given, each once, each starting within one of its windows with a
  load within its limit; a break may interrupt a drive or lie in waiting, never a task.
- Deliveries of jobs are loaded at the start, pickups of jobs stay on board to the end; a shipment
  is on board from its pickup to its delivery, both on one route in this order. No load exceeds the
  capacity anywhere.
- A vehicle has every skill of its tasks; it makes at most ``max_tasks`` tasks, travels at most
  ``max_travel_seconds`` and ``max_distance_meters``.
- Sought is first the largest sum of priorities served, then the most tasks, then the least cost:
  of each used vehicle its fixed cost, its hours of travel and of tasks (set-up and service) and its
  kilometres at their prices; with a matrix of costs, its entries in place of hours and kilometres
  of travel.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from territory.travel import UNREACHABLE

TaskKind = Literal["job", "pickup", "delivery"]
StepKind = Literal["start", "job", "pickup", "delivery", "break", "end"]
Span = tuple[int, int]

ALWAYS: Span = (0, 1 << 50)
"""A window without limits."""

FleetReason = Literal[
    "skill_mismatch",
    "capacity_exceeded",
    "unreachable_island",
    "no_opening_hours_in_window",
    "too_far_for_day",
    "capacity_day_full",
    "lower_value_than_kept",
    "manual_exclude",
    "solver_time_limit",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetTask:
    """A job, or one half of a shipment. ``place`` is a row of the travel matrices.

    ``setup_of_type`` and ``service_of_type`` overrule the durations for vehicles of a type.
    ``mate`` is the position of the other half of a shipment among the tasks. A pickup and its
    delivery carry the shipment's amount in ``pickup`` and ``delivery``, and both its priority.
    """

    kind: TaskKind
    task_id: int
    place: int
    setup_seconds: int = 0
    service_seconds: int = 0
    setup_of_type: tuple[tuple[str, int], ...] = ()
    service_of_type: tuple[tuple[str, int], ...] = ()
    windows: tuple[Span, ...] = (ALWAYS,)
    pickup: tuple[int, ...] = ()
    delivery: tuple[int, ...] = ()
    skills: frozenset[int] = frozenset()
    priority: int = 0
    mate: int | None = None

    def __post_init__(self) -> None:
        if (self.mate is None) != (self.kind == "job"):
            raise ValueError(f"{self.kind} {self.task_id}: a shipment has two halves, a job none")
        if not self.windows:
            raise ValueError(f"{self.kind} {self.task_id}: no window")

    def setup_for(self, vehicle_type: str) -> int:
        """Set-up by a vehicle of this type."""
        return dict(self.setup_of_type).get(vehicle_type, self.setup_seconds)

    def service_for(self, vehicle_type: str) -> int:
        """Service by a vehicle of this type."""
        return dict(self.service_of_type).get(vehicle_type, self.service_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetBreak:
    """A break; ``max_load`` is the most that may be on board then, () for no limit."""

    break_id: int
    service_seconds: int = 0
    windows: tuple[Span, ...] = (ALWAYS,)
    max_load: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetCosts:
    """Prices of a vehicle: once, per hour of travel, per hour of tasks, per kilometre."""

    fixed: int = 0
    per_hour: int = 3600
    per_task_hour: int = 0
    per_km: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetVehicle:
    """A vehicle. ``start`` and ``end`` are rows of the matrices, None for an open route.

    ``first_tasks`` are tasks, by position, of a route to begin the search from.
    """

    vehicle_id: int
    profile: str
    start: int | None = None
    end: int | None = None
    vehicle_type: str = ""
    capacity: tuple[int, ...] = ()
    skills: frozenset[int] = frozenset()
    window: Span = ALWAYS
    breaks: tuple[FleetBreak, ...] = ()
    costs: FleetCosts = FleetCosts()
    speed_factor: float = 1.0
    max_tasks: int | None = None
    max_travel_seconds: int | None = None
    max_distance_meters: int | None = None
    first_tasks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FleetTravel:
    """One profile's square matrices over all places. ``UNREACHABLE`` where there is no way.

    ``meters`` is None where distances are not known; ``costs`` None where hours and kilometres are
    priced.
    """

    profile: str
    seconds: NDArray[np.int64]
    meters: NDArray[np.int64] | None = None
    costs: NDArray[np.int64] | None = None

    def seconds_at(self, speed_factor: float) -> NDArray[np.int64]:
        """The legs of a vehicle of this speed; ``UNREACHABLE`` stays."""
        hundredths = round(100 * speed_factor)
        scaled = (200 * self.seconds + hundredths) // (2 * hundredths)
        return np.where(self.seconds >= UNREACHABLE, self.seconds, scaled)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FleetProblem:
    """What is to be planned; ``dimensions`` is the length of every amount."""

    tasks: tuple[FleetTask, ...]
    vehicles: tuple[FleetVehicle, ...]
    travel: tuple[FleetTravel, ...]
    dimensions: int = 0

    def travel_of(self, vehicle: FleetVehicle) -> FleetTravel:
        """The matrices of a vehicle's profile."""
        return next(one for one in self.travel if one.profile == vehicle.profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetStep:
    """One step of a route. ``row`` is a task of the problem, or a break of the vehicle.

    ``travelled_seconds`` and ``travelled_meters`` are those since the start; ``load`` is on board
    after the step. ``setup`` and ``service`` follow ``arrive + waiting``.
    """

    kind: StepKind
    row: int
    arrive_seconds: int
    waiting_seconds: int = 0
    setup_seconds: int = 0
    service_seconds: int = 0
    travelled_seconds: int = 0
    travelled_meters: int = 0
    load: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRoute:
    """A used vehicle's steps, start and end among them where it has them. ``cost`` is rounded."""

    vehicle: int
    steps: tuple[FleetStep, ...]
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetUnserved:
    """A task left out, by position; both halves of a shipment are listed."""

    task: int
    reason: FleetReason
    detail: str
    fits_if: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """Routes of the used vehicles, and what is left out with its reason."""

    routes: tuple[FleetRoute, ...]
    unserved: tuple[FleetUnserved, ...]
