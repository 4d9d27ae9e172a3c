"""The judge of what stands beside an alignment: proofs, frontier, driven hours, unit rules."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from territory.alignment import AlignmentPlan
from territory.checks.figures import AlignmentFacts, DriveFacts, Floats, Owners, pieces
from territory.checks.violation import (
    Violation,
    agree,
    exceeds,
    listed,
    miscopied,
    misstated,
    shown,
)
from territory.diagnosis import Finding, FrontierPoint

Flags = NDArray[np.bool_]
ROWS = 512
"""Units measured at once against all others."""

TOUR_CONSTANT = 0.7124
CYCLES = 13
FIELD_HOURS = 6.8
"""Hours of a day in the field, the drive from and to home apart: 0.85 of eight."""


def check_words(plan: AlignmentPlan, owners: Owners, facts: AlignmentFacts) -> Iterator[Violation]:
    """Everything wrong with the diagnosis, frontier, driven hours and rules of a plan."""
    for number, finding in enumerate(plan.diagnosis, start=1):
        yield from _finding(finding, f"finding {number} ({finding.kind})", facts)
    yield from _frontier(plan)
    yield from _driven(plan, owners, facts)
    yield from _rules(plan, facts)


def _rules(plan: AlignmentPlan, facts: AlignmentFacts) -> Iterator[Violation]:
    """Units together and apart."""
    owner_of = plan.alignment.owner_of()
    for group in facts.together:
        owners = sorted({owner_of.get(unit, "") for unit in group})
        if len(owners) > 1:
            yield Violation(
                code="torn_group",
                subject=f"units {listed(list(group))}",
                message=f"they must stay together and belong to {listed(owners)}",
            )
    for one, other in facts.apart:
        if owner_of.get(one) == owner_of.get(other):
            yield Violation(
                code="shared_pair",
                subject=f"units {one!r} and {other!r}",
                message=f"they must be apart and both belong to {owner_of.get(one)!r}",
            )


def _finding(finding: Finding, subject: str, facts: AlignmentFacts) -> Iterator[Violation]:
    """A finding's names, shares and proof."""
    row_of = {name: row for row, name in enumerate(facts.load_names)}
    place = {unit: index for index, unit in enumerate(facts.unit_ids)}
    strange = [name for name in finding.load_names if name not in row_of]
    strange += [unit for unit in finding.unit_ids if unit not in place]
    wanted = 2 if finding.kind == "ratio_floor" else 1
    lengths = {len(finding.load_names), len(finding.tolerance_percent), len(finding.share_percent)}
    if strange or lengths != {wanted} or not finding.unit_ids:
        what = f"names {listed(strange)}" if strange else "has lists of the wrong length"
        yield Violation(code="wrong_facts", subject=subject, message=f"it {what}")
        return
    rows = [row_of[name] for name in finding.load_names]
    inside = np.zeros(len(facts.unit_ids), dtype=np.bool_)
    units = [place[unit] for unit in finding.unit_ids]
    inside[units] = True
    for row, stated in zip(rows, finding.share_percent, strict=True):
        found = 100 * float(facts.loads[row][inside].sum()) / float(facts.loads[row].sum())
        name = facts.load_names[row]
        yield from misstated("wrong_total", subject, f"share of {name}", stated=stated, found=found)
    if finding.kind in PROOFS:
        yield from PROOFS[finding.kind](finding, rows, units, subject, facts)


def _mean(row: int, facts: AlignmentFacts) -> float:
    """The mean jurisdiction of a load, key accounts counted."""
    total = float(facts.loads[row].sum()) + float(_besides(row, facts).sum())
    return total / len(facts.executive_ids)


def _in_means(row: int, facts: AlignmentFacts) -> Floats:
    return np.asarray(facts.loads[row] / _mean(row, facts), dtype=np.float64)


def _besides(row: int, facts: AlignmentFacts) -> Floats:
    """What each executive's key accounts hold of a load, (p,)."""
    held = dict.fromkeys(facts.executive_ids, 0.0)
    for account in facts.key_accounts:
        if account.executive_id in held:
            held[account.executive_id] += float(account.loads[row])
    return np.array(list(held.values()), dtype=np.float64)


def _unproved(subject: str, message: str) -> Violation:
    return Violation(code="wrong_proof", subject=subject, message=message)


def _large(
    finding: Finding, rows: list[int], units: list[int], subject: str, facts: AlignmentFacts
) -> Iterator[Violation]:
    lightest = float(_besides(rows[0], facts).min()) / _mean(rows[0], facts)
    percent = 100 * (_in_means(rows[0], facts)[units] + lightest)
    if not (percent > 100 + finding.tolerance_percent[0]).all():
        yield _unproved(subject, f"a unit of {shown(float(percent.min()))} % of the mean fits")
    if exceeds(finding.least_percent, float(percent.max()) - 100):
        yield _unproved(
            subject, f"least_percent is beyond the largest unit's {shown(float(percent.max()))} %"
        )


