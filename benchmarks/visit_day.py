"""One executive's day: some fifteen visits of forty candidates, ours beside the proved best.

``python -m benchmarks visits --params work=day``: ``days`` (40) drawn days, each planned by
``optimizer.visits.solve`` on one thread. ``optimizer.visits.one_day``, given all the time it takes,
then proves what the best is (tests hold it to all orders of small days and to CP-SAT's proofs);
``cp-sat=60`` asks CP-SAT too, for so many deterministic seconds, beginning with our plan. The
objective is the value left out, in seconds of driving, and the driving, recomputed from the order
of the stops; a gap of 0 is optimal where the other row says that it is proved. ``candidates``,
``first`` and ``into`` give other days and keep rows.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.frame import BenchArgs, Run, Scalar, gap_percent, measured, tell
from benchmarks.ledger import Ledger
from benchmarks.visit_day_model import ask_cp_sat, day_legs
from benchmarks.visit_mission import judge
from optimizer.visits import VisitParams, VisitProblem, make_problem, solve
from optimizer.visits.one_day import Day, prove
from territory.geo import LonLat
from territory.travel import TravelMatrix
from territory.visits import Lunch, Shift, VisitNeed

DAY = date(2027, 1, 4)
HOUR = 3_600
CANDIDATES = 40
HALF_DEGREES = 0.06  # half the side of the square around home, about 6.7 km
METERS_A_DEGREE = 111_000.0
METERS_A_SECOND = 7.0  # 25 km/h, as in a town
DETOUR = 1.3
HOME = (0.0, 0.0)
SHIFT = (8 * HOUR + 1_800, 18 * HOUR)
LUNCH = Lunch(earliest_start_seconds=12 * HOUR, latest_start_seconds=14 * HOUR, seconds=45 * 60)
OPEN = (9 * HOUR, 18 * HOUR)
SHORTEST_HALF_HOURS, LONGEST_HALF_HOURS = 3, 6  # an account receives within 1.5 to 3 hours
TWICE = 0.2  # share that receives in two such spans
DAYS = 40
PROVER = "labels"


def make_day(seed: int, candidates: int = CANDIDATES) -> VisitProblem:
    """A drawn day: candidates around home with lengths, hours and values of their own."""
    draw = np.random.default_rng([seed, candidates])
    needs = [_need(number, draw) for number in range(candidates)]
    shift = Shift(
        executive_id="E",
        date=DAY,
        start_seconds=SHIFT[0],
        end_seconds=SHIFT[1],
        start_lonlat=HOME,
        end_lonlat=HOME,
        lunch=LUNCH,
    )
    return make_problem(needs, [shift], block=_travel, first_date=DAY, last_date=DAY)


def _need(number: int, draw: np.random.Generator) -> VisitNeed:
    lon, lat = draw.uniform(-HALF_DEGREES, HALF_DEGREES, 2)
    return VisitNeed(
        visit_id=f"A{number:02d}",
        account_id=f"A{number:02d}",
        executive_id="E",
        lon=float(lon),
        lat=float(lat),
        visit_seconds=60 * int(draw.choice((15, 20, 25, 30))),
        dates=(DAY,),
        windows=(_hours(draw),),
        value=float(np.round(draw.lognormal(5.0, 0.7), 2)),
    )


def _hours(draw: np.random.Generator) -> tuple[tuple[int, int], ...]:
    """One span in which an account receives, or two that lie apart."""
    spans: list[tuple[int, int]] = []
    for _ in range(2 if draw.uniform() < TWICE else 1):
        lasts = 1_800 * int(draw.integers(SHORTEST_HALF_HOURS, LONGEST_HALF_HOURS + 1))
        opens = OPEN[0] + 1_800 * int(draw.integers((OPEN[1] - OPEN[0] - lasts) // 1_800 + 1))
        if all(opens + lasts < first or last < opens for first, last in spans):
            spans.append((opens, opens + lasts))
    return tuple(sorted(spans))


def _travel(points: LonLat) -> TravelMatrix:
    apart = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    meters = DETOUR * METERS_A_DEGREE * apart
    return TravelMatrix(
        seconds=np.rint(meters / METERS_A_SECOND).astype(np.int32),
        meters=np.rint(meters).astype(np.int32),
        source="estimated",
    )


def day_rows(args: BenchArgs) -> Iterator[Run]:
    """The proof and ours of every drawn day, and how many of ours are proved to be the best."""
    kept = Ledger(Path(args.params["into"]) if "into" in args.params else None)
    first, count = int(args.number("first", 1)), int(args.number("days", DAYS))
    candidates = int(args.number("candidates", CANDIDATES))
    cp_sat_seconds = args.number("cp-sat", 0.0)
    pairs: list[tuple[Run, Run]] = []
    solve(make_day(0, candidates), params=VisitParams(threads=1))  # compiles what is not yet
    for number in range(first, first + count):
        problem, work = make_day(number, candidates), f"day {number} of {candidates}"
        ours = kept.row((work, "fieldwright", 1, 1), partial(_ours, problem, work))
        proof = partial(_proof, problem, work, ours, cp_sat_seconds)
        proved = kept.row((work, PROVER, 1, 1), proof)
        pairs.append((ours, proved))
        yield replace(
            ours,
            best_known=proved.objective,
            gap_percent=gap_percent(ours.objective, proved.objective),
        )
        yield proved
    tell(told(pairs))


def told(pairs: list[tuple[Run, Run]]) -> str:
    """How many days are proved, how many of these ours are, and the longest that ours took."""
    proved = [(ours, best) for ours, best in pairs if best.extra["is_proved"]]
    optimal = [ours for ours, best in proved if ours.objective == best.objective]
    spent = max(float(str(ours.extra["processor_seconds"])) for ours, _ in pairs)
    return (
        f"visits: {len(pairs)} days, {len(proved)} proved, ours optimal on {len(optimal)} of "
        f"these; at most {spent:.2f} processor seconds"
    )


def _ours(problem: VisitProblem, work: str) -> Run:
    began = time.process_time()
    result, wall_seconds, peak_mb = measured(lambda: solve(problem, params=VisitParams(threads=1)))
    spent = time.process_time() - began
    order = [stop.visit_id for route in result.plan.routes for stop in route.stops]
    return Run(
        bench="visits",
        work=work,
        engine="fieldwright",
        seed=1,
        threads=1,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=float(day_objective(problem, order)),
        violations=judge(problem, result.plan),
        extra={
            "processor_seconds": round(spent, 3),
            "served": len(order),
            "order": " ".join(order),
        },
    )


def _proof(problem: VisitProblem, work: str, ours: Run, cp_sat_seconds: float) -> Run:
    known = ours.objective
    assert known is not None
    began = time.process_time()
    proof, wall_seconds, peak_mb = measured(lambda: prove(as_day(problem), int(known)))
    extra: dict[str, Scalar] = {
        "processor_seconds": round(time.process_time() - began, 2),
        "is_proved": proof.is_proved,
        "labels": proof.labels,
    }
    if cp_sat_seconds:
        asked = ask_cp_sat(problem, str(ours.extra["order"]).split(), cp_sat_seconds)
        extra |= {"cp_sat": asked.least, "cp_sat_proves": asked.is_proved}
        extra["cp_sat_bound"] = asked.bound
    return Run(
        bench="visits",
        work=work,
        engine=PROVER,
        seed=1,
        threads=1,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=proof.least,
        extra=extra,
    )


def as_day(problem: VisitProblem) -> Day:
    """A problem of one shift without limits of driving or load as arrays for the proof."""
    (shift,) = problem.shifts
    lunch = shift.lunch
    assert lunch is not None
    spans, first = [], [0, 0]
    for row, need in enumerate(problem.needs, 1):
        last = [(row, opens, shuts - need.visit_seconds) for opens, shuts in need.windows[0]]
        spans += [span for span in last if span[1] <= span[2]]
        first.append(len(spans))
    return Day(
        legs=np.array(day_legs(problem)),
        stay=np.array([0, *(need.visit_seconds for need in problem.needs)]),
        prize=np.array([0, *problem.penalty_seconds]),
        spans=np.array(spans, dtype=np.int64).reshape(-1, 3),
        first_span=np.array(first),
        shift=(shift.start_seconds, shift.end_seconds),
        lunch=(lunch.earliest_start_seconds, lunch.latest_start_seconds, lunch.seconds),
    )


def day_objective(problem: VisitProblem, order: list[str]) -> int:
    """What is left out and what is driven, in seconds, from the order of the stops alone."""
    rows = {need.visit_id: row for row, need in enumerate(problem.needs)}
    home = problem.points.of_shift[0][0]
    points = [home, *(problem.points.of_need[rows[name]] for name in order), home]
    driven = sum(int(problem.travel.seconds[a, b]) for a, b in pairwise(points)) if order else 0
    made = {rows[name] for name in order}
    penalty = problem.penalty_seconds
    return driven + sum(int(penalty[row]) for row in rows.values() if row not in made)
