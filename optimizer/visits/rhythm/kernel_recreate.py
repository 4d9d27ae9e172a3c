"""Compiled recreate: each absent customer takes the days that together cost least."""

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.bare import bare, bare_inline
from optimizer.visits.rhythm.board import Board, Rounds, Scratch
from optimizer.visits.rhythm.kernel_routes import UNSET, excess, put_in, remember, uniform


@bare_inline
def scan(board: Board, rounds: Rounds, r: int, customer: int, barred: int) -> tuple[float, int]:
    """The least by which a customer makes a route longer, and after which position."""
    size = rounds.size[r]
    before = board.travel[customer, 0]
    if size == 0:
        return 2.0 * before, 0
    least, place = UNSET, -1
    for p in range(size + 1):
        after = board.travel[customer, rounds.seq[r, p + 1]]
        longer = before + after - rounds.edge[r, p]
        before = after
        if longer < least and p != barred:
            least, place = longer, p
    return least, place


@bare
def cheapest(
    board: Board,
    rounds: Rounds,
    scratch: Scratch,
    customer: int,
    day: int,
    per_load: float,
    per_time: float,
    blink: float,
    random: NDArray[np.uint64],
) -> None:
    """Find the cheapest insertion of a customer into a day; left in ``scratch.day_*``.

    The best place in a route that this turn has not touched is remembered until the route changes.
    """
    best, best_route, best_place = UNSET, -1, -1
    demand, service = board.demand[customer], board.service[customer]
    capacity, limit = board.capacity[day], board.longest[day]
    seen_empty = False
    for r in range(day * board.fleet, (day + 1) * board.fleet):
        if rounds.size[r] == 0:
            if seen_empty:
                continue
            seen_empty = True
        load = rounds.load[r]
        base = per_load * (excess(load + demand, capacity) - excess(load, capacity))
        if base >= best:
            continue
        if scratch.seen_state[customer, r] == rounds.state[r]:
            longer, p = scratch.seen_longer[customer, r], scratch.seen_place[customer, r]
        else:
            longer, p = scan(board, rounds, r, customer, -1)
            if scratch.kept_size[r] < 0:
                scratch.seen_state[customer, r] = rounds.state[r]
                scratch.seen_longer[customer, r] = longer
                scratch.seen_place[customer, r] = p
        if base + longer >= best:
            continue
        if blink > 0.0 and uniform(random) < blink:
            longer, p = scan(board, rounds, r, customer, p)
        lasts = rounds.length[r] + rounds.stay[r]
        cost = base + longer
        cost += per_time * (excess(lasts + longer + service, limit) - excess(lasts, limit))
        if cost < best:
            best, best_route, best_place = cost, r, p
    scratch.day_cost[day] = best
    scratch.day_route[day] = best_route
    scratch.day_place[day] = best_place


@bare
def order(board: Board, scratch: Scratch, count: int, random: NDArray[np.uint64]) -> None:
    """Sort the absent: at random, or big, far or near ones first."""
    draw = uniform(random) * 11.0
    for row in range(count):
        customer = scratch.absent[row]
        if draw < 4.0:
            key = uniform(random)
        elif draw < 8.0:
            key = -board.demand[customer] - 1e-3 * board.service[customer]
        elif draw < 10.0:
            key = -board.travel[0, customer]
        else:
            key = board.travel[0, customer]
        place = row
        while place > 0 and scratch.key[place - 1] > key:
            scratch.key[place] = scratch.key[place - 1]
            scratch.absent[place] = scratch.absent[place - 1]
            place -= 1
        scratch.key[place] = key
        scratch.absent[place] = customer


@bare
def put_back(
    board: Board,
    rounds: Rounds,
    scratch: Scratch,
    customer: int,
    per_load: float,
    per_time: float,
    blink: float,
    touched: int,
    random: NDArray[np.uint64],
) -> int:
    """Put a customer back on the missing days, or on the days of its cheapest pattern."""
    days = len(board.capacity)
    wanted = scratch.missing[customer]
    scratch.missing[customer] = 0
    first, count = board.first[customer], board.choices[customer]
    asked = wanted
    if wanted < 0:
        asked = 0
        for row in range(first, first + count):
            asked |= board.mask[row]
    for day in range(days):
        if asked >> day & 1:
            cheapest(board, rounds, scratch, customer, day, per_load, per_time, blink, random)
    if wanted < 0:
        least = UNSET
        wanted = board.mask[first]
        for row in range(first, first + count):
            cost = 0.0
            for day in range(days):
                if board.mask[row] >> day & 1:
                    cost += scratch.day_cost[day]
            if cost < least:
                least, wanted = cost, board.mask[row]
    for day in range(days):
        if wanted >> day & 1:
            r, p = scratch.day_route[day], scratch.day_place[day]
            if r < 0:  # every position was passed over
                cheapest(board, rounds, scratch, customer, day, per_load, per_time, 0.0, random)
                r, p = scratch.day_route[day], scratch.day_place[day]
            touched = remember(rounds, scratch, r, touched)
            put_in(board, rounds, r, p, customer)
    return touched
