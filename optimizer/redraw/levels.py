"""Districts of jurisdictions and regions of districts: the same search, one floor up.

Jurisdictions become units with the loads, land and borders of theirs; groups of them are drawn as
jurisdictions are drawn of units: in one piece, balanced, compact. Their number of executives is a
load of its own, so that groups are as equal as whole numbers allow; the other tolerances are wider
by what that rounding costs. Nothing about a finer level is changed by a coarser one. Where a level
is given (``unit_groups``), every group drawn lies within one of its groups.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.problem import RedrawParams, RedrawProblem
from optimizer.run import Stop
from territory.errors import Conflict
from territory.measures import owner_positions

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


def drawn_levels(
    problem: RedrawProblem,
    owners: Longs,
    wishes: Sequence[tuple[int, float]],
    *,
    params: RedrawParams = RedrawParams(),
    stop: Stop | None = None,
) -> tuple[Longs, ...]:
    """The group of each executive, (p,), at each level; finest first, each within the next.

    ``owners`` (n,) are the executives' positions on the units, ``wishes`` the number of groups and
    the tolerance in percent of each level.

    Raises
    ------
    Conflict
        If a level has more groups than the one below it, or fewer than the level that is given.
    """
    from optimizer.redraw.method import solve

    place = np.arange(problem.executives)
    heads, carried = np.ones(problem.executives), problem.carried
    found = []
    given = len(set(problem.unit_groups))
    for groups, tolerance in wishes:
        if groups < given:
            raise Conflict(
                f"{groups} groups cannot lie within the {given} of the level that is given.",
                fix="Ask for as many groups as are given, or more.",
            )
        if groups > len(heads):
            raise Conflict(
                f"{groups} groups cannot be made of {len(heads)}: each needs at least one.",
                fix="Ask for fewer groups, the finest level first.",
            )
        asked = one_floor_up(
            problem, place[owners], heads, carried, groups=groups, tolerance_percent=tolerance
        )
        again = None if stop is None else Stop(cancel=stop.cancel, iterations=stop.iterations)
        group = owner_positions(solve(asked, params=params, stop=again).plan.alignment)
        place = group[place]
        heads = np.bincount(group, heads, minlength=groups).astype(np.float64)
        carried = np.array([np.bincount(group, row, minlength=groups) for row in carried])
        found.append(place)
    return tuple(found)


def one_floor_up(
    problem: RedrawProblem,
    labels: Longs,
    heads: Floats,
    carried: Floats,
    *,
    groups: int,
    tolerance_percent: float,
) -> RedrawProblem:
    """The pieces of land ``labels`` (n,) as units, with ``groups`` to share them among.

    ``heads`` (c,) are the executives of each piece, ``carried`` (m, c) what they hold besides.
    """
    from optimizer.redraw.grouped import contracted

    plain = replace(
        problem, before=None, locked_units=(), pinned=(), together=(), apart=(), sealed=(),
        homes_meters=None, homes_fixed=False, center_seconds=None, move_cost=None, move_price=0.0,
        carried_loads=None, target_loads=None, executive_names=(), executive_groups=(),
        executive_ids=tuple(f"group {k + 1}" for k in range(groups)),
    )  # fmt: skip
    land = contracted(plain, labels)
    slack = _slack_percent(heads, groups)
    names = len(problem.load_names)
    return replace(
        land,
        load_names=("executives", *problem.load_names),
        loads=np.vstack([heads, land.loads + carried]),
        tolerance_percent=(slack, *(tolerance_percent + slack for _ in range(names))),
        soft_price=(0.0, *problem.soft_prices.tolist()),
    )


def _slack_percent(heads: Floats, groups: int) -> float:
    """How far whole numbers of executives must lie from the mean at best, in percent."""
    mean = float(heads.sum()) / groups
    if (heads == 1).all():
        return 100 * max(math.ceil(mean) / mean - 1, 1 - math.floor(mean) / mean)
    return 50 * float(heads.max()) / mean
