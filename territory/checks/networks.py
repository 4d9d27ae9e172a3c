"""What the judge finds for a network of sites: who serves whom, what it captures, what it costs."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from territory.checks.violation import Violation, exceeds, shown
from territory.outlets import Capture, Phase, Site, SiteRule
from territory.travel import Source

Floats = NDArray[np.float64]

EARTH_RADIUS_METERS = 6_371_008.8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutletFacts:
    """Cells with demand, sites, the minutes between them, and the rules the planner set.

    ``minutes`` has a row per site and a column per cell, inf without a way. ``demand`` is what
    competitors leave. ``closures`` is how many own outlets may close at most (None: all that may).
    Where ``capture`` is by choice, ``demand`` is the whole potential and ``against`` the pull of
    competitors and of buying nowhere in each cell. ``moves`` own outlets may move: each that closes
    lets one more new site open. ``rules`` hold of the open sites, ``most_cannibalised`` of what new
    sites take from own outlets. ``phases`` are those of the plan, none if it is one.
    """

    cell_ids: tuple[str, ...]
    demand: Floats
    sites: tuple[Site, ...]
    minutes: Floats
    reach_minutes: tuple[int, ...]
    new_sites: int
    closures: int | None = None
    budget: float | None = None
    minimum_separation_meters: float = 0.0
    travel_source: Source | None = None
    capture: Capture = field(default_factory=Capture)
    against: Floats | None = None
    moves: int = 0
    rules: tuple[SiteRule, ...] = ()
    most_cannibalised: float | None = None
    phases: tuple[Phase, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.sites), len(self.cell_ids))
        if len(self.capture.reach_weights or self.reach_minutes) != len(self.reach_minutes):
            raise ValueError(f"reach weights do not fit {len(self.reach_minutes)} steps")
        if self.minutes.shape != shape or self.demand.shape != shape[1:]:
            raise ValueError(
                f"minutes {self.minutes.shape} and demand {self.demand.shape} do not fit "
                f"{shape[0]} sites and {shape[1]} cells"
            )
        if self.capture.is_choice and self.standing_against.shape != shape[1:]:
            raise ValueError(f"pulls against own sites do not fit {shape[1]} cells")

    @property
    def has_capacities(self) -> bool:
        """Whether any site serves only so much, so that demand splits among open sites."""
        return any(site.capacity is not None for site in self.sites)

    @property
    def standing_against(self) -> Floats:
        """The pull against own sites in each cell; only where capture is by choice."""
        if self.against is None:
            raise ValueError("capture by choice needs what stands against own sites")
        return self.against

    @property
    def pulls(self) -> Floats:
        """Attractiveness x decay of every site (row) on every cell (column)."""
        strength = np.array([site.attractiveness for site in self.sites], dtype=np.float64)
        weight = decayed(self.minutes, self.reach_minutes, self.capture)
        return np.asarray(strength[:, None] * weight)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Service:
    """Per cell: position of the best open site (-1 none), its weight, the second best weight."""

    site: NDArray[np.int64]
    weight: Floats
    second: Floats


def reach_weights(
    minutes: Floats, reach_minutes: Sequence[int], asked: Sequence[float] | None = None
) -> Floats:
    """Share of demand captured at each travel time, 0 beyond the last step.

    Within step i of k it is ``asked[i]``, or (k - i) / k where nothing is asked.
    """
    steps = np.asarray(reach_minutes, dtype=np.float64)
    step = np.searchsorted(steps, minutes, side="left")
    if asked is not None:
        return np.array([*asked, 0.0], dtype=np.float64)[step]
    return np.asarray((len(steps) - step) / len(steps), dtype=np.float64)


def decayed(minutes: Floats, reach_minutes: Sequence[int], capture: Capture) -> Floats:
    """Pull of a site of attractiveness 1 at each travel time; nothing beyond the last step."""
    if capture.decay is None:
        return reach_weights(minutes, reach_minutes, capture.reach_weights)
    is_near = minutes <= reach_minutes[-1]
    away = np.where(is_near, minutes, 0.0)
    if capture.kind == "mnl":
        fallen = 1 / np.exp(capture.decay * away)
    else:
        fallen = 1 / np.maximum(away, 1.0) ** capture.decay
    return np.asarray(np.where(is_near, fallen, 0.0), dtype=np.float64)


def serve(weights: Floats, minutes: Floats, is_open: NDArray[np.bool_]) -> Service:
    """Who serves each cell: largest weight, then shortest way, then the earlier site."""
    cells = weights.shape[1]
    best = np.zeros(cells)
    second, way = np.zeros(cells), np.full(cells, np.inf)
    server = np.full(cells, -1, dtype=np.int64)
    for site in np.flatnonzero(is_open).tolist():
        weight, minute = weights[site], minutes[site]
        is_better = (weight > best) | ((weight == best) & (weight > 0) & (minute < way))
        second = np.where(is_better, best, np.maximum(second, weight))
        best = np.where(is_better, weight, best)
        way = np.where(is_better, minute, way)
        server[is_better] = site
    return Service(site=server, weight=best, second=second)


def captured(open_sites: Sequence[int], facts: OutletFacts) -> float:
    """Demand captured by these open sites (by position), from its definition."""
    if not len(open_sites):
        return 0.0
    if facts.capture.is_choice:
        own = facts.pulls[list(open_sites)].sum(axis=0)
        return float((facts.demand * own / (own + facts.standing_against)).sum())
    weights = decayed(facts.minutes[list(open_sites)], facts.reach_minutes, facts.capture)
    return float(facts.demand @ weights.max(axis=0))


def best_by_enumeration(facts: OutletFacts, *, most_networks: int = 200_000) -> float:
    """The most any allowed network captures, by trying every one: the test of a bound.

    Raises
    ------
    ValueError
        If there are more than ``most_networks`` networks to try.
    """
    free = [row for row, site in enumerate(facts.sites) if _is_free(site)]
    fixed = [row for row, site in enumerate(facts.sites) if _stays(site)]
    if 2 ** len(free) > most_networks:
        raise ValueError(f"{len(free)} free sites give {2 ** len(free)} networks to try")
    best = -math.inf
    for size in range(len(free) + 1):
        for chosen in combinations(free, size):
            network = sorted([*fixed, *chosen])
            if not any(broken_limits(network, facts)):
                best = max(best, captured(network, facts))
    return best


def _is_free(site: Site) -> bool:
    if site.role == "own":
        return site.may_close and not (site.is_forbidden or site.is_forced)
    return site.role == "candidate" and not (site.is_forbidden or site.is_forced)


def _stays(site: Site) -> bool:
    if site.role == "own":
        return not site.is_forbidden and (site.is_forced or not site.may_close)
    return site.role == "candidate" and site.is_forced


def is_own(facts: OutletFacts) -> NDArray[np.bool_]:
    """Which sites are own outlets today."""
    return np.array([site.role == "own" for site in facts.sites], dtype=np.bool_)


def cost_of(site: Site, decision: str) -> float:
    """Money of a year: opening + upkeep of what opens, closing - upkeep of what closes."""
    if decision == "open":
        return site.opening_cost + site.upkeep_cost
    return site.closing_cost - site.upkeep_cost if decision == "close" else 0.0


def broken_limits(network: list[int], facts: OutletFacts) -> Iterator[Violation]:
    """Number of new sites, closures, budget and separation of a network of open sites."""
    new = [row for row in network if facts.sites[row].role == "candidate"]
    own = {row for row, site in enumerate(facts.sites) if site.role == "own"}
    closed = sorted(own - set(network))
    most = facts.new_sites + min(facts.moves, len(closed))
    if len(new) > most:
        yield Violation(
            code="too_many_sites",
            subject="plan",
            message=f"{len(new)} new sites, at most {most} are asked for",
            stated=len(new),
            found=most,
        )
    yield from _site_rules(network, facts)
    if facts.closures is not None and len(closed) > facts.closures:
        yield Violation(
            code="closed_against_rule",
            subject="plan",
            message=f"{len(closed)} outlets close, at most {facts.closures} may",
            stated=len(closed),
            found=facts.closures,
        )
    spent = sum(cost_of(facts.sites[row], "open") for row in new)
    spent += sum(cost_of(facts.sites[row], "close") for row in closed)
    if facts.budget is not None and exceeds(spent, facts.budget):
        yield Violation(
            code="over_budget",
            subject="plan",
            message=f"costs {shown(spent)}, the budget is {shown(facts.budget)}",
            stated=spent,
            found=facts.budget,
        )
    yield from _separation(network, facts)


def _site_rules(network: list[int], facts: OutletFacts) -> Iterator[Violation]:
    names = {facts.sites[row].site_id for row in network}
    for rule in facts.rules:
        total = math.fsum(weight for site, weight in rule.weights.items() if site in names)
        if exceeds(total, rule.at_most) or exceeds(rule.at_least, total):
            yield Violation(
                code="broken_rule",
                subject=f"rule {rule.name!r}",
                message=f"open sites add up to {shown(total)}, allowed is "
                f"{shown(rule.at_least)} to {shown(rule.at_most)}",
                stated=total,
            )


def _separation(network: list[int], facts: OutletFacts) -> Iterator[Violation]:
    least = facts.minimum_separation_meters
    if least <= 0:
        return
    for one, other in combinations((facts.sites[row] for row in network), 2):
        if one.role == other.role == "own":
            continue
        apart = distance_meters(one, other)
        if apart < least - 1e-6:
            yield Violation(
                code="too_close_sites",
                subject=f"sites {one.site_id}, {other.site_id}",
                message=f"{apart:.1f} m apart, {least:g} m are asked for",
                stated=apart,
                found=least,
            )


def distance_meters(one: Site, other: Site) -> float:
    """Great-circle metres between two sites, by the haversine formula."""
    lat1, lat2 = math.radians(one.lat), math.radians(other.lat)
    half_lon = math.radians(other.lon - one.lon) / 2
    chord = math.sin((lat2 - lat1) / 2) ** 2
    chord += math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_METERS * math.asin(math.sqrt(min(1.0, chord)))
