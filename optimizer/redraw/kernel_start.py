"""Compiled parts of the starts and of the bound: nearest centre under prices."""

import math

from numba import njit

from optimizer.redraw.kernel_values import Floats, Ints


@njit(cache=True, nogil=True)
def assign_priced(
    place: Floats, load: Floats, ratio: Floats, near: Ints, centers: Floats, base: Floats,
    slope: Floats, owner: Ints, held: Floats,
) -> None:  # fmt: skip
    """Give each unit to the candidate of least squared distance + base + slope x ratio.

    ``near`` (n, c) lists candidates, ``slope`` (p, r) prices the r ratios (n, r); fills ``owner``
    and the loads ``held`` (p, m). A power diagram with a second price (see ``start``).
    """
    held[:] = 0.0
    for unit in range(len(place)):
        best, least = -1, math.inf
        for column in range(near.shape[1]):
            k = near[unit, column]
            dx, dy = place[unit, 0] - centers[k, 0], place[unit, 1] - centers[k, 1]
            cost = dx * dx + dy * dy + base[k]
            for row in range(ratio.shape[1]):
                cost += slope[k, row] * ratio[unit, row]
            if cost < least:
                best, least = k, cost
        owner[unit] = best
        for row in range(load.shape[1]):
            held[best, row] += load[unit, row]


@njit(cache=True, nogil=True)
def dual_pass(
    place: Floats, weight: Floats, load: Floats, near: Ints, centers: Floats, price: Floats,
    held: Floats,
) -> float:  # fmt: skip
    """Sum over units of the least weight x squared distance + price x loads among candidates.

    ``near`` (n, c), or (0, 0) for all centres; ``held`` (p, m) gets the loads of that choice.
    """
    held[:] = 0.0
    every = near.shape[0] == 0
    width = len(centers) if every else near.shape[1]
    total = 0.0
    for unit in range(len(place)):
        best, least = -1, math.inf
        for column in range(width):
            k = column if every else near[unit, column]
            dx, dy = place[unit, 0] - centers[k, 0], place[unit, 1] - centers[k, 1]
            cost = weight[unit] * (dx * dx + dy * dy)
            for row in range(load.shape[1]):
                cost += price[k, row] * load[unit, row]
            if cost < least:
                best, least = k, cost
        total += least
        for row in range(load.shape[1]):
            held[best, row] += load[unit, row]
    return total
