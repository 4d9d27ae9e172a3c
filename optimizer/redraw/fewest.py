"""As few changes as balance allows: tolerance first, then what moves, then compactness.

Nobody knows which price of moving is the largest that still meets the tolerance, so a few are
tried, each from today's alignment alone. At a price that outweighs shape and borders, annealing
comes near to a flow of least cost from surplus to want over borders of jurisdictions: balance
becomes dearer slowly, so surplus goes a step further only when the steps before cannot hold it.
Each search is mended, if need be at a lower price and annealed cold once more, so that what need
not have moved goes back; the plan that moves least of those within tolerance is taken.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from optimizer.redraw.field import Arena, arena
from optimizer.redraw.kernel_anneal import lane_of
from optimizer.redraw.kernel_values import Ints
from optimizer.redraw.method import finished
from optimizer.redraw.polish import polished
from optimizer.redraw.problem import RedrawParams, RedrawProblem
from optimizer.redraw.repair import lawful
from optimizer.redraw.runs import Runs
from optimizer.redraw.schedule import STIFF
from optimizer.redraw.search import work_of
from optimizer.redraw.takeback import taken_back
from optimizer.run import Progress, Report, Result, Stop, silent
from territory.alignment import AlignmentPlan

PRICES = (20.0, 40.0)  # of moving; by 5, shape and borders decide, beyond 80 balance suffers
EFFORT = 2  # times the work of a start: there are no others to choose from
EASY_PRICE = 5.0  # for mending what a high price leaves beyond tolerance
COLD_SHARE = 0.25  # of the work, for taking back after that
POLISH_SHARE = 0.5  # of the time that the search leaves, for mending what it found


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one price led to."""

    arena: Arena
    owner: Ints
    proposals: int = 0
    is_clocked: bool = False

    @property
    def key(self) -> tuple[float, float, float]:
        """Beyond tolerance, then the share that moves, then the cost of shape and borders."""
        value, price = self.arena.objective(self.owner), self.arena.problem.move_price
        return round(value.violation, 9), value.moved / price, value.cost - value.moved


def fewest_moves(
    problem: RedrawProblem,
    *,
    params: RedrawParams,
    stop: Stop,
    progress: Progress[AlignmentPlan] = silent,
) -> Result[AlignmentPlan]:
    """The plan that moves least of those found within tolerance; ``before`` must name somebody.

    An alignment that is within tolerance stays as it is, but for what no executive has. The cost of
    the result is at the price that was found, which a note names.

    Raises
    ------
    Infeasible
        If locked units leave no contiguous plan.
    """
    arenas = [arena(replace(problem, move_price=price)) for price in PRICES]
    today = lawful(problem.owners_before.astype(np.int32), arenas[0])
    start = Found(arena=arenas[0], owner=today)
    made = [start]
    if start.key[0] > 0:
        made += _tried(arenas, today, params, stop, progress)
    best = min(made, key=lambda one: one.key)
    if best is not start and stop.iterations is None:
        home = taken_back(best.owner, best.arena, params, _for_mending(stop, 1.0))
        best = min(best, replace(best, owner=home), key=lambda one: one.key)
    done = sum(one.proposals for one in made)
    clocked = any(one.is_clocked for one in made)
    result = finished(best.owner, best.arena, params, stop, done, is_clocked=clocked)
    return result if best is start else _with_price(result, best.arena.problem.move_price)


def _tried(
    arenas: Sequence[Arena],
    today: Ints,
    params: RedrawParams,
    stop: Stop,
    progress: Progress[AlignmentPlan],
) -> list[Found]:
    """What every price leads to, ``params.threads`` side by side: each draw has its own seed."""
    count = max(params.starts, len(arenas))
    jobs = [(arenas[number % len(arenas)], number) for number in range(count)]
    progress(Report(message=f"try {len(arenas)} prices of moving", fraction=0.1))
    with ThreadPoolExecutor(max_workers=params.threads) as pool:
        rounds = -(-count // params.threads)
        calls = [
            pool.submit(_annealed, ready, today, params, stop, count, number, rounds)
            for ready, number in jobs
        ]
        return [call.result() for call in calls]


def _annealed(
    ready: Arena,
    today: Ints,
    params: RedrawParams,
    stop: Stop,
    count: int,
    number: int,
    rounds: int,
) -> Found:
    """The best from today's owners at the price of this arena, mended."""
    plan = work_of(ready, params, stop, count)
    share = (number // params.threads + 1) / rounds
    draw = np.random.default_rng([params.seed, number])
    with ThreadPoolExecutor(max_workers=1) as pool:
        runs = Runs(
            arena=ready, stop=stop, tell=lambda *_: None, lane=lane_of(ready.field), pool=pool
        )
        run = runs.begin(today, draw, STIFF)
        runs.look([run], "begin", 0.0)
        work = plan.proposals * (EFFORT if stop.iterations is None else 1)
        runs.carry_on([run], work, plan.at(share), (0.0, 1.0))
        alone = replace(params, threads=1)
        best = polished(run.best, ready, alone, _for_mending(stop, rounds * share))
        if ready.objective(best).key[0] > 0 and stop.iterations is None and stop.now() is None:
            easy = arena(replace(ready.problem, move_price=EASY_PRICE))
            mended = polished(best, easy, alone, _for_mending(stop, rounds * share))
            again = runs.begin(mended, draw, STIFF[-1:])
            runs.carry_on([again], int(COLD_SHARE * work), plan.at(share), (1.0, 1.0))
            best = min(best, again.best, key=lambda owner: ready.objective(owner).key)
    return Found(arena=ready, owner=best, proposals=runs.done, is_clocked=runs.is_clocked)


def _for_mending(stop: Stop, rounds: float) -> Stop:
    """A share of what is left of the stop, with so many rounds of searches to come in all."""
    left = stop.seconds_left
    seconds = None if left is None else POLISH_SHARE * left / rounds
    return Stop(cancel=stop.cancel, iterations=stop.iterations, seconds=seconds)


def _with_price(result: Result[AlignmentPlan], price: float) -> Result[AlignmentPlan]:
    note = f"As few changes as were found: of the prices of moving tried, {price:g} moved least."
    return replace(result, plan=replace(result.plan, notes=(*result.plan.notes, note)))
