"""The judge of districts around medians: partition, limits, pieces, distance and bound, anew."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from territory.checks.figures import pieces
from territory.checks.violation import Violation, exceeds, listed, misstated, shown
from territory.medians import MedianPlan
from territory.units.values import Neighbours

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MedianFacts:
    """The question: distances (n, n), weight (n,), loads (m, n), their limits (m,), how many.

    With ``neighbours`` every district must be one piece.
    """

    unit_ids: tuple[str, ...]
    distances: Floats
    weight: Floats
    load_names: tuple[str, ...]
    loads: Floats
    least: Floats
    most: Floats
    districts: int
    neighbours: Neighbours | None = None


def check_medians(plan: MedianPlan, facts: MedianFacts) -> list[Violation]:
    """Everything wrong with the plan."""
    strange = sorted(set(plan.centers) - set(facts.unit_ids))
    if plan.unit_ids != facts.unit_ids or len(plan.centers) != len(plan.unit_ids) or strange:
        message = f"centres that are no unit: {listed(strange)}" if strange else "other units"
        return [Violation(code="wrong_facts", subject="plan", message=message)]
    return list(_found(plan, facts))


def _found(plan: MedianPlan, facts: MedianFacts) -> Iterator[Violation]:
    place = {unit: at for at, unit in enumerate(facts.unit_ids)}
    center = np.array([place[unit] for unit in plan.centers], dtype=np.int64)
    used = np.unique(center)
    if len(used) != facts.districts:
        yield Violation(
            code="wrong_count",
            subject="plan",
            message=f"{len(used)} districts, {facts.districts} were asked for",
        )
    worst = 0.0
    for at in used.tolist():
        inside = center == at
        subject = f"district of {facts.unit_ids[at]!r}"
        worst = max(worst, _excess(inside, facts))
        yield from _one(at, inside, subject, plan, facts)
    spent = float((facts.weight * facts.distances[center, np.arange(len(center))]).sum())
    yield from misstated("wrong_total", "plan", "distance", stated=plan.distance, found=spent)
    yield from misstated(
        "wrong_worst", "plan", "worst excess", stated=plan.worst_excess_percent, found=worst
    )
    if exceeds(plan.bound, spent):
        yield Violation(
            code="wrong_bound", subject="plan", message=f"{shown(plan.bound)} > {shown(spent)}"
        )


def _one(
    at: int, inside: NDArray[np.bool_], subject: str, plan: MedianPlan, facts: MedianFacts
) -> Iterator[Violation]:
    members = np.flatnonzero(inside)
    if not inside[at]:
        yield Violation(code="wrong_facts", subject=subject, message="its centre is elsewhere")
    sums = (facts.weight[members] * facts.distances[np.ix_(members, members)]).sum(axis=1)
    mine = float((facts.weight[members] * facts.distances[at, members]).sum())
    if exceeds(mine, float(sums.min())):
        yield Violation(
            code="wrong_facts",
            subject=subject,
            message=f"another unit is nearer to all: {shown(float(sums.min()))} < {shown(mine)}",
        )
    over = _excess(inside, facts)
    if over > 1e-6 and not plan.notes:
        yield Violation(
            code="over_tolerance", subject=subject, message=f"{shown(over)} % outside its limits"
        )
    if facts.neighbours is not None:
        owners = np.where(inside, 0, -1).astype(np.int64)
        parts = len(pieces(owners, facts.neighbours))
        if parts > 1:
            yield Violation(code="island", subject=subject, message=f"{parts} pieces")


def _excess(inside: NDArray[np.bool_], facts: MedianFacts) -> float:
    """Furthest outside a limit, in percent of it."""
    held = facts.loads[:, inside].sum(axis=1)
    above = np.where(facts.most > 0, held / np.where(facts.most > 0, facts.most, 1) - 1, 0)
    below = np.where(facts.least > 0, 1 - held / np.where(facts.least > 0, facts.least, 1), 0)
    return max(0.0, 100 * float(np.maximum(above, below).max()))
