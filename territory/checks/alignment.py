"""The judge of alignments: ownership, contiguity, locks, balance and every stated figure."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from territory.alignment import Alignment, AlignmentPlan, Jurisdiction
from territory.checks.diagnosis import check_words
from territory.checks.figures import (
    AlignmentFacts,
    AlignmentFigures,
    Owners,
    alignment_figures,
    is_moved,
    moved_percent,
    owner_positions,
    pieces,
)
from territory.checks.redrawn import check_redrawn
from territory.checks.violation import (
    Violation,
    disagreements,
    exceeds,
    listed,
    miscopied,
    misstated,
    shown,
)
from territory.checks.within import check_within


def check_alignment(plan: AlignmentPlan, facts: AlignmentFacts) -> tuple[Violation, ...]:
    """Everything wrong with an alignment plan; empty if it is clean.

    A deviation beyond tolerance is a violation unless the plan admits it: a note that holds the
    word "tolerance" and the load's name. A bound is held against the plan only while the plan is
    within tolerance, as it bounds such plans alone. Pieces of a jurisdiction on different connected
    parts of the market (islands without a link) are no violation, nor are pieces that hold a unit
    locked to it; a plan may join n such parts by up to n - 1 ferries of its own, so that it counts
    fewer pieces and more cut borders by as many.
    """
    broken = [*_names(plan, facts)]
    if broken:
        return tuple(broken)
    owners = owner_positions(plan.alignment, facts)
    figures = alignment_figures(owners, facts)
    return (
        *_ownership(plan, owners, facts),
        *_stated_facts(plan, facts),
        *_jurisdictions(plan.jurisdictions, figures, facts, "after"),
        *_moved_in(plan.jurisdictions, owners, facts, "after"),
        *_before(plan, facts),
        *_totals(plan, figures),
        *_tolerance(plan, figures, facts),
        *_moved(plan, owners, facts),
        *_bounds(plan, figures, owners, facts),
        *check_words(plan, owners, facts),
        *check_redrawn(plan, owners, facts, islands),
        *check_within(plan, owners, facts),
    )


def _names(plan: AlignmentPlan, facts: AlignmentFacts) -> Iterator[Violation]:
    """Units, executives, loads: without these the figures have no meaning."""
    units, known = set(plan.alignment.unit_ids), set(facts.unit_ids)
    executives, hired = set(plan.alignment.executive_ids), set(facts.executive_ids)
    for code, names, what in (
        ("unknown_unit", units - known, "not units of this market"),
        ("missing_unit", known - units, "units of this market without a row"),
        ("unknown_executive", executives - hired, "not executives of this market"),
        ("missing_executive", hired - executives, "executives who are left out"),
    ):
        if names:
            yield Violation(
                code=code,
                subject="alignment",
                message=f"{listed(sorted(names))}: {what}",
                found=len(names),
            )
    yield from miscopied("plan", "load_names", stated=plan.load_names, found=facts.load_names)
    stated = [jurisdiction.executive_id for jurisdiction in plan.jurisdictions]
    yield from _one_row_each(stated, hired, "jurisdictions")


def _one_row_each(stated: list[str], wanted: set[str], where: str) -> Iterator[Violation]:
    for executive in sorted(wanted - set(stated)):
        yield Violation(
            code="missing_executive", subject=where, message=f"{executive!r} has no row"
        )
    for executive in sorted(set(stated) - wanted):
        yield Violation(
            code="unknown_executive", subject=where, message=f"{executive!r} does not exist"
        )
    for executive in sorted({one for one in stated if stated.count(one) > 1}):
        yield Violation(
            code="wrong_facts", subject=where, message=f"{executive!r} has more than one row"
        )


def _ownership(plan: AlignmentPlan, owners: Owners, facts: AlignmentFacts) -> Iterator[Violation]:
    holes = [unit for unit, owner in zip(facts.unit_ids, owners, strict=True) if owner < 0]
    if holes:
        yield Violation(
            code="unowned_unit",
            subject="alignment",
            message=f"{len(holes)} units belong to nobody: {listed(holes)}",
            found=len(holes),
        )
    owner_of = plan.alignment.owner_of()
    for unit, executive in facts.locked.items():
        if owner_of.get(unit) != executive:
            yield Violation(
                code="broken_lock",
                subject=f"unit {unit}",
                message=f"locked to {executive!r}, given to {owner_of.get(unit)!r}",
                stated=owner_of.get(unit),
                found=executive,
            )
    yield from _sealed(plan, owners, facts)
    yield from islands(owners, facts)


def _sealed(plan: AlignmentPlan, owners: Owners, facts: AlignmentFacts) -> Iterator[Violation]:
    """Locked jurisdictions have what they had; more only where they alone cut land off.

    Such land is a piece of what is not locked in which nobody else has a unit.
    """
    if not facts.sealed:
        return
    shut = frozenset().union(*facts.sealed.values())
    ground = np.array([-1 if unit in shut else 0 for unit in facts.unit_ids], np.int64)
    names = {executive for executive in facts.sealed if executive in facts.executive_ids}
    seats = {facts.executive_ids.index(executive) for executive in names}
    cut_off = {
        facts.unit_ids[unit]
        for piece in pieces(ground, facts.neighbours)
        if seats.issuperset(int(owners[unit]) for unit in piece)
        for unit in piece
    }
    for executive, units in facts.sealed.items():
        mine = set(plan.alignment.units_of(executive))
        astray = sorted((units - mine) | (mine - units - cut_off))
        if astray:
            yield Violation(
                code="broken_lock",
                subject=f"jurisdiction {executive}",
                message=f"locked as a whole; {listed(astray)} differ from today",
                found=len(astray),
            )


def islands(owners: Owners, facts: AlignmentFacts) -> Iterator[Violation]:
    """Pieces beyond the largest of a jurisdiction on each connected part of the market."""
    part_of = np.empty(len(owners), np.int64)
    for part, piece in enumerate(pieces(np.zeros(len(owners), np.int64), facts.neighbours)):
        part_of[piece] = part
    together: dict[tuple[int, int], list[list[int]]] = {}
    for piece in pieces(owners, facts.neighbours):
        together.setdefault((int(owners[piece[0]]), int(part_of[piece[0]])), []).append(piece)
    for (owner, _), parts in together.items():
        for piece in sorted(parts, key=len, reverse=True)[1:]:
            names = [facts.unit_ids[unit] for unit in piece]
            if any(name in facts.locked for name in names):
                continue
            yield Violation(
                code="island",
                subject=f"jurisdiction {facts.executive_ids[owner]}",
                message=f"{len(piece)} units are cut off from the rest: {listed(names)}",
                found=len(piece),
            )


def _stated_facts(plan: AlignmentPlan, facts: AlignmentFacts) -> Iterator[Violation]:
    yield from miscopied(
        "plan", "tolerance_percent", stated=plan.tolerance_percent, found=facts.tolerance_percent
    )
    yield from miscopied(
        "plan",
        "soft_price",
        stated=plan.soft_price or (0.0,) * len(facts.load_names),
        found=facts.soft_price or (0.0,) * len(facts.load_names),
    )
    yield from miscopied(
        "plan", "locked_units", stated=sorted(plan.locked_units), found=sorted(facts.locked)
    )
    order = {unit: index for index, unit in enumerate(facts.unit_ids)}
    rows = [order[unit] for unit in plan.alignment.unit_ids]
    for name, stated, found in zip(plan.load_names, plan.unit_loads, facts.loads, strict=False):
        if len(stated) != len(rows):
            yield from miscopied("plan", f"length of {name}", stated=len(stated), found=len(rows))
            continue
        column = np.asarray(stated, dtype=np.float64)
        for row in disagreements(column, found[rows]):
            unit, fact = plan.alignment.unit_ids[row], float(found[rows[row]])
            yield from misstated(
                "wrong_facts", f"unit {unit}", name, stated=stated[row], found=fact
            )
    yield from miscopied(
        "plan", "count of unit_loads", stated=len(plan.unit_loads), found=len(facts.load_names)
    )


def _jurisdictions(
    stated: Sequence[Jurisdiction], figures: AlignmentFigures, facts: AlignmentFacts, when: str
) -> Iterator[Violation]:
    position = {executive: index for index, executive in enumerate(facts.executive_ids)}
    for one in stated:
        index = position[one.executive_id]
        subject = f"jurisdiction {one.executive_id} {when}"
        yield from _loads_of(one, index, figures, facts.load_names, subject)
        plain: tuple[tuple[str, str, float, float], ...] = (
            ("wrong_total", "units", one.units, figures.units[index]),
            ("wrong_inertia", "moment_of_inertia", one.moment_of_inertia, figures.inertia[index]),
            ("wrong_shape", "polsby_popper", one.polsby_popper, figures.polsby_popper[index]),
        )
        for code, what, said, found in plain:
            yield from misstated(code, subject, what, stated=said, found=float(found))
        yield from _pieces_of(one, int(figures.components[index]), figures, subject)


def _pieces_of(
    one: Jurisdiction, found: int, figures: AlignmentFigures, subject: str
) -> Iterator[Violation]:
    """Each ferry over the market's parts may join two pieces; on one part the count is exact."""
    least = min(found, max(1, found - (figures.parts - 1)))
    if not least <= one.components <= found:
        yield from misstated(
            "wrong_components", subject, "components", stated=one.components, found=found
        )


