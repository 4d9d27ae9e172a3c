"""Routing instances with windows (Solomon, TOPTW): read, judged, and put as our visit problem.

Distances are tenths of a unit, Euclidean and truncated (DIMACS), so all numbers are whole.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from optimizer.visits import Points, VisitProblem, Weights
from territory.errors import InputError
from territory.routes import VisitPlan
from territory.travel import TravelMatrix
from territory.visits import Shift, VisitNeed

TENTHS = 10
FIRST_DAY = date(2000, 1, 1)
DAY_SECONDS = 86_400
WORTH_OF_PROFIT_SECONDS = 100_000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoutingInstance:
    """n places, the depot first; times and distances in tenths. ``latest`` is of the start.

    "vrptw" and "cvrp" visit everybody with the least distance, "toptw" gathers the most profit,
    "pcvrptw" has the least distance and profit left behind. Without time all of it is 0.
    """

    name: str
    kind: Literal["vrptw", "toptw", "cvrp", "pcvrptw"]
    distance: NDArray[np.int64]
    earliest: NDArray[np.int64]
    latest: NDArray[np.int64]
    service: NDArray[np.int64]
    demand: NDArray[np.int64]
    profit: NDArray[np.int64]
    vehicles: int
    capacity: int
    best_known: float | None

    @property
    def customers(self) -> int:
        return len(self.distance) - 1

    @property
    def is_timed(self) -> bool:
        return bool(self.latest[0] > self.earliest[0])

    @property
    def visits_everybody(self) -> bool:
        return self.kind in ("vrptw", "cvrp")


def truncated_distances(xy: NDArray[np.float64], parts: int = TENTHS) -> NDArray[np.int64]:
    """Euclidean distances in tenths (or other parts) of a unit, the rest cut off."""
    apart = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    # 1e-9 saves exact tenths from falling to the one below.
    cut: NDArray[np.int64] = np.floor(apart * parts + 1e-9).astype(np.int64)
    return cut


def read_solomon(path: Path, best: dict[str, float]) -> RoutingInstance:
    """An instance in Solomon's format (also Gehring and Homberger's)."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    at = next(row for row, line in enumerate(lines) if line[:1] == ["NUMBER"])
    vehicles, capacity = (int(word) for word in lines[at + 1])
    rows = np.array([line for line in lines[at + 2 :] if len(line) == 7 and line[0].isdigit()])
    table = rows.astype(np.float64)
    return RoutingInstance(
        name=path.stem,
        kind="vrptw",
        distance=truncated_distances(table[:, 1:3]),
        earliest=_tenths(table[:, 4]),
        latest=_tenths(table[:, 5]),
        service=_tenths(table[:, 6]),
        demand=table[:, 3].astype(np.int64),
        profit=np.zeros(len(table), dtype=np.int64),
        vehicles=vehicles,
        capacity=capacity,
        best_known=best.get(path.stem),
    )


def read_toptw(path: Path, vehicles: int, best: dict[str, float]) -> RoutingInstance:
    """A team orienteering instance with windows in the format of KU Leuven, m routes."""
    lines = path.read_text(encoding="utf-8").splitlines()[2:]
    rows = [[float(word) for word in line.split()] for line in lines if line.strip()]
    table = np.array([[*row[1:5], row[-2], row[-1]] for row in rows])
    # Cordeau's are cut after the second decimal, Solomon's after the first.
    parts = TENTHS * TENTHS if path.stem.startswith("pr") else TENTHS
    return RoutingInstance(
        name=f"{path.stem} m={vehicles}",
        kind="toptw",
        distance=truncated_distances(table[:, 0:2], parts),
        earliest=np.rint(table[:, 4] * parts).astype(np.int64),
        latest=np.rint(table[:, 5] * parts).astype(np.int64),
        service=np.rint(table[:, 2] * parts).astype(np.int64),
        demand=np.zeros(len(table), dtype=np.int64),
        profit=table[:, 3].astype(np.int64),
        vehicles=vehicles,
        capacity=0,
        best_known=best.get(f"{path.stem} m={vehicles}"),
    )


