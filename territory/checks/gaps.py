"""The judge of gaps: minutes, coverage, white space, marks, overlap and outlet figures."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from territory.checks.gap_depth import check_depth
from territory.checks.gap_facts import GapFacts
from territory.checks.networks import reach_weights
from territory.checks.violation import (
    Violation,
    disagreements,
    exceeds,
    listed,
    miscopied,
    misstated,
    shown,
)
from territory.outlets import GapPlan

Floats = NDArray[np.float64]


def check_gaps(plan: GapPlan, facts: GapFacts) -> tuple[Violation, ...]:
    """Everything wrong with a gap plan; empty if it is clean.

    Demand is potential / (1 + K), K the sum of attractiveness x reach weight over competitors;
    white space is what the nearest own outlet's reach weight leaves of it. The quantiles at which
    a cell counts as under-served or as white space are the planner's: what is held is that such
    marks stand on cells beyond the first step or with white space, and on the larger ones.
    """
    broken = [*_cells_known(plan, facts)]
    if broken:
        return tuple(broken)
    order = {cell: row for row, cell in enumerate(facts.cell_ids)}
    rows = np.array([order[cell] for cell in plan.cells.texts("unit_id")], dtype=np.int64)
    demand = _demand(facts)
    return (
        *_cells(plan, facts, rows, demand),
        *_marks(plan, facts, rows),
        *_coverage(plan, facts),
        *_outlets(plan, facts, demand),
        *_overlap(plan, facts, demand),
        *check_depth(plan, facts, rows, demand),
    )


def _demand(facts: GapFacts) -> Floats | None:
    """What competitors leave of each cell's potential; None where their pull is not known."""
    if facts.competitors is None and len(facts.competitor_minutes):
        return None
    pulls = np.array([max(0.0, site.attractiveness) for site in facts.competitors or ()])
    weights = reach_weights(facts.competitor_minutes, facts.reach_minutes)
    return np.asarray(facts.potential / (1 + pulls @ weights), dtype=np.float64)


def _nearest(minutes: Floats) -> Floats:
    return np.asarray(minutes.min(axis=0, initial=np.inf), dtype=np.float64)


def _cells_known(plan: GapPlan, facts: GapFacts) -> Iterator[Violation]:
    stated = plan.cells.texts("unit_id")
    if sorted(stated) != sorted(facts.cell_ids):
        unknown = set(stated) - set(facts.cell_ids)
        yield Violation(
            code="unknown_unit" if unknown else "missing_unit",
            subject="cells",
            message=f"{len(stated)} rows for {len(facts.cell_ids)} cells: "
            + listed(sorted(set(stated) ^ set(facts.cell_ids))),
        )
    yield from miscopied(
        "plan", "reach_minutes", stated=plan.reach_minutes, found=facts.reach_minutes
    )


def _cells(
    plan: GapPlan, facts: GapFacts, rows: NDArray[np.int64], demand: Floats | None
) -> Iterator[Violation]:
    own, theirs = _nearest(facts.own_minutes), _nearest(facts.competitor_minutes)
    covered = reach_weights(own, facts.reach_minutes)
    wanted = [
        ("wrong_facts", "potential", facts.potential),
        ("wrong_coverage", "minutes_to_own", own),
        ("wrong_coverage", "minutes_to_competitor", theirs),
        ("wrong_coverage", "coverage", covered),
    ]
    if demand is not None:
        wanted.append(("wrong_capture", "white_space", demand * (1 - covered)))
    for code, name, found in wanted:
        stated = np.array(plan.cells.numbers(name))
        if name.startswith("minutes"):
            stated = np.where(np.isnan(stated), np.inf, stated)  # None: there is no way
        for row in disagreements(stated, found[rows]):
            cell = facts.cell_ids[rows[row]]
            yield from misstated(
                code,
                f"cell {cell}",
                name,
                stated=float(stated[row]),
                found=float(found[rows[row]]),
            )
    if demand is None:
        yield from _white_space_limits(plan, facts, rows, facts.potential * (1 - covered))


def _white_space_limits(
    plan: GapPlan, facts: GapFacts, rows: NDArray[np.int64], most: Floats
) -> Iterator[Violation]:
    for row, stated in zip(rows.tolist(), plan.cells.numbers("white_space"), strict=True):
        if exceeds(stated, float(most[row])) or stated < 0:
            yield Violation(
                code="out_of_range",
                subject=f"cell {facts.cell_ids[row]}",
                message=f"white_space {shown(stated)} is not within 0 to {shown(most[row])}",
                stated=stated,
                found=float(most[row]),
            )


