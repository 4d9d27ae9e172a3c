"""From open sites to the plan a planner reads: who serves whom, from whom, why, what instead."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.model import Flags, Floats
from optimizer.outlets.presolve import Reduced
from optimizer.outlets.problem import OutletProblem, cost_if_closed, cost_if_opened
from territory.outlets import OutletPlan, SiteResult
from territory.plans import Table

_MOST_WORK = 200_000_000  # cover entries read to name substitutes; beyond it they are left out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Served:
    """Per cell: the serving site (-1: none), its weight, the second best weight."""

    site: NDArray[np.int64]
    weight: Floats
    second: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is proven of a network: an upper bound on all networks, and why no more."""

    bound: float
    is_proven: bool
    why_not: str = ""


def serve(problem: OutletProblem, is_open: Flags) -> Served:
    """Who serves each cell: the largest weight; ties go to an own outlet, then the shorter way."""
    cover = problem.cover
    sizes = np.diff(cover.indptr)
    site = np.repeat(np.arange(cover.site_count), sizes)
    keep = is_open[site]
    site, cell = site[keep], cover.cells[keep]
    weight, minutes = cover.weights[keep], cover.minutes[keep]
    is_new = np.array([item.role != "own" for item in problem.sites], dtype=np.bool_)[site]
    order = np.lexsort((site, minutes, is_new, -weight, cell))
    site, cell, weight = site[order], cell[order], weight[order]
    first = np.ones(len(cell), dtype=np.bool_)
    first[1:] = cell[1:] != cell[:-1]
    second = np.zeros(len(cell), dtype=np.bool_)
    second[1:] = first[:-1] & ~first[1:]
    served = Served(
        site=np.full(cover.cell_count, -1, dtype=np.int64),
        weight=np.zeros(cover.cell_count),
        second=np.zeros(cover.cell_count),
    )
    served.site[cell[first]] = site[first]
    served.weight[cell[first]] = weight[first]
    served.second[cell[second]] = weight[second]
    return served


def outlet_plan(
    problem: OutletProblem,
    reduced: Reduced,
    is_open: Flags,
    *,
    proof: Proof,
    frontier: Table,
) -> OutletPlan:
    """The plan of these open sites, with every figure recomputed from demand and cover."""
    own = np.array([site.role == "own" for site in problem.sites], dtype=np.bool_)
    before, after = serve(problem, own), serve(problem, is_open)
    sites = tuple(_site_results(problem, reduced, is_open, before, after))
    captured = float(problem.demand @ after.weight)
    bound = max(proof.bound, captured)
    return OutletPlan(
        sites=sites,
        cells=_cells(problem, before, after),
        frontier=frontier,
        reach_minutes=problem.reach_minutes,
        reach_weights=problem.reach_weights,
        new_sites=sum(site.decision == "open" for site in sites),
        captured_before=float(problem.demand @ before.weight),
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
        notes=tuple(_notes(problem, reduced)),
    )


def _cells(problem: OutletProblem, before: Served, after: Served) -> Table:
    names = [*(site.site_id for site in problem.sites), ""]  # -1 picks the last: nobody
    return Table(
        columns={
            "unit_id": problem.unit_ids,
            "demand": tuple(problem.demand.tolist()),
            "captured_before": tuple((problem.demand * before.weight).tolist()),
            "captured_after": tuple((problem.demand * after.weight).tolist()),
            "site_id": tuple(names[site] for site in after.site.tolist()),
        }
    )


def _site_results(
    problem: OutletProblem, reduced: Reduced, is_open: Flags, before: Served, after: Served
) -> Iterator[SiteResult]:
    size = len(problem.sites)
    money = problem.demand
    shared = money * np.minimum(before.weight, after.weight)
    shared[before.site == after.site] = 0.0
    fresh = money * np.maximum(0.0, after.weight - before.weight)
    captured = _per_site(after.site, money * after.weight, size)
    from_own = _per_site(after.site, shared, size)
    from_unmet = _per_site(after.site, fresh, size)
    marginal = _per_site(after.site, money * (after.weight - after.second), size)
    would_add = _would_add(problem, after.weight)
    instead = _substitutes(problem, reduced, is_open, after)
    for i, site in enumerate(problem.sites):
        if site.role == "own":
            decision = "keep" if is_open[i] else "close"
        else:
            decision = "open" if is_open[i] else "leave"
        words = {
            "open": f"Captures {captured[i]:,.0f} a year: {from_unmet[i]:,.0f} unmet before, "
            f"{from_own[i]:,.0f} from own outlets. Without it the network loses "
            f"{marginal[i]:,.0f}.{instead.get(i, '')}",
            "keep": f"Captures {captured[i]:,.0f} a year; closing it loses {marginal[i]:,.0f}.",
            "close": f"Keeping it would add {would_add[i]:,.0f} a year; closing it costs "
            f"{cost_if_closed(site):,.0f}.",
            "leave": f"Would add {would_add[i]:,.0f} a year to this network.",
        }[decision]
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
            captured=float(captured[i]),
            from_own=float(from_own[i]),
            from_unmet=float(from_unmet[i]),
            marginal=float(marginal[i]),
            cost=_cost(problem, i, decision),
            reason=f"{words} {site.reason}".strip(),
        )


def _cost(problem: OutletProblem, site: int, decision: str) -> float:
    if decision == "open":
        return cost_if_opened(problem.sites[site])
    return cost_if_closed(problem.sites[site]) if decision == "close" else 0.0


def _per_site(site: NDArray[np.int64], amount: Floats, size: int) -> Floats:
    served = site >= 0
    return np.bincount(site[served], weights=amount[served], minlength=size).astype(np.float64)


def _would_add(problem: OutletProblem, level: Floats) -> Floats:
    """What each site would capture beyond these levels of cover."""
    cover = problem.cover
    extra = problem.demand[cover.cells] * np.maximum(0.0, cover.weights - level[cover.cells])
    site = np.repeat(np.arange(cover.site_count), np.diff(cover.indptr))
    return np.bincount(site, weights=extra, minlength=cover.site_count).astype(np.float64)


def _substitutes(
    problem: OutletProblem, reduced: Reduced, is_open: Flags, after: Served
) -> dict[int, str]:
    """For each opened site, the closed candidate that replaces it best within the rules."""
    opened = [i for i in problem.with_role("candidate") if is_open[i]]
    if len(opened) * len(problem.cover.cells) > _MOST_WORK:
        return {}
    column = {int(site): place for place, site in enumerate(reduced.columns)}
    words = {}
    for site in opened:
        if site not in column:
            continue
        level = np.where(after.site == site, after.second, after.weight)
        gain = _would_add(problem, level)
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


def _notes(problem: OutletProblem, reduced: Reduced) -> Iterator[str]:
    reached = np.zeros(len(problem.unit_ids), dtype=np.bool_)
    reached[problem.cover.cells] = True
    beyond = problem.demand[~reached].sum()
    if beyond > 0:
        share = 100 * beyond / problem.demand.sum()
        yield (
            f"{beyond:,.0f} a year of demand ({share:.1f} %) in {int((~reached).sum())} cells is "
            f"reached by no site."
        )
    near = [site for site, why in reduced.left_out.items() if why.startswith("nearer")]
    if near:
        yield (
            f"{len(near)} candidates stand nearer than {problem.minimum_separation_meters:g} m "
            f"to an outlet that stays."
        )
