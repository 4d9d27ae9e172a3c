"""The textbook problems as models of the same engine: p-median and maximal cover."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.model import Floats, PlacementModel, count_rules, placement_model


def p_median(costs: Floats, p: int) -> tuple[PlacementModel, float]:
    """Open p of m sites so that the sum over n points of the cheapest cost is least.

    ``costs`` has shape (n, m). Returned with the model is ``total``: the sum of the points' largest
    costs, so that the least cost of a network is ``total - worth``.
    """
    largest = costs.max(axis=1)
    saving = largest[:, None] - costs
    point, site = np.nonzero(saving > 0)
    rows, columns = costs.shape
    model = placement_model(
        point,
        site,
        saving[point, site],
        rows=rows,
        columns=columns,
        rules=count_rules(columns, at_least=p, at_most=p),
    )
    return model, float(largest.sum())


def maximal_cover(
    point: NDArray[np.int64], site: NDArray[np.int64], demand: Floats, *, sites: int, p: int
) -> PlacementModel:
    """Open at most p sites so that most demand lies within reach of one.

    ``point`` and ``site`` list the pairs within reach, ``demand`` has an amount per point.
    """
    return placement_model(
        point,
        site,
        demand[point],
        rows=len(demand),
        columns=sites,
        rules=count_rules(sites, at_least=0, at_most=p),
    )


def maximal_cover_of(
    within: Sequence[NDArray[np.int32]], demand: Floats, *, p: int
) -> PlacementModel:
    """Maximal cover given, per site, the points within its reach: each point once.

    Points in reach of the same sites are added up before anything is sorted, by two 64-bit sums of
    random numbers of their sites, so that memory holds little beyond ``within``.
    """
    salts = _salts(len(within))
    keys = np.zeros((len(demand), 2), dtype=np.uint64)
    for site, points in enumerate(within):
        keys[points] += salts[site]
    heads, worth = _alike(keys, demand)
    row_of = np.full(len(demand), -1, dtype=np.int64)
    row_of[heads] = np.arange(len(heads))
    rows = [found[found >= 0] for found in (row_of[points] for points in within)]
    row = np.concatenate([*rows, np.zeros(0, dtype=np.int64)])
    site_of = np.repeat(np.arange(len(within)), [len(found) for found in rows])
    return _cover_of_groups(row, site_of, worth, sites=len(within), p=p)


def maximal_cover_near(
    points: Floats, demand: Floats, sites: Floats, *, reach: float, p: int
) -> PlacementModel:
    """Maximal cover in the plane: points (n, 2) and sites (m, 2) no farther apart than ``reach``.

    As ``maximal_cover_of``, without ever holding the pairs in reach: a site's strip of x is read
    once to tell points apart, and once more for one point of each kind.
    """
    from optimizer.outlets import cover_kernels

    order = np.argsort(points[:, 0], kind="stable")
    x, y = np.ascontiguousarray(points[order].T)
    east, north = np.ascontiguousarray(sites.T)
    keys = np.zeros((len(points), 2), dtype=np.uint64)
    salts, near = _salts(len(sites)), reach**2
    cover_kernels.add_keys(x, y, east, north, *_strips(x, east, reach), near, salts, keys)
    heads, worth = _alike(keys, demand[order])
    rank = np.argsort(heads, kind="stable")  # rows in the order of x again
    heads, worth = heads[rank], worth[rank]
    x, y = x[heads], y[heads]
    strips, room = _strips(x, east, reach), np.empty((2, 0), dtype=np.int64)
    while True:
        count = cover_kernels.pairs_near(x, y, east, north, *strips, near, room[0], room[1])
        if count <= room.shape[1]:
            break
        room = np.empty((2, count), dtype=np.int64)
    return _cover_of_groups(room[0], room[1], worth, sites=len(sites), p=p)


def _strips(x: Floats, east: Floats, reach: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Per site, where the points of its strip begin and end in ascending x."""
    wide = reach * (1 + 1e-9)
    begin = np.searchsorted(x, east - wide, side="left")
    return begin.astype(np.int64), np.searchsorted(x, east + wide, side="right").astype(np.int64)


def _salts(sites: int) -> NDArray[np.uint64]:
    random = np.random.default_rng(0)
    return np.ascontiguousarray(random.integers(1, 2**63, (2, sites), dtype=np.uint64).T)


def _alike(keys: NDArray[np.uint64], demand: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Points of unlike keys (the first of each kind) and the demand of all that are like it."""
    served = np.flatnonzero((keys[:, 0] != 0) & (demand > 0))
    order = served[np.lexsort((keys[served, 1], keys[served, 0]))]
    is_head = np.ones(len(order), dtype=np.bool_)
    is_head[1:] = (keys[order[1:]] != keys[order[:-1]]).any(axis=1)
    worth = np.bincount(np.cumsum(is_head) - 1, weights=demand[order])
    return order[is_head], np.asarray(worth, dtype=np.float64)


def _cover_of_groups(
    row: NDArray[np.int64], site: NDArray[np.int64], worth: Floats, *, sites: int, p: int
) -> PlacementModel:
    return placement_model(
        row,
        site,
        worth[row],
        rows=len(worth),
        columns=sites,
        rules=count_rules(sites, at_least=0, at_most=p),
        merge=False,
    )
