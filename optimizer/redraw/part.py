"""A part of the market with the executives who share it, as a redraw problem of its own."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from territory.measures import perimeters_meters
from territory.units.values import Neighbours

if TYPE_CHECKING:
    from optimizer.redraw.problem import RedrawProblem

Longs = NDArray[np.int64]


def part_of(problem: "RedrawProblem", units: Longs, seats: Longs) -> "RedrawProblem":
    """The problem of these units and executives, balanced about the means of the whole.

    Rules that name units outside fall out; so does what such units count when they change hands.

    Raises
    ------
    Infeasible
        If these executives cannot share these units.
    """
    inside = {problem.unit_ids[unit] for unit in units.tolist()}
    ids = tuple(problem.executive_ids[seat] for seat in seats.tolist())
    before = tuple(
        problem.executive_ids[owner] if owner >= 0 else "" for owner in problem.owners_before[units]
    )
    homes, carried, names = problem.homes_meters, problem.carried_loads, problem.names
    shares = problem.move_shares[units]
    return replace(
        problem,
        unit_ids=tuple(problem.unit_ids[unit] for unit in units.tolist()),
        xy_meters=problem.xy_meters[units],
        area_square_meters=problem.area_square_meters[units],
        neighbours=neighbours_within(problem, units),
        loads=problem.loads[:, units],
        executive_ids=ids,
        executive_names=tuple(names[one] for one in ids),
        homes_meters=None if homes is None else homes[seats],
        before=None if problem.before is None else before,
        locked_units=tuple(unit for unit in problem.locked_units if unit in inside),
        move_cost=shares,
        move_price=problem.move_price * float(shares.sum()),
        perimeter_meters=perimeters_meters(problem.ground)[units],
        carried_loads=None if carried is None else carried[:, seats],
        center_seconds=None
        if problem.center_seconds is None
        else problem.center_seconds[np.ix_(seats, units)],
        sealed=tuple(one for one in problem.sealed if one in set(ids)),
        target_loads=problem.mean_loads,
        together=tuple(group for group in problem.together if set(group) <= inside),
        apart=tuple(pair for pair in problem.apart if set(pair) <= inside),
        pinned=tuple(pair for pair in problem.pinned if pair[0] in inside),
        unit_groups=(),
        executive_groups=(),
    )


def neighbours_within(problem: "RedrawProblem", units: Longs) -> Neighbours:
    """The graph on these units."""
    around, n = problem.neighbours, len(problem.unit_ids)
    place = np.full(n, -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    ends = place[np.repeat(np.arange(n), np.diff(around.indptr))]
    others = place[around.indices]
    keep = (ends >= 0) & (others >= 0)
    return Neighbours(
        indptr=np.concatenate(
            [[0], np.cumsum(np.bincount(ends[keep], minlength=len(units)))]
        ).astype(np.int32),
        indices=others[keep].astype(np.int32),
        border_meters=around.border_meters[keep],
    )
