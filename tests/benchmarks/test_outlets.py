"""The outlets benchmark: known optima, objectives recounted, wrong bounds seen."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from benchmarks import outlets
from benchmarks.frame import BenchArgs
from benchmarks.outlets_instances import Coverage, Median, RoadCoverage, questions
from benchmarks.outlets_mission import Mission
from optimizer.outlets import OutletParams, solve
from tests.shared import shared_path

# Four points on a line at 0, 1, 10 and 11: two medians, one of each pair.
LINE = Median("line p=2", np.abs(np.subtract.outer([0, 1, 10, 11], [0, 1, 10, 11])) * 1.0, 2, 2.0)


def args(folder: Path | None = None, **params: str) -> BenchArgs:
    return BenchArgs(bench="outlets", set_folder=folder, params=params, with_peers=False)


def test_our_row_states_the_recounted_objective_and_a_closed_bound():
    row = outlets._ours(LINE, 600.0, 1, 0.0)
    assert (row.objective, row.gap_percent, row.bound_gap_percent) == (2.0, 0.0, 0.0)
    assert row.violations == 0
    assert row.extra["stopped_by"] == "finished"


def test_a_bound_that_the_best_known_refutes_is_a_violation():
    answer = outlets.Answer(np.array([0, 2]), 2.0, 2.5, {})
    row = outlets._row(LINE, "x", answer, 1, 1.0, 1.0)
    assert row.violations == 1


def test_an_objective_that_differs_from_the_instance_is_a_violation():
    answer = outlets.Answer(np.array([0, 2]), 1.0, 1.0, {})
    assert outlets._row(LINE, "x", answer, 1, 1.0, 1.0).violations == 1


def test_too_few_medians_are_a_violation():
    answer = outlets.Answer(np.array([0]), None, None, {})
    assert outlets._row(LINE, "x", answer, 1, 1.0, 1.0).violations == 1


def test_a_cover_file_with_sites_and_clients_is_read(tmp_path):
    """Site 0 reaches the clients at 0 and 1 (demand 5 and 6), site 1 the one at 9 (demand 7)."""
    folder = tmp_path / "mclp"
    folder.mkdir()
    lines = ["2\t3", "F\t0\t0\t0\t1", "F\t1\t9\t0\t1"]
    lines += ["C\t0\t0\t0\t5", "C\t1\t1\t0\t6", "C\t2\t9\t0\t7"]
    (folder / "tiny.txt").write_text("\n".join(lines), encoding="utf-8")
    (question,) = questions(replace(args(folder, R="2", p="1"), names=("tiny",)))
    assert isinstance(question, Coverage)
    row = outlets._ours(question, 600.0, 1, 0.0)
    assert (row.work, row.objective, row.violations) == ("tiny R=2 p=1", 11.0, 0)


def test_drawn_instances_need_no_files_and_are_the_same_each_time():
    asked = replace(args(), names=("drawn_400x60",))
    first, second = [next(questions(asked)) for _ in range(2)]
    assert isinstance(first, Coverage)
    assert isinstance(second, Coverage)
    assert (first.points == second.points).all()
    row = outlets._ours(first, 600.0, 1, 0.0)
    assert row.bound_gap_percent == pytest.approx(0.0, abs=1e-7)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["pmed5", "pmed15"])
def test_or_library_instances_are_proven_at_their_published_optimum(name):
    folder = shared_path("instances", "outlets", "pmed")
    (question,) = questions(replace(args(folder), names=(name,)))
    row = outlets._ours(question, 600.0, 1, 0.0)
    assert row.best_known is not None
    assert (row.gap_percent, row.bound_gap_percent, row.violations) == (0.0, 0.0, 0)


@pytest.mark.shared
def test_maximal_cover_is_proven_at_its_known_optimum():
    folder = shared_path("instances", "outlets", "mclp")
    (question,) = questions(replace(args(folder, p="5"), names=("SJC500",)))
    row = outlets._ours(question, 600.0, 1, 0.0)
    assert (row.objective, row.best_known, row.violations) == (18859.0, 18859.0, 0)


@pytest.mark.shared
def test_capture_by_choice_is_proven_at_its_best_known_share():
    folder = shared_path("instances", "outlets", "cflp_mnl")
    asked = replace(args(folder, p="10", alpha="0.05", beta="5"), names=("HM14_800_100",))
    (question,) = questions(asked)
    row = outlets._ours(question, 600.0, 1, 0.0)
    assert row.best_known is not None
    assert row.gap_percent == pytest.approx(0.0, abs=1e-6)
    assert row.bound_gap_percent == pytest.approx(0.0, abs=1e-3)
    assert row.violations == 0


@pytest.mark.shared
def test_covers_on_roads_count_the_points_within_the_minutes_driven():
    shared_path("geo", "malta", "malta-2018.osm.pbf")
    asked = replace(args(R="6", p="3"), names=("roads_malta_60x12",))
    (question,) = questions(asked)
    assert isinstance(question, RoadCoverage)
    row = outlets._ours(question, 600.0, 1, 0.0)
    best = max(question.recount(np.array(three)) for three in combinations(range(12), 3))
    assert (row.objective, row.violations) == (best, 0)
    assert row.extra["rows"] <= 60


def test_the_mission_model_is_recounted_from_its_definition_and_keeps_to_its_budget():
    (question,) = questions(replace(args(), names=("mission_500x44",)))
    assert isinstance(question, Mission)
    row = outlets._ours(question, 600.0, 1, 0.0)
    assert row.violations == 0
    assert row.bound_gap_percent is not None
    assert row.bound_gap_percent <= 0.0101
    found = solve(question.problem, params=OutletParams(gap=1e-4, has_frontier=False))
    assert found.plan.captured == pytest.approx(row.objective, rel=2e-4)
    assert 0 < found.plan.spent <= 1500.0


def test_rows_are_kept_as_they_come_and_not_run_again(tmp_path: Path) -> None:
    kept = tmp_path / "rows.jsonl"
    asked = replace(args(into=str(kept), R="20", p="3"), names=("drawn_60x12",))
    (first,) = outlets.runs(asked)
    assert first.extra["budget_seconds"] == 30.0
    kept.write_text(first.as_json().replace(f"{first.objective}", "123456.0"), encoding="utf-8")
    (again,) = outlets.runs(asked)
    assert again.objective == 123456.0


def test_engines_are_given_the_whole_model_only_within_their_class() -> None:
    few = replace(args(entries="10", spopt_pairs="1"), with_peers=True)
    assert outlets._peers(few, LINE, 1.0) == []
    enough = replace(args(spopt_pairs="1"), with_peers=True)
    asked = outlets._peers(enough, LINE, 1.0)
    assert [name for name, _, _ in asked] == ["ortools-highs", "ortools-gscip", "ortools-cp_sat"]
    row = asked[0][2]()
    assert (row.objective, row.bound_gap_percent, row.violations) == (2.0, 0.0, 0)
