"""Redraw with sealed jurisdictions: they are cut out, the rest is shared among the others.

The rest is balanced about the means of all executives, sealed ones too, so that the tolerance says
the same of every jurisdiction of the whole plan. Land that sealed jurisdictions alone cut off from
the rest, and that can hold no jurisdiction, goes to the one with the longest border to it.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.problem import RedrawParams, RedrawProblem
from optimizer.run import Progress, Result, Stop, silent
from territory.alignment import AlignmentPlan
from territory.errors import Infeasible
from territory.measures import owner_positions, perimeters_meters
from territory.units.values import Neighbours

Longs = NDArray[np.int64]


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
        f"The locked jurisdictions cut {len(taken)} units off from the rest, too little for a "
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
        label = parts(_within(problem, left))
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
    ids = tuple(problem.executive_ids[seat] for seat in seats.tolist())
    neighbours = _within(problem, left)
    before = tuple(
        problem.executive_ids[owner] if owner >= 0 else "" for owner in problem.owners_before[left]
    )
    homes, carried = problem.homes_meters, problem.carried_loads
    return replace(
        problem,
        unit_ids=tuple(problem.unit_ids[unit] for unit in left.tolist()),
        xy_meters=problem.xy_meters[left],
        area_square_meters=problem.area_square_meters[left],
        neighbours=neighbours,
        loads=problem.loads[:, left],
        executive_ids=ids,
        executive_names=tuple(problem.names[one] for one in ids),
        homes_meters=None if homes is None else homes[seats],
        before=None if problem.before is None else before,
        locked_units=tuple(unit for unit in problem.locked_units if unit in inside),
        move_cost=problem.move_shares[left],
        move_price=problem.move_price * float(problem.move_shares[left].sum()),
        perimeter_meters=perimeters_meters(problem.ground)[left],
        carried_loads=None if carried is None else carried[:, seats],
        center_seconds=None
        if problem.center_seconds is None
        else problem.center_seconds[np.ix_(seats, left)],
        sealed=(),
        target_loads=problem.mean_loads,
        together=tuple(group for group in problem.together if set(group) <= inside),
        apart=tuple(pair for pair in problem.apart if set(pair) <= inside),
        pinned=tuple(pair for pair in problem.pinned if pair[0] in inside),
    )


def _within(problem: RedrawProblem, left: Longs) -> Neighbours:
    """The graph on these units."""
    around, n = problem.neighbours, len(problem.unit_ids)
    place = np.full(n, -1, dtype=np.int64)
    place[left] = np.arange(len(left))
    ends = place[np.repeat(np.arange(n), np.diff(around.indptr))]
    others = place[around.indices]
    keep = (ends >= 0) & (others >= 0)
    return Neighbours(
        indptr=np.concatenate(
            [[0], np.cumsum(np.bincount(ends[keep], minlength=len(left)))]
        ).astype(np.int32),
        indices=others[keep].astype(np.int32),
        border_meters=around.border_meters[keep],
    )


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
