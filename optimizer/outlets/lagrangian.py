"""A bound without a linear program: price each row's maximum, open the columns that pay most.

Relax "a row is served once" with a level per row (Cornuejols, Fisher, Nemhauser 1977). For any
levels the sum of levels and of the best columns' surpluses is a proven upper bound; subgradient
steps lower it. The levels are also the first Benders cuts, and surpluses fix columns.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.model import Flags, Floats, PlacementModel
from optimizer.run import Stop

_PATIENCE = 25  # turns without a better bound before the step is halved
_MEMORY = 0.7  # share of the last direction kept, which damps zigzags


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Priced:
    """The lowest bound found, its levels, the columns' surpluses at them, and which are taken."""

    bound: float
    level: Floats
    surplus: Floats
    taken: NDArray[np.int64]


def priced(
    model: PlacementModel, start: Flags, *, rounds: int, stop: Stop, target: float
) -> Priced:
    """The best bound of ``rounds`` subgradient steps from the levels of a network.

    Stops early once the bound is not above ``target``.
    """
    from optimizer.outlets import kernels

    least, most = model.opened_between()
    rows = (model.indptr, model.site, model.value)
    level = _levels_of(model, start)
    slope, way = np.zeros(model.rows), np.zeros(model.rows)
    floor = model.worth(start)
    best: Priced | None = None
    reach, since = 1.2, 0
    for _ in range(max(1, rounds)):
        surplus = model.income.copy()
        total = kernels.price(*rows, level, surplus)
        taken = _best_columns(surplus, least, most)
        bound = model.offset + total + float(surplus[taken].sum())
        since += 1
        if best is None or bound < best.bound - 1e-9 * abs(best.bound):
            best = Priced(bound=bound, level=level.copy(), surplus=surplus, taken=taken)
            since = 0
        if best.bound <= target or stop.now() is not None or reach < 1e-3:
            break
        if since >= _PATIENCE:
            reach, since, level, way = reach / 2, 0, best.level.copy(), np.zeros(model.rows)
            continue
        is_open = np.zeros(model.columns, dtype=np.bool_)
        is_open[taken] = True
        norm = kernels.lean(*rows, level, is_open, slope)
        if norm == 0:
            break
        way = slope + _MEMORY * way
        step = reach * max(bound - floor, 1e-9 * abs(bound)) / float(way @ way)
        level = np.clip(level - step * way, 0.0, model.top)
    assert best is not None
    return best


def _levels_of(model: PlacementModel, start: Flags) -> Floats:
    """Between the best and the second best of a network: where its columns just pay."""
    from optimizer.outlets import kernels

    best, second = np.zeros(model.rows), np.zeros(model.rows)
    who = np.zeros(model.rows, dtype=np.int32)
    kernels.serve(model.indptr, model.site, model.value, start, best, who, second)
    return np.asarray(second + 0.5 * (best - second), dtype=np.float64)


def _best_columns(surplus: Floats, least: int, most: int) -> NDArray[np.int64]:
    order = np.argsort(-surplus, kind="stable")
    paying = int((surplus > 0).sum())
    return order[: min(most, max(least, paying))]


def fixed_by(priced: Priced, model: PlacementModel, cutoff: float) -> tuple[Flags, Flags]:
    """Columns that no network worth more than ``cutoff`` opens, and those that all of them open."""
    _, most = model.opened_between()
    inside = np.zeros(model.columns, dtype=np.bool_)
    inside[priced.taken] = True
    is_full = len(priced.taken) >= most
    weakest = float(priced.surplus[inside].min(initial=np.inf)) if is_full else 0.0
    runner_up = max(0.0, float(priced.surplus[~inside].max(initial=0.0)))
    if not np.isfinite(weakest):
        weakest = 0.0
    enter = priced.bound - weakest + priced.surplus
    leave = priced.bound - priced.surplus + (runner_up if is_full else 0.0)
    return ~inside & (enter <= cutoff), inside & (leave <= cutoff)
