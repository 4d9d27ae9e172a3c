"""Compiled matching of neighbouring units, for a coarser map of them."""

import numpy as np

from optimizer.redraw.kernel_modes import whole
from optimizer.redraw.kernel_values import Floats, Ints


@whole
def matched(indptr: Ints, indices: Ints, border: Floats, load: Floats, most: float) -> Ints:
    """The pair (or single) each unit belongs to, numbered from 0 by their first units.

    Each unit in turn takes the free neighbour of the longest shared border, of equals the lightest,
    as long as no load (n, m) of the pair exceeds ``most``.
    """
    n, m = len(indptr) - 1, load.shape[1]
    pair, count = np.full(n, -1, np.int32), 0
    for unit in range(n):
        if pair[unit] >= 0:
            continue
        best, longest, lightest = -1, -1.0, np.inf
        for slot in range(indptr[unit], indptr[unit + 1]):
            other = indices[slot]
            heaviest = 0.0
            for row in range(m):
                heaviest = max(heaviest, load[unit, row] + load[other, row])
            if pair[other] >= 0 or heaviest > most or border[slot] <= 0:
                continue
            if border[slot] > longest or (border[slot] == longest and heaviest < lightest):
                best, longest, lightest = other, border[slot], heaviest
        pair[unit] = count
        if best >= 0:
            pair[best] = count
        count += 1
    return pair
