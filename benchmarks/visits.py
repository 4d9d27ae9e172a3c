"""Visits: routing with windows, without, periodic, with optional visits; ours beside its peers.

``python -m benchmarks visits`` runs the committed table (``benchmarks.visit_sets.TABLE``): 10 s for
everybody, one seed of all rows before the next and peers that have no seed once; PVRP also 30 s,
and VRPTW also 30 s for ours and PyVRP with the first seed. ``--names all`` runs every instance of
every set, ``--set``, ``--format`` and ``--names`` choose, ``--seconds`` gives other budgets,
``--params m=1+2`` the routes of TOPTW. ``--params into=FILE`` keeps each row in a file as it comes;
a run that was ended and is begun again with the same file goes on. ``--params work=mission`` plans
weeks of recurring visits on Porto's roads instead (``benchmarks.visit_mission_rows``), ``work=day``
one executive's day (``benchmarks.visit_day``), ``work=large`` 500 executives
(``benchmarks.visit_large``).

Everybody has one thread and the same processor seconds, so that other work on the machine changes
little (``benchmarks.visit_peers`` says how each peer is stopped). OR-Tools runs two modes with the
whole budget each, of which the better counts. ``clock=wall`` gives everybody two cores and wall
seconds: ours two threads, PyVRP two seeds and OR-Tools two modes side by side of which the better
counts, VROOM two threads. VROOM and OR-Tools have no seed and run once.
``--params engine=ruin|ortools|auto`` runs the engine of visit plans with vehicles as days of one
executive. VRPTW: tenths of distance, cut off (DIMACS). PVRP: the gap is to the lower of two best
lengths known, ``gap_to_verified`` to the one that a plan proves. No peer solves it as given.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.frame import BenchArgs, Run, gap_percent, measured, tell
from benchmarks.ledger import Ledger
from benchmarks.visit_formats import PeriodicInstance, judge_periodic
from benchmarks.visit_instances import RoutingInstance, as_problem, judge_routes, routes_of
from benchmarks.visit_means import means_told
from benchmarks.visit_peers import PEERS, Answered, Budget, ask_peer, warm_up
from benchmarks.visit_sets import Found, chosen
from benchmarks.visit_tours import run_tours
from optimizer.run import Stop
from optimizer.visits import VisitParams, solve
from optimizer.visits.rhythm import RhythmPlan, RhythmProblem, solve_rhythm
from optimizer.visits.tours.warm import warm_up as warm_up_tours
from territory.errors import InputError

SHORT, LONG = 10.0, 30.0
CORES = 2
HOT, COLD = 0.1, 0.005  # of the mean leg: what plain routing likes in a visit plan's engine
NO_LIMIT = 10**12
OURS = "fieldwright"
SEEDED, UNSEEDED = (OURS, "pyvrp"), ("pyvroom", "ortools")
CLOCKS = ("processor", "wall")
OBJECTIVES = {
    "vrptw": "tenths of distance",
    "cvrp": "distance",
    "toptw": "profit",
    "pcvrptw": "tenths of distance and of profit left",
}
Engine = Callable[[RoutingInstance, Budget, int], Answered]


def runs(args: BenchArgs) -> Iterator[Run]:
    """Ours, then each peer, per budget, seed and instance."""
    work = args.params.get("work")
    if work == "mission":
        from benchmarks.visit_mission_rows import mission_rows

        yield from mission_rows(args)
        return
    if work == "day":
        from benchmarks.visit_day import day_rows

        yield from day_rows(args)
        return
    if work == "large":
        from benchmarks.visit_large import large_rows

        yield from large_rows(args)
        return
    kept = Ledger(Path(args.params["into"]) if "into" in args.params else None)
    rows = []
    spawn = get_context("spawn")
    with (
        ProcessPoolExecutor(CORES, mp_context=spawn) as pool,
        ProcessPoolExecutor(1, mp_context=spawn) as own,
    ):
        for task in _Table(args=args, pool=pool, own=own).tasks():
            rows.append(kept.row(task.key, task.run))
            yield rows[-1]
    for line in means_told(rows):
        tell(f"visits: {line}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A row to be made: its key in the ledger, and how."""

    key: tuple[str, str, int, int]
    run: Callable[[], Run]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """What is to be run, in which order: peers in ``pool``, ours in its ``own`` one process.

    Nobody searches here: looking at the memory every 20 ms would be paid from a budget of this
    process, a third of it where the machine is full.
    """

    args: BenchArgs
    pool: ProcessPoolExecutor
    own: ProcessPoolExecutor

    def tasks(self) -> Iterator[_Task]:
        """Every budget and seed over all instances; long budgets of one seed only."""
        args, clock = self.args, _clock(self.args)
        found = [(one, one.read()) for one in chosen(args)]
        for seconds in args.budgets(SHORT, LONG):
            is_extra = not args.seconds and seconds == LONG
            budget = Budget(seconds=seconds, clock=clock, cores=CORES if clock == "wall" else 1)
            for seed in args.seed_numbers():
                routing = []
                for one, instance in found:
                    if isinstance(instance, PeriodicInstance):
                        yield self._periodic(one, instance, budget, seed)
                    elif not is_extra or (instance.kind == "vrptw" and seed == 1):
                        yield from self._routing(one, instance, budget, seed, SEEDED)
                        routing.append((one, instance))
                if seed == 1 and not is_extra:
                    for one, instance in routing:
                        yield from self._routing(one, instance, budget, seed, UNSEEDED)

    def _periodic(
        self, found: Found, instance: PeriodicInstance, budget: Budget, seed: int
    ) -> _Task:
        work = f"PVRP {instance.name} {budget.seconds:g}s"
        run = partial(_measure_periodic, self.own, work, found, instance, budget, seed)
        return _Task(key=(work, OURS, seed, budget.cores), run=run)

    def _routing(
        self,
        found: Found,
        instance: RoutingInstance,
        budget: Budget,
        seed: int,
        engines: Sequence[str],
    ) -> Iterator[_Task]:
        work = f"{instance.name} {budget.seconds:g}s"
        for engine in engines:
            if engine != OURS and not self.args.has_peer(engine, PEERS[engine][0]):
                continue
            ask = self._ask(engine)
            warm = partial(self._warm, engine, instance, budget)
            run = partial(_measure, work, found, instance, engine, warm, ask, budget, seed)
            yield _Task(key=(work, engine, seed, budget.cores), run=run)

    def _ask(self, engine: str) -> Engine:
        if engine == OURS:
            return partial(_ours, self.own, self.args.params.get("engine", "tours"))
        return partial(ask_peer, self.pool, engine)

    def _warm(self, engine: str, instance: RoutingInstance, budget: Budget) -> None:
        if engine == OURS:
            self.own.submit(warm_up_tours).result()
        else:
            warm_up(self._ask(engine), instance, budget)


