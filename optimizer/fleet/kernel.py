"""Compiled ruin and recreate over fleet routes: jobs and shipments, exact in every rule.

Slack induction by string removals (Christiaens and Vanden Berghe 2020, Transportation Science):
strings of tasks are cut from routes near a random task, then every request without a place is put
back where it costs least, passing over positions now and then ("blinks"). A shipment is cut and put
back as a pair. Simulated annealing decides whether the new routes are taken.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.fleet.arrays import NO_WAY, Fleet, Ints
from optimizer.fleet.clock import Routes, in_time, refresh

Random = NDArray[np.uint64]
Floats = NDArray[np.float64]

RUIN_SIZE = 10.0  # mean number of tasks removed in a turn
LONGEST_STRING = 10
BLINK = 0.01
BY_COST = 0.5  # part of the turns that put back by cost where not all fit
TRIED_LEFT_OUT = 12.0  # tasks left out before that a turn tries again
NOWHERE = 1 << 60


@njit(cache=True, nogil=True, inline="always")
def uniform(random: Random) -> float:
    """The next number in [0, 1) of a xorshift64* generator (Vigna 2016)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, nogil=True)
def added(fleet: Fleet, v: int, here: int, there: int, after: int) -> tuple[int, int, int]:
    """What a detour over ``there`` adds in cost, seconds and metres; NOWHERE if there is no way."""
    k = fleet.travel_class[v]
    cost, seconds, meters = 0, 0, 0
    if here >= 0:
        if fleet.seconds[k, here, there] >= NO_WAY:
            return NOWHERE, 0, 0
        cost += fleet.leg_cost[k, here, there]
        seconds += fleet.seconds[k, here, there]
        meters += fleet.meters[k, here, there]
    if after >= 0:
        if fleet.seconds[k, there, after] >= NO_WAY:
            return NOWHERE, 0, 0
        cost += fleet.leg_cost[k, there, after]
        seconds += fleet.seconds[k, there, after]
        meters += fleet.meters[k, there, after]
    if here >= 0 and after >= 0:
        cost -= fleet.leg_cost[k, here, after]
        seconds -= fleet.seconds[k, here, after]
        meters -= fleet.meters[k, here, after]
    return cost, seconds, meters


@njit(cache=True, nogil=True, inline="always")
def place_at(fleet: Fleet, routes: Routes, v: int, p: int) -> int:
    """The place at a position; -1 for an open end."""
    if p == 0:
        return int(fleet.start[v])
    if p > routes.size[v]:
        return int(fleet.end[v])
    return int(fleet.place[routes.stop[v, p]])


@njit(cache=True, nogil=True)
def best_for_job(
    fleet: Fleet,
    routes: Routes,
    v: int,
    task: int,
    limit: int,
    blink: float,
    random: Random,
    scratch: Ints,
) -> tuple[int, int]:
    """The least cost, below ``limit``, of a job on a vehicle, and after which position; -1 none."""
    size, dims = routes.size[v], fleet.change.shape[1]
    best, at = limit, -1
    if size + 1 > fleet.max_tasks[v]:
        return best, at
    base = fleet.service[v, task] * fleet.task_price[v] + (fleet.fixed[v] if size == 0 else 0)
    for p in range(size + 1):
        here, after = place_at(fleet, routes, v, p), place_at(fleet, routes, v, p + 1)
        if size == 0:
            cost, seconds, meters = added(fleet, v, here, fleet.place[task], -1)
            if after >= 0 and cost < NOWHERE:
                more = added(fleet, v, fleet.place[task], after, -1)
                cost, seconds, meters = cost + more[0], seconds + more[1], meters + more[2]
        else:
            cost, seconds, meters = added(fleet, v, here, fleet.place[task], after)
        if cost + base >= best or (blink > 0.0 and uniform(random) < blink):
            continue
        if routes.travel[v] + seconds > fleet.max_travel[v]:
            continue
        if routes.meters[v] + meters > fleet.max_meters[v]:
            continue
        holds = True
        for d in range(dims):
            picked = fleet.change[task, d] + fleet.brought[task, d]
            holds &= routes.before[v, p, d] + fleet.brought[task, d] <= fleet.capacity[v, d]
            holds &= routes.after[v, p, d] + picked <= fleet.capacity[v, d]
        if holds and in_time(fleet, routes, v, p, task, p, -1, scratch):
            best, at = cost + base, p
    return best, at


