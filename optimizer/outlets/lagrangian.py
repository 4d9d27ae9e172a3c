"""A bound without a linear program: price each row's maximum, open the columns that pay most.

Relax "a row is served once" with a level per row (Cornuejols, Fisher, Nemhauser 1977). For any
levels the sum of levels and of the best columns' surpluses is a proven upper bound; subgradient
steps lower it. The levels are also the first Benders cuts, and surpluses fix columns.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.choice import ChoiceModel, sum_cut
from optimizer.outlets.model import Flags, Floats, PlacementModel, SiteModel
from optimizer.run import Stop

_CHUNK = 25  # steps between two looks at the clock
_FLAT_WORK = 100_000_000  # entries read over all steps where a row's values are all alike
_FLAT_ROUNDS = 60
_PATIENCE = 25  # turns without a better bound before the steps of choices end


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Priced:
    """The lowest bound found, its levels, the columns' surpluses at them, and which are taken."""

    bound: float
    level: Floats
    surplus: Floats
    taken: NDArray[np.int64]


def priced(model: SiteModel, start: Flags, *, rounds: int, stop: Stop, target: float) -> Priced:
    """The best bound of ``rounds`` subgradient steps from the levels of a network.

    Stops early once the bound is not above ``target``.
    """
    if isinstance(model, ChoiceModel):
        return _linearised(model, start, rounds=rounds, stop=stop, target=target)
    from optimizer.outlets import price_kernels

    least, most = model.opened_between()
    if isinstance(model, PlacementModel) and model.is_flat:
        rounds = min(rounds, max(_FLAT_ROUNDS, _FLAT_WORK // max(1, len(model.site))))
    level, way = _levels_of(model, start), np.zeros(model.rows)
    best_level, best_score = level.copy(), model.income.copy()
    state = np.array([np.inf, 1.0, 0.0])
    for begun in range(0, max(1, rounds), _CHUNK):
        is_done = price_kernels.descend(
            model.indptr, model.site, model.value, model.top, model.income, model.offset,
            least, most, model.worth(start), target, min(_CHUNK, max(1, rounds) - begun),
            level, way, best_level, best_score, state,
        )  # fmt: skip
        if is_done or stop.now() is not None:
            break
    return Priced(
        bound=float(state[0]),
        level=best_level,
        surplus=best_score,
        taken=_best_columns(best_score, least, most),
    )


def _levels_of(model: SiteModel, start: Flags) -> Floats:
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


def _linearised(
    model: ChoiceModel, start: Flags, *, rounds: int, stop: Stop, target: float
) -> Priced:
    """The lowest cut over all rows found by steps of Frank and Wolfe (1956) from a network."""
    least, most = model.opened_between()
    x = start.astype(np.float64)
    best: Priced | None = None
    since = 0
    for turn in range(max(1, rounds)):
        right, slope = sum_cut(model, x)
        surplus = model.income + slope
        taken = _best_columns(surplus, least, most)
        bound = model.offset + right + float(surplus[taken].sum())
        since += 1
        if best is None or bound < best.bound:
            since = 0 if best is None or bound < best.bound * (1 - 1e-5) else since
            best = Priced(bound=bound, level=x.copy(), surplus=surplus, taken=taken)
        if best.bound <= target or since >= _PATIENCE or stop.now() is not None:
            break
        goal = np.zeros(model.columns)
        goal[taken] = 1.0
        x = x + (goal - x) * 2 / (turn + 3)
    assert best is not None
    return best


def fixed_by(priced: Priced, model: SiteModel, cutoff: float) -> tuple[Flags, Flags]:
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
