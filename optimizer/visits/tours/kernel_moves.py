"""Moves between and within routes, each judged from the rows of its ends.

A move is made by an arc: "let u follow v". All moves that put u behind v are tried, cheapest test
first: what it costs to drive, then load, then lateness. The best so far stays in ``Work.move``.
"""

import numpy as np
from numba import njit

from optimizer.visits.tours.kernel_route import (
    arrive,
    join,
    leg_cost,
    leg_seconds,
    may,
    walk,
    walk_back,
    weigh,
)
from optimizer.visits.tours.layout import (
    ARGS,
    DELTA,
    DEMAND,
    DRIVE,
    DRIVEN,
    END,
    END_KIND,
    EXCHANGE,
    FILLED,
    FOUND,
    HAS_DRIVING,
    HAS_SKILLS,
    HAS_WINDOWS,
    HEAD,
    HEADS,
    IS_SYMMETRIC,
    LOAD,
    MOVE,
    NEXT,
    PENALTY,
    POSITION,
    PREV,
    REVERSE,
    ROUTE,
    SERVICE,
    TAILS,
    TIME,
    TURNED,
    VISITS,
    WARP,
    Hot,
    Int,
)


@njit(cache=True, forceinline=True)
def propose(h: Hot, delta: Int, move: Int, a: Int, b: Int, c: Int, d: Int, e: Int) -> None:
    """Keep a move as the best so far."""
    h.rows[FOUND, DELTA] = delta
    h.rows[FOUND, MOVE] = move
    h.rows[FOUND, ARGS] = a
    h.rows[FOUND, ARGS + 1] = b
    h.rows[FOUND, ARGS + 2] = c
    h.rows[FOUND, ARGS + 3] = d
    h.rows[FOUND, ARGS + 4] = e


@njit(cache=True, forceinline=True)
def seconds_gained(
    h: Hot, before: Int, first: Int, last: Int, after: Int, new_a: Int, new_b: Int
) -> Int:
    """How much longer a route drives when ``first..last`` makes place for ``new_a..new_b``.

    -1 as ``first`` or ``new_a`` means no nodes there. Driving inside a part is not counted.
    """
    if first < 0:
        gain = -leg_seconds(h, before, after)
    else:
        gain = -leg_seconds(h, before, first) - leg_seconds(h, last, after)
    if new_a < 0:
        return gain + leg_seconds(h, before, after)
    return gain + leg_seconds(h, before, new_a) + leg_seconds(h, new_b, after)


@njit(cache=True, forceinline=True)
def allowed_part(h: Hot, first: Int, last: Int, v: Int) -> bool:
    """Whether vehicle v may serve all visits from ``first`` to ``last``."""
    if h.rows[HEAD, HAS_SKILLS]:
        at = first
        while True:
            if at < h.rows[HEAD, VISITS] and not may(h, at, v):
                return False
            if at == last:
                break
            at = h.rows[at, NEXT]
    return True


@njit(cache=True, forceinline=True)
def try_exchange(h: Hot, v: Int, u: Int, e1: Int, s2: Int, e2: Int) -> None:
    """Move u..e1 behind v, and s2..e2 (behind v now, or none) to where u..e1 was."""
    rows = h.rows
    pu, na, vn = rows[u, PREV], rows[e1, NEXT], rows[v, NEXT]
    delta = leg_cost(h, v, u) - leg_cost(h, pu, u)
    delta -= leg_cost(h, e1, na) + leg_cost(h, v, vn)
    if s2 < 0:
        delta += leg_cost(h, e1, vn) + leg_cost(h, pu, na)
    else:
        nb = rows[e2, NEXT]
        delta += leg_cost(h, e1, nb) + leg_cost(h, pu, s2)
        delta += leg_cost(h, e2, na) - leg_cost(h, e2, nb)
    a, b = rows[u, ROUTE], rows[v, ROUTE]
    delta -= rows[a, PENALTY]
    if a != b:
        delta -= rows[b, PENALTY]
    if delta < rows[FOUND, DELTA]:
        judge_exchange(h, v, u, e1, s2, e2, delta)


@njit(cache=True)
def judge_exchange(h: Hot, v: Int, u: Int, e1: Int, s2: Int, e2: Int, delta: Int) -> None:
    """Add the penalties after an exchange to what it saves and costs; keep it if it is best."""
    rows = h.rows
    pu, na, vn = rows[u, PREV], rows[e1, NEXT], rows[v, NEXT]
    nb = vn if s2 < 0 else rows[e2, NEXT]
    if rows[u, ROUTE] == rows[v, ROUTE]:
        delta += within(h, v, u, e1, s2, e2, pu, na, vn, nb)
    else:
        delta += across(h, v, u, e1, s2, e2, pu, na, nb)
    if delta < rows[FOUND, DELTA]:
        propose(h, delta, EXCHANGE, v, u, e1, s2, e2)


