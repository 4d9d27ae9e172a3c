"""Geometry as it travels in a page."""

import numpy as np
import shapely

from maps.layers import (
    MOST_BASE_POINTS,
    MOST_UNIT_POINTS,
    bounds,
    encode_base_map,
    encode_line,
    encode_lines,
    encode_points,
    encode_units,
    units_bounds,
)
from maps.preview import areas_preview, is_picture
from territory.basemap import BaseMap
from tests.maps import worlds


def decoded(steps: list[int]) -> np.ndarray:  # type: ignore[type-arg]
    return np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / 1e5


def test_points_come_back_to_five_decimals() -> None:
    points = np.array([[24.941234, 60.171239], [-0.5, -33.999996], [179.99999, 85.0]])
    assert np.abs(decoded(encode_points(points)) - points).max() <= 0.5e-5 + 1e-12


def test_a_line_drops_points_that_fall_together() -> None:
    line = ((24.0, 60.0), (24.000001, 60.000001), (24.1, 60.0))
    assert encode_line(line) == [2400000, 6000000, 10000, 0]


def test_units_keep_holes_and_parts() -> None:
    units = worlds.hex_units(1)
    outer = shapely.box(24, 60, 25, 61)
    holed = outer.difference(shapely.box(24.2, 60.2, 24.4, 60.4))
    pair = shapely.MultiPolygon([shapely.box(26, 60, 27, 61), shapely.box(28, 60, 29, 61)])
    polygons = units.polygons.copy()
    polygons[0], polygons[1] = holed, pair
    from dataclasses import replace

    rings = encode_units(replace(units, polygons=polygons))["rings"]
    assert isinstance(rings, list)
    assert [len(found) for found in rings] == [2, 2, 1, 1, 1, 1, 1]


def test_neighbours_still_share_their_border_after_thinning() -> None:
    angles = np.linspace(0, 200, MOST_UNIT_POINTS)
    border = np.column_stack([24 + angles * 1e-3, 60 + 0.01 * np.sin(angles)])
    low = shapely.Polygon([*border, (24.2, 59.9), (24.0, 59.9)])
    high = shapely.Polygon([*border, (24.2, 60.1), (24.0, 60.1)])
    from maps.layers import _thinned

    polygons = np.array([low, high], dtype=object)
    thin = _thinned(polygons)
    assert shapely.get_num_coordinates(thin).sum() <= MOST_UNIT_POINTS
    assert shapely.coverage_is_valid(thin)
    assert abs(shapely.area(thin).sum() / shapely.area(polygons).sum() - 1) < 0.01


def test_a_base_map_gives_way_from_the_smallest_roads_up() -> None:
    def streets(count: int, shift: float) -> tuple[tuple[tuple[float, float], ...], ...]:
        return tuple(
            ((24.0, 60 + shift + n * 1e-5), (24.5, 60.1 + shift), (25.0, 60 + shift + n * 1e-5))
            for n in range(count)
        )

    most = MOST_BASE_POINTS // 3
    base = BaseMap(roads={"minor": streets(50, 1.0), "major": streets(most, 0.0)})
    roads = encode_base_map(base)["roads"]
    assert isinstance(roads, dict)
    assert list(roads) == ["major"]
    fewer = BaseMap(roads={"minor": streets(50, 1.0), "major": streets(50, 0.0)})
    kept = encode_base_map(fewer)["roads"]
    assert isinstance(kept, dict)
    assert {kind: len(lines) for kind, lines in kept.items()} == {"major": 50, "minor": 50}


def test_many_lines_are_thinned_to_the_budget() -> None:
    steps = np.linspace(0, 6, 5000)
    lines = [
        tuple((24 + float(s), 60 + shift + 0.1 * float(np.sin(s))) for s in steps)
        for shift in (0.0, 0.5, 1.0)
    ]
    thin = encode_lines(lines, most_points=600)
    assert len(thin) == 3
    assert sum(len(line) for line in thin) // 2 <= 600


def test_bounds_hold_all_points_and_never_collapse() -> None:
    assert bounds(np.array([[24.0, 60.0], [25.0, 61.0]])) == [24.0, 60.0, 25.0, 61.0]
    west, south, east, north = bounds(np.array([[24.0, 60.0]]))
    assert west < 24.0 < east
    assert south < 60.0 < north
    assert bounds(np.empty((0, 2)))[0] < 0


def test_bounds_of_units_are_those_of_their_polygons() -> None:
    units = worlds.hex_units(2)
    west, south, east, north = units_bounds(units)
    assert west < units.lonlat[:, 0].min() < units.lonlat[:, 0].max() < east
    assert south < units.lonlat[:, 1].min() < units.lonlat[:, 1].max() < north


def test_a_preview_is_numbers_and_colours_only() -> None:
    units = worlds.hex_units(3)
    found = areas_preview(units, np.zeros(len(units), dtype=np.int8), ("#112233",))
    assert is_picture(found)
    assert not is_picture(found.replace("#112233", "url(x)"))
    assert not is_picture(found.replace("<path", "<script", 1))
    assert not is_picture('<svg onload="x()"></svg>')
