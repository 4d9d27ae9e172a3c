"""Hand edits of an alignment, each timed in the kernel with all it answers: ``work=edits``.

``python -m benchmarks redraw --params work=edits,k=100``: a plan of our own is edited by every kind
of edit at ``places`` jurisdictions drawn by the seed (30 by default), each edit undone before the
next; a rebalance is of what a vacancy beside it left, the vacancy itself not timed. An answer holds
new loads, contiguity, holes, what broke and the moves that would mend it. A
row per kind: ``wall_seconds`` is the median of one edit. ``violations`` counts answers that differ
from a fresh measure of the alignment, or a rebalance that left its plan worse.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.frame import BenchArgs, Run, measured
from benchmarks.redraw_instances import Question
from optimizer.redraw import RedrawParams, solve
from territory.alignment import Alignment
from territory.edits import EditAnswer
from territory.measures import components, load_sums, owner_positions

if TYPE_CHECKING:
    from optimizer.redraw.live import LiveAlignment

PLACES = 30
STARTING = RedrawParams(starts=1, proposals_per_unit=100)
NEWCOMER = "newcomer"
KINDS = ("move", "merge", "split", "swap", "vacate", "hire", "rebalance 1", "rebalance 2")


def edit_runs(args: BenchArgs, questions: Iterator[Question]) -> Iterator[Run]:
    """A row per question, seed and kind of edit."""
    from optimizer.redraw.live import LiveAlignment

    for question in questions:
        problem = question.problem()
        begun = solve(problem, params=STARTING).plan.alignment
        for seed in args.seed_numbers():
            live, peak_mb = _opened(partial(LiveAlignment, problem, begun))
            for kind in KINDS:
                places = int(args.number("places", PLACES))
                yield _row(kind, question, live, begun, seed, places, peak_mb)


def _opened(make: "Callable[[], LiveAlignment]") -> "tuple[LiveAlignment, float]":
    live, _, peak_mb = measured(make)
    for kind in KINDS:  # compiles what is not kept yet
        _made(kind, live, 0, 1)
    return live, peak_mb


def _made(kind: str, live: "LiveAlignment", seat: int, seed: int) -> tuple[EditAnswer, float, bool]:
    """One edit made, timed, held against a fresh measure, and undone."""
    edit, vacated = _edit(kind, live, seat, seed)
    if kind.startswith("rebalance"):
        live.vacate(vacated)
    before = _beyond(live)
    started = time.perf_counter()
    answer = edit()
    seconds = time.perf_counter() - started
    is_true = _is_true(live, answer)
    if kind.startswith("rebalance"):
        is_true = is_true and _beyond(live) <= before + 1e-9
        live.undo()
    live.undo()
    return answer, seconds, is_true


def _beyond(live: "LiveAlignment") -> float:
    """What all jurisdictions lie beyond their tolerances, in percent, summed."""
    limits = np.asarray(live.problem.tolerance_percent)[:, None]
    off = np.abs(live.deviations()[:, live.present])
    return float(np.maximum(off - limits, 0).sum())


def _row(
    kind: str, question: Question, live: "LiveAlignment", begun: Alignment, seed: int, places: int,
    peak_mb: float,
) -> Run:  # fmt: skip
    draw = np.random.default_rng(seed)
    seconds, wrong, moved = [], 0, 0
    for _ in range(places):
        seat = int(draw.integers(len(begun.executive_ids)))
        answer, took, is_true = _made(kind, live, seat, seed)
        seconds.append(took)
        moved += len(answer.moved_units)
        wrong += not is_true
    wrong += live.alignment() != begun
    return Run(
        bench="redraw",
        work=f"{question.work} {kind}",
        engine="fieldwright",
        seed=seed,
        threads=1,
        wall_seconds=float(np.median(seconds)),
        peak_mb=peak_mb,
        violations=wrong,
        extra={
            "milliseconds": round(1000 * float(np.median(seconds)), 3),
            "milliseconds_p95": round(1000 * float(np.quantile(seconds, 0.95)), 3),
            "milliseconds_worst": round(1000 * max(seconds), 3),
            "moved_units": moved / places,
            "edits": places,
        },
    )


def _edit(
    kind: str, live: "LiveAlignment", seat: int, seed: int
) -> tuple[Callable[[], EditAnswer], str]:
    """An edit of this kind at a jurisdiction, what it needs looked up, and a neighbour's id."""
    own, ids = live.ids[seat], live.problem.unit_ids
    mine = np.flatnonzero(live.owner == seat)
    border = [(u, o) for u in mine.tolist() for o in _around(live, u) if live.owner[o] != seat]
    unit, other = border[0]
    taker = live.ids[live.owner[other]]
    edits: dict[str, Callable[[], EditAnswer]] = {
        "move": lambda: live.move([ids[unit]], to=taker),
        "merge": lambda: live.merge(own, into=taker),
        "split": lambda: live.split(own, to=NEWCOMER),
        "swap": lambda: live.swap(own, taker),
        "vacate": lambda: live.vacate(own),
        "hire": lambda: live.hire(NEWCOMER, at=ids[unit]),
        "rebalance 1": lambda: live.rebalance(executives=[own], rings=1, seed=seed),
        "rebalance 2": lambda: live.rebalance(executives=[own], rings=2, seed=seed),
    }
    return edits[kind], taker


def _around(live: "LiveAlignment", unit: int) -> list[int]:
    around: list[int] = live.problem.neighbours.of(unit).tolist()
    return around


def _is_true(live: "LiveAlignment", answer: EditAnswer) -> bool:
    """Whether loads, units and pieces of an answer equal those measured anew."""
    now = live.alignment()
    owners, count = owner_positions(now), len(now.executive_ids)
    sums = load_sums(owners, live.problem.loads, count)
    pieces = components(owners, live.problem.neighbours, count)
    place = {each: k for k, each in enumerate(now.executive_ids)}
    return all(
        one.units == int((owners == place[one.executive_id]).sum())
        and one.pieces == int(pieces[place[one.executive_id]])
        and bool(np.allclose(one.loads, sums[:, place[one.executive_id]]))
        for one in answer.standings
    )
