"""Compiled search for one day: a table of the best rests of a day, and the days grown by it.

Places are home (0) and the visits (1..n). Modes are FREE (0, no lunch yet) and FED (1, lunch had,
or home left after it). ``rules`` are the shift's start and end, and lunch as (earliest, latest,
seconds). Loaded only where it is needed. See ``optimizer.visits.one_day`` for the method.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
FAR = 1 << 60
STEP = 60  # seconds of the table


@njit(cache=True, nogil=True)
def start_of(spans: Ints, first: int, last: int, arrival: int) -> int:
    """The first start from ``arrival`` on, -1 for none."""
    for row in range(first, last):
        if arrival <= spans[row, 2]:
            return int(max(arrival, spans[row, 1]))
    return -1


@njit(cache=True, nogil=True)
def ways_on(mode: int, time: int, leg: int, rules: Ints) -> tuple[int, int]:
    """When a leg ends without lunch in it, and with it (-1: it cannot be had)."""
    with_lunch = -1
    if mode == 0 and time <= rules[3] and rules[4] > 0:
        with_lunch = max(time + leg, rules[2]) + rules[4]
    return time + leg, with_lunch


@njit(cache=True, nogil=True)
def is_home_in_time(mode: int, back: int, rules: Ints) -> bool:
    """Whether home may be reached then; who has had no lunch must be back before it is due."""
    if mode == 0 and rules[4] > 0:
        return bool(back <= rules[1] and back <= rules[3] + rules[4] - 1)
    return bool(back <= rules[1])


@njit(cache=True, nogil=True)
def table_of_rests(
    legs: Ints, stay: Ints, gain: Ints, spans: Ints, first_span: Ints, rules: Ints
) -> Ints:
    """(mode, place, step): the least cost from leaving a place at that time or later to home.

    At home it is the least cost of a whole day: FREE leaves at once, FED after lunch.
    """
    places = len(stay)
    steps = (rules[1] - rules[0]) // STEP + 1
    rest = np.full((2, places, steps + 1), FAR)
    for k in range(steps - 1, -1, -1):
        time = rules[0] + k * STEP
        for mode in range(2):
            for a in range(1, places):
                best = best_leg(legs, stay, gain, spans, first_span, rules, rest, mode, a, time)[0]
                rest[mode, a, k] = min(rest[mode, a, k + 1], best)
    for mode in range(2):
        left = leave_home(mode, rules)
        rest[mode, 0, 0] = best_leg(
            legs, stay, gain, spans, first_span, rules, rest, mode, 0, left
        )[0]
    return rest


@njit(cache=True, nogil=True)
def leave_home(mode: int, rules: Ints) -> int:
    """When home is left: as the shift starts, or (FED) too late for lunch to be due."""
    if mode == 0:
        return int(rules[0])
    return int(max(rules[0], rules[3] + 1)) if rules[4] > 0 else int(rules[0])


@njit(cache=True, nogil=True)
def best_leg(
    legs: Ints,
    stay: Ints,
    gain: Ints,
    spans: Ints,
    first_span: Ints,
    rules: Ints,
    rest: Ints,
    mode: int,
    a: int,
    time: int,
) -> tuple[int, int, int, int]:
    """The least cost from place a at a time on, and where it goes: place, mode and step there."""
    steps = rest.shape[2] - 1
    least, to, then, at = FAR, 0, 0, 0
    if a > 0 and ends_well(mode, time, legs[a, 0], rules):
        least = legs[a, 0]
    for b in range(1, len(stay)):
        if a == b or time > spans[first_span[b + 1] - 1, 2]:
            continue
        plain, fed = ways_on(mode, time, legs[a, b], rules)
        for after in range(2):
            arrival, new = (plain, mode) if after == 0 else (fed, 1)
            if arrival < 0:
                continue
            begin = start_of(spans, first_span[b], first_span[b + 1], arrival)
            k = (begin + stay[b] - rules[0]) // STEP
            if begin < 0 or k >= steps:
                continue
            cost = legs[a, b] - gain[b] + rest[new, b, k]
            if cost < least:
                least, to, then, at = cost, b, new, k
    return least, to, then, at


@njit(cache=True, nogil=True)
def best_walk(
    legs: Ints, stay: Ints, gain: Ints, spans: Ints, first_span: Ints, rules: Ints, rest: Ints
) -> Ints:
    """How often the walk that gives the table's least cost from home makes each visit."""
    made = np.zeros(len(stay), dtype=np.int64)
    mode = 0 if rest[0, 0, 0] <= rest[1, 0, 0] else 1
    a, time = 0, leave_home(mode, rules)
    while True:
        least, to, then, k = best_leg(
            legs, stay, gain, spans, first_span, rules, rest, mode, a, time
        )
        if to == 0 or least >= FAR:
            return made
        made[to] += 1
        # The table's cost at a step is that of the last step with it.
        while rest[then, to, k + 1] == rest[then, to, k]:
            k += 1
        mode, a, time = then, to, rules[0] + k * STEP


