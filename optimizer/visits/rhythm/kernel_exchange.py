"""Compiled exchange of two customers: each takes the other's days and routes.

Where routes are filled to the brim nobody fits in before somebody has left, which ruin and recreate
does only by luck; the two change places in one cheap turn (the exchange of Vidal et al. 2012's
local search, drawn at random and annealed).
"""

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.bare import bare
from optimizer.visits.rhythm.board import Board, Rounds, Scratch
from optimizer.visits.rhythm.kernel_recreate import scan
from optimizer.visits.rhythm.kernel_routes import put_in, remember, take_out, uniform
from optimizer.visits.rhythm.kernel_ruin import may_have

REACH = 30  # nearest customers among which the other is drawn
TRIES = 12


@bare
def exchange(board: Board, rounds: Rounds, scratch: Scratch, random: NDArray[np.uint64]) -> int:
    """Exchange a random customer with one near it; how many routes are touched, 0 if none can."""
    reach = min(REACH, board.near.shape[1] - 1)
    if reach < 1:
        return 0
    one = 1 + int(uniform(random) * (len(board.demand) - 1))
    mine = days_of(board, rounds, one)
    for _ in range(TRIES):
        other = board.near[one, 1 + int(uniform(random) * reach)]
        theirs = days_of(board, rounds, other)
        if mine != theirs and not (may_have(board, one, theirs) and may_have(board, other, mine)):
            continue
        touched = change_places(board, rounds, scratch, one, other)
        if touched > 0:
            return touched
    return 0


@bare
def change_places(board: Board, rounds: Rounds, scratch: Scratch, one: int, other: int) -> int:
    """Put each of two customers where it costs least into the routes that the other leaves.

    Days on which both are in one route stay as they are. Returns how many routes are touched.
    """
    touched = 0
    for day in range(len(board.capacity)):
        r, s = rounds.route_of[one, day], rounds.route_of[other, day]
        if r == s:
            continue
        if r >= 0:
            touched = remember(rounds, scratch, r, touched)
            take_out(board, rounds, r, one)
        if s >= 0:
            touched = remember(rounds, scratch, s, touched)
            take_out(board, rounds, s, other)
        if r >= 0:
            _, p = scan(board, rounds, r, other, -1)
            put_in(board, rounds, r, p, other)
        if s >= 0:
            _, p = scan(board, rounds, s, one, -1)
            put_in(board, rounds, s, p, one)
    return touched


@bare
def days_of(board: Board, rounds: Rounds, customer: int) -> int:
    """The days on which a customer is seen, a bit for each."""
    mask = 0
    for day in range(len(board.capacity)):
        if rounds.route_of[customer, day] >= 0:
            mask |= 1 << day
    return mask
