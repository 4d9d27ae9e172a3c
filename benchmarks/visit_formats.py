"""Readers of VRPLIB (CVRP, prize-collecting with windows) and of Cordeau's periodic instances."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.visit_instances import RoutingInstance, truncated_distances
from optimizer.visits.rhythm import RhythmProblem
from territory.errors import InputError

TENTHS = 10
SPARE_VEHICLES = 2  # of a fleet that is not limited, above a tenth more than the load asks for
TOLERANCE = 1e-6


def read_vrplib(path: Path, best: dict[str, float]) -> RoutingInstance:
    """An instance of type CVRP (whole distances, rounded) or PCVRPTW (tenths, cut off)."""
    text = path.read_text(encoding="utf-8")
    head = dict(re.findall(r"^(\w+)\s*:\s*(.+?)\s*$", text, flags=re.MULTILINE))
    kind = head.get("TYPE", "").strip('"')
    xy, demand = _section(text, "NODE_COORD"), _section(text, "DEMAND")
    capacity = int(head["CAPACITY"])
    if kind == "CVRP":
        return _cvrp(path.stem, xy, demand[:, 0], capacity, best)
    if kind != "PCVRPTW":
        raise InputError(f"{path.stem}: type {kind!r} is not read.", fix="CVRP and PCVRPTW are.")
    windows = _section(text, "TIME_WINDOW") * TENTHS
    service = np.full(len(xy), float(head["SERVICE_TIME"]) * TENTHS)
    service[0] = 0
    return RoutingInstance(
        name=path.stem,
        kind="pcvrptw",
        distance=truncated_distances(xy),
        earliest=_whole(windows[:, 0]),
        latest=_whole(windows[:, 1]),
        service=_whole(service),
        demand=_whole(demand[:, 0]),
        profit=_whole(_section(text, "PRIZE")[:, 0] * TENTHS),
        vehicles=int(head["VEHICLES"]),
        capacity=capacity,
        best_known=best.get(path.stem),
    )


def _cvrp(
    name: str,
    xy: NDArray[np.float64],
    demand: NDArray[np.float64],
    capacity: int,
    best: dict[str, float],
) -> RoutingInstance:
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    nothing = np.zeros(len(xy), dtype=np.int64)
    least = int(np.ceil(demand.sum() / capacity))
    return RoutingInstance(
        name=name,
        kind="cvrp",
        distance=np.floor(apart + 0.5).astype(np.int64),
        earliest=nothing,
        latest=nothing,
        service=nothing,
        demand=_whole(demand),
        profit=nothing,
        vehicles=int(np.ceil(1.1 * least)) + SPARE_VEHICLES,
        capacity=capacity,
        best_known=best.get(name),
    )


def _section(text: str, name: str) -> NDArray[np.float64]:
    """The numbers after the node of every row of a section, in order of the nodes."""
    _, _, after = text.partition(f"{name}_SECTION")
    rows = []
    for line in after.splitlines()[1:]:
        words = line.split()
        if not words or not re.fullmatch(r"-?\d+(\.\d+)?", words[0]):
            break
        rows.append([float(word) for word in words])
    return np.array(sorted(rows))[:, 1:]


def _whole(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(values).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeriodicInstance:
    """A periodic instance and the best lengths known: recalled, and verified by a plan."""

    name: str
    problem: RhythmProblem
    best_known: float | None = None
    verified: float | None = None


def read_pvrp(path: Path, best: dict[str, tuple[float, float]]) -> PeriodicInstance:
    """An instance in Cordeau's format of type 1; a limit of 0 is no limit.

    Days are counted from the left of a pattern's binary form.
    """
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line]
    kind, fleet, customers, days = (int(word) for word in lines[0][:4])
    if kind != 1:
        raise InputError(f"{path.stem}: type {kind} is no periodic instance (type 1).")
    limits = np.array([[float(word) for word in line[:2]] for line in lines[1 : 1 + days]])
    limits[limits == 0] = np.inf
    rows = lines[1 + days : 2 + days + customers]
    xy = np.array([[float(word) for word in row[1:3]] for row in rows])
    known = best.get(path.stem)
    return PeriodicInstance(
        name=path.stem,
        problem=RhythmProblem(
            travel=np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)),
            load=np.array([float(row[4]) for row in rows]),
            stay=np.array([float(row[3]) for row in rows]),
            patterns=((), *(_patterns(row, days) for row in rows[1:])),
            fleet=fleet,
            capacity=limits[:, 1].copy(),
            longest=limits[:, 0].copy(),
        ),
        best_known=min(known) if known else None,
        verified=known[0] if known else None,
    )


def _patterns(row: Sequence[str], days: int) -> tuple[int, ...]:
    count = int(row[6])
    codes = (f"{int(word):0{days}b}" for word in row[7 : 7 + count])
    return tuple(int(code[::-1], 2) for code in codes)


def pvrp_best(folder: Path) -> dict[str, tuple[float, float]]:
    """The verified length and the recalled one of each instance."""
    path = folder.parent / "bks_pvrp.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["instance"]: (
                float(row["objective_res"]),
                float(row["objective_hgsadc_recalled"] or row["objective_res"]),
            )
            for row in csv.DictReader(file)
        }


def judge_periodic(
    instance: PeriodicInstance, routes: Sequence[Sequence[Sequence[int]]]
) -> tuple[float, int]:
    """The length of routes by day, recomputed, and how many rules they break."""
    problem = instance.problem
    seen: dict[int, int] = dict.fromkeys(range(1, problem.customers + 1), 0)
    length, broken = 0.0, abs(len(routes) - problem.days)
    for day, of_day in enumerate(routes):
        broken += sum(1 for route in of_day if route) > problem.fleet
        for route in of_day:
            way = sum(float(problem.travel[a, b]) for a, b in pairwise((0, *route, 0)))
            lasts = way + sum(float(problem.stay[stop]) for stop in route)
            load = sum(float(problem.load[stop]) for stop in route)
            broken += load > problem.capacity[day] + TOLERANCE
            broken += lasts > problem.longest[day] + TOLERANCE and bool(route)
            length += way
            for stop in route:
                broken += seen[stop] >> day & 1
                seen[stop] |= 1 << day
    broken += sum(1 for stop, mask in seen.items() if mask not in problem.patterns[stop])
    return length, int(broken)
