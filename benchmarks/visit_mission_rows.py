"""The mission set planned by ours, by OR-Tools, and by PyVRP on days that are fixed beforehand.

``python -m benchmarks visits --params work=mission``: 20 executives, 4 weeks, 2,000 accounts on
Porto's roads; ``executives``, ``accounts`` and ``weeks`` give other sizes, ``engine`` another
search of ours, ``into=FILE`` keeps each row as it comes. Executives share nothing, so the set can
be run in parts: ``parts=10,part=3`` plans the third tenth of them with a tenth of every budget.

The objective is the judge's total by the product's own prices, value left out included; the judge's
violations include every part of it. Budgets are processor seconds, so that other work on the
machine changes little: ours and PyVRP have 60 s on each of two threads, OR-Tools
``ortools_seconds`` (600) in all. What a peer leaves out is put where it still can be by our
insertion, and our clock times its orders; both help it.

- "ortools": the days by CP-SAT (spacing, areas, full days), then each week of an executive with the
  routing library: any day of the week that keeps the spacing, lunch as a break, registered matrix,
  iterated local search. It knows the wall's clock only: its limit is the budget times what a
  processor second has just taken of the wall, and more than half on top.
- "pyvrp": it cannot choose days of recurring visits, so it orders days that are fixed: those of our
  first plan ("dates=first") and CP-SAT's ("dates=cpsat"); the better counts. Of two windows of a
  visit one is used, and lunch is one visit out of those that could be had at each stop or at home
  (groups of clients that exclude one another), so nothing of the day is withheld. A day ends early
  after ``STILL_TURNS`` turns without a better order.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.frame import BenchArgs, Run, measured
from benchmarks.ledger import Ledger
from benchmarks.visit_mission import (
    MissionSize,
    judge,
    make_mission,
    parts_of_cost,
    porto_travel,
    value_kept,
)
from optimizer.run import Report, Stop
from optimizer.visits import VisitParams, VisitProblem, solve
from territory.routes import VisitPlan

if TYPE_CHECKING:
    from optimizer.visits.annealing import Days
    from optimizer.visits.case import ExecutiveCase

SECONDS, ORTOOLS_SECONDS = 60.0, 600.0
NO_LIMIT = 10**12
DATES_SECONDS = 5.0  # of CP-SAT for the days of an executive, for the peers
CORES = 2
IN_FAVOUR = 1.6
STILL_TURNS = 3_000
DATES = ("first", "cpsat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, the processor seconds it took, and those to the first plan of everybody."""

    plan: VisitPlan
    processor_seconds: float
    first_seconds: float | None = None


@dataclass(slots=True, kw_only=True)
class ProcessorStop(Stop):
    """A stop whose seconds are those of the process, over ``threads``."""

    threads: int = CORES
    _used: float = field(default_factory=time.process_time, init=False)

    def restart(self) -> None:
        """Start anew."""
        self._used = time.process_time()

    @property
    def elapsed_seconds(self) -> float:
        return (time.process_time() - self._used) / self.threads


def mission_rows(args: BenchArgs) -> Iterator[Run]:
    """Ours and the peers for every seed and budget."""
    kept = Ledger(Path(args.params["into"]) if "into" in args.params else None)
    part, parts = int(args.number("part", 1)), int(args.number("parts", 1))
    for seed in args.seed_numbers():
        size = _size(args, seed)
        problem = _problem(size, part, parts)
        name = size.name if parts == 1 else f"{size.name} part {part} of {parts}"
        for told, engine, plan_by, seconds in _plans(args, problem):
            work = f"{name} {told}"
            plan = partial(plan_by, seconds / parts, seed)
            run = partial(_row, work, seed, problem, engine, plan)
            yield kept.row((work, engine, seed, CORES), run)


def _plans(args: BenchArgs, problem: VisitProblem) -> Iterator[tuple[str, str, "Planner", float]]:
    """What to run: the budget as told, the engine, its planner, its seconds."""
    for seconds in args.budgets(SECONDS):
        ours = partial(_ours, problem, args.params.get("engine", "ruin"))
        yield f"{seconds:g}s", "fieldwright", ours, seconds
        for dates in DATES if args.has_peer("pyvrp") else ():
            peer = partial(_by_executive, problem, partial(days_by_pyvrp, dates))
            yield f"{seconds:g}s dates={dates}", "pyvrp", peer, CORES * seconds
    if args.has_peer("ortools"):
        seconds = args.number("ortools_seconds", ORTOOLS_SECONDS)
        yield f"{seconds:g}s", "ortools", partial(_by_executive, problem, days_by_ortools), seconds


