"""What the judge finds of an outlet plan's goal and of its cap on cannibalisation."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from territory.checks.networks import OutletFacts
from territory.checks.violation import Violation, exceeds, misstated, shown
from territory.outlets import OutletPlan


def check_goal(
    plan: OutletPlan, facts: OutletFacts, is_open: NDArray[np.bool_]
) -> Iterator[Violation]:
    """The farthest way, the cells beyond it, proven bounds below, and what own outlets may lose."""
    cap = facts.most_cannibalised
    if cap is not None and exceeds(plan.cannibalised, cap):
        yield Violation(
            code="over_cap",
            subject="plan",
            message=f"new sites take {shown(plan.cannibalised)} from own outlets, "
            f"at most {shown(cap)} may be",
            stated=plan.cannibalised,
            found=cap,
        )
    goal = plan.goal
    if goal.kind == "capture":
        if goal.within_minutes is not None or goal.bound is not None or goal.beyond:
            yield _wrong("capture is the goal, and yet minutes, a bound or cells beyond are told")
        return
    if goal.within_minutes is None or goal.bound is None:
        yield _wrong("the minutes or the bound are missing")
        return
    wanted = facts.demand > 0
    ways = facts.minutes[is_open][:, wanted].min(axis=0, initial=np.inf)
    reached = ways <= goal.within_minutes
    beyond = float((~reached).sum())
    yield from misstated("wrong_goal", "goal", "beyond", stated=goal.beyond, found=beyond)
    if goal.kind == "nearest":
        farthest = float(ways[np.isfinite(ways)].max(initial=0.0))
        yield from misstated(
            "wrong_goal", "goal", "within_minutes", stated=goal.within_minutes, found=farthest
        )
    amount = goal.within_minutes if goal.kind == "nearest" else float(plan.new_sites)
    if exceeds(goal.bound, amount):
        yield _wrong(f"the proven least {shown(goal.bound)} is above the plan's {shown(amount)}")


def _wrong(message: str) -> Violation:
    return Violation(code="wrong_goal", subject="goal", message=message)
