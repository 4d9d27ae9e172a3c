"""Candidate sites where white space is richest, for markets that name none of their own."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.geo import LonLat, haversine_meters
from territory.outlets import GapPlan, Site
from territory.units import Units, locate
from territory.units.values import Neighbours

Column = NDArray[np.float64]


def candidate_sites(
    units: Units,
    gaps: GapPlan,
    companies: pd.DataFrame,
    *,
    limit: int,
    minimum_separation_meters: float = 0.0,
) -> tuple[Site, ...]:
    """Up to ``limit`` candidate sites where white space is richest, the richest first.

    A cell counts with its neighbours, since an outlet serves both. The site stands at the premises
    of the company nearest to the cell's centre, where there is one in the cell: a real address on
    a real road; else at the centre. No two stand nearer than ``minimum_separation_meters``.
    """
    white = np.array(gaps.cells.numbers("white_space"))
    around = white + _neighbour_sum(units.neighbours, white)
    lonlat, names = _premises(units, companies)
    chosen: list[int] = []
    for cell in np.argsort(-around, kind="stable").tolist():
        if len(chosen) == limit or around[cell] <= 0:
            break
        apart = haversine_meters(lonlat[cell : cell + 1], lonlat[chosen])
        if len(chosen) == 0 or apart.min() >= minimum_separation_meters:
            chosen.append(cell)
    return tuple(
        Site(
            site_id=f"candidate-{rank}",
            name=names[cell],
            lon=float(lonlat[cell, 0]),
            lat=float(lonlat[cell, 1]),
            role="candidate",
            reason=_why(gaps, cell, float(around[cell])),
        )
        for rank, cell in enumerate(chosen, start=1)
    )


def _neighbour_sum(neighbours: Neighbours, values: Column) -> Column:
    row = np.repeat(np.arange(len(values)), np.diff(neighbours.indptr))
    total = np.bincount(row, weights=values[neighbours.indices], minlength=len(values))
    return total.astype(np.float64)


def _premises(units: Units, companies: pd.DataFrame) -> tuple[LonLat, list[str]]:
    """Where a site would stand in each unit, and its name."""
    lonlat, names = units.lonlat.copy(), list(units.names)
    if len(companies) == 0:
        return lonlat, names
    places = companies[["lon", "lat"]].to_numpy(dtype=np.float64)
    unit = locate(units, places)
    inside = np.flatnonzero(unit >= 0)
    offset = (places[inside] - units.lonlat[unit[inside]]) * [
        np.cos(np.radians(units.lonlat[:, 1].mean())),
        1.0,
    ]
    order = inside[np.lexsort((inside, np.hypot(*offset.T), unit[inside]))]
    cells, first = np.unique(unit[order], return_index=True)
    lonlat[cells] = places[order[first]]
    called = companies["name"].fillna("").astype(str).to_numpy()[order[first]]
    for cell, name in zip(cells.tolist(), called.tolist(), strict=True):
        names[cell] = f"{names[cell]} (at {name})" if name else names[cell]
    return lonlat, names


def _why(gaps: GapPlan, cell: int, around: float) -> str:
    columns = gaps.cells.columns
    away = columns["minutes_to_own"][cell]
    ours = "no own outlet can be reached" if away is None else f"own outlet {away:.0f} minutes away"
    group = columns["cluster"][cell]
    inside = f", in cluster {group}" if group else ""
    return f"{around:,.0f} a year of white space in the cell and around it{inside}; {ours}."
