"""Outlet placement: the best p sites and the proof, beside spopt and OR-Tools' own solvers.

``python -m benchmarks outlets --format pmed|tsplib|mclp|hm14 --names A,B|all
--params p=5+10,R=800`` (hm14: ``alpha=0.05+0.1,beta=1``);
``--names drawn_100000x2000 --params draw=1+2,R=3,p=50`` draws maximal covers (``dense_...``: towns
that overlap more), ``roads_porto_10000x1000`` (or malta, R in minutes) lays them on real
roads, ``mission_20000x880`` is gradual cover under every rule.

Wall time runs from raw costs or coordinates to the proven network, the making of the model
included; ``cpu_seconds`` are those of all threads and ended children. The objective is recounted
from the instance, and ``violations`` counts: not p sites, a site twice, an objective that differs
from the engine's, a bound that a better known network refutes.

Peers are given the whole model: ``ortools-highs``, ``ortools-gscip``, ``ortools-cp_sat`` through
MathOpt from arrays, and spopt with CBC and with HiGHS in a process of its own
(``--params spopt_pairs=10000000`` lets it build larger models, ``entries`` the others).
``--params into=FILE`` keeps every row as it comes.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame import BenchArgs, Run, gap_percent, measured, measured_apart
from benchmarks.ledger import kept_rows
from benchmarks.outlets_instances import (
    Capture,
    Coverage,
    Floats,
    Median,
    Question,
    RoadCoverage,
    questions,
)
from benchmarks.outlets_mission import Mission
from optimizer.outlets.branch import Placement
from optimizer.outlets.classic import maximal_cover_near, p_median
from optimizer.outlets.compact import Engine, solve_compact
from optimizer.outlets.search import OutletParams, place
from optimizer.run import Stop
from territory.errors import InputError

OURS = "fieldwright"
_GAPS = {
    Capture: 1e-6,
    Mission: 1e-4,
}  # relative gap that counts as proved, where amounts are not whole
_PEER_ENTRIES = 1_000_000  # cover entries beyond which peers given the whole model are left out
_SPOPT_PAIRS = 300_000  # pairs of point and site beyond which spopt's model takes minutes to build


def runs(args: BenchArgs) -> Iterator[Run]:
    """Ours and then the peers, per question, budget and seed."""
    kept, compile_seconds = kept_rows(args), warm_up()
    for question in questions(args):
        for seconds in args.budgets(30.0):
            asked: list[tuple[str, int, Callable[[], Run]]] = [
                (OURS, seed, partial(_ours, question, seconds, seed, compile_seconds))
                for seed in args.seed_numbers()
            ]
            if args.with_peers:
                asked += _peers(args, question, seconds)
            for engine, seed, run in asked:
                key = (question.work, engine, seed, 1)
                yield kept.row(key, partial(_in_budget, run, seconds), budget_seconds=seconds)


def _in_budget(run: Callable[[], Run], seconds: float) -> Run:
    row = run()
    row.extra["budget_seconds"] = seconds
    return row


def warm_up() -> float:
    """Load and compile everything on a toy; returns the seconds it took."""
    started = time.perf_counter()
    random = np.random.default_rng(0)
    nodes = random.integers(0, 100, (60, 2)).astype(float)
    costs = np.hypot(*(nodes[:, None] - nodes[None]).transpose(2, 0, 1)).round()
    model, _ = p_median(costs, 4)
    place(model, params=OutletParams(kicks=1), stop=Stop())
    solve_compact(model)
    maximal_cover_near(nodes, nodes[:, 0], nodes[:5], reach=9.0, p=1)
    return time.perf_counter() - started


Extra = dict[str, bool | int | float | str | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine says: sites, its own objective and bound in the instance's terms."""

    chosen: NDArray[np.int64] | None
    objective: float | None
    bound: float | None
    extra: Extra


def _ours(question: Question, seconds: float, seed: int, compile_seconds: float) -> Run:
    def work() -> Answer:
        started = time.perf_counter()
        model = question.model()
        built = time.perf_counter() - started
        gap = _GAPS.get(type(question), 1e-9)
        params = OutletParams(seed=seed, gap=gap, nodes=10**9)
        found = place(model, params=params, stop=Stop(seconds=max(0.0, seconds - built)))
        return _answer(
            question,
            found,
            {"rows": model.rows, "entries": len(model.site), "build_seconds": round(built, 3)},
        )

    answer, wall_seconds, peak_mb = measured(_with_cpu(work))
    answer.extra["compile_seconds"] = round(compile_seconds, 2)
    return _row(question, OURS, answer, seed, wall_seconds, peak_mb)


def _answer(question: Question, found: Placement, extra: Extra) -> Answer:
    extra |= {"nodes": found.nodes, "stopped_by": found.stopped_by}
    return Answer(
        chosen=np.flatnonzero(found.is_open),
        objective=question.amount(found.worth),
        bound=question.amount(found.bound),
        extra=extra,
    )


