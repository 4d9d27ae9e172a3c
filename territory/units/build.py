"""The units of a market, as its settings ask: H3 cells over its places, or its own zones."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from territory.errors import InputError
from territory.geo import LonLat
from territory.market import Market
from territory.units.cells import one_point_per_cell
from territory.units.hexagons import default_resolution, h3_units
from territory.units.locate import ZoneGrid
from territory.units.values import Units
from territory.units.zones import zone_polygons, zone_units

if TYPE_CHECKING:
    from territory.survey.parts import Part

SAMPLED_PLACES = 400_000  # of more companies than these, every k-th decides on the resolution
LAND_SHARE = 0.95  # zones that hold this share of the places are taken for the land


def build_units(market: Market, *, companies: "Sequence[Part] | None" = None) -> Units:
    """The market's units by ``settings.unit_kind`` and ``resolution``, barriers and links obeyed.

    H3 cells cover companies, accounts and outlets, and homes of executives who live among them.
    Where the zones table holds nearly all places it is taken for the land: cells stay on it, and
    are named after the zone they lie in. ``companies`` stand for those of the market's tables,
    more than memory holds: they are read twice, block by block.

    Raises
    ------
    InputError
        If the market has no place, or no zones while its units are zones.
    """
    barriers, links = barrier_lines(market)
    zones = _rows(market, "zones")
    if market.settings.unit_kind == "zones":
        return zone_units(zones, barriers=barriers, links=links)
    blocks = _Blocks(market, companies)
    sample = blocks.sample()
    if len(sample) == 0:
        raise InputError(
            f"Market {market.name!r} has no place to lay cells over.",
            fix="Import companies or accounts with lon and lat.",
        )
    resolution = market.settings.resolution
    if resolution is None:
        resolution = default_resolution(sample)
    polygons = zone_polygons(zones) if len(zones) else np.empty(0, dtype=object)
    extent = _extent(blocks, resolution, polygons)
    units = h3_units(
        np.concatenate([extent.places, _homes_among(market, extent.hull)]),
        resolution=resolution,
        barriers=barriers,
        links=links,
        within=_land(polygons, extent.share_on_land),
    )
    return _named_by_zone(units, zones, polygons) if len(zones) else units


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    """Where companies, accounts and outlets stand, a block at a time."""

    market: Market
    companies: "Sequence[Part] | None"

    def __iter__(self) -> Iterator[LonLat]:
        for part in self.companies or ():
            for _, frame in part.blocks(("lon", "lat")):
                yield _placed(frame[["lon", "lat"]].to_numpy(dtype=np.float64))
        yield market_places(self.market, with_companies=self.companies is None)

    def sample(self) -> LonLat:
        """Every place of a market of usual size, else every k-th."""
        rows = sum(part.rows for part in self.companies or ())
        step = max(1, -(-rows // SAMPLED_PLACES))
        taken, before = [], 0
        for block in self:
            taken.append(block[-before % step :: step])
            before += len(block)
        return np.concatenate(taken)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Extent:
    """One place per cell, the hull of all places, and how many of them lie in a zone."""

    places: LonLat
    hull: shapely.Geometry
    share_on_land: float


def _extent(blocks: _Blocks, resolution: int, polygons: NDArray[np.object_]) -> _Extent:
    places: list[LonLat] = []
    hulls: list[shapely.Geometry] = []
    inside = count = 0
    grid = ZoneGrid(polygons) if len(polygons) else None
    for block in blocks:
        places.append(one_point_per_cell(block, resolution))
        if len(block):
            line = np.repeat(block, 2, axis=0) if len(block) == 1 else block
            hulls.append(shapely.LineString(line).convex_hull)  # made at once
        inside += 0 if grid is None else int((grid.locate(block) >= 0).sum())
        count += len(block)
    return _Extent(
        places=one_point_per_cell(np.concatenate(places), resolution),
        hull=shapely.union_all(hulls).convex_hull,
        share_on_land=inside / count,
    )


def barrier_lines(market: Market) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The barriers table as WKT: lines that cut, and links that join."""
    rows = _rows(market, "barriers")
    if len(rows) == 0:
        return (), ()
    is_link = rows["kind"].astype(str) == "link"
    texts = rows["geometry"].astype(str)
    return tuple(texts[~is_link]), tuple(texts[is_link])


def market_places(market: Market, *, with_companies: bool = True) -> LonLat:
    """Where companies, accounts and outlets stand, (n, 2) lon and lat; the unplaced left out."""
    found = [np.empty((0, 2))]
    for table in ("companies", "accounts", "outlets")[0 if with_companies else 1 :]:
        rows = _rows(market, table)
        if len(rows):
            found.append(rows[["lon", "lat"]].to_numpy(dtype=np.float64))
    return _placed(np.concatenate(found))


def _placed(places: LonLat) -> LonLat:
    """Those that are known and on the globe."""
    with np.errstate(invalid="ignore"):
        is_there = (np.abs(places) <= (180.0, 90.0)).all(axis=1)
    return np.asarray(places[is_there], dtype=np.float64)


def _rows(market: Market, table: str) -> pd.DataFrame:
    return market.tables[table] if table in market.tables else pd.DataFrame()


def _homes_among(market: Market, hull: shapely.Geometry) -> LonLat:
    """Homes inside the hull of the places: one far away must not stretch the market."""
    rows = _rows(market, "executives")
    if len(rows) == 0:
        return np.empty((0, 2))
    homes = rows[["home_lon", "home_lat"]].to_numpy(dtype=np.float64)
    homes = homes[np.isfinite(homes).all(axis=1)]
    among = np.asarray(shapely.intersects_xy(hull, *homes.T), dtype=bool)
    return np.asarray(homes[among], dtype=np.float64)


def _land(polygons: NDArray[np.object_], share_on_land: float) -> shapely.Geometry | None:
    if len(polygons) == 0:
        return None
    return shapely.union_all(polygons) if share_on_land >= LAND_SHARE else None


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