def _size(args: BenchArgs, seed: int) -> MissionSize:
    return MissionSize(
        executives=int(args.number("executives", 20)),
        accounts=int(args.number("accounts", 2_000)),
        weeks=int(args.number("weeks", 4)),
        seed=seed,
    )


def _problem(size: MissionSize, part: int, parts: int) -> VisitProblem:
    from benchmarks.travel.cities import places_of

    travel = porto_travel()
    places = places_of(travel.network, size.executives + size.accounts, seed=size.seed)
    return make_mission(size, travel, places, part=part, parts=parts)


Planner = Callable[[float, int], Planned]


def _row(
    work: str, seed: int, problem: VisitProblem, engine: str, plan_by: Callable[[], Planned]
) -> Run:
    planned, wall_seconds, peak_mb = measured(plan_by)
    plan = planned.plan
    parts = parts_of_cost(plan)
    value = sum(need.value for need in problem.needs)
    return Run(
        bench="visits",
        work=work,
        engine=engine,
        seed=seed,
        threads=CORES,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=sum(parts.values()),
        violations=judge(problem, plan),
        extra={
            "processor_seconds": round(planned.processor_seconds, 1),
            "first_plan_processor_seconds": planned.first_seconds,
            "needs": len(problem.needs),
            "served": plan.served,
            "value_kept_percent": round(100 * value_kept(problem, plan) / value, 3),
            "driving_hours": round(plan.travel_seconds / 3600, 2),
            **{f"cost_{name}": round(amount, 2) for name, amount in parts.items() if amount},
            "objective_is": "the judge's total in the prices' currency",
        },
    )


def _ours(problem: VisitProblem, engine: str, seconds: float, seed: int) -> Planned:
    params = VisitParams(seed=seed, threads=CORES, engine=engine)  # type: ignore[arg-type]
    solve(problem, params=params, stop=Stop(iterations=1))  # compiles
    began, first = time.process_time(), []

    def hear(_report: Report[VisitPlan]) -> None:
        first.append(time.process_time() - began)

    stop = ProcessorStop(iterations=NO_LIMIT, seconds=seconds)
    plan = solve(problem, params=params, stop=stop, progress=hear).plan
    return Planned(
        plan=plan,
        processor_seconds=time.process_time() - began,
        first_seconds=round(first[0], 2),
    )


DaysBy = Callable[["ExecutiveCase", float, int], "Days"]


def _by_executive(problem: VisitProblem, days_by: DaysBy, seconds: float, seed: int) -> Planned:
    """Every executive planned apart, two at a time, each with its part of the seconds by needs."""
    from optimizer.visits.assemble import assemble_plan
    from optimizer.visits.case import make_cases
    from optimizer.visits.explain import explain_unserved

    cases = make_cases(problem)
    share = seconds / max(1, sum(case.needs for case in cases))
    days: list[Days] = [()] * len(cases)
    spent = 0.0
    with ProcessPoolExecutor(CORES, mp_context=get_context("spawn")) as pool:
        jobs = {
            pool.submit(_timed, days_by, case, share * case.needs, seed): place
            for place, case in enumerate(cases)
        }
        for job in as_completed(jobs):
            days[jobs[job]], used = job.result()
            spent += used
    left_out = [
        item
        for case, planned in zip(cases, days, strict=True)
        for item in explain_unserved(problem, case, planned)
    ]
    return Planned(plan=assemble_plan(problem, cases, days, left_out), processor_seconds=spent)


def _timed(
    days_by: DaysBy, case: "ExecutiveCase", seconds: float, seed: int
) -> tuple["Days", float]:
    """The days, completed by our insertion, and the peer's processor seconds."""
    from optimizer.visits.annealing import complete

    began = time.process_time()
    days = days_by(case, seconds, seed)
    used = time.process_time() - began
    return complete(case, days, seed=seed), used


def days_by_ortools(case: "ExecutiveCase", seconds: float, seed: int) -> "Days":
    """CP-SAT's dates and the routing library's weeks of one executive."""
    from optimizer.visits.routing import route_weeks

    wall, used = time.monotonic(), time.process_time()
    dated = _dates_by_cpsat(case, seed)
    spent = time.process_time() - used
    stretch = max(1.0, (time.monotonic() - wall) / spent)
    limit = max(0.1, seconds - spent) * stretch * IN_FAVOUR
    days, _ = route_weeks(case.arrays, dated, solutions=10**9, seconds=limit)
    return days


