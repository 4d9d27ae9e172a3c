"""What the judge of gaps is told of a market."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from territory.outlets import Site

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GapFacts:
    """Cells with potential, own outlets, and minutes with a row per outlet and a column per cell.

    ``competitors`` (in the order of the rows of ``competitor_minutes``) give the pull by which
    white space is judged to the last digit; without them it is held to its limits.
    ``neighbours`` are CSR arrays (indptr, indices) of who borders whom among the cells.
    """

    cell_ids: tuple[str, ...]
    potential: Floats
    own: tuple[Site, ...]
    own_minutes: Floats
    competitor_minutes: Floats
    reach_minutes: tuple[int, ...]
    competitors: tuple[Site, ...] | None = None
    neighbours: tuple[NDArray[np.int32], NDArray[np.int32]] | None = None

    def __post_init__(self) -> None:
        cells = len(self.cell_ids)
        if self.own_minutes.shape != (len(self.own), cells):
            raise ValueError(f"own_minutes {self.own_minutes.shape}: {len(self.own)} x {cells}")
        if self.competitor_minutes.shape[1:] != (cells,):
            raise ValueError(f"competitor_minutes {self.competitor_minutes.shape}: n x {cells}")
