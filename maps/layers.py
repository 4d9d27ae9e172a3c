"""Geometry as a page carries it: WGS84 in steps of 1e-5 degrees, each point as a difference."""

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from territory.basemap import BaseMap, Line
from territory.units import Units

PRECISION = 1e5  # 5 decimals, about one metre
MOST_UNIT_POINTS = 120_000
MOST_BASE_POINTS = 60_000

Steps = list[int]
"""Whole 1e-5 degrees: lon, lat of the first point, then differences."""


def encode_points(lonlat: NDArray[np.float64]) -> Steps:
    """(n, 2) lon, lat as one flat list of whole steps; repeated points are kept."""
    if len(lonlat) == 0:
        return []
    whole = np.rint(np.asarray(lonlat, dtype=np.float64) * PRECISION).astype(np.int64)
    differences = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return [int(step) for step in differences.ravel()]


def encode_line(line: Sequence[tuple[float, float]] | NDArray[np.float64]) -> Steps:
    """One line; points that fall together at this precision are dropped."""
    array = np.asarray(line, dtype=np.float64).reshape(-1, 2)
    if len(array) > 1:
        whole = np.rint(array * PRECISION)
        moved = np.any(np.diff(whole, axis=0) != 0, axis=1)
        array = array[np.concatenate([[True], moved])]
    return encode_points(array)


def encode_units(units: Units) -> dict[str, object]:
    """Every unit's rings as steps from its inner point, that point, id and name, as columns.

    Ids are sent without what all of them begin and end with, as H3 ids do; names only where they
    differ from the ids.
    """
    polygons = _thinned(units.polygons)
    first, last = _shared_ends(units.ids)
    return {
        "ids": [unit[len(first) : len(unit) - len(last)] for unit in units.ids],
        "ids_first": first,
        "ids_last": last,
        "names": [] if units.names == units.ids else list(units.names),
        "inner": encode_points(units.lonlat),
        "rings": [
            _rings(polygon, lonlat) for polygon, lonlat in zip(polygons, units.lonlat, strict=True)
        ],
    }


def encode_shapes(shapes: Sequence[BaseGeometry]) -> dict[str, object]:
    """Polygons that are no units: each one's rings as steps from a point in it, and that point."""
    inner = np.zeros((len(shapes), 2))
    for place, shape in enumerate(shapes):
        if not shape.is_empty:
            inner[place] = shapely.get_coordinates(shape.representative_point())[0]
    return {
        "inner": encode_points(inner),
        "rings": [_rings(shape, lonlat) for shape, lonlat in zip(shapes, inner, strict=True)],
    }


def _shared_ends(texts: Sequence[str]) -> tuple[str, str]:
    """What all texts begin with, and what the rest of them all end with."""
    if len(texts) < 2:
        return "", ""
    first = _beginning(texts)
    return first, _beginning([text[len(first) :][::-1] for text in texts])[::-1]


def _beginning(texts: Sequence[str]) -> str:
    lowest, highest = min(texts), max(texts)
    same = zip(lowest, highest, strict=False)
    length = next((n for n, (a, b) in enumerate(same) if a != b), min(len(lowest), len(highest)))
    return lowest[:length]


def _rings(shape: BaseGeometry | None, inner: NDArray[np.float64]) -> list[Steps]:
    """Outer and inner rings of a polygon or multipolygon, without the closing point."""
    if shape is None or shape.is_empty:
        return []
    origin = np.rint(inner * PRECISION)
    rings: list[Steps] = []
    for part in shapely.get_parts(shape):
        if part.geom_type != "Polygon":
            continue
        for ring in (part.exterior, *part.interiors):
            steps = encode_points(shapely.get_coordinates(ring)[:-1])
            steps[0] -= int(origin[0])
            steps[1] -= int(origin[1])
            rings.append(steps)
    return rings


def _thinned(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """The polygons, simplified together if they have too many points to send.

    Shared borders stay shared when they were a clean coverage to begin with.
    """
    points = int(shapely.get_num_coordinates(polygons).sum())
    tolerance = 1e-5
    while points > MOST_UNIT_POINTS and tolerance < 0.05:
        tolerance *= 2.5
        if shapely.coverage_is_valid(polygons):
            thin = shapely.coverage_simplify(polygons, tolerance)
        else:
            thin = shapely.simplify(polygons, tolerance)
        fewer = int(shapely.get_num_coordinates(thin).sum())
        if fewer <= MOST_UNIT_POINTS or tolerance >= 0.02:
            return np.asarray(thin, dtype=object)
    return polygons


def encode_lines(lines: Iterable[Line], *, most_points: int = MOST_BASE_POINTS) -> list[Steps]:
    """Lines, simplified until they hold at most about ``most_points`` points."""
    shapes = np.asarray([shapely.LineString(line) for line in lines if len(line) > 1], dtype=object)
    if len(shapes) == 0:
        return []
    tolerance = 0.5 / PRECISION
    thin = shapely.simplify(shapes, tolerance)
    while int(shapely.get_num_coordinates(thin).sum()) > most_points and tolerance < 0.01:
        tolerance *= 2
        thin = shapely.simplify(thin, tolerance)
    return [encode_line(shapely.get_coordinates(shape)) for shape in thin]


def encode_base_map(base: BaseMap | None) -> dict[str, object]:
    """Roads by class, water and boundaries. The smallest roads give way if there are too many."""
    if base is None:
        return {"roads": {}, "water": [], "boundaries": []}
    roads: dict[str, list[Steps]] = {}
    left = MOST_BASE_POINTS
    others = sorted(set(base.roads) - {"major", "middle", "minor"})
    for kind in ("major", "middle", "minor", *others):
        if left <= 0 or kind not in base.roads:
            continue
        lines = encode_lines(base.roads[kind], most_points=left)
        points = sum(len(line) for line in lines) // 2
        if lines and points <= left:
            roads[kind] = lines
        left -= points
    return {
        "roads": roads,
        "water": encode_lines(base.water),
        "boundaries": encode_lines(base.boundaries),
    }


def bounds(lonlat: NDArray[np.float64]) -> list[float]:
    """West, south, east, north of points; a small box around one point; the globe for none."""
    array = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    array = array[np.isfinite(array).all(axis=1)]
    if len(array) == 0:
        return [-170.0, -60.0, 170.0, 70.0]
    west, south = array.min(axis=0)
    east, north = array.max(axis=0)
    pad = 0.002 if max(east - west, north - south) < 1e-4 else 0.0
    return [round(float(edge), 5) for edge in (west - pad, south - pad, east + pad, north + pad)]


def units_bounds(units: Units) -> list[float]:
    """The box around all units."""
    if len(units) == 0:
        return bounds(np.empty((0, 2)))
    corners = shapely.total_bounds(units.polygons).reshape(2, 2)
    return bounds(corners if np.isfinite(corners).all() else units.lonlat)
