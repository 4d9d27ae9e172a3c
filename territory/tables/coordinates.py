"""Coordinates that are on the globe by luck or not at all: swapped, projected, or zero.

They are recognised and said, never changed.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.geo import LonLat
from territory.tables.findings import Finding, Mask
from territory.tables.model import TableSpec

SURE_SHARE = 0.9
"""A file is called swapped or projected when this share of its points says so."""

WIDEST_CITY_DEGREES = 3.0
"""Points this near to a market's own count as being in it, however small the market is."""

_NATIONAL_GRIDS = (3067, 3857, 27700, 2154, 28992, 2056, 3035, 31370, 2180, 5514)
"""Metric systems seen in exports: EPSG codes, tried where the market's place decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A longitude column and its latitude column."""

    lon: str
    lat: str


def pairs_of(spec: TableSpec) -> tuple[Pair, ...]:
    """The coordinate pairs of a table, matched by the prefix of their names."""
    latitudes = {c.name.removesuffix("lat"): c.name for c in spec.columns if c.kind == "latitude"}
    return tuple(
        Pair(lon=column.name, lat=latitudes[column.name.removesuffix("lon")])
        for column in spec.columns
        if column.kind == "longitude"
    )


def judge_points(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    pair: Pair,
    *,
    market_points: LonLat | None = None,
) -> tuple[Finding, ...]:
    """What is wrong with these points as places, beyond the plain range of each number."""
    filled = np.isfinite(lon) & np.isfinite(lat)
    zero = filled & (lon == 0) & (lat == 0)
    found = [
        Finding(
            column=pair.lon,
            is_bad=zero,
            expected="a place (0, 0 is in the sea and stands for unknown)",
            fix="Give the coordinates, or leave both cells empty where that is allowed.",
        ),
        _projected(lon, lat, filled & ~zero, pair, market_points),
        _swapped(lon, lat, filled & ~zero, pair, market_points),
    ]
    return tuple(finding for finding in found if finding.is_bad.any())


def _swapped(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    filled: Mask,
    pair: Pair,
    market_points: LonLat | None,
) -> Finding:
    with np.errstate(invalid="ignore"):
        surely = filled & (np.abs(lat) > 90) & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)
    if surely.sum() < SURE_SHARE * filled.sum():
        surely = np.zeros(len(lon), dtype=bool)  # a slip in a few rows is out of range, not swapped
    expected = f"a longitude: {pair.lon!r} and {pair.lat!r} look swapped"
    if market_points is not None and len(market_points) and filled.any():
        here = filled & _near(lon, lat, market_points)
        there = filled & _near(lat, lon, market_points)
        if there.sum() >= SURE_SHARE * filled.sum() > 0 and here.sum() < there.sum() / 10:
            surely = surely | there
            expected += " (the other way round they lie among the market's points)"
    return Finding(
        column=pair.lon,
        is_bad=surely,
        expected=expected,
        fix=f"If so, import with {pair.lon}={pair.lat} and {pair.lat}={pair.lon} mapped.",
    )


def _near(lon: NDArray[np.float64], lat: NDArray[np.float64], market_points: LonLat) -> Mask:
    middle = np.median(market_points, axis=0)
    spread = np.maximum(2 * np.abs(market_points - middle).max(axis=0), WIDEST_CITY_DEGREES)
    with np.errstate(invalid="ignore"):
        near = (np.abs(lon - middle[0]) <= spread[0]) & (np.abs(lat - middle[1]) <= spread[1])
    return np.asarray(near, dtype=np.bool_)


def _projected(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    filled: Mask,
    pair: Pair,
    market_points: LonLat | None,
) -> Finding:
    with np.errstate(invalid="ignore"):
        is_metric = filled & ((np.abs(lon) > 180) | (np.abs(lat) > 180))
    if is_metric.sum() < SURE_SHARE * filled.sum() or not is_metric.any():
        is_metric = np.zeros(len(lon), dtype=bool)
    east, north = (np.median(v[is_metric]) if is_metric.any() else 0.0 for v in (lon, lat))
    likely = likely_crs(float(east), float(north), market_points) if is_metric.any() else ""
    return Finding(
        column=pair.lon,
        is_bad=is_metric,
        expected=f"degrees: these are projected metres, likely {likely}",
        fix="Export the file in WGS84 (EPSG:4326) and import it again.",
    )


def likely_crs(east: float, north: float, market_points: LonLat | None) -> str:
    """A name for the metric system in which a point has these coordinates.

    With a market's own points the system is the one that puts the point among them; without, only
    the size of the numbers speaks.
    """
    if market_points is not None and len(market_points):
        for code in _candidates(market_points):
            for first, second, order in ((east, north, ""), (north, east, ", north before east")):
                if _lands_near(code, first, second, market_points):
                    return f"EPSG:{code}{order}"
    if 50_000 <= east <= 950_000 and 6_550_000 <= north <= 7_800_000:
        return "EPSG:3067 (ETRS-TM35FIN) or another UTM zone (EPSG:326xx)"
    if 100_000 <= east <= 900_000 and 0 <= north <= 10_000_000:
        return "a UTM zone (EPSG:326xx north, 327xx south of the equator) or a national grid"
    if max(abs(east), abs(north)) <= 20_037_509:
        return "EPSG:3857 (web Mercator) or a national grid"
    return "of a system that is not metres"


def _candidates(market_points: LonLat) -> tuple[int, ...]:
    lon, lat = np.median(market_points, axis=0)
    zone = int((lon + 180) // 6) % 60 + 1
    base = 32600 if lat >= 0 else 32700
    utm = tuple(base + (zone - 1 + step) % 60 + 1 for step in (0, 1, -1))
    # Finland's national grid is UTM zone 35 N too: the national name is likelier.
    return (*_NATIONAL_GRIDS, *utm)


def _lands_near(code: int, east: float, north: float, market_points: LonLat) -> bool:
    from pyproj import CRS, Transformer

    crs = CRS.from_epsg(code)
    area = crs.area_of_use
    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(east, north)
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return False
    inside = area is None or (area.west <= lon <= area.east and area.south <= lat <= area.north)
    return bool(inside and _near(np.array([lon]), np.array([lat]), market_points)[0])


def points_of(frame: pd.DataFrame, spec: TableSpec) -> LonLat:
    """All finite points of a typed frame, (n, 2), to serve as a market's own points."""
    parts = [
        frame[[pair.lon, pair.lat]].to_numpy(dtype=np.float64)
        for pair in pairs_of(spec)
        if {pair.lon, pair.lat} <= set(frame.columns)
    ]
    points = np.concatenate(parts) if parts else np.empty((0, 2))
    return points[np.isfinite(points).all(axis=1)]