@njit(cache=True, nogil=True)
def best_for_pair(
    fleet: Fleet,
    routes: Routes,
    v: int,
    task: int,
    limit: int,
    blink: float,
    random: Random,
    scratch: Ints,
) -> tuple[int, int, int]:
    """The same for a shipment: the pickup after position p, the delivery after q (both as is)."""
    size, dims, mate = routes.size[v], fleet.change.shape[1], fleet.mate[task]
    best, at, at_mate = limit, -1, -1
    if size + 2 > fleet.max_tasks[v]:
        return best, at, at_mate
    stay = fleet.service[v, task] + fleet.service[v, mate]
    base = stay * fleet.task_price[v] + (fleet.fixed[v] if size == 0 else 0)
    here_up, here_down = fleet.place[task], fleet.place[mate]
    for p in range(size + 1):
        here = place_at(fleet, routes, v, p)
        for q in range(p, size + 1):
            if q > p:
                holds = True
                for d in range(dims):
                    on_board = routes.load[v, q, d] + fleet.change[task, d]
                    holds &= on_board <= fleet.capacity[v, d]
                if not holds:
                    break
            else:
                holds = True
                for d in range(dims):
                    on_board = routes.load[v, p, d] + fleet.change[task, d]
                    holds &= on_board <= fleet.capacity[v, d]
                if not holds:
                    break
            after = place_at(fleet, routes, v, q + 1)
            if q == p:
                first = added(fleet, v, here, here_up, -1)
                second = added(fleet, v, here_up, here_down, -1)
                third = added(fleet, v, here_down, after, -1) if after >= 0 else (0, 0, 0)
                back = (0, 0, 0)
                if size > 0 and here >= 0 and after >= 0:
                    back = added(fleet, v, here, after, -1)
                if max(first[0], second[0], third[0]) >= NOWHERE:
                    continue
                cost = first[0] + second[0] + third[0] - back[0]
                seconds = first[1] + second[1] + third[1] - back[1]
                meters = first[2] + second[2] + third[2] - back[2]
            else:
                up = added(fleet, v, here, here_up, place_at(fleet, routes, v, p + 1))
                down = added(fleet, v, place_at(fleet, routes, v, q), here_down, after)
                if max(up[0], down[0]) >= NOWHERE:
                    continue
                cost, seconds, meters = up[0] + down[0], up[1] + down[1], up[2] + down[2]
            if cost + base >= best or (blink > 0.0 and uniform(random) < blink):
                continue
            if routes.travel[v] + seconds > fleet.max_travel[v]:
                continue
            if routes.meters[v] + meters > fleet.max_meters[v]:
                continue
            if in_time(fleet, routes, v, p, task, q, mate, scratch):
                best, at, at_mate = cost + base, p, q
    return best, at, at_mate


@njit(cache=True, nogil=True)
def put(fleet: Fleet, routes: Routes, v: int, p: int, task: int) -> None:
    """Put a task into a route after position p; times are set by ``refresh``."""
    size = routes.size[v]
    for q in range(size + 1, p + 1, -1):
        routes.stop[v, q] = routes.stop[v, q - 1]
    routes.stop[v, p + 1] = task
    routes.size[v] = size + 1
    routes.of[task] = v


@njit(cache=True, nogil=True)
def cheapest(
    fleet: Fleet,
    routes: Routes,
    task: int,
    blink: float,
    random: Random,
    seen: Ints,
    scratch: Ints,
) -> tuple[int, int, int, int]:
    """The least cost of a request (its job or pickup), its vehicle (-1 none) and positions."""
    best, who, at, at_mate = NOWHERE, -1, -1, -1
    seen[:] = 0
    for v in range(len(fleet.start)):
        if not fleet.allowed[v, task]:
            continue
        if routes.size[v] == 0:
            if seen[fleet.likeness[v]] == 1:
                continue
            seen[fleet.likeness[v]] = 1
        if fleet.mate[task] < 0:
            cost, p = best_for_job(fleet, routes, v, task, best, blink, random, scratch)
            if p >= 0:
                best, who, at = cost, v, p
        else:
            cost, p, q = best_for_pair(fleet, routes, v, task, best, blink, random, scratch)
            if p >= 0:
                best, who, at, at_mate = cost, v, p, q
    return best, who, at, at_mate


