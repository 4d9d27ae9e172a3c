"""A VROOM request as a fleet problem."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from api.vroom.errors import TooLarge, refuse
from api.vroom.schema import (
    BreakIn,
    JobIn,
    ShipmentIn,
    ShipmentStepIn,
    VehicleIn,
    VroomRequest,
)
from api.vroom.travel import RequestTravel, TravelBy, asked_travel, given_matrices, given_travel
from territory.fleet import (
    ALWAYS,
    FleetBreak,
    FleetCosts,
    FleetProblem,
    FleetTask,
    FleetVehicle,
    Span,
    TaskKind,
)
from territory.geo import as_lonlat

Coordinates = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadRequest:
    """A request made ready. ``lonlat`` are the coordinates of the places that have any."""

    request: VroomRequest
    problem: FleetProblem
    travel: RequestTravel
    descriptions: tuple[str | None, ...]
    locations: tuple[Coordinates | None, ...]
    indices: tuple[int | None, ...]
    lonlat: Mapping[int, Coordinates]
    has_amounts: bool


@dataclass(slots=True)
class _Places:
    """Rows of the matrices: indices as given, or coordinates in order of first mention."""

    limit: int | None
    rows: dict[Coordinates, int] = field(default_factory=dict)
    lonlat: dict[int, Coordinates] = field(default_factory=dict)

    def row(self, index: int | None, at: Coordinates | None, what: str) -> int:
        if self.limit is not None:
            if index is None:
                raise refuse(f"Missing location index for {what}.")
            if index >= self.limit:
                raise refuse(
                    f"Location index {index} of {what} exceeds the matrix of size {self.limit}."
                )
            if at is not None:
                self.lonlat[index] = at
            return index
        if at is None:
            raise refuse(f"Missing coordinates for {what}.")
        if not (-180 <= at[0] <= 180 and -90 <= at[1] <= 90):
            raise refuse(f"Invalid coordinates for {what}: {list(at)} is not lon, lat.")
        row = self.rows.setdefault(at, len(self.rows))
        self.lonlat[row] = at
        return row


def read_request(
    request: VroomRequest, travel_by: TravelBy, *, max_locations: int, max_vehicles: int
) -> ReadRequest:
    """The problem of a request, with travel from its matrices or asked of ``travel_by``.

    Raises
    ------
    InputError
        If ids repeat, a place is not known, a window is turned round or amounts differ in length.
    TooLarge
        If it has more tasks or vehicles than are taken.
    RoutingError
        If travel times cannot be had.
    """
    _refuse_size(request, max_locations, max_vehicles)
    _refuse_repeated(request)
    matrices = given_matrices(request)
    given = None if matrices is None else given_travel(request, matrices)
    places = _Places(None if given is None else len(given.profiles[0].seconds))
    dimensions = _dimensions(request)
    tasks, steps = _tasks(request, places, dimensions)
    rows: dict[tuple[str, int], int] = {
        (task.kind, task.task_id): row for row, task in enumerate(tasks)
    }
    vehicles = tuple(
        _vehicle(vehicle, places, dimensions, rows, given) for vehicle in request.vehicles
    )
    points = as_lonlat(list(places.rows))
    travel = given or asked_travel(request, points, travel_by)
    return ReadRequest(
        request=request,
        problem=FleetProblem(
            tasks=tuple(tasks), vehicles=vehicles, travel=travel.profiles, dimensions=dimensions
        ),
        travel=travel,
        descriptions=tuple(step.description for step in steps),
        locations=tuple(step.location for step in steps),
        indices=tuple(step.location_index for step in steps),
        lonlat=places.lonlat,
        has_amounts=dimensions > 0,
    )


def _refuse_size(request: VroomRequest, max_locations: int, max_vehicles: int) -> None:
    locations = len(request.jobs) + 2 * len(request.shipments)
    for count, most, what in (
        (locations, max_locations, "locations"),
        (len(request.vehicles), max_vehicles, "vehicles"),
    ):
        if count > most:
            raise TooLarge(f"Too many {what} ({count}) in query, maximum is set to {most}")


def _refuse_repeated(request: VroomRequest) -> None:
    groups: Mapping[str, Iterable[int]] = {
        "job": (job.id for job in request.jobs),
        "pickup": (one.pickup.id for one in request.shipments),
        "delivery": (one.delivery.id for one in request.shipments),
        "vehicle": (vehicle.id for vehicle in request.vehicles),
    }
    for what, ids in groups.items():
        for found, count in Counter(ids).items():
            if count > 1:
                raise refuse(f"Duplicate {what} id: {found}.")
    for vehicle in request.vehicles:
        if len({pause.id for pause in vehicle.breaks}) < len(vehicle.breaks):
            raise refuse(f"Duplicate break id for vehicle {vehicle.id}.")


def _dimensions(request: VroomRequest) -> int:
    """The length that all amounts share; those of capacity too."""
    amounts = {
        f"job {job.id}": amount
        for job in request.jobs
        for amount in (job.delivery or job.amount, job.pickup)
        if amount
    }
    amounts |= {
        f"shipment of pickup {s.pickup.id}": s.amount for s in request.shipments if s.amount
    }
    amounts |= {f"vehicle {v.id}": v.capacity for v in request.vehicles if v.capacity}
    size = max((len(amount) for amount in amounts.values()), default=0)
    for what, amount in amounts.items():
        if len(amount) != size:
            raise refuse(f"Inconsistent amount length for {what}: {len(amount)} instead of {size}.")
    if any(not what.startswith("vehicle") for what in amounts):
        for vehicle in request.vehicles:
            if not vehicle.capacity:
                raise refuse(
                    f"Inconsistent capacity length: 0 for vehicle {vehicle.id}, not {size}."
                )
    return size


def _windows(windows: Sequence[Span] | None, what: str) -> tuple[Span, ...]:
    for start, end in windows or ():
        if start > end:
            raise refuse(f"Invalid time window for {what}: [{start}, {end}] ends before it starts.")
    return tuple(sorted(windows)) if windows else (ALWAYS,)


def _tasks(
    request: VroomRequest, places: _Places, dimensions: int
) -> tuple[list[FleetTask], list[JobIn | ShipmentStepIn]]:
    tasks: list[FleetTask] = []
    steps: list[JobIn | ShipmentStepIn] = []
    for job in request.jobs:
        steps.append(job)
        tasks.append(
            _task(
                "job",
                job,
                places,
                pickup=job.pickup or (0,) * dimensions,
                delivery=job.delivery or job.amount or (0,) * dimensions,
                skills=job.skills,
                priority=job.priority,
                mate=None,
            )
        )
    for shipment in request.shipments:
        for kind, step, mate in _halves(shipment, len(tasks)):
            amount = shipment.amount or (0,) * dimensions
            none = (0,) * dimensions
            steps.append(step)
            tasks.append(
                _task(
                    kind,
                    step,
                    places,
                    pickup=amount if kind == "pickup" else none,
                    delivery=amount if kind == "delivery" else none,
                    skills=shipment.skills,
                    priority=shipment.priority,
                    mate=mate,
                )
            )
    return tasks, steps


def _halves(shipment: ShipmentIn, row: int) -> Iterable[tuple[TaskKind, ShipmentStepIn, int]]:
    yield "pickup", shipment.pickup, row + 1
    yield "delivery", shipment.delivery, row


def _task(
    kind: TaskKind,
    step: JobIn | ShipmentStepIn,
    places: _Places,
    *,
    pickup: tuple[int, ...],
    delivery: tuple[int, ...],
    skills: frozenset[int],
    priority: int,
    mate: int | None,
) -> FleetTask:
    what = f"{kind} {step.id}"
    return FleetTask(
        kind=kind,
        task_id=step.id,
        place=places.row(step.location_index, step.location, what),
        setup_seconds=step.setup,
        service_seconds=step.service,
        setup_of_type=tuple(sorted(step.setup_per_type.items())),
        service_of_type=tuple(sorted(step.service_per_type.items())),
        windows=_windows(step.time_windows, what),
        pickup=pickup,
        delivery=delivery,
        skills=skills,
        priority=priority,
        mate=mate,
    )


def _vehicle(
    vehicle: VehicleIn,
    places: _Places,
    dimensions: int,
    rows: Mapping[tuple[str, int], int],
    given: RequestTravel | None,
) -> FleetVehicle:
    what = f"vehicle {vehicle.id}"
    ends = [
        None if index is None and at is None else places.row(index, at, f"{side} of {what}")
        for side, index, at in (
            ("start", vehicle.start_index, vehicle.start),
            ("end", vehicle.end_index, vehicle.end),
        )
    ]
    if ends == [None, None]:
        raise refuse(f"No start or end specified for {what}.")
    _refuse_priced_twice(vehicle, given)
    costs = vehicle.costs
    return FleetVehicle(
        vehicle_id=vehicle.id,
        profile=vehicle.profile,
        start=ends[0],
        end=ends[1],
        vehicle_type=vehicle.type,
        capacity=vehicle.capacity or (),
        skills=vehicle.skills,
        window=_windows(None if vehicle.time_window is None else [vehicle.time_window], what)[0],
        breaks=_breaks(vehicle, dimensions),
        costs=FleetCosts(
            fixed=costs.fixed,
            per_hour=costs.per_hour,
            per_task_hour=costs.per_task_hour,
            per_km=costs.per_km,
        ),
        speed_factor=round(vehicle.speed_factor, 2) or 0.01,
        max_tasks=vehicle.max_tasks,
        max_travel_seconds=vehicle.max_travel_time,
        max_distance_meters=_max_distance(vehicle, given),
        first_tasks=_first_tasks(vehicle, rows),
    )


def _refuse_priced_twice(vehicle: VehicleIn, given: RequestTravel | None) -> None:
    if given is None:
        return
    travel = next(one for one in given.profiles if one.profile == vehicle.profile)
    prices = vehicle.costs
    if travel.costs is not None and (prices.per_hour != 3600 or prices.per_km != 0):
        raise refuse(f"Custom costs are incompatible with per_hour or per_km of {vehicle.id}.")
    if prices.per_km and travel.meters is None:
        raise refuse(f"Missing distances matrix for the per_km cost of vehicle {vehicle.id}.")


def _max_distance(vehicle: VehicleIn, given: RequestTravel | None) -> int | None:
    if vehicle.max_distance is None or given is None:
        return vehicle.max_distance
    travel = next(one for one in given.profiles if one.profile == vehicle.profile)
    if travel.meters is None:
        raise refuse(f"Missing distances matrix for max_distance of vehicle {vehicle.id}.")
    return vehicle.max_distance


def _breaks(vehicle: VehicleIn, dimensions: int) -> tuple[FleetBreak, ...]:
    pauses = sorted(vehicle.breaks, key=lambda pause: (_first(pause), pause.id))
    for pause in pauses:
        if pause.max_load is not None and len(pause.max_load) != dimensions:
            raise refuse(
                f"Inconsistent max_load length for break {pause.id} of vehicle {vehicle.id}: "
                f"{len(pause.max_load)} instead of {dimensions}."
            )
    return tuple(
        FleetBreak(
            break_id=pause.id,
            service_seconds=pause.service,
            windows=_windows(pause.time_windows, f"break {pause.id} of vehicle {vehicle.id}"),
            max_load=pause.max_load or (),
        )
        for pause in pauses
    )


def _first(pause: BreakIn) -> Span:
    windows = _windows(pause.time_windows, f"break {pause.id}")
    return windows[0][0], windows[-1][1]


def _first_tasks(vehicle: VehicleIn, rows: Mapping[tuple[str, int], int]) -> tuple[int, ...]:
    """The tasks of the steps given for a vehicle."""
    tasks: list[int] = []
    for step in vehicle.steps or ():
        if step.type in ("start", "end"):
            continue
        if step.id is None:
            raise refuse(f"Missing id for a {step.type} step of vehicle {vehicle.id}.")
        if step.type == "break":
            if step.id not in {pause.id for pause in vehicle.breaks}:
                raise refuse(f"Invalid break id {step.id} in steps of vehicle {vehicle.id}.")
            continue
        row = rows.get((step.type, step.id))
        if row is None:
            raise refuse(f"Invalid {step.type} id {step.id} in steps of vehicle {vehicle.id}.")
        tasks.append(row)
    return tuple(tasks)