def days_by_pyvrp(dates: str, case: "ExecutiveCase", seconds: float, seed: int) -> "Days":
    """PyVRP's order of each day, less what our clock has no time for."""
    import pyvrp  # noqa: F401  (outside of the seconds)

    dated = _first_dates(case, seed) if dates == "first" else _dates_by_cpsat(case, seed)
    stops = max(1, sum(at >= 0 for at in dated))
    return tuple(
        without_misfits(
            case,
            s,
            order_by_pyvrp(case, s, rows, seconds * len(rows) / stops, seed) if rows else [],
        )
        for s, rows in enumerate(
            [need for need, at in enumerate(dated) if at == s] for s in range(len(case.shift_rows))
        )
    )


def _dates_by_cpsat(case: "ExecutiveCase", seed: int) -> tuple[int, ...]:
    from optimizer.visits.dates import choose_dates

    dated, _ = choose_dates(case.arrays, seed=seed, deterministic_seconds=DATES_SECONDS)
    return dated


def _first_dates(case: "ExecutiveCase", seed: int) -> tuple[int, ...]:
    from optimizer.visits.annealing import start_annealing

    days = start_annealing(case, None, seed=seed).days
    at = {need: s for s, stops in enumerate(days) for need in stops}
    return tuple(at.get(need, -1) for need in range(case.needs))


def order_by_pyvrp(
    case: "ExecutiveCase", s: int, rows: Sequence[int], seconds: float, seed: int
) -> list[int]:
    """The needs of a day in PyVRP's order; those it leaves out are missing."""
    import pyvrp

    arrays, model, need_of = case.arrays, pyvrp.Model(), []
    points = [int(arrays.start_point[s]), *(int(arrays.point[need]) for need in rows)]
    places = [model.add_location(number, 0) for number in range(len(points))]
    depot = model.add_depot(places[0])
    for place, need in zip(places[1:], rows, strict=True):
        need_of += _add_need(model, case, s, need, place)
    need_of += _add_lunch(model, case, s, places)
    model.add_vehicle_type(
        1,
        start_depot=depot,
        end_depot=depot,
        tw_early=int(arrays.start[s]),
        tw_late=int(arrays.end[s]),
        max_distance=int(arrays.max_driving[s]),
    )
    for i, here in enumerate(places):
        for j, there in enumerate(places):
            if i != j:
                leg = int(arrays.travel[points[i], points[j]])
                model.add_edge(here, there, distance=leg, duration=leg)
    best = model.solve(stop=Ended(seconds), seed=seed, display=False).best
    visited = (visit for route in best.routes() for visit in route if visit.is_client())
    order = (need_of[int(visit.idx)] for visit in visited)
    return [need for need in order if need is not None]


def _add_need(model: Any, case: "ExecutiveCase", s: int, need: int, place: Any) -> list[int | None]:
    """One client for each window, of which at most one is visited; the need of each."""
    arrays = case.arrays
    first, count = int(arrays.window_first[need, s]), int(arrays.window_count[need, s])
    group = model.add_client_group(required=False) if count > 1 else None
    stay = int(arrays.seconds[need])
    for opens, shuts, *_ in arrays.windows[first : first + count].tolist():
        model.add_client(
            place,
            service_duration=stay,
            tw_early=int(opens),
            tw_late=int(shuts) - stay,
            prize=int(arrays.penalty[need]),
            required=False,
            group=group,
        )
    return [need] * count


def _add_lunch(
    model: Any, case: "ExecutiveCase", s: int, places: Sequence[Any]
) -> list[int | None]:
    """One client a place, of which exactly one is visited; None for each."""
    earliest, latest, length = (int(value) for value in case.arrays.lunch[s, :3])
    if length == 0:
        return []
    group = model.add_client_group(required=True)
    for place in places:
        model.add_client(
            place,
            service_duration=length,
            tw_early=earliest,
            tw_late=latest,
            required=False,
            group=group,
        )
    return [None] * len(places)


class Ended:
    """PyVRP's stop: the processor seconds are over, or nothing better came for long."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._began = seconds, time.process_time()
        self._best, self._still = float("inf"), 0

    def __call__(self, best_cost: float) -> bool:
        self._still = 0 if best_cost < self._best else self._still + 1
        self._best = min(self._best, best_cost)
        is_over = time.process_time() - self._began > self._seconds
        return is_over or self._still >= STILL_TURNS


def without_misfits(case: "ExecutiveCase", s: int, stops: Sequence[int]) -> tuple[int, ...]:
    """The stops in order, less those (the least dear first) that our clock has no time for."""
    from optimizer.visits.timing import time_day

    kept = list(stops)
    while kept and time_day(case.arrays, s, kept) is None:
        kept.remove(min(kept, key=lambda need: int(case.arrays.penalty[need])))
    return tuple(kept)
