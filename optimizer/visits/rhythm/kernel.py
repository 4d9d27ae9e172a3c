"""Compiled ruin and recreate over patterns and routes together, in a penalised space.

Slack induction by string removals (Christiaens and Vanden Berghe 2020, Transportation Science):
strings of stops are cut from routes near a random customer and put back one by one where they cost
least, passing over a position now and then ("blinks"). A customer with several patterns loses all
its visits at once and takes the pattern whose days together cost least (Vidal et al. 2012 choose
patterns so inside their local search); part of the turns ruin one day alone and keep the patterns,
part exchange two customers, part two days of a region.
Load and duration above their limits are paid for, so that the search may cross what is infeasible.

Loaded only where it is needed, for numba takes a second to import.
"""

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.bare import bare
from optimizer.visits.rhythm.board import Board, Ints, Rounds, Scratch
from optimizer.visits.rhythm.kernel_exchange import exchange
from optimizer.visits.rhythm.kernel_recreate import order, put_back
from optimizer.visits.rhythm.kernel_routes import (
    copy_routes,
    excess,
    figures,
    refresh,
    remember,
    take_back,
    take_out,
    uniform,
)
from optimizer.visits.rhythm.kernel_ruin import ruin, swap_days_around

BLINK = 0.01
TINY = 1e-7


@bare
def search(
    board: Board,
    rounds: Rounds,
    scratch: Scratch,
    best_seq: NDArray[np.int32],
    best_size: Ints,
    best_length: float,
    turns: int,
    hot: float,
    cold: float,
    per_load: float,
    per_time: float,
    exchange_share: float,
    swap_share: float,
    one_day_share: float,
    mean_removed: float,
    random: NDArray[np.uint64],
) -> tuple[float, int, int, int]:
    """Anneal ``turns`` turns from temperature ``hot`` to ``cold``, in units of travel.

    ``rounds`` is where it goes on from and is changed; the best plan within all limits is left in
    ``best_seq`` and ``best_size``. Returns its length and of how many turns the plan kept the load
    limits, the duration limits, and was taken.
    """
    length, overload, overtime = figures(board, rounds)
    cooling = (cold / hot) ** (1.0 / max(1, turns))
    temperature = hot
    load_kept, time_kept, taken = 0, 0, 0
    days = len(board.capacity)
    for _ in range(turns):
        one_day = -1
        if uniform(random) < one_day_share:
            one_day = int(uniform(random) * days)
        if uniform(random) < exchange_share:
            count, touched = 0, exchange(board, rounds, scratch, random)
        elif days > 1 and uniform(random) < swap_share:
            count, touched = swap_days_around(board, rounds, scratch, random)
        else:
            count, touched = ruin(board, rounds, scratch, one_day, mean_removed, random)
        order(board, scratch, count, random)
        for row in range(count):
            touched = put_back(
                board,
                rounds,
                scratch,
                scratch.absent[row],
                per_load,
                per_time,
                BLINK,
                touched,
                random,
            )
        longer, more_load, more_time = 0.0, 0.0, 0.0
        for row in range(touched):
            r = scratch.touched[row]
            day = r // board.fleet
            load, was, stay = (
                scratch.kept_figures[r, 0],
                scratch.kept_figures[r, 1],
                scratch.kept_figures[r, 2],
            )
            longer += rounds.length[r] - was
            more_load += excess(rounds.load[r], board.capacity[day])
            more_load -= excess(load, board.capacity[day])
            more_time += excess(rounds.length[r] + rounds.stay[r], board.longest[day])
            more_time -= excess(was + stay, board.longest[day])
        change = longer + per_load * more_load + per_time * more_time
        if change < -temperature * np.log(uniform(random) + 1e-300):
            taken += 1
            length += longer
            overload += more_load
            overtime += more_time
            if length < best_length - TINY and overload < TINY and overtime < TINY:
                exact, over, late = figures(board, rounds)
                if exact < best_length - TINY and over < TINY and late < TINY:
                    best_length = exact
                    copy_routes(rounds, best_seq, best_size)
        else:
            take_back(board, rounds, scratch, touched)
        for row in range(touched):
            scratch.kept_size[scratch.touched[row]] = -1
        load_kept += overload < TINY
        time_kept += overtime < TINY
        temperature *= cooling
    return best_length, load_kept, time_kept, taken


@bare
def settle(rounds: Rounds, scratch: Scratch, touched: int) -> None:
    """Forget what the touched routes were."""
    for row in range(touched):
        scratch.kept_size[scratch.touched[row]] = -1


@bare
def build(
    board: Board,
    rounds: Rounds,
    scratch: Scratch,
    per_load: float,
    per_time: float,
    random: NDArray[np.uint64],
) -> None:
    """Make a plan from nothing by cheapest insertion in a random order."""
    empty_routes(board, rounds, scratch)
    count = 0
    for customer in range(1, len(board.demand)):
        scratch.absent[count] = customer
        scratch.missing[customer] = -1
        count += 1
    order(board, scratch, count, random)
    touched = 0
    for row in range(count):
        customer = scratch.absent[row]
        touched = put_back(
            board, rounds, scratch, customer, per_load, per_time, BLINK, touched, random
        )
    settle(rounds, scratch, touched)


@bare
def empty_routes(board: Board, rounds: Rounds, scratch: Scratch) -> None:
    """Take every stop out."""
    rounds.route_of[:] = -1
    for r in range(len(rounds.size)):
        rounds.size[r] = 0
        refresh(board, rounds, r)
        scratch.clock[0] += 1
        rounds.state[r] = scratch.clock[0]


@bare
def load_routes(
    board: Board, rounds: Rounds, scratch: Scratch, seq: NDArray[np.int32], size: Ints
) -> None:
    """Take over the stops of a plan."""
    empty_routes(board, rounds, scratch)
    for r in range(len(size)):
        rounds.size[r] = size[r]
        for p in range(1, size[r] + 1):
            rounds.seq[r, p] = seq[r, p]
            rounds.route_of[seq[r, p], r // board.fleet] = r
        refresh(board, rounds, r)


@bare
def graft(
    board: Board,
    rounds: Rounds,
    scratch: Scratch,
    customers: Ints,
    masks: Ints,
    per_load: float,
    per_time: float,
    random: NDArray[np.uint64],
) -> None:
    """Take customers out and put them back on the days asked for, -1 for the cheapest pattern."""
    touched, count = 0, len(customers)
    for row in range(count):
        customer = customers[row]
        for day in range(len(board.capacity)):
            r = rounds.route_of[customer, day]
            if r >= 0:
                touched = remember(rounds, scratch, r, touched)
                take_out(board, rounds, r, customer)
        scratch.absent[row] = customer
        scratch.missing[customer] = masks[row]
    order(board, scratch, count, random)
    for row in range(count):
        customer = scratch.absent[row]
        touched = put_back(
            board, rounds, scratch, customer, per_load, per_time, BLINK, touched, random
        )
    settle(rounds, scratch, touched)
