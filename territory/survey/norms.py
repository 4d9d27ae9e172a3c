"""Means per kind and size of company, shrunk so that a class of two does not speak like 200."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CREDIBLE_COUNT = 5.0  # a class of 5 companies counts half itself, half its prior
_ROUNDS = 8  # the two margins settle to 1e-6 in fewer


def class_means(
    values: NDArray[np.float64], category: pd.Series, size: pd.Series
) -> NDArray[np.float64]:
    """For every row, the mean value of its category and size, shrunk toward both margins.

    ``values`` are >= 0, NaN where unknown; unknown rows get their class's mean too. The prior of a
    class is market mean x category effect x size effect (a multiplicative fit, each effect itself
    shrunk to 1), and n observed rows weigh n / (n + 5) against it: Buehlmann credibility. The
    result scales with ``values``.
    """
    known = np.isfinite(values)
    if not known.any():
        raise ValueError("no value is known, so there is no mean")
    kind, kinds = pd.factorize(category)
    bulk, bulks = pd.factorize(size)
    mean = float(values[known].mean())
    if mean == 0:
        return np.zeros(len(values))
    kind_effect, bulk_effect = np.ones(len(kinds)), np.ones(len(bulks))
    for _ in range(_ROUNDS):
        kind_effect = _effect(values / mean, kind, bulk_effect[bulk], known, len(kinds))
        bulk_effect = _effect(values / mean, bulk, kind_effect[kind], known, len(bulks))
    prior = mean * kind_effect[kind] * bulk_effect[bulk]
    cell = kind * len(bulks) + bulk
    count = np.bincount(cell[known], minlength=len(kinds) * len(bulks))
    total = np.bincount(cell[known], weights=values[known], minlength=len(count))
    return np.asarray((total[cell] + CREDIBLE_COUNT * prior) / (count[cell] + CREDIBLE_COUNT))


def _effect(
    relative: NDArray[np.float64],
    code: NDArray[np.intp],
    expected: NDArray[np.float64],
    known: NDArray[np.bool_],
    count: int,
) -> NDArray[np.float64]:
    """Observed over expected per code, with five mean companies of prior on either side."""
    seen = np.bincount(code[known], weights=relative[known], minlength=count)
    wanted = np.bincount(code[known], weights=expected[known], minlength=count)
    return np.asarray((seen + CREDIBLE_COUNT) / (wanted + CREDIBLE_COUNT))
