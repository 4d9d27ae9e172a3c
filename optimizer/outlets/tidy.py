"""Among networks that capture the same, the one a planner would take: no idle moves."""

import numpy as np

from optimizer.outlets.model import Flags, PlacementModel
from optimizer.outlets.presolve import Reduced
from optimizer.outlets.problem import OutletProblem, cost_if_opened


def tidied(problem: OutletProblem, reduced: Reduced, is_open: Flags) -> Flags:
    """The network with own outlets reopened where the rules allow, and idle new sites closed.

    What is captured never falls: an own outlet closes only to make room or money for something
    better, and a new site that adds nothing does not open.
    """
    model, tidy = reduced.model, is_open.copy()
    for column in _in_order(problem, reduced, "own"):
        _try(model, tidy, column, opens=True)
    for column in _in_order(problem, reduced, "candidate"):
        _try(model, tidy, column, opens=False)
    return tidy


def _in_order(problem: OutletProblem, reduced: Reduced, role: str) -> list[int]:
    """Columns of a role, the dearest to open first."""
    sites = [problem.sites[int(site)] for site in reduced.columns]
    mine = [column for column, site in enumerate(sites) if site.role == role]
    return sorted(mine, key=lambda column: -cost_if_opened(sites[column]))


def _try(model: PlacementModel, is_open: Flags, column: int, *, opens: bool) -> None:
    """Open or close a column if that loses nothing and breaks no rule."""
    if is_open[column] == opens or not (opens or _is_idle(model, is_open, column)):
        return
    is_open[column] = opens
    if not model.rules.allow(is_open):
        is_open[column] = not opens


def _is_idle(model: PlacementModel, is_open: Flags, column: int) -> bool:
    """Whether other open columns give every row at least what this one gives."""
    indptr, row, value = model.by_column
    mine = slice(int(indptr[column]), int(indptr[column + 1]))
    others = is_open.copy()
    others[column] = False
    rows = np.zeros(model.rows, dtype=np.bool_)
    rows[row[mine]] = True
    entry_row = np.repeat(np.arange(model.rows), np.diff(model.indptr))
    keep = rows[entry_row] & others[model.site]
    best = np.zeros(model.rows)
    np.maximum.at(best, entry_row[keep], model.value[keep])
    return bool((best[row[mine]] >= value[mine]).all())
