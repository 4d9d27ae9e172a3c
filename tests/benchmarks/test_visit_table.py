"""The visit benchmark's table: budgets by the processor, rows kept in a file, means by class."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.frame import BenchArgs, Run
from benchmarks.ledger import Ledger
from benchmarks.visit_means import mean_gaps, means_told
from benchmarks.visit_peers import Budget
from benchmarks.visit_sets import Found
from benchmarks.visits import runs
from territory.errors import InputError

SOLOMON = """R1_tiny

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
    0      0         0          0          0        100          0
    1      3         4          6          0         50         10
    2      6         8          6         20         60         10
    3      0         1          4          0         10          5
"""


def _row(work: str, engine: str, gap: float | None, seed: int = 1, broken: int = 0) -> Run:
    return Run(
        bench="visits",
        work=work,
        engine=engine,
        seed=seed,
        threads=1,
        wall_seconds=1.0,
        peak_mb=1.0,
        gap_percent=gap,
        violations=broken,
        extra={"class": "VRPTW R1"},
    )


def test_the_processors_clock_stands_still_while_the_wall_goes_on() -> None:
    processor, wall = Budget(seconds=1.0), Budget(seconds=1.0, clock="wall")
    before, began = processor.now(), wall.now()
    time.sleep(0.05)
    assert processor.now() - before < 0.04
    assert wall.now() - began >= 0.05


def test_a_row_is_run_once_and_read_from_the_file_after_that(tmp_path: Path) -> None:
    path, ran = tmp_path / "rows.jsonl", []

    def run() -> Run:
        ran.append(1)
        return _row("A 10s", "fieldwright", 0.5)

    key = ("A 10s", "fieldwright", 1, 1)
    first = Ledger(path).row(key, run)
    assert Ledger(path).row(key, run) == first
    assert len(ran) == 1
    Ledger(path).row((*key[:2], 2, 1), lambda: replace(run(), seed=2))
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def test_a_line_cut_short_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(_row("A", "B", 1.0).as_json() + '\n{"bench": "vis\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"rows\.jsonl line 2"):
        Ledger(path)


def test_each_instance_weighs_the_same_in_the_mean_of_its_class() -> None:
    rows = [
        _row("A 10s", "fieldwright", 1.0, seed=1),
        _row("A 10s", "fieldwright", 3.0, seed=2),
        _row("B 10s", "fieldwright", 0.0, broken=1),
        _row("B 10s", "pyvrp", None),
    ]
    assert mean_gaps(rows) == {("VRPTW R1 10s", "fieldwright"): (1.0, 3, 1)}
    assert means_told(rows) == ["VRPTW R1 10s: fieldwright 1.00 % (3, 1 rules broken)"]


@pytest.mark.parametrize(
    ("name", "form", "family"),
    [
        ("RC1_2_5", "solomon", "VRPTW RC1"),
        ("C203", "solomon", "VRPTW C2"),
        ("X-n101-k25", "vrplib", "CVRP X"),
        ("C1_10_2", "vrplib", "PCVRPTW"),
        ("pr05 m=2", "toptw", "TOPTW"),
        ("p05", "pvrp", "PVRP"),
    ],
)
def test_an_instance_knows_its_class(name: str, form: str, family: str) -> None:
    assert Found(name=name, folder=Path(), path=Path(name), form=form).family == family


def test_a_run_begun_again_makes_only_the_rows_that_are_missing(tmp_path: Path) -> None:
    """Our tours on three customers: 302 tenths is the best there is (see test_visits)."""
    folder = tmp_path / "solomon"
    folder.mkdir()
    (folder / "R1_tiny.txt").write_text(SOLOMON, encoding="utf-8")
    kept = tmp_path / "rows.jsonl"
    args = BenchArgs(
        bench="visits",
        set_folder=folder,
        format="solomon",
        seconds=(0.4,),
        with_peers=False,
        params={"into": str(kept)},
    )
    (first,) = runs(args)
    assert (first.objective, first.violations, first.threads) == (302.0, 0, 1)
    assert first.extra["class"] == "VRPTW R1"
    again = list(runs(replace(args, seeds=2)))
    assert [row.seed for row in again] == [1, 2]
    assert again[0].as_json() == first.as_json()


def test_an_unknown_clock_is_refused() -> None:
    with pytest.raises(InputError, match="'sundial'"):
        list(runs(BenchArgs(bench="visits", params={"clock": "sundial"}, names=("R105",))))
