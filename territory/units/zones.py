"""Units as the user's own zones: polygons that border where they share a line."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from territory.errors import Fault, InputError
from territory.geo import WGS84, local_crs
from territory.units.graph import Pairs, cut_and_join, neighbours_from_pairs
from territory.units.locate import ZoneGrid
from territory.units.values import Units

SNAP_METERS = 1.0  # slivers and overlaps up to this are taken for a shared border
SHORTEST_BORDER_METERS = 5 * SNAP_METERS  # two zones that only meet at a corner share less


def zone_units(
    zones: pd.DataFrame, *, barriers: Sequence[str] = (), links: Sequence[str] = ()
) -> Units:
    """The market's zones as units, in table order, bordering where they share a line.

    ``zones`` is the market table (zone_id, name, geometry as WKT in WGS84). Invalid rings are
    mended. Slivers and overlaps of up to 1 m count as a shared border; a common corner does not.
    Areas and borders are measured in the local metric CRS.

    Raises
    ------
    InputError
        If there is no zone, or an outline is not a polygon; every bad row is listed.
    """
    polygons = zone_polygons(zones)
    metric = in_meters(polygons)
    inner = shapely.point_on_surface(polygons)
    lonlat = np.column_stack([shapely.get_x(inner), shapely.get_y(inner)])
    pairs, borders = _shared_borders(metric)
    grid = ZoneGrid(polygons)
    pairs, borders = cut_and_join(
        pairs, borders, lonlat, barriers=barriers, links=links, locate=grid.locate
    )
    ids = tuple(zones["zone_id"].astype(str))
    return Units(
        ids=ids,
        names=_names(zones, ids),
        lonlat=lonlat,
        polygons=polygons,
        area_square_meters=np.asarray(shapely.area(metric), dtype=np.float64),
        neighbours=neighbours_from_pairs(len(ids), pairs, borders),
        kind="zones",
    )


def zone_polygons(zones: pd.DataFrame) -> NDArray[np.object_]:
    """Outlines of the zones table as valid WGS84 polygons or multipolygons.

    Raises
    ------
    InputError
        If the table is empty, an id stands twice, or an outline has no area; all are listed.
    """
    if len(zones) == 0:
        raise InputError("The market has no zones.", fix="Import zones or use H3 units.")
    texts = zones["geometry"].astype(str).tolist()
    shapes = np.asarray(shapely.from_wkt(texts, on_invalid="ignore"), dtype=object)
    shapes = np.asarray(shapely.make_valid(shapes), dtype=object)
    areal = _areal_parts(shapes)
    faults = [
        Fault(
            table="zones", row=row + 2, column="geometry", value=texts[row][:80], expected="an area"
        )
        for row in np.flatnonzero(~(np.nan_to_num(shapely.area(areal)) > 0)).tolist()
    ]
    twice = zones["zone_id"].astype(str).duplicated()
    faults += [
        Fault(
            table="zones",
            row=int(row) + 2,
            column="zone_id",
            value=str(zones["zone_id"].iloc[row]),
            expected="an id of its own",
        )
        for row in np.flatnonzero(twice.to_numpy())
    ]
    if faults:
        raise InputError(f"{len(faults)} zones cannot be used.", faults)
    return areal


def in_meters(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """WGS84 shapes in the local metric CRS of their middle."""
    import geopandas

    middle = shapely.centroid(polygons)
    crs = local_crs(np.column_stack([shapely.get_x(middle), shapely.get_y(middle)]))
    projected = geopandas.GeoSeries(polygons, crs=WGS84).to_crs(crs)
    return np.asarray(projected.to_numpy(), dtype=object)


def _areal_parts(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes without the stray points and lines that mending can leave."""
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    for place in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapes[place])
        shapes[place] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return shapes


def _names(zones: pd.DataFrame, ids: tuple[str, ...]) -> tuple[str, ...]:
    if "name" not in zones:
        return ids
    given = zones["name"].fillna("").astype(str)
    return tuple(name or zone for name, zone in zip(given, ids, strict=True))


def _shared_borders(metric: NDArray[np.object_]) -> tuple[Pairs, NDArray[np.float64]]:
    """Pairs of polygons with a common line, and its length in metres."""
    tree = shapely.STRtree(metric)
    found = tree.query(metric, predicate="dwithin", distance=SNAP_METERS)
    pairs = found.T[found[0] < found[1]].astype(np.int32)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    lines = np.asarray(shapely.boundary(metric), dtype=object)
    near = np.asarray(shapely.buffer(lines, SNAP_METERS), dtype=object)
    one, other = pairs.T
    exact = shapely.length(shapely.intersection(lines[one], lines[other]))
    snapped = shapely.length(shapely.intersection(lines[one], near[other]))
    # Snapping runs a little round each corner, so an exact border is believed where there is one.
    whole = (exact >= 0.9 * snapped) | (snapped < SHORTEST_BORDER_METERS)
    length = np.where(whole, exact, snapped)
    length = np.where(length > 1e-6, length, 0.0)
    return pairs[length > 0], np.asarray(length[length > 0], dtype=np.float64)