def _clock(args: BenchArgs) -> str:
    clock = args.params.get("clock", CLOCKS[0])
    if clock not in CLOCKS:
        raise InputError(f"There is no clock {clock!r}.", fix="Give processor or wall.")
    return clock


def _ours(
    own: Executor, engine: str, instance: RoutingInstance, budget: Budget, seed: int
) -> Answered:
    """Our routes, made in a process that does nothing else."""
    if engine not in ("tours", "auto", "ortools", "ruin"):
        raise InputError(f"There is no engine {engine!r}.", fix="Give tours, auto, ortools, ruin.")
    return own.submit(_run_ours, engine, instance, budget, seed).result()


def _run_ours(engine: str, instance: RoutingInstance, budget: Budget, seed: int) -> Answered:
    began = time.process_time()
    if engine == "tours":
        routes = run_tours(instance, budget.seconds, seed, threads=budget.cores, clock=budget.now)
    else:
        routes = _by_days(instance, engine, budget.seconds, seed)
    return Answered(routes=routes, processor_seconds=time.process_time() - began)


def _by_days(instance: RoutingInstance, engine: str, seconds: float, seed: int) -> list[list[int]]:
    params = VisitParams(
        seed=seed,
        engine=engine,  # type: ignore[arg-type]
        start_temperature=HOT,
        end_temperature=COLD,
    )
    stop = Stop(iterations=NO_LIMIT, seconds=seconds)
    return routes_of(solve(as_problem(instance), params=params, stop=stop).plan)


_warm: dict[str, float] = {}


def _warmed(engine: str, work: Callable[[], object]) -> float:
    """Seconds of imports and compilation, told apart from the run; once an engine."""
    if engine not in _warm:
        _, _warm[engine], _ = measured(work)
    return _warm[engine]


def _measure(
    work: str,
    found: Found,
    instance: RoutingInstance,
    engine: str,
    warm: Callable[[], None],
    ask: Engine,
    budget: Budget,
    seed: int,
) -> Run:
    compile_seconds = _warmed(engine, warm)
    answered, wall_seconds, peak_mb = measured(lambda: ask(instance, budget, seed))
    routes = answered.routes
    objective, violations = judge_routes(instance, routes)
    is_profit = instance.kind == "toptw"
    return Run(
        bench="visits",
        work=work,
        engine=engine,
        seed=seed,
        threads=budget.cores,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=objective,
        best_known=instance.best_known,
        gap_percent=gap_percent(objective, instance.best_known, maximise=is_profit),
        violations=violations,
        extra={
            "class": found.family,
            "compile_seconds": round(compile_seconds, 2),
            "processor_seconds": round(answered.processor_seconds, 2),
            "routes": sum(1 for route in routes if route),
            "served": sum(len(route) for route in routes),
            "customers": instance.customers,
            "objective_is": OBJECTIVES[instance.kind],
        },
    )


def _measure_periodic(
    own: Executor, work: str, found: Found, instance: PeriodicInstance, budget: Budget, seed: int
) -> Run:
    compile_seconds = _warmed("rhythm", lambda: own.submit(_warm_rhythm, instance.problem).result())
    (plan, processor_seconds), wall_seconds, peak_mb = measured(
        lambda: own.submit(_plan_periodic, instance.problem, budget, seed).result()
    )
    length, violations = judge_periodic(instance, plan.routes)
    verified = gap_percent(length, instance.verified)
    return Run(
        bench="visits",
        work=work,
        engine=OURS,
        seed=seed,
        threads=budget.cores,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=length,
        best_known=instance.best_known,
        gap_percent=gap_percent(length, instance.best_known),
        violations=violations,
        extra={
            "class": found.family,
            "compile_seconds": round(compile_seconds, 2),
            "processor_seconds": round(processor_seconds, 2),
            "gap_to_verified": None if verified is None else round(verified, 2),
            "customers": instance.problem.customers,
            "turns": plan.turns,
            "objective_is": "length",
        },
    )


def _warm_rhythm(problem: RhythmProblem) -> None:
    solve_rhythm(problem, turns=100)


def _plan_periodic(problem: RhythmProblem, budget: Budget, seed: int) -> tuple[RhythmPlan, float]:
    """Our plan and the processor seconds it took."""
    began = time.process_time()
    plan = solve_rhythm(
        problem, seed=seed, seconds=budget.seconds, threads=budget.cores, clock=budget.now
    )
    return plan, time.process_time() - began
