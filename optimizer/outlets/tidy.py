"""Among networks that capture the same, the one a planner would take: no idle moves."""

from optimizer.outlets.model import Flags, SiteModel
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


def _try(model: SiteModel, is_open: Flags, column: int, *, opens: bool) -> None:
    """Open or close a column if that loses nothing and breaks no rule."""
    if is_open[column] == opens or not (opens or _is_idle(model, is_open, column)):
        return
    is_open[column] = opens
    if not model.rules.allow(is_open):
        is_open[column] = not opens


def _is_idle(model: SiteModel, is_open: Flags, column: int) -> bool:
    """Whether the other open columns are worth as much without this one."""
    others = is_open.copy()
    others[column] = False
    here, there = model.worth(others), model.worth(is_open)
    return here >= there - 1e-12 * max(1.0, abs(there))
