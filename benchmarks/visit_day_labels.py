"""The best day there is, proved: a bound by Lagrange multipliers, then all days that could beat it.

Days are walks from home to home over visits, on the clock of ``territory.visits`` with lunch. Were
visits allowed to be made twice, a table over place, time (in steps, rounded to the good) and lunch
gives the best walk; a price on making each visit, raised where it is made twice and lowered where
it is not made, makes that a bound (Christofides, Mingozzi and Toth 1981, Networks). Partial days
whose cost with the table's best rest is not below the best day known are cut; of two with the same
visits, end and lunch, the one that is earlier and no dearer stays (Feillet et al. 2004, Networks).
What is left is looked at.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]

FREE, FED, LATE = 0, 1, 2
"""Lunch not had yet, had, or home left after it."""
FAR = 1 << 60
STEP = 60  # seconds of the table
ROUNDS = 80
MOST_LABELS = 3_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day as arrays; place 0 is home, visits are 1..n. ``prize`` is the cost of leaving one out.

    ``spans`` rows are (visit, first start, last start), ascending for each visit; ``first_span``
    (n + 2,) says where each visit's begin. ``lunch`` is (earliest, latest, seconds).
    """

    legs: Ints
    stay: Ints
    prize: Ints
    spans: Ints
    first_span: Ints
    shift: tuple[int, int]
    lunch: tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The least cost of any day, if ``is_proved``, else a bound; partial days looked at.

    ``order`` are the visits (1..n) of a day that costs less than the one known, if there is one.
    """

    least: float
    is_proved: bool
    labels: int
    order: tuple[int, ...] = ()


def prove(day: Day, known: int) -> Proof:
    """The least cost there is, given a day that costs ``known``."""
    price = np.zeros(len(day.prize), dtype=np.int64)
    total = int(day.prize.sum())
    best_price, bound = price, -float("inf")
    share = 1.0
    for _ in range(ROUNDS):
        rest = _rest(day, price)
        at_least = total - int(price.sum()) + min(rest[FREE, 0, 0], rest[LATE, 0, 0])
        if at_least > bound:
            bound, best_price = float(at_least), price
        else:
            share *= 0.93
        if bound > known - 1:
            return Proof(least=float(known), is_proved=True, labels=0)
        over = _made(day, price, rest) - 1
        over[0] = 0
        over[(over < 0) & (price == 0)] = 0
        norm = float((over * over).sum())
        if norm == 0:
            break
        step = share * (known - at_least) / norm
        price = np.maximum(0, price + np.rint(step * over).astype(np.int64))
    rest = _rest(day, best_price)
    least, labels, order = enumerate_days(
        day.legs,
        day.stay,
        day.prize,
        day.spans,
        day.first_span,
        np.array([*day.shift, *day.lunch]),
        best_price,
        rest,
        np.int64(known - total),
        MOST_LABELS,
    )
    if labels >= MOST_LABELS:
        return Proof(least=bound, is_proved=False, labels=labels)
    return Proof(
        least=float(least + total),
        is_proved=True,
        labels=labels,
        order=tuple(int(visit) for visit in order[::-1]),
    )


def _rest(day: Day, price: Ints) -> Ints:
    rules = np.array([*day.shift, *day.lunch])
    return table_of_rests(day.legs, day.stay, day.prize - price, day.spans, day.first_span, rules)


def _made(day: Day, price: Ints, rest: Ints) -> Ints:
    """How often the best walk of the table makes each visit."""
    rules = np.array([*day.shift, *day.lunch])
    return best_walk(day.legs, day.stay, day.prize - price, day.spans, day.first_span, rules, rest)


@njit(cache=True)
def start_of(spans: Ints, first: int, last: int, arrival: int) -> int:
    """The first start from ``arrival`` on, -1 for none."""
    for row in range(first, last):
        if arrival <= spans[row, 2]:
            return max(arrival, spans[row, 1])
    return -1


@njit(cache=True)
def ways_on(mode: int, time: int, leg: int, rules: Ints) -> tuple[int, int]:
    """When a leg ends without lunch in it, and with it (-1: it cannot be had)."""
    with_lunch = -1
    if mode == 0 and time <= rules[3]:
        with_lunch = max(time + leg, rules[2]) + rules[4]
    return time + leg, with_lunch


@njit(cache=True)
def is_home_in_time(mode: int, back: int, rules: Ints) -> bool:
    """Whether home may be reached then; who has had no lunch must be back before it is due."""
    if mode == 0:
        return bool(back <= rules[1] and back <= rules[3] + rules[4] - 1)
    return bool(back <= rules[1])


@njit(cache=True)
def table_of_rests(
    legs: Ints, stay: Ints, gain: Ints, spans: Ints, first_span: Ints, rules: Ints
) -> Ints:
    """(mode, place, step): the least cost from leaving a place at that time or later to home."""
    places = len(stay)
    steps = (rules[1] - rules[0]) // STEP + 1
    rest = np.full((3, places, steps + 1), FAR)
    for k in range(steps - 1, -1, -1):
        time = rules[0] + k * STEP
        for mode in range(3):
            for a in range(places):
                if a == 0 and k > 0 and mode != 2:
                    continue
                least = rest[mode, a, k + 1] if a > 0 or mode == 2 else FAR
                left = max(time, rules[3] + 1) if a == 0 and mode == 2 else time
                for b in range(places):
                    if a == b:
                        continue
                    plain, fed = ways_on(mode, left, legs[a, b], rules)
                    for after in range(2):
                        arrival, new = (plain, mode) if after == 0 else (fed, 1)
                        if arrival < 0:
                            continue
                        if b == 0:
                            if is_home_in_time(new, arrival, rules):
                                least = min(least, legs[a, 0])
                            continue
                        begin = start_of(spans, first_span[b], first_span[b + 1], arrival)
                        if begin < 0:
                            continue
                        to = (begin + stay[b] - rules[0]) // STEP
                        if to < steps:
                            least = min(least, legs[a, b] - gain[b] + rest[new, b, to])
                rest[mode, a, k] = least
    return rest


@njit(cache=True)
def best_walk(
    legs: Ints, stay: Ints, gain: Ints, spans: Ints, first_span: Ints, rules: Ints, rest: Ints
) -> Ints:
    """How often the walk that gives the table's least cost from home makes each visit."""
    places, steps = len(stay), rest.shape[2] - 1
    made = np.zeros(places, dtype=np.int64)
    mode, a, k = (0, 0, 0) if rest[0, 0, 0] <= rest[2, 0, 0] else (2, 0, 0)
    while True:
        wanted = rest[mode, a, k]
        while k + 1 < steps and a > 0 and rest[mode, a, k + 1] == wanted:
            k += 1
        time = rules[0] + k * STEP
        left = max(time, rules[3] + 1) if a == 0 and mode == 2 else time
        found = False
        for b in range(places):
            if a == b or found:
                continue
            plain, fed = ways_on(mode, left, legs[a, b], rules)
            for after in range(2):
                arrival, new = (plain, mode) if after == 0 else (fed, 1)
                if arrival < 0 or found:
                    continue
                if b == 0:
                    if is_home_in_time(new, arrival, rules) and legs[a, 0] == wanted:
                        return made
                    continue
                begin = start_of(spans, first_span[b], first_span[b + 1], arrival)
                if begin < 0:
                    continue
                to = (begin + stay[b] - rules[0]) // STEP
                if to < steps and legs[a, b] - gain[b] + rest[new, b, to] == wanted:
                    made[b] += 1
                    mode, a, k = new, b, to
                    found = True
        if not found:
            return made


