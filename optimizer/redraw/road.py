"""Redraw with shape on the road: seconds from a centre to each unit, squared, by workload.

About fixed homes the measure is a sum over units, so the search prices each unit in each
jurisdiction exactly. Movable centres alternate (Cooper, 1963): the plan of straight lines gives the
first jurisdictions; each takes for its centre the unit from which its workload is reached with the
least sum of squared seconds, and the search carries on about these centres, until nothing better
is found. As straight lines may miss what rivers part, the same begins a second time from centres
drawn far apart by road (k-means++ of Arthur and Vassilvitskii, 2007); the better plan is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.problem import RedrawParams, RedrawProblem
from optimizer.run import Progress, Report, Result, Stop, silent
from territory.alignment import AlignmentPlan
from territory.measures import owner_positions

ROUNDS = 3
CANDIDATES = 40  # units nearest to the centroid that are tried as the centre

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
UnitSeconds = Callable[[Longs, Longs], Floats]
"""Road seconds from units (k,) to units (t,), shape (k, t)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OnRoad:
    """A plan, its centres (p,) as units, -1 for homes, and seconds from each to all units."""

    result: Result[AlignmentPlan]
    centers: Longs
    center_seconds: Floats


def solve_on_road(
    problem: RedrawProblem,
    seconds: UnitSeconds,
    *,
    home_seconds: Floats | None = None,
    owners: Longs | None = None,
    params: RedrawParams = RedrawParams(),
    stop: Stop | None = None,
    progress: Progress[AlignmentPlan] = silent,
) -> OnRoad:
    """The best plan found with shape on the road.

    ``home_seconds`` (p, n) are asked for when the homes are fixed and then are the centres.
    ``owners`` are where to carry on from, if given.

    Raises
    ------
    ValueError
        If homes are fixed and ``home_seconds`` are missing.
    """
    from optimizer.redraw.again import improve
    from optimizer.redraw.method import solve

    if problem.homes_fixed:
        if home_seconds is None:
            raise ValueError("fixed homes on the road need home_seconds")
        asked = replace(problem, center_seconds=home_seconds)
        result = (
            solve(asked, params=params, stop=stop, progress=progress)
            if owners is None
            else improve(asked, owners, params=params, stop=stop)
        )
        home = np.full(problem.executives, -1, dtype=np.int64)
        return OnRoad(result=result, centers=home, center_seconds=home_seconds)
    result = (
        solve(problem, params=params, stop=stop, progress=progress)
        if owners is None
        else improve(problem, owners, params=params, stop=stop)
    )
    first = _centred(problem, result, seconds)
    unit = _mean_square(problem, first) or 1.0
    best = _alternated(problem, first, unit, seconds, params, stop, progress)
    if owners is not None or (stop is not None and stop.cancel.is_set()):
        return best
    other = _apart_by_road(problem, unit, seconds, params, stop)
    other = _alternated(problem, other, unit, seconds, params, stop, progress)
    return min(best, other, key=lambda found: _key(problem, found, unit))


def _alternated(
    problem: RedrawProblem,
    best: OnRoad,
    unit: float,
    seconds: UnitSeconds,
    params: RedrawParams,
    stop: Stop | None,
    progress: Progress[AlignmentPlan],
) -> OnRoad:
    """Centres and jurisdictions in turn from a plan; the best by violation, then the road."""
    from optimizer.redraw.again import improve

    for turn in range(ROUNDS):
        if stop is not None and stop.cancel.is_set():
            break
        progress(Report(message="redraw on the road", fraction=0.5 + 0.1 * turn))
        asked = replace(problem, center_seconds=best.center_seconds, square_seconds=unit)
        again = None if stop is None else Stop(cancel=stop.cancel, iterations=stop.iterations)
        owners = owner_positions(best.result.plan.alignment)
        made = _centred(problem, improve(asked, owners, params=params, stop=again), seconds)
        if _key(problem, made, unit) >= _key(problem, best, unit):
            break
        best = made
    return best


