"""The judge of outlet plans: rules, cells, captured demand, costs, bound and frontier."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from territory.checks.capacities import Split, check_split, split_of
from territory.checks.choices import losses, shares
from territory.checks.frontiers import check_frontier
from territory.checks.goals import check_goal
from territory.checks.networks import (
    OutletFacts,
    Service,
    broken_limits,
    cost_of,
    decayed,
    is_own,
    serve,
)
from territory.checks.phases import check_phases
from territory.checks.violation import (
    Violation,
    agree,
    disagreements,
    exceeds,
    listed,
    miscopied,
    misstated,
    shown,
)
from territory.outlets import OutletPlan, Site, SiteResult

Floats = NDArray[np.float64]

PROVEN_GAP_PERCENT = 0.01
"""A plan may call itself proven when its bound is no farther than this."""


def check_outlets(plan: OutletPlan, facts: OutletFacts) -> tuple[Violation, ...]:
    """Everything wrong with an outlet plan; empty if it is clean.

    A cell gives demand x weight to the open site with the largest weight; where several have it,
    any of them may be named. Where capture is by choice it gives every open site its share of the
    pulls, and the site named has the largest. Existing outlets may stand as close as they do; a new
    site keeps its separation from every other open one, along the great circle.
    """
    broken = [*_sites_known(plan, facts), *_cells_known(plan, facts)]
    if broken:
        return tuple(broken)
    is_open = _is_open(plan, facts)
    told = split_of(plan, facts)
    if not isinstance(told, Split):
        return told
    found = _found(plan, facts, is_open, told)
    return (
        *check_split(plan, facts, is_open, told),
        *_decisions(plan, facts),
        *_limits(plan, facts, is_open),
        *_stated_facts(plan, facts),
        *_cells(plan, facts, found),
        *_site_figures(plan, facts, found),
        *_totals(plan, facts, found),
        *_bound(plan),
        *check_goal(plan, facts, is_open),
        *check_frontier(plan, facts),
        *check_phases(plan, facts),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    """Money per cell before and after, per site its parts; ``strength`` and ``best`` say who may be
    named as the server of a cell."""

    before: Floats
    after: Floats
    strength: Floats
    best: Service
    per_site: Mapping[str, Floats]


def _found(plan: OutletPlan, facts: OutletFacts, is_open: NDArray[np.bool_], told: Split) -> _Found:
    if facts.has_capacities:
        return _by_split(facts, told)
    return _by_choice(facts, is_open) if facts.capture.is_choice else _by_best(plan, facts)


def _by_split(facts: OutletFacts, told: Split) -> _Found:
    """The figures of the split told, which is judged apart; most of a cell names its server."""
    return _Found(
        before=told.before.sum(axis=0),
        after=told.after.sum(axis=0),
        strength=told.after,
        best=serve(told.after, facts.minutes, told.after.sum(axis=1) > 0),
        per_site={
            "captured": told.after.sum(axis=1),
            "from_own": told.from_own.sum(axis=1),
            "from_unmet": (told.gains - told.from_own).sum(axis=1),
        },
    )


def _by_best(plan: OutletPlan, facts: OutletFacts) -> _Found:
    weights = decayed(facts.minutes, facts.reach_minutes, facts.capture)
    before = serve(weights, facts.minutes, is_own(facts))
    best = serve(weights, facts.minutes, _is_open(plan, facts))
    after, size, money = _as_named(plan, facts, best), len(facts.sites), facts.demand
    is_changed = before.site != after.site
    shared = np.where(is_changed, np.minimum(before.weight, after.weight), 0.0)
    fresh = np.maximum(0.0, after.weight - before.weight)
    return _Found(
        before=money * before.weight,
        after=money * after.weight,
        strength=weights,
        best=best,
        per_site={
            "captured": _per_site(after.site, money * after.weight, size),
            "from_own": _per_site(after.site, money * shared, size),
            "from_unmet": _per_site(after.site, money * fresh, size),
            "marginal": _per_site(after.site, money * (after.weight - after.second), size),
        },
    )


def _by_choice(facts: OutletFacts, is_open: NDArray[np.bool_]) -> _Found:
    found = shares(facts, is_open)
    from_own = found.from_own
    is_new = is_open & ~is_own(facts)
    return _Found(
        before=found.before.sum(axis=0),
        after=found.after.sum(axis=0),
        strength=found.pulls,
        best=serve(found.pulls, facts.minutes, is_open),
        per_site={
            "captured": found.after.sum(axis=1),
            "from_own": from_own.sum(axis=1),
            "from_unmet": np.where(is_new, (found.after - from_own).sum(axis=1), 0.0),
            "marginal": losses(facts, found, is_open),
        },
    )


def _is_open(plan: OutletPlan, facts: OutletFacts) -> NDArray[np.bool_]:
    decision = {one.site_id: one.decision for one in plan.sites}
    return np.array(
        [decision.get(site.site_id) in ("open", "keep") for site in facts.sites], dtype=np.bool_
    )


def _sites_known(plan: OutletPlan, facts: OutletFacts) -> Iterator[Violation]:
    known = {site.site_id for site in facts.sites}
    stated = Counter(one.site_id for one in plan.sites)
    for site in sorted(stated.keys() - known):
        yield Violation(
            code="unknown_site", subject=f"site {site}", message="not a site of the market"
        )
    needed = {site.site_id for site in facts.sites if site.role != "competitor"}
    for site in sorted(needed - stated.keys()):
        yield Violation(
            code="missing_site", subject=f"site {site}", message="the plan does not decide on it"
        )
    for site, times in stated.items():
        if times > 1:
            yield Violation(
                code="wrong_facts", subject=f"site {site}", message=f"stands {times} times"
            )


def _cells_known(plan: OutletPlan, facts: OutletFacts) -> Iterator[Violation]:
    stated = plan.cells.texts("unit_id")
    if sorted(stated) != sorted(facts.cell_ids):
        odd = sorted(set(stated) ^ set(facts.cell_ids))
        yield Violation(
            code="unknown_unit" if set(stated) - set(facts.cell_ids) else "missing_unit",
            subject="cells",
            message=f"{len(stated)} rows for {len(facts.cell_ids)} cells: {listed(odd)}",
            stated=len(stated),
            found=len(facts.cell_ids),
        )


def _decisions(plan: OutletPlan, facts: OutletFacts) -> Iterator[Violation]:
    allowed = {"own": ("keep", "close"), "candidate": ("open", "leave"), "competitor": ("leave",)}
    sites = {site.site_id: site for site in facts.sites}
    for one in plan.sites:
        site, subject = sites[one.site_id], f"site {one.site_id}"
        for what, stated, found in (
            ("name", one.name, site.name),
            ("role", one.role, site.role),
            ("lon, lat", (one.lon, one.lat), (site.lon, site.lat)),
        ):
            yield from miscopied(subject, what, stated=stated, found=found)
        if one.decision not in allowed[site.role]:
            yield Violation(
                code="wrong_decision",
                subject=subject,
                message=f"{one.decision!r} is not for a site with role {site.role!r}",
                stated=one.decision,
            )
            continue
        yield from _rules_of(one, site, subject)


def _rules_of(one: SiteResult, site: Site, subject: str) -> Iterator[Violation]:
    is_open = one.decision in ("open", "keep")
    for is_broken, code, message in (
        (site.is_forced and not is_open, "forced_site_left", "must be open"),
        (site.is_forbidden and is_open, "forbidden_site_opened", "must not be open"),
        (one.decision == "close" and not site.may_close, "closed_against_rule", "may not close"),
    ):
        if is_broken:
            yield Violation(code=code, subject=subject, message=message, stated=one.decision)
    cost = cost_of(site, one.decision)
    yield from misstated("wrong_cost", subject, "cost", stated=one.cost, found=cost)


def _limits(
    plan: OutletPlan, facts: OutletFacts, is_open: NDArray[np.bool_]
) -> Iterator[Violation]:
    yield from broken_limits(np.flatnonzero(is_open).tolist(), facts)
    opened = sum(one.decision == "open" for one in plan.sites)
    yield from misstated("wrong_total", "plan", "new_sites", stated=plan.new_sites, found=opened)
    spent = sum(one.cost for one in plan.sites)
    yield from misstated("wrong_total", "plan", "spent", stated=plan.spent, found=spent)


def _stated_facts(plan: OutletPlan, facts: OutletFacts) -> Iterator[Violation]:
    steps = len(facts.reach_minutes)
    usual = tuple((steps - step) / steps for step in range(steps))
    weights = facts.capture.reach_weights or usual
    for what, stated, found in (
        ("reach_minutes", plan.reach_minutes, facts.reach_minutes),
        ("capture", plan.capture, facts.capture),
        ("budget", plan.budget, facts.budget),
        (
            "minimum_separation_meters",
            plan.minimum_separation_meters,
            facts.minimum_separation_meters,
        ),
        ("travel_source", plan.travel_source, facts.travel_source or plan.travel_source),
        ("count of reach_weights", len(plan.reach_weights), steps),
    ):
        yield from miscopied("plan", what, stated=stated, found=found)
    for step, (stated_weight, weight) in enumerate(zip(plan.reach_weights, weights, strict=False)):
        yield from misstated(
            "wrong_facts", "plan", f"reach_weights[{step}]", stated=stated_weight, found=weight
        )


def _cells(plan: OutletPlan, facts: OutletFacts, found: _Found) -> Iterator[Violation]:
    row_of = {cell: row for row, cell in enumerate(facts.cell_ids)}
    names = plan.cells.texts("unit_id")
    rows = np.array([row_of[cell] for cell in names], dtype=np.int64)
    for code, what, amount in (
        ("wrong_facts", "demand", facts.demand[rows]),
        ("wrong_capture", "captured_before", found.before[rows]),
        ("wrong_capture", "captured_after", found.after[rows]),
    ):
        stated = np.array(plan.cells.numbers(what))
        for row in disagreements(stated, amount):
            yield from misstated(
                code, f"cell {names[row]}", what, stated=stated[row], found=float(amount[row])
            )
    yield from _servers(plan, facts, found, rows)


def _servers(
    plan: OutletPlan, facts: OutletFacts, found: _Found, rows: NDArray[np.int64]
) -> Iterator[Violation]:
    place = {site.site_id: row for row, site in enumerate(facts.sites)}
    is_open = _is_open(plan, facts)
    for row, server in zip(rows.tolist(), plan.cells.texts("site_id"), strict=True):
        site, best = place.get(server, -1), float(found.best.weight[row])
        strength = float(found.strength[site, row]) if site >= 0 else 0.0
        if site >= 0 and bool(is_open[site]) and best > 0 and agree(strength, best):
            continue
        if server == "" and best == 0:
            continue
        wanted = facts.sites[found.best.site[row]].site_id if found.best.site[row] >= 0 else ""
        yield Violation(
            code="wrong_server",
            subject=f"cell {facts.cell_ids[row]}",
            message=f"served by {server!r}, its best open site is {wanted!r}",
            stated=server,
            found=wanted,
        )


def _as_named(plan: OutletPlan, facts: OutletFacts, after: Service) -> Service:
    """Who serves each cell as the plan names it: among equals the plan may choose."""
    place: Mapping[str, int] = {site.site_id: row for row, site in enumerate(facts.sites)}
    named = dict(zip(plan.cells.texts("unit_id"), plan.cells.texts("site_id"), strict=True))
    site = np.array([place.get(named[cell], -1) for cell in facts.cell_ids], dtype=np.int64)
    return Service(site=site, weight=after.weight, second=after.second)


_CODES = {
    "captured": "wrong_capture",
    "from_own": "wrong_cannibalised",
    "from_unmet": "wrong_capture",
    "marginal": "wrong_marginal",
}


def _site_figures(plan: OutletPlan, facts: OutletFacts, found: _Found) -> Iterator[Violation]:
    place = {site.site_id: row for row, site in enumerate(facts.sites)}
    for one in plan.sites:
        for what, amounts in found.per_site.items():
            yield from misstated(
                _CODES[what],
                f"site {one.site_id}",
                what,
                stated=float(getattr(one, what)),
                found=float(amounts[place[one.site_id]]),
            )


def _per_site(site: NDArray[np.int64], amount: Floats, size: int) -> Floats:
    is_served = site >= 0
    sums = np.bincount(site[is_served], weights=amount[is_served], minlength=size)
    return np.asarray(sums, dtype=np.float64)


def _totals(plan: OutletPlan, facts: OutletFacts, found: _Found) -> Iterator[Violation]:
    taken = sum(one.from_own for one in plan.sites if one.decision == "open")
    for what, stated, amount in (
        ("demand", plan.demand, float(facts.demand.sum())),
        ("captured_before", plan.captured_before, float(found.before.sum())),
        ("captured", plan.captured, float(found.after.sum())),
        ("cannibalised", plan.cannibalised, taken),
    ):
        yield from misstated("wrong_total", "plan", what, stated=stated, found=amount)


def _bound(plan: OutletPlan) -> Iterator[Violation]:
    if not math.isfinite(plan.bound) or exceeds(plan.captured, plan.bound):
        yield Violation(
            code="wrong_bound",
            subject="plan",
            message=f"bound {shown(plan.bound)} is below the plan's own {shown(plan.captured)}",
            stated=plan.bound,
            found=plan.captured,
        )
        return
    gap = 100 * (plan.bound - plan.captured) / plan.bound if plan.bound > 0 else 0.0
    yield from misstated("wrong_gap", "plan", "gap_percent", stated=plan.gap_percent, found=gap)
    if plan.is_proven and gap > PROVEN_GAP_PERCENT:
        yield Violation(
            code="wrong_proof",
            subject="plan",
            message=f"called proven with a gap of {gap:.4f} %",
            stated=0.0,
            found=gap,
        )
    if not plan.is_proven and not plan.why_not_proven.strip():
        yield Violation(
            code="wrong_proof", subject="plan", message="not proven, and the plan does not say why"
        )
