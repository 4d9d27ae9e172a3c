"""Compiled clock of fleet routes: does this task go in here, with windows, breaks, loads, limits?

Loaded only where it is needed, for numba takes a second to import. For each position p of a route
(0 is the start, 1..k its tasks) ``left[p, j]`` is the earliest departure with j breaks had. A break
is taken as soon as it can be once it is its turn: within a drive arriving earlier never makes a
later step start later, so this is exact for breaks in a given order.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from optimizer.fleet.arrays import NO_WAY, Fleet, Ints

NEVER = 1 << 52


class Routes(NamedTuple):
    """Routes in the making: m rows of tasks at 1..size with their times, loads and costs.

    ``before[p]`` is the largest load at positions 0..p, ``after[p]`` at p..size.
    """

    stop: Ints
    size: Ints
    of: Ints  # (n,): the vehicle of a task, -1 for none
    left: Ints  # (m, width, breaks + 1)
    load: Ints  # (m, width, d)
    before: Ints
    after: Ints
    travel: Ints
    meters: Ints
    cost: Ints


def empty_routes(fleet: Fleet) -> Routes:
    """No tasks on any vehicle; set the times by ``refresh``."""
    n, m, d = len(fleet.place), len(fleet.start), fleet.change.shape[1]
    longest = int(min(n, fleet.max_tasks.max(initial=0))) + 3
    breaks = int(fleet.break_count.max(initial=0)) + 1
    flat = [np.zeros(m, dtype=np.int64) for _ in range(4)]
    loads = [np.zeros((m, longest, d), dtype=np.int64) for _ in range(3)]
    return Routes(
        np.zeros((m, longest), dtype=np.int64),
        flat[0],
        np.full(n, -1, dtype=np.int64),
        np.zeros((m, longest, breaks), dtype=np.int64),
        *loads,
        *flat[1:],
    )


@njit(cache=True, nogil=True, inline="always")
def begin_in(windows: Ints, first: int, count: int, at: int) -> int:
    """The earliest time from ``at`` within some windows; NEVER if they are over."""
    for row in range(first, first + count):
        if at <= windows[row, 1]:
            return int(max(at, windows[row, 0]))
    return NEVER


@njit(cache=True, nogil=True)
def drive(fleet: Fleet, v: int, left: Ints, leg: int, load: Ints, arrive: Ints) -> None:
    """Arrivals (by breaks had) after a leg that is begun at ``left`` with a load on board."""
    count, first = fleet.break_count[v], fleet.break_first[v]
    for j in range(count + 1):
        arrive[j] = NEVER
    for j in range(count + 1):
        now, rest = left[j], leg
        if now >= NEVER:
            continue
        arrive[j] = min(arrive[j], now + rest)
        for k in range(j, count):
            row = first + k
            is_heavy = False
            for d in range(len(load)):
                is_heavy |= load[d] > fleet.break_load[row, d]
            begin = begin_in(
                fleet.break_windows,
                fleet.break_window_first[row],
                fleet.break_window_count[row],
                now,
            )
            if is_heavy or begin >= NEVER:
                break
            rest = max(0, rest - (begin - now))
            now = begin + fleet.break_seconds[row]
            arrive[k + 1] = min(arrive[k + 1], now + rest)


@njit(cache=True, nogil=True)
def serve(fleet: Fleet, v: int, task: int, is_near: bool, arrive: Ints) -> bool:
    """Turn arrivals at a task into departures; False if none is in time."""
    stay = fleet.service[v, task] + (0 if is_near else fleet.setup[v, task])
    is_any = False
    for j in range(fleet.break_count[v] + 1):
        if arrive[j] < NEVER:
            begin = begin_in(
                fleet.windows, fleet.window_first[task], fleet.window_count[task], arrive[j]
            )
            arrive[j] = NEVER if begin >= NEVER else begin + stay
            is_any |= begin < NEVER
    return is_any


@njit(cache=True, nogil=True, inline="always")
def leg_of(fleet: Fleet, v: int, here: int, there: int) -> int:
    """The seconds of a leg; none from or to an open end."""
    if here < 0 or there < 0:
        return 0
    return int(fleet.seconds[fleet.travel_class[v], here, there])


@njit(cache=True, nogil=True)
def refresh(fleet: Fleet, routes: Routes, v: int) -> bool:
    """Set times, loads and cost of one route anew; whether it keeps every rule."""
    k, size, dims = fleet.travel_class[v], routes.size[v], fleet.change.shape[1]
    count = fleet.break_count[v]
    routes.travel[v], routes.meters[v], routes.cost[v] = 0, 0, 0
    routes.left[v, 0, 0] = fleet.opens[v]
    routes.left[v, 0, 1 : count + 1] = NEVER
    for d in range(dims):
        on_board = 0
        for p in range(1, size + 1):
            on_board += fleet.brought[routes.stop[v, p], d]
        routes.load[v, 0, d] = on_board
        routes.before[v, 0, d] = on_board
    if size == 0:
        routes.after[v, 0] = routes.load[v, 0]
        return True
    is_sound = size <= fleet.max_tasks[v]
    here = fleet.start[v]
    worked, cost = 0, fleet.fixed[v]
    for p in range(1, size + 1):
        task = routes.stop[v, p]
        there = fleet.place[task]
        if here >= 0:
            leg = fleet.seconds[k, here, there]
            routes.travel[v] += leg
            routes.meters[v] += fleet.meters[k, here, there]
            cost += fleet.leg_cost[k, here, there]
        else:
            leg = 0
        drive(fleet, v, routes.left[v, p - 1], leg, routes.load[v, p - 1], routes.left[v, p])
        is_sound &= serve(fleet, v, task, here == there, routes.left[v, p])
        worked += fleet.service[v, task] + (0 if here == there else fleet.setup[v, task])
        for d in range(dims):
            on_board = routes.load[v, p - 1, d] + fleet.change[task, d]
            routes.load[v, p, d] = on_board
            routes.before[v, p, d] = max(routes.before[v, p - 1, d], on_board)
        here = there
    last = fleet.end[v]
    leg = leg_of(fleet, v, here, last)
    if last >= 0:
        routes.travel[v] += leg
        routes.meters[v] += fleet.meters[k, here, last]
        cost += fleet.leg_cost[k, here, last]
    drive(fleet, v, routes.left[v, size], leg, routes.load[v, size], routes.left[v, size + 1])
    is_sound &= routes.left[v, size + 1, count] <= fleet.closes[v]
    for d in range(dims):
        routes.after[v, size, d] = routes.load[v, size, d]
        for p in range(size - 1, -1, -1):
            routes.after[v, p, d] = max(routes.after[v, p + 1, d], routes.load[v, p, d])
        is_sound &= routes.after[v, 0, d] <= fleet.capacity[v, d]
    routes.cost[v] = cost + worked * fleet.task_price[v]
    is_sound &= routes.travel[v] <= fleet.max_travel[v] and routes.travel[v] < NO_WAY
    return bool(is_sound and routes.meters[v] <= fleet.max_meters[v])


@njit(cache=True, nogil=True)
def in_time(
    fleet: Fleet, routes: Routes, v: int, p: int, task: int, q: int, mate: int, scratch: Ints
) -> bool:
    """Whether a route stays in time with ``task`` after position p and ``mate`` after q >= p.

    ``mate`` is -1 for a job. ``scratch`` is (3, breaks + 1 or d, whichever is more).
    """
    size, count, dims = routes.size[v], fleet.break_count[v], fleet.change.shape[1]
    left, arrive, load = scratch[0], scratch[1], scratch[2]
    for j in range(count + 1):
        left[j] = routes.left[v, p, j]
    brings = 0 if mate >= 0 else 1
    for d in range(dims):
        load[d] = routes.load[v, p, d] + brings * fleet.brought[task, d]
    here = fleet.start[v] if p == 0 else fleet.place[routes.stop[v, p]]
    # Breaks with a limit of load may be barred further back by what the task brings along.
    if brings == 1 and p > 0 and count > 0:
        for d in range(dims):
            if fleet.brought[task, d] > 0:
                return _in_time_from_start(fleet, routes, v, p, task, scratch)
    at, state = p, 0
    while True:
        if state == 0:
            node = task
            state = 1
        elif state == 1 and mate >= 0 and at == q:
            node = mate
            state = 2
        elif at < size:
            at += 1
            node = routes.stop[v, at]
        else:
            break
        there = fleet.place[node]
        leg = leg_of(fleet, v, here, there)
        if leg >= NO_WAY:
            return False
        drive(fleet, v, left, leg, load[:dims], arrive)
        if not serve(fleet, v, node, here == there, arrive):
            return False
        for d in range(dims):
            load[d] += fleet.change[node, d]
        if (state == 2 or (state == 1 and mate < 0)) and node != task and node != mate:
            is_same = True
            for j in range(count + 1):
                is_same &= arrive[j] <= routes.left[v, at, j]
            if is_same and (count == 0 or dims == 0):
                return True
        left, arrive = arrive, left
        here = there
    drive(fleet, v, left, leg_of(fleet, v, here, fleet.end[v]), load[:dims], arrive)
    return bool(arrive[count] <= fleet.closes[v])


@njit(cache=True, nogil=True)
def _in_time_from_start(
    fleet: Fleet, routes: Routes, v: int, p: int, task: int, scratch: Ints
) -> bool:
    # The whole route anew, with the delivery on board from the start.
    size, count, dims = routes.size[v], fleet.break_count[v], fleet.change.shape[1]
    left, arrive, load = scratch[0], scratch[1], scratch[2]
    left[0] = fleet.opens[v]
    for j in range(1, count + 1):
        left[j] = NEVER
    for d in range(dims):
        load[d] = routes.load[v, 0, d] + fleet.brought[task, d]
    here = fleet.start[v]
    for step in range(size + 1):
        node = task if step == p else routes.stop[v, step + 1 if step < p else step]
        there = fleet.place[node]
        leg = leg_of(fleet, v, here, there)
        if leg >= NO_WAY:
            return False
        drive(fleet, v, left, leg, load[:dims], arrive)
        if not serve(fleet, v, node, here == there, arrive):
            return False
        for d in range(dims):
            load[d] += fleet.change[node, d]
        left, arrive = arrive, left
        here = there
    drive(fleet, v, left, leg_of(fleet, v, here, fleet.end[v]), load[:dims], arrive)
    return bool(arrive[count] <= fleet.closes[v])
