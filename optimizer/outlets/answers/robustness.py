"""How sure a site is: the best network again under drawn demand and drawn travel times."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.cover import Cover
from optimizer.outlets.figures import would_add
from optimizer.outlets.interchange import kicked
from optimizer.outlets.model import Flags
from optimizer.outlets.presolve import reduce
from optimizer.outlets.problem import OutletProblem
from optimizer.outlets.start import first_network
from optimizer.run import Stop
from territory.outlets import OutletPlan
from territory.plans import Table

Floats = NDArray[np.float64]

KICKS = 3  # rounds of local search of each draw: a network near the best is enough to compare with


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draws:
    """What is drawn: demand of each cell times a log-normal of ``demand_spread`` (standard
    deviation of the logarithm, one number or one per cell), all travel times of a draw together
    times one of ``travel_spread``."""

    count: int = 20
    seed: int = 0
    demand_spread: Floats | float = 0.2
    travel_spread: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """How the plan fares over the draws.

    ``sites`` has a row per candidate that opens in the plan or in a draw: site_id, decision,
    chosen_percent (share of draws whose network has it), rank_low and rank_high (10 to 90 % of
    its rank among all candidates by what it adds alone to the outlets that stay).
    ``regret_percent`` is, per draw, what the plan loses against the best network found for it.
    """

    sites: Table
    regret_percent: tuple[float, ...]

    @property
    def sentence(self) -> str:
        """The finding in words; empty without draws."""
        if not self.regret_percent:
            return ""
        mean, worst = float(np.mean(self.regret_percent)), max(self.regret_percent)
        return (
            f"Over {len(self.regret_percent)} draws of demand and travel times this network stays "
            f"within {mean:.1f} % of the best found for each draw on average, {worst:.1f} % at "
            "worst."
        )


def robustness(
    problem: OutletProblem,
    plan: OutletPlan,
    *,
    draws: Draws,
    cover_at: Callable[[float], Cover],
    stop: Stop | None = None,
) -> Robustness:
    """Draw, place again, compare. ``cover_at(f)`` is the cover with all minutes times f.

    A cancelled or timed-out run returns the draws it made.
    """
    random = np.random.default_rng(draws.seed)
    stop = stop or Stop()
    stands = {site.site_id for site in plan.sites if site.decision in ("open", "keep")}
    is_open = np.array([site.site_id in stands for site in problem.sites], dtype=np.bool_)
    chosen = np.zeros(len(problem.sites))
    ranks, regret = [], []
    for _ in range(draws.count):
        if stop.now() is not None:
            break
        drawn = _drawn(problem, draws, cover_at, random)
        best = _placed(drawn, seed=draws.seed, stop=stop)
        ours, theirs = drawn.captured(is_open), drawn.captured(best)
        most = max(ours, theirs)
        regret.append(100 * (most - ours) / most if most > 0 else 0.0)
        chosen += best if theirs > ours else is_open
        ranks.append(_ranks(drawn))
    return Robustness(
        sites=_table(problem, plan, chosen, np.array(ranks)), regret_percent=tuple(regret)
    )


def _drawn(
    problem: OutletProblem,
    draws: Draws,
    cover_at: Callable[[float], Cover],
    random: np.random.Generator,
) -> OutletProblem:
    factor = float(np.exp(draws.travel_spread * random.standard_normal()))
    noise = np.exp(draws.demand_spread * random.standard_normal(len(problem.demand)))
    return replace(problem, demand=problem.demand * noise, cover=cover_at(factor))


def _placed(problem: OutletProblem, *, seed: int, stop: Stop) -> Flags:
    """A good network of the drawn market, by greedy and interchange alone."""
    reduced = reduce(problem)
    found = first_network(reduced.model)
    if reduced.model.rows:
        found = kicked(reduced.model, found, rounds=KICKS, seed=seed, stop=stop)
    return reduced.open_sites(found)


def _ranks(problem: OutletProblem) -> NDArray[np.int64]:
    """Rank of every candidate (1 is first) by what it adds alone; 0 for own outlets."""
    own = np.zeros(len(problem.sites), dtype=np.bool_)
    own[list(problem.with_role("own"))] = True
    adds = would_add(problem, own)
    candidates = np.array(problem.with_role("candidate"), dtype=np.int64)
    rank = np.zeros(len(problem.sites), dtype=np.int64)
    order = candidates[np.argsort(-adds[candidates], kind="stable")]
    rank[order] = np.arange(1, len(order) + 1)
    return rank


def _table(
    problem: OutletProblem, plan: OutletPlan, chosen: Floats, ranks: NDArray[np.int64]
) -> Table:
    if not len(ranks):
        return Table(columns={})
    decision = {site.site_id: site.decision for site in plan.sites}
    rows = []
    for row in problem.with_role("candidate"):
        site_id = problem.sites[row].site_id
        if decision[site_id] != "open" and chosen[row] == 0:
            continue
        low, high = np.percentile(ranks[:, row], (10, 90))
        share = 100 * chosen[row] / len(ranks)
        rows.append((site_id, decision[site_id], float(share), round(low), round(high)))
    rows.sort(key=lambda one: (-one[2], one[3], one[0]))
    names = ("site_id", "decision", "chosen_percent", "rank_low", "rank_high")
    return Table(columns={name: tuple(row[k] for row in rows) for k, name in enumerate(names)})
