"""Routes as linked rows: refresh one after a change, walk along one, weigh what it breaks.

Lateness is "time warp" (Nagata, Braysy and Dullaert 2010, Computers & Operations Research): a
visit reached late is begun at the end of its window and the time gone back is counted. With
the earliest times of every head and the latest times of every tail, the lateness of a head joined
to a tail takes one addition.
"""

import numpy as np
from numba import njit

from optimizer.visits.tours.layout import (
    ALLOWED_AT,
    BY_DRIVING,
    BY_LATENESS,
    BY_LOAD,
    CAPACITY,
    CLOSE,
    COST,
    DEMAND,
    DRIVE,
    DRIVEN,
    END,
    FILLED,
    FIRST_ROUTE,
    FIRST_WINDOW,
    HAS_CHOICE,
    HAS_SKILLS,
    HEAD,
    IS_MOVED,
    KIND,
    LAST_ROUTE,
    LAST_WINDOW,
    LATE,
    LATEST,
    LOAD,
    MAX_DRIVING,
    NEXT,
    OPEN,
    PENALTY,
    PLACE,
    POSITION,
    PREV,
    ROUTE,
    SECONDS,
    SERVICE,
    SIZE,
    START,
    TIME,
    VISITS,
    WARP,
    WARP_AFTER,
    WEIGHT,
    WEIGHT_BITS,
    Hot,
    Int,
    Side,
)


@njit(cache=True, forceinline=True)
def uniform(s: Side) -> float:
    """The next number in [0, 1) of a xorshift64* generator (Vigna 2016)."""
    x = s.random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    s.random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, forceinline=True)
def leg_cost(h: Hot, a: Int, b: Int) -> Int:
    """The cost of driving from node a to node b."""
    return np.int64(h.legs[0, h.rows[a, PLACE], h.rows[b, PLACE]])


@njit(cache=True, forceinline=True)
def leg_seconds(h: Hot, a: Int, b: Int) -> Int:
    """The seconds of driving from node a to node b."""
    return np.int64(h.legs[h.rows[HEAD, SECONDS], h.rows[a, PLACE], h.rows[b, PLACE]])


@njit(cache=True, forceinline=True)
def arrive(h: Hot, at: Int, arrival: Int) -> tuple[Int, Int]:
    """When service starts at a node reached at ``arrival``, and the lateness cut back there."""
    first, last = h.rows[at, OPEN], h.rows[at, CLOSE]
    if h.rows[HEAD, HAS_CHOICE] and at < h.rows[HEAD, VISITS]:
        row = h.rows[at, FIRST_WINDOW]
        while row < h.rows[at, LAST_WINDOW] and h.rules[row + 1] < arrival:
            row += 2
        first, last = h.rules[row], h.rules[row + 1]
    if arrival > last:
        return last, arrival - last
    return max(arrival, first), 0


@njit(cache=True)
def walk(h: Hot, time: Int, warp: Int, here: Int, first: Int, last: Int) -> tuple[Int, Int]:
    """Go on from ``here`` over the nodes ``first`` to ``last``: time at the last, lateness."""
    at = first
    while True:
        arrival = time + h.rows[here, SERVICE] + leg_seconds(h, here, at)
        time, late = arrive(h, at, arrival)
        warp += late
        if at == last:
            return time, warp
        here = at
        at = h.rows[at, NEXT]


@njit(cache=True)
def walk_back(h: Hot, time: Int, warp: Int, here: Int, first: Int, last: Int) -> tuple[Int, Int]:
    """As ``walk``, over the nodes from ``first`` back to ``last``."""
    at = first
    while True:
        arrival = time + h.rows[here, SERVICE] + leg_seconds(h, here, at)
        time, late = arrive(h, at, arrival)
        warp += late
        if at == last:
            return time, warp
        here = at
        at = h.rows[at, PREV]


@njit(cache=True, forceinline=True)
def join(h: Hot, time: Int, warp: Int, here: Int, tail: Int) -> Int:
    """The lateness of the route that goes on from ``here`` with the tail from node ``tail``."""
    arrival = time + h.rows[here, SERVICE] + leg_seconds(h, here, tail)
    return warp + h.rows[tail, WARP_AFTER] + max(0, arrival - h.rows[tail, LATEST])


@njit(cache=True, forceinline=True)
def weigh(h: Hot, v: Int, warp: Int, load: Int, driven: Int) -> Int:
    """The penalty of route v if it were that late, loaded and driven."""
    return (
        h.rows[WEIGHT, BY_LATENESS] * warp
        + h.rows[WEIGHT, BY_LOAD] * max(0, load - h.rows[v, CAPACITY])
        + h.rows[WEIGHT, BY_DRIVING] * max(0, driven - h.rows[v, MAX_DRIVING])
    ) >> WEIGHT_BITS


@njit(cache=True, forceinline=True)
def link(h: Hot, a: Int, b: Int) -> None:
    """Let node b follow node a."""
    h.rows[a, NEXT] = b
    h.rows[b, PREV] = a