def _bottleneck(
    finding: Finding, rows: list[int], units: list[int], subject: str, facts: AlignmentFacts
) -> Iterator[Violation]:
    if facts.key_accounts:
        yield _unproved(subject, "it leaves out what key accounts hold")
        return
    joint, hanging = units[0], set(units[1:])
    without = np.zeros(len(facts.unit_ids), np.int64)
    whole = next(piece for piece in pieces(without, facts.neighbours) if joint in set(piece))
    without[:] = -1
    without[whole] = 0
    without[joint] = -1
    branches = pieces(without, facts.neighbours)
    outside = [branch for branch in branches if not hanging.issuperset(branch)]
    if len(outside) != 1 or hanging & set(outside[0]):
        yield _unproved(subject, "the units named are not what hangs on the first one")
        return
    load, count = _in_means(rows[0], facts), len(facts.executive_ids)
    weights = [float(load[branch].sum()) for branch in branches]
    own = float(load[joint])
    for percent in (finding.tolerance_percent[0], finding.least_percent * (1 - 1e-6)):
        if _passes(own, weights, percent / 100, count):
            yield _unproved(subject, f"at ±{shown(percent)} % the parts can be cut")


def _passes(own: float, weights: list[float], tolerance: float, count: int) -> bool:
    """Whether the unit's jurisdiction can take what whole jurisdictions leave of each branch."""
    left = own
    for weight in weights:
        options = [
            max(0.0, weight - k * (1 + tolerance))
            for k in range(count + 1)
            if k * (1 - tolerance) <= weight + 1e-12
        ]
        left += min(options)
    return left <= 1 + tolerance


def _ratio_floor(
    finding: Finding, rows: list[int], units: list[int], subject: str, facts: AlignmentFacts
) -> Iterator[Violation]:
    """Whether all that lies within reach of the units falls short of what they want."""
    thin, thick = (percent / 100 for percent in finding.tolerance_percent)
    needs = 1 - thin - _besides(rows[0], facts) / _mean(rows[0], facts)
    room = 1 + thick - _besides(rows[1], facts) / _mean(rows[1], facts)
    ratio = min(
        max(0.0, need) / space if space > 0 else 0.0
        for need, space in zip(needs.tolist(), room.tolist(), strict=True)
    )
    worth = _in_means(rows[0], facts) - ratio * _in_means(rows[1], facts)
    inside = np.zeros(len(worth), dtype=np.bool_)
    inside[units] = True
    near = ~inside & _near(inside, finding.reach_meters, facts)
    want, there = -float(worth[inside].sum()), float(np.maximum(worth[near], 0).sum())
    if not want > there:
        yield _unproved(
            subject,
            f"the units want {shown(want)} means and {shown(there)} lie within reach",
        )


def _near(inside: Flags, reach_meters: float | None, facts: AlignmentFacts) -> Flags:
    """Units of the same part of the market within reach of a unit inside."""
    near = np.zeros(len(inside), dtype=np.bool_)
    for piece in pieces(np.zeros(len(inside), np.int64), facts.neighbours):
        members = np.array(piece, dtype=np.int64)
        core = facts.xy_meters[members[inside[members]]]
        others = members[~inside[members]]
        if len(core) == 0:
            continue
        if reach_meters is None:
            near[others] = True
            continue
        for first in range(0, len(others), ROWS):
            some = others[first : first + ROWS]
            apart = facts.xy_meters[some][:, None, :] - core[None, :, :]
            near[some] = ((apart**2).sum(axis=2) <= reach_meters**2).any(axis=1)
    return near


Proof = Callable[[Finding, list[int], list[int], str, AlignmentFacts], Iterator[Violation]]
PROOFS: Mapping[str, Proof] = {
    "largest_unit": _large,
    "bottleneck": _bottleneck,
    "ratio_floor": _ratio_floor,
}
"""Of every kind but "group", which ``check_within`` holds against the plan's own seats."""


def _frontier(plan: AlignmentPlan) -> Iterator[Violation]:
    """No point beats another, and the plan's own point holds the plan's figures."""
    for one, point in enumerate(plan.frontier):
        beaten = [
            other + 1
            for other, rival in enumerate(plan.frontier)
            if other != one and _beats(rival, point)
        ]
        if beaten:
            yield Violation(
                code="wrong_frontier",
                subject=f"frontier point {one + 1}",
                message=f"point {beaten[0]} is better in all that counts",
            )
        if point.is_this:
            yield from _own_point(plan, point, f"frontier point {one + 1}")
    if plan.frontier and sum(point.is_this for point in plan.frontier) > 1:
        yield Violation(
            code="wrong_frontier", subject="frontier", message="more than one point is this plan"
        )


