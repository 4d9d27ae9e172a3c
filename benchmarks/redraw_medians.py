"""Classic districting: commercial territories (Rios-Mercado) and capacitated p-medians.

``python -m benchmarks redraw --params work=medians``, or ``--set FOLDER --format ctdp|cpmp``. A row
per instance, seed and budget; the objective is recounted by the judge of medians. Best known are
the listed values: for ctdp those of a published heuristic, for cpmp optima (of SJC cut off after
the point, so a gap of 0.006 % can be the optimum). Distances of OR-Library's ``cpmp`` files are
rounded down, all others are straight lines as they are.
"""

import csv
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame import BenchArgs, Run, gap_percent, measured
from benchmarks.ledger import kept_rows
from benchmarks.redraw_rows import OURS
from optimizer.redraw.medians import MedianParams, MedianProblem, solve
from optimizer.run import Stop
from territory.checks.medians import MedianFacts, check_medians
from territory.errors import Fault, InputError
from territory.units.graph import neighbours_from_pairs

Floats = NDArray[np.float64]
FOLDERS = ("ctdp", "pmedcap", "sjc")
SHORT = ("2DU60-05-1", "2DU80-05-1", "2DU120-05-7", "cpmp15", "SJC3a")
LISTED = re.compile(r"(\S+)\s*=\s*\(\s*0,\s*0,\s*([\d.]+)\)")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Districting:
    """One question, with the distances it is judged by and the best value known."""

    name: str
    problem: MedianProblem
    distances: Floats
    best_known: float | None

    def facts(self) -> MedianFacts:
        """The question as the judge takes it."""
        asked = self.problem
        return MedianFacts(
            unit_ids=asked.unit_ids,
            distances=self.distances,
            weight=np.ones(len(asked.unit_ids)),
            load_names=asked.load_names,
            loads=asked.loads,
            least=asked.least,
            most=asked.most,
            districts=asked.districts,
            neighbours=asked.neighbours,
        )


def median_runs(args: BenchArgs, *folders: Path) -> Iterator[Run]:
    """A row per instance of these folders, seed and budget."""
    files = {_name(path): path for folder in folders for path in _files(folder)}
    wanted = args.chosen(tuple(files), *files)
    kept = kept_rows(args)
    for name in wanted:
        for seed in args.seed_numbers():
            for seconds in args.seconds or (None,):
                key = (_work(name), OURS, seed, MedianParams().threads)
                yield kept.row(
                    key, partial(_run, files[name], seed, seconds), budget_seconds=seconds
                )


def _run(path: Path, seed: int, seconds: float | None) -> Run:
    _warm_up()
    return _row(read_districting(path), seed, seconds)


def _work(name: str) -> str:
    return f"medians {name}"


@cache
def _warm_up() -> None:
    """Compiles what is not kept yet."""
    xy = np.random.default_rng(0).uniform(0, 9, (12, 2))
    toy = MedianProblem(
        unit_ids=tuple(f"u{unit}" for unit in range(12)),
        xy_meters=xy,
        load_names=("load",),
        loads=np.ones((1, 12)),
        least=np.zeros(1),
        most=np.full(1, 5.0),
        districts=3,
    )
    solve(toy, params=MedianParams(starts=1))


def _row(question: Districting, seed: int, seconds: float | None) -> Run:
    params = MedianParams(seed=seed)
    cpu_before = time.process_time()
    result, wall_seconds, peak_mb = measured(
        lambda: solve(question.problem, params=params, stop=Stop(seconds=seconds))
    )
    cpu_seconds = round(time.process_time() - cpu_before, 2)
    plan = result.plan
    return Run(
        bench="redraw",
        work=_work(question.name),
        engine=OURS,
        seed=seed,
        threads=params.threads,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=plan.distance,
        best_known=question.best_known,
        gap_percent=gap_percent(plan.distance, question.best_known),
        bound_gap_percent=gap_percent(plan.distance, result.bound),
        violations=len(check_medians(plan, question.facts())),
        extra={
            "worst_excess_percent": plan.worst_excess_percent,
            "cpu_seconds": cpu_seconds,
            "budget_seconds": seconds,
        },
    )


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".dat", ".txt"))
    return [path for path in paths if path.name != "alns_results.txt"]


