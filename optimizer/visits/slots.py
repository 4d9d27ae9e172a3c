"""Compiled search for the best position of one more visit on every shift."""

from collections.abc import Sequence

import numpy as np
from numba import njit

from optimizer.visits.case import Case, Ints
from optimizer.visits.clock import Routes, fits
from optimizer.visits.clock_steps import point_at
from optimizer.visits.kernel_insert import keeps_distance, stands
from optimizer.visits.timing import time_day


@njit(cache=True)
def best_positions(
    case: Case, routes: Routes, need: int, kin: Ints, kin_of: Ints
) -> tuple[Ints, Ints]:
    """The least extra driving of a need on every shift and after which position; -1 for none."""
    shifts = len(case.start)
    extra, at = np.zeros(shifts, dtype=np.int64), np.full(shifts, -1, dtype=np.int64)
    there = case.point[need]
    for s in range(shifts):
        if case.window_count[need, s] == 0:
            continue
        if routes.load[s] + case.load[need] > case.capacity[s]:
            continue
        if not keeps_distance(case, routes, need, s, kin, kin_of):
            continue
        for p in range(routes.size[s] + 1):
            here, after = point_at(case, routes, s, p), point_at(case, routes, s, p + 1)
            more = case.travel[here, there] + case.travel[there, after]
            if routes.size[s] > 0:
                more -= case.travel[here, after]
                driving = routes.driving[s] + more
            else:
                driving = more
            if at[s] >= 0 and more >= extra[s]:
                continue
            if (
                driving <= case.max_driving[s]
                and fits(case, routes, s, p, need)
                and stands(case, routes, s, p, need)
            ):
                extra[s], at[s] = more, p
    return extra, at


def holds_when_started(
    case: Case, s: int, stops: Sequence[int], p: int, start: int, *, is_away: bool = False
) -> bool:
    """Whether a day holds when its stop p starts at ``start`` and not before."""
    need = stops[p]
    first, count = int(case.window_first[need, s]), int(case.window_count[need, s])
    spans = [
        (max(int(low), start), int(high), int(soft))
        for low, high, soft in case.windows[first : first + count]
        if max(int(low), start) + int(case.seconds[need]) <= high
    ]
    if not spans or spans[0][0] != start:
        return False
    rows = len(case.windows)
    window_first, window_count = case.window_first.copy(), case.window_count.copy()
    window_first[need, s], window_count[need, s] = rows, len(spans)
    windows = np.concatenate([case.windows, np.array(spans, dtype=np.int64)])
    later = case._replace(window_first=window_first, window_count=window_count, windows=windows)
    return time_day(later, s, stops, is_away=is_away) is not None
