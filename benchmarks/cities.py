"""Drawn cities of any size and seed, by the law of the shared ``city_20000``.

Hexagons 346 m apart fill an irregular outline; a lake is left out and a winding river parts the
city but for a bridge every four kilometres. Companies gather about a centre and many sub-centres
(Gaussians), uneven from cell to cell (lognormal), and are Poisson; potential is companies x income
(a smooth field) x lognormal noise; workload is companies x (0.35 to 0.65 h and the way between
them, longer outside). A larger city has more sub-centres, not wider ones.

``python -m benchmarks.cities 200000 --seed 1 --out city_200000.npz`` writes one as the shared
cities are kept.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Arrays = dict[str, Any]

SPACING_KM = 0.3456
BRIDGE_EVERY_KM = 4.0
COMPANIES_PER_CELL = 13.0
CELLS_PER_SUBCENTER = 900
CROWDED = 1.2  # density that no place exceeds; the middle of an ordinary sub-centre has 0.3
EXTRA = 1.25  # lattice drawn so much larger than what is kept
STEPS = np.array([(1, 0), (0, 1), (-1, 1)])


def city_arrays(units: int, seed: int) -> Arrays:
    """Arrays as in the shared ``.npz``: x, y in km, pot, work, ncomp, indptr, indices, cells."""
    random = np.random.default_rng((units, seed))
    axial, xy = _cells(units, random)
    companies = _companies(xy, random)
    income = 11.0 * np.exp(_field(xy, random, bumps=14, deviation=0.055))
    noise = random.lognormal(0.0, 0.33, units)
    potential = (companies + 0.3 * random.uniform(0.7, 1.3, units)) * income * noise
    radius = np.hypot(*(xy - xy.mean(axis=0)).T)
    way = 0.03 + 0.06 * radius / radius.max() + 0.04 / np.sqrt(1 + companies)
    hours = companies * (random.uniform(0.35, 0.65, units) + way) + random.uniform(
        0.07, 0.12, units
    )
    indptr, indices = _borders(axial, xy, random)
    return {
        "cells": np.array([f"c{q}_{r}" for q, r in axial.tolist()]),
        "x": xy[:, 0],
        "y": xy[:, 1],
        "pot": potential,
        "work": hours,
        "ncomp": companies.astype(np.int64),
        "indptr": indptr,
        "indices": indices,
    }


def _cells(units: int, random: np.random.Generator) -> tuple[NDArray[np.int64], Floats]:
    """The cells nearest to the middle by an uneven measure, all joined, and their places in km."""
    reach = int(np.ceil(np.sqrt(EXTRA * 2 * units / np.pi) * 1.35))
    span = np.arange(-reach, reach + 1)
    axial = np.array(np.meshgrid(span, span)).reshape(2, -1).T
    xy = SPACING_KM * np.column_stack([axial[:, 0] + axial[:, 1] / 2, np.sqrt(0.75) * axial[:, 1]])
    angle = np.arctan2(xy[:, 1], xy[:, 0])
    edge = np.ones(len(xy))
    for wave in range(2, 7):
        edge += random.normal(0, 0.16 / wave) * np.cos(wave * angle + random.uniform(0, 2 * np.pi))
    far = np.hypot(*xy.T) / np.maximum(edge, 0.3)
    radius = SPACING_KM * np.sqrt(units * np.sqrt(0.75) / np.pi)
    lake = random.uniform(0.3, 0.5) * radius * _heading(random)
    stretch = np.array([random.uniform(0.08, 0.13), random.uniform(0.05, 0.08)]) * radius
    dry = (((xy - lake) / stretch) ** 2).sum(axis=1) > 1
    order = np.argsort(np.where(dry, far, np.inf), kind="stable")[:units]
    kept = np.sort(order)
    return axial[kept], xy[kept]


def _heading(random: np.random.Generator) -> Floats:
    angle = random.uniform(0, 2 * np.pi)
    return np.array([np.cos(angle), np.sin(angle)])


def _companies(xy: Floats, random: np.random.Generator) -> Floats:
    """Companies per cell: a centre, sub-centres, what lies between, uneven and Poisson."""
    units = len(xy)
    radius = SPACING_KM * np.sqrt(units * np.sqrt(0.75) / np.pi)
    count = max(4, units // CELLS_PER_SUBCENTER)
    density = 0.15 * np.exp(-((np.hypot(*xy.T) / (0.42 * radius)) ** 2) / 2)
    density += 0.9 * np.exp(-((np.hypot(*xy.T) / min(4.0, 0.18 * radius)) ** 2) / 2)
    for _ in range(count):
        at = _heading(random) * radius * 0.85 * np.sqrt(random.uniform())
        wide = random.uniform(0.8, 2.6)
        near = np.hypot(*(xy - at).T)
        inside = near < 5 * wide
        height = random.lognormal(-1.2, 0.6)
        density[inside] += height * np.exp(-((near[inside] / wide) ** 2) / 2)
    density = CROWDED * -np.expm1(-density / CROWDED)  # centres that overlap do not add up forever
    uneven = density * random.lognormal(0.0, 0.6, units) + 0.005
    companies = random.poisson(uneven * COMPANIES_PER_CELL / uneven.mean())
    return np.asarray(companies, dtype=np.float64)


def _field(xy: Floats, random: np.random.Generator, *, bumps: int, deviation: float) -> Floats:
    """A smooth field of mean 0: broad bumps up and down, scaled to this standard deviation."""
    wide = np.ptp(xy, axis=0).mean() / 6
    field = np.zeros(len(xy))
    for at in xy[random.integers(len(xy), size=bumps)]:
        field += random.normal() * np.exp(-((np.hypot(*(xy - at).T) / wide) ** 2) / 2)
    spread = float(field.std())
    return np.asarray((field - field.mean()) * (deviation / spread if spread > 0 else 0.0))


def regional_drift(
    xy: Floats, random: np.random.Generator, *, regional: float = 0.12, noise: float = 0.05
) -> Floats:
    """What each unit's load is multiplied by: exp(smooth regional drift + noise of each unit)."""
    field = _field(xy, random, bumps=40, deviation=regional)
    return np.asarray(np.exp(field + random.normal(0, noise, len(xy))))


