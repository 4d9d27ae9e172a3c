"""Tours of one horizon: ruin, recreate and local search over broken rules at a price, in threads.

The method is an annealed iterated local search: ``kernel_search`` says how a turn goes and whom it
follows. Temperatures are parts of a near leg or a prize and fall with the share of the budget
used, in one cooling or several (``cooling``). Threads search from seeds of their own and, when
their scouts are back, go on from the best of all.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from optimizer.run import Progress, Report, silent
from optimizer.visits.tours.cooling import Cooling, scale_of
from optimizer.visits.tours.layout import (
    BY_DRIVING,
    BY_LATENESS,
    BY_LOAD,
    DEMAND,
    HAS_PRIZES,
    HEAD,
    MUST,
    VISITS,
    WEIGHT,
    WEIGHT_BITS,
    Hot,
    Ints,
    Side,
)
from optimizer.visits.tours.prepare import make_search
from optimizer.visits.tours.problem import TourProblem, Tours, cost_of
from territory.errors import InputError
from territory.plans import StoppedBy

FIRST_TURNS = 20
CHUNK_SECONDS = 0.02
MOST_TURNS = 5000
CHUNKS = 400  # looks at temperature and stop when the limit is work
EPOCHS = 12
EXCHANGE_FROM = 0.6  # share of the budget after which threads go on from the best of all
PACED_AT = 0.05  # share of the budget after which the speed is known
FIRST_WEIGHT = 8.0  # of a second late, in seconds of driving
GIVE_UP_AT = 0.25  # share after which visits that must be made may be dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class TourParams:
    """How to search; the defaults serve all kinds of problem.

    ``near`` visits are tried beside each; a turn removes ``ruin_size`` visits in the mean, in
    strings of ``longest_string`` at most. Temperatures are parts of ``scale_of``: a cooling
    starts ``molten`` where there are turns enough to melt, the last one, from the best of the
    scouts, ``lukewarm``.
    """

    near: int = 25
    ruin_size: float = 12.0
    longest_string: float = 10.0
    blink: float = 0.01
    sound_share: float = 0.5
    absent_tried: int = 12
    molten: float = 1.0
    hot: float = 0.2
    lukewarm: float = 0.05
    cold: float = 0.01

    def __post_init__(self) -> None:
        if not 0 < self.cold <= self.lukewarm <= self.hot <= self.molten:
            raise ValueError("temperatures must be positive, each end not above its start")
        if self.near < 1 or self.ruin_size < 1 or self.longest_string < 1:
            raise ValueError("near, ruin_size and longest_string start at 1")


@dataclass(slots=True, eq=False)
class _Thread:
    """One search in progress."""

    hot: Hot
    side: Side
    knobs: NDArray[np.float64]
    sequence: Ints
    size: Ints
    mean_leg: float
    prize: Ints
    best: int
    cooling: Cooling
    is_paced: bool = False
    is_chosen: bool = False
    turns: int = 0
    chunk: int = FIRST_TURNS
    sound: Ints = field(default_factory=lambda: np.zeros(4, dtype=np.int64))

    def advance(self, turns: int, temperature: float) -> None:
        from optimizer.visits.tours.kernel_search import search

        self.best = search(
            self.hot,
            self.side,
            self.knobs,
            self.sequence,
            self.size,
            self.best,
            turns,
            temperature * self.scale,
            temperature * self.scale,
            self.sound,
        )
        self.turns += turns

    @property
    def scale(self) -> float:
        """What temperatures are parts of, as the best plan is."""
        served = self.sequence[: int(self.size.sum())]
        left_out = int(self.prize.sum()) - int(self.prize[served].sum())
        return scale_of(self.mean_leg, left_out / len(self.prize))

    def pace(self, turns_in_all: float) -> None:
        """Divide the budget, once its turns are known."""
        self.cooling = self.cooling.paced(turns_in_all / self.hot.rows[HEAD, VISITS])
        self.is_paced = True

    def go_on_from(self, other: "_Thread") -> None:
        from optimizer.visits.tours.kernel_search import load_routes

        self.best = other.best
        self.sequence[:] = other.sequence
        self.size[:] = other.size
        load_routes(self.hot, self.sequence, self.size)


def solve_tours(
    problem: TourProblem,
    *,
    seed: int = 1,
    seconds: float | None = None,
    iterations: int | None = None,
    threads: int = 1,
    params: TourParams | None = None,
    progress: Progress[Tours] = silent,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Tours:
    """Tours that break no rule, at the least cost found.

    Stops after ``iterations`` turns of each thread (then the same seed gives the same tours) or
    after ``seconds`` by ``clock``, or when ``cancel`` is set; one of the two limits is needed. A
    visit that must be made is left out only if no plan was found that makes it.
    """
    if (seconds is None) == (iterations is None):
        raise InputError("Tours need a limit.", fix="Give either seconds or iterations.")
    run = _Run(
        problem=problem,
        params=params or TourParams(),
        seconds=seconds,
        iterations=iterations,
        cancel=cancel or threading.Event(),
        clock=clock,
        progress=progress,
    )
    if problem.visits == 0 or not problem.vehicles or iterations == 0:
        return run.empty()
    return run.solve(seed, max(1, threads))


@dataclass(slots=True, kw_only=True, eq=False)
class _Run:
    problem: TourProblem
    params: TourParams
    seconds: float | None
    iterations: int | None
    cancel: threading.Event
    clock: Callable[[], float]
    progress: Progress[Tours]
    started: float = 0.0

    def __post_init__(self) -> None:
        self.started = self.clock()

    def empty(self) -> Tours:
        routes: tuple[tuple[int, ...], ...] = ((),) * len(self.problem.vehicles)
        return cost_of(self.problem, routes, iterations=0, stopped_by="work")

    def solve(self, seed: int, count: int) -> Tours:
        with ThreadPoolExecutor(count) as pool:
            searches = list(pool.map(lambda row: self._begin(seed, row), range(count)))
            for epoch in range(1, EPOCHS + 1):
                until = epoch / EPOCHS
                list(pool.map(self._advance, searches, [until] * count))
                best = min(searches, key=lambda search: search.best)
                self._tell(best, until)
                if self.cancel.is_set():
                    break
                for search in searches:
                    if until >= EXCHANGE_FROM and search.best > best.best:
                        search.go_on_from(best)
        turns = sum(search.turns for search in searches)
        return cost_of(
            self.problem, self._routes(best), iterations=turns, stopped_by=self._stopped_by()
        )

    def _stopped_by(self) -> StoppedBy:
        if self.cancel.is_set():
            return "cancelled"
        return "work" if self.seconds is None else "clock"

    def _begin(self, seed: int, row: int) -> _Thread:
        from optimizer.visits.tours.kernel_search import start

        params, problem = self.params, self.problem
        hot, side = make_search(problem, params.near, (seed, row))
        mean_leg = _mean_near_leg(hot, side)
        _set_weights(problem, hot, mean_leg)
        sequence = np.zeros(problem.visits, dtype=np.int64)
        size = np.zeros(len(problem.vehicles), dtype=np.int64)
        knobs = (params.ruin_size, params.longest_string, params.blink, params.sound_share)
        return _Thread(
            hot=hot,
            side=side,
            knobs=np.array([*knobs, params.absent_tried], dtype=np.float64),
            sequence=sequence,
            size=size,
            mean_leg=mean_leg,
            prize=np.array([cost or 0 for cost in problem.penalty], dtype=np.int64),
            cooling=Cooling(
                molten=params.molten, hot=params.hot, lukewarm=params.lukewarm, cold=params.cold
            ),
            best=start(hot, side, sequence, size),
        )

    def _done(self, search: _Thread) -> float:
        """The share of the budget used."""
        if self.iterations is not None:
            return search.turns / self.iterations
        assert self.seconds is not None
        return (self.clock() - self.started) / max(self.seconds, 1e-9)

    def _advance(self, search: _Thread, until: float) -> None:
        while (done := self._done(search)) < until and not self.cancel.is_set():
            if done >= GIVE_UP_AT and search.best >= MUST:
                search.hot.rows[HEAD, HAS_PRIZES] = 1
            if not search.is_paced and (self.iterations is not None or done >= PACED_AT):
                search.pace(self.iterations or search.turns / done)
            if not search.is_chosen and done >= search.cooling.chosen_at:
                search.go_on_from(search)
                search.is_chosen = True
            temperature = search.cooling.temperature(done)
            if self.iterations is not None:
                left = int(np.ceil(until * self.iterations)) - search.turns
                search.advance(min(left, max(1, self.iterations // CHUNKS)), temperature)
            else:
                before = self.clock()
                search.advance(search.chunk, temperature)
                speed = CHUNK_SECONDS / max(self.clock() - before, 1e-6)
                search.chunk = int(min(MOST_TURNS, max(1, search.chunk * min(2.0, speed))))

    def _routes(self, search: _Thread) -> tuple[tuple[int, ...], ...]:
        ends = np.cumsum(search.size)
        return tuple(
            tuple(int(u) for u in search.sequence[end - size : end])
            for end, size in zip(ends, search.size, strict=True)
        )

    def _tell(self, best: _Thread, fraction: float) -> None:
        tours = cost_of(self.problem, self._routes(best), iterations=best.turns, stopped_by="work")
        self.progress(
            Report(message="tours", fraction=fraction, objective=float(tours.cost), best=tours)
        )


def _mean_near_leg(hot: Hot, side: Side) -> float:
    count = len(side.near)
    near = side.near[:, :5]
    legs = hot.legs[0][np.arange(count)[:, None], near] if near.size else hot.legs[0]
    return max(1.0, float(np.mean(legs)))


def _set_weights(problem: TourProblem, hot: Hot, mean_leg: float) -> None:
    """First prices of broken rules: of the size of a leg, or of a prize where there are some."""
    one = 1 << WEIGHT_BITS
    seconds = max(1.0, float(np.mean(hot.legs[-1])))
    weight = hot.rows[WEIGHT]
    a_second = FIRST_WEIGHT * one * float(np.mean(hot.legs[0])) / seconds
    weight[[BY_LATENESS, BY_DRIVING]] = max(1, int(a_second))
    prizes = [cost for cost in problem.penalty if cost is not None]
    if prizes:
        weight[BY_LATENESS] = max(weight[BY_LATENESS], int(one * np.mean(prizes) / mean_leg))
    load = max(1, int(hot.rows[: problem.visits, DEMAND].max()))
    weight[BY_LOAD] = max(1, one * int(hot.legs[0].max()) // load)
