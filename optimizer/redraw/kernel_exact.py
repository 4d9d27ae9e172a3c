"""The compiled recursion of ``exact``: best partition of all units among executives in order."""

import numpy as np
from numba import njit

from optimizer.redraw.kernel_values import Flags, Floats, Ints, Longs


@njit(cache=True, nogil=True)
def best_partition(n: int, may: Flags, excess: Longs, cost: Floats) -> Ints:
    """Owners of least total excess, then cost; all -1 if there is no partition.

    ``may``, ``cost`` and ``excess`` are (p, sets). A set is a number whose bits are units.
    """
    p, sets = may.shape
    worst = np.int64(2**62)
    sum_excess = np.full((p + 1, sets), worst)
    sum_cost = np.zeros((p + 1, sets))
    chosen = np.zeros((p + 1, sets), np.int64)
    sum_excess[0, 0] = 0
    for k in range(p):
        for whole in range(1, sets):
            part = whole
            while part > 0:
                rest = whole ^ part
                if may[k, part] and sum_excess[k, rest] < worst:
                    over = sum_excess[k, rest] + excess[k, part]
                    price = sum_cost[k, rest] + cost[k, part]
                    known = sum_excess[k + 1, whole]
                    if over < known or (over == known and price < sum_cost[k + 1, whole]):
                        sum_excess[k + 1, whole] = over
                        sum_cost[k + 1, whole] = price
                        chosen[k + 1, whole] = part
                part = (part - 1) & whole
    owner = np.full(n, -1, np.int32)
    left = sets - 1
    if sum_excess[p, left] >= worst:
        return owner
    for k in range(p, 0, -1):
        part = chosen[k, left]
        for unit in range(n):
            if part >> unit & 1:
                owner[unit] = k - 1
        left ^= part
    return owner
