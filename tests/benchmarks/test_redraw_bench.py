"""The redraw benchmark reads cities truly and takes every figure from the judge."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import redraw
from benchmarks.frame import BenchArgs
from benchmarks.redraw import runs
from benchmarks.redraw_drift import drifted_question
from benchmarks.redraw_instances import Question, drawn_city, read_city, toy_question
from benchmarks.redraw_peers import k_means, metis, min_cost_flow, within
from territory.checks.figures import pieces
from territory.errors import InputError

TALL = np.sqrt(0.75)  # km between rows of hexagons 1 km wide

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes six units of width 1 km in two rows of three, leaning, as city ``NAME.npz``."""

    def to_file(name: str = "small", folder: str = "cities", **changed: np.ndarray | None) -> Path:
        borders = [[1, 3], [0, 2, 3, 4], [1, 4, 5], [0, 1, 4], [1, 2, 3, 5], [2, 4]]
        arrays = {
            "x": np.array([0.0, 1, 2, 0.5, 1.5, 2.5]),
            "y": np.array([0.0, 0, 0, TALL, TALL, TALL]),
            "pot": np.array([30.0, 10, 20, 10, 30, 20]),
            "work": np.array([3.0, 1, 2, 1, 3, 2]),
            "ncomp": np.ones(6, dtype=np.int64),
            "indptr": np.concatenate([[0], np.cumsum([len(row) for row in borders])]),
            "indices": np.concatenate(borders),
        } | changed
        path = tmp_path / folder / f"{name}.npz"
        path.parent.mkdir(exist_ok=True)
        kept = {key: array for key, array in arrays.items() if array is not None}
        np.savez(path, allow_pickle=False, **kept)
        return path

    return to_file


def ours(path: Path, **more: object) -> BenchArgs:
    return BenchArgs(bench="redraw", set_folder=path, with_peers=False, **more)  # type: ignore[arg-type]


def test_a_city_is_read_in_metres_as_hexagons(write: Write) -> None:
    city = read_city(write())
    assert city.xy_meters[4].tolist() == pytest.approx([1500, 866.0254])
    assert city.loads.tolist() == [[30, 10, 20, 10, 30, 20], [3, 1, 2, 1, 3, 2]]
    assert city.neighbours.of(3).tolist() == [0, 1, 4]
    assert city.neighbours.border_meters == pytest.approx(np.full(18, 1000 / np.sqrt(3)))
    assert city.area_square_meters == pytest.approx(np.full(6, 1e6 * TALL))


def test_units_a_bridge_joins_share_no_border(write: Write) -> None:
    far = read_city(write(x=np.array([0.0, 1, 2, 0.5, 1.5, 9.0])))  # the last lies across water
    borders = far.neighbours.border_meters
    assert borders[far.neighbours.indptr[5] :].tolist() == [0.0, 0.0]
    assert (borders == 0).sum() == 4  # two pairs, each from both ends


