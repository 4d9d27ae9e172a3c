"""Visits: routing with windows, without, periodic, with optional visits; ours beside its peers.

``python -m benchmarks visits`` runs the committed table (``benchmarks.visit_sets.TABLE``), about an
hour with three seeds: 10 s for everybody, PVRP also 30 s, and VRPTW also 30 s for ours and PyVRP
with the first seed. ``--names all`` runs every instance of every set, ``--set``, ``--format`` and
``--names`` choose, ``--seconds`` gives other budgets, ``--params m=1+2`` the routes of TOPTW.
``--params work=mission`` plans weeks of recurring visits on Porto's roads instead (see
``benchmarks.visit_mission_rows``).

Everybody has two cores and the same wall seconds: ours two threads, PyVRP two seeds and OR-Tools
two modes side by side of which the better counts, VROOM two threads (it may stop before). VROOM and
OR-Tools have no seed and run once. ``--params engine=ruin|ortools|auto`` runs the engine of visit
plans with vehicles as days of one executive. VRPTW: tenths of distance, cut off (DIMACS). PVRP: the
gap is to the lower of two best lengths known, ``gap_to_verified`` to the one that a plan proves. No
peer solves it as given.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.frame import BenchArgs, Run, gap_percent, measured
from benchmarks.visit_formats import PeriodicInstance, judge_periodic
from benchmarks.visit_instances import RoutingInstance, as_problem, judge_routes, routes_of
from benchmarks.visit_peers import PEERS, side_by_side, warm_up
from benchmarks.visit_sets import chosen
from benchmarks.visit_tours import run_tours
from optimizer.run import Stop
from optimizer.visits import VisitParams, solve
from optimizer.visits.rhythm import solve_rhythm
from territory.errors import InputError

SHORT, LONG = 10.0, 30.0
CORES = 2
HOT, COLD = 0.1, 0.005  # of the mean leg: what plain routing likes in a visit plan's engine
NO_LIMIT = 10**12
UNSEEDED = ("pyvroom", "ortools")
OBJECTIVES = {
    "vrptw": "tenths of distance",
    "cvrp": "distance",
    "toptw": "profit",
    "pcvrptw": "tenths of distance and of profit left",
}
Engine = Callable[[float, int], list[list[int]]]


def runs(args: BenchArgs) -> Iterator[Run]:
    """Ours, then each peer, per instance, budget and seed."""
    if args.params.get("work") == "mission":
        from benchmarks.visit_mission_rows import mission_rows

        yield from mission_rows(args)
        return
    with ProcessPoolExecutor(CORES, mp_context=get_context("spawn")) as pool:
        for found in chosen(args):
            instance = found.read()
            if isinstance(instance, PeriodicInstance):
                yield from _periodic(args, instance)
            else:
                yield from _routing(args, instance, pool)


def _periodic(args: BenchArgs, instance: PeriodicInstance) -> Iterator[Run]:
    for seconds in args.budgets(SHORT, LONG):
        for seed in args.seed_numbers():
            yield _measure_periodic(instance, seconds, seed)


def _routing(args: BenchArgs, instance: RoutingInstance, pool: Executor) -> Iterator[Run]:
    engine = args.params.get("engine", "tours")
    ours = _ours(instance, engine)
    threads = CORES if engine == "tours" else 1
    default = (SHORT, LONG) if instance.kind == "vrptw" else (SHORT,)
    for seconds in args.budgets(*default):
        is_extra = not args.seconds and seconds == LONG
        for seed in args.seed_numbers()[:1] if is_extra else args.seed_numbers():
            yield _measure(instance, "fieldwright", ours, seconds, seed, threads)
            for package, (module, _) in PEERS.items():
                if package in UNSEEDED and (seed > 1 or is_extra):
                    continue
                if args.has_peer(package, module):
                    peer = _peer(instance, package, pool)
                    yield _measure(instance, package, peer, seconds, seed, CORES)


def _peer(instance: RoutingInstance, package: str, pool: Executor) -> Engine:
    if package not in _warm:
        _, _warm[package], _ = measured(lambda: warm_up(pool, package, instance))
    return lambda seconds, seed: side_by_side(pool, package, instance, seconds, seed)


def _ours(instance: RoutingInstance, engine: str) -> Engine:
    if engine == "tours":
        return lambda seconds, seed: run_tours(instance, seconds, seed, threads=CORES)
    if engine not in ("auto", "ortools", "ruin"):
        raise InputError(f"There is no engine {engine!r}.", fix="Give tours, auto, ortools, ruin.")
    problem = as_problem(instance)

    def run(seconds: float, seed: int) -> list[list[int]]:
        params = VisitParams(
            seed=seed,
            engine=engine,  # type: ignore[arg-type]
            start_temperature=HOT,
            end_temperature=COLD,
        )
        return routes_of(
            solve(problem, params=params, stop=Stop(iterations=NO_LIMIT, seconds=seconds)).plan
        )

    return run


_warm: dict[str, float] = {}


def _measure(
    instance: RoutingInstance, engine: str, work: Engine, seconds: float, seed: int, threads: int
) -> Run:
    if engine not in _warm:  # imports and compilation are told apart from the run
        _, _warm[engine], _ = measured(lambda: work(0.2, seed))
    routes, wall_seconds, peak_mb = measured(lambda: work(seconds, seed))
    objective, violations = judge_routes(instance, routes)
    is_profit = instance.kind == "toptw"
    return Run(
        bench="visits",
        work=f"{instance.name} {seconds:g}s",
        engine=engine,
        seed=seed,
        threads=threads,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=objective,
        best_known=instance.best_known,
        gap_percent=gap_percent(objective, instance.best_known, maximise=is_profit),
        violations=violations,
        extra={
            "compile_seconds": round(_warm[engine], 2),
            "routes": sum(1 for route in routes if route),
            "served": sum(len(route) for route in routes),
            "customers": instance.customers,
            "objective_is": OBJECTIVES[instance.kind],
        },
    )


def _measure_periodic(instance: PeriodicInstance, seconds: float, seed: int) -> Run:
    if "rhythm" not in _warm:
        _, _warm["rhythm"], _ = measured(lambda: solve_rhythm(instance.problem, turns=100))
    plan, wall_seconds, peak_mb = measured(
        lambda: solve_rhythm(instance.problem, seed=seed, seconds=seconds, threads=CORES)
    )
    length, violations = judge_periodic(instance, plan.routes)
    verified = gap_percent(length, instance.verified)
    return Run(
        bench="visits",
        work=f"PVRP {instance.name} {seconds:g}s",
        engine="fieldwright",
        seed=seed,
        threads=CORES,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=length,
        best_known=instance.best_known,
        gap_percent=gap_percent(length, instance.best_known),
        violations=violations,
        extra={
            "compile_seconds": round(_warm["rhythm"], 2),
            "gap_to_verified": None if verified is None else round(verified, 2),
            "customers": instance.problem.customers,
            "turns": plan.turns,
            "objective_is": "length",
        },
    )
