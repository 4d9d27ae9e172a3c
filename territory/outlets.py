"""Sites and outlet plans: which to open, keep and close, what they capture, and the proof."""

from dataclasses import dataclass, field
from typing import Literal

from territory.plans import Table
from territory.travel import Source

SiteRole = Literal["own", "competitor", "candidate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A point of sale that exists or could. Costs in the market's currency a year."""

    site_id: str
    name: str
    lon: float
    lat: float
    role: SiteRole
    attractiveness: float = 1.0
    opening_cost: float = 0.0
    closing_cost: float = 0.0
    upkeep_cost: float = 0.0
    may_close: bool = False
    is_forced: bool = False
    is_forbidden: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteResult:
    """One site of the plan. ``captured`` is what the cells it serves best give it.

    ``from_own`` was captured by another own outlet before (cannibalised), ``from_unmet`` by none;
    ``marginal`` is what the plan would lose without this site.
    """

    site_id: str
    name: str
    lon: float
    lat: float
    role: SiteRole
    decision: Literal["open", "keep", "close", "leave"]
    captured: float
    from_own: float
    from_unmet: float
    marginal: float
    cost: float
    reason: str = ""


def _no_rows() -> Table:
    return Table(columns={})


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletPlan:
    """An outlet network. ``captured`` is recomputed by the judge from cells and travel minutes.

    ``bound`` is a proven upper bound on the captured potential of any allowed network and
    ``gap_percent`` = 100 (bound - captured) / bound. ``cells`` has one row per unit: unit_id,
    demand (potential left after competitors), captured_before, captured_after, site_id.
    ``frontier`` has a row per number of new sites: new_sites, captured, bound.

    The planner's further questions, each a table without rows where it was not asked (absent in
    older plans): ``transfers`` (site_id, source, source_id, amount: from own outlets, competitors,
    nobody), ``alternatives`` (without, captured, loss_percent, bound, opens, leaves, is_proven),
    ``paybacks`` (site_id, decision, adds, opening_cost, upkeep_cost, earns, payback_years, saved)
    at ``margin_percent`` of what is captured, ``robustness`` (site_id, decision, chosen_percent,
    rank_low, rank_high), ``what_ifs`` (name, captured, change, bound, new_sites, spent, opens,
    closes, is_proven, note).
    """

    sites: tuple[SiteResult, ...]
    cells: Table
    frontier: Table
    reach_minutes: tuple[int, ...]
    reach_weights: tuple[float, ...]
    new_sites: int
    captured_before: float
    captured: float
    cannibalised: float
    demand: float
    bound: float
    gap_percent: float
    is_proven: bool
    why_not_proven: str
    budget: float | None
    spent: float
    minimum_separation_meters: float
    travel_source: Source
    notes: tuple[str, ...] = ()
    margin_percent: float = 100.0
    transfers: Table = field(default_factory=_no_rows)
    alternatives: Table = field(default_factory=_no_rows)
    paybacks: Table = field(default_factory=_no_rows)
    robustness: Table = field(default_factory=_no_rows)
    what_ifs: Table = field(default_factory=_no_rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class GapPlan:
    """Where the network falls short.

    ``cells``: unit_id, potential, minutes_to_own, minutes_to_competitor, coverage (0 to 1),
    white_space (money), is_coverage_gap, is_underserved, is_white_space, cluster (0 = none).
    ``coverage``: minutes, own_percent, competitor_percent (share of potential within). ``overlap``:
    outlet_a, outlet_b, shared (money both reach). ``outlets``: site_id, name, captured,
    loss_if_closed.

    Since version 2 of the plan (absent in older ones) ``cells`` also has hot_z (Gi* of white
    space), hot (1 hot spot, -1 cold, 0 neither) and access (outlets per million of potential in
    reach), ``outlets`` has alone (money only it reaches) and redundant_share; ``findings`` has a
    row per place, most money first (see ``territory.gaps.findings``), ``areas`` one per district
    beside its twins (see ``territory.gaps.twins``).
    """

    cells: Table
    coverage: Table
    overlap: Table
    outlets: Table
    supportable_outlets: int
    reach_minutes: tuple[int, ...]
    travel_source: Source
    notes: tuple[str, ...] = ()
    findings: Table = field(default_factory=_no_rows)
    areas: Table = field(default_factory=_no_rows)
