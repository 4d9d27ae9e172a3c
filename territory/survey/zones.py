"""Zones under units: people and households by area, income and consumption by place."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from territory.geo import LonLat
from territory.units import Units, ZoneGrid
from territory.units.locate import FEW_DEPTH, grid_depth
from territory.units.totals import sum_per_unit
from territory.units.zones import in_meters, zone_polygons


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneFacts:
    """What the zones say. ``population`` and ``households`` are per unit, NaN if nobody tells.

    A zone's figures are spread over units by area: of all guesses without other data the one
    that keeps totals. ``are_units`` where the units are these zones themselves.
    """

    population: NDArray[np.float64]
    households: NDArray[np.float64]
    grid: ZoneGrid | None
    median_income: NDArray[np.float64]
    consumption_index: NDArray[np.float64]
    are_units: bool = False

    def median_income_at(self, lonlat: LonLat) -> NDArray[np.float64]:
        """Median income of the zone under each point, NaN where unknown."""
        return self._at(self.median_income, lonlat)

    def zones_at(self, lonlat: LonLat, unit: NDArray[np.int32]) -> NDArray[np.int32]:
        """The zone under each point, -1 where there is none; ``unit`` is the unit under it."""
        if self.are_units:
            return unit
        if self.grid is None:
            return np.full(len(lonlat), -1, dtype=np.int32)
        return self.grid.locate(lonlat)

    def _at(self, values: NDArray[np.float64], lonlat: LonLat) -> NDArray[np.float64]:
        if self.grid is None or not np.isfinite(values).any():
            return np.full(len(lonlat), np.nan)
        zone = self.grid.locate(lonlat)
        return np.where(zone >= 0, values[zone], np.nan)


def zone_facts(zones: pd.DataFrame, units: Units, *, rows: int = 0) -> ZoneFacts:
    """The zones table as seen from the units; ``rows`` is how many points will be asked for."""
    count = len(units)
    if len(zones) == 0:
        unknown = np.full(count, np.nan)
        nothing = np.empty(0)
        return ZoneFacts(
            population=unknown,
            households=unknown,
            grid=None,
            median_income=nothing,
            consumption_index=nothing,
        )
    polygons = zone_polygons(zones)
    are_units = units.kind == "zones" and len(units) == len(zones)
    unit, zone, share = _overlaps(units, polygons)
    spread = {}
    for column in ("population", "households"):
        values = zones[column].to_numpy(dtype=np.float64)
        known = np.nan_to_num(values)[zone] * share
        spread[column] = sum_per_unit(unit.astype(np.int32), known, count)
        if not np.isfinite(values).any():
            spread[column] = np.full(count, np.nan)
    return ZoneFacts(
        population=spread["population"],
        households=spread["households"],
        grid=ZoneGrid(polygons, depth=FEW_DEPTH if are_units else grid_depth(rows)),
        median_income=_positive(zones["median_income"]),
        consumption_index=_positive(zones["consumption_index"]),
        are_units=are_units,
    )


def _positive(values: pd.Series) -> NDArray[np.float64]:
    """Values above 0; statistics offices write 0 for "suppressed"."""
    numbers = values.to_numpy(dtype=np.float64)
    return np.where(numbers > 0, numbers, np.nan)


def _overlaps(
    units: Units, zones: NDArray[np.object_]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """(unit, zone, share of the zone's area in the unit) of all pairs that overlap."""
    if units.kind == "zones" and len(units) == len(zones):
        same = np.arange(len(zones))
        return same, same, np.ones(len(zones))
    metric = in_meters(np.concatenate([units.polygons, zones]))
    areas, lands = metric[: len(units)], metric[len(units) :]
    shapely.prepare(lands)
    zone, unit = shapely.STRtree(areas).query(lands, predicate="intersects")
    whole = shapely.contains_properly(lands[zone], areas[unit])
    overlap = np.asarray(shapely.area(areas[unit]), dtype=np.float64)
    cut = ~whole
    overlap[cut] = shapely.area(shapely.intersection(lands[zone[cut]], areas[unit[cut]]))
    return unit, zone, overlap / shapely.area(lands)[zone]
