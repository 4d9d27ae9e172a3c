"""Local search over the nodes whose surroundings have changed, until none of them can improve.

A node is looked at with its nearest visits on either side; the best move found is made and the
nodes at its ends are looked at again (granular search: Toth and Vigo 2003, INFORMS J. Computing).
"""

import numpy as np
from numba import njit

from optimizer.visits.tours.kernel_make import (
    enqueue,
    make_exchange,
    make_heads,
    make_reverse,
    make_tails,
    make_turned,
    put_in,
    take_out,
)
from optimizer.visits.tours.kernel_moves import (
    cost_between,
    propose,
    seconds_gained,
    try_exchange,
    try_heads,
    try_reverse,
    try_tails,
    try_turned,
)
from optimizer.visits.tours.kernel_route import an_empty, join, leg_cost, uniform, weigh
from optimizer.visits.tours.layout import (
    ARGS,
    COUNT,
    DELTA,
    DEMAND,
    DRIVEN,
    END,
    EXCHANGE,
    FILLED,
    FOUND,
    HAS_PRIZES,
    HAS_WINDOWS,
    HEAD,
    HEADS,
    INSERT,
    IS_SYMMETRIC,
    IS_UNIFORM,
    MOVE,
    MOVES,
    NEXT,
    PENALTY,
    POSITION,
    PREV,
    PRIZE,
    QUEUE_HEAD,
    QUEUE_SIZE,
    REMOVE,
    REPLACE,
    REVERSE,
    ROUTE,
    START,
    TAILS,
    TIME,
    TRIALS,
    TURNED,
    VISITS,
    WARP,
    Hot,
    Int,
    Side,
)

KINDS_TRIED = 3  # kinds of empty vehicle a node is offered


@njit(cache=True)
def follow(h: Hot, v: Int, u: Int) -> None:
    """Try all moves that let visit u follow node v."""
    rows = h.rows
    pu, vn = rows[u, PREV], rows[v, NEXT]
    if vn == u or v == u:
        return
    a, b = rows[u, ROUTE], rows[v, ROUTE]
    slack = rows[a, PENALTY] + (rows[b, PENALTY] if a != b else 0)
    new = leg_cost(h, v, u) - slack
    if new >= leg_cost(h, v, vn) and new >= leg_cost(h, pu, u):
        return
    h.rows[COUNT, TRIALS] += 1
    e1, none = u, np.int64(-1)
    for taken in range(3):
        if e1 == v or e1 >= h.rows[HEAD, VISITS]:
            break
        try_exchange(h, v, u, e1, none, none)
        if taken < 2:
            e2 = vn
            for _ in range(2):
                if e2 >= h.rows[HEAD, VISITS] or e2 == u or rows[e2, NEXT] == u:
                    break
                try_exchange(h, v, u, e1, vn, e2)
                e2 = rows[e2, NEXT]
        e1 = rows[e1, NEXT]
    follow_back(h, v, u, pu, a, b)


@njit(cache=True, forceinline=True)
def follow_back(h: Hot, v: Int, u: Int, pu: Int, a: Int, b: Int) -> None:
    """The moves of ``follow`` that take v along, cut tails or turn parts round."""
    rows = h.rows
    first, none = v, np.int64(-1)
    for _ in range(3):
        if first >= h.rows[HEAD, VISITS] or first == u or pu == first:
            break
        if rows[first, PREV] == u:
            try_exchange(h, pu, first, v, none, none)
            break
        try_exchange(h, pu, first, v, none, none)
        first = rows[first, PREV]
    if a != b:
        try_tails(h, v, u)
        if not h.rows[HEAD, HAS_WINDOWS] and h.rows[HEAD, IS_SYMMETRIC]:
            if h.rows[HEAD, IS_UNIFORM]:
                try_heads(h, v, u)
            if pu < h.rows[HEAD, VISITS]:
                try_turned(h, v, u, pu)
    elif rows[v, POSITION] < rows[u, POSITION]:
        try_reverse(h, rows[v, NEXT], u)
        if v < h.rows[HEAD, VISITS]:
            try_reverse(h, v, pu)


@njit(cache=True, forceinline=True)
def offer(h: Hot, u: Int, p: Int, x: Int) -> None:
    """Try the absent visit u between the nodes p and x."""
    cost = (
        cost_between(h, p, u, x, np.int64(-1), h.rows[FOUND, DELTA] + h.rows[u, PRIZE])
        - h.rows[u, PRIZE]
    )
    if cost < h.rows[FOUND, DELTA]:
        propose(h, cost, INSERT, u, p, x, u, u)


@njit(cache=True, forceinline=True)
def offer_instead(h: Hot, u: Int, gone: Int) -> None:
    """Try the absent visit u in the place of a served one."""
    if gone >= h.rows[HEAD, VISITS]:
        return
    lost = h.rows[gone, PRIZE] - h.rows[u, PRIZE]
    p, x = h.rows[gone, PREV], h.rows[gone, NEXT]
    cost = cost_between(h, p, u, x, gone, h.rows[FOUND, DELTA] - lost) + lost
    if cost < h.rows[FOUND, DELTA]:
        propose(h, cost, REPLACE, u, gone, u, u, u)


