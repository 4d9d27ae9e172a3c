"""The judge of an outlet plan's frontier: rising, bounded, at one with the plan, what each adds."""

import math
from collections.abc import Iterator
from itertools import pairwise

from territory.checks.networks import OutletFacts
from territory.checks.violation import Violation, agree, exceeds, misstated, shown
from territory.outlets import OutletPlan


def check_frontier(plan: OutletPlan, facts: OutletFacts) -> Iterator[Violation]:
    """Captured and bound per number of new sites: rising, bounds above, at one with the plan."""
    table = plan.frontier
    rows = sorted(
        zip(
            table.numbers("new_sites"), table.numbers("captured"), table.numbers("bound"),
            strict=True,
        )
    )  # fmt: skip
    for count, reached, bound in rows:
        if not 0 <= count <= facts.new_sites:
            yield _bad(count, f"0 to {facts.new_sites} sites were asked for")
        if exceeds(reached, bound):
            yield _bad(count, f"captures {shown(reached)}, above its bound {shown(bound)}")
        if count >= plan.new_sites and exceeds(plan.captured, bound):
            yield _bad(count, f"its bound {shown(bound)} is below the plan's own capture")
        if exceeds(reached, plan.bound):
            yield _bad(count, f"captures {shown(reached)}, above the plan's bound")
        is_plan = count == facts.new_sites
        if is_plan and not (agree(reached, plan.captured) and agree(bound, plan.bound)):
            yield _bad(count, "the last row is not the plan")
    for (before, fewer, _), (count, more, _) in pairwise(rows):
        if before == count:
            yield _bad(count, "stands twice")
        if exceeds(fewer, more):
            yield _bad(count, f"captures {shown(more)}, less than with fewer sites")
    if "adds" in table.columns:  # absent in older plans
        yield from _adds(plan)


def _adds(plan: OutletPlan) -> Iterator[Violation]:
    """What each number of new sites adds to the one before."""
    table = plan.frontier
    rows = sorted(
        zip(table.numbers("new_sites"), table.numbers("captured"), table.numbers("adds"),
            strict=True)
    )  # fmt: skip
    if rows and not math.isnan(rows[0][2]):
        yield _bad(rows[0][0], "the first row adds to nothing")
    for (_, fewer, _), (count, more, adds) in pairwise(rows):
        subject = f"frontier at {count:g} sites"
        yield from misstated("wrong_frontier", subject, "adds", stated=adds, found=more - fewer)


def _bad(count: float, message: str) -> Violation:
    return Violation(code="wrong_frontier", subject=f"frontier at {count:g} sites", message=message)
