"""Ruin and recreate: strings of visits are cut and put back one by one where they cost least.

Slack induction by string removals (Christiaens and Vanden Berghe 2020, Transportation Science),
with broken rules at their present price instead of forbidden.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.visits.tours.kernel_make import enqueue, put_in, touch
from optimizer.visits.tours.kernel_moves import cost_between
from optimizer.visits.tours.kernel_route import an_empty, link, refresh, uniform
from optimizer.visits.tours.layout import (
    COUNT,
    DEMAND,
    END,
    FIRST_ROUTE,
    FIRST_WINDOW,
    HAS_PRIZES,
    HEAD,
    LAST_ROUTE,
    LAST_WINDOW,
    LEFT_OUT,
    NEXT,
    PLACE,
    POSITION,
    PREV,
    PRIZE,
    ROUTE,
    SIZE,
    START,
    TOUCHED,
    TURN,
    VISITS,
    Hot,
    Int,
    Side,
)

SPARED = 0.5  # how often a string keeps a part in its middle
DEAR = 1 << 30  # a visit of this prize is tried everywhere

# knobs
RUIN_SIZE = 0
LONGEST = 1
BLINK = 2
KEPT_SOUND = 3  # share of turns wanted without lateness
TRIED_ABSENT = 4


@njit(cache=True)
def cut_string(h: Hot, s: Side, u: Int, length: Int, kept: Int, count: Int) -> Int:
    """Remove ``length`` visits around u from its route, sparing ``kept`` in their middle."""
    rows = h.rows
    v = rows[u, ROUTE]
    touch(h, s, v)
    size, total = h.rows[v, SIZE], length + kept
    first = rows[u, POSITION] - int(uniform(s) * total)
    first = max(1, min(first, size - total + 1))
    gap = first + (length + 1) // 2
    at = rows[v, START]
    here = at
    for _ in range(first + total - 1):
        at = rows[at, NEXT]
        position = rows[at, POSITION]
        if position < first or gap <= position < gap + kept:
            link(h, here, at)
            here = at
        else:
            s.absent[count] = at
            count += 1
            rows[at, ROUTE] = -1
            h.rows[COUNT, LEFT_OUT] += rows[at, PRIZE]
    after = rows[at, NEXT]
    link(h, here, after)
    refresh(h, v)
    enqueue(h, s, here)
    enqueue(h, s, after)
    return count


@njit(cache=True)
def ruin(h: Hot, s: Side, knobs: NDArray[np.float64], seed_visit: Int) -> Int:
    """Cut strings around a visit; how many visits are now absent and listed."""
    rows = h.rows
    used, served = 0, 0
    for v in range(h.rows[HEAD, FIRST_ROUTE], h.rows[HEAD, LAST_ROUTE]):
        if h.rows[v, SIZE] > 0:
            used += 1
            served += h.rows[v, SIZE]
    if used == 0:
        return 0
    longest = min(knobs[LONGEST], served / used)
    strings = int(uniform(s) * (4.0 * knobs[RUIN_SIZE] / (1.0 + longest) - 1.0)) + 1
    count = np.int64(0)
    for rank in range(-1, s.near.shape[1]):
        if strings == 0:
            break
        u = seed_visit if rank < 0 else np.int64(s.near[seed_visit, rank])
        v = rows[u, ROUTE]
        if v < 0 or h.rows[v, TOUCHED] == h.rows[COUNT, TURN]:
            continue
        size = h.rows[v, SIZE]
        length = int(uniform(s) * min(float(size), longest)) + 1
        kept = 0
        if length < size and uniform(s) < SPARED:
            kept = 1
            while length + kept < size and uniform(s) < 0.01:
                kept += 1
        count = cut_string(h, s, u, length, kept, count)
        strings -= 1
    return count


@njit(cache=True)
def gather(h: Hot, s: Side, knobs: NDArray[np.float64], seed_visit: Int, count: Int) -> Int:
    """Add visits left out before, near the seed, to those just removed."""
    for row in range(count):
        h.rows[s.absent[row], ROUTE] = -2
    tried = 0
    for rank in range(-1, s.near.shape[1]):
        u = seed_visit if rank < 0 else np.int64(s.near[seed_visit, rank])
        if h.rows[u, ROUTE] == -1:
            s.absent[count] = u
            count += 1
            tried += 1
            if tried >= knobs[TRIED_ABSENT]:
                break
    for row in range(count):
        h.rows[s.absent[row], ROUTE] = -1
    return count


@njit(cache=True)
def sort_absent(h: Hot, s: Side, count: Int) -> None:
    """Order the absent visits by a rule drawn at random."""
    keys = np.empty(count)
    draw = uniform(s) * (15.0 if h.rows[HEAD, HAS_PRIZES] else 12.0)
    depot = h.rows[h.rows[HEAD, VISITS], PLACE]
    for row in range(count):
        u = s.absent[row]
        if draw < 4.0:
            keys[row] = uniform(s)
        elif draw < 6.0:
            keys[row] = -h.rows[u, DEMAND]
        elif draw < 8.0:
            keys[row] = -h.legs[0, depot, u]
        elif draw < 9.0:
            keys[row] = h.legs[0, depot, u]
        elif draw < 12.0:
            room = 0
            for k in range(h.rows[u, FIRST_WINDOW], h.rows[u, LAST_WINDOW] + 2, 2):
                room += h.rules[k + 1] - h.rules[k]
            keys[row] = room
        else:
            keys[row] = -h.rows[u, PRIZE]
    for row in range(1, count):  # few and short: insertion sort
        key, u, into = keys[row], s.absent[row], row
        while into > 0 and keys[into - 1] > key:
            keys[into] = keys[into - 1]
            s.absent[into] = s.absent[into - 1]
            into -= 1
        keys[into] = key
        s.absent[into] = u


@njit(cache=True)
def cheapest_near(h: Hot, s: Side, u: Int, blink: float, least: Int) -> tuple[Int, Int]:
    """The node near which behind the absent visit costs least, -1 for none below ``least``."""
    rows = h.rows
    best = np.int64(-1)
    for k in range(s.near.shape[1]):
        v = np.int64(s.near[u, k])
        if rows[v, ROUTE] < 0 or uniform(s) < blink:
            continue
        cost = cost_between(h, v, u, rows[v, NEXT], np.int64(-1), least)
        if cost < least:
            best, least = v, cost
        p = rows[v, PREV]
        cost = cost_between(h, p, u, v, np.int64(-1), least)
        if cost < least:
            best, least = p, cost
    for kind in range(len(s.spare)):
        v = an_empty(h, s, kind)
        if v >= 0:
            start = rows[v, START]
            cost = cost_between(h, start, u, rows[start, NEXT], np.int64(-1), least)
            if cost < least:
                best, least = start, cost
    return best, least


@njit(cache=True)
def cheapest_anywhere(h: Hot, u: Int, least: Int) -> Int:
    """The node behind which the absent visit costs least over all routes."""
    best = -1
    for v in range(h.rows[HEAD, FIRST_ROUTE], h.rows[HEAD, LAST_ROUTE]):
        p = h.rows[v, START]
        while p != h.rows[v, END]:
            cost = cost_between(h, p, u, h.rows[p, NEXT], np.int64(-1), least)
            if cost < least:
                best, least = p, cost
            p = h.rows[p, NEXT]
    return best


@njit(cache=True)
def recreate(h: Hot, s: Side, count: Int, blink: float, eager: float) -> None:
    """Put absent visits back, each where it costs least.

    Those that cost more than ``eager`` times their prize stay out; an eager turn brings in visits
    that pay only together.
    """
    sort_absent(h, s, count)
    for row in range(count):
        u = s.absent[row]
        least = np.int64(eager * h.rows[u, PRIZE])
        p, _ = cheapest_near(h, s, u, blink, least)
        if p < 0 and (not h.rows[HEAD, HAS_PRIZES] or h.rows[u, PRIZE] >= DEAR):
            p = cheapest_anywhere(h, u, least)
        if p >= 0:
            put_in(h, s, u, p)
        else:
            enqueue(h, s, u)
