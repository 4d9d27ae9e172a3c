"""A coarser map: units joined to neighbours, so that a search can look at more arrangements.

Which jurisdiction lies where is settled best while few, large units change hands; the fine units
then settle the borders (multilevel partitioning; Hendrickson and Leland, 1995).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel_coarse import matched
from optimizer.redraw.kernel_values import Floats, Ints
from optimizer.redraw.problem import RedrawProblem
from territory.units.values import Neighbours

HEAVIEST = 0.5  # tolerances in the heaviest joined unit
ROUNDS = 2  # of pairs: four units become one


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coarse:
    """The problem of joined units; ``group`` (n,) is the one each unit is in."""

    problem: RedrawProblem
    group: Ints


def can_join(problem: RedrawProblem) -> bool:
    """Whether nothing is said of single units, so that neighbours may be joined."""
    rules = (problem.before, problem.locked_units, problem.pinned, problem.together, problem.apart)
    return not any(rules) and not problem.sealed and problem.center_seconds is None


def coarse(arena: Arena, rounds: int = ROUNDS) -> Coarse:
    """The arena's problem with about ``2 ** rounds`` units joined to one."""
    problem, load = arena.problem, arena.field.load * arena.field.scale
    group = np.arange(len(load), dtype=np.int32)
    now = problem.neighbours
    for _ in range(rounds):
        pair = matched(
            now.indptr.astype(np.int32), now.indices.astype(np.int32), now.border_meters, load,
            HEAVIEST,
        )  # fmt: skip
        load = _summed(load, pair)
        now, group = _joined(now, pair), pair[group]
    return Coarse(problem=_problem(problem, now, group), group=group)


def _problem(problem: RedrawProblem, neighbours: Neighbours, group: Ints) -> RedrawProblem:
    """The same question about joined units, borders as dear as before."""
    count = len(neighbours.indptr) - 1
    weight = problem.loads[-1] + 1e-9 * (problem.loads[-1].sum() + 1)
    total = np.bincount(group, weight)
    before, after = problem.neighbours.border_meters, neighbours.border_meters
    dearer = np.sqrt(count / len(group))
    if (before > 0).any():
        dearer *= after[after > 0].mean() / before[before > 0].mean()
    return replace(
        problem,
        unit_ids=tuple(str(number) for number in range(count)),
        xy_meters=_summed(problem.xy_meters * weight[:, None], group) / total[:, None],
        area_square_meters=_summed(problem.area_square_meters[:, None], group)[:, 0],
        neighbours=neighbours,
        loads=np.ascontiguousarray(_summed(problem.loads.T, group).T),
        perimeter_meters=None,
        border_price=problem.border_price * float(dearer),
    )


def _summed(rows: Floats, group: Ints) -> Floats:
    """Sums of the rows (n, m) by group."""
    return np.column_stack([np.bincount(group, column).astype(np.float64) for column in rows.T])


def _joined(neighbours: Neighbours, pair: Ints) -> Neighbours:
    """Who borders whom once these are joined, borders added up."""
    from scipy.sparse import coo_array

    count = int(pair.max()) + 1
    ends = np.repeat(pair, np.diff(neighbours.indptr))
    others = pair[neighbours.indices]
    apart: NDArray[np.bool_] = ends != others
    ends, others, border = ends[apart], others[apart], neighbours.border_meters[apart]
    both = coo_array((border, (ends, others)), shape=(count, count)).tocsr()
    both.sort_indices()
    return Neighbours(
        indptr=both.indptr.astype(np.int32),
        indices=both.indices.astype(np.int32),
        border_meters=both.data,
    )
