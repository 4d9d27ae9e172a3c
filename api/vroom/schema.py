"""VROOM's JSON as models: what a request may hold, and what every answer is validated against.

Fields and defaults are those of VROOM's API page (1.15). Unknown keys of a request are passed over,
as VROOM does; an answer has no key that is not here.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Whole = Annotated[int, Field(ge=0, lt=1 << 48)]
Position = Annotated[
    tuple[float, float],
    Field(description="lon, lat"),
]
Window = tuple[Whole, Whole]
Amount = Annotated[tuple[Whole, ...], Field(max_length=20)]
Skills = Annotated[frozenset[Whole], Field(max_length=1_000)]
Durations = Annotated[dict[str, Whole], Field(max_length=1_000)]
Windows = Annotated[tuple[Window, ...], Field(min_length=1, max_length=1_000)]
Name = Annotated[str, Field(max_length=2_000)]


class _In(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, data: Any) -> Any:
        # Clients send null for what they leave out.
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


class _Placed(_In):
    location: Position | None = None
    location_index: Whole | None = None
    description: Name | None = None
    setup: Whole = 0
    service: Whole = 0
    setup_per_type: Durations = Field(default_factory=dict)
    service_per_type: Durations = Field(default_factory=dict)
    time_windows: Windows | None = None


class JobIn(_Placed):
    """A place to visit. ``amount`` is the old name of ``delivery``."""

    id: Whole
    delivery: Amount | None = None
    pickup: Amount | None = None
    amount: Amount | None = None
    skills: Skills = frozenset()
    priority: int = Field(default=0, ge=0, le=100)


class ShipmentStepIn(_Placed):
    """One end of a shipment."""

    id: Whole


class ShipmentIn(_In):
    """What is picked up at one place and delivered at another, on one route."""

    pickup: ShipmentStepIn
    delivery: ShipmentStepIn
    amount: Amount | None = None
    skills: Skills = frozenset()
    priority: int = Field(default=0, ge=0, le=100)


class BreakIn(_In):
    """A break of a vehicle."""

    id: Whole
    description: Name | None = None
    service: Whole = 0
    time_windows: Windows | None = None
    max_load: Amount | None = None


class CostsIn(_In):
    """Prices of a vehicle."""

    fixed: Whole = 0
    per_hour: Whole = 3600
    per_task_hour: Whole = 0
    per_km: Whole = 0


class VehicleStepIn(_In):
    """A step of a route that is given: to begin the search from, or to time (option ``c``)."""

    type: Literal["start", "job", "pickup", "delivery", "break", "end"]
    id: Whole | None = None
    service_at: Whole | None = None
    service_after: Whole | None = None
    service_before: Whole | None = None


class VehicleIn(_In):
    """A vehicle."""

    id: Whole
    profile: Name = "car"
    description: Name | None = None
    start: Position | None = None
    start_index: Whole | None = None
    end: Position | None = None
    end_index: Whole | None = None
    capacity: Amount | None = None
    costs: CostsIn = CostsIn()
    skills: Skills = frozenset()
    type: Name = ""
    time_window: Window | None = None
    breaks: tuple[BreakIn, ...] = ()
    speed_factor: float = Field(default=1.0, gt=0, le=5)
    max_tasks: Whole | None = None
    max_travel_time: Whole | None = None
    max_distance: Whole | None = None
    steps: tuple[VehicleStepIn, ...] | None = None


Matrix = tuple[tuple[Whole, ...], ...]


class MatricesIn(_In):
    """One profile's matrices."""

    durations: Matrix | None = None
    distances: Matrix | None = None
    costs: Matrix | None = None


class OptionsIn(_In):
    """vroom-express's options: geometry, threads, exploration, limit of seconds, plan mode.

    ``seed`` and ``market`` are ours: the market whose roads are asked.
    """

    g: bool = False
    t: int = Field(default=2, ge=1, le=32)
    x: int = Field(default=5, ge=0, le=5)
    l: float | None = Field(default=None, gt=0, le=86_400)  # noqa: E741  # VROOM's name
    c: bool = False
    seed: int = Field(default=1, ge=0, le=2**31 - 1)
    market: Name | None = None


class VroomRequest(_In):
    """A whole request. ``matrix`` is the old form of the car's durations."""

    jobs: tuple[JobIn, ...] = ()
    shipments: tuple[ShipmentIn, ...] = ()
    vehicles: tuple[VehicleIn, ...] = Field(min_length=1)
    matrices: dict[str, MatricesIn] | None = None
    matrix: Matrix | None = None
    options: OptionsIn = OptionsIn()


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ViolationOut(_Out):
    """A rule that a given route breaks (plan mode only)."""

    cause: Literal[
        "delay",
        "lead_time",
        "load",
        "max_tasks",
        "skills",
        "precedence",
        "missing_break",
        "max_travel_time",
        "max_distance",
        "max_load",
    ]
    duration: int | None = None


class StepOut(_Out):
    """A step of a route. ``job`` repeats the id of a job, as VROOM did."""

    type: Literal["start", "job", "pickup", "delivery", "break", "end"]
    arrival: int
    duration: int
    setup: int
    service: int
    waiting_time: int
    violations: list[ViolationOut]
    description: str | None = None
    location: tuple[float, float] | None = None
    location_index: int | None = None
    id: int | None = None
    job: int | None = None
    load: list[int] | None = None
    distance: int | None = None


class RouteOut(_Out):
    """A used vehicle's route."""

    vehicle: int
    steps: list[StepOut]
    cost: int
    setup: int
    service: int
    duration: int
    waiting_time: int
    priority: int
    violations: list[ViolationOut]
    delivery: list[int] | None = None
    pickup: list[int] | None = None
    amount: list[int] | None = None
    description: str | None = None
    geometry: str | None = None
    distance: int | None = None


class TimesOut(_Out):
    """Milliseconds spent."""

    loading: int
    solving: int
    routing: int


class SummaryOut(_Out):
    """Sums over the routes."""

    cost: int
    routes: int
    unassigned: int
    setup: int
    service: int
    duration: int
    waiting_time: int
    priority: int
    violations: list[ViolationOut]
    delivery: list[int] | None = None
    pickup: list[int] | None = None
    amount: list[int] | None = None
    distance: int | None = None
    computing_times: TimesOut


class UnassignedOut(_Out):
    """A task left out. ``reason``, ``detail`` and ``fits_if`` are ours."""

    id: int
    type: Literal["job", "pickup", "delivery"]
    location: tuple[float, float] | None = None
    location_index: int | None = None
    description: str | None = None
    reason: str
    detail: str
    fits_if: str


class VroomAnswer(_Out):
    """A whole answer; ``travel_source`` is ours: given, road or estimated."""

    code: Literal[0]
    summary: SummaryOut
    unassigned: list[UnassignedOut]
    routes: list[RouteOut]
    travel_source: Literal["given", "road", "estimated"]
    stopped_by: Literal["finished", "work", "clock", "cancelled"]


class VroomRefusal(_Out):
    """An answer in VROOM's shape that is no plan: 1 internal, 2 input, 3 routing, 4 too large."""

    code: Literal[1, 2, 3, 4]
    error: str


class VroomQueued(_Out):
    """A request that is being worked on: ask ``status_url`` for its answer."""

    id: str
    status: Literal["running"]
    status_url: str
