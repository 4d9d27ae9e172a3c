"""Compiled part of the bound of medians: one knapsack of fractions for every candidate centre."""

import numpy as np
from numba import njit

from optimizer.redraw.medians.values import Floats


@njit(cache=True, nogil=True)
def fill(
    center: int, costs: Floats, load: Floats, least: float, most: float, price: Floats,
    share: Floats,
) -> float:  # fmt: skip
    """Least cost minus prices of a district at ``center``; ``share`` (n,) gets what it takes.

    The centre itself is in. Units that gain come in by gain per load until the limit; where that
    leaves less than the least load, the cheapest others are added.
    """
    n = len(price)
    share[:] = 0.0
    share[center] = 1.0
    total = costs[center, center] - price[center]
    held = load[center]
    gain = costs[center] - price
    candidates = np.flatnonzero(gain < 0)
    ratio = np.empty(len(candidates))
    for at in range(len(candidates)):
        unit = candidates[at]
        ratio[at] = gain[unit] / max(load[unit], 1e-12)
    for at in np.argsort(ratio):
        unit = candidates[at]
        if unit == center:
            continue
        part = 1.0
        if load[unit] > most - held:
            part = max(0.0, (most - held) / load[unit])
        share[unit] = part
        held += part * load[unit]
        total += part * gain[unit]
    while held < least - 1e-12:
        best, cheapest = -1, np.inf
        for unit in range(n):
            if share[unit] < 1.0 and gain[unit] >= 0 and load[unit] > 0:
                each = gain[unit] / load[unit]
                if each < cheapest:
                    best, cheapest = unit, each
        if best < 0:
            break
        part = min(1.0, (least - held) / load[best])
        share[best] = part
        held += part * load[best]
        total += part * gain[best]
        if part < 1.0:
            break
    return float(total)


@njit(cache=True, nogil=True)
def priced(
    costs: Floats, load: Floats, least: float, most: float, price: Floats, districts: int,
    times: Floats,
) -> float:  # fmt: skip
    """The Lagrangian's value at these prices; ``times`` gets how often each unit was taken."""
    n = len(price)
    value, share = np.empty(n), np.empty(n)
    for center in range(n):
        value[center] = fill(center, costs, load, least, most, price, share)
    total = price.sum()
    for center in np.argsort(value)[:districts]:
        total += fill(center, costs, load, least, most, price, share)
        times += share
    return float(total)