@njit(cache=True)
def windows_pass(h: Hot, v: Int, of_all: bool, is_kept: bool) -> Int:
    """The lateness of a route if visits take the first window not over when they are reached.

    Those not moved keep the window they have unless ``of_all``. ``is_kept`` puts them in force.
    """
    rows = h.rows
    here, end = rows[v, START], rows[v, END]
    time, warp = rows[here, OPEN], np.int64(0)
    while here != end:
        at = rows[here, NEXT]
        arrival = time + rows[here, SERVICE] + leg_seconds(h, here, at)
        first, last = rows[at, OPEN], rows[at, CLOSE]
        if at < rows[HEAD, VISITS] and (of_all or rows[at, IS_MOVED]):
            row = rows[at, FIRST_WINDOW]
            while row < rows[at, LAST_WINDOW] and h.rules[row + 1] < arrival:
                row += 2
            first, last = h.rules[row], h.rules[row + 1]
        if is_kept:
            rows[at, OPEN], rows[at, CLOSE], rows[at, IS_MOVED] = first, last, 0
        warp += max(0, arrival - last)
        time = min(max(arrival, first), last)
        here = at
    return warp


@njit(cache=True)
def choose_windows(h: Hot, v: Int) -> None:
    """Put windows in force: the earliest each, unless those a move was judged by are less late."""
    of_all = True
    late = windows_pass(h, v, True, False)
    if late > 0:
        of_all = windows_pass(h, v, False, False) >= late
    windows_pass(h, v, of_all, True)


@njit(cache=True)
def refresh(h: Hot, v: Int) -> None:
    """Compute the rows of a route and of its nodes anew from their links."""
    rows = h.rows
    if rows[HEAD, HAS_CHOICE]:
        choose_windows(h, v)
    here, end = rows[v, START], rows[v, END]
    time, warp, load, driven, cost, size = rows[here, OPEN], 0, 0, 0, 0, 0
    rows[here, TIME] = time
    while here != end:
        at = rows[here, NEXT]
        cost += leg_cost(h, here, at)
        seconds = leg_seconds(h, here, at)
        driven += seconds
        arrival = time + rows[here, SERVICE] + seconds
        time = max(arrival, rows[at, OPEN])
        if time > rows[at, CLOSE]:
            warp += time - rows[at, CLOSE]
            time = rows[at, CLOSE]
        load += rows[at, DEMAND]
        size += 1
        rows[at, ROUTE] = v
        rows[at, POSITION] = size
        rows[at, TIME] = time
        rows[at, WARP] = warp
        rows[at, LOAD] = load
        rows[at, DRIVE] = driven
        here = at
    look_back(h, v)
    rows[v, SIZE] = size - 1
    rows[v, COST] = cost
    rows[v, LATE] = warp
    rows[v, FILLED] = load
    rows[v, DRIVEN] = driven
    rows[v, PENALTY] = weigh(h, v, warp, load, driven)


@njit(cache=True, forceinline=True)
def look_back(h: Hot, v: Int) -> None:
    """The latest times of a route's nodes, from its end to its start."""
    rows = h.rows
    start, at = rows[v, START], rows[v, END]
    latest, warp = rows[at, CLOSE], 0
    rows[at, LATEST] = latest
    rows[at, WARP_AFTER] = 0
    while at != start:
        here = rows[at, PREV]
        latest = min(latest - rows[here, SERVICE] - leg_seconds(h, here, at), rows[here, CLOSE])
        if latest < rows[here, OPEN]:
            warp += rows[here, OPEN] - latest
            latest = rows[here, OPEN]
        rows[here, LATEST] = latest
        rows[here, WARP_AFTER] = warp
        at = here


@njit(cache=True)
def reweigh(h: Hot) -> None:
    """Weigh every route anew after the weights have changed."""
    for v in range(h.rows[HEAD, FIRST_ROUTE], h.rows[HEAD, LAST_ROUTE]):
        h.rows[v, PENALTY] = weigh(h, v, h.rows[v, LATE], h.rows[v, FILLED], h.rows[v, DRIVEN])


@njit(cache=True, forceinline=True)
def an_empty(h: Hot, s: Side, kind: Int) -> Int:
    """A vehicle of a kind that has no visit, -1 if all have."""
    v = s.spare[kind]
    if v >= 0 and h.rows[v, SIZE] == 0:
        return v
    for row in range(s.kind_of[kind], s.kind_of[kind + 1]):
        v = s.by_kind[row]
        if h.rows[v, SIZE] == 0:
            s.spare[kind] = v
            return v
    return -1


@njit(cache=True)
def mark_moved(h: Hot, first: Int, last: Int) -> None:
    """Have the windows of the nodes first..last chosen anew when their route is refreshed."""
    if h.rows[HEAD, HAS_CHOICE]:
        at = first
        while True:
            h.rows[at, IS_MOVED] = 1
            if at == last:
                return
            at = h.rows[at, NEXT]


@njit(cache=True, forceinline=True)
def may(h: Hot, at: Int, v: Int) -> bool:
    """Whether vehicle v may serve visit ``at``."""
    return not h.rows[HEAD, HAS_SKILLS] or h.rules[h.rows[at, ALLOWED_AT] + h.rows[v, KIND]] != 0