def _loads_of(
    one: Jurisdiction,
    index: int,
    figures: AlignmentFigures,
    names: tuple[str, ...],
    subject: str,
) -> Iterator[Violation]:
    for what, said in (("loads", one.loads), ("deviation_percent", one.deviation_percent)):
        if len(said) != len(names):
            yield from miscopied(subject, f"count of {what}", stated=len(said), found=len(names))
            return
    for load, name in enumerate(names):
        found, off = float(figures.loads[load, index]), figures.deviation_percent[load, index]
        yield from misstated("wrong_total", subject, name, stated=one.loads[load], found=found)
        yield from misstated(
            "wrong_deviation",
            subject,
            f"deviation of {name}",
            stated=one.deviation_percent[load],
            found=float(off),
        )


def _moved_in(
    stated: Sequence[Jurisdiction], owners: Owners, facts: AlignmentFacts, when: str
) -> Iterator[Violation]:
    """``moved_in_percent``: the part of a jurisdiction's workload that it did not own before."""
    has_moved = is_moved(owners, facts)
    workload = facts.loads[-1]
    position = {executive: index for index, executive in enumerate(facts.executive_ids)}
    for one in stated:
        mine = owners == position[one.executive_id]
        total = float(workload[mine].sum())
        came = float(workload[mine & has_moved].sum())
        found = 100 * came / total if total > 0 and facts.before is not None else 0.0
        yield from misstated(
            "wrong_moved",
            f"jurisdiction {one.executive_id} {when}",
            "moved_in_percent",
            stated=one.moved_in_percent,
            found=found,
        )


