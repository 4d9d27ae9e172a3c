"""Moves made: links changed, routes saved before and refreshed after, ends queued."""

from numba import njit

from optimizer.visits.tours.kernel_route import link, mark_moved, refresh
from optimizer.visits.tours.layout import (
    ARGS,
    COUNT,
    END,
    END_KIND,
    FOUND,
    HEAD,
    IS_MOVED,
    LEFT_OUT,
    NEXT,
    POSITION,
    PREV,
    PRIZE,
    QUEUE_HEAD,
    QUEUE_SIZE,
    ROUTE,
    SAVED_AT,
    SAVED_COUNT,
    SAVED_SIZE,
    SIZE,
    START,
    TOUCHED,
    TOUCHED_COUNT,
    TURN,
    VISITS,
    Hot,
    Int,
    Side,
)


@njit(cache=True, forceinline=True)
def enqueue(h: Hot, s: Side, at: Int) -> None:
    """Have a visit looked at (again)."""
    if at < h.rows[HEAD, VISITS] and s.is_queued[at] == 0:
        s.is_queued[at] = 1
        s.queue[(h.rows[COUNT, QUEUE_HEAD] + h.rows[COUNT, QUEUE_SIZE]) % h.rows[HEAD, VISITS]] = at
        h.rows[COUNT, QUEUE_SIZE] += 1


@njit(cache=True)
def touch(h: Hot, s: Side, v: Int) -> None:
    """Save a route as it was before this turn, once."""
    if h.rows[v, TOUCHED] == h.rows[COUNT, TURN]:
        return
    h.rows[v, TOUCHED] = h.rows[COUNT, TURN]
    s.touched[h.rows[COUNT, TOUCHED_COUNT]] = v
    h.rows[COUNT, TOUCHED_COUNT] += 1
    at, into = h.rows[h.rows[v, START], NEXT], h.rows[COUNT, SAVED_COUNT]
    h.rows[v, SAVED_AT] = into
    h.rows[v, SAVED_SIZE] = h.rows[v, SIZE]
    while at < h.rows[HEAD, VISITS]:
        s.saved[into] = at
        into += 1
        at = h.rows[at, NEXT]
    h.rows[COUNT, SAVED_COUNT] = into


@njit(cache=True)
def make_exchange(h: Hot, s: Side) -> None:
    """Move u..e1 behind v, and s2..e2, if any, to where u..e1 was."""
    rows = h.rows
    v, u, e1 = h.rows[FOUND, ARGS], h.rows[FOUND, ARGS + 1], h.rows[FOUND, ARGS + 2]
    s2, e2 = h.rows[FOUND, ARGS + 3], h.rows[FOUND, ARGS + 4]
    a, b = rows[u, ROUTE], rows[v, ROUTE]
    touch(h, s, a)
    touch(h, s, b)
    pu, na, vn = rows[u, PREV], rows[e1, NEXT], rows[v, NEXT]
    if a == b:
        if rows[v, POSITION] < rows[u, POSITION]:
            mark_moved(h, vn, e1)
        else:
            mark_moved(h, u, e2 if s2 >= 0 else v)
    else:
        mark_moved(h, u, e1)
        if s2 >= 0:
            mark_moved(h, s2, e2)
    nb = vn
    if s2 < 0:
        link(h, pu, na)
        link(h, v, u)
        link(h, e1, vn)
    else:
        nb = rows[e2, NEXT]
        link(h, v, u)
        link(h, e1, nb)
        link(h, pu, s2)
        link(h, e2, na)
        enqueue(h, s, s2)
        enqueue(h, s, e2)
    refresh(h, a)
    if a != b:
        refresh(h, b)
    enqueue(h, s, u)
    enqueue(h, s, e1)
    enqueue(h, s, pu)
    enqueue(h, s, na)
    enqueue(h, s, v)
    enqueue(h, s, nb)


@njit(cache=True)
def make_tails(h: Hot, s: Side) -> None:
    """Exchange the tails behind v and from u on."""
    rows = h.rows
    v, u = h.rows[FOUND, ARGS], h.rows[FOUND, ARGS + 1]
    a, b = rows[v, ROUTE], rows[u, ROUTE]
    touch(h, s, a)
    touch(h, s, b)
    end_a = rows[a, END]
    end_b = rows[b, END]
    pu, vn = rows[u, PREV], rows[v, NEXT]
    last_a, last_b = rows[end_a, PREV], rows[end_b, PREV]
    if rows[a, END_KIND] != rows[b, END_KIND]:
        mark_moved(h, u, last_b)
        if vn != end_a:
            mark_moved(h, vn, last_a)
    link(h, v, u)
    link(h, last_b, end_a)
    if vn == end_a:
        link(h, pu, end_b)
    else:
        link(h, pu, vn)
        link(h, last_a, end_b)
    refresh(h, a)
    refresh(h, b)
    enqueue(h, s, u)
    enqueue(h, s, v)
    enqueue(h, s, pu)
    enqueue(h, s, vn)


