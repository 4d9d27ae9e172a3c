"""Where to open, keep and close outlets so that most demand is captured, with a proven bound.

Method: exact merging of cells that rank the same sites alike; greedy start and fast interchange
(Whitaker 1983; Resende and Werneck 2007); a Lagrangian bound that fixes sites; proof by branch and
Benders cut on HiGHS (``branch``), or by an engine of OR-Tools given the whole model (``compact``).
"""

from dataclasses import replace

from optimizer.outlets.branch import Placement, Prover
from optimizer.outlets.explain import Proof, outlet_plan
from optimizer.outlets.frontier import frontier_table
from optimizer.outlets.limited import solve_limited
from optimizer.outlets.model import Flags
from optimizer.outlets.presolve import Reduced, reduce
from optimizer.outlets.problem import OutletProblem
from optimizer.outlets.search import OutletParams, place
from optimizer.outlets.tidy import tidied
from optimizer.outlets.warnings import warnings
from optimizer.run import Progress, Report, Result, Stop, silent
from territory.outlets import OutletPlan
from territory.plans import Table, WorkDone


def solve(
    problem: OutletProblem,
    *,
    params: OutletParams | None = None,
    stop: Stop | None = None,
    progress: Progress[OutletPlan] = silent,
) -> Result[OutletPlan]:
    """The network that captures most demand, its bound, and the frontier over fewer new sites.

    ``stop.iterations`` limits the nodes of the proof's search tree (default ``params.nodes``). The
    objective is the captured demand, to be maximised; ``cost`` splits it into kept outlets and
    new sites; ``bound`` is an upper bound.

    Raises
    ------
    Infeasible
        If the rules leave no network; the reasons name a smallest set of rules in conflict.
    """
    params, stop = params or OutletParams(), stop or Stop()
    stop.restart()
    if problem.has_capacities:
        return solve_limited(problem, params=params, stop=stop, progress=progress)
    reduced = reduce(problem)
    for warning in warnings(problem, reduced):
        progress(Report(message=warning, fraction=0.15))

    def better(is_open: Flags, worth: float) -> None:
        plan = _unproven(problem, reduced, is_open)
        progress(Report(message="better network", fraction=0.3, objective=worth, best=plan))

    has_cuts = params.engine in ("auto", "cuts") and reduced.model.rows > 0
    prover = Prover(reduced.model) if has_cuts else None
    found = place(reduced.model, params=params, stop=stop, better=better, prover=prover)
    progress(Report(message="proof ended", fraction=0.7, objective=found.worth, bound=found.bound))
    is_open = tidied(problem, reduced, found.is_open)
    frontier = frontier_table(problem, reduced, found, params=params, stop=stop, prover=prover)
    plan = outlet_plan(
        problem,
        reduced,
        reduced.open_sites(is_open),
        proof=Proof(
            bound=found.bound,
            is_proven=found.is_proven(params.gap),
            why_not=_why_not(found, params),
        ),
        frontier=frontier,
    )
    return _result(plan, found, stop)


def _result(plan: OutletPlan, found: Placement, stop: Stop) -> Result[OutletPlan]:
    by_new = sum(site.captured for site in plan.sites if site.decision == "open")
    return Result(
        plan=plan,
        objective=plan.captured,
        cost={"captured_by_kept": plan.captured - by_new, "captured_by_new": by_new},
        bound=plan.bound,
        work=WorkDone(
            stopped_by=found.stopped_by,
            iterations=found.nodes,
            wall_seconds=stop.elapsed_seconds,
        ),
    )


def _why_not(found: Placement, params: OutletParams) -> str:
    if found.is_proven(params.gap):
        return ""
    share = 100 * (found.bound - found.worth) / found.bound
    limit = {
        "work": f"the work limit of the proof was reached after {found.nodes} nodes",
        "clock": f"the time was up after {found.nodes} nodes",
        "cancelled": f"the run was stopped after {found.nodes} nodes",
        "finished": "the numbers allow no finer proof",
    }[found.stopped_by]
    return f"A network could be up to {share:.3g} % better: {limit}."


def _unproven(problem: OutletProblem, reduced: Reduced, is_open: Flags) -> OutletPlan:
    """A network on the way, bounded only by all demand that any site reaches."""
    plan = outlet_plan(
        problem,
        reduced,
        reduced.open_sites(is_open),
        proof=Proof(
            bound=reduced.model.ceiling, is_proven=False, why_not="The search is still running."
        ),
        frontier=Table(columns={"new_sites": (), "captured": (), "bound": ()}),
    )
    return replace(plan, notes=(*plan.notes, "Kept while the search was running."))