@njit(cache=True, nogil=True)
def enumerate_days(
    legs: Ints,
    stay: Ints,
    prize: Ints,
    spans: Ints,
    first_span: Ints,
    rules: Ints,
    price: Ints,
    rest: Ints,
    known: int,
    most: int,
) -> tuple[int, int, list[int], bool]:
    """The least of ``known`` and the cost of any day that could be less; partial days looked at.

    Then comes the order of the day found, from its end, or nothing, and whether all were looked at
    that could be less: of more than ``most`` with as many visits the most hopeful stay.

    Costs are driving less prizes. A day grows by a visit at a time, in order of how many it has.
    """
    places, steps = len(stay), rest.shape[2] - 1
    spare = price.sum()
    best, best_row = known, -1
    before, visit = [-1, -1], [0, 0]  # of every partial day: what it grew from, and by whom
    # mode, place, time, cost, visits made as bits, sum of their prices, its row in the lists
    now = [(0, 0, leave_home(0, rules), 0, 0, 0, 0), (1, 0, leave_home(1, rules), 0, 0, 0, 1)]
    is_whole = True
    while len(now) > 0:
        grown: dict[tuple[int, int, int, int], tuple[int, int, int, int]] = {}
        for mode, a, time, cost, made, paid, row in now:
            if a > 0 and cost + legs[a, 0] < best and ends_well(mode, time, legs[a, 0], rules):
                best, best_row = cost + legs[a, 0], row
            for b in range(1, places):
                if made >> b & 1:
                    continue
                plain, fed = ways_on(mode, time, legs[a, b], rules)
                for after in range(2):
                    arrival, new = (plain, mode) if after == 0 else (fed, 1)
                    begin = start_of(spans, first_span[b], first_span[b + 1], arrival)
                    if arrival < 0 or begin < 0:
                        continue
                    leave = begin + stay[b]
                    k = (leave - rules[0]) // STEP
                    if k >= steps:
                        continue
                    then = cost + legs[a, b] - prize[b]
                    if then + rest[new, b, k] - (spare - paid - price[b]) >= best:
                        continue
                    # One for each set, end and lunch, and one more for each time that is no worse.
                    key = (new, b, made | 1 << b, 0)
                    if key in grown:
                        old = grown[key]
                        if old[0] <= leave and old[1] <= then:
                            continue
                        if leave > old[0] or then > old[1]:
                            key = (new, b, made | 1 << b, leave)
                            if key in grown and grown[key][1] <= then:
                                continue
                    grown[key] = (leave, then, paid + price[b], row)
        now.clear()
        limit = np.int64(FAR)
        if len(grown) > most:
            is_whole = False
            bounds = np.empty(len(grown), dtype=np.int64)
            for number, (key, value) in enumerate(grown.items()):
                bounds[number] = hope(key[0], key[1], value[0], value[1], value[2], rest, rules)
            bounds.sort()
            limit = bounds[most]
        for (mode, b, made, _), (leave, then, paid, row) in grown.items():
            if not is_whole and hope(mode, b, leave, then, paid, rest, rules) > limit:
                continue
            now.append((mode, b, leave, then, made, paid, len(before)))
            before.append(row)
            visit.append(b)
    order = [0 for _ in range(0)]
    while best_row > 1:
        order.append(visit[best_row])
        best_row = before[best_row]
    return best, len(before), order, is_whole


@njit(cache=True, nogil=True)
def hope(mode: int, b: int, leave: int, cost: int, paid: int, rest: Ints, rules: Ints) -> int:
    """The least a partial day can come to, but for the same amount for all of them."""
    return int(cost + paid + rest[mode, b, (leave - rules[0]) // STEP])


@njit(cache=True, nogil=True)
def ends_well(mode: int, time: int, leg: int, rules: Ints) -> bool:
    """Whether the day may end with this leg home, with lunch in it or without."""
    plain, fed = ways_on(mode, time, leg, rules)
    return is_home_in_time(mode, plain, rules) or (fed >= 0 and is_home_in_time(1, fed, rules))
