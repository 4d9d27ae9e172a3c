"""Cells of many points by arithmetic: the same as H3 says, at borders and over faces too."""

import numpy as np
import pytest
from h3.api import basic_int as h3

from territory.units.cells import CellTable, h3_cells, locate_cells, one_point_per_cell
from territory.units.lattice import HexLattice

PLACES = {"Helsinki": (24.94, 60.17), "Buenos Aires": (-58.4, -34.6), "Suva": (179.99, -18.1)}


def around(lon, lat, *, degrees, count, seed=1):
    random = np.random.default_rng(seed)
    points = np.array([lon, lat]) + degrees * (random.random((count, 2)) - 0.5)
    points[:, 0] = (points[:, 0] + 180) % 360 - 180
    return points


def face_edge_and_corner():
    """A point where two faces of the icosahedron meet, and one where five do."""
    corner, other = (
        np.array(h3.cell_to_latlng(cell)[::-1]) for cell in sorted(h3.get_pentagons(0))[1:3]
    )
    return (corner + other) / 2, corner


@pytest.mark.parametrize("resolution", [5, 8, 9])
@pytest.mark.parametrize("place", PLACES)
def test_a_table_of_cells_says_what_h3_says_of_every_point(place, resolution):
    points = around(*PLACES[place], degrees=0.3, count=5_000)
    cells = sorted(set(h3_cells(points, resolution)))[::2]
    index = {cell: position for position, cell in enumerate(cells)}
    found = CellTable([h3.int_to_str(cell) for cell in cells]).locate(points)
    assert found.tolist() == locate_cells(index, points, resolution).tolist()
    assert (found >= 0).any()
    assert (found < 0).any() or len(cells) == 1


@pytest.mark.parametrize("place", face_edge_and_corner())
def test_over_the_faces_of_the_icosahedron_too(place):
    points = around(*place, degrees=0.4, count=8_000)
    cells = sorted(set(h3_cells(points, 7)))
    index = {cell: position for position, cell in enumerate(cells)}
    found = CellTable([h3.int_to_str(cell) for cell in cells]).locate(points)
    assert found.tolist() == locate_cells(index, points, 7).tolist()
    assert found.min() == 0


def test_points_on_and_beside_the_borders_of_cells_are_not_guessed():
    cells = sorted(set(h3_cells(around(24.94, 60.17, degrees=0.1, count=500), 8)))
    rings = [np.array(h3.cell_to_boundary(cell))[:, ::-1] for cell in cells]
    on = np.concatenate([(ring + np.roll(ring, 1, axis=0)) / 2 for ring in rings] + rings)
    points = np.concatenate([on, on + 1e-10, on - 1e-8, on + 1e-6])
    index = {cell: position for position, cell in enumerate(cells)}
    found = CellTable([h3.int_to_str(cell) for cell in cells]).locate(points)
    assert found.tolist() == locate_cells(index, points, 8).tolist()


def test_few_points_stand_for_all_cells():
    points = around(24.94, 60.17, degrees=0.2, count=20_000)
    chosen = one_point_per_cell(points, 8)
    assert set(h3_cells(chosen, 8)) == set(h3_cells(points, 8))
    assert len(chosen) < 1_000


def test_keys_are_equal_just_for_points_of_one_cell_within_a_face():
    points = around(24.94, 60.17, degrees=0.2, count=3_000)
    placing = HexLattice(9).place(points)
    assert placing.is_sure.mean() > 0.99
    assert not placing.is_edge.any()
    pairs = {
        (key, cell)
        for key, cell, is_sure in zip(
            placing.keys.tolist(), h3_cells(points, 9), placing.is_sure.tolist(), strict=True
        )
        if is_sure
    }
    assert len(pairs) == len({key for key, _ in pairs}) == len({cell for _, cell in pairs})
