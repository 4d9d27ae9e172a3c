"""Realigning after drift: our 5 % plan, loads that drift, as few changes as balance allows.

``--params work=drift``: every unit's loads are multiplied by exp(regional drift, standard deviation
0.12, + noise of its own, 0.05); ``own`` draws a drift for each load, ``shared`` one for all. Drift
seeds are 1 to ``drifts`` (5); ``regions`` draws one factor for all loads in each of 40 regions, the
cells nearest to 40 of them. A row each for the plan before as it now stands ("kept"), ours from it
with fewest moves, or at the parameter ``move_price``, and ours from scratch with the best
relabelling.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial

import numpy as np

from benchmarks.cities import regional_drift
from benchmarks.frame import BenchArgs, Run, gap_percent, measured
from benchmarks.ledger import kept_rows
from benchmarks.redraw_instances import Floats, Question
from benchmarks.redraw_rows import OURS, figures
from optimizer.redraw import RedrawParams, RedrawProblem, solve
from optimizer.run import Stop
from territory.alignment import Alignment
from territory.checks import AlignmentFacts, check_alignment, owner_positions

DRIFTS = 5
KINDS = ("shared", "own", "regions")
REGIONS = 40
NOTHING_DONE = "nothing done"


def drift_runs(args: BenchArgs, questions: Iterator[Question]) -> Iterator[Run]:
    """Rows per question, kind of drift, drift seed and budget."""
    for question in questions:
        base = cache(partial(_base, question))
        for kind in args.params.get("drift", "+".join(KINDS)).split("+"):
            for seed in range(1, int(args.number("drifts", DRIFTS)) + 1):
                drifted = drifted_question(question, kind, seed)
                yield from _rows(args, drifted, base, f"{question.work} drift {kind}", seed)


def _base(question: Question) -> Alignment:
    return solve(question.problem(), params=RedrawParams()).plan.alignment


def drifted_question(question: Question, kind: str, seed: int) -> Question:
    """The same city with loads that have drifted, of one drift or each of its own."""
    random = np.random.default_rng(seed)
    city = question.city
    if kind == "regions":
        factors = [*_by_region(city.xy_meters, len(city.loads), random)]
    else:
        factors = [regional_drift(city.xy_meters / 1000, random)]
    while len(factors) < len(city.loads):
        own = kind == "own"
        factors.append(regional_drift(city.xy_meters / 1000, random) if own else factors[0])
    return replace(question, city=replace(city, loads=city.loads * np.array(factors)))


def _by_region(xy_meters: Floats, loads: int, random: np.random.Generator) -> Floats:
    """A factor for each load and unit: one of its region, N(0, 0.12), and noise, N(0, 0.05)."""
    from scipy.spatial import KDTree

    count = min(REGIONS, len(xy_meters))
    middles = random.choice(len(xy_meters), count, replace=False)
    region = np.asarray(KDTree(xy_meters[middles]).query(xy_meters)[1])
    regional = random.normal(0, 0.12, count)[region]
    return np.asarray(np.exp(regional + random.normal(0, 0.05, (loads, len(xy_meters)))))


def _rows(
    args: BenchArgs, question: Question, base: Callable[[], Alignment], work: str, seed: int
) -> Iterator[Run]:
    """The rows of one drift; the plan before is made only where one of them is to be run."""
    rows, price = kept_rows(args), args.number("move_price", 0.0)

    def redrawn(params: RedrawParams, told: str, seconds: float | None) -> Run:
        facts = replace(question.facts(), before=base())
        problem = replace(question.problem(), before=base())
        asked = replace(problem, move_price=price) if params.moves == "priced" else problem
        return _redrawn(asked, params, facts, told, seconds)

    kept = partial(_kept, question, base, f"{work} kept", seed)
    yield rows.row((f"{work} kept", NOTHING_DONE, seed, 1), kept)
    fewest = RedrawParams(seed=seed, moves="priced" if price > 0 else "fewest")
    asked = [(fewest, f"{work} realigned", seconds) for seconds in args.seconds or (None,)]
    scratch = RedrawParams(seed=seed, keep="no")
    for params, told, seconds in (*asked, (scratch, f"{work} from scratch", None)):
        key = (told, OURS, seed, params.threads)
        run = partial(redrawn, params, told, seconds)
        yield rows.row(key, run, budget_seconds=seconds)


def _kept(question: Question, base: Callable[[], Alignment], work: str, seed: int) -> Run:
    facts = replace(question.facts(), before=base())
    inertia, extra = figures(owner_positions(base(), facts), facts)
    return Run(
        bench="redraw",
        work=work,
        engine=NOTHING_DONE,
        seed=seed,
        threads=1,
        wall_seconds=0.0,
        peak_mb=0.0,
        objective=inertia,
        extra=extra,
    )


def _redrawn(
    problem: RedrawProblem,
    params: RedrawParams,
    facts: AlignmentFacts,
    work: str,
    seconds: float | None,
) -> Run:
    cpu_before = time.process_time()
    plan, wall_seconds, peak_mb = measured(
        lambda: solve(problem, params=params, stop=Stop(seconds=seconds)).plan
    )
    inertia, extra = figures(owner_positions(plan.alignment, facts), facts)
    extra |= {
        "moved_bound_percent": plan.moved_bound_percent,
        "cpu_seconds": round(time.process_time() - cpu_before, 2),
        "budget_seconds": seconds,
    }
    return Run(
        bench="redraw",
        work=work,
        engine=OURS,
        seed=params.seed,
        threads=params.threads,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=inertia,
        bound_gap_percent=gap_percent(inertia, plan.inertia_bound),
        violations=len(check_alignment(plan, facts)),
        extra=extra,
    )
