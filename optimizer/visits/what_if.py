"""Compiled what-if questions on a finished plan: one more hour, one stop less."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.visits.case import Case, Ints
from optimizer.visits.clock import Routes, empty_routes, fits, refresh
from optimizer.visits.clock_steps import point_at
from optimizer.visits.kernel_insert import keeps_distance, stands

MINUTE = 60
LONGEST_OVERTIME_MINUTES = 180


def load_routes(case: Case, days: tuple[tuple[int, ...], ...]) -> Routes:
    """The routes of given days, with their times set."""
    routes = empty_routes(case)
    for s, stops in enumerate(days):
        routes.stop[s, 1 : len(stops) + 1] = stops
        routes.size[s] = len(stops)
        routes.shift_of[list(stops)] = s
        refresh(case, routes, s)
    return routes


@njit(cache=True)
def goes_in(case: Case, routes: Routes, s: int, need: int) -> bool:
    """Whether a need fits anywhere on a shift, driving and load counted."""
    if routes.load[s] + case.load[need] > case.capacity[s]:
        return False
    there = case.point[need]
    for p in range(routes.size[s] + 1):
        here, after = point_at(case, routes, s, p), point_at(case, routes, s, p + 1)
        driving = routes.driving[s] + case.travel[here, there] + case.travel[there, after]
        driving -= case.travel[here, after]
        if (
            driving <= case.max_driving[s]
            and fits(case, routes, s, p, need)
            and stands(case, routes, s, p, need)
        ):
            return True
    return False


@njit(cache=True)
def distance_kept(
    case: Case, routes: Routes, need: int, kin: Ints, kin_of: Ints
) -> NDArray[np.bool_]:
    """On which shifts the need keeps its distance to the rest of its series."""
    kept = np.zeros(len(case.start), dtype=np.bool_)
    for s in range(len(case.start)):
        kept[s] = keeps_distance(case, routes, need, s, kin, kin_of)
    return kept


@njit(cache=True)
def overtime_minutes(case: Case, routes: Routes, s: int, need: int) -> int:
    """How many whole minutes longer a shift must last to take the need.

    -1 if three hours do not do. Driving limits and windows stay as they are.
    """
    end = case.end[s]
    low, high = 0, LONGEST_OVERTIME_MINUTES + 1
    while low < high:
        middle = (low + high) // 2
        case.end[s] = min(end + middle * MINUTE, 86_400)
        refresh(case, routes, s)
        if goes_in(case, routes, s, need):
            high = middle
        else:
            low = middle + 1
    case.end[s] = end
    refresh(case, routes, s)
    return low if low <= LONGEST_OVERTIME_MINUTES and end + low * MINUTE <= 86_400 else -1


@njit(cache=True)
def cheapest_drop(case: Case, routes: Routes, s: int, need: int) -> int:
    """The least penalised stop of a shift without which the need fits there; -1 for none."""
    size = routes.size[s]
    kept = routes.stop[s, : size + 1].copy()
    best = -1
    for out in range(1, size + 1):
        dropped = kept[out]
        if best >= 0 and case.penalty[dropped] >= case.penalty[best]:
            continue
        write = 1
        for p in range(1, size + 1):
            if p != out:
                routes.stop[s, write] = kept[p]
                write += 1
        routes.size[s] = size - 1
        refresh(case, routes, s)
        if goes_in(case, routes, s, need):
            best = dropped
    routes.stop[s, : size + 1] = kept
    routes.size[s] = size
    refresh(case, routes, s)
    return int(best)
