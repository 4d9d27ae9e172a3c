"""The best plan that can be put together from districts that some start met: set partitioning.

Of what was met, the districts of least reduced cost at the prices of the bound are kept. HiGHS
(scipy) solves the relaxation; districts whose reduced cost exceeds the distance of the best plan
known to it cannot be in a better one and are left out before the whole numbers are asked for.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.medians.values import Ints, Pool

Floats = NDArray[np.float64]

COLUMNS = 4_000
"""Districts that go to the model at most."""
NODES = 50
ROUNDING = 1e-7


def combined(
    pools: tuple[Pool, ...],
    districts: int,
    known: float,
    price: Floats,
    *,
    seconds: float | None,
) -> Ints | None:
    """Owners of the best partition into districts of the pools; None if none beats ``known``."""
    from scipy.optimize import linprog
    from scipy.sparse import csc_array

    cost, first, unit = _columns(pools, price)
    n, p = len(price), districts
    if len(cost) < p or (seconds is not None and seconds <= 0.2):
        return None
    columns = np.arange(len(cost))
    rows = np.concatenate([unit, np.full(len(cost), n)])  # the last row counts districts
    places = (rows, np.concatenate([np.repeat(columns, np.diff(first)), columns]))
    whole: Any = csc_array((np.ones(len(rows)), places), shape=(n + 1, len(cost)))
    right = np.append(np.ones(n), p)
    limit: Any = {} if seconds is None else {"time_limit": seconds}
    relaxed: Any = linprog(cost, A_eq=whole, b_eq=right, bounds=(0, None), options=limit)
    least_gain = ROUNDING * known if np.isfinite(known) else 0.0
    if relaxed.status != 0 or relaxed.fun > known - least_gain:
        return None
    reduced = cost - whole.T @ relaxed.eqlin.marginals
    kept = np.flatnonzero(reduced < known - relaxed.fun + least_gain)
    chosen = _whole_numbers(cost[kept], whole[:, kept], right, seconds)
    if chosen is None or cost[kept][chosen].sum() > known - least_gain:
        return None
    made = np.full(n, -1, dtype=np.int32)
    for k, column in enumerate(kept[chosen].tolist()):
        made[unit[first[column] : first[column + 1]]] = k
    return made


def _whole_numbers(
    cost: Floats, whole: Any, right: Floats, seconds: float | None
) -> NDArray[np.int64] | None:
    """Positions of the chosen columns, None if no plan was found."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    options: Any = {"node_limit": NODES, "mip_rel_gap": 0.0}
    if seconds is not None:
        options["time_limit"] = seconds
    answer = milp(
        cost,
        integrality=np.ones(len(cost), dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(whole, right, right),
        options=options,
    )
    return None if answer.x is None else np.flatnonzero(answer.x > 0.5)


def _columns(pools: tuple[Pool, ...], price: Floats) -> tuple[Floats, NDArray[np.int64], Ints]:
    """Cost, first member and members of the most promising districts of the pools, each once."""
    seen: dict[bytes, float] = {}
    for pool in pools:
        for at in range(int(pool.used[0])):
            members = np.sort(pool.unit[pool.first[at] : pool.first[at + 1]])
            seen.setdefault(members.tobytes(), float(pool.cost[at]))
    reduced = {key: cost - price[np.frombuffer(key, np.int32)].sum() for key, cost in seen.items()}
    kept = sorted(seen, key=lambda key: (reduced[key], key))[:COLUMNS]
    lengths = [len(key) // 4 for key in kept]
    first = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    unit = np.frombuffer(b"".join(kept), dtype=np.int32)
    return np.array([seen[key] for key in kept]), first, unit
