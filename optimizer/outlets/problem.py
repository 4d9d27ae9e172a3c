"""The outlet question as a value: cells with demand, sites, cover, and the rules of the plan."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.cover import Cover
from territory.errors import Fault, InputError
from territory.outlets import Capture, Site, SiteRule
from territory.travel import Source


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutletProblem:
    """Where to open at most ``new_sites`` outlets so that most demand is captured.

    ``demand[i]`` is the money a year of cell ``unit_ids[i]`` that competitors leave: potential x
    (1 - pressure), by default ``territory.coverage.left_by_competitors``, which is 1 / (1 + K) with
    K the sum of competitors' attractiveness x reach weight. A plan captures, per cell,
    demand x the largest weight of an open site (``cover``, one row per site in the order of
    ``sites``).

    Where ``capture`` is by choice, ``demand`` is the whole potential, a site pulls attractiveness x
    ``cover`` weight, and ``against[i]`` > 0 is the pull of competitors and of buying nowhere
    (``territory.coverage.pull_against``): a cell gives demand x own pulls / (own pulls + against).

    Sites with role "own" exist: they stay unless ``may_close``, and one that is ``is_forbidden``
    must close. Candidates open if chosen; ``is_forced`` ones must, ``is_forbidden`` ones never do.
    ``closures`` is how many own outlets may close at most (None: all that may).

    The budget holds the money of a year: opening + upkeep of what opens, closing - upkeep of what
    closes. ``minimum_separation_meters`` is kept (great circle) between a new site and every other
    open one. ``rules`` are further linear rules. ``moves`` is how many own outlets that may close
    may move instead: each that closes lets one more new site open. ``most_cannibalised`` caps the
    money a year that new sites take from own outlets (the plan's ``cannibalised``). A site with a
    ``capacity`` serves at most that much; demand then splits among open sites.

    Raises
    ------
    InputError
        If anything is out of range or contradicts itself; every fault is listed.
    """

    unit_ids: tuple[str, ...]
    demand: NDArray[np.float64]
    sites: tuple[Site, ...]
    cover: Cover
    reach_minutes: tuple[int, ...]
    reach_weights: tuple[float, ...]
    travel_source: Source
    new_sites: int
    new_sites_at_least: int = 0
    closures: int | None = None
    budget: float | None = None
    minimum_separation_meters: float = 0.0
    rules: tuple[SiteRule, ...] = field(default=())
    capture: Capture = field(default_factory=Capture)
    against: NDArray[np.float64] | None = None
    moves: int = 0
    most_cannibalised: float | None = None

    def __post_init__(self) -> None:
        faults = [*_shape_faults(self), *_demand_faults(self), *_site_faults(self)]
        faults += [*_number_faults(self), *_rule_faults(self), *_choice_faults(self)]
        if faults:
            raise InputError("The outlet question cannot be asked as it stands.", faults)

    def with_role(self, role: str) -> tuple[int, ...]:
        """Positions of the sites with this role."""
        return tuple(i for i, site in enumerate(self.sites) if site.role == role)

    def captured(self, is_open: NDArray[np.bool_]) -> float:
        """What these open sites capture, from the definition."""
        if self.against is None:
            return float(self.demand @ self.cover.best(np.flatnonzero(is_open).tolist()))
        own = self.pull_of(is_open)
        return float(self.demand @ (own / (own + self.against)))

    def pull_of(self, is_open: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Per cell the sum of these sites' pulls."""
        keep = is_open[self.cover.owner]
        pulls, cells = self.pulls[keep], self.cover.cells[keep]
        summed = np.bincount(cells, weights=pulls, minlength=self.cover.cell_count)
        return np.asarray(summed, dtype=np.float64)

    @property
    def capacities(self) -> NDArray[np.float64]:
        """Money a year that each site serves at most, inf without a limit."""
        limits = [np.inf if site.capacity is None else site.capacity for site in self.sites]
        return np.array(limits, dtype=np.float64)

    @property
    def has_capacities(self) -> bool:
        """Whether any site serves only so much."""
        return any(site.capacity is not None for site in self.sites)

    @property
    def pulls(self) -> NDArray[np.float64]:
        """Attractiveness x weight of every entry of the cover."""
        strength = np.array([site.attractiveness for site in self.sites], dtype=np.float64)
        return np.asarray(strength[self.cover.owner] * self.cover.weights)


def cost_if_opened(site: Site) -> float:
    """What a new outlet costs a year: opening and upkeep."""
    return site.opening_cost + site.upkeep_cost


def cost_if_closed(site: Site) -> float:
    """What closing an outlet costs a year: the closing less the upkeep saved (may be negative)."""
    return site.closing_cost - site.upkeep_cost


def _shape_faults(problem: OutletProblem) -> Iterator[Fault]:
    units, sites, cover = len(problem.unit_ids), len(problem.sites), problem.cover
    if problem.demand.shape != (units,):
        yield Fault(expected=f"demand needs one number per unit, {units}", column="demand")
    if (cover.site_count, cover.cell_count) != (sites, units):
        shape = f"{cover.site_count} x {cover.cell_count}"
        yield Fault(expected=f"the cover is {shape}, not {sites} sites x {units} units")


def _demand_faults(problem: OutletProblem) -> Iterator[Fault]:
    demand = np.asarray(problem.demand, dtype=np.float64).ravel()
    for row in np.flatnonzero(~(np.isfinite(demand) & (demand >= 0))):
        yield Fault(
            column="demand",
            row=int(row),
            value=str(demand[row]),
            expected="money a year, 0 or more",
            fix="Competitors cannot take more than a cell's whole potential.",
        )
    for unit, times in Counter(problem.unit_ids).items():
        if times > 1:
            yield Fault(column="unit_id", value=unit, expected="named once")


def _choice_faults(problem: OutletProblem) -> Iterator[Fault]:
    against = problem.against
    if problem.capture.is_choice != (against is not None):
        yield Fault(
            column="against",
            expected="pulls against own sites where capture is by choice, and only there",
        )
    if against is None:
        return
    if against.shape != (len(problem.unit_ids),):
        yield Fault(column="against", expected=f"one pull per unit, {len(problem.unit_ids)}")
    elif not (np.isfinite(against) & (against > 0)).all():
        row = int(np.flatnonzero(~(np.isfinite(against) & (against > 0)))[0])
        yield Fault(
            column="against",
            row=row,
            value=str(against[row]),
            expected="a pull above 0",
            fix="Set an outside pull above 0: without it any site, however far, takes all of a "
            "cell that no competitor reaches.",
        )
    for site in problem.sites:
        if not 0 <= site.attractiveness < np.inf:
            yield Fault(
                column="attractiveness",
                value=str(site.attractiveness),
                expected="0 or more",
                fix=f"Mend site {site.site_id!r}.",
            )


def _site_faults(problem: OutletProblem) -> Iterator[Fault]:
    for name, times in Counter(site.site_id for site in problem.sites).items():
        if times > 1:
            yield Fault(column="site_id", value=name, expected="named once")
    for site in problem.sites:
        if site.role == "competitor":
            yield Fault(
                column="role",
                value=site.site_id,
                expected="an own outlet or a candidate",
                fix="Competitors act through demand, not as sites.",
            )
        if site.is_forced and site.is_forbidden:
            yield Fault(
                column="is_forbidden", value=site.site_id, expected="forced or forbidden, not both"
            )
        if site.role == "own" and site.is_forbidden and not site.may_close:
            yield Fault(
                column="is_forbidden",
                value=site.site_id,
                expected="an outlet that may close",
                fix="Set may_close or lift is_forbidden.",
            )
        costs = (site.opening_cost, site.closing_cost, site.upkeep_cost)
        if not all(np.isfinite(cost) and cost >= 0 for cost in costs):
            yield Fault(column="cost", value=site.site_id, expected="costs of 0 or more a year")
        if site.capacity is not None and not site.capacity >= 0:
            yield Fault(
                column="capacity",
                value=str(site.capacity),
                expected=f"money a year, 0 or more, at site {site.site_id!r}",
            )
    if problem.has_capacities:
        yield from _capacity_faults(problem)


def _capacity_faults(problem: OutletProblem) -> Iterator[Fault]:
    if problem.capture.is_choice:
        yield Fault(
            column="capture",
            value=problem.capture.kind,
            expected="'best' where sites have capacities",
            fix="Capture by 'best', or leave the capacities out.",
        )
    if problem.most_cannibalised is not None:
        yield Fault(
            column="most_cannibalised",
            value=str(problem.most_cannibalised),
            expected="no cap on cannibalisation beside capacities",
            fix="Drop the cap, or leave the capacities out.",
        )


def _number_faults(problem: OutletProblem) -> Iterator[Fault]:
    candidates = [site for site in problem.sites if site.role == "candidate"]
    allowed = sum(not site.is_forbidden for site in candidates)
    forced = sum(site.is_forced for site in candidates)
    if not 0 <= problem.new_sites_at_least <= problem.new_sites:
        yield Fault(
            column="new_sites_at_least",
            value=str(problem.new_sites_at_least),
            expected=f"a number from 0 to new_sites ({problem.new_sites})",
        )
    if problem.new_sites > allowed:
        yield Fault(
            column="new_sites",
            value=str(problem.new_sites),
            expected=f"at most the {allowed} candidates that are not forbidden",
            fix="Ask for fewer new sites or add candidates.",
        )
    if forced > problem.new_sites:
        yield Fault(
            column="new_sites",
            value=str(problem.new_sites),
            expected=f"room for the {forced} forced candidates",
        )
    if problem.closures is not None and problem.closures < 0:
        yield Fault(column="closures", value=str(problem.closures), expected="0 or more")
    if problem.moves < 0:
        yield Fault(column="moves", value=str(problem.moves), expected="0 or more")
    yield from _cap_faults(problem)
    if problem.budget is not None and not np.isfinite(problem.budget):
        yield Fault(column="budget", value=str(problem.budget), expected="an amount of money")
    if not problem.minimum_separation_meters >= 0:
        yield Fault(
            column="minimum_separation_meters",
            value=str(problem.minimum_separation_meters),
            expected="0 m or more",
        )


def _cap_faults(problem: OutletProblem) -> Iterator[Fault]:
    cap = problem.most_cannibalised
    if cap is None:
        return
    if not cap >= 0:
        yield Fault(column="most_cannibalised", value=str(cap), expected="money a year, 0 or more")
    closable = [s.site_id for s in problem.sites if s.role == "own" and s.may_close]
    if closable:
        yield Fault(
            column="most_cannibalised",
            value=closable[0],
            expected="own outlets that stay: what a closed one leaves is nobody's loss",
            fix="Keep all outlets, or drop the cap.",
        )


def _rule_faults(problem: OutletProblem) -> Iterator[Fault]:
    known = {site.site_id for site in problem.sites}
    for name, times in Counter(rule.name for rule in problem.rules).items():
        if times > 1:
            yield Fault(table="rules", value=name, expected="named once")
    for rule in problem.rules:
        for site_id in rule.weights.keys() - known:
            yield Fault(table="rules", column=rule.name, value=site_id, expected="a known site")
        numbers = list(rule.weights.values())
        if not np.isfinite(numbers).all() or not rule.at_least <= rule.at_most:
            yield Fault(
                table="rules",
                value=rule.name,
                expected="a rule with finite weights and at_least <= at_most",
            )
