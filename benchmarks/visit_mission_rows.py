"""The mission set planned by ours, by OR-Tools, and by PyVRP on days that are fixed beforehand.

``python -m benchmarks visits --params work=mission``: 20 executives, 4 weeks, 2,000 accounts on
Porto's roads, 60 s for ours and PyVRP, ``ortools_seconds`` (600) for OR-Tools; ``executives``,
``accounts`` and ``weeks`` give other sizes.

- "ortools": the days by CP-SAT (spacing, areas, full days), then each week of an executive with the
  routing library: any day of the week that keeps the spacing, lunch as a break, registered matrix,
  iterated local search.
- "pyvrp" cannot plan days of recurring visits, lunch, or two windows a day: it gets CP-SAT's days,
  each shift shorter by lunch, and of two windows the longer. What does not fit then is put where it
  still can be by our insertion, which helps it.

The objective is the driving in seconds, added up from the matrix; the judge's violations include
every total the plan states.
"""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from benchmarks.frame import BenchArgs, Run, measured
from benchmarks.visit_mission import (
    MissionSize,
    driven_seconds,
    judge,
    make_mission,
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


def mission_rows(args: BenchArgs) -> Iterator[Run]:
    """Ours and the peers for every seed and budget."""
    for seed in args.seed_numbers():
        size = MissionSize(
            executives=int(args.number("executives", 20)),
            accounts=int(args.number("accounts", 2_000)),
            weeks=int(args.number("weeks", 4)),
            seed=seed,
        )
        problem = _problem(size)
        for seconds in args.budgets(SECONDS):
            yield _row(size, problem, "fieldwright", _ours, seconds)
            if args.has_peer("pyvrp"):
                yield _row(size, problem, "pyvrp", _pyvrp, seconds)
        if args.has_peer("ortools"):
            seconds = args.number("ortools_seconds", ORTOOLS_SECONDS)
            yield _row(size, problem, "ortools", _ortools, seconds)


def _problem(size: MissionSize) -> VisitProblem:
    from benchmarks.travel.cities import places_of

    travel = porto_travel()
    places = places_of(travel.network, size.executives + size.accounts, seed=size.seed)
    return make_mission(size, travel, places)


Planner = Callable[[VisitProblem, float, int], tuple[VisitPlan, float | None]]


def _row(
    size: MissionSize, problem: VisitProblem, engine: str, plan_by: Planner, seconds: float
) -> Run:
    (plan, first_seconds), wall_seconds, peak_mb = measured(
        lambda: plan_by(problem, seconds, size.seed)
    )
    value = sum(need.value for need in problem.needs)
    return Run(
        bench="visits",
        work=f"{size.name} {seconds:g}s",
        engine=engine,
        seed=size.seed,
        threads=CORES,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=float(driven_seconds(problem, plan)),
        violations=judge(problem, plan),
        extra={
            "first_plan_seconds": first_seconds,
            "needs": len(problem.needs),
            "served": plan.served,
            "value_kept_percent": round(100 * value_kept(problem, plan) / value, 3),
            "objective_is": "driving seconds",
        },
    )


def _ours(problem: VisitProblem, seconds: float, seed: int) -> tuple[VisitPlan, float | None]:
    began, first = time.monotonic(), []

    def hear(_report: Report[VisitPlan]) -> None:
        first.append(time.monotonic() - began)

    stop = Stop(iterations=NO_LIMIT, seconds=seconds)
    plan = solve(
        problem, params=VisitParams(seed=seed, threads=CORES), stop=stop, progress=hear
    ).plan
    return plan, round(first[0], 2)


def _ortools(problem: VisitProblem, seconds: float, seed: int) -> tuple[VisitPlan, float | None]:
    params = VisitParams(
        seed=seed,
        engine="ortools",
        threads=CORES,
        routing_solutions=10**9,
        dates_deterministic_seconds=DATES_SECONDS,
    )
    return solve(problem, params=params, stop=Stop(seconds=seconds)).plan, None


def _pyvrp(problem: VisitProblem, seconds: float, seed: int) -> tuple[VisitPlan, float | None]:
    from concurrent.futures import ThreadPoolExecutor

    from optimizer.visits.assemble import assemble_plan
    from optimizer.visits.case import make_cases
    from optimizer.visits.explain import explain_unserved

    cases = make_cases(problem)
    share = CORES * seconds / max(1, len(cases))
    with ThreadPoolExecutor(CORES) as pool:
        days = list(pool.map(lambda case: _days_by_pyvrp(case, share, seed), cases))
    left_out = [
        item
        for case, planned in zip(cases, days, strict=True)
        for item in explain_unserved(problem, case, planned)
    ]
    return assemble_plan(problem, cases, days, left_out), None


def _days_by_pyvrp(case: "ExecutiveCase", seconds: float, seed: int) -> "Days":
    from optimizer.visits.annealing import complete
    from optimizer.visits.dates import choose_dates

    began = time.monotonic()
    dated, _ = choose_dates(
        case.arrays, seed=seed, deterministic_seconds=DATES_SECONDS, seconds=seconds / 4
    )
    shifts = len(case.shift_rows)
    each = max(0.05, (seconds - (time.monotonic() - began)) / max(1, shifts))
    days = [
        _without_misfits(case, s, _day_by_pyvrp(case, s, rows, each, seed)) if rows else ()
        for s, rows in enumerate(
            [need for need, at in enumerate(dated) if at == s] for s in range(shifts)
        )
    ]
    return complete(case, days, seed=seed)


def _day_by_pyvrp(
    case: "ExecutiveCase", s: int, rows: list[int], seconds: float, seed: int
) -> list[int]:
    import pyvrp
    from pyvrp.stop import MaxRuntime

    arrays = case.arrays
    model = pyvrp.Model()
    home = model.add_location(0, 0)
    depot = model.add_depot(home)
    places = [home, *(model.add_location(number, 0) for number in range(1, len(rows) + 1))]
    points = [int(arrays.start_point[s]), *(int(arrays.point[need]) for need in rows)]
    for place, need in zip(places[1:], rows, strict=True):
        opens, shuts = _longest_window(case, need, s)
        model.add_client(
            place,
            service_duration=int(arrays.seconds[need]),
            tw_early=opens,
            tw_late=shuts - int(arrays.seconds[need]),
            prize=10**7,
            required=False,
        )
    lunch = int(arrays.lunch[s, 2])
    model.add_vehicle_type(
        1,
        start_depot=depot,
        end_depot=depot,
        tw_early=int(arrays.start[s]),
        tw_late=int(arrays.end[s]),
        shift_duration=int(arrays.end[s] - arrays.start[s]) - lunch,
    )
    for i, here in enumerate(places):
        for j, there in enumerate(places):
            if i != j:
                leg = int(arrays.travel[points[i], points[j]])
                model.add_edge(here, there, distance=leg, duration=leg)
    best = model.solve(stop=MaxRuntime(seconds), seed=seed, display=False).best
    return [rows[int(visit.idx)] for route in best.routes() for visit in route if visit.is_client()]


def _longest_window(case: "ExecutiveCase", need: int, s: int) -> tuple[int, int]:
    arrays = case.arrays
    first = int(arrays.window_first[need, s])
    spans = arrays.windows[first : first + int(arrays.window_count[need, s])]
    opens, shuts, *_ = max(spans.tolist(), key=lambda span: span[1] - span[0])
    return int(opens), int(shuts)


def _without_misfits(case: "ExecutiveCase", s: int, stops: list[int]) -> tuple[int, ...]:
    """The stops in order, less those (the least dear first) that lunch leaves no time for."""
    from optimizer.visits.timing import time_day

    kept = list(stops)
    while kept and time_day(case.arrays, s, kept) is None:
        kept.remove(min(kept, key=lambda need: int(case.arrays.penalty[need])))
    return tuple(kept)