def _borders(
    axial: NDArray[np.int64], xy: Floats, random: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """CSR neighbours: cells that touch on one side of the river, or at a bridge."""
    code = _code(axial)
    order = np.argsort(code)
    ends = []
    for step in STEPS:
        wanted = _code(axial + step)
        at = np.minimum(np.searchsorted(code[order], wanted), len(code) - 1)
        hit = code[order][at] == wanted
        ends.append(np.column_stack([np.flatnonzero(hit), order[at[hit]]]))
    pairs = np.vstack(ends)
    wet = _river_side(xy, random)
    crossing = wet[pairs[:, 0]] != wet[pairs[:, 1]]
    south = xy[pairs].mean(axis=1)[:, 1]
    pairs = pairs[~crossing | _is_bridge(south, crossing)]
    pairs = _all_joined(pairs, xy)
    both = np.vstack([pairs, pairs[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    counts = np.bincount(both[:, 0], minlength=len(xy))
    indptr = np.concatenate([[0], counts.cumsum()]).astype(np.int32)
    return indptr, both[:, 1].astype(np.int32)


def _code(axial: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray((axial[:, 0] + (1 << 20)) * (1 << 21) + axial[:, 1] + (1 << 20))


def _river_side(xy: Floats, random: np.random.Generator) -> NDArray[np.bool_]:
    """Which bank each cell is on; the river runs from south to north, winding."""
    tall = float(np.ptp(xy[:, 1]))
    turn = 2 * np.pi * xy[:, 1] / tall
    bend = random.uniform(0.02, 0.05, 2) * tall
    phase = random.uniform(0, 2 * np.pi, 2)
    bed = random.uniform(-0.12, 0.12) * tall
    bed = bed + bend[0] * np.sin(turn + phase[0]) + bend[1] * np.sin(3 * turn + phase[1]) / 2
    return np.asarray(xy[:, 0] > bed)


def _is_bridge(south: Floats, crossing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """One crossing in every stretch of the river: the first of it from the south."""
    bridge = np.zeros(len(south), dtype=np.bool_)
    at = np.flatnonzero(crossing)
    at = at[np.argsort(south[at], kind="stable")]
    _, first = np.unique(np.floor(south[at] / BRIDGE_EVERY_KM), return_index=True)
    bridge[at[first]] = True
    return bridge


def _all_joined(pairs: NDArray[np.int64], xy: Floats) -> NDArray[np.int64]:
    """The pairs, and a bridge from each piece cut off to its nearest cell of the largest."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import KDTree

    n = len(xy)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    count, label = connected_components(graph, directed=False)
    main = np.flatnonzero(label == np.bincount(label).argmax())
    tree, added = KDTree(xy[main]), []
    for piece in range(count):
        cells = np.flatnonzero(label == piece)
        if label[main[0]] != piece:
            away, nearest = tree.query(xy[cells])
            one = int(np.argmin(away))
            added.append((int(cells[one]), int(main[np.asarray(nearest)[one]])))
    return np.vstack([pairs, np.array(added, dtype=np.int64).reshape(-1, 2)])


def main() -> None:
    """Write one city."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cities")
    parser.add_argument("units", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    arrays = city_arrays(asked.units, asked.seed)
    np.savez_compressed(asked.out, allow_pickle=False, **arrays)


if __name__ == "__main__":
    main()