def test_a_hard_city_is_named_so(write: Write) -> None:
    assert read_city(write(folder="cities_hard")).name == "small_hard"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"pot": None}, "pot"),
        ({"work": np.ones(5)}, r"work.*\(5,\)"),
        ({"indices": np.full(18, 6)}, "indices"),
        ({"indices": np.zeros(17, dtype=np.int64)}, "indices"),
    ],
)
def test_a_file_that_is_no_city_is_refused(
    write: Write, changed: dict[str, np.ndarray | None], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        read_city(write(**changed))


def test_a_row_holds_what_a_hand_finds(write: Write) -> None:
    """Within 1 % both loads must halve, which the two rows of three units do: 6 and 6."""
    path = write()
    (row,) = runs(ours(path, params={"k": "2", "tol": "1"}))
    assert (row.work, row.engine, row.seed, row.violations) == (
        "small x2 tol1",
        "fieldwright",
        1,
        0,
    )
    assert row.extra["worst_load_percent"] == 0.0  # 3 + 1 + 2 = 1 + 3 + 2: the two rows balance
    # each row: centre of (0: 3, 1: 1, 2: 2) at 5/6, inertia 9 - 25/6; of (1, 3, 2) at 7/6
    assert row.objective == pytest.approx((9 - 25 / 6) + (11 - 49 / 6))
    assert row.extra["moment_of_inertia"] == row.objective
    assert row.extra["cut_edges"] == 5
    assert row.extra["broken"] == 0
    assert row.bound_gap_percent is not None
    assert row.bound_gap_percent >= 0
    assert '"compile_seconds"' in row.as_json()


def test_each_count_tolerance_and_seed_gives_a_row(write: Write) -> None:
    rows = list(runs(ours(write(), params={"k": "2+3", "tol": "10"}, seeds=2)))
    assert [(row.work, row.seed) for row in rows] == [
        ("small x2 tol10", 1),
        ("small x2 tol10", 2),
        ("small x3 tol10", 1),
        ("small x3 tol10", 2),
    ]


def test_a_budget_of_seconds_is_said_and_gives_a_row_of_its_own(write: Write) -> None:
    rows = list(runs(ours(write(), params={"k": "2"}, seconds=(0.5, 1.0))))
    assert [row.extra["budget_seconds"] for row in rows] == [0.5, 1.0]


def test_k_means_stands_beside_ours_and_its_broken_pieces_are_counted(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(question: object, seed: int) -> np.ndarray:
        return np.array([0, 1, 0, 1, 1, 1])

    monkeypatch.setattr(redraw, "PEERS", {"numpy": ("numpy", torn)})
    monkeypatch.setattr(redraw, "SLOW_PEERS", {})
    args = BenchArgs(bench="redraw", set_folder=write(), params={"k": "2"})
    row = list(runs(args))[1]
    assert (row.engine, row.violations, row.extra["broken"]) == ("numpy", 1, 1)
    assert row.bound_gap_percent is None
    # {0, 2}: workload 5 of a mean of 6
    assert row.extra["worst_workload_percent"] == pytest.approx(100 / 6)


def test_k_means_gives_each_unit_to_one_of_k() -> None:
    owners = k_means(toy_question(side=6, executives=3), seed=1)
    assert sorted(set(owners.tolist())) == [0, 1, 2]
    assert len(owners) == 36


def test_metis_is_asked_for_one_piece_each_with_both_loads_summed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, object] = {}

    def part_graph(count: int, **given: object) -> tuple[int, list[int]]:
        asked.update(given, count=count)
        return 0, [0] * 36

    import sys

    module = SimpleNamespace(part_graph=part_graph, Options=lambda **given: given)
    monkeypatch.setitem(sys.modules, "pymetis", module)
    question = toy_question(side=6, executives=3)
    metis(question, seed=5)
    assert asked["options"] == {"contig": 1, "seed": 5}
    assert asked["count"] == 3
    weights = np.array(asked["vweights"])
    shares = question.city.loads / question.city.loads.sum(axis=1, keepdims=True)
    assert weights / weights.sum() == pytest.approx(shares.mean(axis=0), abs=1e-6)


def test_min_cost_flow_shares_the_load_but_for_what_units_cannot_split() -> None:
    question = toy_question(side=10, executives=4)
    owners = min_cost_flow(question, seed=1)
    held = np.bincount(owners, question.summed_load, minlength=4)
    assert held == pytest.approx(np.full(4, held.mean()), rel=0.06)


def never(question: object, seed: int) -> np.ndarray:
    """A peer that does not come to an end in its time."""
    import time

    time.sleep(60)
    return np.zeros(1, np.int64)


def first_only(question: Question, seed: int) -> np.ndarray:
    """A peer that gives everything to one."""
    return np.zeros(len(question.city.unit_ids), np.int64)


def test_a_slow_peer_is_ended_and_a_quick_one_answers_from_its_own_process() -> None:
    question = toy_question(side=4, executives=2)
    assert within(0.5, "math", never, question, 1) is None
    answer = within(60, "math", first_only, question, 1)
    assert answer is not None
    assert answer[0].tolist() == [0] * 16


def test_a_format_of_another_benchmark_is_refused_with_a_word(tmp_path: Path) -> None:
    (tmp_path / "r101.txt").write_text("R101\n\nVEHICLE\nNUMBER CAPACITY\n", encoding="utf-8")
    with pytest.raises(InputError, match="solomon"):
        list(runs(ours(tmp_path)))


def test_work_that_there_is_not_is_refused(write: Write) -> None:
    with pytest.raises(InputError, match="no work 'play'"):
        list(runs(ours(write(), params={"work": "play"})))


# --- classic districting -----------------------------------------------------------------------

TERRITORIES = """4
0 0 0 1 2 3 0
1 1 0 1 2 3 0
2 5 0 1 2 3 0
3 6 0 1 2 3 0
3
0 1
1 2
2 3
2 2 0.05 0.05 0.05 0.05
1 1 1 1
"""


def test_commercial_territories_are_read_and_their_listed_value_found(tmp_path: Path) -> None:
    (tmp_path / "2DU4-05-1-edited.dat").write_text(TERRITORIES, encoding="utf-8")
    listed = "BalanceViolation - AffinityLoss - Compactness:\n2DU4-05-1\t = (0,0,4.0)\n"
    (tmp_path / "alns_results.txt").write_text(listed, encoding="utf-8")
    (row,) = runs(ours(tmp_path))
    # two pairs of neighbours one apart: 1 + 1, half of the listed 4
    assert (row.work, row.objective, row.violations) == ("medians 2DU4-05-1", 2.0, 0)
    assert row.gap_percent == -50


def test_distances_of_or_library_are_rounded_down_and_others_are_not(tmp_path: Path) -> None:
    text = "4 2\n0 0 9 1\n1 1 9 1\n50 50 9 1\n51 51 9 1\n"
    (tmp_path / "cpmp99.txt").write_text(text, encoding="utf-8")
    (tmp_path / "SJC9.dat").write_text(text, encoding="utf-8")
    known = "instance,value_truncated,status\ncpmp99,2,proved optimal\n"
    folder = tmp_path / "inner"
    folder.mkdir()
    for path in list(tmp_path.glob("*9*")):
        path.rename(folder / path.name)
    (tmp_path / "cpmp_best_known.csv").write_text(known, encoding="utf-8")
    rows = {row.work: row for row in runs(ours(folder, names=("all",)))}
    assert rows["medians cpmp99"].objective == 2
    assert rows["medians cpmp99"].gap_percent == 0
    assert rows["medians SJC9"].objective == pytest.approx(2 * np.sqrt(2))
    assert rows["medians SJC9"].best_known is None


# --- drawn cities and drift --------------------------------------------------------------------


def test_a_drawn_city_has_the_law_of_the_shared_one() -> None:
    """City of 20,000: correlation 0.88, heaviest unit 27 and 33 means, p95 over median 9 and 10."""
    city = drawn_city(20_000, seed=3)
    potential, workload = city.loads
    assert 0.85 < np.corrcoef(potential, workload)[0, 1] < 0.94
    for load in (potential, workload):
        assert 18 < load.max() / load.mean() < 45
        assert 6 < np.percentile(load, 95) / np.median(load) < 13
    assert len(pieces(np.zeros(20_000, np.int64), city.neighbours)) == 1
    assert 5.8 < len(city.neighbours.indices) / 20_000 < 6


def test_a_drawn_city_is_the_same_by_seed() -> None:
    one, again, other = (drawn_city(500, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.loads, again.loads)
    assert np.array_equal(one.neighbours.indices, again.neighbours.indices)
    assert not np.array_equal(one.loads, other.loads)


def test_drift_is_as_strong_as_asked_and_shared_or_of_each_load() -> None:
    question = Question(city=drawn_city(3000, 1), executives=15, tolerance_percent=5)
    for kind, is_same in (("shared", True), ("own", False)):
        drifted = drifted_question(question, kind, seed=2)
        logs = np.log(drifted.city.loads / question.city.loads)
        assert logs.std(axis=1) == pytest.approx([0.13, 0.13], abs=0.005)  # 0.12 and 0.05 squared
        assert np.allclose(logs[0], logs[1]) == is_same


def test_rows_kept_in_a_file_are_told_again_and_not_run(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of two budgets are kept apart, and one without any from both."""
    kept = {"k": "2", "into": str(tmp_path / "rows.jsonl")}
    args = ours(write(), params=kept, seconds=(0.5, 1.0))
    first = list(runs(args))
    ran: list[int] = []

    def never_done(question: Question, seconds: float | None, seed: int) -> None:
        ran.append(seed)
        raise RuntimeError("run again")

    monkeypatch.setattr(redraw, "our_row", never_done)
    assert [row.as_json() for row in runs(args)] == [row.as_json() for row in first]
    assert ran == []
    with pytest.raises(RuntimeError, match="run again"):
        list(runs(ours(write(), params=kept)))  # with no budget: another row
    assert ran == [1]
