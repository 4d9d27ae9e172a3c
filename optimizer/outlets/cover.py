"""Which site serves which cell how well: the sparse cover every outlet question is asked of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from territory.errors import Fault, InputError
from territory.outlets import Capture
from territory.travel import UNREACHABLE, TravelMatrix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cover:
    """Sites times cells, row by row: site s serves ``cells[indptr[s]:indptr[s + 1]]``.

    ``weights`` (0 to 1] is the share of a cell's demand that the site captures when it serves the
    cell; ``minutes`` is the way there and settles ties between equal weights (0 if not known).
    """

    indptr: NDArray[np.int64]
    cells: NDArray[np.int32]
    weights: NDArray[np.float64]
    minutes: NDArray[np.float64]
    cell_count: int

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise InputError("This cover cannot be used.", faults)

    @property
    def site_count(self) -> int:
        return len(self.indptr) - 1

    @property
    def owner(self) -> NDArray[np.int64]:
        """The site of every entry."""
        return np.repeat(np.arange(self.site_count), np.diff(self.indptr))

    def of(self, site: int) -> slice:
        """Where one site's cells lie in ``cells``, ``weights`` and ``minutes``."""
        return slice(int(self.indptr[site]), int(self.indptr[site + 1]))

    def best(self, sites: Sequence[int]) -> NDArray[np.float64]:
        """Per cell, the largest weight over these sites (0 where none of them reaches)."""
        weight = np.zeros(self.cell_count)
        for site in sites:
            part = self.of(site)
            np.maximum.at(weight, self.cells[part], self.weights[part])
        return weight


def _faults(cover: Cover) -> list[Fault]:
    size = len(cover.cells)
    faults = []
    if len(cover.weights) != size or len(cover.minutes) != size:
        faults.append(Fault(expected=f"{size} cells need as many weights and minutes"))
    bounds = cover.indptr
    if len(bounds) < 1 or bounds[0] != 0 or bounds[-1] != size or (np.diff(bounds) < 0).any():
        faults.append(Fault(expected=f"indptr must ascend from 0 to {size}"))
    if size and (cover.cells.min() < 0 or cover.cells.max() >= cover.cell_count):
        faults.append(Fault(expected=f"cells must be numbered 0 to {cover.cell_count - 1}"))
    weights = cover.weights
    if not (np.isfinite(weights) & (weights > 0) & (weights <= 1)).all():
        faults.append(
            Fault(
                column="weights",
                expected="weights must lie above 0 and at most at 1",
                fix="Leave a cell out of a site's row when it is not reached.",
            )
        )
    return faults


def cover_from_weights(weights: ArrayLike, minutes: ArrayLike | None = None) -> Cover:
    """A cover from a dense (sites, cells) array of weights; 0 means not reached."""
    dense = np.asarray(weights, dtype=np.float64)
    site, cell = np.nonzero(dense)
    ways = np.zeros_like(dense) if minutes is None else np.asarray(minutes, dtype=np.float64)
    return Cover(
        indptr=np.searchsorted(site, np.arange(dense.shape[0] + 1)).astype(np.int64),
        cells=cell.astype(np.int32),
        weights=dense[site, cell],
        minutes=ways[site, cell],
        cell_count=dense.shape[1],
    )


def cover_from_minutes(
    minutes: ArrayLike, reach_minutes: Sequence[int], capture: Capture | None = None
) -> Cover:
    """A cover from a dense (sites, cells) array of minutes, inf where there is no way.

    The weight is ``territory.coverage.capture_weight``: by default whole within the first step of
    ``reach_minutes``, less within each next one, nothing beyond the last.
    """
    from territory.coverage import capture_weight

    dense = np.asarray(minutes, dtype=np.float64)
    weights = capture_weight(dense, tuple(reach_minutes), capture or Capture())
    return cover_from_weights(weights, np.where(weights > 0, dense, 0.0))


def cover_from_travel(travel: TravelMatrix, reach_minutes: Sequence[int]) -> Cover:
    """A cover from travel times from every cell (rows) to every site (columns)."""
    seconds = travel.seconds.T
    minutes = np.where(seconds == UNREACHABLE, np.inf, seconds / 60.0)
    return cover_from_minutes(minutes, reach_minutes)
