"""Reach weights from what was bought where: how much less a farther step of minutes draws.

A unit's purchases within reach are shared by attractiveness x weight of the step the outlet lies in
(Huff 1964 with a stepped decay), which is the conditional logit of ``territory.potential.flows``
with one constant per step, that of the first being 0. Only the ratio of weights shows in shares, so
the first is 1. Steps whose weights would rise are pooled by their information, which keeps them
from rising (Ayer et al. 1955). Without flows the weights fall in equal parts, (k - i) / k: gradual
cover in its simplest form (Berman, Krass and Drezner 2003).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from territory.errors import Fault, InputError
from territory.potential.flows import FEWEST_ORIGINS, most_likely, pearson_dispersion

Matrix = NDArray[np.float64]
Column = NDArray[np.float64]

LEAST_WEIGHT = 0.0001
"""A weight is told to four digits and is above 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachFit:
    """Weights by step and their standard errors (0 of the first, which is 1 by definition).

    ``explained`` is McFadden's share of the log-likelihood over outlets drawing by attractiveness
    alone; ``beyond_percent`` of the flows goes farther than the last step and takes no part.
    """

    weights: tuple[float, ...]
    errors: tuple[float, ...]
    explained: float
    origins: int
    beyond_percent: float

    @property
    def note(self) -> str:
        """What a planner should know of the fit."""
        told = ", ".join(
            f"{weight:.2f} ± {error:.2f}"
            for weight, error in zip(self.weights[1:], self.errors[1:], strict=True)
        )
        return (
            f"Reach weights are fitted on the flows of {self.origins:,} units: 1, {told}; they "
            f"explain {100 * self.explained:.0f} % of where is bought beyond the outlets' "
            f"attractiveness. {self.beyond_percent:.0f} % of flows go beyond the last step."
        )


def fit_reach_weights(
    flows: Matrix, minutes: Matrix, attractiveness: Column, reach_minutes: Sequence[int]
) -> ReachFit:
    """The weights behind ``flows`` (n, m), purchases >= 0 of n units at m outlets.

    ``minutes`` (n, m), infinite where there is no way; outlets with ``attractiveness`` (m,) of 0
    take no part.

    Raises
    ------
    InputError
        If there is one step only, too few units have flows and a choice, or nobody buys in a step.
    """
    steps = np.asarray(reach_minutes, dtype=np.float64)
    told = np.flatnonzero(attractiveness > 0)
    flows, minutes, size = flows[:, told], minutes[:, told], attractiveness[told]
    may = minutes <= steps[-1]
    within = np.where(may, flows, 0.0)
    used = (within.sum(axis=1) > 0) & (may.sum(axis=1) > 1)
    step = np.searchsorted(steps, np.where(may, minutes, 0.0), side="left")
    bought: Column = np.bincount(
        step[used].ravel(), within[used].ravel(), minlength=len(steps)
    ).astype(np.float64)
    _refuse(bought, int(used.sum()), reach_minutes)
    is_in = [step == place for place in range(1, len(steps))]
    logs = np.stack([np.broadcast_to(np.log(size), flows.shape), *is_in], axis=2)[used]
    may, kept = may[used], within[used]
    logs = np.where(may[:, :, None], logs, 0.0)
    alone = np.zeros(len(steps))
    alone[0] = 1.0
    free = np.arange(1, len(steps))
    constants, information, likelihood = most_likely(kept, logs, may, alone, free)
    chance = most_likely(kept, logs, may, alone, free[:0])[2]
    within_free = information[np.ix_(free, free)]
    dispersion = pearson_dispersion(kept, logs, may, constants, len(free))
    errors = np.sqrt(np.diag(np.linalg.inv(within_free)) * dispersion)
    falling = _never_rising(constants[1:], np.diag(within_free))
    weights = np.clip(np.exp(falling), LEAST_WEIGHT, 1.0)
    total = float(flows.sum())
    return ReachFit(
        weights=(1.0, *(round(float(one), 4) for one in weights)),
        errors=(0.0, *(weights * errors).tolist()),
        explained=1 - likelihood / chance if chance < 0 else 0.0,
        origins=int(used.sum()),
        beyond_percent=100 * (1 - float(within.sum()) / total),
    )


def _refuse(bought: Column, origins: int, reach_minutes: Sequence[int]) -> None:
    faults = []
    if len(reach_minutes) == 1:
        faults.append(Fault(column="reach_minutes", expected="two steps or more to compare"))
    if origins < FEWEST_ORIGINS:
        faults.append(
            Fault(
                table="flows",
                value=str(origins),
                expected=f"{FEWEST_ORIGINS} units with flows and a choice of outlets in reach",
                fix="Import flows, or give the weights yourself.",
            )
        )
    else:
        faults += [
            Fault(
                table="flows",
                value=f"{minutes} minutes",
                expected="purchases within every reach step",
                fix="Choose other reach_minutes.",
            )
            for minutes, money in zip(reach_minutes, bought, strict=True)
            if money <= 0
        ]
    if faults:
        raise InputError("Reach weights cannot be fitted.", faults)


def _never_rising(constants: Column, information: Column) -> Column:
    """The nearest constants that start at 0 or below and never rise: adjacent risers are pooled."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(constants.tolist(), information.tolist(), strict=True):
        blocks.append((min(value, 0.0), weight, 1))
        while len(blocks) > 1 and blocks[-1][0] > blocks[-2][0]:
            (a, wa, na), (b, wb, nb) = blocks[-2], blocks[-1]
            blocks[-2:] = [((a * wa + b * wb) / (wa + wb), wa + wb, na + nb)]
    found = np.concatenate([np.full(count, value) for value, _, count in blocks])
    assert all(b <= a for a, b in pairwise(found.tolist()))
    return np.asarray(found, dtype=np.float64)
