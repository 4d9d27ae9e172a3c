"""Sites and outlet plans: which to open, keep and close, what they capture, and the proof."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from territory.errors import Fault, InputError
from territory.plans import Table
from territory.travel import Source

SiteRole = Literal["own", "competitor", "candidate"]
CaptureKind = Literal["best", "huff", "mnl"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """How the demand of a cell is shared.

    "best": the site with the largest reach weight takes demand x weight. "huff" (Huff 1964) and
    "mnl" (multinomial logit): every open site pulls and takes its share of all pulls, those of
    competitors and ``outside_pull`` (buying nowhere, in mean outlets at the door) included. A pull
    is attractiveness x decay: for "huff" the reach weight, or max(1, minutes) ** -decay; for "mnl"
    exp(-decay x minutes), which is the logit of the utility ln attractiveness - decay x minutes.
    Beyond the last reach step nobody is pulled. ``reach_weights`` are those of the steps, 1 within
    the first and no more in each next one; None takes (k - i) / k for step i of k.

    Raises
    ------
    InputError
        If the decay never falls, reach weights rise or the outside pull is negative.
    """

    kind: CaptureKind = "best"
    decay: float | None = None
    outside_pull: float = 0.1
    reach_weights: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        faults = self._weight_faults()
        if self.kind == "best" and self.decay is not None:
            faults.append(
                Fault(
                    column="decay",
                    value=str(self.decay),
                    expected="no decay with capture 'best', which goes by the reach steps",
                    fix="Drop it, or capture by 'huff' or 'mnl'.",
                )
            )
        if self.kind == "mnl" and self.decay is None:
            faults.append(
                Fault(column="decay", expected="a decay per minute for 'mnl'", fix="Say 0.1.")
            )
        if self.decay is not None and not (0 < self.decay < math.inf):
            faults.append(
                Fault(
                    column="decay",
                    value=str(self.decay),
                    expected="a number above 0: a decay that never falls makes all sites alike",
                    fix="Say how fast demand falls with the minutes, such as 0.1 per minute.",
                )
            )
        if not 0 <= self.outside_pull < math.inf:
            faults.append(
                Fault(column="outside_pull", value=str(self.outside_pull), expected="0 or more")
            )
        if faults:
            raise InputError("Demand cannot be shared like this.", faults)

    def _weight_faults(self) -> list[Fault]:
        weights = self.reach_weights
        if weights is None:
            return []
        falls = all(0 < b <= a <= 1 for a, b in pairwise((1.0, *weights)))
        if self.decay is None and weights and weights[0] == 1 and falls:
            return []
        return [
            Fault(
                column="reach_weights",
                value=", ".join(f"{weight:g}" for weight in weights),
                expected="1, then above 0 and never rising; and no decay beside them",
                fix="Say 1 for the first reach step, such as 1, 0.6, 0.2.",
            )
        ]

    @property
    def is_choice(self) -> bool:
        """Whether a cell shares its demand among several sites."""
        return self.kind != "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A point of sale that exists or could. Costs in the market's currency a year.

    ``capacity`` is the most money a year it can serve (None: no limit).
    """

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
    capacity: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRule:
    """A linear rule over open sites: at_least <= sum of ``weights`` of open sites <= at_most.

    A quota ("at most two in the old town"), a phase ("b only with a": {"b": 1, "a": -1} <= 0) or a
    cap on floor space are all of this form. An existing outlet that stays counts as open.
    """

    name: str
    weights: Mapping[str, float]
    at_least: float = -math.inf
    at_most: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteResult:
    """One site of the plan. ``captured`` is what the cells it serves best give it.

    ``from_own`` was captured by another own outlet before (cannibalised), ``from_unmet`` by none;
    ``marginal`` is what the plan would lose without this site.

    Where cells share their demand (``Capture`` by choice), what own outlets lost to the new sites
    of a cell is told to those in proportion to their pulls, and ``from_unmet`` is the rest, taken
    from competitors and from nobody; a kept outlet takes from own what it gains by closures.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of a plan carried out in turn: most new sites and most money in it (None: no limit).

    What one phase leaves of both the next may use.
    """

    new_sites: int
    budget: float | None = None


