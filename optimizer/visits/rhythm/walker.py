"""One search of the periodic problem in progress: annealed in chunks, penalties steered between."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.rhythm.problem import RhythmProblem

if TYPE_CHECKING:
    from optimizer.visits.rhythm.board import Board, Ints, Rounds, Scratch

NEAR_KEPT = 100
KEPT_LOW, KEPT_HIGH = 0.3, 0.5  # share of turns that should keep a limit
STEER = 1.1
LEAST_PRICE = 1e-6  # of what a search begins with; a limit that never binds loses its price
ONE_DAY_SHARE = 0.45
EXCHANGE_SHARE = 0.3
SWAP_SHARE = 0.05  # of the turns that exchange nobody
MEAN_REMOVED = 10.0
SPARSE_LINKS = 5


@dataclass(slots=True, eq=False)
class Walker:
    """A search with its own random stream; ``seq`` and ``size`` its best plan within the limits."""

    board: "Board"
    random: NDArray[np.uint64]
    rounds: "Rounds" = field(init=False)
    scratch: "Scratch" = field(init=False)
    seq: NDArray[np.int32] = field(init=False)
    size: "Ints" = field(init=False)
    length: float = field(init=False, default=float("inf"))
    scale: float = field(init=False, default=1.0)
    per_load: float = field(init=False, default=1.0)
    per_time: float = field(init=False, default=1.0)
    least_load: float = field(init=False, default=0.0)
    turns: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        from optimizer.visits.rhythm.board import make_rounds, make_scratch

        routes = len(self.board.capacity) * self.board.fleet
        self.rounds = make_rounds(self.board)
        self.scratch = make_scratch(self.board)
        self.seq = np.zeros_like(self.rounds.seq)
        self.size = np.zeros(routes, dtype=np.int64)
        hops = _hops(self.board.travel)
        self.per_load = hops / max(1e-9, float(self.board.demand[1:].mean()))
        self.least_load = LEAST_PRICE * self.per_load
        self.start_afresh()

    def start_afresh(self) -> None:
        """Begin a new plan by inserting everybody where it costs least."""
        from optimizer.visits.rhythm.kernel import build

        build(self.board, self.rounds, self.scratch, self.per_load, self.per_time, self.random)
        used = self.rounds.size > 0
        legs = float((self.rounds.size[used] + 1).sum())
        self.scale = max(1e-9, float(self.rounds.length.sum()) / max(1.0, legs))

    def start_from(self, seq: NDArray[np.int32], size: "Ints") -> None:
        """Go on from a plan."""
        from optimizer.visits.rhythm.kernel import load_routes

        load_routes(self.board, self.rounds, self.scratch, seq, size)

    def graft(self, customers: "Ints", masks: "Ints") -> None:
        """Give some customers other days, -1 for the cheapest pattern."""
        from optimizer.visits.rhythm.kernel import graft

        graft(
            self.board,
            self.rounds,
            self.scratch,
            customers,
            masks,
            self.per_load,
            self.per_time,
            self.random,
        )

    def forget_best(self) -> None:
        """Look for a best plan anew."""
        self.length = float("inf")

    def anneal(self, turns: int, hot: float, cold: float) -> None:
        """Anneal from ``hot`` to ``cold`` (parts of the mean leg) and steer the penalties."""
        from optimizer.visits.rhythm.kernel import search

        length, load_kept, time_kept, _ = search(
            self.board,
            self.rounds,
            self.scratch,
            self.seq,
            self.size,
            self.length,
            turns,
            hot * self.scale,
            cold * self.scale,
            self.per_load,
            self.per_time,
            EXCHANGE_SHARE,
            SWAP_SHARE,
            ONE_DAY_SHARE,
            MEAN_REMOVED,
            self.random,
        )
        self.length = float(length)
        self.per_load = max(self.least_load, self.per_load * _steer(load_kept / turns))
        self.per_time = max(LEAST_PRICE, self.per_time * _steer(time_kept / turns))
        self.turns += turns


def _steer(kept: float) -> float:
    if kept < KEPT_LOW:
        return STEER
    return 1.0 / STEER if kept > KEPT_HIGH else 1.0


def _hops(travel: NDArray[np.float64]) -> float:
    between = np.sort(travel[1:, 1:], axis=1)[:, 1 : SPARSE_LINKS + 1]
    return max(1e-9, float(between.mean())) if between.size else 1.0


def make_board(problem: RhythmProblem) -> "Board":
    """The problem as the kernel reads it."""
    from optimizer.visits.rhythm.board import Board

    count = [len(options) for options in problem.patterns]
    return Board(
        travel=np.ascontiguousarray(problem.travel, dtype=np.float64),
        near=_near(problem.travel),
        demand=problem.load.astype(np.float64),
        service=problem.stay.astype(np.float64),
        first=np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64),
        choices=np.array(count, dtype=np.int64),
        mask=np.array([mask for options in problem.patterns for mask in options], dtype=np.int64),
        capacity=problem.capacity.astype(np.float64),
        longest=problem.longest.astype(np.float64),
        fleet=problem.fleet,
    )


def _near(travel: NDArray[np.float64]) -> NDArray[np.int32]:
    near = np.zeros((len(travel), min(NEAR_KEPT, len(travel) - 1)), dtype=np.int32)
    near[1:] = order_by_nearness(travel)[:, :NEAR_KEPT]
    return near


def order_by_nearness(travel: NDArray[np.float64]) -> NDArray[np.int64]:
    """All customers by nearness to each (n, n), itself first."""
    both = travel[1:, 1:] + travel[1:, 1:].T
    np.fill_diagonal(both, -1.0)
    return np.argsort(both, axis=1, kind="stable").astype(np.int64) + 1
