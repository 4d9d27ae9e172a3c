"""From open sites to the plan a planner reads: who serves whom, from whom, why, what instead."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.outlets.figures import Figures, figures, would_add
from optimizer.outlets.model import Flags, Floats
from optimizer.outlets.presolve import Reduced
from optimizer.outlets.problem import OutletProblem, cost_if_closed, cost_if_opened
from optimizer.outlets.warnings import warnings
from territory.outlets import OutletPlan, Site, SiteResult
from territory.plans import Table

_MOST_WORK = 200_000_000  # cover entries read to name substitutes; beyond it they are left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is proven of a network: an upper bound on all networks, and why no more."""

    bound: float
    is_proven: bool
    why_not: str = ""


def outlet_plan(
    problem: OutletProblem,
    reduced: Reduced,
    is_open: Flags,
    *,
    proof: Proof,
    frontier: Table,
    money: Figures | None = None,
) -> OutletPlan:
    """The plan of these open sites, with every figure recomputed from demand and cover.

    ``money`` are the figures where demand splits by capacities.
    """
    money = money or figures(problem, is_open)
    sites = tuple(_site_results(problem, reduced, is_open, money))
    captured = float(money.after.sum())
    bound = max(proof.bound, captured)
    return OutletPlan(
        sites=sites,
        cells=_cells(problem, money),
        frontier=frontier,
        reach_minutes=problem.reach_minutes,
        reach_weights=problem.reach_weights,
        new_sites=sum(site.decision == "open" for site in sites),
        captured_before=float(money.before.sum()),
        captured=captured,
        cannibalised=sum(site.from_own for site in sites if site.decision == "open"),
        demand=float(problem.demand.sum()),
        bound=bound,
        gap_percent=100 * (bound - captured) / bound if bound > 0 else 0.0,
        is_proven=proof.is_proven,
        why_not_proven=proof.why_not,
        budget=problem.budget,
        spent=sum(site.cost for site in sites),
        minimum_separation_meters=problem.minimum_separation_meters,
        travel_source=problem.travel_source,
        capture=problem.capture,
        notes=warnings(problem, reduced),
    )


def _cells(problem: OutletProblem, money: Figures) -> Table:
    names = [*(site.site_id for site in problem.sites), ""]  # -1 picks the last: nobody
    return Table(
        columns={
            "unit_id": problem.unit_ids,
            "demand": tuple(problem.demand.tolist()),
            "captured_before": tuple(money.before.tolist()),
            "captured_after": tuple(money.after.tolist()),
            "site_id": tuple(names[site] for site in money.server.tolist()),
        }
    )


def _site_results(
    problem: OutletProblem, reduced: Reduced, is_open: Flags, money: Figures
) -> Iterator[SiteResult]:
    instead = _substitutes(problem, reduced, is_open)
    others = "won from others" if problem.capture.is_choice else "unmet before"
    for i, site in enumerate(problem.sites):
        if site.role == "own":
            decision = "keep" if is_open[i] else "close"
        else:
            decision = "open" if is_open[i] else "leave"
        takes = f"Captures {money.captured[i]:,.0f} a year"
        words = {
            "open": f"{takes}: {money.from_unmet[i]:,.0f} {others}, "
            f"{money.from_own[i]:,.0f} from own outlets. Without it the network loses "
            f"{money.marginal[i]:,.0f}.{instead.get(i, '')}",
            "keep": f"{takes}; closing it loses {money.marginal[i]:,.0f}.",
            "close": f"Keeping it would add {money.would_add[i]:,.0f} a year; {_closing(site)}.",
            "leave": f"Would add {money.would_add[i]:,.0f} a year to this network.",
        }[decision]
        if problem.has_capacities and decision in ("close", "leave"):
            words = "Not in the network that captures most within the capacities."
        if i in reduced.left_out:
            start = "Must close" if site.role == "own" else "Not considered"
            words = f"{start}: {reduced.left_out[i]}."
        yield SiteResult(
            site_id=site.site_id,
            name=site.name,
            lon=site.lon,
            lat=site.lat,
            role=site.role,
            decision=decision,  # type: ignore[arg-type]
            captured=float(money.captured[i]),
            from_own=float(money.from_own[i]),
            from_unmet=float(money.from_unmet[i]),
            marginal=float(money.marginal[i]),
            cost=_cost(problem, i, decision),
            reason=f"{words} {site.reason}".strip(),
        )


def _closing(site: Site) -> str:
    amount = cost_if_closed(site)
    return f"closing it {'costs' if amount >= 0 else 'saves'} {abs(amount):,.0f}"


def _cost(problem: OutletProblem, site: int, decision: str) -> float:
    if decision == "open":
        return cost_if_opened(problem.sites[site])
    return cost_if_closed(problem.sites[site]) if decision == "close" else 0.0


def _substitutes(problem: OutletProblem, reduced: Reduced, is_open: Flags) -> dict[int, str]:
    """For each opened site, the closed candidate that replaces it best within the rules."""
    opened = [i for i in problem.with_role("candidate") if is_open[i]]
    if problem.has_capacities or len(opened) * len(problem.cover.cells) > _MOST_WORK:
        return {}
    column = {int(site): place for place, site in enumerate(reduced.columns)}
    words = {}
    for site in opened:
        if site not in column:
            continue
        rest = is_open.copy()
        rest[site] = False
        gain = would_add(problem, rest)
        other = _best_allowed(reduced, is_open, column, site, gain)
        if other is not None:
            loses = gain[site] - gain[other]
            words[site] = (
                f" If it falls through, {problem.sites[other].site_id!r} instead loses "
                f"{loses:,.0f}."
            )
    return words


def _best_allowed(
    reduced: Reduced, is_open: Flags, column: dict[int, int], site: int, gain: Floats
) -> int | None:
    trial = is_open[reduced.columns]
    trial[column[site]] = False
    for other in np.argsort(-gain, kind="stable")[:30]:
        place = column.get(int(other))
        if place is None or is_open[other]:
            continue
        trial[place] = True
        if reduced.model.rules.allow(trial):
            return int(other)
        trial[place] = False
    return None
