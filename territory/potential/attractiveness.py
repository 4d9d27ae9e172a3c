"""What outlets pull, from what they sold: attractiveness that gives back their flows or sales.

Where purchases are shared by attractiveness x reach weight (Huff 1964), the attractiveness under
which every outlet's modelled money equals the observed is the likeliest of the conditional logit
with a constant per outlet (McFadden 1974), and the balancing factor of the attraction-constrained
interaction model (Wilson 1971). It is found by multiplying each by observed / modelled until
nothing changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from territory.errors import Fault, InputError

Matrix = NDArray[np.float64]
Column = NDArray[np.float64]
Observed = Literal["flows", "sales"]

ROUNDS = 2_000
CLOSE = 1e-9
DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AttractivenessFit:
    """Attractiveness by outlet (m,); ``fitted`` outlets moved, the others keep theirs.

    ``before_percent`` and ``after_percent`` are the money that the model puts at another outlet
    than observed, of all money observed at the fitted ones.
    """

    values: tuple[float, ...]
    observed: Observed
    fitted: int
    before_percent: float
    after_percent: float

    @property
    def note(self) -> str:
        """What a planner should know of the fit."""
        kept = len(self.values) - self.fitted
        rest = f"; {kept} without keep theirs" if kept else ""
        return (
            f"Attractiveness is fitted on the {self.observed} of {self.fitted} outlets{rest}. The "
            f"model put {self.before_percent:.0f} % of their money at another one before, "
            f"{self.after_percent:.0f} % now."
        )


def fit_attractiveness(
    observed: Column,
    origins: Column,
    weights: Matrix,
    start: Column,
    *,
    source: Observed,
    outside: float = 0.0,
) -> AttractivenessFit:
    """The attractiveness behind ``observed`` (m,), money at each outlet, nan where unknown.

    ``origins`` (n,) is the money each unit spends, ``weights`` (n, m) the reach weights, ``start``
    (m,) the attractiveness believed so far and ``outside`` the pull of buying nowhere. Only ratios
    are told by the data: the observed are scaled to what the model gives these outlets at the
    start, and where nothing else pulls their mean attractiveness stays.

    Raises
    ------
    InputError
        If fewer than two outlets have money observed and demand in reach.
    """
    reach = weights.T @ origins
    told = np.flatnonzero(np.nan_to_num(observed) > 0)
    told = told[(reach[told] > 0) & (start[told] > 0)]
    if len(told) < 2:
        raise InputError(
            "Attractiveness cannot be fitted.",
            [
                Fault(
                    table="flows" if source == "flows" else "outlets",
                    column="amount" if source == "flows" else "annual_sales",
                    value=f"{len(told)} outlets",
                    expected=f"{source} of two outlets or more with demand in reach",
                    fix=f"Import {source}, or leave attractiveness as the outlets table has it.",
                )
            ],
        )
    values = start.copy()
    before = _modelled(values, origins, weights, outside)[told]
    wanted = observed[told] * before.sum() / observed[told].sum()
    for _ in range(ROUNDS):
        step = wanted / _modelled(values, origins, weights, outside)[told]
        values[told] *= step
        if np.abs(step - 1).max() < CLOSE:
            break
    after = _modelled(values, origins, weights, outside)[told]
    if not outside and len(told) == (start > 0).sum():  # only ratios show, so the mean stays
        values[told] *= start[told].mean() / values[told].mean()
    return AttractivenessFit(
        values=tuple(round(float(one), DIGITS) for one in values),
        observed=source,
        fitted=len(told),
        before_percent=_misplaced(before, wanted),
        after_percent=_misplaced(after, wanted),
    )


def _modelled(values: Column, origins: Column, weights: Matrix, outside: float) -> Column:
    """Money at each outlet when every unit shares what it spends by pull."""
    pulls = weights * values
    total = pulls.sum(axis=1) + outside
    per_pull = np.divide(origins, total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(per_pull @ pulls, dtype=np.float64)


def _misplaced(modelled: Sequence[float] | Column, wanted: Column) -> float:
    return float(50 * np.abs(np.asarray(modelled) - wanted).sum() / wanted.sum())
