"""Rows of the redraw benchmark: one plan of ours or of a peer, told by the judge."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame import Run, Scalar, gap_percent, measured, tell
from benchmarks.redraw_instances import Question, toy_question
from benchmarks.redraw_peers import Peer, within
from optimizer.redraw import RedrawParams, solve
from optimizer.run import Stop
from territory.alignment import AlignmentPlan
from territory.checks import AlignmentFacts, alignment_figures, check_alignment, owner_positions
from territory.checks.alignment import islands
from territory.checks.figures import moved_percent

Owners = NDArray[np.int64]
OURS = "fieldwright"


def our_row(question: Question, seconds: float | None, seed: int) -> Run:
    """Our default search, or as much of it as fits the budget."""
    params = RedrawParams(seed=seed)
    compile_seconds = _warm_up(OURS, lambda toy: solve(toy.problem(), params=params))

    def work() -> AlignmentPlan:
        return solve(question.problem(), params=params, stop=Stop(seconds=seconds)).plan

    cpu_before = time.process_time()
    plan, wall_seconds, peak_mb = measured(work)
    cpu_seconds = round(time.process_time() - cpu_before, 2)
    facts = question.facts()
    inertia, extra = figures(owner_positions(plan.alignment, facts), facts)
    extra |= {
        "cpu_seconds": cpu_seconds,
        "compile_seconds": compile_seconds,
        "budget_seconds": seconds,
    }
    return Run(
        bench="redraw",
        work=question.work,
        engine=OURS,
        seed=seed,
        threads=params.threads,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=inertia,
        bound_gap_percent=gap_percent(inertia, plan.inertia_bound),
        violations=len(check_alignment(plan, facts)),
        extra=extra,
    )


def peer_row(question: Question, package: str, peer: Peer, seed: int) -> Run:
    """A peer's plan, made in this process."""
    compile_seconds = _warm_up(package, lambda toy: peer(toy, seed))
    cpu_before = time.process_time()
    owners, wall_seconds, peak_mb = measured(lambda: peer(question, seed))
    cpu_seconds = round(time.process_time() - cpu_before, 2)
    extra: dict[str, Scalar] = {"cpu_seconds": cpu_seconds, "compile_seconds": compile_seconds}
    return _told(question, package, owners, seed, wall_seconds, peak_mb, extra)


def slow_peer_row(
    question: Question, package: str, module: str, peer: Peer, seed: int, seconds: float
) -> Run | None:
    """A peer's plan, made in a process of its own; None, and a word, if its time ran out."""
    answer = within(seconds, module, peer, question, seed)
    if answer is None:
        tell(f"redraw: {package} was not done with {question.work} in {seconds:g} s")
        return None
    owners, wall_seconds, peak_mb = answer
    return _told(question, package, owners, seed, wall_seconds, peak_mb, {})


def _told(
    question: Question,
    package: str,
    owners: Owners,
    seed: int,
    wall_seconds: float,
    peak_mb: float,
    more: dict[str, Scalar],
) -> Run:
    facts = question.facts()
    inertia, extra = figures(owners, facts)
    return Run(
        bench="redraw",
        work=question.work,
        engine=package,
        seed=seed,
        threads=1,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=inertia,
        violations=len(list(islands(owners, facts))),
        extra=extra | more,
    )


def figures(owners: Owners, facts: AlignmentFacts) -> tuple[float, dict[str, Scalar]]:
    """The judge's moment of inertia and its other figures for an ownership of units."""
    found = alignment_figures(owners, facts)
    inertia = float(found.inertia.sum())
    worst = dict(zip(facts.load_names, found.worst_percent.tolist(), strict=True))
    return inertia, {
        "worst_load_percent": float(found.worst_percent.max()),
        **{f"worst_{name}_percent": percent for name, percent in worst.items()},
        "broken": len(list(islands(owners, facts))),
        "cut_edges": found.cut_edges,
        "moment_of_inertia": inertia,
        "polsby_popper": float(found.polsby_popper.mean()),
        "moved_percent": moved_percent(owners, facts),
    }


_warm: dict[str, float] = {}


def _warm_up(engine: str, work: Callable[[Question], object]) -> float:
    """Seconds an engine took the first time, on a toy: imports and compilation."""
    if engine not in _warm:
        started = time.perf_counter()
        work(toy_question())
        _warm[engine] = round(time.perf_counter() - started, 2)
    return _warm[engine]
