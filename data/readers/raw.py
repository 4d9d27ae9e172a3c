"""A file's rows before anything is made of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.tables.convert import DecimalMark


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRow:
    """A row that does not have the columns of its file: its number, its text, and why."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawTable:
    """Cells under the file's own column names, text or typed as the format has them.

    ``rows`` are the numbers to quote for each row, as a person counts them. ``shapes`` are WGS84
    geometries, None for a format without; ``decimal`` None means that the cells will tell.
    """

    frame: pd.DataFrame
    rows: NDArray[np.intp]
    shapes: NDArray[np.object_] | None = None
    broken: tuple[BrokenRow, ...] = ()
    decimal: DecimalMark | None = "."
    notes: tuple[str, ...] = ()
