"""Redraw with units together or apart: groups become one unit each, pairs are parted by pins.

A group whose units do not touch takes the shortest way between its pieces along. Grouped units
have the loads, area and borders of all, and lie at their workload's middle, so that shape differs
from that of the units by a constant only. Where a plan puts two units that must be apart into one
jurisdiction, one of them is pinned to the neighbour who costs least way, and the plan carried on.
"""

from collections import deque
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.problem import RedrawParams, RedrawProblem
from optimizer.redraw.rules import Groups, groups_of
from optimizer.run import Progress, Report, Result, Stop, silent
from territory.alignment import AlignmentPlan
from territory.errors import Infeasible
from territory.measures import owner_positions, perimeters_meters
from territory.units.values import Neighbours

ROUNDS = 12
Owners = NDArray[np.int64]


def solve_grouped(
    problem: RedrawProblem,
    *,
    params: RedrawParams,
    stop: Stop | None = None,
    progress: Progress[AlignmentPlan] = silent,
    owners: Owners | None = None,
) -> Result[AlignmentPlan]:
    """The best alignment found that keeps every rule, from ``owners`` if given; never a proof.

    Raises
    ------
    Infeasible
        If a group cannot be one piece, or a pair could not be parted.
    """
    from optimizer.redraw.again import improve
    from optimizer.redraw.field import arena
    from optimizer.redraw.method import result_of, solve

    groups = joined_groups(problem)
    asked = contracted(problem, groups)
    apart, small = asked.apart, replace(asked, apart=())
    progress(Report(message=f"{len(small.unit_ids):,} units after grouping", fraction=0.1))
    if owners is None:
        result = solve(small, params=params, stop=stop)
    else:
        result = improve(small, _of_groups(owners, groups, problem), params=params, stop=stop)
    for _ in range(ROUNDS + len(apart)):
        found = owner_positions(result.plan.alignment)
        broken = _broken(found, small, apart)
        if not broken:
            break
        again = Stop(
            cancel=stop.cancel if stop else Stop().cancel,
            iterations=stop.iterations if stop else None,
        )
        parted = _parted(found, broken[0], small, apart, params, again)
        if parted is None:
            break
        small, result = parted
    found = owner_positions(result.plan.alignment)
    broken = _broken(found, small, apart)
    if broken:
        pairs = ", ".join(f"{one} and {other}" for one, other in broken)
        raise Infeasible(
            f"No plan was found that parts {pairs}: there may be one.",
            fix="Pin one unit of each pair to an executive.",
        )
    ready = arena(replace(problem, together=(), apart=()))
    return result_of(found[groups].astype(np.int32), ready, result.work)


def _of_groups(owners: Owners, groups: Groups, problem: RedrawProblem) -> Owners:
    """Who has most of each group's workload in these owners."""
    held = np.zeros((int(groups.max()) + 1, problem.executives))
    np.add.at(held, (groups, owners), problem.loads[-1] + 1e-9)
    return np.asarray(held.argmax(axis=1), dtype=np.int64)


def joined_groups(problem: RedrawProblem) -> Groups:
    """The groups, each in one piece: units between the pieces of a group are taken along.

    Raises
    ------
    Infeasible
        If there is no way between two pieces that avoids other groups and others' locked units.
    """
    groups = groups_of(problem)
    locked = problem.locked
    for group in np.flatnonzero(np.bincount(groups) > 1).tolist():
        members = np.flatnonzero(groups == group)
        owners = {int(locked[unit]) for unit in members if locked[unit] >= 0}
        single = np.bincount(groups)[groups] == 1
        passable = (groups == group) | (single & ((locked < 0) | np.isin(locked, list(owners))))
        for unit in members[1:].tolist():
            path = _way(int(members[0]), unit, groups == group, passable, problem.neighbours)
            if path is None:
                raise Infeasible(
                    f"Units {problem.unit_ids[members[0]]} and {problem.unit_ids[unit]} must stay "
                    "together, but no way joins them that avoids other groups and locked units.",
                    fix="Add a bridge, or give up a rule.",
                )
            groups[path] = group
    return np.asarray(np.unique(groups, return_inverse=True)[1], dtype=np.int64)


