"""How far a share of few orders can be trusted, and whether it really changed.

Wilson's score interval for one share (Wilson 1927) and Newcombe's interval for the difference of
two (Newcombe 1998, method 10), which hold for few orders and for shares near 0 and 1. A share of
money counts as many orders as would tell as much if all were of one size (Kish 1965).
"""

import math
from dataclasses import dataclass

SHOWN_Z = 1.2815515655446004
"""Quantile of the 80 % intervals that are shown."""

CHANGE_Z = 1.959963984540054
"""A change is called one only when its 95 % interval leaves out 0."""

FEW_ORDERS = 10
"""Weeks with fewer orders are marked: their rate says little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share (0 to 1) of ``count`` orders, which may be an effective number."""

    share: float
    count: float


def effective_count(total: float, total_of_squares: float) -> float:
    """How many orders of one size tell as much as orders of these sizes: (sum a)^2 / sum a^2."""
    return total * total / total_of_squares if total_of_squares > 0 else 0.0


def wilson(rate: Rate, z: float = SHOWN_Z) -> tuple[float, float]:
    """Wilson's interval of a share, (low, high) within 0 and 1; (0, 1) where nothing was seen."""
    if rate.count <= 0:
        return 0.0, 1.0
    weight = z * z / rate.count
    middle = (rate.share + weight / 2) / (1 + weight)
    spread = rate.share * (1 - rate.share) / rate.count + z * z / (4 * rate.count * rate.count)
    half = z * math.sqrt(max(0.0, spread)) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)


def verdict(now: Rate, before: Rate, *, orders: int) -> str:
    """Whether a rate "fell", "rose" or is "steady"; "few orders" where that cannot be said."""
    if orders < FEW_ORDERS or before.count <= 0:
        return "few orders"
    low, high = wilson(now, CHANGE_Z)
    low_before, high_before = wilson(before, CHANGE_Z)
    change = now.share - before.share
    if change + math.hypot(high - now.share, before.share - low_before) < 0:
        return "fell"
    if change - math.hypot(now.share - low, high_before - before.share) > 0:
        return "rose"
    return "steady"
