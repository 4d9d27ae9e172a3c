"""The judge of openings by phase: each site changes once, every phase keeps its limits."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate

from territory.checks.networks import OutletFacts, broken_limits, captured, cost_of
from territory.checks.violation import Violation, exceeds, misstated, shown
from territory.outlets import OutletPlan


def check_phases(plan: OutletPlan, facts: OutletFacts) -> Iterator[Violation]:
    """Everything wrong with the phases of a plan; nothing where none are asked for and told.

    Limits add up from the first phase on: what one leaves the next may use. Rules over open sites
    hold of the last phase, which is the plan.
    """
    numbers = plan.phases.columns.get("phase", ())
    if [*numbers] != [*range(1, len(facts.phases) + 1)]:
        yield _wrong("plan", f"{len(numbers)} phases are told, {len(facts.phases)} asked for")
        return
    if not facts.phases:
        if len(plan.steps):
            yield _wrong("plan", "steps are told and no phases asked for")
        return
    broken = [*_steps(plan, facts)]
    yield from broken
    if broken:
        return
    place = {site.site_id: row for row, site in enumerate(facts.sites)}
    network = {row for row, site in enumerate(facts.sites) if site.role == "own"}
    counts = accumulate(phase.new_sites for phase in facts.phases)
    budgets = accumulate(
        math.inf if phase.budget is None else phase.budget for phase in facts.phases
    )
    for row, (count, budget) in enumerate(zip(counts, budgets, strict=True)):
        for phase, site, what in _rows(plan):
            if phase == row + 1:
                (network.add if what == "open" else network.discard)(place[site])
        limits = replace(
            facts, new_sites=count, budget=budget if math.isfinite(budget) else None, rules=()
        )
        yield from _phase(plan, row, sorted(network), limits)
    yield from _last(plan)


def _wrong(subject: str, message: str) -> Violation:
    return Violation(code="wrong_phase", subject=subject, message=message)


def _rows(plan: OutletPlan) -> Iterator[tuple[float, str, str]]:
    table = plan.steps
    if table.columns:
        yield from zip(
            table.numbers("phase"), table.texts("site_id"), table.texts("decision"), strict=True
        )


def _steps(plan: OutletPlan, facts: OutletFacts) -> Iterator[Violation]:
    """The steps of all phases together are the plan's openings and closings, each once."""
    stated = Counter((site, what) for _, site, what in _rows(plan))
    due: Counter[tuple[str, str]] = Counter(
        (one.site_id, one.decision) for one in plan.sites if one.decision in ("open", "close")
    )
    for site, what in sorted(stated.keys() | due.keys()):
        if stated[site, what] != due[site, what]:
            yield _wrong(
                f"site {site}",
                f"{what} stands {stated[site, what]} times in the phases and "
                f"{due[site, what]} times in the plan",
            )
    for phase, site, _ in _rows(plan):
        if phase not in range(1, len(facts.phases) + 1):
            yield _wrong(f"site {site}", f"phase {shown(phase)} is none of those asked for")


def _phase(
    plan: OutletPlan, row: int, network: list[int], limits: OutletFacts
) -> Iterator[Violation]:
    subject, table = f"phase {row + 1}", plan.phases
    for broken in broken_limits(network, limits):
        yield Violation(
            code=broken.code, subject=f"{subject}: {broken.subject}", message=broken.message
        )
    new = [place for place in network if limits.sites[place].role == "candidate"]
    spent = sum(cost_of(limits.sites[place], "open") for place in new)
    spent += sum(
        cost_of(site, "close")
        for place, site in enumerate(limits.sites)
        if site.role == "own" and place not in network
    )
    got = captured(network, limits)
    budget = math.nan if limits.budget is None else limits.budget
    told = table.numbers("most_spent")[row]
    if not (math.isnan(told) and math.isnan(budget)):
        yield from misstated("wrong_facts", subject, "most_spent", stated=told, found=budget)
    for code, what, found in (
        ("wrong_facts", "most_new_sites", float(limits.new_sites)),
        ("wrong_total", "new_sites", float(len(new))),
        ("wrong_total", "spent", spent),
        ("wrong_capture", "captured", got),
    ):
        yield from misstated(code, subject, what, stated=table.numbers(what)[row], found=found)
    bound = table.numbers("bound")[row]
    if not math.isfinite(bound) or exceeds(got, bound):
        yield Violation(
            code="wrong_bound",
            subject=subject,
            message=f"bound {shown(bound)} is below its own capture {shown(got)}",
            stated=bound,
            found=got,
        )


def _last(plan: OutletPlan) -> Iterator[Violation]:
    for what, found in (("captured", plan.captured), ("bound", plan.bound)):
        stated = plan.phases.numbers(what)[-1]
        yield from misstated("wrong_phase", "the last phase", what, stated=stated, found=found)