def _beats(one: FrontierPoint, other: FrontierPoint) -> bool:
    """Better in worst deviation, inertia or moved share, and in none worse."""
    mine = (one.worst_percent, one.moment_of_inertia, one.moved_percent)
    yours = (other.worst_percent, other.moment_of_inertia, other.moved_percent)
    return all(a <= b for a, b in zip(mine, yours, strict=True)) and mine != yours


def _own_point(plan: AlignmentPlan, point: FrontierPoint, subject: str) -> Iterator[Violation]:
    shapes = [one.polsby_popper for one in plan.jurisdictions]
    for what, stated, found in (
        ("worst_percent", point.worst_percent, max(plan.worst_percent, default=0.0)),
        ("moment_of_inertia", point.moment_of_inertia, plan.moment_of_inertia),
        ("moved_percent", point.moved_percent, plan.moved_percent),
        ("polsby_popper", point.polsby_popper, sum(shapes) / max(1, len(shapes))),
    ):
        yield from misstated("wrong_frontier", subject, what, stated=stated, found=found)


def _driven(plan: AlignmentPlan, owners: Owners, facts: AlignmentFacts) -> Iterator[Violation]:
    """The hours on the road against visits, areas and the drives from each base."""
    if not plan.driven:
        return
    stated = tuple(one.executive_id for one in plan.driven)
    yield from miscopied("driven", "executives", stated=stated, found=facts.executive_ids)
    drives = facts.drives
    if drives is None:
        yield Violation(
            code="wrong_driven", subject="driven", message="no drives to hold the hours against"
        )
    if drives is None or stated != facts.executive_ids:
        return
    totals = []
    for index, one in enumerate(plan.driven):
        mine = owners == index
        visits = float(drives.visit_hours[mine].sum())
        kilometers, seconds = drives.straight_meters[mine] / 1000, drives.road_seconds[mine]
        weight = drives.visits_per_cycle[mine]
        straight = float((weight * kilometers).sum())
        pace = float((weight * seconds).sum()) / straight if straight > 0 else drives.usual_pace
        tours = TOUR_CONSTANT * np.sqrt(facts.area_square_meters[mine] * weight) / 1000 * CYCLES
        tour_hours = tours * pace / 3600
        days = (drives.visit_hours[mine] + tour_hours) / FIELD_HOURS
        stems = float((days * 2 * seconds / 3600).sum())
        totals.append(visits + float(tour_hours.sum()) + stems)
        for what, said, found in (
            ("planned_hours", one.planned_hours, float(facts.loads[-1][mine].sum())),
            ("visit_hours", one.visit_hours, visits),
            ("tour_hours", one.tour_hours, float(tour_hours.sum())),
            ("stem_hours", one.stem_hours, stems),
        ):
            yield from misstated(
                "wrong_driven", f"driven {one.executive_id}", what, stated=said, found=found
            )
    mean = sum(totals) / len(totals)
    for one, total in zip(plan.driven, totals, strict=True):
        found = 100 * (total / mean - 1) if mean > 0 else 0.0
        if not agree(one.deviation_percent, found):
            yield from misstated(
                "wrong_driven",
                f"driven {one.executive_id}",
                "deviation_percent",
                stated=one.deviation_percent,
                found=found,
            )
    yield from _routed(plan, owners, drives)


def _routed(plan: AlignmentPlan, owners: Owners, drives: DriveFacts) -> Iterator[Violation]:
    """Hours of routes: for everybody or nobody, never negative, deviations from their own mean."""
    routed = [one.routed_hours for one in plan.driven]
    if all(hours is None for hours in routed):
        routed_percents = [one.routed_percent for one in plan.driven]
        if any(percent is not None for percent in routed_percents):
            yield Violation(
                code="wrong_driven", subject="driven", message="deviations of routes without routes"
            )
        return
    hours = np.array([np.nan if one is None else one for one in routed], dtype=np.float64)
    if not (np.isfinite(hours) & (hours >= 0)).all():
        yield Violation(
            code="wrong_driven", subject="driven", message="hours of routes are not all 0 or more"
        )
        return
    mine = owners >= 0
    visits = np.bincount(owners[mine], drives.visit_hours[mine], minlength=len(hours))
    totals = visits + hours
    for one, total in zip(plan.driven, totals.tolist(), strict=True):
        found = 100 * (total / float(totals.mean()) - 1) if totals.mean() > 0 else 0.0
        stated = np.nan if one.routed_percent is None else one.routed_percent
        if not agree(stated, found):
            yield from misstated(
                "wrong_driven",
                f"driven {one.executive_id}",
                "routed_percent",
                stated=stated,
                found=found,
            )
