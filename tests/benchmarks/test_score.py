"""The score benchmark: rows of ours and the peers, judged by counts that share no code."""

import h3
import numpy as np
import pandas as pd
import pytest
import shapely

from benchmarks.frame import BenchArgs
from benchmarks.score import draw_points, judge_parts, runs
from benchmarks.score_full import Scored, differences
from benchmarks.score_units import (
    PartCounts,
    count_geopandas,
    count_here,
    counted,
    independent_cells,
    independent_zones,
)
from benchmarks.score_world import PopulationGrid, read_geojson, write_companies
from territory.errors import InputError
from tests.shared import shared_path


def small(**params):
    return BenchArgs(bench="score", params=params, with_peers=True)


def test_every_row_of_a_small_run_is_free_of_violations():
    shared_path("geo", "helsinki", "paavo_2022.geojson")
    rows = list(runs(small(work="zones", n="3000")))
    assert [row.engine for row in rows] == ["fieldwright", "geopandas"]
    assert {row.work for row in rows} == {"3k helsinki84"}
    assert [row.violations for row in rows] == [0, 0]
    assert rows[0].objective == rows[0].best_known > 1_500


def test_points_in_files_are_counted_as_independent_joins_count_them(tmp_path):
    folder = shared_path("geo", "helsinki")
    zones = folder / "paavo_2022.geojson"
    grid = PopulationGrid(folder / "hsy_populationgrid.geojson", share=0.8)
    paths = [str(path) for path in write_companies(grid, tmp_path, 4_000, seed=2)]
    cells = tuple(sorted({h3.latlng_to_cell(60.17, lon, 9) for lon in (24.9, 24.94, 24.96)}))
    parts = count_here(paths, zones, cells)
    assert [part.rows for part in parts] == [4_000]
    assert parts[0].zones.sum() > 1_000
    assert judge_parts(parts, paths, zones, cells, 4_000) == (0, 4_000)
    assert (count_geopandas(paths, zones) == parts[0].zones).all()
    wrong = [PartCounts(parts[0].path, 4_000, parts[0].units, parts[0].zones + 1)]
    assert judge_parts(wrong, paths, zones, cells, 4_000) == (84, 4_000)


def test_a_whole_score_is_judged_clean():
    shared_path("geo", "helsinki", "hsy_populationgrid.geojson")
    asked = {"work": "full", "companies": "3000", "resolution": "7", "repeats": "1", "share": "0.5"}
    (row,) = runs(small(**asked))
    assert row.work.startswith("full 3000 companies")
    assert row.violations == 0
    assert row.objective is not None
    assert row.objective > 1e6


def test_figures_that_differ_are_counted():
    facts = pd.DataFrame({"norm": [1.0, np.nan], "group": ["", ""]})
    one = Scored(facts=facts, plan="same", wall_seconds=1.0, peak_mb=1.0)  # type: ignore[arg-type]
    off = Scored(
        facts=facts.assign(norm=[1.0 + 1e-15, np.nan]), plan="same", wall_seconds=1.0, peak_mb=1.0
    )
    assert differences(one, one) == 0
    assert differences(one, off) == 1


def test_an_unknown_work_is_refused():
    with pytest.raises(InputError, match="sums"):
        list(runs(small(work="sums")))


def test_the_independent_count_gives_a_point_on_a_border_to_the_first_zone_only():
    zones = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], dtype=object)
    points = np.array([[1.0, 0.5], [0.5, 0.5], [1.5, 0.5], [5.0, 5.0]])
    assert independent_zones(zones, points).tolist() == [2, 1]
    assert counted(np.array([0, 0, 1, -1]), 3).tolist() == [2, 1, 0]


def test_the_independent_count_of_cells_asks_h3_of_every_point():
    cell = h3.latlng_to_cell(60.17, 24.94, 9)
    points = np.array([[24.94, 60.17], [25.5, 60.4], [24.94, 60.17]])
    assert independent_cells([cell], points).tolist() == [2]


def test_a_projected_file_is_read_in_degrees_and_points_repeat_by_seed():
    zones, _ = read_geojson(shared_path("geo", "helsinki", "paavo_2022.geojson"))
    west, south, east, north = shapely.total_bounds(zones)
    assert 24 < west < east < 26
    assert 60 < south < north < 61
    assert (draw_points(zones, 50, seed=4) == draw_points(zones, 50, seed=4)).all()
    assert (draw_points(zones, 50, seed=4) != draw_points(zones, 50, seed=5)).any()
