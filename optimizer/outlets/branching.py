"""Which site to branch on: the one whose both answers lower the bound most (reliability branching).

Gains seen so far are kept per site and per unit of change; a site seen too rarely is tried on the
relaxation itself, in few simplex steps (Achterberg, Koch, Martin 2005).
"""

import numpy as np

from optimizer.outlets.master import Master, Point
from optimizer.outlets.model import Flags, Floats

_RELIABLE = 2  # gains seen each way from which a site needs no trial
_MOST_TRIALS = 8
_PATIENCE = 3  # trials in a row that beat nothing before the best so far is taken
_LEAST_GAIN = 1e-9


class Gains:
    """What opening and closing each site has taken off the bound, per unit of change."""

    def __init__(self, columns: int) -> None:
        self._sums = np.zeros((2, columns))
        self._counts = np.zeros((2, columns))

    def note(self, site: int, share: float, *, opens: bool, gain: float) -> None:
        """Remember the gain of one answer at a share."""
        change = 1 - share if opens else share
        if np.isfinite(gain) and change > 1e-6:
            self._sums[int(opens), site] += max(0.0, gain) / change
            self._counts[int(opens), site] += 1

    def choose(self, master: Master, point: Point, fractional: Flags) -> int:
        """The fractional site of the greatest product of both gains, told or tried."""
        sites = np.flatnonzero(fractional)
        order = sites[np.argsort(-self._scores(sites, point.x), kind="stable")]
        best, top, idle, tried = int(order[0]), -1.0, 0, 0
        for site in order[: 3 * _MOST_TRIALS].tolist():
            if self._counts[:, site].min() < _RELIABLE and tried < _MOST_TRIALS:
                tried += 1
                self._try(master, point, site)
            score = float(self._scores(np.array([site]), point.x)[0])
            if score > top:
                best, top, idle = site, score, 0
            else:
                idle += 1
            if idle >= _PATIENCE and tried:
                break
        return best

    def _try(self, master: Master, point: Point, site: int) -> None:
        for opens, bound in zip((False, True), master.trial(site), strict=True):
            share = float(point.x[site])
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