@njit(cache=True, nogil=True)
def insert(
    fleet: Fleet,
    routes: Routes,
    task: int,
    random: Random,
    seen: Ints,
    touched: Ints,
    kept: Ints,
    kept_size: Ints,
    scratch: Ints,
) -> None:
    """Put a request where it costs least, if it goes anywhere."""
    _, who, at, at_mate = cheapest(fleet, routes, task, BLINK, random, seen, scratch)
    if who < 0:
        return
    touch(routes, who, touched, kept, kept_size)
    if fleet.mate[task] >= 0:
        put(fleet, routes, who, at_mate, fleet.mate[task])
    put(fleet, routes, who, at, task)
    refresh(fleet, routes, who)


@njit(cache=True, nogil=True)
def touch(routes: Routes, v: int, touched: Ints, kept: Ints, kept_size: Ints) -> None:
    """Remember a route before its first change in a turn."""
    if touched[v] == 0:
        touched[v] = 1
        kept_size[v] = routes.size[v]
        kept[v, : routes.size[v] + 1] = routes.stop[v, : routes.size[v] + 1]


@njit(cache=True, nogil=True)
def cut(fleet: Fleet, routes: Routes, v: int, gone: Ints) -> None:
    """Take the tasks marked ``gone`` out of a route, and all of it if that breaks a rule."""
    write = 1
    for p in range(1, routes.size[v] + 1):
        task = routes.stop[v, p]
        if gone[task] == 1:
            routes.of[task] = -1
        else:
            routes.stop[v, write] = task
            write += 1
    routes.size[v] = write - 1
    # Where a detour over a task is quicker than the leg, a route may break without it.
    if not refresh(fleet, routes, v):
        for p in range(1, routes.size[v] + 1):
            routes.of[routes.stop[v, p]] = -1
        routes.size[v] = 0
        refresh(fleet, routes, v)


@njit(cache=True, nogil=True)
def ruin(
    fleet: Fleet,
    routes: Routes,
    random: Random,
    gone: Ints,
    touched: Ints,
    kept: Ints,
    kept_size: Ints,
) -> None:
    """Cut strings of tasks from the routes around a random task."""
    n = len(fleet.place)
    served, used = 0, 0
    for v in range(len(fleet.start)):
        served += routes.size[v]
        used += routes.size[v] > 0
    if served == 0:
        return
    longest = min(float(LONGEST_STRING), served / used)
    most = 4.0 * RUIN_SIZE / (1.0 + longest) - 1.0
    strings = int(uniform(random) * max(1.0, most) + 1.0)
    seed = int(uniform(random) * n)
    for row in range(-1, fleet.near.shape[1]):
        if strings == 0:
            return
        task = seed if row < 0 else fleet.near[seed, row]
        v = routes.of[task]
        if v < 0 or touched[v] == 1:
            continue
        touch(routes, v, touched, kept, kept_size)
        strings -= 1
        size = routes.size[v]
        length = int(uniform(random) * min(float(size), longest) + 1.0)
        length = min(length, size)
        at = 1
        for p in range(1, size + 1):
            if routes.stop[v, p] == task:
                at = p
        low = max(1, at - length + 1)
        high = min(at, size - length + 1)
        first = low + int(uniform(random) * (high - low + 1))
        for p in range(first, first + length):
            one = routes.stop[v, p]
            gone[one] = 1
            if fleet.mate[one] >= 0:
                gone[fleet.mate[one]] = 1
        cut(fleet, routes, v, gone)


@njit(cache=True, nogil=True)
def order(fleet: Fleet, waiting: Ints, random: Random) -> None:
    """Bring requests into an order of insertion: at random, dear, heavy, far or near first."""
    key = np.empty(len(waiting), dtype=np.float64)
    draw = uniform(random) * 11.0
    for row in range(len(waiting)):
        task = waiting[row]
        noise = uniform(random)
        if draw < 4.0:
            key[row] = noise
        elif draw < 6.0:
            key[row] = -fleet.worth[task] + noise
        elif draw < 8.0:
            amount = 0.0
            for d in range(fleet.change.shape[1]):
                amount += abs(fleet.change[task, d]) + fleet.brought[task, d]
            key[row] = -amount + noise
        else:
            nearest = fleet.near[task, 0] if fleet.near.shape[1] else task
            home = fleet.start[0] if fleet.start[0] >= 0 else fleet.place[nearest]
            far = fleet.seconds[0, home, fleet.place[task]]
            key[row] = -far if draw < 10.0 else far
    waiting[:] = waiting[np.argsort(key)]


