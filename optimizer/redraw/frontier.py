"""The frontier: what a tighter tolerance costs in compactness and in moves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.redraw.again import improve
from optimizer.redraw.problem import RedrawParams, RedrawProblem
from optimizer.run import Progress, Report, Stop, silent
from territory.alignment import AlignmentPlan
from territory.diagnosis import FrontierPoint
from territory.measures import owner_positions

TOLERANCE_STEPS = (4.0, 2.0, 1.0, 0.5)  # loose to tight, so that each begins near its end
PRICE_STEPS = (4.0, 1.0, 0.25)
USUAL_PRICE = 5.0
EFFORT = 100  # proposals per unit of one point, a quarter of a plan's


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A plan made for the frontier and what was asked of it."""

    tolerance_percent: tuple[float, ...]
    move_price: float
    plan: AlignmentPlan

    @property
    def values(self) -> tuple[float, float, float]:
        """Worst deviation, moment of inertia, share moved: each the less the better."""
        plan = self.plan
        return max(plan.worst_percent), plan.moment_of_inertia, plan.moved_percent

    def point(self, *, is_this: bool = False) -> FrontierPoint:
        """The trial as a point."""
        worst, inertia, moved = self.values
        shapes = [one.polsby_popper for one in self.plan.jurisdictions]
        return FrontierPoint(
            tolerance_percent=max(self.tolerance_percent),
            move_price=self.move_price,
            worst_percent=worst,
            moment_of_inertia=inertia,
            polsby_popper=sum(shapes) / len(shapes),
            moved_percent=moved,
            is_this=is_this,
        )


def trials(
    problem: RedrawProblem,
    plan: AlignmentPlan,
    *,
    params: RedrawParams = RedrawParams(),
    stop: Stop | None = None,
    progress: Progress[AlignmentPlan] = silent,
) -> tuple[Trial, ...]:
    """The plan and others about it: tolerances x prices of moving, each carried on from the last.

    Tolerances from four times to half of those asked for; prices from four times to a quarter of
    the problem's (of 5 if it has none), one price of 0 where there is no alignment before. Each
    takes about a quarter of one start of a plan, so the frontier is a view, not a proof: a longer
    search may move a point. A stop is heeded between points.
    """
    stop = stop or Stop()
    first = Trial(
        tolerance_percent=problem.tolerance_percent, move_price=problem.move_price, plan=plan
    )
    made = [first]
    light = replace(params, proposals_per_unit=min(EFFORT, params.proposals_per_unit))
    prices = _prices(problem)
    count = len(prices) * len(TOLERANCE_STEPS)
    for number, price in enumerate(prices):
        owners = owner_positions(plan.alignment)
        for step, factor in enumerate(TOLERANCE_STEPS):
            if stop.now() is not None:
                return tuple(made)
            tolerance = tuple(min(factor * each, 100.0) for each in problem.tolerance_percent)
            asked = replace(problem, tolerance_percent=tolerance, move_price=price)
            limit = Stop(cancel=stop.cancel, iterations=stop.iterations)
            found = improve(asked, owners, params=light, stop=limit).plan
            owners = owner_positions(found.alignment)
            made.append(Trial(tolerance_percent=tolerance, move_price=price, plan=found))
            done = (number * len(TOLERANCE_STEPS) + step + 1) / count
            progress(Report(message="weigh the frontier", fraction=done))
    return tuple(made)


def _prices(problem: RedrawProblem) -> tuple[float, ...]:
    if problem.before is None:
        return (0.0,)
    usual = problem.move_price or USUAL_PRICE
    return tuple(usual * step for step in PRICE_STEPS)


def non_dominated(made: Sequence[Trial]) -> tuple[tuple[Trial, bool], ...]:
    """The trials no other beats, tightest first; True marks the first trial given."""
    values = np.array([trial.values for trial in made])
    kept: list[tuple[Trial, bool]] = []
    for place, trial in enumerate(made):
        no_worse = (values <= values[place]).all(axis=1)
        better = no_worse & (values < values[place]).any(axis=1)
        twin = (values[:place] == values[place]).all(axis=1).any()
        if not better.any() and not twin:
            kept.append((trial, place == 0))
    return tuple(sorted(kept, key=lambda pair: pair[0].values))
