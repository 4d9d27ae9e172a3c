"""Hundreds of executives planned by one machine: time, processor time and memory of every step.

``python -m benchmarks visits --params work=large``: 500 executives, 4 weeks, 50,000 accounts on
Porto's roads (``executives``, ``accounts``, ``weeks`` give other sizes, ``turns`` another amount of
work for each visit, ``engine`` another search), from needs to a judged plan as the job makes it:
travel of one executive at a time, the search on two threads, the judge, the plan as text.
``dask=local`` (or a scheduler's address) spreads the executives over a cluster. The objective is
the driving in seconds, as the judge finds it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame import BenchArgs, Run, measured, tell
from benchmarks.visit_mission import MissionSize, mission_calendar, porto_travel
from optimizer.run import Report
from optimizer.visits import VisitParams
from territory.routes import VisitPlan
from territory.travel import TravelMatrix, TravelTimes

CORES = 2
TELL_SECONDS = 20.0


@dataclass(slots=True)
class _Steps:
    """Wall and processor seconds of the steps of a run, and what came out."""

    seconds: dict[str, float] = field(default_factory=dict)
    violations: int = 0
    visits: int = 0
    plan_megabytes: float = 0.0
    began: float = field(default_factory=time.monotonic)
    told_at: float = 0.0

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        wall, processor = time.monotonic(), time.process_time()
        yield
        self.seconds[f"{name}_seconds"] = round(time.monotonic() - wall, 1)
        self.seconds[f"{name}_processor_seconds"] = round(time.process_time() - processor, 1)

    def hear(self, word: Report[VisitPlan]) -> None:
        """Tell now and then how far it is, and when the first plan of all stood."""
        now = time.monotonic()
        self.seconds.setdefault("first_plan_at", round(now - self.began, 1))
        if now - self.told_at >= TELL_SECONDS:
            self.told_at = now
            tell(f"visits: {100 * word.fraction:.0f} % {word.message}")


def large_rows(args: BenchArgs) -> Iterator[Run]:
    """One row for every seed."""
    from benchmarks.travel.cities import places_of

    travel = porto_travel()
    for seed in args.seed_numbers():
        size = MissionSize(
            executives=int(args.number("executives", 500)),
            accounts=int(args.number("accounts", 50_000)),
            weeks=int(args.number("weeks", 4)),
            seed=seed,
        )
        places = places_of(travel.network, size.executives + size.accounts, seed=seed)
        yield _row(args, size, travel, places)


def _row(
    args: BenchArgs, size: MissionSize, travel: TravelTimes, places: NDArray[np.float64]
) -> Run:
    steps, dask = _Steps(), args.params.get("dask", "")
    plan, wall_seconds, peak_mb = measured(lambda: _planned(args, size, travel, places, steps))
    return Run(
        bench="visits",
        work=f"large {size.name}" + (" dask" if dask else ""),
        engine="fieldwright",
        seed=size.seed,
        threads=CORES,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=float(plan.travel_seconds),
        violations=steps.violations,
        extra={
            "visits": steps.visits,
            "served": plan.served,
            "plan_megabytes": steps.plan_megabytes,
            "objective_is": "driving seconds",
            **steps.seconds,
        },
    )


def _planned(
    args: BenchArgs,
    size: MissionSize,
    travel: TravelTimes,
    places: NDArray[np.float64],
    steps: _Steps,
) -> VisitPlan:
    from api.cluster import visit_spread
    from data.store import encode_plan
    from optimizer.visits import make_problems, solve
    from territory.checks import VisitFacts, check_visits
    from territory.checks.areas import areas_of

    def block(points: NDArray[np.float64]) -> TravelMatrix:
        return travel.block(points, points)

    with steps.timed("needs"):
        calendar = mission_calendar(size, places)
    steps.visits = len(calendar.needs)
    with steps.timed("travel"):
        problems = tuple(
            make_problems(
                calendar.needs,
                calendar.shifts,
                block=block,
                first_date=calendar.days[0],
                last_date=calendar.days[-1],
            )
        )
    with steps.timed("search"), visit_spread(args.params.get("dask", "")) as spread:
        params = _params(args, steps.visits, size.seed)
        plan = solve(problems, params=params, progress=steps.hear, spread=spread).plan
    with steps.timed("judge"):
        nowhere = np.empty((0, 2))
        facts = VisitFacts(
            needs=calendar.needs,
            shifts=calendar.shifts,
            points=nowhere,
            travel=block(nowhere),
            areas=areas_of(calendar.needs, calendar.shifts, plan.routes, block=block),
        )
        steps.violations = len(check_visits(plan, facts))
    with steps.timed("text"):
        steps.plan_megabytes = round(len(encode_plan(plan).encode()) / 1e6, 1)
    return plan


def _params(args: BenchArgs, visits: int, seed: int) -> VisitParams:
    """As the job searches so many visits, but for what is asked for."""
    from api.usecases.visits_job import params_for

    usual = params_for(visits, seed=seed)
    return replace(
        usual,
        engine=args.params.get("engine", usual.engine),  # type: ignore[arg-type]
        iterations_per_visit=int(args.number("turns", usual.iterations_per_visit)),
    )
