"""Compiled ruin: strings of stops are cut from the routes near a random customer."""

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.bare import bare
from optimizer.visits.rhythm.board import Board, Rounds, Scratch
from optimizer.visits.rhythm.kernel_routes import refresh, remember, take_out, uniform

LONGEST_STRING = 10
MOST_AROUND = 30  # customers that exchange days together
SPLIT = 0.5  # share of strings cut around a part that stays
SPLIT_DEEPER = 0.01


@bare
def drop(
    board: Board, rounds: Rounds, scratch: Scratch, customer: int, day: int, count: int
) -> int:
    """Note that a customer's visit of a day has gone; how many are absent by now."""
    if scratch.missing[customer] == 0:
        scratch.absent[count] = customer
        count += 1
    scratch.missing[customer] |= 1 << day
    rounds.route_of[customer, day] = -1
    return count


@bare
def cut_string(
    board: Board,
    rounds: Rounds,
    scratch: Scratch,
    r: int,
    customer: int,
    longest: float,
    count: int,
    random: NDArray[np.uint64],
) -> int:
    """Cut a string of stops around a customer out of its route."""
    size = rounds.size[r]
    day = r // board.fleet
    length = int(uniform(random) * min(float(size), longest)) + 1
    spared = 0
    if length < size and uniform(random) < SPLIT:
        spared = 1
        while length + spared < size and uniform(random) < SPLIT_DEEPER:
            spared += 1
    total = length + spared
    at = 1
    while rounds.seq[r, at] != customer:
        at += 1
    low, high = max(1, at - total + 1), min(at, size - total + 1)
    begin = low + int(uniform(random) * (high - low + 1))
    gap = begin + int(uniform(random) * (length + 1)) if spared else begin + total
    write = begin
    for p in range(begin, size + 1):
        stop = rounds.seq[r, p]
        if p < begin + total and not gap <= p < gap + spared:
            count = drop(board, rounds, scratch, stop, day, count)
        else:
            rounds.seq[r, write] = stop
            write += 1
    rounds.size[r] = write - 1
    refresh(board, rounds, r)
    return count


@bare
def ruin(
    board: Board,
    rounds: Rounds,
    scratch: Scratch,
    one_day: int,
    mean_removed: float,
    random: NDArray[np.uint64],
) -> tuple[int, int]:
    """Cut strings near a random customer; how many customers are absent and routes touched.

    With ``one_day`` from 0 only that day's routes are cut.
    """
    routes = len(rounds.size)
    used, served = 0, 0
    for r in range(routes):
        if rounds.size[r] > 0 and (one_day < 0 or r // board.fleet == one_day):
            used += 1
            served += rounds.size[r]
    if used == 0:
        return 0, 0
    longest = min(float(LONGEST_STRING), served / used)
    strings = int(uniform(random) * (4.0 * mean_removed / (1.0 + longest) - 1.0)) + 1
    seed = 1 + int(uniform(random) * (len(board.demand) - 1))
    days = len(board.capacity)
    count, touched = 0, 0
    for rank in range(board.near.shape[1]):
        if strings == 0:
            break
        customer = board.near[seed, rank]
        if scratch.missing[customer] != 0:
            continue
        r = -1
        if one_day >= 0:
            r = rounds.route_of[customer, one_day]
        else:
            shift = int(uniform(random) * days)
            for step in range(days):
                r = rounds.route_of[customer, (shift + step) % days]
                if r >= 0:
                    break
        if r < 0 or scratch.kept_size[r] >= 0:
            continue
        touched = remember(rounds, scratch, r, touched)
        count = cut_string(board, rounds, scratch, r, customer, longest, count, random)
        strings -= 1
    if one_day < 0:
        touched = drop_other_days(board, rounds, scratch, count, touched)
    return count, touched


@bare
def drop_other_days(
    board: Board, rounds: Rounds, scratch: Scratch, count: int, touched: int
) -> int:
    """Take what is absent and may choose its pattern out of its other days as well."""
    for row in range(count):
        customer = scratch.absent[row]
        if board.choices[customer] == 1:
            continue
        for day in range(len(board.capacity)):
            r = rounds.route_of[customer, day]
            if r >= 0:
                touched = remember(rounds, scratch, r, touched)
                take_out(board, rounds, r, customer)
        scratch.missing[customer] = -1
    return touched


@bare
def swap_days_around(
    board: Board, rounds: Rounds, scratch: Scratch, random: NDArray[np.uint64]
) -> tuple[int, int]:
    """Take the customers near a random one out, to come back with two days exchanged.

    A region that is served on Mondays among neighbours served on Tuesdays cannot change over one
    customer at a time without dear turns in between. Who is seen on Mondays and Wednesdays and may
    not be seen on Tuesdays and Wednesdays takes a pattern of its own that has Tuesday for Monday.
    """
    days = len(board.capacity)
    first = int(uniform(random) * days)
    second = (first + 1 + int(uniform(random) * (days - 1))) % days
    seed = 1 + int(uniform(random) * (len(board.demand) - 1))
    wanted = min(board.near.shape[1], 2 + int(uniform(random) * MOST_AROUND))
    count, touched = 0, 0
    for rank in range(wanted):
        customer = board.near[seed, rank]
        old = 0
        for day in range(days):
            if rounds.route_of[customer, day] >= 0:
                old |= 1 << day
        new = exchanged(board, customer, old, first, second, random)
        if new == old:
            continue
        for day in range(days):
            r = rounds.route_of[customer, day]
            if r >= 0:
                touched = remember(rounds, scratch, r, touched)
                take_out(board, rounds, r, customer)
        scratch.absent[count] = customer
        scratch.missing[customer] = new
        count += 1
    return count, touched


@bare
def exchanged(
    board: Board, customer: int, old: int, first: int, second: int, random: NDArray[np.uint64]
) -> int:
    """A customer's days with two exchanged, or a random pattern with one for the other.

    The days as they are where the customer has both or neither, or no such pattern.
    """
    has_first, has_second = old >> first & 1, old >> second & 1
    if has_first == has_second:
        return old
    new = old ^ (1 << first) ^ (1 << second)
    if may_have(board, customer, new):
        return new
    lost, gained = (first, second) if has_first else (second, first)
    found, fits = old, 0
    for row in range(board.first[customer], board.first[customer] + board.choices[customer]):
        mask = board.mask[row]
        if mask >> gained & 1 and not mask >> lost & 1:
            fits += 1
            if uniform(random) * fits < 1.0:
                found = mask
    return found


@bare
def may_have(board: Board, customer: int, mask: int) -> bool:
    """Whether a set of days is among a customer's patterns."""
    for row in range(board.first[customer], board.first[customer] + board.choices[customer]):
        if board.mask[row] == mask:
            return True
    return False
