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
    random = np.random.default_rng(0)
    salts = random.integers(1, 2**63, (2, len(within)), dtype=np.uint64)
    keys = np.zeros((2, len(demand)), dtype=np.uint64)
    for site, points in enumerate(within):
        keys[:, points] += salts[:, site, None]
    served = np.flatnonzero((keys[0] != 0) & (demand > 0))
    order = served[np.lexsort((keys[1][served], keys[0][served]))]
    is_head = np.ones(len(order), dtype=np.bool_)
    is_head[1:] = (keys[:, order[1:]] != keys[:, order[:-1]]).any(axis=0)
    worth = np.bincount(np.cumsum(is_head) - 1, weights=demand[order])
    row_of = np.full(len(demand), -1, dtype=np.int64)
    row_of[order[is_head]] = np.arange(int(is_head.sum()))
    rows = [found[found >= 0] for found in (row_of[points] for points in within)]
    row = np.concatenate([*rows, np.zeros(0, dtype=np.int64)])
    site_of = np.repeat(np.arange(len(within)), [len(found) for found in rows])
    return placement_model(
        row,
        site_of,
        worth[row],
        rows=len(worth),
        columns=len(within),
        rules=count_rules(len(within), at_least=0, at_most=p),
        merge=False,
    )
