"""What is shown beside the money: a score of 0 to 100, a segment, a grade of trust."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Column = NDArray[np.float64]
Segment = Literal["defend", "grow", "harvest", "skip"]
Grade = Literal["A", "B", "C"]

_SEGMENTS: tuple[tuple[Segment, ...], ...] = (
    ("skip", "harvest", "harvest"),  # low potential: by penetration, low to high
    ("grow", "grow", "defend"),
    ("grow", "grow", "defend"),  # high potential
)
_GRADES: tuple[tuple[Grade, float, float], ...] = (("A", 0.75, 0.5), ("B", 0.4, 1.25))
"""Grade, the trust it needs, and how wide its 80 % interval may be against the figure."""


def display_score(money: Column) -> Column:
    """Percentile of ln(1 + money), 0 to 100; ties share their mean rank, 0 for nothing.

    For the eye only: a percentile must never be summed or balanced.
    """
    if len(money) == 0:
        return np.empty(0)
    ranks = 100 * rankdata(np.log1p(np.maximum(money, 0)), method="average") / len(money)
    return np.where(money > 0, ranks, 0.0)


def segments(potential: Column, share: Column) -> tuple[Segment, ...]:
    """White-space matrix: potential tercile x penetration tercile among units with potential.

    ``share`` is the penetration as it is, not shrunk: what we sell in a unit is a fact.

    Much potential, much of it ours: defend. Much potential, little of it ours: grow. Little
    potential that is ours: harvest. Little of either, or nothing at all: skip.
    """
    worth = potential > 0
    rows, columns = _terciles(potential, worth), _terciles(share, worth)
    return tuple(
        _SEGMENTS[row][column] if is_worth else "skip"
        for row, column, is_worth in zip(rows, columns, worth, strict=True)
    )


def confidence(
    potential: Column,
    reliability: Column,
    estimated_share: Column,
    width: Column | None = None,
) -> tuple[Grade, ...]:
    """A, B or C: how far a unit's figures rest on what was seen there.

    Trust is half the share of consumption that was surveyed, not estimated, and half the share of
    the penetration that is the unit's own evidence. A needs 0.75 and an interval of potential no
    wider (``width``, against the potential) than 0.5, B 0.4 and 1.25; C is the rest, and every
    unit without potential.
    """
    trust = np.where(potential > 0, (1 - estimated_share + reliability) / 2, 0.0)
    wide = np.zeros(len(trust)) if width is None else width
    return tuple(
        next((grade for grade, least, most in _GRADES if value >= least and span <= most), "C")
        for value, span in zip(trust.tolist(), wide.tolist(), strict=True)
    )


def _terciles(values: Column, among: NDArray[np.bool_]) -> NDArray[np.int64]:
    tercile = np.zeros(len(values), dtype=np.int64)
    if among.any():
        # Ties take the lowest rank: where nobody sells, everybody's penetration is low.
        share = rankdata(values[among], method="min") / among.sum()
        tercile[among] = np.searchsorted([1 / 3, 2 / 3], share - 1e-12, side="left")
    return tercile
