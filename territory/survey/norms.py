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
    cell = kind * len(bulks) + bulk
    shape = len(kinds), len(bulks)
    count = np.bincount(cell[known], minlength=shape[0] * shape[1]).reshape(shape)
    total = np.bincount(cell[known], weights=values[known], minlength=count.size)
    return np.asarray(shrunken_means(count, total.astype(np.float64).reshape(shape))[kind, bulk])


def shrunken_means(count: NDArray[np.integer], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """As ``class_means``, from how many values each category (row) and size (column) has, and
    their sum.
    """
    mean = float(total.sum()) / int(count.sum())
    if mean == 0:
        return np.zeros(count.shape)
    prior = mean * _margins(total / mean, count)
    return np.asarray((total + CREDIBLE_COUNT * prior) / (count + CREDIBLE_COUNT))


def _margins(relative: NDArray[np.float64], count: NDArray[np.integer]) -> NDArray[np.float64]:
    """Kind effect x size effect, each observed over expected with five mean companies of prior."""
    kind_effect, bulk_effect = np.ones((len(count), 1)), np.ones((1, count.shape[1]))
    for _ in range(_ROUNDS):
        expected = (count * bulk_effect).sum(axis=1, keepdims=True)
        seen = relative.sum(axis=1, keepdims=True)
        kind_effect = (seen + CREDIBLE_COUNT) / (expected + CREDIBLE_COUNT)
        expected = (count * kind_effect).sum(axis=0, keepdims=True)
        seen = relative.sum(axis=0, keepdims=True)
        bulk_effect = (seen + CREDIBLE_COUNT) / (expected + CREDIBLE_COUNT)
    return np.asarray(kind_effect * bulk_effect, dtype=np.float64)
