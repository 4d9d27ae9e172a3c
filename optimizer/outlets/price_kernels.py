"""The Lagrangian's inner loop, compiled. Import this module inside functions only.

Rows are (indptr, site, value in descending order per row), as in ``kernels``.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_MEMORY = 0.9  # share of the last direction kept, which damps zigzags
_LEAST_LENGTH = 0.05  # of the slope's: a direction that cancels out must not make a huge step
_PATIENCE = 20  # turns without a better bound before the step shrinks
_SHRINK = 0.66
_LEAST_REACH = 1e-3


@njit(cache=True)
def price(indptr: Longs, site: Ints, value: Floats, level: Floats, score: Floats) -> float:
    """Add to each column's score what it gives above the rows' levels; returns the levels' sum."""
    total = 0.0
    for i in range(len(indptr) - 1):
        total += level[i]
        for k in range(indptr[i], indptr[i + 1]):
            if value[k] <= level[i]:
                break
            score[site[k]] += value[k] - level[i]
    return total


@njit(cache=True)
def lean(
    indptr: Longs, site: Ints, value: Floats, level: Floats, is_open: Flags, slope: Floats
) -> float:
    """Subgradient per row: 1 less the open columns that give more than the row's level."""
    norm = 0.0
    for i in range(len(indptr) - 1):
        g = 1.0
        for k in range(indptr[i], indptr[i + 1]):
            if value[k] <= level[i]:
                break
            if is_open[site[k]]:
                g -= 1.0
        if level[i] <= 0.0 and g > 0.0:
            g = 0.0
        slope[i] = g
        norm += g * g
    return norm


@njit(cache=True)
def take(score: Floats, least: int, most: int, is_open: Flags) -> float:
    """Open the columns that pay most, ``least`` to ``most`` of them; returns what they pay."""
    order = np.argsort(-score, kind="mergesort")
    is_open[:] = False
    total = 0.0
    for place in range(min(most, len(score))):
        j = order[place]
        if place >= least and score[j] <= 0.0:
            break
        is_open[j] = True
        total += score[j]
    return total


@njit(cache=True)
def descend(
    indptr: Longs,
    site: Ints,
    value: Floats,
    top: Floats,
    income: Floats,
    offset: float,
    least: int,
    most: int,
    floor: float,
    target: float,
    rounds: int,
    level: Floats,
    way: Floats,
    best_level: Floats,
    best_score: Floats,
    state: Floats,
) -> bool:
    """Subgradient steps in place; True once there is no more to gain.

    ``state`` holds the best bound, the reach of a step and the turns since the bound fell.
    """
    rows, columns = len(indptr) - 1, len(income)
    slope = np.zeros(rows)
    score = np.empty(columns)
    is_open = np.zeros(columns, dtype=np.bool_)
    for _ in range(rounds):
        score[:] = income
        bound = offset + price(indptr, site, value, level, score)
        bound += take(score, least, most, is_open)
        state[2] += 1.0
        if bound < state[0] - 1e-9 * abs(state[0]) or state[0] == np.inf:
            if bound < state[0] - 1e-7 * abs(state[0]) or state[0] == np.inf:
                state[2] = 0.0
            state[0] = bound
            best_level[:] = level
            best_score[:] = score
        if state[0] <= target or state[1] < _LEAST_REACH:
            return True
        if state[2] >= _PATIENCE:
            state[1] *= _SHRINK
            state[2] = 0.0
            level[:] = best_level
            way[:] = 0.0
            continue
        norm = lean(indptr, site, value, level, is_open, slope)
        if norm == 0.0:
            return True
        length = 0.0
        for i in range(rows):
            way[i] = (1.0 - _MEMORY) * slope[i] + _MEMORY * way[i]
            length += way[i] * way[i]
        step = state[1] * max(bound - floor, 1e-9 * abs(bound))
        step /= max(length, _LEAST_LENGTH * norm)
        for i in range(rows):
            level[i] = min(max(level[i] - step * way[i], 0.0), top[i])
    return False
