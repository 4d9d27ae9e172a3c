"""Which sites open and close in which phase: the last network first, then each one before in it.

The network of the last phase is the plan, with its own bound. Going back, the network of a phase is
the best one that needs only changes of the next: sites open and close once and never turn back. So
every phase is best given the next (an exact solve over few sites), and a second solve without the
later phases in mind bounds what any network within the phase's limits captures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from optimizer.outlets.model import Flags
from optimizer.outlets.problem import OutletProblem, cost_if_closed, cost_if_opened
from optimizer.outlets.search import OutletParams
from optimizer.outlets.solve import solve
from optimizer.run import Stop
from territory.errors import Fault, Infeasible, InputError
from territory.outlets import OutletPlan, Phase, Site
from territory.plans import Table

_NODES = 300  # of the proof of each phase and of its bound


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    """Most new sites and most money from the first phase to the end of this one."""

    new_sites: int
    budget: float | None


def phased(
    problem: OutletProblem,
    plan: OutletPlan,
    phases: Sequence[Phase],
    *,
    params: OutletParams,
    stop: Stop,
) -> OutletPlan:
    """The plan with its ``phases`` and ``steps``; what one phase leaves the next may use.

    The plan is the network of the last phase: its problem has the sum of all phases as limits.
    Rules over open sites and forced sites hold of the last phase, separation, budget and caps of
    each.

    Raises
    ------
    InputError
        If sites have capacities.
    """
    if problem.has_capacities:
        fault = Fault(column="phases", expected="no phases beside capacities")
        raise InputError("The openings cannot be phased.", [fault])
    limits = _cumulated(phases)
    network = _open_in(plan)
    networks, bounds = [network], [plan.bound]
    for limit in reversed(limits[:-1]):
        network = _open_in(_solved(_within(problem, network, limit), params, stop))
        networks.append(network)
        free = _solved(_relaxed(problem, limit), params, stop)
        bounds.append(free.bound)
    networks.reverse()
    bounds.reverse()
    return replace(
        plan,
        phases=_phase_table(problem, limits, networks, bounds),
        steps=_step_table(problem, networks),
    )


def _cumulated(phases: Sequence[Phase]) -> list[_Limit]:
    counts = accumulate(phase.new_sites for phase in phases)
    budgets = accumulate((phase.budget for phase in phases), _added)
    return [_Limit(new_sites=n, budget=b) for n, b in zip(counts, budgets, strict=True)]


def _added(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _open_in(plan: OutletPlan) -> Flags:
    return np.array([site.decision in ("open", "keep") for site in plan.sites], dtype=np.bool_)


def _solved(problem: OutletProblem, params: OutletParams, stop: Stop) -> OutletPlan:
    nodes = min(params.nodes, _NODES)
    limit = Stop(iterations=nodes, seconds=stop.seconds_left, cancel=stop.cancel)
    quick = replace(params, nodes=nodes, has_frontier=False)
    try:
        return solve(problem, params=quick, stop=limit).plan
    except Infeasible:  # the money opens nothing, which a phase may be; today's network is allowed
        if problem.new_sites == 0:
            raise
        return solve(replace(problem, new_sites=0), params=quick, stop=limit).plan


def _within(problem: OutletProblem, later: Flags, limit: _Limit) -> OutletProblem:
    """The question of a phase whose changes are among those of the network after it."""
    sites = tuple(
        replace(
            site,
            may_close=site.role == "own" and not is_open,
            is_forced=False,
            is_forbidden=site.role == "candidate" and not is_open,
        )
        for site, is_open in zip(problem.sites, later.tolist(), strict=True)
    )
    return _limited(problem, sites, limit)


def _relaxed(problem: OutletProblem, limit: _Limit) -> OutletProblem:
    """The question of a phase as if it were the last, with no site forced in or out by then."""
    sites = tuple(
        replace(
            site,
            is_forced=site.is_forced and site.role == "own",
            is_forbidden=site.is_forbidden and site.role == "candidate",
        )
        for site in problem.sites
    )
    return _limited(problem, sites, limit)


def _limited(problem: OutletProblem, sites: tuple[Site, ...], limit: _Limit) -> OutletProblem:
    openable = sum(site.role == "candidate" and not site.is_forbidden for site in sites)
    return replace(
        problem,
        sites=sites,
        rules=(),
        new_sites=min(limit.new_sites, openable),
        new_sites_at_least=0,
        budget=limit.budget,
    )


def _phase_table(
    problem: OutletProblem,
    limits: Sequence[_Limit],
    networks: Sequence[Flags],
    bounds: Sequence[float],
) -> Table:
    is_own = np.array([site.role == "own" for site in problem.sites], dtype=np.bool_)
    opening = np.array([cost_if_opened(site) for site in problem.sites])
    closing = np.array([cost_if_closed(site) for site in problem.sites])
    captured = [problem.captured(network) for network in networks]
    return Table(
        columns={
            "phase": tuple(range(1, len(networks) + 1)),
            "most_new_sites": tuple(limit.new_sites for limit in limits),
            "most_spent": tuple(limit.budget for limit in limits),
            "new_sites": tuple(int((network & ~is_own).sum()) for network in networks),
            "spent": tuple(
                float(opening[network & ~is_own].sum() + closing[~network & is_own].sum())
                for network in networks
            ),
            "captured": tuple(captured),
            "bound": tuple(max(b, got) for b, got in zip(bounds, captured, strict=True)),
        }
    )


def _step_table(problem: OutletProblem, networks: Sequence[Flags]) -> Table:
    """A row per site that opens or closes, with the phase in which it does."""
    before = np.array([site.role == "own" for site in problem.sites], dtype=np.bool_)
    rows: list[tuple[int, str, str]] = []
    for phase, network in enumerate(networks, start=1):
        for site in np.flatnonzero(network != before).tolist():
            word = "open" if network[site] else "close"
            rows.append((phase, problem.sites[site].site_id, word))
        before = network
    names = ("phase", "site_id", "decision")
    return Table(columns={name: tuple(row[k] for row in rows) for k, name in enumerate(names)})
