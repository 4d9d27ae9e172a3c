"""How a search stands, and the networks tried on its way: rounded, drawn and improved."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.interchange import improve, shaken
from optimizer.outlets.master import Point
from optimizer.outlets.model import Flags, Floats, SiteModel
from optimizer.run import Stop

_SAMPLES = 60  # draws in a row that find nothing better before the last
_SAMPLE_WORK = 15_000_000  # entries over the idle ones: large cores get fewer
_LEAST_NOISE = 0.3
_EVEN = 0.02  # what a site the relaxation leaves out weighs in a draw
_CORE = 1  # sites by reduced cost for each that the relaxation uses

Better = Callable[[Flags, float], None]
"""Told of every better network and its worth."""


@dataclass(slots=True, kw_only=True)
class Tree:
    """How the search stands: best network, its worth, what a better one must exceed.

    ``kept`` are the columns of the whole model that ``model`` still has: the others are proven to
    be in no better network, so the search goes on without them.
    """

    whole: SiteModel
    model: SiteModel
    kept: NDArray[np.int64]
    gap: float
    is_open: Flags
    worth: float
    better: Better
    tried: set[bytes] = field(default_factory=set)
    nodes: int = 0

    @property
    def cutoff(self) -> float:
        """A bound at or below this proves that nothing better matters."""
        if self.model.is_whole:
            return self.worth + 1 - 2 * rounding(self.worth)
        return self.worth + self.gap * abs(self.worth)

    def offer(self, is_open: Flags) -> None:
        """Take a network of the kept columns if it is allowed and better."""
        if not self.model.rules.allow(is_open):
            return
        full = np.zeros(self.whole.columns, dtype=np.bool_)
        full[self.kept[is_open]] = True
        worth = self.whole.worth(full)
        if worth > self.worth + 1e-9 * max(1.0, abs(self.worth)):
            self.is_open, self.worth = full, worth
            self.better(full, worth)

    def drop(self, shut: Flags) -> None:
        """Go on without these of the kept columns."""
        self.model, self.kept = self.model.without(shut), self.kept[~shut]
        self.tried.clear()

    def round(self, point: Point) -> None:
        """Offer the network nearest to a fractional one, improved, once per network."""
        core = self._core(point)
        among = self.model.without(~core)
        self._climb(core, among, _rounded(among, point.x[core]))

    def sample(self, point: Point, stop: Stop) -> None:
        """Offer networks drawn near a fractional one and improved among the sites that matter.

        Those are the sites the relaxation uses and the next best by reduced cost: few enough that
        a climb costs little, and a hundred reach what none from one start does. Every third draw
        rounds the shares blurred, the others swap some sites of the best network for used ones.
        """
        core = self._core(point)
        among, share = self.model.without(~core).merged(), point.x[core]
        random = np.random.default_rng(0)
        draws = min(_SAMPLES, max(6, _SAMPLE_WORK // max(1, len(among.site))))
        turn = idle = 0
        while idle < draws and point.bound > self.cutoff and stop.now() is None:
            if turn % 3 == 0:
                blurred = share * random.uniform(_LEAST_NOISE, 1.0, among.columns)
                start = _rounded(among, blurred)
            else:
                best = self.is_open[self.kept][core]
                start = shaken(among, best, share + _EVEN, random, most=8)
            before, turn = self.worth, turn + 1
            self._climb(core, among, start)
            idle = 0 if self.worth > before else idle + 1

    def _climb(self, core: Flags, among: SiteModel, start: Flags) -> None:
        """Offer the local optimum of a start among a core, once per start."""
        is_open = np.zeros(self.model.columns, dtype=np.bool_)
        is_open[np.flatnonzero(core)[start]] = True
        key = np.packbits(is_open).tobytes()
        if key in self.tried:
            return
        self.tried.add(key)
        is_open[core] = improve(among, start)
        self.offer(is_open)

    def _core(self, point: Point) -> Flags:
        """The sites used, those of the best network, and about as many again by reduced cost."""
        core = (point.x > 1e-6) | self.is_open[self.kept]
        more = _CORE * int(core.sum())
        waiting = np.flatnonzero(~core)
        core[waiting[np.argsort(-point.reduced[waiting], kind="stable")[:more]]] = True
        return core


def _rounded(model: SiteModel, x: Floats) -> Flags:
    """Open sites by falling share as long as no rule gets worse."""
    is_open = np.zeros(model.columns, dtype=np.bool_)
    worst = model.rules.slack(is_open)
    for site in np.argsort(-x, kind="stable"):
        if x[site] <= 1e-6:
            break
        is_open[site] = True
        slack = model.rules.slack(is_open)
        if slack > max(worst, 1e-7):
            is_open[site] = False
        else:
            worst = slack
    return is_open


def rounding(amount: float) -> float:
    """How far a bound of this size may be off through floating point."""
    return max(1e-6, 1e-9 * abs(amount))
