"""Annealed search: many starts raced, the best of them carried on, in steps to be stopped."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel_anneal import lane_of
from optimizer.redraw.kernel_values import Ints
from optimizer.redraw.labels import labelled
from optimizer.redraw.mend import LUMPY, lumps
from optimizer.redraw.problem import RedrawParams
from optimizer.redraw.runs import Run, Runs, Tell
from optimizer.redraw.schedule import CALM, GENTLE, STEEP
from optimizer.redraw.start import power_start
from optimizer.run import Stop

LEAST_PROPOSALS = 3_000_000  # of one start: a second or so, and small problems need the luck
RACERS = 3  # starts drawn for each that is carried on
RACE_SHARE = 0.2  # of the work and of the time, for all that race together
LEAST_RACE = 10  # proposals a unit below which a race tells nothing
MOST_PROPOSALS = 90_000_000  # of one start: a large map is done in minutes
LUMPY_WORK = 10  # times the work, where balance costs shape
LUMPY_PROPOSALS = 60_000_000  # of one start, at most, by that
FAR_OFF = 2e-3  # violation after the race which says that balance will be hard
AFTER_SHARE = 0.15  # of the time, at least, for the polish, the bounds and the words
AFTER_SECONDS = 2e-5  # a unit, at least, for the same


@dataclass(slots=True, kw_only=True)
class Plan:
    """What the search may do: work of each start, and seconds of its stop to be through by."""

    starts: int
    proposals: int
    began: float
    ends: float | None

    def at(self, share: float) -> float | None:
        """The second at which this share of the time is over, None without a clock."""
        return None if self.ends is None else self.began + share * (self.ends - self.began)


def search(arena: Arena, params: RedrawParams, stop: Stop, tell: Tell) -> tuple[Ints, int, bool]:
    """The best assignment of all starts, the proposals made, whether the clock allowed fewer.

    A start is the alignment before, or a power diagram; of these many are drawn and sprint, and
    only the best are carried on: where a start is after a thirtieth of its work foretells where it
    ends. Of equal starts the first wins, so the plan does not depend on how many run side by side.
    """
    names = start_names(arena, params)
    plan = work_of(arena, params, stop, len(names), is_whole=True)
    with ThreadPoolExecutor(max_workers=params.threads) as pool:
        runs = Runs(arena=arena, stop=stop, tell=tell, lane=lane_of(arena.field), pool=pool)
        chosen = _befores(names.count("before"), runs, params)
        race_share = 0.0
        if "power" in names:
            chosen += _raced(names.count("power"), runs, params, plan)
            race_share = RACE_SHARE if runs.done else 0.0
        work = int(plan.proposals - runs.done / len(names))
        for first in range(0, len(chosen), params.threads):
            if first and stop.now() is not None:
                break
            batch = chosen[first : first + params.threads]
            shares = [
                race_share + (1 - race_share) * place / len(chosen)
                for place in (first, first + len(batch))
            ]
            runs.carry_on(batch, work, plan.at(shares[1]), (shares[0], shares[1]))
    assert runs.best is not None
    return labelled(runs.best, arena), runs.done, runs.is_clocked


def carried_on(
    arena: Arena, owner: Ints, params: RedrawParams, stop: Stop
) -> tuple[Ints, int, bool]:
    """The best from one start at ``owner``, proposals made, whether the clock allowed fewer."""
    plan = work_of(arena, params, stop, 1)
    draw = np.random.default_rng([params.seed, 0])
    with ThreadPoolExecutor(max_workers=1) as pool:
        runs = Runs(
            arena=arena, stop=stop, tell=lambda *_: None, lane=lane_of(arena.field), pool=pool
        )
        run = runs.begin(owner, draw, GENTLE)
        runs.look([run], "begin", 0.0)
        runs.carry_on([run], plan.proposals, plan.ends, (0.0, 1.0))
    return run.best, runs.done, runs.is_clocked


def start_names(arena: Arena, params: RedrawParams) -> list[str]:
    """What the search begins from: "before" where it is kept, "power" diagrams."""
    problem = arena.problem
    has_before = bool((problem.owners_before >= 0).any())
    keeps = params.keep == "yes" or (params.keep == "auto" and problem.move_price > 0)
    return ["before"] * (params.starts if has_before and keeps else 0) + ["power"] * params.starts


def work_of(
    arena: Arena, params: RedrawParams, stop: Stop, starts: int, *, is_whole: bool = False
) -> Plan:
    """What each of so many starts may do within the params and the stop."""
    wanted = min(params.proposals_per_unit * len(arena.field.place), MOST_PROPOSALS)
    if is_whole and lumps(arena) >= LUMPY:
        wanted = max(wanted, min(LUMPY_WORK * wanted, LUMPY_PROPOSALS))
    wanted = max(wanted, LEAST_PROPOSALS)
    if stop.iterations is not None:
        wanted = min(wanted, stop.iterations // starts)
    began, left = stop.elapsed_seconds, stop.seconds_left
    after = 0.0 if left is None else max(AFTER_SHARE * left, AFTER_SECONDS * len(arena.field.place))
    ends = None if left is None else began + max(left - after, 0.3 * left)
    return Plan(starts=starts, proposals=max(wanted, 1), began=began, ends=ends)


def _befores(count: int, runs: Runs, params: RedrawParams) -> list[Run]:
    """Runs from the alignment before, every second one steep: nobody knows which temper suits."""
    owner = runs.arena.problem.owners_before.astype(np.int32)
    draws = [np.random.default_rng([params.seed, number]) for number in range(count)]
    made = [
        runs.begin(owner, draw, STEEP if number % 2 else GENTLE, number - count)
        for number, draw in enumerate(draws)
    ]
    if made:
        runs.look(made, "start from before", 0.0)
    return made


def _raced(count: int, runs: Runs, params: RedrawParams, plan: Plan) -> list[Run]:
    """The best ``count`` of many power diagrams after a sprint each, as time and work allow.

    Where balance stays far even for the best, every second one goes on steep.
    """
    work = int(RACE_SHARE * plan.proposals * plan.starts)
    racers = min(RACERS * count, work // (LEAST_RACE * len(runs.arena.field.place)))
    sprints = racers > count
    racers = racers if sprints else count
    found: list[Run] = []
    draw = partial(_power_run, runs, params, partial(_is_over, plan.at(RACE_SHARE), runs))
    for first in range(0, racers, params.threads):
        if found and (runs.stop.now() or _is_over(plan.at(RACE_SHARE * 0.8), runs)):
            break
        numbers = range(first, min(first + params.threads, racers))
        batch = list(runs.pool.map(draw, numbers))
        runs.look(batch, "draw starts", RACE_SHARE * first / racers)
        if sprints:
            shares = (RACE_SHARE * first / racers, RACE_SHARE * (numbers[-1] + 1) / racers)
            runs.carry_on(batch, work // racers, plan.at(shares[1]), shares)
        found += batch
    best = sorted(found, key=lambda run: run.best_key)[:count]
    if sprints and best[0].best_key[0] > FAR_OFF:
        for run in best[1::2]:
            run.schedule = STEEP
    return best


def _power_run(runs: Runs, params: RedrawParams, is_over: Callable[[], bool], number: int) -> Run:
    draw = np.random.default_rng([params.seed, number])
    owner = labelled(power_start(runs.arena, draw, is_over), runs.arena)
    return runs.begin(owner, draw, CALM, number)


def _is_over(second: float | None, runs: Runs) -> bool:
    is_late = second is not None and runs.stop.elapsed_seconds >= second
    return is_late or runs.stop.cancel.is_set()