@njit(cache=True)
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
) -> tuple[int, int, list[int]]:
    """The least of ``known`` and the cost of any day that could be less; partial days looked at.

    Last comes the order of the day found, from its end, or nothing.

    Costs are driving less prizes. A day grows by a visit at a time, in order of how many it has.
    """
    places, steps = len(stay), rest.shape[2] - 1
    spare = price.sum()
    best, best_row = known, -1
    before, visit = [-1, -1], [0, 0]  # of every partial day: what it grew from, and by whom
    # mode, place, time, cost, visits made as bits, sum of their prices, its row in the lists
    now = [(0, 0, rules[0], 0, 0, 0, 0), (2, 0, max(rules[0], rules[3] + 1), 0, 0, 0, 1)]
    while len(now) > 0 and len(before) < most:
        grown = {}
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
        for (mode, b, made, _), (leave, then, paid, row) in grown.items():
            now.append((mode, b, leave, then, made, paid, len(before)))
            before.append(row)
            visit.append(b)
    order = [0 for _ in range(0)]
    while best_row > 1:
        order.append(visit[best_row])
        best_row = before[best_row]
    return best, len(before), order


@njit(cache=True)
def ends_well(mode: int, time: int, leg: int, rules: Ints) -> bool:
    """Whether the day may end with this leg home, with lunch in it or without."""
    plain, fed = ways_on(mode, time, leg, rules)
    return is_home_in_time(mode, plain, rules) or (fed >= 0 and is_home_in_time(1, fed, rules))
