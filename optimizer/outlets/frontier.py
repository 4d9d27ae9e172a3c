"""The efficiency frontier: what each number of new sites captures at best, with bounds."""

from dataclasses import replace

import numpy as np

from optimizer.outlets.branch import Placement, Prover
from optimizer.outlets.compact import Whole
from optimizer.outlets.presolve import Reduced
from optimizer.outlets.problem import OutletProblem
from optimizer.outlets.rules import COUNT, COUNT_WITH_MOVES
from optimizer.outlets.search import OutletParams, place
from optimizer.run import Stop
from territory.errors import Infeasible
from territory.plans import Table


def frontier_table(
    problem: OutletProblem,
    reduced: Reduced,
    found: Placement,
    *,
    params: OutletParams,
    stop: Stop,
    prover: Prover | None,
) -> Table:
    """A row per number of new sites up to the one asked for: new_sites, captured, bound, adds.

    Every row is at most that many new sites under the same other rules; the last is the plan. A
    number that the rules do not allow has no row. Captured and bound both rise with the number;
    ``adds`` is what a row captures beyond the one before, None in the first.
    """
    rows = [(problem.new_sites, found.worth, found.bound)]
    forced = sum(problem.sites[i].is_forced for i in problem.with_role("candidate"))
    least = max(0, problem.new_sites_at_least, forced)
    if params.has_frontier and COUNT in reduced.model.rules.names:
        limits = replace(params, nodes=params.frontier_nodes, kicks=min(params.kicks, 5))
        for number in range(problem.new_sites - 1, least - 1, -1):
            if stop.now() is not None:
                break
            try:
                row = place(
                    _at_most(reduced.model, problem.new_sites - number),
                    params=limits,
                    stop=_part(stop),
                    prover=prover,
                )
            except Infeasible:
                break
            # fewer sites cannot be bounded by less than what more sites are bounded by
            rows.append((number, row.worth, min(row.bound, rows[-1][2])))
    rows.reverse()
    captured = np.maximum.accumulate([row[1] for row in rows])
    return Table(
        columns={
            "new_sites": tuple(row[0] for row in rows),
            "captured": tuple(float(amount) for amount in captured),
            "bound": tuple(
                max(row[2], float(got)) for row, got in zip(rows, captured, strict=True)
            ),
            "adds": (None, *np.diff(captured).tolist()),
        }
    )


def _part(stop: Stop) -> Stop:
    """The same clock and cancel flag, without the iteration limit meant for the main proof."""
    return Stop(seconds=stop.seconds_left, cancel=stop.cancel)


def _at_most(model: Whole, fewer: int) -> Whole:
    """The model with this many fewer new sites."""
    upper = model.rules.upper.copy()
    for row, name in enumerate(model.rules.names):
        if name in (COUNT, COUNT_WITH_MOVES):
            upper[row] -= fewer
    return replace(model, rules=replace(model.rules, upper=upper))