def _peers(
    args: BenchArgs, question: Question, seconds: float
) -> list[tuple[str, int, Callable[[], Run]]]:
    """The peers that this question is within the class of: name, seed and how to run each."""
    solvers: tuple[Engine, ...] = ("highs", "gscip", "cp_sat")
    found: list[tuple[str, int, Callable[[], Run]]] = []
    if len(question.model().site) <= args.number("entries", _PEER_ENTRIES):
        found += [
            (f"ortools-{engine}", 0, partial(_whole_model, question, engine, seconds))
            for engine in solvers
        ]
    if isinstance(question, Capture | Mission):  # spopt has no model of choices, nor of such rules
        return found
    if _pairs(question) <= args.number("spopt_pairs", _SPOPT_PAIRS) and args.has_peer("spopt"):
        found += [
            (f"spopt-{solver}", 0, partial(_spopt, question, seconds, solver))
            for solver in ("cbc", "highs")
        ]
    return found


def _spopt(question: Median | Coverage | RoadCoverage, seconds: float, solver: str) -> Run:
    answer, wall_seconds, peak_mb = measured_apart(spopt_answer, question, seconds, solver)
    return _row(question, f"spopt-{solver}", answer, 0, wall_seconds, peak_mb)


def _pairs(question: Median | Coverage | RoadCoverage) -> int:
    """Pairs of point and site: spopt builds a term for each, covered or not."""
    if isinstance(question, Coverage):
        return len(question.points) * len(question.sites)
    return int((question.seconds if isinstance(question, RoadCoverage) else question.costs).size)


def _whole_model(question: Question, engine: Engine, seconds: float) -> Run:
    def work() -> Answer:
        try:
            solved = solve_compact(question.model(), engine=engine, seconds=seconds)
        except InputError as refusal:
            return Answer(None, None, None, {"refused": str(refusal)})
        chosen = None if solved.is_open is None else np.flatnonzero(solved.is_open)
        extra: Extra = {"nodes": solved.nodes}
        return Answer(chosen, None, question.amount(solved.bound), extra)

    answer, wall_seconds, peak_mb = measured(_with_cpu(work))
    return _row(question, f"ortools-{engine}", answer, 0, wall_seconds, peak_mb)


def _with_cpu(work: Callable[[], Answer]) -> Callable[[], Answer]:
    """The same work, its processor seconds told beside the answer."""

    def counted() -> Answer:
        before = _cpu_seconds()
        answer = work()
        answer.extra["cpu_seconds"] = round(_cpu_seconds() - before, 2)
        return answer

    return counted


def _cpu_seconds() -> float:
    """Of this process and of those children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def spopt_answer(question: Median | Coverage | RoadCoverage, seconds: float, solver: str) -> Answer:
    """The question put to spopt with CBC or HiGHS; it states no bound."""
    return _with_cpu(lambda: _asked_of_spopt(question, seconds, solver))()


def _asked_of_spopt(
    question: Median | Coverage | RoadCoverage, seconds: float, name: str
) -> Answer:
    import pulp
    from spopt.locate import MCLP, PMedian

    solvers = {"cbc": pulp.PULP_CBC_CMD, "highs": pulp.HiGHS}
    solver = solvers[name](msg=False, timeLimit=seconds)
    if isinstance(question, Coverage | RoadCoverage):
        model = MCLP.from_cost_matrix(
            question.costs, question.demand, question.reach, p_facilities=question.p
        )
    else:
        weights: Floats = np.ones(len(question.costs))
        model = PMedian.from_cost_matrix(question.costs, weights, p_facilities=question.p)
    solved = model.solve(solver)
    is_open = [bool(variable.value() and variable.value() > 0.5) for variable in solved.fac_vars]
    return Answer(np.flatnonzero(is_open), None, None, {})


def _import_spopt() -> None:
    import pulp  # noqa: F401
    import spopt.locate  # noqa: F401


spopt_answer.warm_up = _import_spopt  # type: ignore[attr-defined]  # its import takes seconds


def _row(
    question: Question,
    engine: str,
    answer: Answer,
    seed: int,
    wall_seconds: float,
    peak_mb: float,
) -> Run:
    objective = None if answer.chosen is None else question.recount(answer.chosen)
    known = question.best_known
    return Run(
        bench="outlets",
        work=question.work,
        engine=engine,
        seed=seed,
        threads=1,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=objective,
        best_known=known,
        gap_percent=gap_percent(objective, known, maximise=question.maximise),
        bound_gap_percent=_bound_gap(objective, answer.bound),
        violations=_violations(question, answer, objective),
        extra=answer.extra,
    )


def _bound_gap(objective: float | None, bound: float | None) -> float | None:
    if objective is None or bound is None:
        return None
    return 100 * abs(objective - bound) / max(abs(objective), 1e-9)


def _violations(question: Question, answer: Answer, objective: float | None) -> int:
    if answer.chosen is None or objective is None:
        return 0
    size = len(answer.chosen)
    broken = [
        size > question.p if question.maximise else size != question.p,
        len(np.unique(answer.chosen)) != size,
        answer.objective is not None and not np.isclose(answer.objective, objective, rtol=1e-9),
    ]
    if answer.bound is not None:
        best = objective
        if question.best_known is not None:
            best = (max if question.maximise else min)(best, question.best_known)
        slack = 1e-6 * max(1.0, abs(best))
        over, under = best > answer.bound + slack, best < answer.bound - slack
        broken.append(over if question.maximise else under)
    return sum(broken)