@njit(cache=True, forceinline=True)
def across(h: Hot, v: Int, u: Int, e1: Int, s2: Int, e2: Int, pu: Int, na: Int, nb: Int) -> Int:
    """The penalties of both routes after an exchange between two."""
    rows = h.rows
    a, b = rows[u, ROUTE], rows[v, ROUTE]
    if not allowed_part(h, u, e1, b):
        return np.int64(1) << 50
    swap = rows[e1, LOAD] - rows[u, LOAD] + rows[u, DEMAND]
    if s2 >= 0:
        if not allowed_part(h, s2, e2, a):
            return np.int64(1) << 50
        swap -= rows[e2, LOAD] - rows[s2, LOAD] + rows[s2, DEMAND]
    warp_a, warp_b = 0, 0
    if h.rows[HEAD, HAS_WINDOWS]:
        time, warp = rows[pu, TIME], rows[pu, WARP]
        if s2 >= 0:
            time, warp = walk(h, time, warp, pu, s2, e2)
            warp_a = join(h, time, warp, e2, na)
        else:
            warp_a = join(h, time, warp, pu, na)
        time, warp = walk(h, rows[v, TIME], rows[v, WARP], v, u, e1)
        warp_b = join(h, time, warp, e1, nb)
    driven_a, driven_b = 0, 0
    if h.rows[HEAD, HAS_DRIVING]:
        part_a = rows[e1, DRIVE] - rows[u, DRIVE]
        part_b = rows[e2, DRIVE] - rows[s2, DRIVE] if s2 >= 0 else 0
        driven_a = rows[a, DRIVEN] - part_a + part_b
        driven_a += seconds_gained(h, pu, u, e1, na, s2, e2)
        driven_b = rows[b, DRIVEN] + part_a - part_b
        driven_b += seconds_gained(h, v, s2, e2, nb, u, e1)
    return weigh(h, a, warp_a, rows[a, FILLED] - swap, driven_a) + weigh(
        h, b, warp_b, rows[b, FILLED] + swap, driven_b
    )


@njit(cache=True, forceinline=True)
def within(
    h: Hot,
    v: Int,
    u: Int,
    e1: Int,
    s2: Int,
    e2: Int,
    pu: Int,
    na: Int,
    vn: Int,
    nb: Int,
) -> Int:
    """The penalty of the route after an exchange inside it."""
    rows = h.rows
    a = rows[u, ROUTE]
    warp = 0
    if h.rows[HEAD, HAS_WINDOWS]:
        if rows[v, POSITION] < rows[u, POSITION]:
            time, warp = walk(h, rows[v, TIME], rows[v, WARP], v, u, e1)
            if s2 < 0:
                time, warp = walk(h, time, warp, e1, vn, pu)
                warp = join(h, time, warp, pu, na)
            else:
                time, warp = walk(h, time, warp, e1, nb, pu)
                time, warp = walk(h, time, warp, pu, s2, e2)
                warp = join(h, time, warp, e2, na)
        else:
            time, warp, here = rows[pu, TIME], rows[pu, WARP], pu
            if s2 >= 0:
                time, warp = walk(h, time, warp, pu, s2, e2)
                here = e2
            time, warp = walk(h, time, warp, here, na, v)
            time, warp = walk(h, time, warp, v, u, e1)
            warp = join(h, time, warp, e1, nb)
    driven = 0
    if h.rows[HEAD, HAS_DRIVING]:
        driven = rows[a, DRIVEN] + seconds_gained(h, pu, u, e1, na, s2, e2)
        driven += seconds_gained(h, v, s2, e2, nb, u, e1)
    return weigh(h, a, warp, rows[a, FILLED], driven)


