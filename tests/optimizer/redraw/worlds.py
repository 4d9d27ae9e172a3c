"""Small worlds for redraw: regular hexagons with a side of 1 km and loads drawn by a seed."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw import RedrawProblem
from territory.alignment import AlignmentPlan
from territory.checks import AlignmentFacts, Violation, check_alignment
from territory.measures import components, owner_positions
from territory.units import Neighbours
from territory.units.graph import neighbours_from_pairs

Cell = tuple[int, int]
AREA = 1.5e6 * math.sqrt(3)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """Units with a place and two loads: sales, which cluster, and workload."""

    unit_ids: tuple[str, ...]
    xy_meters: NDArray[np.float64]
    neighbours: Neighbours
    loads: NDArray[np.float64]

    def problem(self, executives: int, **rules: Any) -> RedrawProblem:
        """These units shared among E1, E2, ... at 10 % on both loads, if nothing else is said."""
        given: dict[str, Any] = {
            "unit_ids": self.unit_ids,
            "xy_meters": self.xy_meters,
            "area_square_meters": np.full(len(self.unit_ids), AREA),
            "neighbours": self.neighbours,
            "load_names": ("sales", "workload"),
            "loads": self.loads,
            "tolerance_percent": (10.0, 10.0),
            "executive_ids": people(executives),
        }
        return RedrawProblem(**{**given, **rules})

    def with_loads(self, loads: NDArray[np.float64]) -> "World":
        return replace(self, loads=loads)


def people(count: int) -> tuple[str, ...]:
    return tuple(f"E{number}" for number in range(1, count + 1))


def disc(radius: int, *, at: Cell = (0, 0)) -> list[Cell]:
    """Cells (q, r) within so many steps of a cell: 1 + 3 radius (radius + 1) of them."""
    span = range(-radius, radius + 1)
    return [(at[0] + q, at[1] + r) for q in span for r in span if abs(q + r) <= radius]


def hexagons(cells: Iterable[Cell], *, seed: int = 1) -> World:
    """These cells with loads drawn from gamma distributions; cells border when they touch."""
    where = sorted(cells)
    number = {cell: unit for unit, cell in enumerate(where)}
    pairs = [
        (unit, number[q + dq, r + dr])
        for (q, r), unit in number.items()
        for dq, dr in ((1, 0), (0, 1), (1, -1))
        if (q + dq, r + dr) in number
    ]
    ends = np.sort(np.array(pairs, dtype=np.int32).reshape(-1, 2), axis=1)
    axial = np.array(where, dtype=np.float64)
    rng = np.random.default_rng(seed)
    workload = rng.gamma(4.0, 10.0, len(where))
    return World(
        unit_ids=tuple(f"h{unit}" for unit in range(len(where))),
        xy_meters=1000
        * np.column_stack([math.sqrt(3) * (axial[:, 0] + axial[:, 1] / 2), 1.5 * axial[:, 1]]),
        neighbours=neighbours_from_pairs(len(where), ends, np.full(len(ends), 1000.0)),
        loads=np.array([workload * rng.gamma(4.0, 25.0, len(where)), workload]),
    )


def judged(
    plan: AlignmentPlan, problem: RedrawProblem, neighbours: Neighbours
) -> tuple[Violation, ...]:
    """What the independent judge says, on the borders of the market, without any ferry."""
    was = problem.alignment_before
    owner_of = {} if was is None else was.owner_of()
    return check_alignment(
        plan,
        AlignmentFacts(
            unit_ids=problem.unit_ids,
            executive_ids=problem.executive_ids,
            neighbours=neighbours,
            xy_meters=problem.xy_meters,
            area_square_meters=problem.area_square_meters,
            load_names=problem.load_names,
            loads=problem.loads,
            tolerance_percent=problem.tolerance_percent,
            locked={unit: owner_of[unit] for unit in problem.locked_units},
            before=was,
        ),
    )


def pieces_of(plan: AlignmentPlan, problem: RedrawProblem) -> list[int]:
    """Pieces of each jurisdiction, ferries of the problem included."""
    return components(
        owner_positions(plan.alignment), problem.neighbours, problem.executives
    ).tolist()
