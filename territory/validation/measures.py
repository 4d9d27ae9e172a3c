"""How good a forecast is: lift, calibration, error, order, and whether its errors cluster."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from territory.units import Neighbours

Column = NDArray[np.float64]
DECILES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """One forecast against what came.

    ``lift`` is the share of what came that fell into the tenth of units with the highest forecast,
    ``best_lift`` what knowing the future would have given. ``explained`` is the share of squared
    deviations from the mean explained (below 0: worse than the mean), ``mean_error`` the mean
    absolute error in money. ``order`` is Kendall's tau-b between forecast and outcome.
    ``forecast_by_tenth`` and ``came_by_tenth`` are sums per tenth of units, highest forecast first;
    ``covered`` is the share of outcomes inside their 80 % interval (None without intervals).
    """

    lift: float
    best_lift: float
    explained: float
    mean_error: float
    order: float
    forecast_by_tenth: tuple[float, ...]
    came_by_tenth: tuple[float, ...]
    covered: float | None = None


def accuracy(
    forecast: Column, came: Column, *, low: Column | None = None, high: Column | None = None
) -> Accuracy:
    """How good ``forecast`` (n,) was for what ``came`` (n,); intervals where given.

    Raises
    ------
    ValueError
        If shapes disagree or there is nothing to judge.
    """
    from scipy.stats import kendalltau

    if len(forecast) != len(came) or len(came) == 0:
        raise ValueError(f"{len(forecast)} forecasts do not fit {len(came)} outcomes")
    total = float(came.sum())
    covered = None
    if low is not None and high is not None:
        covered = float(((low <= came) & (came <= high)).mean())
    squared = float(((came - came.mean()) ** 2).sum())
    order = kendalltau(forecast, came).statistic if len(came) > 1 else np.nan
    return Accuracy(
        lift=_in_first_tenth(forecast, came) / total if total > 0 else 0.0,
        best_lift=_in_first_tenth(came, came) / total if total > 0 else 0.0,
        explained=1 - float(((came - forecast) ** 2).sum()) / squared if squared > 0 else 0.0,
        mean_error=float(np.abs(came - forecast).mean()),
        order=0.0 if np.isnan(order) else float(order),
        forecast_by_tenth=tuple(_by_tenth(forecast, forecast)),
        came_by_tenth=tuple(_by_tenth(forecast, came)),
        covered=covered,
    )


def _tenths(forecast: Column) -> NDArray[np.intp]:
    """Tenth of each unit, 0 the highest forecast; equal forecasts keep their order."""
    place = np.empty(len(forecast), dtype=np.intp)
    place[np.argsort(-forecast, kind="stable")] = np.arange(len(forecast))
    return np.asarray(place * DECILES // len(forecast), dtype=np.intp)


def _in_first_tenth(forecast: Column, came: Column) -> float:
    """What came in the tenth of units forecast highest; units forecast alike share it evenly."""
    values, group, count = np.unique(-forecast, return_inverse=True, return_counts=True)
    sums = np.bincount(group, weights=came, minlength=len(values))
    left = len(forecast) / DECILES - np.concatenate([[0], np.cumsum(count)[:-1]])
    share = np.clip(left / count, 0.0, 1.0)
    return float(sums @ share)


def _by_tenth(forecast: Column, values: Column) -> list[float]:
    sums = np.bincount(_tenths(forecast), weights=values, minlength=min(DECILES, len(values)))
    return [float(value) for value in sums]


def morans_i(errors: Column, neighbours: Neighbours) -> tuple[float, float]:
    """Moran's I of ``errors`` (n,) over bordering units, and its one-sided p-value.

    Near 0 where errors are spread by chance, above it where neighbours err alike: then the score
    misses a cause that lies in the land. Weights are 1 for each border; the p-value is the normal
    approximation under randomisation (Cliff and Ord 1981). (0, 1) where it cannot be told.
    """
    from scipy.special import ndtr

    count = len(errors)
    spread = errors - errors.mean() if count else errors
    squares = float((spread**2).sum())
    degree = np.diff(neighbours.indptr).astype(np.float64)
    weights = float(degree.sum())
    if count < 4 or squares <= 0 or weights == 0:
        return 0.0, 1.0
    first = np.repeat(np.arange(count), np.diff(neighbours.indptr))
    index = count / weights * float((spread[first] * spread[neighbours.indices]).sum()) / squares
    expected = -1 / (count - 1)
    s1, s2 = 2 * weights, float((2 * degree) ** 2 @ np.ones(count))
    kurtosis = float((spread**4).mean()) / (squares / count) ** 2
    above = count * ((count**2 - 3 * count + 3) * s1 - count * s2 + 3 * weights**2)
    above -= kurtosis * ((count**2 - count) * s1 - 2 * count * s2 + 6 * weights**2)
    variance = above / ((count - 1) * (count - 2) * (count - 3) * weights**2) - expected**2
    if variance <= 0:
        return float(index), 1.0
    return float(index), float(ndtr((expected - index) / np.sqrt(variance)))
