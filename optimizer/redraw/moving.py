"""How much must change hands: a bound from every load, not the workload alone.

Who holds more of a load than tolerance allows gives units away; the workload that leaves with them
is least if the units richest in that load for their workload go first, the last of them in part
(Dantzig, 1957). Who holds too little takes the richest units of others in the same way. Each unit
leaves one executive and joins one, so the needs of all executives add up; of several loads the
most demanding counts.
"""

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.problem import RedrawProblem

Floats = NDArray[np.float64]


def moved_bound_percent(problem: RedrawProblem, tolerance_percent: Floats) -> float:
    """Least share of workload, in percent, that any plan within these tolerances (m,) moves.

    Units of nobody, and of people who are no longer there, always move; locked units never do.
    """
    before, workload = problem.owners_before, problem.loads[-1]
    total = float(workload.sum())
    if total <= 0 or problem.before is None:
        return 0.0
    free = problem.locked < 0
    leaving, joining = np.zeros(problem.executives), np.zeros(problem.executives)
    hard = problem.is_hard
    for load, percent, besides in zip(
        problem.loads[hard], tolerance_percent[hard] / 100, problem.carried[hard], strict=True
    ):
        mean = float(load.sum() + besides.sum()) / problem.executives
        if mean <= 0:
            continue
        held = besides + np.bincount(
            before[before >= 0], load[before >= 0], minlength=problem.executives
        )
        order = _richest_first(load, workload, free)
        for executive in np.flatnonzero(held > (1 + percent) * mean).tolist():
            mine = order[before[order] == executive]
            want = float(held[executive]) - (1 + percent) * mean
            leaving[executive] = max(leaving[executive], _least(mine, load, workload, want))
        for executive in np.flatnonzero(held < (1 - percent) * mean).tolist():
            others = order[before[order] != executive]
            want = (1 - percent) * mean - float(held[executive])
            joining[executive] = max(joining[executive], _least(others, load, workload, want))
    nobody = float(workload[before < 0].sum())
    least = max(float(leaving.sum()) + nobody, float(joining.sum()))
    return 100 * least / total * (1 - 1e-12)


def _richest_first(load: Floats, workload: Floats, free: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Free units that hold some of the load, most load for their workload first."""
    rich = free & (load > 0)
    ratio = np.where(workload > 0, load / np.where(workload > 0, workload, 1.0), np.inf)
    units = np.flatnonzero(rich)
    return units[np.argsort(-ratio[units], kind="stable")]


def _least(units: NDArray[np.int64], load: Floats, workload: Floats, want: float) -> float:
    """Workload of the first units, in part if need be, that hold ``want`` of the load."""
    reached = np.cumsum(load[units])
    whole = int(np.searchsorted(reached, want))
    spent = float(workload[units[:whole]].sum())
    if whole >= len(units):
        return spent
    left = want - (float(reached[whole - 1]) if whole else 0.0)
    unit = units[whole]
    return spent + float(workload[unit]) * left / float(load[unit])