def _way(
    start: int,
    goal: int,
    inside: NDArray[np.bool_],
    passable: NDArray[np.bool_],
    neighbours: Neighbours,
) -> list[int] | None:
    """Units from start to goal, as few from outside the group as can be (0-1 breadth first)."""
    came = {start: start}
    queue = deque([start])
    far = {start: 0}
    while queue:
        unit = queue.popleft()
        if unit == goal:
            break
        for other in neighbours.of(unit).tolist():
            step = far[unit] + int(not inside[other])
            if passable[other] and step < far.get(other, len(inside) + 1):
                far[other], came[other] = step, unit
                (queue.appendleft if inside[other] else queue.append)(other)
    if goal not in came:
        return None
    path = [goal]
    while path[-1] != start:
        path.append(came[path[-1]])
    return path


def contracted(problem: RedrawProblem, groups: Groups) -> RedrawProblem:
    """The problem with each group as one unit, named after its first."""
    count = int(groups.max()) + 1
    first = np.full(count, len(groups))
    np.minimum.at(first, groups, np.arange(len(groups)))
    ids = tuple(problem.unit_ids[unit] for unit in first.tolist())
    neighbours, hidden = _neighbours(problem, groups, count)
    weight = problem.loads[-1] + 1e-9 * max(1.0, float(problem.loads[-1].mean()))
    total = np.bincount(groups, weight, minlength=count)
    columns = [np.bincount(groups, weight * axis) / total for axis in problem.xy_meters.T]
    locked, before = problem.locked, problem.owners_before
    name = {unit: ids[groups[place]] for place, unit in enumerate(problem.unit_ids)}
    pins = {ids[groups[unit]]: problem.executive_ids[locked[unit]]
            for unit in np.flatnonzero(locked >= 0).tolist()}  # fmt: skip
    perimeter = np.bincount(groups, perimeters_meters(problem.ground), minlength=count)
    return RedrawProblem(
        unit_ids=ids,
        xy_meters=np.column_stack(columns),
        area_square_meters=np.bincount(groups, problem.area_square_meters, minlength=count).astype(
            np.float64
        ),
        neighbours=neighbours,
        load_names=problem.load_names,
        loads=np.array([np.bincount(groups, load, minlength=count) for load in problem.loads]),
        tolerance_percent=problem.tolerance_percent,
        executive_ids=problem.executive_ids,
        executive_names=problem.executive_names,
        homes_meters=problem.homes_meters,
        homes_fixed=problem.homes_fixed,
        before=None if problem.before is None else _before(problem, groups, before, weight, count),
        move_price=problem.move_price,
        border_price=problem.border_price,
        perimeter_meters=perimeter - hidden,
        apart=tuple({tuple(sorted((name[a], name[b]))): None for a, b in problem.apart}),
        pinned=tuple(sorted(pins.items())),
        soft_price=problem.soft_price,
        move_cost=np.bincount(groups, problem.move_shares, minlength=count).astype(np.float64),
        carried_loads=problem.carried_loads,
        center_seconds=_center_seconds(problem, groups, count),
        square_seconds=_square_seconds(problem),
        target_loads=problem.target_loads,
        unit_groups=tuple(problem.unit_groups[unit] for unit in first.tolist())
        if problem.unit_groups
        else (),
        executive_groups=problem.executive_groups,
    )


def _center_seconds(
    problem: RedrawProblem, groups: Groups, count: int
) -> NDArray[np.float64] | None:
    """Seconds to each group whose square times its workload is the sum of those of its units."""
    if problem.center_seconds is None:
        return None
    workload = problem.loads[-1]
    total = np.bincount(groups, workload, minlength=count)
    rows = [
        np.bincount(groups, workload * row**2, minlength=count) for row in problem.center_seconds
    ]
    return np.asarray(np.sqrt(np.array(rows) / np.where(total > 0, total, 1.0)))


