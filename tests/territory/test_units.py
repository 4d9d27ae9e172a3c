"""Units: cells and zones, who borders whom, barriers, links, islands, and where a point lies."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from territory.errors import InputError
from territory.geo import local_crs, to_meters
from territory.units import (
    ZoneGrid,
    components,
    default_resolution,
    h3_units,
    locate,
    zone_units,
)

DEGREE_LAT = 111_195.0  # metres of one degree of latitude


def city(count: int, *, kilometers: float, seed: int = 3) -> np.ndarray:
    side = kilometers * 1000 / DEGREE_LAT
    points = np.random.default_rng(seed).random((count, 2)) - 0.5
    return np.array([24.94, 60.17]) + points * side * np.array([2.0, 1.0])


def squares(columns: int, rows: int, *, gap: float = 0.0) -> pd.DataFrame:
    """Zones z00, z10, ... of 0.01 x 0.01 degree on the equator; ``gap`` parts the columns."""
    return pd.DataFrame(
        [
            {
                "zone_id": f"z{column}{row}",
                "name": f"Zone {column}{row}",
                "geometry": shapely.box(
                    column * (0.01 + gap),
                    row * 0.01,
                    column * (0.01 + gap) + 0.01,
                    row * 0.01 + 0.01,
                ).wkt,
            }
            for row in range(rows)
            for column in range(columns)
        ]
    )


def neighbours_of(units, name: str) -> set[str]:
    return {units.ids[other] for other in units.neighbours.of(units.index()[name])}


@pytest.mark.parametrize(("kilometers", "resolutions"), [(1.3, {11}), (25, {8, 9}), (250, {5, 6})])
def test_the_default_resolution_follows_the_size_of_the_market(kilometers, resolutions):
    points = city(400, kilometers=kilometers)
    assert default_resolution(points) in resolutions
    assert 200 <= len(h3_units(points, resolution=default_resolution(points))) <= 4_000


def test_one_stray_point_does_not_coarsen_the_market():
    points = city(400, kilometers=2)
    stray = np.vstack([points, [[30.0, 62.0]]])
    assert default_resolution(stray) == default_resolution(points)


def test_a_market_of_one_point_has_a_resolution_and_a_patch_of_seven_cells():
    point = np.array([[24.94, 60.17]])
    assert len(h3_units(point, resolution=default_resolution(point))) == 7


def test_no_point_at_all_is_refused():
    with pytest.raises(InputError, match="no place"):
        default_resolution(np.empty((0, 2)))


def test_cells_cover_every_point_in_one_piece_without_holes():
    ring = np.radians(np.arange(0, 360, 3))
    points = np.array([24.94, 60.17]) + 0.03 * np.column_stack([2 * np.cos(ring), np.sin(ring)])
    units = h3_units(points, resolution=9)
    assert (locate(units, points) >= 0).all()
    assert set(components(units.neighbours)) == {0}
    assert shapely.union_all(units.polygons).interiors[:] == []


def test_groups_apart_are_joined_and_a_far_one_is_left_apart():
    near = np.array([[24.94, 60.17], [25.00, 60.17]])  # 3.3 km: about 10 cells of resolution 9
    far = np.array([[24.94, 60.17], [26.00, 60.17]])  # 59 km
    assert set(components(h3_units(near, resolution=9).neighbours)) == {0}
    assert set(components(h3_units(far, resolution=9).neighbours)) == {0, 1}


def test_cells_keep_to_the_land_so_that_islands_stay_apart():
    points = np.array([[24.94, 60.17], [24.941, 60.171], [25.00, 60.17]])
    land = shapely.union_all([shapely.Point(p).buffer(0.006) for p in points])
    apart = h3_units(points, resolution=9, within=land)
    assert set(components(apart.neighbours)) == {0, 1}
    joined = h3_units(
        points, resolution=9, within=land, links=["LINESTRING (24.94 60.17, 25.00 60.17)"]
    )
    assert set(components(joined.neighbours)) == {0}
    assert 0.0 in joined.neighbours.border_meters


def test_a_place_just_off_the_shore_is_moored_to_it():
    land = shapely.box(24.90, 60.10, 24.95, 60.20)
    points = np.vstack([city(50, kilometers=2), [[24.962, 60.17]]])
    units = h3_units(points, resolution=9, within=land)
    assert locate(units, points[-1:])[0] >= 0
    assert set(components(units.neighbours)) == {0}


def test_inner_hexagons_have_six_neighbours_and_their_borders_are_their_outline():
    units = h3_units(city(200, kilometers=3), resolution=9)
    degree = np.diff(units.neighbours.indptr)
    inner = int(np.flatnonzero(degree == 6)[0])
    start, end = units.neighbours.indptr[inner : inner + 2]
    corners = to_meters(shapely.get_coordinates(units.polygons[inner]), crs=local_crs(units.lonlat))
    outline = np.hypot(*np.diff(corners, axis=0).T).sum()
    assert units.neighbours.border_meters[start:end].sum() == pytest.approx(outline, rel=1e-9)
    assert units.area_square_meters[inner] == pytest.approx(shapely.Polygon(corners).area, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_points_changes_nothing_and_neighbours_are_symmetric(seed):
    points = city(30, kilometers=4, seed=seed)
    units, shuffled = h3_units(points, resolution=8), h3_units(points[::-1], resolution=8)
    assert units.ids == shuffled.ids
    graph = units.neighbours
    pairs = set()
    for unit in range(len(units)):
        start, end = graph.indptr[unit : unit + 2]
        pairs |= {
            (unit, int(other), float(border))
            for other, border in zip(
                graph.indices[start:end], graph.border_meters[start:end], strict=True
            )
        }
    assert all(one != other for one, other, _ in pairs)
    assert {(other, one, border) for one, other, border in pairs} == pairs


def test_a_barrier_parts_cells_and_a_link_joins_them_again():
    points = city(300, kilometers=3)
    river = "LINESTRING (24.94 60.0, 24.94 60.4)"
    whole = h3_units(points, resolution=9)
    parted = h3_units(points, resolution=9, barriers=[river])
    assert set(components(whole.neighbours)) == {0}
    assert set(components(parted.neighbours)) == {0, 1}
    bridge = "LINESTRING (24.93 60.17, 24.95 60.17)"
    bridged = h3_units(points, resolution=9, barriers=[river], links=[bridge])
    assert set(components(bridged.neighbours)) == {0}
    ends = locate(bridged, np.array([[24.93, 60.17], [24.95, 60.17]]))
    assert ends[1] in bridged.neighbours.of(int(ends[0]))


def test_lines_that_cannot_be_read_are_all_named():
    with pytest.raises(InputError) as caught:
        h3_units(
            city(5, kilometers=1), resolution=9, barriers=["LINESTRING (0", "POINT (1 2)", "nö"]
        )
    assert len(caught.value.faults) == 3


def test_zones_border_along_lines_and_not_at_corners():
    units = zone_units(squares(3, 2))
    assert neighbours_of(units, "z00") == {"z10", "z01"}
    assert neighbours_of(units, "z11") == {"z01", "z21", "z10"}
    assert units.neighbours.border_meters == pytest.approx(0.01 * DEGREE_LAT, rel=0.01)
    assert units.area_square_meters == pytest.approx((0.01 * DEGREE_LAT) ** 2, rel=0.02)


def test_slivers_of_half_a_metre_still_border_and_gaps_of_five_metres_do_not():
    sliver = zone_units(squares(2, 1, gap=0.5 / DEGREE_LAT))
    gap = zone_units(squares(2, 1, gap=5 / DEGREE_LAT))
    assert neighbours_of(sliver, "z00") == {"z10"}
    assert neighbours_of(gap, "z00") == set()


def test_barriers_and_links_work_on_zones():
    river = "LINESTRING (0.01 -1, 0.01 1)"
    assert set(components(zone_units(squares(2, 2), barriers=[river]).neighbours)) == {0, 1}
    ferry = "LINESTRING (0.005 0.005, 0.025 0.005)"
    units = zone_units(squares(3, 1), links=[ferry])
    assert neighbours_of(units, "z00") == {"z10", "z20"}
    with pytest.raises(InputError, match="outside every unit"):
        zone_units(squares(2, 1), links=["LINESTRING (0.005 0.005, 5 5)"])


def test_bad_zones_are_all_named_and_bow_ties_are_mended():
    zones = squares(2, 1)
    zones.loc[2] = ["z00", "twice", zones["geometry"].iloc[0]]
    zones.loc[3] = ["line", "", "LINESTRING (0 0, 1 1)"]
    zones.loc[4] = ["nonsense", "", "<b>"]
    with pytest.raises(InputError) as caught:
        zone_units(zones)
    assert sorted(fault.row for fault in caught.value.faults) == [4, 5, 6]
    bow_tie = pd.DataFrame(
        [{"zone_id": "b", "name": "", "geometry": "POLYGON ((0 0, .02 .02, .02 0, 0 .02, 0 0))"}]
    )
    units = zone_units(bow_tie)
    assert units.names == ("b",)
    assert locate(units, np.array([[0.001, 0.01], [0.01, 0.001]])).tolist() == [0, -1]


def test_points_outside_all_units_and_missing_points_are_nowhere():
    points = np.array([[0.005, 0.005], [0.5, 0.5], [np.nan, 0.0]])
    assert locate(zone_units(squares(2, 2)), points).tolist() == [0, -1, -1]
    cells = h3_units(points[:1], resolution=9)
    assert locate(cells, points)[1:].tolist() == [-1, -1]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_zone_grid_agrees_with_a_point_by_point_search(seed):
    """Overlapping and touching random polygons; the first that holds the point counts."""
    random = np.random.default_rng(seed)
    polygons = np.array(
        [
            shapely.MultiPoint(random.random(2) + 0.3 * random.random((6, 2))).convex_hull
            for _ in range(8)
        ],
        dtype=object,
    )
    corners = shapely.get_coordinates(polygons)
    points = np.vstack([random.random((300, 2)) * 1.5, corners])
    slow = [
        next((zone for zone, shape in enumerate(polygons) if shape.intersects(point)), -1)
        for point in shapely.points(points)
    ]
    assert ZoneGrid(polygons, depth=5).locate(points).tolist() == slow
