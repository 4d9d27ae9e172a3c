"""Redraw: jurisdictions balanced in two loads, one piece each, compact, beside METIS and k-means.

``python -m benchmarks redraw --names A,B|all --params k=100,tol=5``: cities of ``.npz`` files
(``--format h3npz``); k and tol may be several joined by "+". Ours runs its default search with no
clock, or once per wall budget of ``--seconds``; peers take what they take. Wall time runs from raw
arrays to the whole plan, ours with its bounds. ``work=edits`` times hand edits (``edits``).

The objective is the moment of inertia, workload x squared km to each jurisdiction's centre. It and
every figure of ``extra`` are the judge's own. ``violations`` counts what the judge finds in our
plan; for a peer, who states no figures, it counts broken-off pieces. ``worst_load_percent`` is the
furthest any jurisdiction lies from the mean in either load; ``cpu_seconds`` counts all threads and
tells less of the machine's other work than wall time does. ``bound_gap_percent`` is to our bound
on plans about the centres of our plan, as far beyond tolerance as ours where ours is beyond.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame import BenchArgs, Run, Scalar, gap_percent, measured
from benchmarks.redraw_instances import City, Question, read_city
from benchmarks.redraw_peers import PEERS
from optimizer.redraw import RedrawParams, solve
from optimizer.run import Stop
from territory.alignment import AlignmentPlan
from territory.checks import AlignmentFacts, alignment_figures, check_alignment, owner_positions
from territory.checks.alignment import islands
from territory.checks.figures import moved_percent
from territory.errors import InputError
from territory.units.values import Neighbours

Owners = NDArray[np.int64]

DEFAULT_NAMES = ("city_1000", "city_5000", "city_20000")
DEFAULT_EXECUTIVES = {"city_1000": 10, "city_5000": 50, "city_20000": 100}
UNITS_PER_EXECUTIVE = 200  # of a city with no number of its own
DEFAULT_TOLERANCE_PERCENT = 5.0


def runs(args: BenchArgs) -> Iterator[Run]:
    """Ours per budget and seed and the peers per seed, for every city, k and tolerance."""
    if args.params.get("work") == "edits":
        from benchmarks.edits import edit_runs

        yield from edit_runs(args, _questions(args))
        return
    for question in _questions(args):
        for seed in args.seed_numbers():
            for seconds in args.seconds or (None,):
                yield _ours(question, seconds, seed)
            for package, (module, peer) in PEERS.items():
                if args.has_peer(package, module):
                    yield _theirs(question, package, peer, seed)


def _questions(args: BenchArgs) -> Iterator[Question]:
    folder = args.folder("instances", "redraw", "synthetic_h3")
    form = args.format_of(folder)
    if form != "h3npz":
        raise InputError(
            f"The redraw benchmark does not read {form!r} yet.", fix="It reads h3npz: city .npz."
        )
    files = _files(folder)
    for name in args.chosen(tuple(files), *(name for name in DEFAULT_NAMES if name in files)):
        city = read_city(files[name])
        usual = DEFAULT_EXECUTIVES.get(name, max(2, len(city.unit_ids) // UNITS_PER_EXECUTIVE))
        for executives in args.numbers("k", usual):
            for tolerance in args.numbers("tol", DEFAULT_TOLERANCE_PERCENT):
                yield Question(city=city, executives=int(executives), tolerance_percent=tolerance)


def _files(folder: Path) -> dict[str, Path]:
    paths = [folder] if folder.is_file() else sorted(folder.glob("*.npz"))
    return {path.stem: path for path in paths}


def _ours(question: Question, seconds: float | None, seed: int) -> Run:
    params = RedrawParams(seed=seed)
    compile_seconds = _warm_up("fieldwright", lambda toy: solve(toy.problem(), params=params))

    def work() -> AlignmentPlan:
        return solve(question.problem(), params=params, stop=Stop(seconds=seconds)).plan

    cpu_before = time.process_time()
    plan, wall_seconds, peak_mb = measured(work)
    cpu_seconds = round(time.process_time() - cpu_before, 2)
    facts = question.facts()
    inertia, extra = _figures(owner_positions(plan.alignment, facts), facts)
    extra |= {
        "cpu_seconds": cpu_seconds,
        "compile_seconds": compile_seconds,
        "budget_seconds": seconds,
    }
    return Run(
        bench="redraw",
        work=question.work,
        engine="fieldwright",
        seed=seed,
        threads=params.threads,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=inertia,
        bound_gap_percent=gap_percent(inertia, plan.inertia_bound),
        violations=len(check_alignment(plan, facts)),
        extra=extra,
    )


def _theirs(
    question: Question, package: str, peer: Callable[[Question, int], Owners], seed: int
) -> Run:
    compile_seconds = _warm_up(package, lambda toy: peer(toy, seed))
    cpu_before = time.process_time()
    owners, wall_seconds, peak_mb = measured(lambda: peer(question, seed))
    cpu_seconds = round(time.process_time() - cpu_before, 2)
    facts = question.facts()
    inertia, extra = _figures(owners, facts)
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
        extra=extra | {"cpu_seconds": cpu_seconds, "compile_seconds": compile_seconds},
    )


def _figures(owners: Owners, facts: AlignmentFacts) -> tuple[float, dict[str, Scalar]]:
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


def toy_question(side: int = 12, executives: int = 4) -> Question:
    """A square city of four neighbours a unit, with loads drawn by a fixed seed."""
    random = np.random.default_rng(0)
    units = np.arange(side * side).reshape(side, side)
    pairs = np.vstack(
        [
            np.column_stack([units[:, :-1].ravel(), units[:, 1:].ravel()]),
            np.column_stack([units[:-1].ravel(), units[1:].ravel()]),
        ]
    )
    both = np.vstack([pairs, pairs[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    counts = np.bincount(both[:, 0], minlength=side * side)
    rows, columns = np.divmod(units.ravel(), side)
    return Question(
        city=City(
            name="toy",
            unit_ids=tuple(f"u{unit}" for unit in units.ravel().tolist()),
            xy_meters=1000.0 * np.column_stack([columns, rows]),
            area_square_meters=np.full(side * side, 1e6),
            loads=random.uniform(1, 3, (2, side * side)),
            neighbours=Neighbours(
                indptr=np.concatenate([[0], counts.cumsum()]).astype(np.int32),
                indices=both[:, 1].astype(np.int32),
                border_meters=np.full(len(both), 1000.0),
            ),
        ),
        executives=executives,
        tolerance_percent=DEFAULT_TOLERANCE_PERCENT,
    )
