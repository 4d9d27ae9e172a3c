"""Redraw: starts, annealed search, exact polish of what is left, bounds and words.

The objective is ``territory.measures.objective``: lexicographic, first the sum of what loads lie
beyond tolerance, then shape + border + moved. Every jurisdiction of a returned plan is one piece of
``problem.neighbours``. Problems of up to 14 units are solved to proven optimality (see ``exact``).
"""

from typing import TYPE_CHECKING

from optimizer.redraw.problem import RedrawParams, RedrawProblem
from optimizer.run import Progress, Report, Result, Stop, silent
from territory.alignment import AlignmentPlan
from territory.errors import InputError
from territory.measures import Objective, alignment_plan
from territory.plans import WorkDone

if TYPE_CHECKING:
    from optimizer.redraw.field import Arena
    from optimizer.redraw.kernel_values import Ints

EXACT_UNITS = 14
PROOF_SHARE = 0.04  # of the time, kept for the bounds and the figures of the plan
PROOF_SECONDS = 1e-5  # a unit, at least, for the same
WORDS_SECONDS = 5e-6  # a unit, for the figures alone
VIOLATION_PRICE = 1000.0  # of the reported sum; the search itself compares lexicographically


def solve(
    problem: RedrawProblem,
    *,
    params: RedrawParams = RedrawParams(),
    stop: Stop | None = None,
    progress: Progress[AlignmentPlan] = silent,
) -> Result[AlignmentPlan]:
    """The best alignment found; proven optimal for up to 14 units (``bound`` = ``objective``).

    ``objective`` is 1000 x violation + shape + border + moved, the parts of ``cost``, without unit
    (see ``territory.measures.objective``); the search compares violation first, then the rest.
    ``stop.iterations`` limits the proposed moves of all starts together, ``work.iterations``
    counts them. A tolerance that was not met is told in ``plan.notes`` with its likely cause.

    Raises
    ------
    InputError
        If engine "exact" is asked for more than 14 units.
    Infeasible
        If locked units leave no contiguous plan.
    """
    from optimizer.redraw.field import arena

    if problem.unit_groups:
        from optimizer.redraw.within import solve_within

        return solve_within(problem, params=params, stop=stop, progress=progress)
    if problem.sealed:
        from optimizer.redraw.sealed import solve_rest

        return solve_rest(problem, params=params, stop=stop, progress=progress)
    if problem.together or problem.apart:
        from optimizer.redraw.grouped import solve_grouped

        return solve_grouped(problem, params=params, stop=stop, progress=progress)
    stop = stop or Stop()
    stop.restart()
    ready = arena(problem)
    is_small = len(problem.unit_ids) <= EXACT_UNITS
    if params.engine == "exact" and not is_small:
        raise InputError(
            f"The exact engine takes {EXACT_UNITS} units at most, this problem has "
            f"{len(problem.unit_ids)}.",
            fix="Use engine auto or search.",
        )
    has_before = bool((problem.owners_before >= 0).any())
    if params.moves == "fewest" and has_before and params.engine != "exact":
        from optimizer.redraw.fewest import fewest_moves

        return fewest_moves(problem, params=params, stop=stop, progress=progress)
    if is_small and params.engine != "search":
        return _exact(ready, stop)
    return _searched(ready, params, stop, progress)


def _exact(arena: "Arena", stop: Stop) -> Result[AlignmentPlan]:
    from optimizer.redraw.exact import optimal_owners

    owner = optimal_owners(arena)
    work = WorkDone(stopped_by="finished", wall_seconds=stop.elapsed_seconds)
    return result_of(owner, arena, work, is_optimal=True)


def _searched(
    arena: "Arena", params: RedrawParams, stop: Stop, progress: Progress[AlignmentPlan]
) -> Result[AlignmentPlan]:
    from optimizer.redraw.search import search

    def tell(message: str, fraction: float, owner: "Ints | None") -> None:
        if progress is silent:
            return
        best = None if owner is None else plan_of(owner, arena)
        cost = None if owner is None else _total(arena.objective(owner))
        progress(Report(message=message, fraction=fraction, objective=cost, best=best))

    owner, proposals, is_clocked = search(arena, params, stop, tell)
    tell("polish what is out of tolerance", 0.9, owner)
    return finished(owner, arena, params, stop, proposals, is_clocked=is_clocked)


def finished(
    owner: "Ints",
    arena: "Arena",
    params: RedrawParams,
    stop: Stop,
    proposals: int,
    *,
    is_clocked: bool,
) -> Result[AlignmentPlan]:
    """What a search found, polished and proved within what time is left."""
    from optimizer.redraw.polish import polished

    polish = _keeping(stop, max(PROOF_SHARE * (stop.seconds or 0.0), len(owner) * PROOF_SECONDS))
    owner = polished(owner, arena, params, polish)
    is_late = is_clocked or polish.now() == "clock"
    work = WorkDone(
        stopped_by=stop.now() or ("clock" if is_late else "work"),
        iterations=proposals,
        wall_seconds=stop.elapsed_seconds,
    )
    return result_of(owner, arena, work, stop=_keeping(stop, len(owner) * WORDS_SECONDS))


def _keeping(stop: Stop, seconds: float) -> Stop:
    """What is left of a stop but for these seconds."""
    left = stop.seconds_left
    mine = None if left is None else max(left - seconds, 0.0)
    return Stop(iterations=stop.iterations, seconds=mine, cancel=stop.cancel)


def plan_of(
    owner: "Ints",
    arena: "Arena",
    *,
    with_bounds: bool = False,
    is_optimal: bool = False,
    stop: Stop | None = None,
) -> AlignmentPlan:
    """The plan of an assignment; the bounds take a second at 20,000 units, so they can wait."""
    from optimizer.redraw.bound import inertia_bound, moved_bound
    from optimizer.redraw.explain import notes_on

    problem = arena.problem
    owners = owner.astype("int64")
    return alignment_plan(
        problem.alignment(owners),
        problem.ground,
        tolerance_percent=problem.tolerance_percent,
        before=problem.alignment_before,
        names=problem.names,
        locked_units=problem.locked_units,
        inertia_bound=inertia_bound(owner, arena, stop=stop) if with_bounds else 0.0,
        moved_bound=moved_bound(owner, arena) if with_bounds else 0.0,
        notes=(*problem.notes, *notes_on(owners, problem, is_optimal=is_optimal)),
        soft_price=problem.soft_price,
    )


def result_of(
    owner: "Ints",
    arena: "Arena",
    work: WorkDone,
    *,
    is_optimal: bool = False,
    stop: Stop | None = None,
) -> Result[AlignmentPlan]:
    """An assignment as every door of redraw returns it."""
    value, problem = arena.objective(owner), arena.problem
    plan = plan_of(owner, arena, with_bounds=True, is_optimal=is_optimal, stop=stop)
    return Result(
        plan=plan,
        objective=_total(value),
        cost={
            "violation": VIOLATION_PRICE * value.violation,
            "shape": value.shape,
            "border": value.border,
            "moved": value.moved,
            **({} if problem.is_hard.all() else {"soft": value.soft}),
        },
        bound=_total(value) if is_optimal else None,
        work=work,
    )


def _total(value: Objective) -> float:
    return VIOLATION_PRICE * value.violation + value.cost
