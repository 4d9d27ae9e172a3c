"""What to branch on: the choice whose both answers lower the bound most (reliability branching).

A choice is a site (open or shut) or a group of like sites (at most so many open, or more): shutting
one of many that could stand in for each other changes little, forbidding a second of them much.
Gains seen so far are kept per choice and per unit of change; one seen too rarely is tried on the
relaxation itself, in few simplex steps (Achterberg, Koch, Martin 2005).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from optimizer.outlets.master import Master, Point
from optimizer.outlets.model import Flags, Floats, PlacementModel, SiteModel

_RELIABLE = 2  # gains seen each way from which a site needs no trial
_MOST_TRIALS = 8
_PATIENCE = 3  # trials in a row that beat nothing before the best so far is taken
_LEAST_GAIN = 1e-9
_LEAST_COLUMNS, _MOST_COLUMNS = 20, 2_500  # numbers of sites for which groups are sought
_MOST_PAIRS = 2e8


class Gains:
    """What less and more of each choice has taken off the bound, per unit of change."""

    def __init__(self, choices: int) -> None:
        self._sums = np.zeros((2, choices))
        self._counts = np.zeros((2, choices))

    def note(self, choice: int, share: float, *, opens: bool, gain: float) -> None:
        """Remember the gain of one answer at a share."""
        change = 1 - share if opens else share
        if np.isfinite(gain) and change > 1e-6:
            self._sums[int(opens), choice] += max(0.0, gain) / change
            self._counts[int(opens), choice] += 1

    def choose(self, master: Master, point: Point, fractional: Flags) -> int:
        """The open choice of the greatest product of both gains, told or tried."""
        sites = np.flatnonzero(fractional)
        order = sites[np.argsort(-self._scores(sites, _parts(point)), kind="stable")]
        best, top, idle, tried = int(order[0]), -1.0, 0, 0
        amount = np.concatenate([point.x, point.group])
        for site in order[: 3 * _MOST_TRIALS].tolist():
            if self._counts[:, site].min() < _RELIABLE and tried < _MOST_TRIALS:
                tried += 1
                self._try(master, point, site, float(amount[site]))
            score = float(self._scores(np.array([site]), _parts(point))[0])
            if score > top:
                best, top, idle = site, score, 0
            else:
                idle += 1
            if idle >= _PATIENCE and tried:
                break
        return best

    def _try(self, master: Master, point: Point, site: int, amount: float) -> None:
        share = amount - np.floor(amount)
        for opens, bound in zip((False, True), master.trial(site, amount), strict=True):
            self.note(site, share, opens=opens, gain=point.bound - bound)

    def _scores(self, sites: np.ndarray, x: Floats) -> Floats:
        seen = self._counts > 0
        usual = [
            float(self._sums[way][seen[way]].sum() / self._counts[way][seen[way]].sum())
            if seen[way].any()
            else 1.0
            for way in (0, 1)
        ]
        parts = []
        for way, change in ((0, x[sites]), (1, 1 - x[sites])):
            known = self._counts[way][sites] > 0
            mean = np.divide(
                self._sums[way][sites],
                self._counts[way][sites],
                out=np.full(len(sites), usual[way]),
                where=known,
            )
            parts.append(np.maximum(mean * change, _LEAST_GAIN))
        return np.asarray(parts[0] * parts[1])


def _parts(point: Point) -> Floats:
    """What each choice is above a whole number."""
    amount = np.concatenate([point.x, point.group])
    return np.asarray(amount - np.floor(amount))


def like_sites(model: SiteModel, count: float) -> list[NDArray[np.int64]]:
    """Groups of sites that serve the same rows, about as many as sites open and half as many."""
    lengths = np.diff(model.indptr)
    columns = model.columns
    is_small = isinstance(model, PlacementModel) and float((lengths**2.0).sum()) < _MOST_PAIRS
    if not is_small or not _LEAST_COLUMNS <= columns <= _MOST_COLUMNS:
        return []
    from scipy.cluster.hierarchy import fcluster, linkage

    row = np.repeat(np.arange(model.rows), lengths)
    part = model.value / np.sqrt(np.maximum(model.top, 1e-12))[row]
    shape = (model.rows, columns)
    served = csr_matrix((part, (row, model.site)), shape=shape)
    common = np.asarray((served.T @ served).todense())
    length = np.sqrt(np.maximum(np.diag(common), 1e-12))
    away = np.clip(1 - common / np.outer(length, length), 0.0, 1.0)
    tree = linkage(away[np.triu_indices(columns, 1)], method="average")
    groups = []
    for wanted in {max(2, round(count)), max(2, round(count / 2))}:
        label = fcluster(tree, wanted, criterion="maxclust")
        groups += [np.flatnonzero(label == one) for one in np.unique(label)]
    return [group for group in groups if 1 < len(group) < columns]
