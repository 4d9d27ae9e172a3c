"""Who gets which jurisdiction: executives keep as much as they can, else live near it."""

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel_values import Ints


def labelled(owner: Ints, arena: Arena) -> Ints:
    """The same jurisdictions with executives assigned anew (Hungarian method).

    Locked units first, then what is kept from before, then nearness to homes; with road centres
    what is kept and what is near count by their price. Fixed homes already say whose jurisdiction
    it is, and so does what executives carry besides units if loads would fit worse. Units of nobody
    (-1) stay so.
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
    renamed = np.where(owner >= 0, new[owner], -1).astype(np.int32)
    if arena.problem.carried_loads is not None and (owner >= 0).all():
        return min(renamed, owner, key=lambda each: arena.objective(each).violation)
    return renamed


def _worth(owner: Ints, arena: Arena) -> NDArray[np.float64] | None:
    """How well jurisdiction (row) suits executive (column); None if nothing tells them apart."""
    problem, field = arena.problem, arena.field
    p = problem.executives
    worth = np.zeros((p, p))
    both = (owner >= 0) & (field.before >= 0)
    weight = field.move_cost if field.move_cost.any() or len(field.road) else field.weight
    np.add.at(worth, (owner[both], field.before[both]), weight[both] + 1e-9)
    locked = problem.locked
    held = (owner >= 0) & (locked >= 0)
    np.add.at(worth, (owner[held], locked[held]), 1e6)
    homes = problem.homes_meters
    if len(field.road):
        near = np.zeros((p, p))
        np.add.at(near, owner[owner >= 0], field.road[owner >= 0])
        return worth - near
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
