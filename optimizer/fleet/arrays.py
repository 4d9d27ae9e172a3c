"""A fleet problem as arrays: what the compiled search reads."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from territory.fleet import ALWAYS, FleetProblem, FleetVehicle, Span
from territory.travel import UNREACHABLE

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NO_WAY = 1 << 40
COST_UNIT = 18_000
"""One unit of cost is so many of the search's: seconds at x an hour are 5 x, metres 18 x."""
UNLIMITED = 1 << 50
NEAREST_KEPT = 100


class Fleet(NamedTuple):
    """Arrays over n tasks, m vehicles, q classes of travel, l places, d dimensions of load.

    ``seconds`` and ``leg_cost`` are (q, l, l), ``meters`` (q, l, l) zero where not known.
    ``setup``, ``service`` and ``allowed`` are (m, n). ``change`` (n, d) is what a task adds to the
    load, ``brought`` (n, d) what is on board from the start for it. ``mate`` is -1 for jobs.
    Windows of a task or break are rows ``window_first`` to ``window_first + window_count`` of
    ``windows``. ``likeness`` is equal for vehicles that differ in nothing but name.
    """

    seconds: Ints
    meters: Ints
    leg_cost: Ints
    place: Ints
    setup: Ints
    service: Ints
    allowed: Flags
    change: Ints
    brought: Ints
    mate: Ints
    priority: Ints
    worth: Ints
    window_first: Ints
    window_count: Ints
    windows: Ints
    travel_class: Ints
    start: Ints
    end: Ints
    opens: Ints
    closes: Ints
    capacity: Ints
    max_tasks: Ints
    max_travel: Ints
    max_meters: Ints
    fixed: Ints
    task_price: Ints
    likeness: Ints
    break_first: Ints
    break_count: Ints
    break_seconds: Ints
    break_window_first: Ints
    break_window_count: Ints
    break_windows: Ints
    break_load: Ints
    near: Ints


def make_arrays(problem: FleetProblem) -> Fleet:
    """The arrays of a problem; tasks and vehicles in its order."""
    tasks, vehicles, size = problem.tasks, problem.vehicles, problem.dimensions
    classes, of_vehicle = _travel_classes(problem)
    first, count, windows = _windows([task.windows for task in tasks])
    breaks = [pause for vehicle in vehicles for pause in vehicle.breaks]
    break_first, break_count, break_windows = _windows([pause.windows for pause in breaks])
    counts = np.array([len(vehicle.breaks) for vehicle in vehicles], dtype=np.int64)
    pickup, delivery = _amounts(problem)
    is_job = np.array([task.kind == "job" for task in tasks], dtype=np.bool_)
    place = _ints(task.place for task in tasks)
    requests = sum(task.kind != "delivery" for task in tasks)
    seconds, meters, leg_cost = classes
    return Fleet(
        seconds=seconds,
        meters=meters,
        leg_cost=leg_cost,
        place=place,
        setup=_grid([[task.setup_for(v.vehicle_type) for task in tasks] for v in vehicles], tasks),
        service=_grid(
            [[task.service_for(v.vehicle_type) for task in tasks] for v in vehicles], tasks
        ),
        allowed=_grid([[task.skills <= v.skills for task in tasks] for v in vehicles], tasks) > 0,
        change=pickup - delivery,
        brought=np.where(is_job[:, None], delivery, 0).astype(np.int64),
        mate=_ints(-1 if task.mate is None else task.mate for task in tasks),
        priority=_ints(task.priority for task in tasks),
        # Priorities come before numbers: no number of tasks outweighs one step of priority.
        worth=_ints(
            0
            if task.kind == "delivery"
            else (1 + (task.kind == "pickup")) * (task.priority * (2 * requests + 1) + 1)
            for task in tasks
        ),
        window_first=first,
        window_count=count,
        windows=windows,
        travel_class=of_vehicle,
        start=_ints(-1 if v.start is None else v.start for v in vehicles),
        end=_ints(-1 if v.end is None else v.end for v in vehicles),
        opens=_ints(v.window[0] for v in vehicles),
        closes=_ints(v.window[1] for v in vehicles),
        capacity=_grid([v.capacity or (UNLIMITED,) * size for v in vehicles], range(size)),
        max_tasks=_ints(_limit(v.max_tasks) for v in vehicles),
        max_travel=_ints(_limit(v.max_travel_seconds) for v in vehicles),
        max_meters=_ints(_limit(v.max_distance_meters) for v in vehicles),
        fixed=_ints(COST_UNIT * v.costs.fixed for v in vehicles),
        task_price=_ints(5 * v.costs.per_task_hour for v in vehicles),
        likeness=_likeness(vehicles),
        break_first=np.concatenate(([0], np.cumsum(counts)[:-1])).astype(np.int64),
        break_count=counts,
        break_seconds=_ints(pause.service_seconds for pause in breaks),
        break_window_first=break_first,
        break_window_count=break_count,
        break_windows=break_windows,
        break_load=_grid([p.max_load or (UNLIMITED,) * size for p in breaks], range(size)),
        near=_nearest(seconds[0] if len(seconds) else np.zeros((0, 0), np.int64), place),
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _grid(rows: Sequence[Sequence[int]], columns: Sequence[object]) -> Ints:
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(columns))


