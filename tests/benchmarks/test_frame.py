"""The frame of the benchmarks: rows, gaps, measuring, formats and the command line."""

import io
import json
import multiprocessing
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from rich.console import Console

from benchmarks.__main__ import main
from benchmarks.frame import BENCHES, BenchArgs, Run, gap_percent, measured, measured_apart
from benchmarks.shared import guess_format
from benchmarks.table import show
from territory.errors import InputError, MissingPart
from tests.shared import shared_path

FIELDS = [
    *("bench", "work", "engine", "seed", "threads", "wall_seconds", "peak_mb", "objective"),
    *("best_known", "gap_percent", "bound_gap_percent", "violations", "extra"),
]


def row(**changes: object) -> Run:
    given: dict[str, object] = {
        "bench": "visits",
        "work": "R105",
        "engine": "fieldwright",
        "seed": 1,
        "threads": 1,
        "wall_seconds": 1.5,
        "peak_mb": 200.0,
    }
    return Run(**(given | changes))  # type: ignore[arg-type]


def test_a_json_row_has_exactly_the_promised_fields_in_order() -> None:
    assert list(json.loads(row().as_json())) == FIELDS


def test_numpy_figures_become_plain_json_and_infinities_null() -> None:
    told = json.loads(
        row(
            objective=np.float64(2.5), seed=np.int64(3), extra={"cut": np.int32(7), "x": np.nan}
        ).as_json()
    )
    assert (told["objective"], told["seed"], told["extra"]) == (2.5, 3, {"cut": 7, "x": None})


def test_a_gap_is_how_much_worse_in_percent_of_the_best_known() -> None:
    assert gap_percent(110, 100) == pytest.approx(10)
    assert gap_percent(90, 100, maximise=True) == pytest.approx(10)
    assert gap_percent(99, 100) == pytest.approx(-1)
    assert gap_percent(0, 0) == 0
    assert gap_percent(5, 0) is None
    assert gap_percent(None, 100) is None


def forget() -> int:
    return len(bytearray(120_000_000))


def nothing() -> None:
    """Work that takes none."""


def three_peaks() -> tuple[int, float, list[float]]:
    """Peaks before, during and after work that takes 120 MB, and its length and time."""
    before = measured(nothing)[2]
    length, wall_seconds, peak = measured(forget)
    return length, wall_seconds, [before, peak, measured(nothing)[2]]


def test_measuring_counts_the_time_and_the_memory_of_the_work_only() -> None:
    # In a process of its own: the memory of earlier tests comes and goes as the kernel likes.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        length, wall_seconds, (before_mb, peak_mb, after_mb) = pool.apply(three_peaks)
    assert length == 120_000_000
    assert 0 < wall_seconds < 20
    assert peak_mb - before_mb > 100
    assert peak_mb - after_mb > 100  # the high-water mark of earlier work does not linger


def test_an_error_in_the_work_comes_through() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        measured(fail)


def slow_sum(numbers: list[int]) -> int:
    time.sleep(0.01)
    return sum(numbers)


def test_work_in_a_process_of_its_own_gives_the_same_answer() -> None:
    total, wall_seconds, peak_mb = measured_apart(slow_sum, [1, 2, 3])
    assert total == 6
    assert 0.01 <= wall_seconds < 5
    assert peak_mb > 1


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("geo/porto", "pbf"),
        ("instances/visits/solomon", "solomon"),
        ("instances/visits/homberger", "solomon"),
        ("instances/visits/cvrplib_x", "vrplib"),
        ("instances/visits/mdvrptw", "vrplib"),
        ("instances/visits/pvrp_cordeau", "pvrp"),
        ("instances/visits/toptw", "toptw"),
        ("instances/visits/toptw/solomon_100", "toptw"),
        ("instances/redraw/synthetic_h3", "h3npz"),
        ("instances/redraw/pmedcap", "cpmp"),
        ("instances/redraw/sjc", "cpmp"),
        ("instances/redraw/ctdp", "ctdp"),
        ("instances/outlets/pmed", "pmed"),
        ("instances/outlets/tsplib", "tsplib"),
        ("instances/outlets/mclp", "mclp"),
        ("instances/outlets/cflp_mnl", "hm14"),
    ],
)
def test_the_format_is_guessed_from_the_shared_folder(folder: str, name: str) -> None:
    assert guess_format(shared_path(*folder.split("/"))) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("R1\n\nVEHICLE\nNUMBER CAPACITY\n", "solomon"),
        ("NAME : a\nTYPE : TSP\nDIMENSION : 3\n", "tsplib"),
        ("NAME : a\nCOMMENT : none\nTYPE : CVRP\n", "vrplib"),
        ("1 3 50 2\n0 160\n0 160\n 0 30 40 0 0 0 0\n", "pvrp"),
        ("4 13 100 1\n0 200\n 0 40.0 50.0 0 0 0 0 0 240\n", "toptw"),
        ("50 5\n2 62 120 3\n80 25 120 14\n", "cpmp"),
        ("60\n0 386.2 334.2 864 2839 2901 0\n", "ctdp"),
        ("100 200 5\n1 2 30\n2 3 46\n", "pmed"),
        ("324\t9999\tp\tS\n409154\t435528\t50\n", "mclp"),
        ("100\t1000\nF\t0\t25.2\t11.8\t1\n", "mclp"),
        ("50 25 1\n1 1 1 1 1\n-2.5 -1.5\n", "hm14"),
    ],
)
def test_the_format_is_guessed_from_content_alone(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / "instance.txt").write_text(text)
    assert guess_format(tmp_path) == name


