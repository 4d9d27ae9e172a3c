"""Solves the periodic problem: coolings from new plans, then children of the good ones, cooled.

A long cooling reaches what no number of short ones does, so little work is one cooling and only
what is left after long ones goes into children.
The threads meet after every cooling, so that a number of turns gives the same plan again.
A cancelled search freezes its best plan at once, for a plan out of a hot search is a poor one.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.rhythm.elite import Pool, cross, make_elite
from optimizer.visits.rhythm.problem import RhythmPlan, RhythmProblem, measure
from optimizer.visits.rhythm.walker import Walker, make_board, order_by_nearness

TURNS_PER_VISIT = 2_000  # the default amount of work, per visit and thread
CHUNK_TURNS = 1_000  # turns between two looks at the clock
HOT, WARM, COLD = 1.0, 0.2, 0.07  # of the mean leg: new plans, children, where both end
FROZEN = 0.02  # of the mean leg, at the very end of a cooling
FREEZING = 0.1  # part of a cooling that goes from cold to frozen
ONE_COOLING_TURNS = 9_000  # per visit; less work than this is one cooling, whole
SCOUT_PART = 0.6  # of more work: coolings from new plans
SCOUT_TURNS = 6_000  # per visit, of one such cooling
MOST_SCOUTS = 6
CHILD_TURNS = 600  # per visit
QUENCH_TURNS = 100  # per visit, after a search was cancelled
QUENCH_STEPS = 10
TELL_SECONDS = 1.0  # between two words on a cooling
TRIAL_TURNS = 2_000  # to learn how many turns a clock allows


def solve_rhythm(
    problem: RhythmProblem,
    *,
    seed: int = 1,
    turns: int | None = None,
    seconds: float | None = None,
    threads: int = 1,
    cancel: threading.Event | None = None,
    progress: Callable[[float, float], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> RhythmPlan:
    """The shortest plan found; patterns, days and routes are chosen together.

    ``turns`` (of each thread) make the plan repeatable for a seed and a number of threads;
    ``seconds`` of ``clock`` do not. Without either ``TURNS_PER_VISIT`` for each visit. ``progress``
    is told the part of the work done and the best length within the limits, after every cooling
    and about once a second. ``cancel`` ends the search with its best plan, cooled in haste. A plan
    that keeps the limits is returned if one was found, else the last one.
    """
    if problem.customers == 0:
        return measure(problem, [[()] * problem.fleet] * problem.days)
    board = make_board(problem)
    states = np.random.SeedSequence([seed]).generate_state(max(1, threads), dtype=np.uint64)
    walkers = [Walker(board, np.array([state | 1], dtype=np.uint64)) for state in states]
    if turns is None and seconds is None:
        turns = TURNS_PER_VISIT * problem.visits
    run = _Run(
        problem=problem,
        walkers=walkers,
        random=np.random.default_rng([seed, 1]),
        near=order_by_nearness(problem.travel),
        turns=turns,
        seconds=seconds,
        cancel=cancel or threading.Event(),
        clock=clock,
        began=clock(),
        progress=progress or (lambda _part, _length: None),
        parts=[0.0] * len(walkers),
    )
    pool = run.go()
    return _plan(problem, walkers, pool)


@dataclass(slots=True, kw_only=True)
class _Run:
    problem: RhythmProblem
    walkers: Sequence[Walker]
    random: np.random.Generator
    near: NDArray[np.int64]
    turns: int | None
    seconds: float | None
    cancel: threading.Event
    clock: Callable[[], float]
    began: float
    progress: Callable[[float, float], None]
    parts: list[float]  # of the work, done by each walker
    pool: Pool = field(default_factory=Pool)

    def go(self) -> Pool:
        """Scout for plans, then cross the good ones until the work is done."""
        scouts, children = _shares(self._turns_each() / self.problem.visits)
        scouting = SCOUT_PART if children else 1.0
        done = 0.0
        with ThreadPoolExecutor(len(self.walkers)) as executor:
            for number in range(scouts):
                if number and self.cancel.is_set():
                    break
                for walker in self.walkers if number else ():
                    walker.start_afresh()
                done = self._cool_all(executor, HOT, done, scouting * (number + 1) / scouts)
            for number in range(children):
                if self.cancel.is_set():
                    break
                self._breed()
                part = SCOUT_PART + (1.0 - SCOUT_PART) * (number + 1) / children
                done = self._cool_all(executor, WARM, done, part)
        return self.pool

    def _breed(self) -> None:
        for walker in self.walkers:
            if not self.pool.members:
                continue  # nothing keeps the limits yet: go on from where it stands
            first, second = self.pool.parents(self.random)
            crossing = cross(self.problem, self.near, first, second, self.random)
            walker.start_from(first.seq, first.size)
            walker.graft(crossing.customers, crossing.masks)

    def _cool_all(
        self, executor: ThreadPoolExecutor, hot: float, begin: float, end: float
    ) -> float:
        jobs = [
            executor.submit(self._cool, row, hot, begin, end) for row in range(len(self.walkers))
        ]
        while wait(jobs, timeout=TELL_SECONDS).not_done:
            self.progress(min(self.parts), self._best_length())
        for job in jobs:
            job.result()
        for walker in self.walkers:
            if np.isfinite(walker.length):
                nodes = len(self.problem.load)
                self.pool.add(
                    make_elite(walker.seq, walker.size, walker.length, self.problem.fleet, nodes)
                )
        self.progress(end, self._best_length())
        return end

    def _best_length(self) -> float:
        kept = [self.pool.best.length] if self.pool.members else []
        return min([*kept, *(walker.length for walker in self.walkers)])

    def _turns_each(self) -> float:
        """The turns of a thread that the limits allow, by trial where only the clock is set."""
        if self.seconds is None:
            return float(self.turns or 0)
        first = self.walkers[0]
        first.anneal(TRIAL_TURNS, HOT, HOT)
        spent = max(1e-6, self.clock() - self.began)
        most = TRIAL_TURNS * self.seconds / spent
        return most if self.turns is None else min(most, self.turns)

    def _cool(self, row: int, hot: float, begin: float, end: float) -> None:
        """Anneal until the part ``end`` of the work is done."""
        walker = self.walkers[row]
        walker.forget_best()
        part = self.parts[row] = begin
        before = walker.turns
        while part < end - 1e-12 and not self.cancel.is_set():
            step = CHUNK_TURNS
            if self.turns is not None:
                due = self._due(begin, end)
                step = max(1, min(step, before + due - walker.turns))
            warmth = _heat(hot, (part - begin) / (end - begin))
            walker.anneal(step, warmth, warmth)
            part = max(begin, self._part(walker, before, begin, end))
            self.parts[row] = min(part, end)
        if self.cancel.is_set():
            self._quench(walker)

    def _quench(self, walker: Walker) -> None:
        """Freeze the best plan of a cooling that ends before its time."""
        if np.isfinite(walker.length):
            walker.start_from(walker.seq, walker.size)
        for step in range(QUENCH_STEPS):
            heat = COLD * (FROZEN / COLD) ** (step / (QUENCH_STEPS - 1))
            walker.anneal(QUENCH_TURNS * self.problem.visits // QUENCH_STEPS, heat, heat)

    def _due(self, begin: float, end: float) -> int:
        """The turns between two parts of the work, so that they add up."""
        turns = self.turns or 0
        return max(1, round(end * turns) - round(begin * turns))

    def _part(self, walker: Walker, before: int, begin: float, end: float) -> float:
        by_turns = by_clock = 0.0
        if self.turns is not None:
            due = self._due(begin, end)
            by_turns = begin + (end - begin) * (walker.turns - before) / due
        if self.seconds is not None:
            by_clock = (self.clock() - self.began) / self.seconds
        return max(by_turns, by_clock)


def _shares(turns: float) -> tuple[int, int]:
    """How many scouts and how many children each thread cools, by its turns per visit."""
    if turns < ONE_COOLING_TURNS:
        return 1, 0
    scouts = round(SCOUT_PART * turns / SCOUT_TURNS)
    return min(MOST_SCOUTS, scouts), round((1.0 - SCOUT_PART) * turns / CHILD_TURNS)


def _heat(hot: float, part: float) -> float:
    cooled = part / (1.0 - FREEZING)
    if cooled < 1.0:
        return float(hot * (COLD / hot) ** cooled)
    return float(COLD * (FROZEN / COLD) ** min(1.0, (part - 1.0 + FREEZING) / FREEZING))


def _plan(problem: RhythmProblem, walkers: Sequence[Walker], pool: Pool) -> RhythmPlan:
    if pool.members:
        seq, size = pool.best.seq, pool.best.size
    else:
        seq, size = walkers[0].rounds.seq, walkers[0].rounds.size
    routes = [
        [
            tuple(int(stop) for stop in seq[row, 1 : size[row] + 1])
            for row in range(day * problem.fleet, (day + 1) * problem.fleet)
        ]
        for day in range(problem.days)
    ]
    return measure(problem, routes, turns=sum(walker.turns for walker in walkers))
