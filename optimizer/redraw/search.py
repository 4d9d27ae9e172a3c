"""Annealed search: many starts raced, the best of them carried on, in steps to be stopped."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from optimizer.redraw.coarse import Coarse, can_join, coarse
from optimizer.redraw.field import Arena
from optimizer.redraw.field import arena as arena_of
from optimizer.redraw.kernel_anneal import lane_of
from optimizer.redraw.kernel_values import Ints
from optimizer.redraw.labels import labelled
from optimizer.redraw.mend import LUMPY, lumps, mended
from optimizer.redraw.problem import RedrawParams
from optimizer.redraw.runs import Run, Runs, Tell
from optimizer.redraw.schedule import CALM, DEAR_QUENCH, FLOW, GENTLE, STEEP, WARM
from optimizer.redraw.start import power_start
from optimizer.run import Stop

LEAST_PROPOSALS = 3_000_000  # of one start: a second or so, and small problems need the luck
RACERS = 10  # starts drawn at most
RACE_UNITS = 200_000  # of all that race: large maps cannot wait, and luck evens out on them
RACE_SHARE = 0.25  # of the work and of the time, for all that race together
SPRINT = 80  # proposals a unit of each that races
LEAST_RACE = 10  # proposals a unit below which a race tells nothing
JOINED_SPRINT = 150  # of those of joined units
JOINED_PROPOSALS = 1000  # a joined unit, of the best of these
COARSE_SHARE = 0.45  # of the work and of the time, for all that goes on with joined units
SETTLE_SHARE = 0.4  # of what is left after them, where surplus has to flow
FLOW_PROPOSALS = 1500  # a unit, for that
MOST_FLOW_PROPOSALS = 75_000_000  # more only frays borders
CLOCKED_WORK = 1.4  # times the default, where a clock ends the search anyway
SIDED = 24  # jurisdictions from which all threads work on one plan, each on a side of its own
SIDES = 2  # of the map at least
SIDE_UNITS = 12_500  # of a side: so many stay near the processor, twice as fast as 100,000 do
SIDE_SEATS = 12  # jurisdictions of a side at least
LEAST_JOINED = 40  # joined units in a jurisdiction, as means
MOST_ROUNDS = 4  # of joining by pairs
MOST_PROPOSALS = 90_000_000  # of one start: a large map is done in minutes
MOST_JOINED_PROPOSALS = 240_000_000  # of one start that goes by joined units, at twice the speed
LUMPY_WORK = 10  # times the work, where balance costs shape
LUMPY_PROPOSALS = 60_000_000  # of one start, at most, by that
FAR_OFF = 2e-3  # violation after the race which says that balance will be hard
FAR_EACH = 2e-4  # violation a jurisdiction, on joined units, which says that surplus must flow
AFTER_SHARE = 0.05  # of the time, at least, for the polish, the bounds and the words
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
    rounds = 0 if "before" in names else joining_rounds(arena)
    most = MOST_JOINED_PROPOSALS if rounds else MOST_PROPOSALS
    plan = work_of(arena, params, stop, len(names), is_whole=True, most=most)
    with ThreadPoolExecutor(max_workers=params.threads) as pool:
        runs = Runs(arena=arena, stop=stop, tell=tell, lane=lane_of(arena.field), pool=pool)
        if rounds:
            chosen = _from_coarse(coarse(arena, rounds), runs, params, plan)
        else:
            chosen = _from_starts(names, runs, params, plan)
        assert runs.best is not None
        best = _mended_hope(runs.best, chosen, arena, params, stop)
    return labelled(best, arena), runs.done, runs.is_clocked


def joining_rounds(arena: Arena) -> int:
    """How often units are joined by pairs for a first search; 0 where single units matter."""
    executives = arena.problem.executives
    if executives < SIDED or lumps(arena) >= LUMPY or not can_join(arena.problem):
        return 0
    return min(int(np.log2(len(arena.field.place) / executives / LEAST_JOINED)), MOST_ROUNDS)


def _from_coarse(map_of: Coarse, runs: Runs, params: RedrawParams, plan: Plan) -> list[Run]:
    """The best of many starts on a coarser map, its borders settled by all threads together."""
    crude = arena_of(map_of.problem)
    runs.tell = _only_better(runs.tell, runs.arena)
    first = replace(
        runs, arena=crude, lane=lane_of(crude.field), tell=_through(map_of, runs), best=None
    )
    total = plan.proposals * plan.starts
    if plan.ends is not None and runs.stop.iterations is None:
        total = int(CLOCKED_WORK * total)
    chosen = _raced(params.starts, first, params, plan, JOINED_SPRINT)
    work = int((COARSE_SHARE - RACE_SHARE) * total / len(chosen))
    work = min(work, JOINED_PROPOSALS * len(crude.field.place))
    for at in range(0, len(chosen), params.threads):
        first.carry_on(
            chosen[at : at + params.threads],
            work,
            plan.at(COARSE_SHARE),
            (RACE_SHARE, COARSE_SHARE),
        )
    best = min(chosen, key=lambda run: run.promise)
    runs.done, runs.is_clocked = first.done, first.is_clocked
    run = runs.begin(labelled(best.hope[map_of.group], runs.arena), best.draw, WARM)
    run.sides = sides_for(runs.arena)
    runs.look([run], "settle borders", COARSE_SHARE)
    beyond = first.arena.objective(best.hope).violation
    if beyond > FAR_EACH * runs.arena.problem.executives:
        _flowed(run, runs, plan, total)
    else:
        runs.carry_on([run], max(total - runs.done, 1), plan.ends, (COARSE_SHARE, 1.0))
    return [run]


def _flowed(run: Run, runs: Runs, plan: Plan, total: int) -> None:
    """Settle borders in less of what is left, then let surplus flow across the map."""
    left = max(total - runs.done, 2)
    flowing = min(FLOW_PROPOSALS * len(runs.arena.field.place), MOST_FLOW_PROPOSALS)
    settling = max(int(SETTLE_SHARE * left), left - flowing)
    middle = COARSE_SHARE + SETTLE_SHARE * (1 - COARSE_SHARE)
    runs.carry_on([run], settling, plan.at(middle), (COARSE_SHARE, middle))
    if runs.stop.iterations is not None:
        flowing = min(flowing, left - settling)
    run.schedule, run.quench = FLOW, DEAR_QUENCH
    runs.carry_on([run], max(flowing, 1), plan.ends, (middle, 1.0))


def sides_for(arena: Arena) -> int:
    """Sides of the map to be annealed apart."""
    units, executives = len(arena.field.place), arena.problem.executives
    return max(min(units // SIDE_UNITS, executives // SIDE_SEATS), SIDES)


def _through(map_of: Coarse, runs: Runs) -> Tell:
    """Tells of plans of joined units as plans of units."""

    def tell(message: str, fraction: float, owner: Ints | None) -> None:
        fine = None if owner is None else labelled(owner[map_of.group], runs.arena)
        runs.tell(message, fraction, fine)

    return tell


def _only_better(tell: Tell, arena: Arena) -> Tell:
    """Leaves out plans that are no better than the last one told of."""
    last = (np.inf, np.inf)

    def passed_on(message: str, fraction: float, owner: Ints | None) -> None:
        nonlocal last
        if owner is not None:
            key = arena.objective(owner).key
            owner = owner if key < last else None
            last = min(last, key)
        tell(message, fraction, owner)

    return passed_on


def _from_starts(names: list[str], runs: Runs, params: RedrawParams, plan: Plan) -> list[Run]:
    """The best of some starts, carried on side by side."""
    chosen = _befores(names.count("before"), runs, params)
    race_share = 0.0
    if "power" in names:
        chosen += _raced(names.count("power"), runs, params, plan, SPRINT)
        race_share = RACE_SHARE if runs.done else 0.0
    work = int((plan.proposals * len(names) - runs.done) / len(chosen))
    for first in range(0, len(chosen), params.threads):
        if first and runs.stop.now() is not None:
            break
        batch = chosen[first : first + params.threads]
        shares = [
            race_share + (1 - race_share) * place / len(chosen)
            for place in (first, first + len(batch))
        ]
        runs.carry_on(batch, work, plan.at(shares[1]), (shares[0], shares[1]))
    return chosen


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
    arena: Arena,
    params: RedrawParams,
    stop: Stop,
    starts: int,
    *,
    is_whole: bool = False,
    most: int = MOST_PROPOSALS,
) -> Plan:
    """What each of so many starts may do within the params and the stop."""
    wanted = min(params.proposals_per_unit * len(arena.field.place), most)
    if is_whole and lumps(arena) >= LUMPY:
        wanted = max(wanted, min(LUMPY_WORK * wanted, LUMPY_PROPOSALS))
    wanted = max(wanted, LEAST_PROPOSALS)
    if stop.iterations is not None:
        wanted = min(wanted, stop.iterations // starts)
    began, left = stop.elapsed_seconds, stop.seconds_left
    after = 0.0 if left is None else max(AFTER_SHARE * left, AFTER_SECONDS * len(arena.field.place))
    ends = None if left is None else began + max(left - after, 0.3 * left)
    return Plan(starts=starts, proposals=max(wanted, 1), began=began, ends=ends)


def _mended_hope(
    best: Ints, chosen: list[Run], arena: Arena, params: RedrawParams, stop: Stop
) -> Ints:
    """The better of the best found and the most promising, once that is mended."""
    hope = min(chosen, key=lambda run: run.promise)
    if hope.hope is best or not chosen:
        return best
    made, _ = mended(hope.hope, arena, params, stop)
    return min(best, made, key=lambda owner: arena.objective(owner).key)


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


def _raced(count: int, runs: Runs, params: RedrawParams, plan: Plan, sprint: int) -> list[Run]:
    """The best ``count`` of many power diagrams after a sprint each, as time and work allow.

    Where balance stays far even for the best, every second one goes on steep.
    """
    work = int(RACE_SHARE * plan.proposals * plan.starts)
    units = len(runs.arena.field.place)
    racers = max(
        min(RACERS, work // (sprint * units)), min(count + 1, work // (LEAST_RACE * units))
    )
    fit = max(count + 1, RACE_UNITS // units)
    if racers > fit:  # what the others would have done is left to what follows
        racers, work = fit, work * fit // racers
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
    best = sorted(found, key=lambda run: run.promise)[:count]
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