def _apart_by_road(
    problem: RedrawProblem,
    unit: float,
    seconds: UnitSeconds,
    params: RedrawParams,
    stop: Stop | None,
) -> OnRoad:
    """A plan about centres drawn far apart by road, each unit begun with the nearest of them."""
    from optimizer.redraw.again import improve
    from optimizer.redraw.field import arena
    from optimizer.redraw.labels import labelled

    draw = np.random.default_rng([params.seed, 99])
    every = np.arange(len(problem.unit_ids))
    weight = problem.loads[-1] + 0.01 * float(problem.loads[-1].mean()) + 1e-9
    centers = [int(draw.choice(len(every), p=weight / weight.sum()))]
    rows = [seconds(np.array(centers), every)[0]]
    while len(centers) < problem.executives:
        chance = weight * np.min(rows, axis=0) ** 2
        chance[centers] = 0.0
        if chance.sum() <= 0:
            chance = np.where(np.isin(every, centers), 0.0, 1.0)
        centers.append(int(draw.choice(len(every), p=chance / chance.sum())))
        rows.append(seconds(np.array(centers[-1:]), every)[0])
    nearest = np.argmin(rows, axis=0).astype(np.int32)
    owners = labelled(nearest, arena(problem))
    seat_of = {int(near): int(seat) for near, seat in zip(nearest, owners, strict=True)}
    center_seconds = np.array(rows)
    for near, seat in seat_of.items():
        center_seconds[seat] = rows[near]
    asked = replace(problem, center_seconds=center_seconds, square_seconds=unit)
    again = None if stop is None else Stop(cancel=stop.cancel, iterations=stop.iterations)
    result = improve(asked, owners.astype(np.int64), params=params, stop=again)
    return _centred(problem, result, seconds)


def _key(problem: RedrawProblem, found: OnRoad, unit: float) -> tuple[float, float]:
    """What loads lie beyond tolerance, then the whole cost with shape on the road."""
    cost = found.result.cost
    rest = sum(value for name, value in cost.items() if name not in ("violation", "shape"))
    return round(cost["violation"], 6), _mean_square(problem, found) / unit + rest


def _mean_square(problem: RedrawProblem, found: OnRoad) -> float:
    """Mean of squared seconds from each unit's centre, by workload."""
    owners = owner_positions(found.result.plan.alignment)
    workload = problem.loads[-1] if problem.loads[-1].any() else np.ones(len(owners))
    away = found.center_seconds[owners, np.arange(len(owners))]
    return float((workload * away**2).sum() / workload.sum())


def _centred(problem: RedrawProblem, result: Result[AlignmentPlan], seconds: UnitSeconds) -> OnRoad:
    """The plan with the best centre of each jurisdiction."""
    owners = owner_positions(result.plan.alignment)
    found = [
        best_center(np.flatnonzero(owners == seat), problem.xy_meters, problem.loads[-1], seconds)
        for seat in range(problem.executives)
    ]
    centers, every = np.array(found, dtype=np.int64), np.arange(len(owners))
    return OnRoad(result=result, centers=centers, center_seconds=seconds(centers, every))


def best_center(mine: Longs, xy_meters: Floats, workload: Floats, seconds: UnitSeconds) -> int:
    """The unit of a jurisdiction ``mine`` with the least sum of workload x squared seconds.

    Tried are the ``CANDIDATES`` units nearest to the middle of its workload; a jurisdiction without
    workload weighs its units alike.
    """
    weight = workload[mine] if workload[mine].any() else np.ones(len(mine))
    middle = weight @ xy_meters[mine] / weight.sum()
    off = ((xy_meters[mine] - middle) ** 2).sum(axis=1)
    near = mine[np.argsort(off, kind="stable")[:CANDIDATES]]
    return int(near[int((seconds(near, mine) ** 2 @ weight).argmin())])
