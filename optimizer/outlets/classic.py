"""The textbook problems as models of the same engine: p-median and maximal cover."""

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
