"""Other goals than capture: the fewest new sites that reach every cell, the least farthest way.

Set cover (Toregas et al. 1971) as one integer program over the distinct, undominated lists of
sites that reach a cell; p-centre (Minieka 1970) as a bisection over the distinct travel times, each
step a set cover. Both under all rules of the problem, handed to HiGHS through MathOpt.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from optimizer.outlets.compact import Solved, solve_compact
from optimizer.outlets.merging import alike
from optimizer.outlets.model import Flags, Floats, PlacementModel, Rules
from optimizer.outlets.presolve import Reduced, reduce
from optimizer.outlets.problem import OutletProblem
from optimizer.run import Stop
from territory.errors import Infeasible
from territory.outlets import SiteRule

_MOST_TO_COMPARE = 4_000  # lists of sites among which dominated ones are sought


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Aim:
    """What was reached and what is proved: ``amount`` new sites, or minutes of the farthest cell.

    ``bound`` is a proven lower bound of it. ``is_open`` marks the open sites of one network that
    reaches the amount; ``rules`` hold every network to it, so that the one that captures most
    among them can be sought (``OutletProblem.rules``). ``beyond`` counts cells with demand that no
    site reaches, which are left out.
    """

    amount: float
    bound: float
    is_open: Flags
    rules: tuple[SiteRule, ...]
    beyond: int

    @property
    def is_proven(self) -> bool:
        """Whether no network does better."""
        return self.bound >= self.amount - 1e-9 * max(1.0, abs(self.amount))


def fewest_new_sites(
    problem: OutletProblem, minutes: Floats, *, within_minutes: float, stop: Stop | None = None
) -> Aim:
    """The fewest new sites with every cell of demand within ``within_minutes`` of an open site.

    ``minutes`` has shape (sites, cells), inf without a way. ``problem.new_sites`` does not limit
    them.

    Raises
    ------
    Infeasible
        If the rules leave no network that reaches every cell that some site can reach.
    """
    free = sum(s.role == "candidate" and not s.is_forbidden for s in problem.sites)
    asked = replace(problem, new_sites=free, new_sites_at_least=0)
    reduced = reduce(asked)
    near = minutes <= within_minutes
    needs = _needs(problem, reduced, near)
    forced = sum(s.role == "candidate" and s.is_forced for s in problem.sites)
    price = _is_candidate(problem)[reduced.columns].astype(np.float64)
    found = _cover(reduced, needs.matrix, -price, stop or Stop())
    if found is None or found.is_open is None:
        raise Infeasible(
            "No network reaches every cell.",
            [
                f"Within {within_minutes:g} minutes the rules (budget, separation, forbidden "
                "sites) leave some cells out."
            ],
            fix="Allow more minutes, add candidates, or relax a rule.",
        )
    return Aim(
        amount=float(price[found.is_open].sum()) + forced,
        bound=float(np.ceil(-found.bound - 1e-6)) + forced,
        is_open=reduced.open_sites(found.is_open),
        rules=_as_rules(problem, near, needs),
        beyond=needs.beyond,
    )


def least_farthest_minutes(
    problem: OutletProblem, minutes: Floats, *, stop: Stop | None = None
) -> Aim:
    """The least minutes within which every cell of demand has an open site.

    ``minutes`` has shape (sites, cells); cells that no site can reach at all are left out.

    Raises
    ------
    Infeasible
        If the rules leave no network.
    """
    stop, reduced = stop or Stop(), reduce(problem)
    may_open = reduced.is_open_anyway.copy()
    may_open[reduced.columns] = True
    cells = (problem.demand > 0) & np.isfinite(minutes[may_open]).any(axis=0)
    if not cells.any():
        raise Infeasible("No site reaches any cell with demand.", fix="Add candidates or roads.")
    floor = float(minutes[may_open][:, cells].min(axis=0).max())
    steps = np.unique(minutes[may_open][:, cells])
    steps = steps[np.isfinite(steps) & (steps >= floor)]
    low, high, best = 0, len(steps) - 1, None
    while low <= high:
        middle = (low + high) // 2
        needs = _needs(problem, reduced, minutes <= steps[middle])
        found = _cover(reduced, needs.matrix, np.zeros(reduced.model.columns), stop)
        if found is None:
            low = middle + 1
        elif found.is_open is None:
            break  # the clock: what is proved so far stands
        else:
            best, high = (middle, found.is_open), middle - 1
    if best is None:
        raise Infeasible(
            "No network reaches every cell.",
            ["The rules leave some cell without a way to any open site."],
            fix="Ask for more new sites or relax a rule.",
        )
    is_open = reduced.open_sites(best[1])
    farthest = float(minutes[is_open][:, cells].min(axis=0).max())
    near = minutes <= farthest
    return Aim(
        amount=farthest,
        bound=float(steps[min(low, best[0])]) if low < len(steps) else farthest,
        is_open=is_open,
        rules=_as_rules(problem, near, _needs(problem, reduced, near)),
        beyond=int(((problem.demand > 0) & ~cells).sum()),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Needs:
    """A row per undominated list of free sites of which one must open; ``cells`` gave the rows."""

    matrix: csr_matrix
    cells: NDArray[np.int64]
    beyond: int


def _needs(problem: OutletProblem, reduced: Reduced, near: NDArray[np.bool_]) -> _Needs:
    may_open = reduced.is_open_anyway.copy()
    may_open[reduced.columns] = True
    wanted = problem.demand > 0
    reached = near[reduced.is_open_anyway].any(axis=0)
    reachable = near[may_open].any(axis=0)
    cells = np.flatnonzero(wanted & reachable & ~reached)
    lists = csr_matrix(near[reduced.columns][:, cells].T.astype(np.float64))
    lists.sort_indices()
    heads, _ = alike(lists.indptr.astype(np.int64), lists.indices.astype(np.int32))
    lists, cells = csr_matrix(lists[heads]), cells[heads]
    kept = _undominated(lists)
    return _Needs(
        matrix=csr_matrix(lists[kept]),
        cells=cells[kept],
        beyond=int((wanted & ~reachable).sum()),
    )


def _undominated(lists: csr_matrix) -> NDArray[np.int64]:
    """Rows that hold no other row: whoever serves the smaller list serves the larger."""
    rows = lists.shape[0]
    if not 1 < rows <= _MOST_TO_COMPARE:
        return np.arange(rows)
    sizes = np.diff(lists.indptr)
    common = (lists @ lists.T).tocoo()
    holds = (common.data >= sizes[common.col]) & (sizes[common.row] > sizes[common.col])
    dominated = np.zeros(rows, dtype=np.bool_)
    dominated[common.row[holds]] = True
    return np.flatnonzero(~dominated)


def _cover(reduced: Reduced, needs: csr_matrix, income: Floats, stop: Stop) -> Solved | None:
    """The cover of most income; None if there is none."""
    rules, count = reduced.model.rules, needs.shape[0]
    model = PlacementModel(
        columns=reduced.model.columns,
        indptr=np.zeros(1, np.int64),
        site=np.zeros(0, np.int32),
        value=np.zeros(0),
        income=income,
        offset=0.0,
        rules=Rules(
            matrix=csr_matrix(vstack([rules.matrix, needs])),
            lower=np.concatenate([rules.lower, np.ones(count)]),
            upper=np.concatenate([rules.upper, np.full(count, np.inf)]),
            names=(*rules.names, *("reach" for _ in range(count))),
        ),
    )
    try:
        return solve_compact(model, seconds=stop.seconds_left)
    except Infeasible:
        return None


def _as_rules(
    problem: OutletProblem, near: NDArray[np.bool_], needs: _Needs
) -> tuple[SiteRule, ...]:
    names = np.array([site.site_id for site in problem.sites], dtype=object)
    return tuple(
        SiteRule(
            name=f"reach of {problem.unit_ids[cell]}",
            weights=dict.fromkeys(names[near[:, cell]].tolist(), 1.0),
            at_least=1.0,
        )
        for cell in needs.cells.tolist()
    )


def _is_candidate(problem: OutletProblem) -> Flags:
    return np.array([site.role == "candidate" for site in problem.sites], dtype=np.bool_)
