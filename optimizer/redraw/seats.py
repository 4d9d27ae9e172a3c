"""Who sits in which group of a level that is given, and how many, with ferries inside groups only.

Executives named for a group, or held there by locks, seals, pins or fixed homes, sit in it. The
other seats follow the loads: numbers that every group can hold within tolerance if there are any,
nearest to the group's share, else the next seat always to whoever lacks most (the least sum of
squares). People who are free go where they have most work today, then near their home (Hungarian
method).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.islands import (
    Seating,
    importance_of,
    joined,
    seat_options,
    summing_to,
)
from optimizer.redraw.part import part_of
from territory.errors import Infeasible
from territory.units.values import Neighbours

if TYPE_CHECKING:
    from optimizer.redraw.problem import RedrawProblem

Longs = NDArray[np.int64]
HOME_WORTH = 1e-3  # of the way home over the whole span, against a year's work kept


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupPart:
    """A group with the places of its units and executives, and their problem."""

    name: str
    units: Longs
    seats: Longs
    problem: "RedrawProblem"


def group_names(problem: "RedrawProblem") -> tuple[str, ...]:
    """The groups of the level that is given, North 2 before North 10."""
    return tuple(sorted(set(problem.unit_groups), key=lambda name: (len(name), name)))


def group_parts(problem: "RedrawProblem", heads: Sequence[str]) -> Iterator[GroupPart]:
    """Each group as a problem about the means of the whole; ``heads`` (p,) are all named.

    Raises
    ------
    Infeasible
        If a group's executives cannot share its units, or a rule needs two groups at once.
    """
    _refuse_torn_rules(problem)
    label = np.array(problem.unit_groups)
    seated = np.array(heads)
    for name in group_names(problem):
        units, seats = np.flatnonzero(label == name), np.flatnonzero(seated == name)
        try:
            part = part_of(problem, units, seats)
        except Infeasible as fault:
            raise Infeasible(f"Within {name}: {fault.message}", fix=fault.fix) from fault
        yield GroupPart(name=name, units=units, seats=seats, problem=part)


def seat_groups(
    problem: "RedrawProblem",
) -> tuple[tuple[str, ...], Neighbours, Seating]:
    """The group of each executive, the graph cut between groups, and the seats of its parts.

    Raises
    ------
    Infeasible
        If groups outnumber executives, a group has nobody, or rules need two groups at once.
    """
    heads = _heads(problem)
    n, offset = len(problem.unit_ids), 0
    part, counts = np.zeros(n, dtype=np.int64), list[int]()
    links: list[tuple[int, int]] = []
    notes: list[str] = []
    for group in group_parts(problem, heads):
        seating = group.problem.seating
        part[group.units] = seating.part + offset
        offset += len(seating.seats)
        counts += seating.seats
        links += [(int(group.units[a]), int(group.units[b])) for a, b in seating.links]
        notes += [f"Within {group.name}: {note}" for note in seating.notes]
    around = cut_between(problem.neighbours, np.unique(problem.unit_groups, return_inverse=True)[1])
    return (
        heads,
        joined(around, links) if links else around,
        Seating(part=part, seats=tuple(counts), links=tuple(links), notes=tuple(notes)),
    )


def cut_between(neighbours: Neighbours, label: Longs) -> Neighbours:
    """The graph without the pairs whose two units have different labels."""
    n = len(label)
    ends = np.repeat(np.arange(n), np.diff(neighbours.indptr))
    keep = label[ends] == label[neighbours.indices]
    return Neighbours(
        indptr=np.concatenate([[0], np.cumsum(np.bincount(ends[keep], minlength=n))]).astype(
            np.int32
        ),
        indices=neighbours.indices[keep],
        border_meters=neighbours.border_meters[keep],
    )


def _heads(problem: "RedrawProblem") -> tuple[str, ...]:
    """The group of every executive."""
    names = group_names(problem)
    known = _known(problem)
    least = np.array([known.count(name) for name in names], dtype=np.int64)
    free = known.count("")
    if int(np.maximum(least, 1).sum()) > problem.executives or (not free and (least == 0).any()):
        empty = [name for name, count in zip(names, least.tolist(), strict=True) if count == 0]
        raise Infeasible(
            f"{len(names)} groups are given and {problem.executives} executives, {free} of whom "
            f"may sit anywhere; nobody is left for {', '.join(empty[:8])}.",
            fix="Name an executive for each group, or give fewer groups.",
        )
    if not free:
        return known
    seats = _seats_of_groups(problem, names, np.maximum(least, 1))
    return _seated(problem, names, known, seats - least)


def _known(problem: "RedrawProblem") -> tuple[str, ...]:
    """The group of each executive whom the caller, a lock or a fixed home puts there, else ""."""
    wanted: list[set[str]] = [
        {name} if name else set() for name in problem.executive_groups or ("",) * problem.executives
    ]
    locked = problem.locked
    for unit in np.flatnonzero(locked >= 0).tolist():
        wanted[int(locked[unit])].add(problem.unit_groups[unit])
    reasons = [
        f"{executive} would sit in {' and in '.join(sorted(names))}."
        for executive, names in zip(problem.executive_ids, wanted, strict=True)
        if len(names) > 1
    ]
    if reasons:
        raise Infeasible(
            "Locked units and the level above put executives in two groups at once.",
            reasons,
            fix="Unlock these units, or give their group another executive.",
        )
    known = tuple(next(iter(names), "") for names in wanted)
    if not problem.homes_fixed:
        return known
    assert problem.homes_meters is not None
    nearest = _nearest(problem.xy_meters, problem.homes_meters)
    return tuple(
        name or problem.unit_groups[unit]
        for name, unit in zip(known, nearest.tolist(), strict=True)
    )


def _nearest(xy_meters: NDArray[np.float64], homes_meters: NDArray[np.float64]) -> Longs:
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(xy_meters).query(homes_meters)[1], dtype=np.int64)


def _seats_of_groups(problem: "RedrawProblem", names: tuple[str, ...], least: Longs) -> Longs:
    """Executives of each group, (g,), at least so many in each."""
    place = {name: at for at, name in enumerate(names)}
    label = np.array([place[name] for name in problem.unit_groups], dtype=np.int64)
    weight = np.bincount(label, weights=importance_of(problem), minlength=len(names))
    ideal = np.asarray(weight * problem.executives / weight.sum(), dtype=np.float64)
    options = [
        [count for count in seat_options(problem, label == at) if count >= least[at]]
        for at in range(len(names))
    ]
    whole = summing_to(problem.executives, options, ideal) if all(options) else None
    if whole is not None:
        return np.array(whole, dtype=np.int64)
    seats = least.copy()
    while seats.sum() < problem.executives:
        seats[int((ideal - seats).argmax())] += 1
    return seats


def _seated(
    problem: "RedrawProblem", names: tuple[str, ...], known: tuple[str, ...], more: Longs
) -> tuple[str, ...]:
    """Everybody's group, with ``more`` (g,) seats for those who have none yet."""
    from scipy.optimize import linear_sum_assignment

    free = np.array([seat for seat, name in enumerate(known) if not name], dtype=np.int64)
    chairs = np.repeat(np.arange(len(names)), more)
    worth = _worth(problem, names)[np.ix_(free, chairs)]
    heads = list(known)
    for row, column in zip(*linear_sum_assignment(-worth), strict=True):
        heads[int(free[int(row)])] = names[int(chairs[int(column)])]
    return tuple(heads)


