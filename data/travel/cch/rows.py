"""The compiled part of customization."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_FAR = 2**60


@njit(cache=True, nogil=True)
def place_weights(turn_arc: Int32, weight: Int64, up: Int64, down: Int64) -> None:
    """Lower each arc's weight to that of the best turn on it."""
    for k in range(len(turn_arc)):
        arc = turn_arc[k]
        if arc >= 0:
            up[arc] = min(up[arc], weight[k])
        elif arc < -1:
            down[-2 - arc] = min(down[-2 - arc], weight[k])


@njit(cache=True, nogil=True)
def mark_turns(
    turn_arc: Int32,
    weight: Int64,
    up: Int64,
    down: Int64,
    up_is_turn: NDArray[np.bool_],
    down_is_turn: NDArray[np.bool_],
) -> None:
    """Mark the arcs on which no way round is better than a turn itself."""
    for k in range(len(turn_arc)):
        arc = turn_arc[k]
        if arc >= 0 and up[arc] == weight[k]:
            up_is_turn[arc] = True
        elif arc < -1 and down[-2 - arc] == weight[k]:
            down_is_turn[-2 - arc] = True


@njit(cache=True, nogil=True)
def customize_rows(
    states: Int32,
    is_top: NDArray[np.bool_],
    below: int,
    depth: Int32,
    height: int,
    up_first: Int64,
    up_head: Int32,
    up: Int64,
    down_first: Int64,
    down_tail: Int32,
    down: Int64,
    into_first: Int64,
    into_state: Int32,
    into_arc: Int32,
    into_above: Int32,
    out_first: Int64,
    out_state: Int32,
    out_arc: Int32,
    out_above: Int32,
) -> None:
    """Improve the rows of ``states``, in turn, by way of lower states that are ready.

    Those are the lower states of the top if ``below`` is 1, else those under it: a row of the top
    is gathered in two steps so that only the second must wait for its predecessors.
    """
    best_up = np.full(height, _FAR, dtype=np.int64)
    best_down = np.full(height, _FAR, dtype=np.int64)
    for state in states:
        for k in range(up_first[state], up_first[state + 1]):
            best_up[depth[up_head[k]]] = up[k]
        for k in range(down_first[state], down_first[state + 1]):
            best_down[depth[down_tail[k]]] = down[k]
        for j in range(out_first[state], out_first[state + 1]):
            via = out_state[j]
            half = down[out_arc[j]]
            if is_top[via] == below and half < _FAR:
                for k in range(out_above[j], up_first[via + 1]):
                    at = depth[up_head[k]]
                    best_up[at] = min(best_up[at], half + up[k])
        for j in range(into_first[state], into_first[state + 1]):
            via = into_state[j]
            half = up[into_arc[j]]
            if is_top[via] == below and half < _FAR:
                for k in range(into_above[j], down_first[via + 1]):
                    at = depth[down_tail[k]]
                    best_down[at] = min(best_down[at], half + down[k])
        for k in range(up_first[state], up_first[state + 1]):
            up[k] = best_up[depth[up_head[k]]]
        for k in range(down_first[state], down_first[state + 1]):
            down[k] = best_down[depth[down_tail[k]]]