@njit(cache=True)
def try_turned(h: Hot, v: Int, u: Int, last: Int) -> None:
    """Move the nodes from u back to ``last`` behind v, turned round; another route, no windows."""
    rows = h.rows
    before, na, vn = rows[last, PREV], rows[u, NEXT], rows[v, NEXT]
    a, b = rows[u, ROUTE], rows[v, ROUTE]
    delta = leg_cost(h, v, u) + leg_cost(h, last, vn) + leg_cost(h, before, na)
    delta -= leg_cost(h, before, last) + leg_cost(h, u, na) + leg_cost(h, v, vn)
    delta -= rows[a, PENALTY] + rows[b, PENALTY]
    if delta >= h.rows[FOUND, DELTA] or not allowed_part(h, last, u, b):
        return
    load = rows[u, LOAD] - rows[last, LOAD] + rows[last, DEMAND]
    driven_a, driven_b = 0, 0
    if h.rows[HEAD, HAS_DRIVING]:
        none = np.int64(-1)
        part = rows[u, DRIVE] - rows[last, DRIVE]
        driven_a = rows[a, DRIVEN] - part + seconds_gained(h, before, last, u, na, none, none)
        driven_b = rows[b, DRIVEN] + part + seconds_gained(h, v, none, none, vn, u, last)
    delta += weigh(h, a, 0, rows[a, FILLED] - load, driven_a)
    delta += weigh(h, b, 0, rows[b, FILLED] + load, driven_b)
    if delta < h.rows[FOUND, DELTA]:
        propose(h, delta, TURNED, v, u, last, v, v)


@njit(cache=True, forceinline=True)
def try_tails(h: Hot, v: Int, u: Int) -> None:
    """Let v's route go on with u.., and u's route with what followed v."""
    rows = h.rows
    a, b = rows[v, ROUTE], rows[u, ROUTE]
    if rows[a, END_KIND] == rows[b, END_KIND]:
        pu, vn = rows[u, PREV], rows[v, NEXT]
        delta = leg_cost(h, v, u) + leg_cost(h, pu, vn)
        delta -= leg_cost(h, v, vn) + leg_cost(h, pu, u) + rows[a, PENALTY] + rows[b, PENALTY]
        if delta >= rows[FOUND, DELTA]:
            return
    judge_tails(h, v, u)


@njit(cache=True)
def judge_tails(h: Hot, v: Int, u: Int) -> None:
    """Let v's route go on with u.., and u's route with what followed v."""
    rows = h.rows
    pu, vn = rows[u, PREV], rows[v, NEXT]
    a, b = rows[v, ROUTE], rows[u, ROUTE]
    delta = leg_cost(h, v, u) - leg_cost(h, v, vn) - leg_cost(h, pu, u)
    alike = rows[a, END_KIND] == rows[b, END_KIND]
    end_a, end_b = rows[a, END], rows[b, END]
    last_a, last_b = rows[end_a, PREV], rows[end_b, PREV]
    is_bare = vn == end_a
    if alike or not is_bare:
        delta += leg_cost(h, pu, vn)
    else:
        delta += leg_cost(h, pu, end_b)
    if not alike:
        delta += leg_cost(h, last_b, end_a) - leg_cost(h, last_b, end_b)
        if not is_bare:
            delta += leg_cost(h, last_a, end_b) - leg_cost(h, last_a, end_a)
    delta -= rows[a, PENALTY] + rows[b, PENALTY]
    if delta >= h.rows[FOUND, DELTA]:
        return
    if not allowed_part(h, u, last_b, a):
        return
    if not is_bare and not allowed_part(h, vn, last_a, b):
        return
    load_a = rows[v, LOAD] + rows[b, FILLED] - rows[pu, LOAD]
    load_b = rows[pu, LOAD] + rows[a, FILLED] - rows[v, LOAD]
    warp_a, warp_b = 0, 0
    if h.rows[HEAD, HAS_WINDOWS]:
        if alike:
            warp_a = join(h, rows[v, TIME], rows[v, WARP], v, u)
            warp_b = join(h, rows[pu, TIME], rows[pu, WARP], pu, vn)
        else:
            time, warp = walk(h, rows[v, TIME], rows[v, WARP], v, u, last_b)
            warp_a = join(h, time, warp, last_b, end_a)
            if is_bare:
                warp_b = join(h, rows[pu, TIME], rows[pu, WARP], pu, end_b)
            else:
                time, warp = walk(h, rows[pu, TIME], rows[pu, WARP], pu, vn, last_a)
                warp_b = join(h, time, warp, last_a, end_b)
    driven_a, driven_b = 0, 0
    if h.rows[HEAD, HAS_DRIVING]:
        driven_a = rows[v, DRIVE] + leg_seconds(h, v, u) + rows[last_b, DRIVE] - rows[u, DRIVE]
        driven_a += leg_seconds(h, last_b, end_a)
        if is_bare:
            driven_b = rows[pu, DRIVE] + leg_seconds(h, pu, end_b)
        else:
            driven_b = rows[pu, DRIVE] + leg_seconds(h, pu, vn)
            driven_b += rows[last_a, DRIVE] - rows[vn, DRIVE] + leg_seconds(h, last_a, end_b)
    delta += weigh(h, a, warp_a, load_a, driven_a) + weigh(h, b, warp_b, load_b, driven_b)
    if delta < h.rows[FOUND, DELTA]:
        propose(h, delta, TAILS, v, u, v, v, v)


