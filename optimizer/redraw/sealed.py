"""Redraw with sealed jurisdictions: they are cut out, the rest is shared among the others.

The rest is balanced about the means of all executives, sealed ones too, so that the tolerance says
the same of every jurisdiction of the whole plan. Land that sealed jurisdictions alone cut off from
the rest, and that can hold no jurisdiction, goes to the one with the longest border to it.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.part import neighbours_within, part_of
from optimizer.redraw.problem import RedrawParams, RedrawProblem
from optimizer.run import Progress, Result, Stop, silent
from territory.alignment import AlignmentPlan
from territory.errors import Infeasible
from territory.measures import owner_positions

Longs = NDArray[np.int64]
CUT_OFF = "The locked jurisdictions cut"
"""How the note on land that seals cut off begins."""


def solve_rest(
    problem: RedrawProblem,
    *,
    params: RedrawParams,
    stop: Stop | None = None,
    progress: Progress[AlignmentPlan] = silent,
    owners: Longs | None = None,
) -> Result[AlignmentPlan]:
    """The best plan found in which sealed executives keep exactly the units they have.

    Raises
    ------
    Infeasible
        If what is left cannot be shared among the others.
    """
    from optimizer.redraw.again import improve
    from optimizer.redraw.field import arena
    from optimizer.redraw.method import result_of, solve

    open_seats = np.array([one not in set(problem.sealed) for one in problem.executive_ids])
    whole = problem.owners_before.copy()
    left = np.flatnonzero(~problem.is_sealed)
    seats = np.flatnonzero(open_seats)
    if len(seats) == 0 and len(left) == 0:
        from optimizer.redraw.again import measured
        from territory.plans import WorkDone

        _refuse_torn(problem, {})
        plan = measured(replace(problem, sealed=()), whole)
        return Result(plan=plan, objective=0.0, cost={}, bound=None,
                      work=WorkDone(stopped_by="finished"))  # fmt: skip
    rest, taken = _rest_and_taken(problem, left, seats)
    for unit, seat in taken.items():
        whole[unit] = seat
    left = np.array([unit for unit in left.tolist() if unit not in taken], dtype=np.int64)
    if owners is None:
        result = solve(rest, params=params, stop=stop)
    else:
        place = np.full(problem.executives + 1, -1, dtype=np.int64)
        place[seats] = np.arange(len(seats))
        result = improve(rest, place[owners[left]], params=params, stop=stop)
    whole[left] = seats[owner_positions(result.plan.alignment)]
    ready = arena(replace(problem, together=(), apart=(), sealed=()))
    made = result_of(whole.astype(np.int32), ready, result.work)
    if not taken:
        return made
    note = (
        f"{CUT_OFF} {len(taken)} units off from the rest, too little for a "
        "jurisdiction: they join the locked ones around them."
    )
    return replace(made, plan=replace(made.plan, notes=(note, *made.plan.notes)))


def _rest_and_taken(
    problem: RedrawProblem, left: Longs, seats: Longs
) -> tuple[RedrawProblem, dict[int, int]]:
    """The problem of the open land, and the seat of every unit that sealed land cut off from it."""
    from optimizer.redraw.islands import parts

    taken: dict[int, int] = {}
    while True:
        rest = rest_of(problem, left, seats)
        if not rest.links:
            _refuse_torn(problem, taken)
            return rest, taken
        label = parts(neighbours_within(problem, left))
        cut = left[label == label[rest.links[0][0]]]
        seat = _longest_border(problem, cut)
        if seat is None or (problem.locked[cut] >= 0).any() or len(cut) == len(left):
            raise Infeasible(
                "The sealed jurisdictions cut the rest of the market into parts that hold no whole "
                f"number of jurisdictions: {rest.seating.notes[0]}",
                fix="Open a sealed jurisdiction, or widen the tolerance.",
            )
        taken |= dict.fromkeys(cut.tolist(), seat)
        left = left[~np.isin(left, cut)]


def _refuse_torn(problem: RedrawProblem, taken: dict[int, int]) -> None:
    """Raise Infeasible with every sealed jurisdiction that is in pieces as it is."""
    from optimizer.redraw.islands import parts
    from territory.measures import pieces

    owners = np.where(problem.is_sealed, problem.owners_before, -1)
    owners[list(taken)] = list(taken.values())
    held = owners >= 0
    label, part = pieces(owners, problem.neighbours), parts(problem.neighbours)
    found = np.unique(np.column_stack([owners, part, label])[held], axis=0)
    seats, counts = np.unique(found[:, :2], axis=0, return_counts=True)
    torn = [
        f"{problem.executive_ids[seat]} has {count} pieces that do not touch."
        for (seat, _), count in zip(seats.tolist(), counts.tolist(), strict=True)
        if count > 1
    ]
    if torn:
        raise Infeasible(
            "Jurisdictions that are to stay exactly as they are lie in pieces today.",
            torn,
            fix="Open them, or add a bridge between the pieces.",
        )


def _longest_border(problem: RedrawProblem, cut: Longs) -> int | None:
    """The sealed executive who shares most border with these units, None if none does."""
    owners, sealed = problem.owners_before, problem.is_sealed
    shared: dict[int, float] = {}
    around = problem.neighbours
    for unit in cut.tolist():
        for slot in range(int(around.indptr[unit]), int(around.indptr[unit + 1])):
            other = int(around.indices[slot])
            if sealed[other]:
                seat = int(owners[other])
                shared[seat] = shared.get(seat, 0.0) + float(around.border_meters[slot]) + 1e-6
    return max(sorted(shared), key=shared.__getitem__) if shared else None


def open_land(problem: RedrawProblem) -> RedrawProblem:
    """The problem of what sealed executives leave to the others.

    Raises
    ------
    Infeasible
        As ``rest_of``.
    """
    seats = [k for k, one in enumerate(problem.executive_ids) if one not in set(problem.sealed)]
    left = np.flatnonzero(~problem.is_sealed)
    return _rest_and_taken(problem, left, np.array(seats, dtype=np.int64))[0]


def rest_of(problem: RedrawProblem, left: Longs, seats: Longs) -> RedrawProblem:
    """The units and executives that are not sealed, as a problem about the means of all.

    Raises
    ------
    Infeasible
        If nobody is left to take the units, or a rule joins sealed land with other land.
    """
    if len(seats) == 0:
        raise Infeasible(
            f"All {problem.executives} jurisdictions are sealed and {len(left)} units are "
            "nobody's: there is no one to take them.",
            fix="Open one jurisdiction.",
        )
    inside = {problem.unit_ids[unit] for unit in left.tolist()}
    _refuse_crossing_rules(problem, inside)
    return part_of(problem, left, seats)


def _refuse_crossing_rules(problem: RedrawProblem, inside: set[str]) -> None:
    """Raise Infeasible with every rule that sealed jurisdictions break as they are."""
    torn = [group for group in problem.together if 0 < len(inside & set(group)) < len(set(group))]
    owner = {problem.unit_ids[u]: problem.executive_ids[problem.owners_before[u]]
             for u in np.flatnonzero(problem.is_sealed).tolist()}  # fmt: skip
    walled = [
        f"Unit {unit} is locked to {executive}, who is sealed."
        for unit, executive in problem.pinned
        if executive in problem.sealed and unit in inside
    ]
    walled += [
        f"Units {one} and {other} must be apart and both are {owner[one]}'s, who is sealed."
        for one, other in problem.apart
        if one in owner and other in owner and owner[one] == owner[other]
    ]
    walled += [
        f"Unit {unit} is {owner[unit]}'s, who is sealed, and locked to {executive}."
        for unit, executive in problem.pinned
        if unit in owner and owner[unit] != executive
    ]
    walled += [f"Units {', '.join(g[:5])} must stay together; some are sealed." for g in torn]
    whole = [group for group in problem.together if not set(group) & inside]
    walled += [
        f"Units {', '.join(group[:5])} must stay together and are sealed with two executives."
        for group in whole
        if len({owner[unit] for unit in group}) > 1
    ]
    if walled:
        raise Infeasible("These rules contradict each other.", walled, fix="Give up one of each.")