@njit(cache=True)
def look_absent(h: Hot, s: Side, u: Int) -> None:
    """Find the best way to serve an absent visit, beside or instead of one near it."""
    rows = h.rows
    for k in range(s.near.shape[1]):
        v = np.int64(s.near[u, k])
        if rows[v, ROUTE] < 0:
            continue
        h.rows[COUNT, TRIALS] += 1
        offer(h, u, v, rows[v, NEXT])
        offer(h, u, rows[v, PREV], v)
        if h.rows[HEAD, HAS_PRIZES]:
            offer_instead(h, u, v)
    kinds = len(s.spare)
    for _ in range(min(kinds, KINDS_TRIED)):
        kind = int(uniform(s) * kinds) if kinds > KINDS_TRIED else _
        v = an_empty(h, s, kind)
        if v >= 0:
            offer(h, u, rows[v, START], rows[v, END])


@njit(cache=True)
def look(h: Hot, s: Side, u: Int) -> None:
    """Find the best move for a visit."""
    rows = h.rows
    h.rows[FOUND, DELTA] = 0
    h.rows[FOUND, MOVE] = 0
    if rows[u, ROUTE] < 0:
        look_absent(h, s, u)
        return
    if h.rows[HEAD, HAS_PRIZES]:
        look_remove(h, u)
    for k in range(s.near.shape[1]):
        v = np.int64(s.near[u, k])
        if rows[v, ROUTE] >= 0:
            follow(h, v, u)
            follow(h, u, v)
        elif h.rows[HEAD, HAS_PRIZES]:
            offer(h, v, u, rows[u, NEXT])
            offer(h, v, rows[u, PREV], u)
            offer_instead(h, v, u)
    kinds = len(s.spare)
    for _ in range(min(kinds, KINDS_TRIED)):
        kind = int(uniform(s) * kinds) if kinds > KINDS_TRIED else _
        v = an_empty(h, s, kind)
        if v >= 0:
            follow(h, rows[v, START], u)


@njit(cache=True, forceinline=True)
def look_remove(h: Hot, u: Int) -> None:
    """Try to leave a visit out."""
    rows, v = h.rows, h.rows[u, ROUTE]
    p, x = rows[u, PREV], rows[u, NEXT]
    delta = rows[u, PRIZE] - h.rows[v, PENALTY]
    delta += leg_cost(h, p, x) - leg_cost(h, p, u) - leg_cost(h, u, x)
    if delta >= h.rows[FOUND, DELTA]:
        return
    warp = join(h, rows[p, TIME], rows[p, WARP], p, x) if h.rows[HEAD, HAS_WINDOWS] else 0
    driven = h.rows[v, DRIVEN] + seconds_gained(h, p, u, u, x, np.int64(-1), np.int64(-1))
    delta += weigh(h, v, warp, h.rows[v, FILLED] - rows[u, DEMAND], driven)
    if delta < h.rows[FOUND, DELTA]:
        propose(h, delta, REMOVE, u, u, u, u, u)


@njit(cache=True)
def make(h: Hot, s: Side) -> None:
    """Make the move that was found."""
    move = h.rows[FOUND, MOVE]
    h.rows[COUNT, MOVES] += 1
    if move == EXCHANGE:
        make_exchange(h, s)
    elif move == TAILS:
        make_tails(h, s)
    elif move == REVERSE:
        make_reverse(h, s)
    elif move == HEADS:
        make_heads(h, s)
    elif move == TURNED:
        make_turned(h, s)
    elif move == INSERT:
        put_in(h, s, h.rows[FOUND, ARGS], h.rows[FOUND, ARGS + 1])
    elif move == REMOVE:
        take_out(h, s, h.rows[FOUND, ARGS])
    elif move == REPLACE:
        u, gone = h.rows[FOUND, ARGS], h.rows[FOUND, ARGS + 1]
        p = h.rows[gone, PREV]
        take_out(h, s, gone)
        put_in(h, s, u, p)


@njit(cache=True)
def descend(h: Hot, s: Side) -> None:
    """Look at queued visits until the queue is empty."""
    while h.rows[COUNT, QUEUE_SIZE] > 0:
        u = s.queue[h.rows[COUNT, QUEUE_HEAD]]
        h.rows[COUNT, QUEUE_HEAD] = (h.rows[COUNT, QUEUE_HEAD] + 1) % h.rows[HEAD, VISITS]
        h.rows[COUNT, QUEUE_SIZE] -= 1
        s.is_queued[u] = 0
        look(h, s, u)
        if h.rows[FOUND, MOVE] != 0:
            make(h, s)
            enqueue(h, s, u)
