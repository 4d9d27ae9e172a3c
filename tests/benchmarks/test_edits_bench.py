"""The benchmark of hand edits times every kind and holds each answer against a fresh measure."""

from benchmarks.edits import KINDS, edit_runs
from benchmarks.frame import BenchArgs
from benchmarks.redraw_instances import toy_question


def test_every_kind_of_edit_gives_a_row_whose_answers_are_true() -> None:
    args = BenchArgs(bench="redraw", params={"work": "edits", "places": "3"}, with_peers=False)
    rows = list(edit_runs(args, iter([toy_question()])))
    assert [row.work.split(" ", 3)[3] for row in rows] == list(KINDS)
    assert all(row.violations == 0 for row in rows)
    assert all(row.extra["milliseconds"] > 0 for row in rows)  # type: ignore[operator]
    assert rows[0].extra["moved_units"] == 1