@njit(cache=True, forceinline=True)
def turn(h: Hot, first: Int, last: Int) -> None:
    """Turn the links inside first..last round; those to the outside are the caller's."""
    at = first
    while True:
        following = h.rows[at, NEXT]
        h.rows[at, NEXT] = h.rows[at, PREV]
        h.rows[at, PREV] = following
        if at == last:
            return
        at = following


@njit(cache=True)
def make_reverse(h: Hot, s: Side) -> None:
    """Turn a part of a route round."""
    first, last = h.rows[FOUND, ARGS], h.rows[FOUND, ARGS + 1]
    rows, v = h.rows, h.rows[first, ROUTE]
    touch(h, s, v)
    before, after = rows[first, PREV], rows[last, NEXT]
    mark_moved(h, first, last)
    turn(h, first, last)
    link(h, before, last)
    link(h, first, after)
    refresh(h, v)
    enqueue(h, s, first)
    enqueue(h, s, last)
    enqueue(h, s, before)
    enqueue(h, s, after)


@njit(cache=True)
def make_turned(h: Hot, s: Side) -> None:
    """Move the nodes from u back to ``last`` behind v, turned round."""
    v, u, last = h.rows[FOUND, ARGS], h.rows[FOUND, ARGS + 1], h.rows[FOUND, ARGS + 2]
    rows = h.rows
    a, b = rows[u, ROUTE], rows[v, ROUTE]
    touch(h, s, a)
    touch(h, s, b)
    before, na, vn = rows[last, PREV], rows[u, NEXT], rows[v, NEXT]
    turn(h, last, u)
    link(h, before, na)
    link(h, v, u)
    link(h, last, vn)
    refresh(h, a)
    refresh(h, b)
    enqueue(h, s, u)
    enqueue(h, s, last)
    enqueue(h, s, before)
    enqueue(h, s, na)
    enqueue(h, s, v)
    enqueue(h, s, vn)


@njit(cache=True)
def make_heads(h: Hot, s: Side) -> None:
    """Join v's head to u's head turned round, and the tails likewise."""
    v, u = h.rows[FOUND, ARGS], h.rows[FOUND, ARGS + 1]
    rows = h.rows
    a, b = rows[v, ROUTE], rows[u, ROUTE]
    touch(h, s, a)
    touch(h, s, b)
    start_b, end_a = rows[b, START], rows[a, END]
    vn, un = rows[v, NEXT], rows[u, NEXT]
    first_b, last_a = rows[start_b, NEXT], rows[end_a, PREV]
    turn(h, first_b, u)
    link(h, v, u)
    link(h, first_b, end_a)
    if vn == end_a:
        link(h, start_b, un)
    else:
        turn(h, vn, last_a)
        link(h, start_b, last_a)
        link(h, vn, un)
    refresh(h, a)
    refresh(h, b)
    enqueue(h, s, u)
    enqueue(h, s, v)
    enqueue(h, s, vn)
    enqueue(h, s, un)


@njit(cache=True)
def put_in(h: Hot, s: Side, u: Int, p: Int) -> None:
    """Serve the absent visit u behind node p."""
    v = h.rows[p, ROUTE]
    touch(h, s, v)
    h.rows[u, IS_MOVED] = 1
    x = h.rows[p, NEXT]
    link(h, p, u)
    link(h, u, x)
    h.rows[COUNT, LEFT_OUT] -= h.rows[u, PRIZE]
    refresh(h, v)
    enqueue(h, s, u)
    enqueue(h, s, p)
    enqueue(h, s, x)


@njit(cache=True)
def take_out(h: Hot, s: Side, u: Int) -> None:
    """Leave the visit u out."""
    v = h.rows[u, ROUTE]
    touch(h, s, v)
    p, x = h.rows[u, PREV], h.rows[u, NEXT]
    link(h, p, x)
    h.rows[u, ROUTE] = -1
    h.rows[COUNT, LEFT_OUT] += h.rows[u, PRIZE]
    refresh(h, v)
    enqueue(h, s, u)
    enqueue(h, s, p)
    enqueue(h, s, x)
