"""Ruin, recreate, descend, accept: the turns of the search.

What a turn has changed descends to a local optimum; annealing decides whether it is kept. The
prices of broken rules follow how often they are broken (Vidal et al. 2012, Operations Research).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.visits.tours.kernel_local import descend
from optimizer.visits.tours.kernel_make import put_in, take_out
from optimizer.visits.tours.kernel_route import link, refresh, reweigh, uniform
from optimizer.visits.tours.kernel_ruin import BLINK, KEPT_SOUND, gather, recreate, ruin
from optimizer.visits.tours.layout import (
    CAPACITY,
    COST,
    COUNT,
    DRIVEN,
    END,
    FILLED,
    FIRST_ROUTE,
    HAS_CHOICE,
    HAS_PRIZES,
    HEAD,
    IS_MOVED,
    LAST_ROUTE,
    LATE,
    LEFT_OUT,
    MAX_DRIVING,
    MUST,
    NEXT,
    PENALTY,
    PREV,
    PRIZE,
    ROUTE,
    SAVED_AT,
    SAVED_COUNT,
    SAVED_SIZE,
    SIZE,
    START,
    TOUCHED_COUNT,
    TURN,
    VISITS,
    WEIGHT,
    Hot,
    Int,
    Ints,
    Side,
)

PERIOD = 50  # turns between two looks at the weights
HASTY_PERIOD = 10  # while no plan is known that makes all visits that must be made
HEAVIEST = 1 << 24
LIGHTEST = 4
EAGER_SHARE = 0.1
EAGER_MOST = 4.0


@njit(cache=True)
def total_cost(h: Hot) -> Int:
    """Driving, left out and penalties of the routes as they are."""
    total = h.rows[COUNT, LEFT_OUT]
    for v in range(h.rows[HEAD, FIRST_ROUTE], h.rows[HEAD, LAST_ROUTE]):
        total += h.rows[v, COST] + h.rows[v, PENALTY]
    return total


@njit(cache=True)
def sum_of_breaks(h: Hot) -> tuple[int, int, int]:
    """Lateness, load and driving beyond what is allowed, over all routes."""
    late, load, driven = 0, 0, 0
    for v in range(h.rows[HEAD, FIRST_ROUTE], h.rows[HEAD, LAST_ROUTE]):
        late += h.rows[v, LATE]
        load += max(0, h.rows[v, FILLED] - h.rows[v, CAPACITY])
        driven += max(0, h.rows[v, DRIVEN] - h.rows[v, MAX_DRIVING])
    return late, load, driven


@njit(cache=True)
def take_back(h: Hot, s: Side, left_out: Int) -> None:
    """Restore every route this turn has touched."""
    rows = h.rows
    for row in range(h.rows[COUNT, TOUCHED_COUNT]):
        at = rows[rows[s.touched[row], START], NEXT]
        while at < h.rows[HEAD, VISITS]:
            rows[at, ROUTE] = -1
            at = rows[at, NEXT]
    for row in range(h.rows[COUNT, TOUCHED_COUNT]):
        v = s.touched[row]
        here = h.rows[v, START]
        for k in range(h.rows[v, SAVED_AT], h.rows[v, SAVED_AT] + h.rows[v, SAVED_SIZE]):
            rows[s.saved[k], IS_MOVED] = 1
            link(h, here, s.saved[k])
            here = s.saved[k]
        link(h, here, h.rows[v, END])
        refresh(h, v)
    h.rows[COUNT, LEFT_OUT] = left_out


@njit(cache=True)
def copy_routes(h: Hot, sequence: Ints, size: Ints) -> None:
    """Copy the visits of all routes in order."""
    into = 0
    for v in range(h.rows[HEAD, FIRST_ROUTE], h.rows[HEAD, LAST_ROUTE]):
        size[v - h.rows[HEAD, FIRST_ROUTE]] = h.rows[v, SIZE]
        at = h.rows[h.rows[v, START], NEXT]
        while at < h.rows[HEAD, VISITS]:
            sequence[into] = at
            into += 1
            at = h.rows[at, NEXT]


@njit(cache=True)
def load_routes(h: Hot, sequence: Ints, size: Ints) -> None:
    """Set the routes to given ones."""
    h.rows[COUNT, LEFT_OUT] = 0
    for u in range(h.rows[HEAD, VISITS]):
        h.rows[u, ROUTE] = -1
    row = 0
    for v in range(h.rows[HEAD, FIRST_ROUTE], h.rows[HEAD, LAST_ROUTE]):
        here = h.rows[v, START]
        for _ in range(size[v - h.rows[HEAD, FIRST_ROUTE]]):
            h.rows[sequence[row], IS_MOVED] = 1
            link(h, here, sequence[row])
            here = sequence[row]
            row += 1
        link(h, here, h.rows[v, END])
        refresh(h, v)
    for u in range(h.rows[HEAD, VISITS]):
        if h.rows[u, ROUTE] < 0:
            h.rows[COUNT, LEFT_OUT] += h.rows[u, PRIZE]


@njit(cache=True)
def steer(h: Hot, sound: Ints, wanted: float) -> None:
    """Change the weights after the share of the last turns that broke nothing of each sort."""
    for sort in range(3):
        share = sound[sort] / sound[3]
        if share == 0.0:
            h.rows[WEIGHT, sort] = min(HEAVIEST, 2 * h.rows[WEIGHT, sort])
        elif share < wanted - 0.05:
            h.rows[WEIGHT, sort] = min(
                HEAVIEST, h.rows[WEIGHT, sort] + max(1, h.rows[WEIGHT, sort] // 5)
            )
        elif share > wanted + 0.05:
            h.rows[WEIGHT, sort] = max(
                LIGHTEST, h.rows[WEIGHT, sort] - max(1, h.rows[WEIGHT, sort] // 8)
            )
    sound[:] = 0
    reweigh(h)


@njit(cache=True)
def begin_turn(h: Hot) -> None:
    """Forget what the last turn touched."""
    h.rows[COUNT, TURN] += 1
    h.rows[COUNT, TOUCHED_COUNT] = 0
    h.rows[COUNT, SAVED_COUNT] = 0


@njit(cache=True, nogil=True)
def search(
    h: Hot,
    s: Side,
    knobs: NDArray[np.float64],
    sequence: Ints,
    size: Ints,
    best: Int,
    turns: Int,
    hot: float,
    cold: float,
    sound: Ints,
) -> Int:
    """Take ``turns`` turns from the routes in ``w``; the best sound ones go to ``sequence``.

    ``best`` is the cost of the best so far; temperatures are in units of cost. Returns the best.
    """
    cost = total_cost(h)
    temperature = hot
    cooling = (cold / hot) ** (1.0 / max(1, turns))
    for _ in range(turns):
        begin_turn(h)
        left_out = h.rows[COUNT, LEFT_OUT]
        seed_visit = int(uniform(s) * h.rows[HEAD, VISITS])
        count = ruin(h, s, knobs, seed_visit)
        if h.rows[HEAD, HAS_PRIZES]:
            count = gather(h, s, knobs, seed_visit, count)
        eager = 1.0
        if h.rows[HEAD, HAS_PRIZES] and uniform(s) < EAGER_SHARE:
            eager = 1.0 + EAGER_MOST * uniform(s)
        recreate(h, s, count, knobs[BLINK], eager)
        descend(h, s)
        new = total_cost(h)
        late, load, driven = sum_of_breaks(h)
        sound[0] += late == 0
        sound[1] += load == 0
        sound[2] += driven == 0
        sound[3] += 1
        if late + load + driven == 0 and new < best:
            best = new
            copy_routes(h, sequence, size)
        if new < cost - temperature * np.log(uniform(s) + 1e-300):
            cost = new
        else:
            take_back(h, s, left_out)
            if h.rows[HEAD, HAS_CHOICE]:
                cost = total_cost(h)  # windows are chosen anew
        if sound[3] >= (PERIOD if best < MUST else HASTY_PERIOD):
            steer(h, sound, knobs[KEPT_SOUND])
            cost = total_cost(h)
        temperature *= cooling
    return best


@njit(cache=True)
def is_broken(h: Hot, v: Int) -> bool:
    """Whether a route breaks a rule."""
    rows = h.rows
    return bool(
        rows[v, LATE] > 0
        or rows[v, FILLED] > rows[v, CAPACITY]
        or rows[v, DRIVEN] > rows[v, MAX_DRIVING]
    )


@njit(cache=True)
def mend(h: Hot, s: Side) -> None:
    """Take visits out of broken routes until all are sound, least prize for penalty first."""
    rows = h.rows
    for v in range(rows[HEAD, FIRST_ROUTE], rows[HEAD, LAST_ROUTE]):
        while is_broken(h, v):
            best, least = rows[rows[v, START], NEXT], np.inf
            before = rows[v, PENALTY]
            at = best
            for _ in range(rows[v, SIZE]):
                after = rows[at, NEXT]
                p = rows[at, PREV]
                take_out(h, s, at)
                gain = before - rows[v, PENALTY]
                worth = rows[at, PRIZE] / gain if gain > 0 else np.inf
                put_in(h, s, at, p)
                if worth < least:
                    best, least = at, worth
                at = after
            take_out(h, s, best)


@njit(cache=True)
def start(h: Hot, s: Side, sequence: Ints, size: Ints) -> Int:
    """Build routes, descend, and keep a sound version of them; returns its cost."""
    visits = h.rows[HEAD, VISITS]
    for v in range(h.rows[HEAD, FIRST_ROUTE], h.rows[HEAD, LAST_ROUTE]):
        refresh(h, v)
    begin_turn(h)
    count = 0
    for u in range(visits):
        if h.rows[u, ROUTE] < 0:
            s.absent[count] = u
            count += 1
    recreate(h, s, count, 0.0, 1000.0)
    descend(h, s)
    begin_turn(h)
    mend(h, s)
    copy_routes(h, sequence, size)
    best = total_cost(h)
    left_out = h.rows[COUNT, LEFT_OUT]
    take_back(h, s, left_out)
    h.rows[COUNT, LEFT_OUT] = 0
    for u in range(visits):
        if h.rows[u, ROUTE] < 0:
            h.rows[COUNT, LEFT_OUT] += h.rows[u, PRIZE]
    descend(h, s)
    return best
