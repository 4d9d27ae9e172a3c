"""The proven optimum of tiny problems: dynamic programming over sets of units.

Violation and cost are sums over jurisdictions, so the best way to give a set of units to the first
k executives follows from the best ways to give its subsets to the first k - 1. All connected sets
are weighed once; 14 units and 5 executives take 20 million small steps.
"""

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel_exact import best_partition
from optimizer.redraw.kernel_values import Ints
from territory.errors import Infeasible

STEPS_OF_VIOLATION = 1e9  # violations compare in whole billionths, so that rounding cannot decide

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def optimal_owners(arena: Arena) -> Ints:
    """Owners of least violation, then least cost, every jurisdiction one piece, locks kept.

    Raises
    ------
    Infeasible
        If locks leave no such plan.
    """
    n, p = len(arena.problem.unit_ids), arena.problem.executives
    sets = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
    inside = sets.astype(np.float64)
    excess = np.rint(_violations(inside, arena) * STEPS_OF_VIOLATION).astype(np.int64)
    owner = best_partition(n, _may_hold(arena), excess, _costs(inside, arena))
    if owner[0] < 0:
        raise Infeasible(
            f"No plan gives each of {p} executives one piece of these {n} units and keeps the "
            f"{len(arena.problem.locked_units)} locked ones.",
            fix="Unlock a unit or add a bridge.",
        )
    return owner


def _may_hold(arena: Arena) -> Flags:
    """Which executive may have which set: connected, their locked units in, those of others out."""
    n, p = len(arena.problem.unit_ids), arena.problem.executives
    bits = np.arange(1 << n)
    connected = _connected(arena)
    locked = arena.problem.locked
    may = np.zeros((p, len(bits)), dtype=np.bool_)
    for k in range(p):
        mine = sum(1 << unit for unit in np.flatnonzero(locked == k).tolist())
        others = sum(1 << unit for unit in np.flatnonzero((locked >= 0) & (locked != k)).tolist())
        may[k] = connected & ((bits & mine) == mine) & ((bits & others) == 0)
    return may


def _connected(arena: Arena) -> Flags:
    """Which sets of units are one piece: grown from the connected sets of one unit less."""
    n, field = len(arena.problem.unit_ids), arena.field
    around = [
        sum(1 << int(other) for other in field.indices[field.indptr[unit] : field.indptr[unit + 1]])
        for unit in range(n)
    ]
    connected = np.zeros(1 << n, dtype=np.bool_)
    ring = {1 << unit for unit in range(n)}
    while ring:
        connected[list(ring)] = True
        ring = {
            grown | (1 << unit)
            for grown in ring
            for unit in range(n)
            if not grown >> unit & 1 and grown & around[unit]
        }
    return connected


def _violations(inside: Floats, arena: Arena) -> Floats:
    """What each set's hard loads lie beyond tolerance for each executive, in means, (p, sets)."""
    problem = arena.problem
    used = problem.is_hard & (problem.mean_loads > 0)
    tolerance = np.asarray(problem.tolerance_percent)[used] / 100
    mean = problem.mean_loads[used, None]
    held, carried = inside @ (problem.loads[used] / mean).T, (problem.carried[used] / mean).T
    rows = [np.maximum(np.abs(held + own - 1) - tolerance, 0).sum(axis=1) for own in carried]
    return np.array(rows)


def _costs(inside: Floats, arena: Arena) -> Floats:
    """Shape, border, moved and soft cost of each set for each executive, (p, sets)."""
    field, p = arena.field, arena.problem.executives
    ends = np.repeat(np.arange(inside.shape[1]), np.diff(field.indptr))
    border = np.zeros(len(inside))
    for one, other, price in zip(ends, field.indices, field.edge_cost, strict=True):
        border += price / 2 * inside[:, one] * (1 - inside[:, other])
    x, y, w = field.place[:, 0], field.place[:, 1], field.weight
    weight, sx, sy = inside @ w, inside @ (w * x), inside @ (w * y)
    squares = inside @ (w * (x * x + y * y))
    known = arena.before is not None
    costs = np.empty((p, len(inside)))
    for k in range(p):
        moved = inside @ (field.move_cost * (field.before != k)) if known else 0.0
        shape = _shape(weight, sx, sy, squares, k, arena)
        if len(field.road):
            shape = inside @ field.road[:, k]
        over = np.abs(inside @ field.priced + field.soft_carried[k] - 1) - field.room
        soft = np.maximum(over, 0) @ field.excess_price
        costs[k] = (shape + border + moved + soft) / p
    return costs


def _shape(weight: Floats, sx: Floats, sy: Floats, squares: Floats, k: int, arena: Arena) -> Floats:
    if arena.field.at_home:
        x, y = arena.field.homes[k]
        return np.asarray(squares - 2 * (x * sx + y * sy) + weight * (x * x + y * y))
    safe = np.where(weight > 1e-12, weight, 1.0)
    return np.asarray(np.where(weight > 1e-12, squares - (sx * sx + sy * sy) / safe, 0.0))