def _worth(problem: "RedrawProblem", names: tuple[str, ...]) -> NDArray[np.float64]:
    """How well an executive (row) suits a group (column): work kept, less a little for the way."""
    place = {name: at for at, name in enumerate(names)}
    label = np.array([place[name] for name in problem.unit_groups], dtype=np.int64)
    before, p = problem.owners_before, problem.executives
    kept = np.zeros((p, len(names)))
    has = before >= 0
    np.add.at(kept, (before[has], label[has]), problem.move_shares[has] * p)
    homes = problem.homes_meters
    if homes is None:
        return kept
    at_home = np.isfinite(homes).all(axis=1)
    span = float(np.hypot(*np.ptp(problem.xy_meters, axis=0))) or 1.0
    for at in range(len(names)):
        inside = problem.xy_meters[label == at]
        middle = inside.mean(axis=0)
        kept[at_home, at] -= HOME_WORTH * np.hypot(*(homes[at_home] - middle).T) / span
    return kept


def _refuse_torn_rules(problem: "RedrawProblem") -> None:
    """Raise Infeasible with every rule that needs units of two groups in one jurisdiction."""
    group = dict(zip(problem.unit_ids, problem.unit_groups, strict=True))
    torn = [
        f"Units {', '.join(units[:5])} must stay together and lie in "
        f"{' and in '.join(sorted({group[unit] for unit in units}))}."
        for units in problem.together
        if len({group[unit] for unit in units}) > 1
    ]
    if torn:
        raise Infeasible("These rules contradict the level above.", torn, fix="Give up the rule.")
