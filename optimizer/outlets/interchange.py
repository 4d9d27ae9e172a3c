"""Good networks fast: greedy start, best moves (add, drop, swap), and kicks that escape.

Fast interchange after Whitaker (1983) as refined by Resende and Werneck (2007), recomputed from
sparse columns each turn, with every move held to the rules.
"""

import numpy as np

from optimizer.outlets.model import Flags, Floats, SiteModel
from optimizer.run import Stop

_LOOK = 100_000_000  # entries read between two looks at the clock


def improve(model: SiteModel, start: Flags, stop: Stop | None = None) -> Flags:
    """The local optimum of add, drop and swap from a start; no rule gets worse on the way.

    A ``stop`` ends the climb early, though not before the rules hold.
    """
    is_open = start.copy()
    if not model.columns:
        return is_open
    activity = np.asarray(model.rules.matrix @ is_open.astype(np.float64), dtype=np.float64)
    most = 20 * model.columns + 100
    part = max(1, min(most, _LOOK // max(1, len(model.site))))
    for _ in range(0, most, part):
        if model.climb(is_open, activity, part) < part:
            break
        if stop is not None and stop.now() is not None and model.rules.allow(is_open):
            break
    return is_open


def kicked(model: SiteModel, start: Flags, *, rounds: int, seed: int, stop: Stop) -> Flags:
    """Iterated local search: swap a few at random, improve, keep what is better.

    Same seed and rounds, same answer.
    """
    random = np.random.default_rng(seed)
    best, best_worth = start, model.worth(start)
    for _ in range(rounds):
        if stop.now() is not None:
            break
        trial = improve(model, _kick(model, best, random), stop)
        worth = model.worth(trial)
        if worth > best_worth + 1e-9 and model.rules.allow(trial):
            best, best_worth = trial, worth
    return best


def _kick(model: SiteModel, is_open: Flags, random: np.random.Generator) -> Flags:
    """Swap two to five open columns for closed ones, where the rules allow the result."""
    return shaken(model, is_open, np.ones(model.columns), random, most=5)


def shaken(
    model: SiteModel,
    is_open: Flags,
    weight: Floats,
    random: np.random.Generator,
    *,
    most: int,
) -> Flags:
    """Two to ``most`` open columns swapped for closed ones drawn by weight, within the rules."""
    trial = is_open.copy()
    for _ in range(int(random.integers(2, most + 1))):
        inside, outside = np.flatnonzero(trial), np.flatnonzero(~trial)
        if not len(inside) or not len(outside):
            break
        leave = random.choice(inside)
        share = np.cumsum(weight[outside])
        enter = outside[int(np.searchsorted(share, random.uniform(0, share[-1]), side="right"))]
        trial[leave], trial[enter] = False, True
        if not model.rules.allow(trial):
            trial[leave], trial[enter] = True, False
    return trial
