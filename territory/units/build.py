"""The units of a market, as its settings ask: H3 cells over its places, or its own zones."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from territory.errors import InputError
from territory.geo import LonLat
from territory.market import Market
from territory.units.hexagons import default_resolution, h3_units
from territory.units.locate import ZoneGrid
from territory.units.values import Units
from territory.units.zones import zone_polygons, zone_units

LAND_SHARE = 0.95  # zones that hold this share of the places are taken for the land


def build_units(market: Market) -> Units:
    """The market's units by ``settings.unit_kind`` and ``resolution``, barriers and links obeyed.

    H3 cells cover companies, accounts and outlets, and homes of executives who live among them.
    Where the zones table holds nearly all places it is taken for the land: cells stay on it, and
    are named after the zone they lie in.

    Raises
    ------
    InputError
        If the market has no place, or no zones while its units are zones.
    """
    barriers, links = barrier_lines(market)
    zones = _rows(market, "zones")
    if market.settings.unit_kind == "zones":
        return zone_units(zones, barriers=barriers, links=links)
    places = market_places(market)
    if len(places) == 0:
        raise InputError(
            f"Market {market.name!r} has no place to lay cells over.",
            fix="Import companies or accounts with lon and lat.",
        )
    resolution = market.settings.resolution
    if resolution is None:
        resolution = default_resolution(places)
    polygons = zone_polygons(zones) if len(zones) else np.empty(0, dtype=object)
    units = h3_units(
        np.concatenate([places, _homes_among(market, places)]),
        resolution=resolution,
        barriers=barriers,
        links=links,
        within=_land(polygons, places),
    )
    return _named_by_zone(units, zones, polygons) if len(zones) else units


def barrier_lines(market: Market) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The barriers table as WKT: lines that cut, and links that join."""
    rows = _rows(market, "barriers")
    if len(rows) == 0:
        return (), ()
    is_link = rows["kind"].astype(str) == "link"
    texts = rows["geometry"].astype(str)
    return tuple(texts[~is_link]), tuple(texts[is_link])


def market_places(market: Market) -> LonLat:
    """Where companies, accounts and outlets stand, (n, 2) lon and lat; the unplaced left out."""
    found = [np.empty((0, 2))]
    for table in ("companies", "accounts", "outlets"):
        rows = _rows(market, table)
        if len(rows):
            found.append(rows[["lon", "lat"]].to_numpy(dtype=np.float64))
    places = np.concatenate(found)
    return np.asarray(places[np.isfinite(places).all(axis=1)], dtype=np.float64)


def _rows(market: Market, table: str) -> pd.DataFrame:
    return market.tables[table] if table in market.tables else pd.DataFrame()


def _homes_among(market: Market, places: LonLat) -> LonLat:
    """Homes inside the hull of the places: one far away must not stretch the market."""
    rows = _rows(market, "executives")
    if len(rows) == 0:
        return np.empty((0, 2))
    homes = rows[["home_lon", "home_lat"]].to_numpy(dtype=np.float64)
    homes = homes[np.isfinite(homes).all(axis=1)]
    hull = shapely.MultiPoint(places).convex_hull
    among = np.asarray(shapely.intersects_xy(hull, *homes.T), dtype=bool)
    return np.asarray(homes[among], dtype=np.float64)


def _land(polygons: NDArray[np.object_], places: LonLat) -> shapely.Geometry | None:
    if len(polygons) == 0:
        return None
    inside = ZoneGrid(polygons).locate(places) >= 0
    return shapely.union_all(polygons) if inside.mean() >= LAND_SHARE else None


def _named_by_zone(units: Units, zones: pd.DataFrame, polygons: NDArray[np.object_]) -> Units:
    """Cells named "Kallio 3": the zone under (or nearest to) the centre, and a number in it."""
    zone = ZoneGrid(polygons).locate(units.lonlat)
    off = np.flatnonzero(zone < 0)
    zone[off] = shapely.STRtree(polygons).nearest(shapely.points(units.lonlat[off]))
    named = zones["name"] if "name" in zones else zones["zone_id"]
    names = named.fillna("").astype(str).where(lambda text: text != "", zones["zone_id"]).tolist()
    counted: Counter[str] = Counter()
    labels = []
    for place in zone.tolist():
        label = str(names[place])
        counted[label] += 1
        labels.append(f"{label} {counted[label]}")
    return replace(units, names=tuple(labels))
