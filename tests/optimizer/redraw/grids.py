"""Small grids on which redraw can be checked by hand or by enumeration."""

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw import RedrawProblem
from territory.measures import Objective, objective
from territory.units import Neighbours


def graph(count: int, pairs: list[tuple[int, int]], *, border_meters: float = 1000.0) -> Neighbours:
    """Neighbours from pairs of units."""
    both = np.array(sorted({*pairs, *((b, a) for a, b in pairs)}), dtype=np.int64).reshape(-1, 2)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(both[:, 0], minlength=count))])
    return Neighbours(
        indptr=indptr.astype(np.int32),
        indices=both[:, 1].astype(np.int32),
        border_meters=np.full(len(both), border_meters),
    )


def squares(columns: int, rows: int) -> tuple[NDArray[np.float64], list[tuple[int, int]]]:
    """Middles in metres and pairs of a grid of squares of 1 km, row by row."""
    xy = np.array([(x * 1000.0, y * 1000.0) for y in range(rows) for x in range(columns)])
    across = [
        (y * columns + x, y * columns + x + 1) for y in range(rows) for x in range(columns - 1)
    ]
    down = [
        (y * columns + x, (y + 1) * columns + x) for y in range(rows - 1) for x in range(columns)
    ]
    return xy, across + down


def grid(columns: int, rows: int, loads: Any, executives: str, **more: Any) -> RedrawProblem:
    """A grid problem; ``loads`` (m, n), executives one letter each, units ``u0``, ``u1`` ..."""
    xy, pairs = squares(columns, rows)
    return problem(xy, pairs, loads, executives, **more)


def problem(
    xy: NDArray[np.float64],
    pairs: list[tuple[int, int]],
    loads: Any,
    executives: str,
    *,
    tolerance: float = 5.0,
    **more: Any,
) -> RedrawProblem:
    loads = np.asarray(loads, dtype=np.float64)
    names = ("potential", "workload")[-len(loads) :] if len(loads) < 3 else ("a", "b", "c")
    return RedrawProblem(
        unit_ids=tuple(f"u{unit}" for unit in range(len(xy))),
        xy_meters=xy,
        area_square_meters=np.full(len(xy), 1e6),
        neighbours=graph(len(xy), pairs),
        load_names=names,
        loads=loads,
        tolerance_percent=(tolerance,) * len(loads),
        executive_ids=tuple(executives),
        **more,
    )


def best_by_enumeration(asked: RedrawProblem) -> Objective:
    """The least objective over every lawful assignment, one by one."""
    p, n = asked.executives, len(asked.unit_ids)
    locked = asked.locked
    whole = _connected(asked)
    best: Objective | None = None
    for choice in product(range(p), repeat=n):
        owned = [sum(1 << unit for unit in range(n) if choice[unit] == k) for k in range(p)]
        owners = np.array(choice)
        if not whole.issuperset(owned) or (owners[locked >= 0] != locked[locked >= 0]).any():
            continue
        value = measured(owners, asked)
        if best is None or value.key < best.key:
            best = value
    assert best is not None
    return best


def _connected(asked: RedrawProblem) -> set[int]:
    """Every connected set of units, a set as the number whose bits are its units."""
    around = [asked.neighbours.of(unit).tolist() for unit in range(len(asked.unit_ids))]
    found, ring = set[int](), {1 << unit for unit in range(len(around))}
    while ring:
        found |= ring
        ring = {
            units | 1 << other
            for units in ring
            for unit, others in enumerate(around)
            if units >> unit & 1
            for other in others
        } - found
    return found


def measured(owners: NDArray[np.int64], asked: RedrawProblem) -> Objective:
    """The stated objective of an assignment."""
    return objective(
        owners,
        asked.ground,
        executives=asked.executives,
        tolerance_percent=asked.tolerance_percent,
        border_price=asked.border_price,
        before=None if asked.before is None else asked.owners_before,
        move_price=asked.move_price,
        homes_meters=asked.homes_meters if asked.homes_fixed else None,
        soft_price=asked.soft_prices,
        carried=asked.carried,
        move_shares=asked.move_shares,
        road_shares=asked.road_shares,
    )
