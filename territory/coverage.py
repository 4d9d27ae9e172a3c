"""Coverage: what a minute of travel does to demand, and how much potential lies within reach."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from territory.errors import Fault, InputError
from territory.outlets import Capture
from territory.travel import UNREACHABLE, TravelMatrix


def reach_weights(reach_minutes: Sequence[float]) -> tuple[float, ...]:
    """Weight of each reach step: (k - i) / k for step i of k, so (5, 10, 15) gives 1, 2/3, 1/3."""
    count = len(reach_minutes)
    return tuple((count - step) / count for step in range(count))


def reach_weight(
    minutes: ArrayLike,
    reach_minutes: Sequence[float],
    weights: Sequence[float] | None = None,
) -> NDArray[np.float64]:
    """Share of a demand that counts at these minutes, any shape: 1 within the first step, 0 beyond.

    A demand exactly on a step still counts as within it; nan and infinity count as beyond.
    ``weights`` are those of the steps, by default ``reach_weights``.

    Raises
    ------
    InputError
        If there is not one weight for each step.
    """
    if weights is not None and len(weights) != len(reach_minutes):
        raise InputError(
            "The reach weights do not fit the reach steps.",
            [
                Fault(
                    column="reach_weights",
                    value=", ".join(f"{weight:g}" for weight in weights),
                    expected=f"{len(reach_minutes)} weights, one for each step of "
                    f"{', '.join(f'{step:g}' for step in reach_minutes)} minutes",
                )
            ],
        )
    away = np.asarray(minutes, dtype=np.float64)
    step = np.searchsorted(np.asarray(reach_minutes, dtype=np.float64), away, side="left")
    return np.asarray([*(weights or reach_weights(reach_minutes)), 0.0])[step]


def matrix_minutes(matrix: TravelMatrix) -> NDArray[np.float64]:
    """Minutes from each source to each target (n, m), infinite where there is no way.

    With several times of day the mean over them counts.
    """
    seconds = np.where(matrix.seconds == UNREACHABLE, np.inf, matrix.seconds.astype(np.float64))
    return (seconds.mean(axis=0) if matrix.periods else seconds) / 60


def nearest_minutes(matrix: TravelMatrix | None, count: int) -> NDArray[np.float64]:
    """Minutes from each of ``count`` sources to its nearest target; infinite without any."""
    if matrix is None or matrix.seconds.shape[-1] == 0:
        return np.full(count, np.inf)
    return np.asarray(matrix_minutes(matrix).min(axis=1))


def percent_within(
    potential: NDArray[np.float64], minutes: NDArray[np.float64], limit: float
) -> float:
    """Share of potential, in percent, whose ``minutes`` are within ``limit``; 0 without any."""
    total = float(potential.sum())
    return 100 * float(potential[minutes <= limit].sum()) / total if total > 0 else 0.0


def site_weights(
    matrix: TravelMatrix | None, count: int, reach_minutes: Sequence[float]
) -> NDArray[np.float64]:
    """Reach weight of every target for each of ``count`` sources, (count, m)."""
    if matrix is None:
        return np.zeros((count, 0))
    return reach_weight(matrix_minutes(matrix), reach_minutes)


def left_by_competitors(
    weights: NDArray[np.float64], attractiveness: Sequence[float]
) -> NDArray[np.float64]:
    """Share of each demand that one own outlet at its door would draw: 1 / (1 + K).

    K sums attractiveness x reach weight over competitors: Huff's share with the stepped decay, so
    one mean competitor at the same door leaves half, three leave a quarter.
    """
    pulls = np.maximum(np.asarray(attractiveness, dtype=np.float64), 0.0)
    return np.asarray(1 / (1 + weights @ pulls), dtype=np.float64)


def capture_weight(
    minutes: ArrayLike, reach_minutes: Sequence[float], capture: Capture
) -> NDArray[np.float64]:
    """How strongly a site of attractiveness 1 pulls at these minutes, any shape; 0 to 1.

    The reach weight, or what ``Capture`` says of its decay; nothing beyond the last reach step.
    """
    away = np.asarray(minutes, dtype=np.float64)
    if capture.decay is None:
        return reach_weight(away, reach_minutes, capture.reach_weights)
    near = np.where(away <= max(reach_minutes), away, np.inf)  # not a number counts as beyond
    if capture.kind == "mnl":
        return np.asarray(np.exp(-capture.decay * near))
    return np.asarray(np.maximum(near, 1.0) ** -capture.decay)


def pull_against(
    minutes: ArrayLike,
    attractiveness: Sequence[float],
    reach_minutes: Sequence[float],
    capture: Capture,
) -> NDArray[np.float64]:
    """What stands against own sites in each cell: competitors' pulls and buying nowhere.

    ``minutes`` has a row per cell and a column per competitor.
    """
    pulls = np.maximum(np.asarray(attractiveness, dtype=np.float64), 0.0)
    weights = capture_weight(minutes, reach_minutes, capture)
    return np.asarray(capture.outside_pull + weights @ pulls, dtype=np.float64)