@njit(cache=True, nogil=True)
def lost_worth(fleet: Fleet, routes: Routes) -> int:
    """The worth of all requests without a vehicle."""
    lost = 0
    for task in range(len(fleet.place)):
        if routes.of[task] < 0:
            lost += fleet.worth[task]
    return lost


@njit(cache=True, nogil=True)
def lost_price(routes: Routes, price: Floats) -> float:
    """What all tasks without a vehicle cost."""
    total = 0.0
    for task in range(len(price)):
        if routes.of[task] < 0:
            total += price[task]
    return total


@njit(cache=True, nogil=True)
def search(
    fleet: Fleet,
    routes: Routes,
    best_stop: Ints,
    best_size: Ints,
    best: Ints,
    turns: int,
    hot: float,
    cold: float,
    price: Floats,
    random: Random,
) -> None:
    """Anneal ``turns`` more. ``best`` is (worth lost, cost); ``price`` (n,) is that of a task."""
    n, m = len(fleet.place), len(fleet.start)
    breaks = routes.left.shape[2]
    scratch = np.zeros((3, max(breaks, fleet.change.shape[1]) + 1), dtype=np.int64)
    touched, kept_size = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.int64)
    kept, seen = np.empty_like(routes.stop), np.zeros(m, dtype=np.int64)
    gone, waiting = np.zeros(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    now = lost_price(routes, price) + routes.cost.sum()
    heat, fall = hot, (cold / hot) ** (1.0 / max(1, turns))
    for _ in range(turns):
        touched[:] = 0
        gone[:] = 0
        left_out = 0
        for task in range(n):
            left_out += routes.of[task] < 0
        ruin(fleet, routes, random, gone, touched, kept, kept_size)
        count = 0
        # Of those left out before, not all are tried in every turn.
        share = min(1.0, TRIED_LEFT_OUT / max(1.0, float(left_out)))
        for task in range(n):
            if routes.of[task] >= 0 or fleet.worth[task] == 0:
                continue
            if gone[task] == 1 or share >= 1.0 or uniform(random) < share:
                waiting[count] = task
                count += 1
        if left_out > 0 and uniform(random) < BY_COST:
            # Not all fit: then which of equal worth are taken matters, so the cheapest go first.
            key = np.empty(count, dtype=np.float64)
            for row in range(count):
                cost = cheapest(fleet, routes, waiting[row], BLINK, random, seen, scratch)[0]
                key[row] = float(cost) - price[waiting[row]]
            waiting[:count] = waiting[:count][np.argsort(key)]
        else:
            order(fleet, waiting[:count], random)
        for row in range(count):
            insert(fleet, routes, waiting[row], random, seen, touched, kept, kept_size, scratch)
        lost, cost = lost_worth(fleet, routes), routes.cost.sum()
        then = lost_price(routes, price) + cost
        if lost < best[0] or (lost == best[0] and cost < best[1]):
            best[0], best[1] = lost, cost
            best_size[:] = routes.size
            for v in range(m):
                best_stop[v, : routes.size[v] + 1] = routes.stop[v, : routes.size[v] + 1]
        if then < now - heat * np.log(max(1e-300, uniform(random))):
            now = then
        else:
            restore(fleet, routes, touched, kept, kept_size)
        heat *= fall


@njit(cache=True, nogil=True)
def restore(fleet: Fleet, routes: Routes, touched: Ints, kept: Ints, kept_size: Ints) -> None:
    """Take every route touched in a turn back to what it was."""
    for v in range(len(touched)):
        if touched[v] == 1:
            for p in range(1, routes.size[v] + 1):
                routes.of[routes.stop[v, p]] = -1
    for v in range(len(touched)):
        if touched[v] == 1:
            routes.size[v] = kept_size[v]
            routes.stop[v, : kept_size[v] + 1] = kept[v, : kept_size[v] + 1]
            for p in range(1, kept_size[v] + 1):
                routes.of[routes.stop[v, p]] = v
            refresh(fleet, routes, v)
