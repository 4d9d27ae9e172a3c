"""Twins: how dense the network is in a district against those most like it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from territory.plans import Table
from territory.units import Units

Column = NDArray[np.float64]
TWINS: Final = 5
FEWEST_AREAS: Final = 4
PARENT_STEPS: Final = 2  # an H3 parent two resolutions up holds 49 cells: one district


@dataclass(frozen=True, slots=True, kw_only=True)
class _Areas:
    ids: list[str]
    of_unit: NDArray[np.intp]


def twin_areas(
    units: Units, potential: Column, companies: Column, white_space: Column, outlets: Column
) -> Table:
    """One row per district with potential, those missing most outlets first.

    Columns: area_id, name, units, potential, white_space, own_outlets, per_million (own outlets
    per million of potential), twins (names of the five districts most alike, joined by "; "),
    twin_per_million, missing (outlets that the twins' density would add, at least 0). Districts are
    H3 parents two steps up, or the zones themselves; alike are those near in log potential, log
    potential per company and log area. Fewer than four districts are compared with none.
    """
    areas = _areas(units)
    count = len(areas.ids)

    def total(values: Column) -> Column:
        return np.bincount(areas.of_unit, weights=values, minlength=count).astype(np.float64)

    money, firms, own = total(potential), total(companies), total(outlets)
    size, white = total(units.area_square_meters), total(white_space)
    worth = np.flatnonzero(money > 0)
    if len(worth) < FEWEST_AREAS:
        worth = worth[:0]
    density = np.divide(own * 1e6, money, out=np.zeros(count), where=money > 0)
    twins = _nearest(worth, money, firms, size)
    level = np.array([_pooled(own[pair], money[pair]) for pair in twins])
    missing = np.maximum(0.0, level * money[worth] / 1e6 - own[worth])
    order = np.lexsort((worth, -white[worth], -missing))
    held = np.bincount(areas.of_unit, minlength=count)
    names = _names(units, areas)
    rows = worth[order].tolist()
    return Table(
        columns={
            "area_id": tuple(areas.ids[row] for row in rows),
            "name": tuple(names[row] for row in rows),
            "units": tuple(int(held[row]) for row in rows),
            "potential": tuple(float(money[row]) for row in rows),
            "white_space": tuple(float(white[row]) for row in rows),
            "own_outlets": tuple(int(own[row]) for row in rows),
            "per_million": tuple(float(density[row]) for row in rows),
            "twins": tuple("; ".join(names[k] for k in twins[place]) for place in order),
            "twin_per_million": tuple(float(level[place]) for place in order),
            "missing": tuple(float(missing[place]) for place in order),
        }
    )


def outlets_per_unit(units: Units, lonlat: Sequence[tuple[float, float]]) -> Column:
    """How many of these places lie in each unit."""
    from territory.units import locate

    places = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    unit = locate(units, places)
    return np.bincount(unit[unit >= 0], minlength=len(units)).astype(np.float64)


def _areas(units: Units) -> _Areas:
    if units.kind != "h3" or units.resolution is None:
        return _Areas(ids=list(units.ids), of_unit=np.arange(len(units)))
    import h3

    coarser = max(units.resolution - PARENT_STEPS, 0)
    parents = [h3.cell_to_parent(cell, coarser) for cell in units.ids]
    ids, of_unit = np.unique(np.array(parents, dtype=object).astype(str), return_inverse=True)
    return _Areas(ids=[str(one) for one in ids], of_unit=of_unit)


def _names(units: Units, areas: _Areas) -> list[str]:
    """The name of the first unit of each district, without its running number."""
    first = np.unique(areas.of_unit, return_index=True)[1]
    named = [units.names[place] for place in first.tolist()]
    if units.kind != "h3":
        return named
    return [name.rsplit(" ", 1)[0] if name.rsplit(" ", 1)[-1].isdigit() else name for name in named]


def _nearest(
    worth: NDArray[np.intp], money: Column, firms: Column, size: Column
) -> list[NDArray[np.intp]]:
    """The districts most like each one, itself left out."""
    from scipy.spatial import cKDTree

    if not len(worth):
        return []
    each = np.divide(money, firms, out=money.copy(), where=firms > 0)
    place = np.log(np.column_stack([money, np.maximum(each, 1e-9), np.maximum(size, 1.0)])[worth])
    spread = place.std(axis=0)
    place = (place - place.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0)
    _, near = cKDTree(place).query(place, k=min(TWINS + 1, len(worth)))
    return [
        worth[[other for other in row.tolist() if other != own][:TWINS]]
        for own, row in enumerate(np.atleast_2d(near))
    ]


def _pooled(own: Column, money: Column) -> float:
    total = float(money.sum())
    return float(own.sum()) * 1e6 / total if total > 0 else 0.0