def _square_seconds(problem: RedrawProblem) -> float:
    """The unit of squared seconds that the whole problem has."""
    if problem.center_seconds is None or problem.square_seconds:
        return problem.square_seconds
    workload = problem.loads[-1]
    nearest = (workload * problem.center_seconds**2).min(axis=0).sum()
    return float(nearest / (workload.sum() or 1.0))


def _neighbours(
    problem: RedrawProblem, groups: Groups, count: int
) -> tuple[Neighbours, NDArray[np.float64]]:
    """Borders between groups, and the metres of border inside each (both sides)."""
    from scipy.sparse import coo_array

    around = problem.neighbours
    ends = groups[np.repeat(np.arange(len(groups)), np.diff(around.indptr))]
    others = groups[around.indices]
    within = ends == others
    hidden = np.bincount(ends[within], around.border_meters[within], minlength=count)
    pair = ends[~within] * count + others[~within]
    keys, slot = np.unique(pair, return_inverse=True)
    border = np.bincount(slot, around.border_meters[~within], minlength=len(keys))
    rows = coo_array((np.ones(len(keys)), (keys // count, keys % count)), shape=(count, count))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows.coords[0], minlength=count))])
    made = Neighbours(
        indptr=indptr.astype(np.int32),
        indices=(keys % count).astype(np.int32),
        border_meters=border.astype(np.float64),
    )
    return made, hidden.astype(np.float64)


def _before(
    problem: RedrawProblem,
    groups: Groups,
    before: Owners,
    weight: NDArray[np.float64],
    count: int,
) -> tuple[str, ...]:
    """Who has most of each group's workload today."""
    held = np.zeros((count, problem.executives + 1))
    np.add.at(held, (groups, before), weight)  # -1 is the last column: nobody
    names = (*problem.executive_ids, "")
    return tuple(names[place] for place in held.argmax(axis=1).tolist())


Pairs = tuple[tuple[str, str], ...]


def _broken(owners: Owners, problem: RedrawProblem, apart: Pairs) -> list[tuple[str, str]]:
    place = {unit: at for at, unit in enumerate(problem.unit_ids)}
    return [(a, b) for a, b in apart if owners[place[a]] == owners[place[b]]]


def _parted(
    owners: Owners,
    pair: tuple[str, str],
    problem: RedrawProblem,
    apart: Pairs,
    params: RedrawParams,
    stop: Stop,
) -> tuple[RedrawProblem, Result[AlignmentPlan]] | None:
    """The plan carried on with this pair pinned apart; None if no way of doing so works."""
    from optimizer.redraw.again import improve

    for pins in _pins(owners, pair, problem, apart):
        asked = replace(problem, pinned=(*problem.pinned, *pins))
        try:
            return asked, improve(asked, owners, params=params, stop=stop)
        except Infeasible:  # these pins wall somebody in; the next may not
            continue
    return None


def _pins(
    owners: Owners, pair: tuple[str, str], problem: RedrawProblem, apart: Pairs
) -> list[list[tuple[str, str]]]:
    """Ways to part a pair, nearest first: both pinned, or only the one that moves."""
    place = {unit: at for at, unit in enumerate(problem.unit_ids)}
    locked, ids = problem.locked, problem.executive_ids
    options: list[tuple[float, str, int, str]] = []
    for mover, other in (pair, pair[::-1]):
        if locked[place[mover]] >= 0:
            continue
        rivals = {unit for each in apart if mover in each for unit in each} - {mover}
        taken = {int(owners[place[unit]]) for unit in rivals}
        away = np.hypot(*(problem.xy_meters - problem.xy_meters[place[mover]]).T)
        options += [
            (float(away[owners == seat].min()), mover, seat, other)
            for seat in sorted(set(range(problem.executives)) - taken)
        ]
    ways = []
    for _, mover, seat, other in sorted(options):
        stays = (other, ids[owners[place[other]]])
        if locked[place[other]] < 0:
            ways.append([(mover, ids[seat]), stays])
        ways.append([(mover, ids[seat])])
    return ways
