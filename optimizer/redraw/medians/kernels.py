"""The inner loop of medians: annealed shifts and swaps between districts, compiled by numba.

A district costs the weighted distance of its units to its best unit, and every move is valued with
the best unit as it will be after the move: ``reach`` holds the sum for each unit as if it were the
centre, so a move costs as many distances as the two districts have units.
"""

import math

import numpy as np
from numba import njit

from optimizer.redraw.medians.values import Case, Floats, Ints, Pool, Random, State

WITHIN = 1e-9
NEAR_BEST = 1.03


@njit(cache=True, nogil=True)
def uniform(random: Random) -> float:
    """A number in [0, 1) by xorshift64* (Vigna, 2016); the state must not be 0."""
    word = random[0]
    word ^= word >> np.uint64(12)
    word ^= word << np.uint64(25)
    word ^= word >> np.uint64(27)
    random[0] = word
    return float((word * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, nogil=True)
def below(limit: int, random: Random) -> int:
    """A whole number from 0 to limit - 1."""
    return int(uniform(random) * limit)


@njit(cache=True, nogil=True)
def distance(one: int, other: int, case: Case) -> float:
    """From the table, or straight."""
    if case.table.shape[0] > 0:
        return float(case.table[one, other])
    dx = case.place[one, 0] - case.place[other, 0]
    dy = case.place[one, 1] - case.place[other, 1]
    return math.sqrt(dx * dx + dy * dy)


@njit(cache=True, nogil=True)
def set_up(owner: Ints, districts: int, case: Case) -> State:
    """The running values of an assignment; ``owner`` is changed in place from here on."""
    n = len(owner)
    state = State(
        owner,
        np.empty((districts, n), np.int32),
        np.zeros(districts, np.int64),
        np.empty(n, np.int32),
        np.zeros(n),
        np.zeros(districts),
        np.zeros((districts, case.load.shape[1])),
        np.zeros(districts, np.int64),
        np.zeros(2, np.int64),
        np.zeros(n, np.int64),
        np.empty(n, np.int32),
        np.zeros(1, np.int64),
    )
    for unit in range(n):
        put(unit, owner[unit], case, state)
    for k in range(districts):
        settle(k, state)
        state.torn[k] = tears(k, -1, -1, case, state)
    return state


@njit(cache=True, nogil=True)
def put(unit: int, k: int, case: Case, state: State) -> None:
    """Count the unit into district k."""
    own, weight = 0.0, case.weight[unit]
    for at in range(state.size[k]):
        other = state.member[k, at]
        away = distance(other, unit, case)
        state.reach[other] += weight * away
        own += case.weight[other] * away
    state.reach[unit] = own
    state.member[k, state.size[k]] = unit
    state.slot[unit] = state.size[k]
    state.size[k] += 1
    state.owner[unit] = k
    for row in range(case.load.shape[1]):
        state.held[k, row] += case.load[unit, row]


@njit(cache=True, nogil=True)
def take(unit: int, case: Case, state: State) -> None:
    """Count the unit out of its district."""
    k, weight = state.owner[unit], case.weight[unit]
    state.size[k] -= 1
    last = state.member[k, state.size[k]]
    state.member[k, state.slot[unit]] = last
    state.slot[last] = state.slot[unit]
    for at in range(state.size[k]):
        other = state.member[k, at]
        state.reach[other] -= weight * distance(other, unit, case)
    for row in range(case.load.shape[1]):
        state.held[k, row] -= case.load[unit, row]


@njit(cache=True, nogil=True)
def settle(k: int, state: State) -> None:
    """The district's cost as its units now stand."""
    least = math.inf
    for at in range(state.size[k]):
        least = min(least, state.reach[state.member[k, at]])
    state.cost[k] = least if state.size[k] > 0 else 0.0


@njit(cache=True, nogil=True)
def cost_without(unit: int, case: Case, state: State) -> float:
    """Cost of the unit's district once it has left."""
    k, weight, least = state.owner[unit], case.weight[unit], math.inf
    for at in range(state.size[k]):
        other = state.member[k, at]
        if other != unit:
            least = min(least, state.reach[other] - weight * distance(other, unit, case))
    return float(least)


@njit(cache=True, nogil=True)
def cost_with(unit: int, k: int, case: Case, state: State) -> float:
    """Cost of district k once the unit has joined."""
    weight, least, own = case.weight[unit], math.inf, 0.0
    for at in range(state.size[k]):
        other = state.member[k, at]
        away = distance(other, unit, case)
        least = min(least, state.reach[other] + weight * away)
        own += case.weight[other] * away
    return float(min(least, own))


@njit(cache=True, nogil=True)
def cost_instead(out: int, into: int, case: Case, state: State) -> float:
    """Cost of the district of ``out`` once ``into`` has taken its place."""
    k, least, own = state.owner[out], math.inf, 0.0
    leaves, joins = case.weight[out], case.weight[into]
    for at in range(state.size[k]):
        other = state.member[k, at]
        if other != out:
            away = distance(other, into, case)
            own += case.weight[other] * away
            left = state.reach[other] - leaves * distance(other, out, case)
            least = min(least, left + joins * away)
    return float(min(least, own))


@njit(cache=True, nogil=True)
def beyond(k: int, out: int, into: int, case: Case, state: State) -> float:
    """How far loads of district k lie outside their limits, in upper limits, after a move."""
    total = 0.0
    for row in range(case.load.shape[1]):
        held = state.held[k, row]
        if out >= 0:
            held -= case.load[out, row]
        if into >= 0:
            held += case.load[into, row]
        if held > case.most[row] + WITHIN:
            total += held - case.most[row]
        elif held < case.least[row] - WITHIN:
            total += case.least[row] - held
    return total


@njit(cache=True, nogil=True)
def spread(start: int, k: int, out: int, into: int, case: Case, state: State, found: int) -> int:
    """Mark all of district k that hangs together with ``start``; ``found`` units were before."""
    tick = state.tick[0]
    state.queue[found] = start
    state.mark[start] = tick
    head, found = found, found + 1
    while head < found:
        unit = state.queue[head]
        head += 1
        for place in range(case.indptr[unit], case.indptr[unit + 1]):
            other = case.indices[place]
            inside = (state.owner[other] == k and other != out) or other == into
            if inside and state.mark[other] != tick:
                state.mark[other] = tick
                state.queue[found] = other
                found += 1
    return found


@njit(cache=True, nogil=True)
def tears(k: int, out: int, into: int, case: Case, state: State) -> int:
    """Pieces beyond the first of district k without ``out`` and with ``into`` (-1: none)."""
    if not case.whole:
        return 0
    state.tick[0] += 1
    tick, found, pieces = state.tick[0], 0, 0
    if into >= 0:
        found, pieces = spread(into, k, out, into, case, state, 0), 1
    for at in range(state.size[k]):
        unit = state.member[k, at]
        if unit != out and state.mark[unit] != tick:
            found = spread(unit, k, out, into, case, state, found)
            pieces += 1
    return pieces - 1


@njit(cache=True, nogil=True)
def partner(unit: int, k: int, case: Case, state: State, random: Random) -> int:
    """A unit of district k to swap with: one that touches the unit's district, else any."""
    if not case.whole:
        return int(state.member[k, below(state.size[k], random)])
    home, start = state.owner[unit], below(state.size[k], random)
    for step in range(state.size[k]):
        other = state.member[k, (start + step) % state.size[k]]
        for place in range(case.indptr[other], case.indptr[other + 1]):
            near = case.indices[place]
            if near != unit and state.owner[near] == home:
                return int(other)
    return -1


@njit(cache=True, nogil=True)
def step(
    case: Case, state: State, heat: float, price: float, swaps: float, random: Random
) -> float:
    """Propose one shift or swap and do it if annealing accepts; the change of excess, or nan."""
    unit = below(len(state.owner), random)
    width = case.indptr[unit + 1] - case.indptr[unit]
    if width == 0:
        return math.nan
    home = state.owner[unit]
    k = state.owner[case.indices[case.indptr[unit] + below(width, random)]]
    if k == home:
        return math.nan
    other = -1
    if uniform(random) < swaps:
        other = partner(unit, k, case, state, random)
        if other < 0:
            return math.nan
    if other < 0 and state.size[home] == 1:
        return math.nan
    over = (
        beyond(home, unit, other, case, state)
        + beyond(k, other, unit, case, state)
        - beyond(home, -1, -1, case, state)
        - beyond(k, -1, -1, case, state)
    )
    limit = -heat * math.log(1.0 - uniform(random)) - price * over
    mend = price * case.tear * (state.torn[home] + state.torn[k])
    spent = state.cost[home] + state.cost[k]
    if other < 0:
        change = cost_without(unit, case, state) - spent
        if change > limit + mend:
            return math.nan
        change += cost_with(unit, k, case, state)
    else:
        change = cost_instead(unit, other, case, state) - spent
        if change > limit + mend:
            return math.nan
        change += cost_instead(other, unit, case, state)
    if change > limit + mend:
        return math.nan
    ours = tears(home, unit, other, case, state)
    theirs = tears(k, other, unit, case, state)
    torn = case.tear * (ours + theirs - state.torn[home] - state.torn[k])
    if change > limit - price * torn:
        return math.nan
    state.torn[home], state.torn[k] = ours, theirs
    take(unit, case, state)
    if other >= 0:
        take(other, case, state)
        put(other, home, case, state)
    put(unit, k, case, state)
    settle(home, state)
    settle(k, state)
    state.turned[0], state.turned[1] = home, k
    return float(over + torn)


@njit(cache=True, nogil=True)
def excess(case: Case, state: State) -> float:
    """How far all loads lie outside their limits."""
    total = 0.0
    for k in range(len(state.size)):
        total += beyond(k, -1, -1, case, state) + case.tear * state.torn[k]
    return total


@njit(cache=True, nogil=True)
def remember(k: int, key: Random, case: Case, state: State, pool: Pool) -> None:
    """Keep district k in the pool if it meets its limits, is new, and there is room."""
    at, used = pool.used[0], pool.used[1]
    if at + 1 >= len(pool.first) or used + state.size[k] > len(pool.unit):
        return
    if state.torn[k] > 0 or beyond(k, -1, -1, case, state) > 0:
        return
    sign = np.uint64(1)
    for place in range(state.size[k]):
        sign ^= key[state.member[k, place]]
    mask = np.uint64(len(pool.table) - 1)
    bucket = sign & mask
    while pool.table[bucket] != 0:
        if pool.table[bucket] == sign:
            return
        bucket = (bucket + np.uint64(1)) & mask
    pool.table[bucket] = sign
    pool.cost[at] = state.cost[k]
    pool.first[at] = used
    for place in range(state.size[k]):
        pool.unit[used + place] = state.member[k, place]
    pool.used[0] += 1
    pool.used[1] += state.size[k]
    pool.first[at + 1] = pool.used[1]


@njit(cache=True, nogil=True)
def anneal(
    case: Case, state: State, best: Ints, known: float, heats: Floats, prices: Floats,
    proposals: int, swaps: float, key: Random, pool: Pool, random: Random,
) -> float:  # fmt: skip
    """Cool from ``heats[0]`` to ``heats[1]``; ``best`` gets the best assignment within all limits.

    The price of excess is ``prices[0]`` and swings between ``prices[1]`` and ``prices[2]``: dearer
    while limits are broken, cheaper while they hold (strategic oscillation; Glover 1989). Returns
    the best cost, or ``known`` if nothing beat it. Districts met near the best go to the pool.
    """
    heat, price = heats[0], prices[0]
    cooling = (heats[1] / heats[0]) ** (1.0 / max(proposals, 1))
    over, least = excess(case, state), known
    block = 20 * len(state.owner)
    for turn in range(proposals):
        heat *= cooling
        if turn % block == 0:
            over = excess(case, state)
            price = price * 1.15 if over > WITHIN else price / 1.15
            price = min(max(price, prices[1]), prices[2])
        before = step(case, state, heat, price, swaps, random)
        if math.isnan(before):
            continue
        over += before
        cost = state.cost.sum()
        if cost > NEAR_BEST * least:
            continue
        remember(state.turned[0], key, case, state, pool)
        remember(state.turned[1], key, case, state, pool)
        if over <= WITHIN and cost < least - WITHIN:
            over = excess(case, state)
            if over <= WITHIN:
                least = cost
                best[:] = state.owner
    prices[0] = price
    return least
