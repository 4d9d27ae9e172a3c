"""A street: places on a line, a minute of driving apart, and fleets upon it."""

import random

import numpy as np

from territory.fleet import (
    FleetBreak,
    FleetCosts,
    FleetProblem,
    FleetTask,
    FleetTravel,
    FleetVehicle,
)


def street(places: int, *, seconds: int = 60) -> FleetTravel:
    """Places 0, 1, 2 ... in a row, ``seconds`` and 1,000 m between neighbours."""
    at = np.arange(places)
    apart = np.abs(at[:, None] - at[None, :]).astype(np.int64)
    return FleetTravel(profile="car", seconds=seconds * apart, meters=1000 * apart)


def job(task_id: int, place: int, **more: object) -> FleetTask:
    """A job at a place."""
    return FleetTask(kind="job", task_id=task_id, place=place, **more)  # type: ignore[arg-type]


def problem(
    tasks: list[FleetTask], vehicles: list[FleetVehicle], *, places: int = 12, dimensions: int = 0
) -> FleetProblem:
    """A problem on the street."""
    return FleetProblem(
        tasks=tuple(tasks),
        vehicles=tuple(vehicles),
        travel=(street(places),),
        dimensions=dimensions,
    )


def van(vehicle_id: int = 1, **more: object) -> FleetVehicle:
    """A vehicle that starts and ends at place 0."""
    given: dict[str, object] = {"profile": "car", "start": 0, "end": 0, **more}
    return FleetVehicle(vehicle_id=vehicle_id, **given)  # type: ignore[arg-type]


def jumble(seed: int, *, jobs: int = 14, shipments: int = 3, vans: int = 3) -> FleetProblem:
    """Every rule at once, drawn at random: some tasks fit, some do not."""
    draw = random.Random(seed)
    places = jobs + 2 * shipments + 1
    at = [(draw.randrange(3000), draw.randrange(3000)) for _ in range(places)]
    seconds = np.array([[abs(a - c) + abs(b - d) for c, d in at] for a, b in at], dtype=np.int64)
    tasks = [
        job(
            n + 1,
            n + 1,
            setup_seconds=draw.choice([0, 60]),
            service_seconds=draw.choice([120, 600]),
            service_of_type=(("quick", 90),),
            windows=draw.choice([((0, 40_000),), ((2_000, 6_000), (12_000, 15_000))]),
            pickup=(draw.randrange(3), 1),
            delivery=(draw.randrange(4), 0),
            skills=frozenset(draw.choice([(), (), (1,)])),
            priority=draw.choice([0, 0, 5]),
        )
        for n in range(jobs)
    ]
    for n in range(shipments):
        row = len(tasks)
        for kind, mate in (("pickup", row + 1), ("delivery", row)):
            tasks.append(
                FleetTask(
                    kind=kind,  # type: ignore[arg-type]
                    task_id=n + 1,
                    place=jobs + 1 + 2 * n + (kind == "delivery"),
                    service_seconds=60,
                    pickup=(2, 1) if kind == "pickup" else (0, 0),
                    delivery=(2, 1) if kind == "delivery" else (0, 0),
                    mate=mate,
                )
            )
    pause = FleetBreak(break_id=7, service_seconds=900, windows=((5_000, 7_000),), max_load=(9, 9))
    vehicles = [
        van(
            n + 1,
            start=None if n == 2 else 0,
            vehicle_type="quick" if n == 1 else "",
            capacity=(9, 8),
            skills=frozenset([1]) if n else frozenset(),
            window=(0, 16_000),
            breaks=(pause, FleetBreak(break_id=8, service_seconds=300, windows=((9_000, 12_000),))),
            costs=FleetCosts(fixed=200, per_hour=1800, per_task_hour=900, per_km=70),
            speed_factor=1.3 if n == 1 else 1.0,
            max_tasks=7,
            max_travel_seconds=12_000,
            max_distance_meters=60_000,
        )
        for n in range(vans)
    ]
    return FleetProblem(
        tasks=tuple(tasks),
        vehicles=tuple(vehicles),
        travel=(FleetTravel(profile="car", seconds=seconds, meters=9 * seconds),),
        dimensions=2,
    )
