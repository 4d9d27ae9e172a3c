"""Who gets which jurisdiction: executives keep as much as they can, else live near it."""

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel_values import Ints


def labelled(owner: Ints, arena: Arena) -> Ints:
    """The same jurisdictions with executives assigned anew (Hungarian method).

    Locked units first, then workload kept from before, then nearness to homes. Fixed homes already
    say whose jurisdiction it is. Units of nobody (-1) stay so.
    """
    from scipy.optimize import linear_sum_assignment

    if arena.field.at_home:
        return owner
    worth = _worth(owner, arena)
    if worth is None:
        return owner
    rows, columns = linear_sum_assignment(-worth)
    new = np.empty(len(worth), dtype=np.int32)
    new[rows] = columns
    return np.where(owner >= 0, new[owner], -1).astype(np.int32)


def _worth(owner: Ints, arena: Arena) -> NDArray[np.float64] | None:
    """How well jurisdiction (row) suits executive (column); None if nothing tells them apart."""
    problem, field = arena.problem, arena.field
    p = problem.executives
    worth = np.zeros((p, p))
    both = (owner >= 0) & (field.before >= 0)
    np.add.at(worth, (owner[both], field.before[both]), field.weight[both] + 1e-9)
    locked = problem.locked
    held = (owner >= 0) & (locked >= 0)
    np.add.at(worth, (owner[held], locked[held]), 1e6)
    homes = problem.homes_meters
    if homes is not None:
        known = np.isfinite(homes).all(axis=1)
        apart = _centers(owner, arena)[:, None, :] - arena.to_place(homes[known])[None, :, :]
        worth[:, known] -= 1e-6 * np.sqrt((apart**2).sum(axis=2))
    return worth if worth.any() else None


def _centers(owner: Ints, arena: Arena) -> NDArray[np.float64]:
    mine = owner >= 0
    count = np.maximum(np.bincount(owner[mine], minlength=arena.problem.executives), 1)
    columns = [
        np.bincount(owner[mine], arena.field.place[mine, axis], minlength=len(count)) / count
        for axis in (0, 1)
    ]
    return np.column_stack(columns)
