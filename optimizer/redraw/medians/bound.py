"""A lower bound on the distance of any plan: Lagrangian relaxation of "each unit once".

Each unit offers a price to be in a district; a candidate centre takes the units that pay most
beyond their distance, up to its limits. Loads are added up into one, units may be shared and
districts need not be whole, so each centre is a knapsack of fractions; the best p of them and the
prices paid are a bound for every plan (Beasley 1993; Lorena and Senne 2004).
"""

import numpy as np

from optimizer.redraw.medians.values import Case, Floats

STEP, PATIENCE = 1.5, 12
BOUND_UNITS = 4_000
"""Beyond this many units a round takes seconds, and no bound is worked out."""


def lower_bound(
    case: Case, districts: int, known: float, rounds: int
) -> tuple[float, Floats | None]:
    """The best bound of so many rounds of subgradient steps toward ``known``, and its prices (n,).

    0 and None where none is worked out.
    """
    from optimizer.redraw.medians.kernel_bound import priced

    n = len(case.weight)
    if n > BOUND_UNITS or rounds == 0 or len(case.table) == 0:
        return 0.0, None
    load = np.ascontiguousarray(case.load.sum(axis=1))
    least, most = float(case.least.sum()), float(case.most.sum())
    costs = case.table * case.weight[None, :]
    price = np.sort(costs, axis=0)[: max(2, n // districts)].mean(axis=0)
    best, kept, pull, stale = 0.0, price, STEP, 0
    for _ in range(rounds):
        times = np.zeros(n)
        value = priced(costs, load, least, most, price, districts, times)
        stale = 0 if value > best * (1 + 1e-6) else stale + 1
        if value > best:
            best, kept = value, price
        if stale >= PATIENCE:
            pull, stale = pull / 2, 0
        slope = 1 - times
        size = float(slope @ slope)
        if size < 1e-12 or pull < 1e-3:
            break
        price = price + pull * max(known - value, 1e-4 * known) / size * slope
    return best, kept
