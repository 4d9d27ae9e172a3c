"""Districts around medians: annealed starts, the best of all districts met, a bound.

The method: starts grown from seeds (k-means++), annealed by shifts and swaps valued with the best
unit as it will be after the move, limits and pieces priced by strategic oscillation (``search``);
then set partitioning over every district a start met (``combine``), and a Lagrangian bound.
"""

import numpy as np

from optimizer.redraw.medians.problem import MedianParams, MedianProblem
from optimizer.redraw.medians.values import Case, Ints
from optimizer.run import Progress, Report, Result, Stop, silent
from territory.medians import MedianPlan
from territory.plans import WorkDone


def solve(
    problem: MedianProblem,
    *,
    params: MedianParams = MedianParams(),
    stop: Stop | None = None,
    progress: Progress[MedianPlan] = silent,
) -> Result[MedianPlan]:
    """The plan of least distance found; districts are whole and keep their limits if any met do.

    A plan that breaks a limit says so in its notes, and by how much. ``stop.iterations`` limits the
    proposals of all starts together; ``stop.seconds`` cools all of them within the clock.
    """
    from optimizer.redraw.medians.bound import lower_bound
    from optimizer.redraw.medians.combine import combined
    from optimizer.redraw.medians.search import Found, rank, search
    from optimizer.redraw.medians.start import case_of

    stop = stop or Stop()
    stop.restart()
    case = case_of(problem)

    def tell(message: str, fraction: float, found: "Found") -> None:
        plan = _plan(found.owner, problem, case)
        progress(
            Report(message=message, fraction=0.7 * fraction, objective=plan.distance, best=plan)
        )

    found = search(problem, params, stop, tell, case)
    owner, p = found.owner, problem.districts
    torn, over, known = found.rank
    bound, price = 0.0, None
    if stop.now() is None:
        bound, price = lower_bound(case, p, known, params.bound_rounds)
    if params.combine and price is not None and stop.now() is None:
        best = known if (torn, over) == (0, 0.0) else float("inf")
        made = combined(found.pools, p, best, price, seconds=stop.seconds_left)
        if made is not None and rank(made, p, case) < found.rank:
            owner = made
    plan = _plan(owner, problem, case, bound=bound)
    work = WorkDone(
        stopped_by=stop.now() or ("clock" if found.is_clocked else "work"),
        iterations=found.proposals,
        wall_seconds=stop.elapsed_seconds,
    )
    return Result(
        plan=plan,
        objective=plan.distance,
        cost={"distance": plan.distance},
        bound=plan.bound or None,
        work=work,
    )


def _plan(owner: Ints, problem: MedianProblem, case: Case, *, bound: float = 0.0) -> MedianPlan:
    """The plan of an assignment, its figures summed anew."""
    from optimizer.redraw.medians.kernels import set_up

    p = problem.districts
    state = set_up(owner.copy(), p, case)
    centers = np.empty(p, dtype=np.int64)
    for k in range(p):
        inside = np.sort(state.member[k, : state.size[k]])
        centers[k] = inside[np.argmin(state.reach[inside])]
    held = np.array([np.bincount(owner, load, minlength=p) for load in problem.loads])
    excess = _worst_excess(held, problem)
    notes: tuple[str, ...] = ()
    if excess > 1e-6:
        notes = (
            f"No plan was found in which every district keeps its limits; the worst lies "
            f"{excess:.2f} % outside.",
        )
    ids = problem.unit_ids
    return MedianPlan(
        unit_ids=ids,
        centers=tuple(ids[at] for at in centers[owner].tolist()),
        distance=float(state.cost.sum()),
        worst_excess_percent=excess,
        bound=min(bound, float(state.cost.sum())),
        notes=notes,
    )


def _worst_excess(held: np.ndarray, problem: MedianProblem) -> float:
    """Furthest outside a limit, in percent of it; ``held`` is (m, p)."""
    most, least = problem.most[:, None], problem.least[:, None]
    above = np.where(most > 0, held / np.where(most > 0, most, 1) - 1, 0)
    below = np.where(least > 0, 1 - held / np.where(least > 0, least, 1), 0)
    return max(0.0, 100 * float(np.maximum(above, below).max()))