def _name(path: Path) -> str:
    return path.stem.removesuffix("-edited")


def read_districting(path: Path) -> Districting:
    """An instance of a ctdp or cpmp file with its best known value, where one is listed beside it.

    Raises
    ------
    InputError
        If the file is neither.
    """
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    try:
        if len(rows[0]) == 1:
            return _territories(path, rows)
        return _capacitated(path, rows)
    except (IndexError, ValueError) as error:
        fault = Fault(file=path.name, value=str(error), expected="a ctdp or cpmp instance")
        raise InputError("This is no districting instance.", [fault]) from error


def _straight(xy: Floats) -> Floats:
    return np.asarray(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)), dtype=np.float64)


def _territories(path: Path, rows: list[list[str]]) -> Districting:
    """ctdp: n; id x y and three activities; m borders; p and the tolerance of each activity."""
    n = int(rows[0][0])
    nodes = np.array(rows[1 : n + 1], dtype=np.float64)
    m = int(rows[n + 1][0])
    ends = np.sort(np.array(rows[n + 2 : n + 2 + m], dtype=np.int32), axis=1)
    tail = rows[n + 2 + m]
    districts, tolerance = int(tail[0]), np.array(tail[2:5], dtype=np.float64)
    loads = np.ascontiguousarray(nodes[:, 3:6].T)
    mean = loads.sum(axis=1) / districts
    problem = MedianProblem(
        unit_ids=tuple(str(unit) for unit in range(n)),
        xy_meters=nodes[:, 1:3].copy(),
        load_names=("activity 1", "activity 2", "activity 3"),
        loads=loads,
        least=mean * (1 - tolerance),
        most=mean * (1 + tolerance),
        districts=districts,
        neighbours=neighbours_from_pairs(n, np.unique(ends, axis=0), np.ones(len(ends))),
    )
    listed = path.with_name("alns_results.txt")
    known = dict(LISTED.findall(listed.read_text(encoding="utf-8"))) if listed.exists() else {}
    best = known.get(_name(path))
    return Districting(
        name=_name(path),
        problem=problem,
        distances=_straight(nodes[:, 1:3]),
        best_known=None if best is None else float(best),
    )


def _capacitated(path: Path, rows: list[list[str]]) -> Districting:
    """cpmp: n p; x y capacity demand; every centre has the same capacity."""
    n, districts = int(rows[0][0]), int(rows[0][1])
    nodes = np.array(rows[1 : n + 1], dtype=np.float64)
    if len(set(nodes[:, 2].tolist())) > 1:
        raise ValueError("centres of different capacity")
    xy = nodes[:, :2].copy()
    distances = _straight(xy)
    if path.stem.startswith("cpmp"):
        distances = np.floor(distances)
    problem = MedianProblem(
        unit_ids=tuple(str(unit) for unit in range(n)),
        xy_meters=xy,
        load_names=("demand",),
        loads=nodes[:, 3][None, :].copy(),
        least=np.zeros(1),
        most=nodes[:1, 2].copy(),
        districts=districts,
        distances=distances,
    )
    return Districting(
        name=path.stem, problem=problem, distances=distances, best_known=_best_known(path)
    )


def _best_known(path: Path) -> float | None:
    """From ``cpmp_best_known.csv`` beside the folder."""
    listed = path.parent.parent / "cpmp_best_known.csv"
    if not listed.exists():
        return None
    with listed.open(encoding="utf-8", newline="") as file:
        values = {row["instance"]: float(row["value_truncated"]) for row in csv.DictReader(file)}
    return values.get(path.stem)
