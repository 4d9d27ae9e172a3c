"""Visits: vehicle routing with windows and optional visits, ours beside PyVRP, VROOM, OR-Tools.

``python -m benchmarks visits``: Solomon's instances with the least distance (DIMACS, tenths,
truncated); ``--format toptw`` gathers profit on m routes (``--params m=1+2``). Ours runs its own
search with vehicles as days of one executive; ``--params engine=ortools`` or ``auto`` runs another
of its engines. Everybody has one thread and the same wall seconds; VROOM may stop before.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.frame import BenchArgs, Run, gap_percent, measured
from benchmarks.visit_instances import (
    RoutingInstance,
    as_problem,
    judge_routes,
    read_solomon,
    read_toptw,
    routes_of,
    solomon_best,
    toptw_best,
)
from benchmarks.visit_peers import PEERS
from optimizer.run import Stop
from optimizer.visits import VisitParams, solve
from territory.errors import InputError

DEFAULT_SECONDS = 10.0
DEFAULT_NAMES = {
    "solomon": ("C105", "R105", "RC105", "R205", "RC205"),
    "toptw": ("c105", "r105", "rc105"),
}
HOT, COLD = 0.1, 0.005  # of the mean leg: what plain routing likes
NO_LIMIT = 10**12


def runs(args: BenchArgs) -> Iterator[Run]:
    """Ours, then each peer, per instance, budget and seed."""
    folder = args.folder("instances", "visits", "solomon")
    for instance in _instances(args, folder):
        ours = _ours(instance, args.params.get("engine", "ruin"))
        for seconds in args.budgets(DEFAULT_SECONDS):
            for seed in args.seed_numbers():
                yield _measure(instance, "fieldwright", ours, seconds, seed)
                for package, (module, peer) in PEERS.items():
                    if args.has_peer(package, module):
                        yield _measure(instance, package, _with(instance, peer), seconds, seed)


Engine = Callable[[float, int], list[list[int]]]


def _with(
    instance: RoutingInstance, peer: Callable[[RoutingInstance, float, int], list[list[int]]]
) -> Engine:
    return lambda seconds, seed: peer(instance, seconds, seed)


def _instances(args: BenchArgs, folder: Path) -> Iterator[RoutingInstance]:
    form = args.format_of(folder)
    files = _files(folder, form)
    wanted = args.chosen(tuple(files), *(n for n in DEFAULT_NAMES.get(form, ()) if n in files))
    if form == "solomon":
        best = solomon_best(folder)
        yield from (read_solomon(files[name], best) for name in wanted)
    elif form == "toptw":
        best = toptw_best(folder)
        for routes in args.numbers("m", 2.0):
            yield from (read_toptw(files[name], int(routes), best) for name in wanted)
    else:
        raise InputError(
            f"The visit benchmark does not read {form!r} yet.", fix="It reads solomon and toptw."
        )


def _files(folder: Path, form: str) -> dict[str, Path]:
    paths = [folder] if folder.is_file() else sorted(folder.glob("*.txt"))
    return {path.stem: path for path in paths if not path.stem.endswith("_format")}


def _ours(instance: RoutingInstance, engine: str) -> Engine:
    problem = as_problem(instance)
    if engine not in ("auto", "ortools", "ruin"):
        raise InputError(f"There is no engine {engine!r}.", fix="Give auto, ortools or ruin.")

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
    instance: RoutingInstance, engine: str, work: Engine, seconds: float, seed: int
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
        threads=1,
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
            "objective_is": "profit" if is_profit else "tenths of distance",
        },
    )