def test_an_unknown_folder_says_which_formats_there_are(tmp_path: Path) -> None:
    (tmp_path / "poem.txt").write_text("roses are red\nviolets are blue\n")
    with pytest.raises(InputError, match="solomon"):
        guess_format(tmp_path)


def test_names_all_gives_every_instance_and_an_unknown_one_is_refused() -> None:
    there = ("R101", "R105", "R109")
    assert BenchArgs(bench="visits").chosen(there, "R105") == ("R105",)
    assert BenchArgs(bench="visits", names=("all",)).chosen(there) == there
    with pytest.raises(InputError, match="R999"):
        BenchArgs(bench="visits", names=("R999",)).chosen(there)


def test_absent_shared_data_says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIELDWRIGHT_SHARED", str(tmp_path))
    with pytest.raises(MissingPart, match="FIELDWRIGHT_SHARED"):
        BenchArgs(bench="visits").folder("instances", "visits", "solomon")


def test_an_absent_peer_is_said_once_and_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    args = BenchArgs(bench="visits")
    assert not args.has_peer("no_such_peer_at_all")
    assert not args.has_peer("no_such_peer_at_all")
    assert capsys.readouterr().err.count("no_such_peer_at_all") == 1
    assert args.has_peer("numpy")
    assert not BenchArgs(bench="visits", with_peers=False).has_peer("numpy")


@pytest.fixture
def bench_module(monkeypatch: pytest.MonkeyPatch) -> list[BenchArgs]:
    """A benchmark in place of "score" that keeps what it was asked and yields a row a budget."""
    asked: list[BenchArgs] = []

    def runs(args: BenchArgs) -> Iterator[Run]:
        asked.append(args)
        for seconds in args.budgets(1.0):
            yield row(bench="score", work="10M [bold]x", wall_seconds=seconds)

    module = ModuleType("benchmarks.score")
    module.runs = runs  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "benchmarks.score", module)
    return asked


def test_several_budgets_give_a_json_line_each(
    bench_module: list[BenchArgs], capsys: pytest.CaptureFixture[str]
) -> None:
    command = "score --seconds 10,30 --names a,b --params k=100,tol=5 --seeds 2 --peers none --json"
    assert main(command.split()) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["wall_seconds"] for one in told] == [10, 30]
    (args,) = bench_module
    assert args.names == ("a", "b")
    assert args.number("k", 1) == 100
    assert args.params == {"k": "100", "tol": "5"}
    assert list(args.seed_numbers()) == [1, 2]
    assert not args.with_peers


@pytest.mark.usefixtures("bench_module")
def test_the_default_is_a_table_in_which_names_are_no_markup(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["score"]) == 0
    assert "10M [bold]x" in capsys.readouterr().out


@pytest.mark.usefixtures("bench_module")
def test_a_benchmark_that_lacks_its_data_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def runs(_: BenchArgs) -> Iterator[Run]:
        yield row()
        raise MissingPart("The shared data 'x' is absent.")

    monkeypatch.setattr(sys.modules["benchmarks.score"], "runs", runs)
    assert main(["score", "--json"]) == 1
    assert "score: The shared data 'x' is absent." in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["nothing", "score --seconds 0", "score --params k", "score --seeds 0"]
)
def test_misuse_ends_with_2(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(command.split())
    assert "usage: python -m benchmarks" in capsys.readouterr().err


def test_a_table_shows_figures_short_and_gaps_with_two_places() -> None:
    out = io.StringIO()
    shown = row(objective=1234.5, best_known=1200, gap_percent=2.875, extra={"broken": 0})
    show("visits", [shown], console=Console(file=out))
    text = out.getvalue()
    assert "1,234.5" in text
    assert "2.88" in text
    assert "broken 0" in text


def test_every_benchmark_of_the_issue_has_a_name() -> None:
    assert BENCHES == ("travel", "score", "redraw", "visits", "outlets")
