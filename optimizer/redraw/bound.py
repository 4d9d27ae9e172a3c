"""Proofs: how compact any plan about these centres can be, how much any plan must move.

For fixed centres c and prices u, the Lagrangian
``sum_i min_k (w_i |x_i - c_k|^2 + sum_l u_kl a_il) - sum_kl (u_kl+ U_l - u_kl- L_l)``
lies below sum_i w_i |x_i - c_k(i)|^2 for every assignment, contiguous or not, even of split units,
whose loads stay in [L_l, U_l]: for such an assignment the prices' terms sum to 0 or less.
"""

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel_start import dual_pass
from optimizer.redraw.kernel_values import Ints
from optimizer.redraw.mend import RoundClock
from optimizer.redraw.moving import moved_bound_percent
from optimizer.redraw.start import nearest_centers, own_squares
from optimizer.run import Stop
from territory.measures import (
    centroids_meters,
    deviation_percent,
    load_sums,
    worst_percent,
)

ROUNDS = 250
CANDIDATES = 14  # nearest centres a unit may go to, until the last pass over all


def inertia_bound(
    owner: Ints, arena: Arena, *, rounds: int = ROUNDS, stop: Stop | None = None
) -> float:
    """Lower bound, in workload x km2, on the inertia about this plan's centroids.

    It holds for every assignment within tolerance, or as far beyond it as this plan goes, measured
    about these centroids; this plan is one of them, so its moment of inertia is never below.
    Any prices prove a bound, so it holds, if lower, where ``stop`` allowed fewer rounds.
    """
    problem, field = arena.problem, arena.field
    owners = owner.astype(np.int64)
    p = problem.executives
    meters = centroids_meters(owners, problem.xy_meters, problem.loads[-1], p)
    centers = arena.to_place(meters)
    held = np.zeros((p, field.load.shape[1]))
    for row in range(held.shape[1]):
        held[:, row] = np.bincount(owners, field.load[:, row], minlength=p)
    besides = field.carried
    reach = np.maximum(1 / field.scale, np.abs(held + besides - 1).max(axis=0) + 1e-12)
    best = _dual_ascent(arena, centers, 1 - reach - besides, 1 + reach - besides, rounds, stop)
    workload = float(problem.loads[-1].sum())
    squares_km = (arena.radius_meters / 1000) ** 2
    return max(0.0, best * workload / p * squares_km * (1 - 1e-9))


def _dual_ascent(
    arena: Arena,
    centers: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    rounds: int,
    stop: Stop | None,
) -> float:
    """Subgradient ascent over nearest centres, the best prices then priced over all centres."""
    field = arena.field
    near = nearest_centers(field.place, centers, CANDIDATES)
    price = np.zeros((len(centers), field.load.shape[1]))
    held = np.zeros_like(price)
    step = 0.5 * own_squares(centers)[:, None]
    best, best_price = -np.inf, price.copy()
    stale, last_rounds = 0, len(centers) / near.shape[1]  # the last pass, in rounds
    clock = RoundClock(stop or Stop(), first_seconds=0.0, spare_rounds=last_rounds)
    for _ in range(rounds):
        if not clock.has_time():
            break
        found = dual_pass(field.place, field.weight, field.load, near, centers, price, held)
        value = found - _box(price, low, high)
        stale = 0 if value > best + 1e-6 * abs(best) else stale + 1
        if value > best:
            best, best_price = value, price.copy()
        if stale >= 8:
            step, stale, price = step * 0.6, 0, best_price.copy()
            continue
        over, under = np.maximum(held - high, 0), np.maximum(low - held, 0)
        slope = np.where(price > 0, held - high, np.where(price < 0, held - low, over - under))
        moved = price + step * np.clip(slope, -1, 1)
        price = np.where(price * moved < 0, 0.0, moved)
    every = np.empty((0, 0), dtype=np.int32)
    total = dual_pass(field.place, field.weight, field.load, every, centers, best_price, held)
    return float(total - _box(best_price, low, high))


def _box(price: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> float:
    """What the prices take back at the limits of the loads."""
    return float((np.maximum(price, 0) * high + np.minimum(price, 0) * low).sum())


def moved_bound(owner: Ints, arena: Arena) -> float:
    """Least share of workload, in percent, that a plan as balanced as this one must move."""
    problem = arena.problem
    sums = load_sums(owner.astype(np.int64), problem.loads, problem.executives) + problem.carried
    reached = worst_percent(deviation_percent(sums))
    return moved_bound_percent(problem, np.maximum(problem.tolerance_percent, reached))