@njit(cache=True)
def try_reverse(h: Hot, first: Int, last: Int) -> None:
    """Turn the part ``first..last`` of a route round."""
    rows = h.rows
    before, after, a = rows[first, PREV], rows[last, NEXT], rows[first, ROUTE]
    delta = leg_cost(h, before, last) + leg_cost(h, first, after)
    delta -= leg_cost(h, before, first) + leg_cost(h, last, after) + rows[a, PENALTY]
    if h.rows[HEAD, IS_SYMMETRIC] and delta >= h.rows[FOUND, DELTA]:
        return
    driven = rows[a, DRIVEN] + leg_seconds(h, before, last) + leg_seconds(h, first, after)
    driven -= leg_seconds(h, before, first) + leg_seconds(h, last, after)
    if not h.rows[HEAD, IS_SYMMETRIC]:
        at = first
        while at != last:
            following = rows[at, NEXT]
            delta += leg_cost(h, following, at) - leg_cost(h, at, following)
            driven += leg_seconds(h, following, at) - leg_seconds(h, at, following)
            at = following
        if delta >= h.rows[FOUND, DELTA]:
            return
    warp = 0
    if h.rows[HEAD, HAS_WINDOWS]:
        time, warp = walk_back(h, rows[before, TIME], rows[before, WARP], before, last, first)
        warp = join(h, time, warp, first, after)
    delta += weigh(h, a, warp, rows[a, FILLED], driven)
    if delta < h.rows[FOUND, DELTA]:
        propose(h, delta, REVERSE, first, last, first, first, first)


@njit(cache=True)
def try_heads(h: Hot, v: Int, u: Int) -> None:
    """Join v's head to u's head turned round, and both tails likewise; no windows, one depot."""
    rows = h.rows
    vn, un = rows[v, NEXT], rows[u, NEXT]
    a, b = rows[v, ROUTE], rows[u, ROUTE]
    delta = leg_cost(h, v, u) + leg_cost(h, vn, un)
    delta -= leg_cost(h, v, vn) + leg_cost(h, u, un)
    delta -= rows[a, PENALTY] + rows[b, PENALTY]
    if delta >= h.rows[FOUND, DELTA]:
        return
    load = rows[v, LOAD] + rows[u, LOAD]
    driven = rows[v, DRIVE] + rows[u, DRIVE] + leg_seconds(h, v, u)
    rest = rows[a, DRIVEN] - rows[vn, DRIVE] + rows[b, DRIVEN] - rows[un, DRIVE]
    rest += leg_seconds(h, vn, un)
    delta += weigh(h, a, 0, load, driven)
    delta += weigh(h, b, 0, rows[a, FILLED] + rows[b, FILLED] - load, rest)
    if delta < h.rows[FOUND, DELTA]:
        propose(h, delta, HEADS, v, u, v, v, v)


@njit(cache=True, forceinline=True)
def visit_between(h: Hot, p: Int, u: Int, x: Int) -> Int:
    """The lateness of the route with visit u between node p and the later node x."""
    arrival = h.rows[p, TIME] + h.rows[p, SERVICE] + leg_seconds(h, p, u)
    time, late = arrive(h, u, arrival)
    return join(h, time, h.rows[p, WARP] + late, u, x)


@njit(cache=True, forceinline=True)
def cost_between(h: Hot, p: Int, u: Int, x: Int, gone: Int, least: Int) -> Int:
    """What the route costs more with the absent u between p and x, in place of ``gone`` or none.

    A cost of ``least`` or more may be returned early and is then too low.
    """
    rows = h.rows
    v = rows[p, ROUTE]
    cost = leg_cost(h, p, u) + leg_cost(h, u, x) - rows[v, PENALTY]
    load = rows[v, FILLED] + rows[u, DEMAND]
    if gone >= 0:
        cost -= leg_cost(h, p, gone) + leg_cost(h, gone, x)
        load -= rows[gone, DEMAND]
    else:
        cost -= leg_cost(h, p, x)
    if cost >= least:
        return cost
    if not may(h, u, v):
        return np.int64(1) << 50
    warp = visit_between(h, p, u, x) if h.rows[HEAD, HAS_WINDOWS] else 0
    driven = 0
    if h.rows[HEAD, HAS_DRIVING]:
        driven = rows[v, DRIVEN] + seconds_gained(h, p, gone, gone, x, u, u)
    return cost + weigh(h, v, warp, load, driven)
