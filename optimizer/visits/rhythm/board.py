"""The arrays of the rhythm kernel: the problem, the routes in the making, what one turn needs."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Board(NamedTuple):
    """The problem as arrays; node 0 is the depot, days have ``fleet`` routes each.

    ``mask[first[c] : first[c] + choices[c]]`` are the patterns of customer c, a bit for each day.
    """

    travel: Floats  # (n + 1, n + 1)
    near: NDArray[np.int32]  # (n + 1, k): customers by nearness, the customer itself first
    demand: Floats
    service: Floats
    first: Ints
    choices: Ints
    mask: Ints
    capacity: Floats  # (days,)
    longest: Floats  # (days,)
    fleet: int


class Rounds(NamedTuple):
    """The routes of a search in the making; row ``day * fleet + vehicle``."""

    seq: NDArray[np.int32]  # (routes, n + 2): depot, stops, depot
    edge: Floats  # edge[r, p] leads from position p to p + 1
    size: Ints
    load: Floats
    length: Floats
    stay: Floats
    route_of: NDArray[np.int32]  # (n + 1, days): -1 where there is no visit
    state: Ints  # a number that is new whenever the stops of a route are


class Scratch(NamedTuple):
    """What one turn needs, made once."""

    kept_seq: NDArray[np.int32]
    kept_size: Ints  # -1 for a route this turn has not touched
    kept_figures: Floats  # (routes, 3): load, length, stay
    kept_state: Ints
    touched: Ints
    missing: Ints  # a bit for each day on which a customer has to be put back
    absent: Ints
    key: Floats
    day_cost: Floats
    day_route: Ints
    day_place: Ints
    clock: Ints  # the last state given
    seen_state: NDArray[np.int64]  # (n + 1, routes): in which state a customer's way in was found
    seen_longer: NDArray[np.float64]
    seen_place: NDArray[np.int32]


def make_rounds(board: Board) -> Rounds:
    """Empty routes."""
    nodes, days = len(board.demand), len(board.capacity)
    routes = days * board.fleet
    return Rounds(
        seq=np.zeros((routes, nodes + 2), dtype=np.int32),
        edge=np.zeros((routes, nodes + 2)),
        size=np.zeros(routes, dtype=np.int64),
        load=np.zeros(routes),
        length=np.zeros(routes),
        stay=np.zeros(routes),
        route_of=np.full((nodes, days), -1, dtype=np.int32),
        state=np.arange(1, routes + 1, dtype=np.int64),
    )


def make_scratch(board: Board) -> Scratch:
    """Room for the turns of one search."""
    nodes, days = len(board.demand), len(board.capacity)
    routes = days * board.fleet
    return Scratch(
        kept_seq=np.zeros((routes, nodes + 2), dtype=np.int32),
        kept_size=np.full(routes, -1, dtype=np.int64),
        kept_figures=np.zeros((routes, 3)),
        kept_state=np.zeros(routes, dtype=np.int64),
        touched=np.zeros(routes, dtype=np.int64),
        missing=np.zeros(nodes, dtype=np.int64),
        absent=np.zeros(nodes, dtype=np.int64),
        key=np.zeros(nodes),
        day_cost=np.zeros(days),
        day_route=np.zeros(days, dtype=np.int64),
        day_place=np.zeros(days, dtype=np.int64),
        clock=np.array([routes + 1], dtype=np.int64),
        seen_state=np.zeros((nodes, routes), dtype=np.int64),
        seen_longer=np.zeros((nodes, routes)),
        seen_place=np.zeros((nodes, routes), dtype=np.int32),
    )
