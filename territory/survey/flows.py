"""Flows per unit: what the people and companies of each unit bought at which outlet."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.units import Units, ZoneGrid, locate
from territory.units.zones import zone_polygons


def flows_per_unit(
    tables: Mapping[str, pd.DataFrame], units: Units, outlet_ids: Sequence[str]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Money a year from each unit to each outlet, (n, m), and notes on what is left out.

    An account's purchases start in its unit; those of a zone are spread over the units whose
    middle lies in it.
    """
    flows = tables["flows"]
    found = np.zeros((len(units), len(outlet_ids)))
    if len(flows) == 0 or len(outlet_ids) == 0:
        return found, ()
    outlet = pd.Index(list(outlet_ids)).get_indexer(pd.Index(flows["outlet_id"]))
    amount = np.nan_to_num(flows["amount"].to_numpy(dtype=np.float64))
    account = pd.Index(tables["accounts"]["account_id"]).get_indexer(pd.Index(flows["origin_id"]))
    account_unit = locate(units, tables["accounts"][["lon", "lat"]].to_numpy(dtype=np.float64))
    unit = np.where(account >= 0, account_unit[account] if len(account_unit) else -1, -1)
    here = (unit >= 0) & (outlet >= 0)
    np.add.at(found, (unit[here], outlet[here]), amount[here])
    placed = here | _spread_zones(found, flows, tables["zones"], units, outlet, amount, account < 0)
    lost = int((~placed).sum())
    notes = [f"{lost} flows name an unknown place or outlet and are left out."] if lost else []
    return found, tuple(notes)


def _spread_zones(
    found: NDArray[np.float64],
    flows: pd.DataFrame,
    zones: pd.DataFrame,
    units: Units,
    outlet: NDArray[np.intp],
    amount: NDArray[np.float64],
    is_free: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Add flows that start in a zone; True for those placed."""
    placed = np.zeros(len(flows), dtype=np.bool_)
    if len(zones) == 0 or not is_free.any():
        return np.asarray(placed, dtype=np.bool_)
    zone_of_unit = ZoneGrid(zone_polygons(zones)).locate(units.lonlat)
    zone = pd.Index(zones["zone_id"]).get_indexer(pd.Index(flows["origin_id"]))
    inside = np.bincount(zone_of_unit[zone_of_unit >= 0], minlength=len(zones))
    placed = is_free & (zone >= 0) & (outlet >= 0)
    placed &= np.where(zone >= 0, inside[zone], 0) > 0
    by_zone = np.zeros((len(zones), found.shape[1]))
    np.add.at(by_zone, (zone[placed], outlet[placed]), amount[placed])
    held = np.flatnonzero(zone_of_unit >= 0)
    share = by_zone[zone_of_unit[held]] / inside[zone_of_unit[held]][:, None]
    found[held] += share
    return np.asarray(placed, dtype=np.bool_)
