"""Compiled changes of single routes: stops in and out, sums, and the way back.

Loaded only where it is needed, for numba takes a second to import.
"""

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.bare import bare, bare_inline
from optimizer.visits.rhythm.board import Board, Ints, Rounds, Scratch

UNSET = np.inf


@bare_inline
def uniform(random: NDArray[np.uint64]) -> float:
    """The next number in [0, 1) of a xorshift64* generator (Vigna 2016)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@bare_inline
def excess(value: float, limit: float) -> float:
    """By how much a value is above its limit."""
    return value - limit if value > limit else 0.0


@bare
def remember(rounds: Rounds, scratch: Scratch, r: int, touched: int) -> int:
    """Keep a route as it was before this turn, once; how many routes are kept by now."""
    if scratch.kept_size[r] >= 0:
        return touched
    size = rounds.size[r]
    scratch.kept_size[r] = size
    scratch.kept_state[r] = rounds.state[r]
    scratch.clock[0] += 1
    rounds.state[r] = scratch.clock[0]
    scratch.kept_figures[r, 0] = rounds.load[r]
    scratch.kept_figures[r, 1] = rounds.length[r]
    scratch.kept_figures[r, 2] = rounds.stay[r]
    for p in range(1, size + 1):
        scratch.kept_seq[r, p] = rounds.seq[r, p]
    scratch.touched[touched] = r
    return touched + 1


@bare
def refresh(board: Board, rounds: Rounds, r: int) -> None:
    """Set the edges and sums of a route anew after its stops have changed."""
    load, length, stay, here = 0.0, 0.0, 0.0, 0
    size = rounds.size[r]
    rounds.seq[r, size + 1] = 0
    for p in range(1, size + 2):
        there = rounds.seq[r, p]
        leg = board.travel[here, there]
        rounds.edge[r, p - 1] = leg
        length += leg
        load += board.demand[there]
        stay += board.service[there]
        here = there
    rounds.load[r], rounds.length[r], rounds.stay[r] = load, length, stay


@bare
def take_out(board: Board, rounds: Rounds, r: int, customer: int) -> None:
    """Remove one stop from a route."""
    size = rounds.size[r]
    p = 1
    while rounds.seq[r, p] != customer:
        p += 1
    here, there = rounds.seq[r, p - 1], rounds.seq[r, p + 1]
    joined = board.travel[here, there]
    rounds.length[r] += joined - rounds.edge[r, p - 1] - rounds.edge[r, p]
    rounds.load[r] -= board.demand[customer]
    rounds.stay[r] -= board.service[customer]
    rounds.edge[r, p - 1] = joined
    for q in range(p, size + 1):
        rounds.seq[r, q] = rounds.seq[r, q + 1]
        rounds.edge[r, q] = rounds.edge[r, q + 1]
    rounds.size[r] = size - 1
    if size == 1:
        rounds.length[r], rounds.load[r], rounds.stay[r] = 0.0, 0.0, 0.0
    rounds.route_of[customer, r // board.fleet] = -1


@bare
def put_in(board: Board, rounds: Rounds, r: int, p: int, customer: int) -> None:
    """Put a stop into a route after position p."""
    size = rounds.size[r]
    for q in range(size + 1, p, -1):
        rounds.seq[r, q + 1] = rounds.seq[r, q]
        rounds.edge[r, q] = rounds.edge[r, q - 1]
    here, there = rounds.seq[r, p], rounds.seq[r, p + 1]
    if size == 0:
        there = 0
    rounds.seq[r, p + 1] = customer
    rounds.seq[r, size + 2] = 0
    before, after = board.travel[here, customer], board.travel[customer, there]
    if size > 0:
        rounds.length[r] -= board.travel[here, there]
    rounds.length[r] += before + after
    rounds.edge[r, p], rounds.edge[r, p + 1] = before, after
    rounds.load[r] += board.demand[customer]
    rounds.stay[r] += board.service[customer]
    rounds.size[r] = size + 1
    rounds.route_of[customer, r // board.fleet] = r


@bare
def take_back(board: Board, rounds: Rounds, scratch: Scratch, touched: int) -> None:
    """Restore every route that this turn changed."""
    for row in range(touched):
        r = scratch.touched[row]
        day = r // board.fleet
        for p in range(1, rounds.size[r] + 1):
            rounds.route_of[rounds.seq[r, p], day] = -1
    for row in range(touched):
        r = scratch.touched[row]
        day = r // board.fleet
        size = scratch.kept_size[r]
        rounds.size[r] = size
        here = 0
        for p in range(1, size + 1):
            there = scratch.kept_seq[r, p]
            rounds.seq[r, p] = there
            rounds.edge[r, p - 1] = board.travel[here, there]
            rounds.route_of[there, day] = r
            here = there
        rounds.seq[r, size + 1] = 0
        rounds.edge[r, size] = board.travel[here, 0]
        rounds.load[r] = scratch.kept_figures[r, 0]
        rounds.length[r] = scratch.kept_figures[r, 1]
        rounds.stay[r] = scratch.kept_figures[r, 2]
        rounds.state[r] = scratch.kept_state[r]


@bare
def figures(board: Board, rounds: Rounds) -> tuple[float, float, float]:
    """The length of all routes, and by how much load and duration are above their limits."""
    length, overload, overtime = 0.0, 0.0, 0.0
    for r in range(len(rounds.size)):
        day = r // board.fleet
        length += rounds.length[r]
        overload += excess(rounds.load[r], board.capacity[day])
        overtime += excess(rounds.length[r] + rounds.stay[r], board.longest[day])
    return length, overload, overtime


@bare
def copy_routes(rounds: Rounds, seq: NDArray[np.int32], size: Ints) -> None:
    """Copy the stops of all routes aside."""
    for r in range(len(size)):
        size[r] = rounds.size[r]
        for p in range(1, rounds.size[r] + 1):
            seq[r, p] = rounds.seq[r, p]