def _before(plan: AlignmentPlan, facts: AlignmentFacts) -> Iterator[Violation]:
    stated, found = _owners(plan.before), _owners(facts.before)
    known = {*facts.executive_ids, *found.values()}
    unknown = set(plan.before.executive_ids if plan.before else ()) - known
    if (plan.before is None) != (facts.before is None) or stated != found or unknown:
        yield Violation(
            code="wrong_facts",
            subject="plan",
            message="before is not the alignment it started from",
        )
        return
    if plan.before is None:
        return
    # executives who have left still stand in the alignment before
    then = replace(facts, executive_ids=plan.before.executive_ids, before=None)
    rows = [one.executive_id for one in plan.jurisdictions_before]
    wrong = [*_one_row_each(rows, set(then.executive_ids), "jurisdictions before")]
    if wrong:
        yield from wrong
        return
    owners = owner_positions(plan.before, then)
    figures = alignment_figures(owners, then)
    yield from _jurisdictions(plan.jurisdictions_before, figures, then, "before")
    yield from _moved_in(plan.jurisdictions_before, owners, then, "before")


def _owners(alignment: Alignment | None) -> dict[str, str]:
    """Owner of every unit that has one."""
    named = alignment.owner_of() if alignment else {}
    return {unit: owner for unit, owner in named.items() if owner}


def _totals(plan: AlignmentPlan, figures: AlignmentFigures) -> Iterator[Violation]:
    if len(plan.worst_percent) != len(plan.load_names):
        yield from miscopied(
            "plan",
            "count of worst_percent",
            stated=len(plan.worst_percent),
            found=len(plan.load_names),
        )
        return
    for name, stated, found in zip(
        plan.load_names, plan.worst_percent, figures.worst_percent, strict=True
    ):
        yield from misstated(
            "wrong_worst", "plan", f"worst_percent of {name}", stated=stated, found=float(found)
        )
    ferries = plan.cut_edges - figures.cut_edges
    if not 0 <= ferries < max(1, figures.parts):
        yield from misstated(
            "wrong_cut_edges", "plan", "cut_edges", stated=plan.cut_edges, found=figures.cut_edges
        )
    yield from misstated(
        "wrong_inertia",
        "plan",
        "moment_of_inertia",
        stated=plan.moment_of_inertia,
        found=float(figures.inertia.sum()),
    )


def _tolerance(
    plan: AlignmentPlan, figures: AlignmentFigures, facts: AlignmentFacts
) -> Iterator[Violation]:
    for name, limit, found, is_hard in zip(
        facts.load_names, facts.tolerance_percent, figures.worst_percent, facts.is_hard, strict=True
    ):
        if is_hard and exceeds(float(found), limit) and not _is_admitted(name, plan.notes):
            yield Violation(
                code="over_tolerance",
                subject=f"load {name}",
                message=f"worst deviation {found:.2f} % is beyond {limit:g} %, and no note says so",
                stated=limit,
                found=float(found),
            )


def _is_admitted(load_name: str, notes: tuple[str, ...]) -> bool:
    return any("tolerance" in note.lower() and load_name in note for note in notes)


def _moved(plan: AlignmentPlan, owners: Owners, facts: AlignmentFacts) -> Iterator[Violation]:
    yield from misstated(
        "wrong_moved",
        "plan",
        "moved_percent",
        stated=plan.moved_percent,
        found=moved_percent(owners, facts),
    )


def _bounds(
    plan: AlignmentPlan, figures: AlignmentFigures, owners: Owners, facts: AlignmentFacts
) -> Iterator[Violation]:
    """A lower bound on plans within tolerance cannot lie above such a plan."""
    limits = np.asarray(facts.tolerance_percent)
    hard = np.array(facts.is_hard)
    is_within = bool((figures.worst_percent <= limits + 1e-9)[hard].all())
    for name, bound, reached in (
        ("inertia_bound", plan.inertia_bound, float(figures.inertia.sum())),
        ("moved_bound_percent", plan.moved_bound_percent, moved_percent(owners, facts)),
    ):
        is_figure = math.isfinite(bound) and bound >= 0
        if not is_figure or (is_within and exceeds(bound, reached)):
            yield Violation(
                code="wrong_bound",
                subject="plan",
                message=f"{name} {shown(bound)} is no lower bound: the plan has {shown(reached)}",
                stated=bound,
                found=reached,
            )
