"""Filling a hierarchy with a metric: each arc becomes the best way through lower states.

Basic customization by lower triangles (Dibbelt, Strasser & Wagner 2016), row by row: the row of a
state is gathered from its lower neighbours into an array by depth, which stays in the first cache.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from data.travel.cch.hierarchy import FAR, Hierarchy, Metric

PARTS = 8
"""No subtree that is given to one thread as a whole holds more than this part of all states."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Plan:
    """Who can be worked on at once: subtrees, then the states above them."""

    chunks: tuple[NDArray[np.int32], ...]
    top: NDArray[np.int32]
    is_top: NDArray[np.bool_]


_PLANS: WeakKeyDictionary[Hierarchy, _Plan] = WeakKeyDictionary()


def _plan(hierarchy: Hierarchy) -> _Plan:
    """Subtrees in chunks of like size, each state after its lower ones, and the top."""
    known = _PLANS.get(hierarchy)
    if known is None:
        known = _PLANS[hierarchy] = _planned(hierarchy)
    return known


def _planned(hierarchy: Hierarchy) -> _Plan:
    is_top = hierarchy.subtree_size > max(64, hierarchy.state_count // PARTS)
    low = np.flatnonzero(~is_top).astype(np.int32)
    parent = hierarchy.parent[low]
    is_root = (parent < 0) | is_top[parent]
    ends = np.flatnonzero(is_root) + 1
    size = max(1, len(low) // (2 * PARTS))
    cuts = np.unique(ends[np.searchsorted(ends, np.arange(size, len(low) + 1, size))])
    chunks = [chunk for chunk in np.split(low, cuts) if len(chunk)]
    return _Plan(
        chunks=tuple(sorted(chunks, key=len, reverse=True)),
        top=np.flatnonzero(is_top).astype(np.int32),
        is_top=is_top,
    )


def customize(hierarchy: Hierarchy, weight: NDArray[np.int64], *, threads: int = 2) -> Metric:
    """The metric in which turn k weighs ``weight[k]``; what weighs 2^60 or more is closed.

    Turns are in the order the hierarchy was built from. Raises ValueError for another number of
    weights, or one below 1: ways that weigh nothing could go round for ever.
    """
    from data.travel.cch.rows import customize_rows, mark_turns, place_weights

    if len(weight) != len(hierarchy.turn_arc):
        raise ValueError(f"{len(weight)} weights for {len(hierarchy.turn_arc)} turns")
    if len(weight) and weight.min() < 1:
        raise ValueError("every turn, with the arc driven before it, must weigh more than nothing")
    weight = np.minimum(weight, FAR)
    up = np.full(len(hierarchy.up_head), FAR, dtype=np.int64)
    down = np.full(len(hierarchy.down_tail), FAR, dtype=np.int64)
    place_weights(hierarchy.turn_arc, weight, up, down)
    plan = _plan(hierarchy)
    into, out = hierarchy.up_lower, hierarchy.down_lower

    def run(states: NDArray[np.int32], below: int) -> None:
        customize_rows(
            states,
            plan.is_top,
            below,
            hierarchy.depth,
            hierarchy.height,
            hierarchy.up_first,
            hierarchy.up_head,
            up,
            hierarchy.down_first,
            hierarchy.down_tail,
            down,
            *(into.first, into.state, into.arc, into.above),
            *(out.first, out.state, out.arc, out.above),
        )

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, plan.chunks, [0] * len(plan.chunks)))
        slices = np.array_split(plan.top, 8 * threads)
        list(pool.map(run, slices, [0] * len(slices)))
    run(plan.top, 1)
    up_is_turn = np.zeros(len(up), dtype=np.bool_)
    down_is_turn = np.zeros(len(down), dtype=np.bool_)
    mark_turns(hierarchy.turn_arc, weight, up, down, up_is_turn, down_is_turn)
    return Metric(up_weight=up, down_weight=down, up_is_turn=up_is_turn, down_is_turn=down_is_turn)
