"""The score benchmark: rows of ours and the peer, judged by a count that shares no code."""

import numpy as np
import shapely

from benchmarks.frame import BenchArgs
from benchmarks.score import draw_points, independent_totals, read_zones, runs, totals
from tests.shared import shared_path


def test_every_row_of_a_small_run_is_free_of_violations():
    shared_path("geo", "helsinki", "paavo_2022.geojson")
    rows = list(runs(BenchArgs(bench="score", params={"n": "3000"})))
    assert [row.engine for row in rows] == ["fieldwright", "geopandas"]
    assert {row.work for row in rows} == {"3k helsinki84"}
    assert [row.violations for row in rows] == [0, 0]
    assert rows[0].objective == rows[0].best_known > 1_500


def test_the_independent_count_gives_a_point_on_a_border_to_the_first_zone_only():
    zones = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], dtype=object)
    points = np.array([[1.0, 0.5], [0.5, 0.5], [1.5, 0.5], [5.0, 5.0]])
    assert independent_totals(zones, points).tolist() == [2, 1]
    assert totals(np.array([0, 0, 1, -1]), 3).tolist() == [2, 1, 0]


def test_a_projected_file_is_read_in_degrees_and_points_repeat_by_seed():
    zones = read_zones(shared_path("geo", "helsinki", "paavo_2022.geojson"))
    west, south, east, north = shapely.total_bounds(zones)
    assert 24 < west < east < 26
    assert 60 < south < north < 61
    assert (draw_points(zones, 50, seed=4) == draw_points(zones, 50, seed=4)).all()
    assert (draw_points(zones, 50, seed=4) != draw_points(zones, 50, seed=5)).any()