def _marks(plan: GapPlan, facts: GapFacts, rows: NDArray[np.int64]) -> Iterator[Violation]:
    own = _nearest(facts.own_minutes)[rows]
    potential = facts.potential[rows]
    white = np.array(plan.cells.numbers("white_space"))
    marks = {
        name: np.array([bool(value) for value in plan.cells.columns[name]], dtype=np.bool_)
        for name in ("is_coverage_gap", "is_underserved", "is_white_space")
    }
    clustered = np.array(plan.cells.numbers("cluster")) > 0
    beyond = (potential > 0) & (own > facts.reach_minutes[-1])
    first = (potential > 0) & (own > facts.reach_minutes[0])
    for name, is_wrong in (
        ("is_coverage_gap", marks["is_coverage_gap"] != beyond),
        ("is_underserved", marks["is_underserved"] & ~first),
        ("is_underserved", _left_out(marks["is_underserved"], potential, first)),
        ("is_white_space", marks["is_white_space"] & ~(white > 0)),
        ("is_white_space", _left_out(marks["is_white_space"], white, white > 0)),
        ("cluster", clustered != marks["is_white_space"]),
    ):
        for row in np.flatnonzero(is_wrong).tolist():
            yield Violation(
                code="wrong_flag",
                subject=f"cell {facts.cell_ids[rows[row]]}",
                message=f"{name} contradicts its minutes and money",
                stated=str(plan.cells.columns[name][row]),
            )


def _left_out(
    is_marked: NDArray[np.bool_], money: Floats, may_be: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Cells that could bear a mark, hold more money than one that does, and bear none."""
    least = money[is_marked].min() if is_marked.any() else np.inf
    return np.asarray(may_be & ~is_marked & (money > least), dtype=np.bool_)


def _coverage(plan: GapPlan, facts: GapFacts) -> Iterator[Violation]:
    steps = tuple(int(step) for step in plan.coverage.numbers("minutes"))
    yield from miscopied("coverage", "minutes", stated=steps, found=facts.reach_minutes)
    total = float(facts.potential.sum())
    for name, minutes in (
        ("own_percent", _nearest(facts.own_minutes)),
        ("competitor_percent", _nearest(facts.competitor_minutes)),
    ):
        for step, stated in zip(steps, plan.coverage.numbers(name), strict=True):
            within = float(facts.potential[minutes <= step].sum())
            yield from misstated(
                "wrong_coverage",
                f"coverage within {step} minutes",
                name,
                stated=stated,
                found=100 * within / total if total > 0 else 0.0,
            )


def _outlets(plan: GapPlan, facts: GapFacts, demand: Floats | None) -> Iterator[Violation]:
    stated = plan.outlets.texts("site_id")
    yield from miscopied(
        "outlets", "site_id", stated=sorted(stated), found=sorted(s.site_id for s in facts.own)
    )
    if demand is None or not len(facts.own):
        return
    weights = reach_weights(facts.own_minutes, facts.reach_minutes)
    ranked = np.sort(weights, axis=0)
    second = ranked[-2] if len(ranked) > 1 else np.zeros(len(demand))
    best = ranked[-1]
    captured = dict(zip(stated, plan.outlets.numbers("captured"), strict=True))
    yield from misstated(
        "wrong_total",
        "outlets",
        "sum of captured",
        stated=sum(captured.values()),
        found=float(demand @ best),
    )
    losses = dict(zip(stated, plan.outlets.numbers("loss_if_closed"), strict=True))
    for row, site in enumerate(facts.own):
        if site.site_id not in losses:
            continue
        # what is gone without it does not depend on who of equals is said to serve
        lost = float(demand @ np.where(weights[row] == best, best - second, 0.0))
        most = float(demand @ np.where(weights[row] == best, best, 0.0))
        subject = f"outlet {site.site_id}"
        yield from misstated(
            "wrong_marginal", subject, "loss_if_closed", stated=losses[site.site_id], found=lost
        )
        if exceeds(captured[site.site_id], most) or exceeds(lost, captured[site.site_id]):
            yield from misstated(
                "wrong_capture", subject, "captured", stated=captured[site.site_id], found=most
            )


def _overlap(plan: GapPlan, facts: GapFacts, demand: Floats | None) -> Iterator[Violation]:
    if demand is None:
        return
    place = {site.site_id: row for row, site in enumerate(facts.own)}
    weights = reach_weights(facts.own_minutes, facts.reach_minutes)
    pairs = zip(
        plan.overlap.texts("outlet_a"),
        plan.overlap.texts("outlet_b"),
        plan.overlap.numbers("shared"),
        strict=True,
    )
    told: set[frozenset[str]] = set()
    least = np.inf
    for one, other, stated in pairs:
        if one not in place or other not in place or one == other:
            yield Violation(
                code="unknown_site", subject=f"overlap {one}, {other}", message="no such pair"
            )
            continue
        found = float(demand @ np.minimum(weights[place[one]], weights[place[other]]))
        yield from misstated(
            "wrong_capture", f"overlap {one}, {other}", "shared", stated=stated, found=found
        )
        told.add(frozenset((one, other)))
        least = min(least, found)
    yield from _untold(told, least, facts, weights, demand)


def _untold(
    told: set[frozenset[str]],
    least: float,
    facts: GapFacts,
    weights: Floats,
    demand: Floats,
) -> Iterator[Violation]:
    """A list may be cut, but never before a larger pair."""
    if len(facts.own) > 200:  # 20,000 pairs: the sums above are enough
        return
    for one, other in combinations(range(len(facts.own)), 2):
        names = frozenset((facts.own[one].site_id, facts.own[other].site_id))
        shared = float(demand @ np.minimum(weights[one], weights[other]))
        limit = least if told else 0.0
        if names not in told and exceeds(shared, limit):
            yield Violation(
                code="wrong_capture",
                subject=f"overlap {', '.join(sorted(names))}",
                message=f"a pair that shares {shown(shared)} is not listed",
                found=shared,
            )