def _limit(value: int | None) -> int:
    return UNLIMITED if value is None else value


def _amounts(problem: FleetProblem) -> tuple[Ints, Ints]:
    none, columns = (0,) * problem.dimensions, range(problem.dimensions)
    return (
        _grid([task.pickup or none for task in problem.tasks], columns),
        _grid([task.delivery or none for task in problem.tasks], columns),
    )


def _travel_classes(problem: FleetProblem) -> tuple[tuple[Ints, Ints, Ints], Ints]:
    """Matrices of every kind of vehicle (profile, speed, prices), and the kind of each vehicle."""
    known: dict[tuple[object, ...], int] = {}
    seconds: list[Ints] = []
    meters: list[Ints] = []
    costs: list[Ints] = []
    of_vehicle: list[int] = []
    for vehicle in problem.vehicles:
        prices = vehicle.costs
        key = (vehicle.profile, vehicle.speed_factor, prices.per_hour, prices.per_km)
        of_vehicle.append(known.setdefault(key, len(known)))
        if of_vehicle[-1] < len(seconds):
            continue
        travel = problem.travel_of(vehicle)
        legs = travel.seconds_at(vehicle.speed_factor)
        is_cut = legs >= UNREACHABLE
        far = np.zeros_like(legs) if travel.meters is None else travel.meters
        priced = 5 * prices.per_hour * legs + 18 * prices.per_km * far
        if travel.costs is not None:
            priced = COST_UNIT * travel.costs
        seconds.append(np.where(is_cut, NO_WAY, legs).astype(np.int64))
        meters.append(np.where(is_cut, 0, far).astype(np.int64))
        costs.append(np.where(is_cut, NO_WAY, priced).astype(np.int64))
    shape = (0, 0, 0)
    stacked = [
        np.stack(part) if part else np.zeros(shape, np.int64) for part in (seconds, meters, costs)
    ]
    return (stacked[0], stacked[1], stacked[2]), _ints(of_vehicle)


def _windows(spans: Sequence[Sequence[Span]]) -> tuple[Ints, Ints, Ints]:
    count = _ints(len(each) for each in spans)
    first = np.concatenate(([0], np.cumsum(count)[:-1])).astype(np.int64) if len(count) else count
    rows = [span for each in spans for span in sorted(each)] or [ALWAYS]
    return first, count, np.array(rows, dtype=np.int64)


def _likeness(vehicles: Sequence[FleetVehicle]) -> Ints:
    seen: dict[tuple[object, ...], int] = {}
    return _ints(
        seen.setdefault(
            (
                *(v.profile, v.start, v.end, v.vehicle_type, v.capacity, v.skills, v.window),
                tuple((p.service_seconds, p.windows, p.max_load) for p in v.breaks),
                *(v.costs, v.speed_factor, v.max_tasks, v.max_travel_seconds),
                v.max_distance_meters,
            ),
            len(seen),
        )
        for v in vehicles
    )


def _nearest(seconds: Ints, place: Ints) -> Ints:
    if len(place) < 2:
        return np.zeros((len(place), 0), dtype=np.int64)
    between = seconds[np.ix_(place, place)]
    closeness = (between + between.T).astype(np.float64)
    np.fill_diagonal(closeness, np.inf)
    order = np.argsort(closeness, axis=1, kind="stable")
    return np.ascontiguousarray(order[:, : min(len(place) - 1, NEAREST_KEPT)])
