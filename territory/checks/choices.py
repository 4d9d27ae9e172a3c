"""What the judge finds where cells share their demand among all who pull (Huff, logit)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from territory.checks.networks import OutletFacts, is_own

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shares:
    """Money per site (row) and cell (column): pulls, captured before and after, taken and lost."""

    pulls: Floats
    before: Floats
    after: Floats
    against: Floats

    @property
    def takes(self) -> Floats:
        """What each site holds more than before."""
        return np.asarray(np.maximum(0.0, self.after - self.before))

    @property
    def loses(self) -> Floats:
        """What each own outlet holds less than before."""
        return np.asarray(np.maximum(0.0, self.before - self.after))

    @property
    def from_own(self) -> Floats:
        """Of what a site takes in a cell, the part that own outlets lose there."""
        taken, lost = self.takes.sum(axis=0), self.loses.sum(axis=0)
        part = np.divide(np.minimum(taken, lost), taken, out=np.zeros_like(taken), where=taken > 0)
        return np.asarray(self.takes * part)


def shares(facts: OutletFacts, is_open: NDArray[np.bool_]) -> Shares:
    """Every site's share of every cell, before and after, from pulls and what stands against."""
    pulls = facts.pulls
    return Shares(
        pulls=pulls,
        before=_split(facts, pulls, is_own(facts)),
        after=_split(facts, pulls, is_open),
        against=facts.standing_against,
    )


def _split(facts: OutletFacts, pulls: Floats, is_open: NDArray[np.bool_]) -> Floats:
    held = pulls * is_open[:, None]
    return np.asarray(facts.demand * held / (held.sum(axis=0) + facts.standing_against))


def losses(facts: OutletFacts, found: Shares, is_open: NDArray[np.bool_]) -> Floats:
    """Per site, what the network would capture less without it (0 for closed ones)."""
    total = (found.pulls * is_open[:, None]).sum(axis=0)
    whole = float((facts.demand * total / (total + found.against)).sum())
    lost = np.zeros(len(facts.sites))
    for site in np.flatnonzero(is_open).tolist():
        rest = np.maximum(0.0, total - found.pulls[site])
        lost[site] = whole - float((facts.demand * rest / (rest + found.against)).sum())
    return lost


def takers(found: Shares, facts: OutletFacts) -> dict[tuple[str, str], float]:
    """Money by (taker, loser): what each site takes from own outlets, in proportion to losses."""
    loses = found.loses
    lost = loses.sum(axis=0)
    part = np.divide(loses, lost, out=np.zeros_like(loses), where=lost > 0)
    flows = found.from_own @ part.T
    return {
        (facts.sites[taker].site_id, facts.sites[loser].site_id): float(flows[taker, loser])
        for taker, loser in np.argwhere(flows > 0).tolist()
    }
