"""Runs of the annealed search side by side: in steps, looked at, told of, finished cold."""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel_anneal import anneal_lane, tracked
from optimizer.redraw.kernel_values import Ints, Lane, Random, Track
from optimizer.redraw.repair import lawful
from optimizer.redraw.schedule import LARGEST_STEP, QUENCH, Leash, Schedule, Step, one_border
from optimizer.redraw.sides import sides_of
from optimizer.run import Stop

Tell = Callable[[str, float, Ints | None], None]
QUENCH_PROPOSALS = 20  # a unit
QUENCH_STEPS = 10
STEP_PROPOSALS = 10  # a unit at most in a step: enough to pay for splitting the map anew
WARM_SHARE = (
    0.95  # of the time of a schedule, where the clock limits it; the rest is for the quench
)
TELLING_SHARE = 0.05  # of the time at most goes to telling of a better plan: it has to be measured
LOOKS = 12  # at the objective in a schedule
BEYOND = 2.0  # of cost for what is beyond tolerance, in means: the price of mending it


@dataclass(slots=True, kw_only=True)
class Run:
    """One start on its way: where it is, its generator, the best it has seen.

    ``hope`` is the most promising: a little beyond tolerance is mended at a small price, so a plan
    that is much cheaper may serve better than one within tolerance.
    """

    track: Track
    draw: np.random.Generator
    schedule: Schedule
    best: Ints
    best_key: tuple[float, float]
    hope: Ints
    promise: float
    quench: Schedule = QUENCH
    number: int = 0
    sides: int = 1

    @property
    def rank(self) -> tuple[tuple[float, float], int]:
        """Its best, and of equals the first start: whichever was looked at first."""
        return self.best_key, self.number


@dataclass(slots=True, kw_only=True)
class Runs:
    """All runs of one problem: the packed field, the threads, the best yet, what was done."""

    arena: Arena
    stop: Stop
    tell: Tell
    lane: Lane
    pool: ThreadPoolExecutor
    done: int = 0
    is_clocked: bool = False
    best: Ints | None = None
    best_rank: tuple[tuple[float, float], int] = ((math.inf, math.inf), 0)
    fraction: float = 0.1
    tell_after: float = 0.0

    def begin(
        self, owner: Ints, draw: np.random.Generator, schedule: Schedule, number: int = 0
    ) -> Run:
        """A run from these owners, made lawful."""
        first = lawful(owner, self.arena)
        key = self.arena.objective(first).key
        return Run(
            track=tracked(self.lane, first.copy()),
            draw=draw,
            schedule=schedule,
            best=first,
            best_key=key,
            hope=first,
            promise=promise_of(key),
            number=number,
        )

    def carry_on(
        self, runs: Sequence[Run], proposals: int, ends: float | None, span: tuple[float, float]
    ) -> None:
        """Take the runs through their schedules side by side, and finish them cold.

        ``proposals`` are those of each, ``ends`` is the second of the stop at which they have to be
        through, ``span`` is where on the progress, 0 to 1, this is.
        """
        began = self.stop.elapsed_seconds
        warm_until = None if ends is None else began + WARM_SHARE * (ends - began)
        largest = max(LARGEST_STEP, STEP_PROPOSALS * len(self.arena.field.place))
        leash = Leash(proposals=max(proposals, 1), ends=warm_until, largest=largest)
        looked = 0.0
        for step in leash.steps(self.stop):
            self._each(runs, [run.schedule for run in runs], step)
            self.done += step.proposals * len(runs)
            if step.end - looked >= 1 / LOOKS:
                looked = step.end
                self.look(runs, "anneal borders", span[0] + step.end * (span[1] - span[0]))
        self.is_clocked |= leash.is_clocked
        self._quench(runs, ends)
        self.look(runs, "cool down", span[1])

    def _quench(self, runs: Sequence[Run], ends: float | None) -> None:
        """A short cold finish, so that a run stopped while hot still returns something good."""
        size = QUENCH_PROPOSALS * len(self.arena.field.place) // QUENCH_STEPS
        for turn in range(QUENCH_STEPS):
            if turn and ends is not None and self.stop.elapsed_seconds >= ends:
                break
            share = turn / QUENCH_STEPS
            step = Step(start=share, end=share + 1 / QUENCH_STEPS, proposals=max(size, 1))
            self._each(runs, [run.quench for run in runs], step)

    def _each(self, runs: Sequence[Run], schedules: Sequence[Schedule], step: Step) -> None:
        jobs = [
            self.pool.submit(self._anneal, side, seed, step, run.sides, schedule)
            for run, schedule in zip(runs, schedules, strict=True)
            for side, seed in self._sides(run)
        ]
        ticks = [job.result() for job in jobs]
        for run in runs:
            run.track.tick[0] = max(ticks)

    def _sides(self, run: Run) -> Iterator[tuple[Track, Random]]:
        """What the loops of one step work on, each with a random state of its own."""
        sides = sides_of(run.track, self.lane, run.sides, run.draw)
        seeds = run.draw.integers(1, 2**63, size=(run.sides, 1), dtype=np.uint64)
        return zip(sides, seeds, strict=True)

    def _anneal(self, side: Track, rng: Random, step: Step, sides: int, schedule: Schedule) -> int:
        """One step of one side of so many; gives its tick."""
        field = self.arena.field
        stage, (heat, price, soft) = step.on(schedule)
        degrees = heat * one_border(len(field.place), len(field.homes))
        anneal_lane(
            self.lane, side, rng, step.proposals // sides, degrees, price, soft, stage.edge,
            stage.swaps,
        )  # fmt: skip
        return int(side.tick[0])

    def look(self, runs: Sequence[Run], message: str, fraction: float) -> None:
        """Keep the best yet, of each run and of all, and tell of it."""
        for run in runs:
            key = self.arena.objective(run.track.owner).key
            if key < run.best_key:
                run.best, run.best_key = run.track.owner.copy(), key
            if promise_of(key) < run.promise:
                run.hope, run.promise = run.track.owner.copy(), promise_of(key)
        first = min(runs, key=lambda run: run.rank)
        is_better = first.rank < self.best_rank
        if is_better:
            self.best, self.best_rank = first.best, first.rank
        self.fraction = max(self.fraction, 0.1 + 0.8 * fraction)
        now = self.stop.elapsed_seconds
        is_told = is_better and now >= self.tell_after
        self.tell(message, self.fraction, first.best if is_told else None)
        if is_told:
            took = self.stop.elapsed_seconds - now
            self.tell_after = now + took / TELLING_SHARE


def promise_of(key: tuple[float, float]) -> float:
    """What a plan of this violation and cost would cost, mended."""
    return key[1] + BEYOND * key[0]
