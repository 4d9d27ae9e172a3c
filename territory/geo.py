"""Coordinates: WGS84 at every border, one local metric CRS inside, lon always before lat."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from territory.errors import Fault, InputError

if TYPE_CHECKING:
    import geopandas

WGS84 = "EPSG:4326"
EARTH_RADIUS_METERS = 6_371_008.8  # mean radius R1 of the WGS84 ellipsoid (IUGG)

LonLat = NDArray[np.float64]
"""An (n, 2) array of longitude and latitude in degrees, WGS84."""


def as_lonlat(points: Sequence[tuple[float, float]] | LonLat) -> LonLat:
    """Points as an (n, 2) array of finite degrees.

    Raises
    ------
    InputError
        If a point is not finite or out of range; every bad point is listed.
    """
    array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    good = np.isfinite(array).all(axis=1)
    good &= (np.abs(array[:, 0]) <= 180) & (np.abs(array[:, 1]) <= 90)
    if not good.all():
        faults = [
            Fault(
                row=int(index),
                value=str(tuple(array[index])),
                expected="a longitude (-180 to 180) and latitude (-90 to 90) in degrees",
                fix="Give points as lon, lat in WGS84.",
            )
            for index in np.flatnonzero(~good)
        ]
        raise InputError(f"{len(faults)} of {len(array)} points are not on the globe.", faults)
    return array


def local_crs(lonlat: LonLat) -> str:
    """The UTM zone of the points' middle, as an EPSG code: metric, true to 0.04 % inside."""
    lon, lat = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2).mean(axis=0)
    zone = int((lon + 180) // 6) % 60 + 1
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def to_meters(lonlat: LonLat, *, crs: str | None = None) -> NDArray[np.float64]:
    """Points as an (n, 2) array of metres east and north in the local metric CRS."""
    from pyproj import Transformer

    points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    if len(points) == 0:
        return np.empty((0, 2))
    transformer = Transformer.from_crs(WGS84, crs or local_crs(points), always_xy=True)
    east, north = transformer.transform(points[:, 0], points[:, 1])
    return np.column_stack([east, north])


def haversine_meters(sources: LonLat, targets: LonLat) -> NDArray[np.float64]:
    """Great-circle metres from every source (n, 2) to every target (m, 2), shape (n, m)."""
    lon1, lat1 = np.radians(np.asarray(sources, dtype=np.float64).reshape(-1, 2)).T
    lon2, lat2 = np.radians(np.asarray(targets, dtype=np.float64).reshape(-1, 2)).T
    half_chord = (
        np.sin((lat2[None, :] - lat1[:, None]) / 2) ** 2
        + np.cos(lat1)[:, None]
        * np.cos(lat2)[None, :]
        * np.sin((lon2[None, :] - lon1[:, None]) / 2) ** 2
    )
    arc = 2 * np.arcsin(np.sqrt(np.clip(half_chord, 0, 1)))
    return np.asarray(EARTH_RADIUS_METERS * arc, dtype=np.float64)


def areas_square_meters(
    shapes: "geopandas.GeoSeries", *, crs: str | None = None
) -> NDArray[np.float64]:
    """Areas in square metres, measured in the local metric CRS.

    Raises
    ------
    InputError
        If the shapes carry no CRS, since degrees have no area.
    """
    if shapes.crs is None:
        raise InputError("These shapes carry no CRS.", fix="Set EPSG:4326 before measuring areas.")
    if len(shapes) == 0:
        return np.empty(0)
    if shapes.crs.is_geographic:
        middle = shapes.to_crs(WGS84).representative_point()
        shapes = shapes.to_crs(crs or local_crs(np.column_stack([middle.x, middle.y])))
    return np.asarray(shapes.area, dtype=np.float64)
