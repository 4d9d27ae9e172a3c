"""What a check finds in a column: rows with one complaint, and the typed column beside them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finding:
    """Rows of one column that share one complaint."""

    column: str
    is_bad: Mask
    expected: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Converted:
    """A typed column, what was found wrong in it, and what was mended and is worth saying."""

    values: pd.Series
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