def _no_rows() -> Table:
    return Table(columns={})


GoalKind = Literal["capture", "fewest", "nearest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What the network was sought for, before it was made to capture most.

    "fewest": the fewest new sites with all demand within ``within_minutes``; ``bound`` is a proven
    least number of new sites. "nearest": the least farthest way of any demand, which is
    ``within_minutes``; ``bound`` is a proven least of it in minutes. ``beyond`` counts the cells
    with demand that no open site has within those minutes (no site can). The plan's own bound on
    capture holds among the networks that reach this goal.
    """

    kind: GoalKind = "capture"
    within_minutes: float | None = None
    bound: float | None = None
    beyond: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletPlan:
    """An outlet network. ``captured`` is recomputed by the judge from cells and travel minutes.

    ``bound`` is a proven upper bound on the captured potential of any allowed network and
    ``gap_percent`` = 100 (bound - captured) / bound. ``cells`` has one row per unit: unit_id,
    demand (potential left after competitors), captured_before, captured_after, site_id.
    ``frontier`` has a row per number of new sites: new_sites, captured, bound, adds (to the row
    before; absent in older plans). Where ``capture`` is by choice, demand is the whole potential
    and site_id the open site with the largest pull.

    The planner's further questions, each a table without rows where it was not asked (absent in
    older plans): ``transfers`` (site_id, source, source_id, amount: from own outlets, competitors,
    nobody), ``alternatives`` (without, captured, loss_percent, bound, opens, leaves, is_proven),
    ``paybacks`` (site_id, decision, adds, opening_cost, upkeep_cost, earns, payback_years, saved)
    at ``margin_percent`` of what is captured, ``robustness`` (site_id, decision, chosen_percent,
    rank_low, rank_high), ``what_ifs`` (name, captured, change, bound, new_sites, spent, opens,
    closes, is_proven, note).

    Where sites have capacities, demand splits among open sites so that most is captured: ``splits``
    (unit_id, site_id, before, after: money a year), ``loads`` (site_id, capacity, load_before,
    load, price_before, price) and ``turned_away``, the money that these sites would capture beyond
    it had they no limit. A price is what one more of capacity would add to what all capture, 0 to
    1; prices prove the split the best. A cell's site_id is then the site that serves most of it,
    and ``marginal`` what is lost when the others take over as best they can.

    Where it is carried out in phases, ``phases`` (phase, most_new_sites, most_spent, new_sites,
    spent, captured, bound: all from the first phase to the end of this one; the bound is on any
    network within its limits) and ``steps`` (phase, site_id, decision: what opens and closes when).
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
    capture: Capture = field(default_factory=Capture)
    goal: Goal = field(default_factory=Goal)
    margin_percent: float = 100.0
    transfers: Table = field(default_factory=_no_rows)
    alternatives: Table = field(default_factory=_no_rows)
    paybacks: Table = field(default_factory=_no_rows)
    robustness: Table = field(default_factory=_no_rows)
    what_ifs: Table = field(default_factory=_no_rows)
    splits: Table = field(default_factory=_no_rows)
    loads: Table = field(default_factory=_no_rows)
    turned_away: float = 0.0
    phases: Table = field(default_factory=_no_rows)
    steps: Table = field(default_factory=_no_rows)


def phase_of(plan: OutletPlan) -> dict[str, int]:
    """By site that opens or closes, the phase in which it does; empty without phases."""
    if not plan.steps.columns:
        return {}
    numbers, sites = plan.steps.numbers("phase"), plan.steps.texts("site_id")
    return {site: round(number) for number, site in zip(numbers, sites, strict=True)}


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
