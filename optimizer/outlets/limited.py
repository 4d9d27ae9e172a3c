"""The outlet plan where sites serve only so much: the best network, its split, loads and proof."""

from dataclasses import replace

import numpy as np

from optimizer.outlets.capacity import Capacitated, place_with_capacity
from optimizer.outlets.explain import Proof, outlet_plan
from optimizer.outlets.model import Flags
from optimizer.outlets.presolve import reduce
from optimizer.outlets.problem import OutletProblem
from optimizer.outlets.search import OutletParams, place
from optimizer.outlets.split import split, split_figures
from optimizer.run import Progress, Report, Result, Stop
from territory.outlets import OutletPlan
from territory.plans import StoppedBy, Table, WorkDone

MOST_NODES = 2_000  # of the tree of HiGHS, whose nodes cost far more than those of our own proof

_NOTE = (
    "Sites serve at most their capacities: who takes from whom, other networks and how sure each "
    "site is are not told."
)


def solve_limited(
    problem: OutletProblem, *, params: OutletParams, stop: Stop, progress: Progress[OutletPlan]
) -> Result[OutletPlan]:
    """The network that captures most within the capacities, a bound on all, and its best split.

    Work is limited by nodes of the tree (``stop.iterations``, at most ``params.nodes``).

    Raises
    ------
    Infeasible
        If the rules leave no network.
    """
    nodes = min(params.nodes, MOST_NODES) if stop.iterations is None else stop.iterations
    limits = {s.site_id: s.capacity for s in problem.sites if s.capacity is not None}
    start = _without_limits(problem, params, stop)
    progress(Report(message="split demand by capacities", fraction=0.4))
    found = place_with_capacity(problem, limits, stop=stop, nodes=nodes, start=start)
    why: StoppedBy = "finished" if found.is_proven else stop.now() or "work"
    plan = _told(problem, found, why)
    return Result(
        plan=plan,
        objective=plan.captured,
        cost={"captured": plan.captured},
        bound=plan.bound,
        work=WorkDone(stopped_by=why, iterations=nodes, wall_seconds=stop.elapsed_seconds),
    )


def _without_limits(problem: OutletProblem, params: OutletParams, stop: Stop) -> Flags:
    """The network that is best were there no capacities: it obeys the rules all the same."""
    free = tuple(replace(site, capacity=None) for site in problem.sites)
    reduced = reduce(replace(problem, sites=free))
    quick = replace(params, nodes=min(params.nodes, 50), has_frontier=False)
    return reduced.open_sites(place(reduced.model, params=quick, stop=stop).is_open)


def _told(problem: OutletProblem, found: Capacitated, why: StoppedBy) -> OutletPlan:
    own = np.array([site.role == "own" for site in problem.sites], dtype=np.bool_)
    before = split(problem, own)
    after = split(problem, found.is_open, shut_each=True)
    money, splits, loads = split_figures(problem, found.is_open, before, after)
    bound = max(found.bound, after.captured)
    plan = outlet_plan(
        problem,
        reduce(problem),
        found.is_open,
        proof=Proof(
            bound=bound,
            is_proven=found.is_proven,
            why_not=_why_not(100 * (bound - after.captured) / max(bound, 1e-9), why),
        ),
        frontier=Table(columns={"new_sites": (), "captured": (), "bound": ()}),
        money=money,
    )
    best = float(problem.demand @ problem.cover.best(np.flatnonzero(found.is_open).tolist()))
    return replace(
        plan,
        splits=splits,
        loads=loads,
        turned_away=max(0.0, best - plan.captured),
        notes=(*plan.notes, _NOTE),
    )


def _why_not(share: float, why: StoppedBy) -> str:
    limit = {
        "finished": "",
        "work": "the work limit was reached",
        "clock": "the time was up",
        "cancelled": "the run was stopped",
    }[why]
    return f"A network could be up to {share:.3g} % better: {limit}." if limit else ""
