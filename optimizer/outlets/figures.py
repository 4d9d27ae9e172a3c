"""What a network captures, cell by cell and site by site, from the definition of capture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.model import Flags, Floats
from optimizer.outlets.problem import OutletProblem


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Served:
    """Per cell: the serving site (-1: none), its weight, the second best weight."""

    site: NDArray[np.int64]
    weight: Floats
    second: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    """Money of a network: per cell before and after and who serves it most, per site the parts.

    ``would_add`` is what a closed site would add to this network. See
    ``territory.outlets.SiteResult`` for the others.
    """

    before: Floats
    after: Floats
    server: NDArray[np.int64]
    captured: Floats
    from_own: Floats
    from_unmet: Floats
    marginal: Floats
    would_add: Floats


def figures(problem: OutletProblem, is_open: Flags) -> Figures:
    """The figures of these open sites beside the own outlets of today."""
    own = np.array([site.role == "own" for site in problem.sites], dtype=np.bool_)
    if problem.against is None:
        return _of_the_best(problem, own, is_open)
    return _of_choices(problem, problem.against, own, is_open)


def serve(problem: OutletProblem, is_open: Flags) -> Served:
    """Who serves each cell: the largest weight; ties go to an own outlet, then the shorter way.

    Where cells share their demand, the weight is the site's pull.
    """
    cover = problem.cover
    site = cover.owner
    strength = cover.weights if problem.against is None else problem.pulls
    keep = is_open[site]
    site, cell = site[keep], cover.cells[keep]
    weight, minutes = strength[keep], cover.minutes[keep]
    is_new = np.array([item.role != "own" for item in problem.sites], dtype=np.bool_)[site]
    order = np.lexsort((site, minutes, is_new, -weight, cell))
    site, cell, weight = site[order], cell[order], weight[order]
    first = np.ones(len(cell), dtype=np.bool_)
    first[1:] = cell[1:] != cell[:-1]
    second = np.zeros(len(cell), dtype=np.bool_)
    second[1:] = first[:-1] & ~first[1:]
    served = Served(
        site=np.full(cover.cell_count, -1, dtype=np.int64),
        weight=np.zeros(cover.cell_count),
        second=np.zeros(cover.cell_count),
    )
    served.site[cell[first]] = site[first]
    served.weight[cell[first]] = weight[first]
    served.second[cell[second]] = weight[second]
    return served


def would_add(problem: OutletProblem, is_open: Flags) -> Floats:
    """What each site would add to this network if it opened; of no use for open ones."""
    cover = problem.cover
    if problem.against is None:
        level = cover.best(np.flatnonzero(is_open).tolist())
        return added_above(problem, level)
    held, pull = problem.pull_of(is_open), problem.pulls
    others = held + problem.against
    cell = cover.cells
    extra = problem.demand[cell] * (problem.against / others)[cell] * pull / (others[cell] + pull)
    return summed(cover.owner, extra, cover.site_count)


def added_above(problem: OutletProblem, level: Floats) -> Floats:
    """What each site would capture beyond these levels of cover."""
    cover = problem.cover
    extra = problem.demand[cover.cells] * np.maximum(0.0, cover.weights - level[cover.cells])
    return summed(cover.owner, extra, cover.site_count)


def _of_the_best(problem: OutletProblem, own: Flags, is_open: Flags) -> Figures:
    size, money = len(problem.sites), problem.demand
    before, after = serve(problem, own), serve(problem, is_open)
    shared = money * np.minimum(before.weight, after.weight)
    shared[before.site == after.site] = 0.0
    fresh = money * np.maximum(0.0, after.weight - before.weight)
    return Figures(
        before=money * before.weight,
        after=money * after.weight,
        server=after.site,
        captured=_per_site(after.site, money * after.weight, size),
        from_own=_per_site(after.site, shared, size),
        from_unmet=_per_site(after.site, fresh, size),
        marginal=_per_site(after.site, money * (after.weight - after.second), size),
        would_add=added_above(problem, after.weight),
    )


def _of_choices(problem: OutletProblem, against: Floats, own: Flags, is_open: Flags) -> Figures:
    cover, money, size = problem.cover, problem.demand, len(problem.sites)
    cell, site, pull = cover.cells, cover.owner, problem.pulls
    had, has = problem.pull_of(own), problem.pull_of(is_open)
    kept, fresh = problem.pull_of(own & is_open), problem.pull_of(~own & is_open)
    whole, was = has + against, had + against
    counts = is_open[site]
    taken = np.where(counts, money[cell] * pull / whole[cell], 0.0)
    # what own outlets lost in a cell, no more than its new sites hold, told by their pulls
    lost = np.minimum(had / was - kept / whole, fresh / whole)
    per_pull = np.divide(money * lost, fresh, out=np.zeros_like(lost), where=fresh > 0)
    is_new = counts & ~own[site]
    grown = np.maximum(0.0, taken - money[cell] * pull / was[cell])
    from_own = np.where(is_new, per_pull[cell] * pull, np.where(counts, grown, 0.0))
    rest = np.maximum(whole[cell] - pull, against[cell])
    loses = money[cell] * (against / whole)[cell] * pull / rest
    return Figures(
        before=money * had / was,
        after=money * has / whole,
        server=serve(problem, is_open).site,
        captured=summed(site, taken, size),
        from_own=summed(site, from_own, size),
        from_unmet=summed(site, np.where(is_new, taken - from_own, 0.0), size),
        marginal=summed(site, np.where(counts, loses, 0.0), size),
        would_add=would_add(problem, is_open),
    )


def _per_site(site: NDArray[np.int64], amount: Floats, size: int) -> Floats:
    served = site >= 0
    return summed(site[served], amount[served], size)


def summed(site: NDArray[np.int64], amount: Floats, size: int) -> Floats:
    """Per site the sum of the amounts."""
    return np.bincount(site, weights=amount, minlength=size).astype(np.float64)
