"""Redraw for every number of executives in a range, each from the plan of its neighbour.

The first number is solved whole; from there up and down each next plan carries on: who joins takes
half of the heaviest jurisdiction, who leaves is absorbed by neighbours, and the search goes on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.problem import RedrawParams, RedrawProblem
from optimizer.run import Progress, Report, Result, Stop, silent
from territory.alignment import AlignmentPlan
from territory.driving import road_hours, worst_driven_percent
from territory.redrawn import CountTried


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """One number of executives: what was asked and what was found."""

    problem: RedrawProblem
    result: Result[AlignmentPlan]


def solve_counts(
    make: Callable[[int], RedrawProblem],
    counts: Sequence[int],
    *,
    first: int,
    params: RedrawParams = RedrawParams(),
    stop: Stop | None = None,
    progress: Progress[AlignmentPlan] = silent,
) -> Mapping[int, Counted]:
    """A plan for each of ``counts`` (ascending), begun at the one nearest to ``first``.

    ``make`` gives the problem of a number of executives. Stops early when told to, with those
    found so far; the one begun with is always there.

    Raises
    ------
    Infeasible
        If a number of executives leaves no plan; it names the number.
    """
    from optimizer.redraw.method import solve

    begun = min(counts, key=lambda count: (abs(count - first), count))
    asked = make(begun)
    found = {begun: Counted(problem=asked, result=solve(asked, params=params, stop=stop))}
    place = list(counts).index(begun)
    ways = (list(counts)[place + 1 :], list(counts)[:place][::-1])
    for way in ways:
        last = found[begun]
        for count in way:
            if stop is not None and stop.cancel.is_set():
                return found
            progress(
                Report(message=f"redraw for {count} executives", fraction=len(found) / len(counts))
            )
            last = _next(make(count), last, params, stop)
            found[count] = last
    return dict(sorted(found.items()))


def _next(
    problem: RedrawProblem, last: Counted, params: RedrawParams, stop: Stop | None
) -> Counted:
    """The plan of this problem carried on from that of another number of executives."""
    from optimizer.redraw.again import improve

    again = None if stop is None else Stop(cancel=stop.cancel, iterations=stop.iterations)
    owners = _carried_over(last, problem)
    return Counted(problem=problem, result=improve(problem, owners, params=params, stop=again))


def _carried_over(last: Counted, problem: RedrawProblem) -> NDArray[np.int64]:
    """Owners by the names of executives; -1 where the owner is not here any more."""
    place = {executive: at for at, executive in enumerate(problem.executive_ids)}
    owners = last.result.plan.alignment.owners
    return np.array([place.get(owner, -1) for owner in owners], dtype=np.int64)


def tried(
    counted: Counted, *, full_hours: float, is_chosen: bool = False, is_driven: bool = False
) -> CountTried:
    """What the plan of a number of executives comes to; by its driven hours if ``is_driven``."""
    plan, problem = counted.result.plan, counted.problem
    worst, hours = list(plan.worst_percent), [one.loads[-1] for one in plan.jurisdictions]
    if is_driven:
        worst[-1] = worst_driven_percent(plan.driven)
        hours = [
            held - one.planned_hours + one.visit_hours + road_hours(one)
            for held, one in zip(hours, plan.driven, strict=True)
        ]
    beyond = [
        max(0.0, off - limit)
        for off, limit in zip(worst, problem.limits_percent.tolist(), strict=True)
    ]
    shapes = [one.polsby_popper for one in plan.jurisdictions]
    return CountTried(
        executives=problem.executives,
        worst_percent=plan.worst_percent,
        beyond_percent=max(beyond),
        polsby_popper=sum(shapes) / len(shapes),
        moment_of_inertia=plan.moment_of_inertia,
        moved_percent=plan.moved_percent,
        full_percent=100 * max(hours) / full_hours,
        is_chosen=is_chosen,
        is_driven=is_driven,
    )
