"""Who takes from whom: where the money of each open site came from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.figures import Served, serve
from optimizer.outlets.problem import OutletProblem
from territory.outlets import OutletPlan, Site
from territory.plans import Table

Floats = NDArray[np.float64]
UNMET = "unmet"


def transfers(
    problem: OutletProblem,
    plan: OutletPlan,
    *,
    competitors: Sequence[Site] = (),
    rival_weights: Floats | None = None,
) -> Table:
    """Rows of site_id, source ("own", "competitor", "unmet"), source_id, amount; most money first.

    Per cell, the site that serves it takes what another own outlet captured there before, as far
    as that went. What it captures beyond was held by competitors for the share that the best of
    them reaches, ``rival_weights`` (cells, competitors) being the same reach weights that serve
    the own sites, shared among them by attractiveness x weight; the rest nobody served.

    Where cells share their demand, what a site takes from own outlets comes from those that lose
    in the cell, in proportion, and the rest from competitors by their pulls (attractiveness x
    ``rival_weights``) and from nobody by what else stands against.
    """
    if problem.against is not None:
        return transfers_by_choice(problem, plan, competitors, rival_weights)
    is_own = np.array([site.role == "own" for site in problem.sites], dtype=np.bool_)
    stands = {site.site_id for site in plan.sites if site.decision in ("open", "keep")}
    is_open = np.array([site.site_id in stands for site in problem.sites], dtype=np.bool_)
    before, after = serve(problem, is_own), serve(problem, is_open)
    amounts: dict[tuple[str, str, str], float] = defaultdict(float)
    ids = [site.site_id for site in problem.sites]
    _from_own(problem.demand, before, after, ids, amounts)
    fresh = problem.demand * np.maximum(0.0, after.weight - before.weight)
    weights = np.zeros((len(fresh), 0)) if rival_weights is None else rival_weights
    _from_others(fresh, after, weights, competitors, ids, amounts)
    return in_order(amounts)


def in_order(amounts: Mapping[tuple[str, str, str], float]) -> Table:
    """The amounts above 0 as a table, most money first."""
    rows = sorted(
        ((key, amount) for key, amount in amounts.items() if amount > 0),
        key=lambda row: (-row[1], row[0]),
    )
    return Table(
        columns={
            "site_id": tuple(key[0] for key, _ in rows),
            "source": tuple(key[1] for key, _ in rows),
            "source_id": tuple(key[2] for key, _ in rows),
            "amount": tuple(amount for _, amount in rows),
        }
    )


def _from_own(
    demand: Floats,
    before: Served,
    after: Served,
    ids: list[str],
    amounts: dict[tuple[str, str, str], float],
) -> None:
    moved = (after.site >= 0) & (before.site >= 0) & (after.site != before.site)
    shared = demand * np.minimum(before.weight, after.weight)
    for cell in np.flatnonzero(moved).tolist():
        key = (ids[after.site[cell]], "own", ids[before.site[cell]])
        amounts[key] += float(shared[cell])


def _from_others(
    fresh: Floats,
    after: Served,
    weights: Floats,
    competitors: Sequence[Site],
    ids: list[str],
    amounts: dict[tuple[str, str, str], float],
) -> None:
    pull = weights * np.array([max(0.0, site.attractiveness) for site in competitors])
    total = pull.sum(axis=1)
    held = np.where(total > 0, weights.max(axis=1, initial=0.0), 0.0)
    for cell in np.flatnonzero(fresh > 0).tolist():
        taker = ids[after.site[cell]]
        amounts[taker, UNMET, ""] += float(fresh[cell] * (1 - held[cell]))
        for rival in np.flatnonzero(pull[cell]).tolist():
            part = fresh[cell] * held[cell] * pull[cell, rival] / total[cell]
            amounts[taker, "competitor", competitors[rival].site_id] += float(part)


def transfers_by_choice(
    problem: OutletProblem,
    plan: OutletPlan,
    competitors: Sequence[Site],
    rival_weights: Floats | None,
) -> Table:
    """The transfers where every cell shares its demand among all who pull."""
    assert problem.against is not None
    stands = {site.site_id for site in plan.sites if site.decision in ("open", "keep")}
    is_open = np.array([site.site_id in stands for site in problem.sites], dtype=np.bool_)
    is_own = np.array([site.role == "own" for site in problem.sites], dtype=np.bool_)
    rows = np.flatnonzero(is_open | is_own)
    pull = _dense_pulls(problem, rows)
    had = pull * is_own[rows][:, None]
    has = pull * is_open[rows][:, None]
    before = problem.demand * had / (had.sum(axis=0) + problem.against)
    after = problem.demand * has / (has.sum(axis=0) + problem.against)
    loses = np.maximum(0.0, before - after)
    takes = np.maximum(0.0, after - before)
    taken, lost = takes.sum(axis=0), loses.sum(axis=0)
    own_part = np.divide(np.minimum(lost, taken), taken, out=np.zeros_like(taken), where=taken > 0)
    loser_part = np.divide(loses, lost, out=np.zeros_like(loses), where=lost > 0)
    ids = [problem.sites[row].site_id for row in rows.tolist()]
    amounts: dict[tuple[str, str, str], float] = defaultdict(float)
    by_own = (takes * own_part) @ loser_part.T
    for taker, loser in np.argwhere(by_own > 0).tolist():
        amounts[ids[taker], "own", ids[loser]] += float(by_own[taker, loser])
    weights = np.zeros((len(taken), 0)) if rival_weights is None else rival_weights
    rivals = weights * np.array([max(0.0, site.attractiveness) for site in competitors])
    rest = takes * (1 - own_part) / problem.against
    by_rival = rest @ rivals
    nobody = rest @ np.maximum(0.0, problem.against - rivals.sum(axis=1))
    for taker, site_id in enumerate(ids):
        amounts[site_id, UNMET, ""] += float(nobody[taker])
        for rival, other in enumerate(competitors):
            amounts[site_id, "competitor", other.site_id] += float(by_rival[taker, rival])
    return in_order(amounts)


def _dense_pulls(problem: OutletProblem, rows: NDArray[np.int64]) -> Floats:
    """Pull of these sites on every cell, shape (rows, cells)."""
    pull = np.zeros((len(rows), len(problem.demand)))
    strength = problem.pulls
    for place, row in enumerate(rows.tolist()):
        part = problem.cover.of(row)
        pull[place, problem.cover.cells[part]] = strength[part]
    return pull