def _tenths(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(values * TENTHS).astype(np.int64)


def solomon_best(folder: Path) -> dict[str, float]:
    """Best known distances in tenths, distance-only convention."""
    rows = _csv_rows(folder.parent / "bks_vrptw_dimacs.csv")
    return {row["instance"]: round(float(row["objective"]) * TENTHS) for row in rows}


def best_in(path: Path) -> dict[str, float]:
    """Best known objectives by instance from a table of them."""
    return {row["instance"]: float(row["objective"]) for row in _csv_rows(path)}


def toptw_best(folder: Path) -> dict[str, float]:
    """Best known profits by instance and number of routes."""
    root = folder if (folder / "TOPTW_format.txt").exists() else folder.parent
    rows = _csv_rows(root.parent / "bks_toptw.csv")
    return {f"{row['instance']} m={row['m']}": float(row["objective"]) for row in rows}


def _csv_rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def judge_routes(instance: RoutingInstance, routes: Sequence[Sequence[int]]) -> tuple[float, int]:
    """The objective of routes of customers (1..n), recomputed, and how many rules they break."""
    visited = [customer for route in routes for customer in route]
    broken = len(visited) - len(set(visited))
    broken += max(0, sum(1 for route in routes if route) - instance.vehicles)
    if instance.visits_everybody:
        broken += instance.customers - len(set(visited))
    total = 0
    for route in routes:
        distance, faults = _judge_route(instance, route)
        total += distance
        broken += faults
    profit = sum(int(instance.profit[customer]) for customer in set(visited))
    if instance.kind == "toptw":
        return float(profit), broken
    left = int(instance.profit.sum()) - profit if instance.kind == "pcvrptw" else 0
    return float(total + left), broken


def _judge_route(instance: RoutingInstance, route: Sequence[int]) -> tuple[int, int]:
    now, here, distance, broken = int(instance.earliest[0]), 0, 0, 0
    for customer in route:
        leg = int(instance.distance[here, customer])
        distance += leg
        now = max(now + leg, int(instance.earliest[customer]))
        broken += instance.is_timed and now > instance.latest[customer]
        now += int(instance.service[customer])
        here = customer
    home = int(instance.distance[here, 0]) if route else 0
    broken += instance.is_timed and now + home > instance.latest[0]
    if instance.capacity:
        broken += sum(int(instance.demand[c]) for c in route) > instance.capacity
    return distance + home, int(broken)


def as_problem(instance: RoutingInstance) -> VisitProblem:
    """One executive whose days are the vehicles; a second is a tenth of a unit of distance.

    Raises
    ------
    InputError
        If the instance has no time, or its horizon is longer than a day of seconds.
    """
    if not instance.is_timed or instance.latest[0] > DAY_SECONDS:
        raise InputError(
            f"{instance.name}: a horizon of {instance.latest[0]} is not a day of seconds.",
            fix="Run it with engine=tours.",
        )
    span = int(instance.earliest[0]), int(instance.latest[0])
    days = tuple(FIRST_DAY + timedelta(days=number) for number in range(instance.vehicles))
    places = [(float(number), 0.0) for number in range(instance.customers + 1)]
    customers = range(1, instance.customers + 1)
    shifts = tuple(
        Shift(
            executive_id="E",
            date=day,
            start_seconds=span[0],
            end_seconds=span[1],
            start_lonlat=(0.0, 0.0),
            end_lonlat=(0.0, 0.0),
        )
        for day in days
    )
    distance = instance.distance.astype(np.int32)
    return VisitProblem(
        needs=tuple(_need(instance, customer, days) for customer in customers),
        shifts=shifts,
        points=Points(
            lonlat=np.array(places), of_need=tuple(customers), of_shift=((0, 0),) * len(shifts)
        ),
        travel=TravelMatrix(seconds=distance, meters=distance, source="estimated"),
        first_date=days[0],
        last_date=days[-1],
        weights=Weights(
            seconds_per_value=WORTH_OF_PROFIT_SECONDS if instance.kind == "toptw" else None
        ),
        loads=tuple(int(instance.demand[customer]) for customer in customers),
        capacities=(instance.capacity,) * len(shifts),
    )


def _need(instance: RoutingInstance, customer: int, days: tuple[date, ...]) -> VisitNeed:
    # Zero service takes one tenth: a visit of ours has a length. Solomon has none, TOPTW may.
    service = max(1, int(instance.service[customer]))
    window = (int(instance.earliest[customer]), int(instance.latest[customer]) + service)
    return VisitNeed(
        visit_id=str(customer),
        account_id=str(customer),
        executive_id="E",
        lon=float(customer),
        lat=0.0,
        visit_seconds=service,
        dates=days,
        windows=((window,),) * len(days),
        value=float(instance.profit[customer]) if instance.kind == "toptw" else 1.0,
    )


def routes_of(plan: VisitPlan) -> list[list[int]]:
    """The customers of each route of a plan of ours."""
    return [[int(stop.visit_id) for stop in route.stops] for route in plan.routes]
