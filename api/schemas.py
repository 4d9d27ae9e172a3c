"""What callers may ask for: one request per job, checked alike for CLI, worker and HTTP."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from territory.outlets import Capture, CaptureKind, GoalKind, Phase, SiteRule
from territory.prices import PRICE_NAMES, Balance, Objective, VisitPrices

NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Request(BaseModel):
    """What all jobs share. Unknown fields are refused: a misspelt option must not be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: Seed = Field(default=0, description="Seed of every random draw.")
    iterations: int | None = Field(
        default=None, ge=1, le=10**9, description="Work limit; the job's own default if empty."
    )
    seconds: float | None = Field(
        default=None,
        gt=0,
        le=86_400,
        description="Wall-clock limit; a run stopped by it may differ when rerun.",
    )


class ScoreRequest(Request):
    """Score every unit of the market."""

    company_files: tuple[str, ...] = Field(
        default=(),
        description="Parquet files or folders that hold the companies instead of the market's "
        "table; from the command line only.",
    )


Measure = Literal["workload", "potential", "accounts", "relationship_years"]
"""What may count when a unit changes hands."""


class LoadWish(BaseModel):
    """One load to balance, with its own tolerance; soft if it has a price."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        min_length=1,
        max_length=200,
        description="potential, workload, accounts, a fact of the units, accounts.COLUMN, "
        "companies.COLUMN, or one of own_loads.",
    )
    tolerance_percent: float | None = Field(
        default=None, ge=0, le=10_000, description="The request's own tolerance if empty."
    )
    soft_price: float = Field(
        default=0.0,
        ge=0,
        le=1000,
        description="Above 0: may lie beyond its tolerance; price of a mean beyond it.",
    )


class LevelWish(BaseModel):
    """One level of the hierarchy above jurisdictions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=100, description="Such as district or region.")
    groups: int = Field(ge=1, le=1000, description="How many groups the level has.")
    tolerance_percent: float = Field(
        default=5.0, ge=0, le=100, description="Largest deviation of a group, each load."
    )


class WithinWish(BaseModel):
    """The level above as it is given: no jurisdiction lies across its groups."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        default="region", min_length=1, max_length=100, description="Such as region or district."
    )
    units: Mapping[str, str] = Field(
        default_factory=dict,
        description="The group of each unit; empty: the executives' column region, by who has the "
        "unit today.",
    )
    executives: Mapping[str, str] = Field(
        default_factory=dict,
        description="The group of each executive; others go by the column region where it names a "
        "group, else where they work most today.",
    )


class RedrawRequest(Request):
    """Redraw the jurisdictions."""

    executives: int | None = Field(
        default=None, ge=1, le=2000, description="How many; all of the market's if empty."
    )
    executives_to: int | None = Field(
        default=None,
        ge=1,
        le=2000,
        description="Try every number from executives to this and choose one.",
    )
    choose: Literal["fewest", "balance", "compact", "moves"] = Field(
        default="fewest",
        description="What the number is chosen by, tolerances first: fewest whose years are not "
        "overfull, best balance, most compact, least workload moved.",
    )
    full_hours: float = Field(
        default=1600.0, gt=0, le=8784, description="Hours an executive works a year, travel too."
    )
    chosen_executives: int | None = Field(
        default=None, ge=1, le=2000, description="The number chosen; the job writes it."
    )
    loads: tuple[LoadWish, ...] = Field(
        default=(), max_length=20, description="Loads to balance; potential and workload if empty."
    )
    own_loads: Mapping[str, Mapping[str, FiniteFloat]] = Field(
        default_factory=dict, description="Your own loads: name, then unit and value."
    )
    move_by: Mapping[Measure, FiniteFloat] = Field(
        default={"workload": 1.0}, description="What the price of moving counts, with weights."
    )
    shape: Literal["straight", "road"] = Field(
        default="straight", description="Whether compactness goes by straight lines or by road."
    )
    levels: tuple[LevelWish, ...] = Field(
        default=(), max_length=5, description="Hierarchy above jurisdictions, finest level first."
    )
    within: WithinWish | None = Field(
        default=None, description="The level above, given: every jurisdiction lies in one group."
    )
    locked_executives: tuple[str, ...] = Field(
        default=(), max_length=2000, description="Executives who keep exactly the units of today."
    )
    links: tuple[tuple[str, str], ...] = Field(
        default=(), max_length=10_000, description="Pairs of units joined by a bridge or ferry."
    )
    cuts: tuple[tuple[str, str], ...] = Field(
        default=(), max_length=10_000, description="Pairs of units that a barrier parts."
    )
    tolerance_percent: float = Field(
        default=5.0, ge=0, le=100, description="Largest deviation from the mean, each load."
    )
    from_scratch: bool = Field(
        default=False, description="Ignore the current alignment instead of moving few units."
    )
    move_price: float = Field(
        default=5.0, ge=0, le=1000, description="Price of moving workload, against compactness."
    )
    fewest_moves: bool = Field(
        default=False,
        description="Move as little as tolerances allow, whatever the shape; finds its own price.",
    )
    locked_units: tuple[str, ...] = Field(
        default=(), max_length=100_000, description="Units that stay with their executive."
    )
    together: tuple[tuple[str, ...], ...] = Field(
        default=(), max_length=10_000, description="Groups of units that go to one executive."
    )
    apart: tuple[tuple[str, str], ...] = Field(
        default=(), max_length=10_000, description="Pairs of units that go to two executives."
    )
    relax: bool = Field(
        default=False,
        description="Leave out rules that contradict each other, and say which.",
    )
    homes_fixed: bool = Field(
        default=False, description="Centre each jurisdiction on its executive's home."
    )
    driven: int = Field(
        default=0,
        ge=0,
        le=20,
        description="Rounds that redraw on driven hours until these lie within tolerance.",
    )
    frontier: bool = Field(
        default=False,
        description="Also weigh tolerance, compactness and moves against one another.",
    )


class VisitsRequest(Request):
    """Plan the visits of some weeks."""

    first_date: date | None = Field(
        default=None, description="First day; the next Monday from the market's day if empty."
    )
    weeks: int = Field(default=4, ge=1, le=13, description="Length of the horizon.")
    alignment_plan: str | None = Field(
        default=None, description="Alignment plan that says who visits; the tables if empty."
    )
    executives: tuple[str, ...] = Field(
        default=(), max_length=2000, description="Plan only these; all if empty."
    )
    objective: Objective = Field(
        default="lexicographic",
        description="Value first, then the rest by its prices; or all weighted in money.",
    )
    prices: Mapping[str, float] = Field(
        default_factory=dict,
        description="Prices in the market's currency: driving, waiting, overtime, lateness, "
        "imbalance (each per hour), change, off_preferred (each); usual ones where not named.",
    )
    balance: Balance = Field(
        default="week", description="Whether imbalance is between weeks or between days."
    )
    published_plan: str | None = Field(
        default=None, description="Visit plan already told to accounts; leaving its dates costs."
    )

    @model_validator(mode="after")
    def _has_known_prices(self) -> "VisitsRequest":
        unknown = sorted(self.prices.keys() - set(PRICE_NAMES))
        if unknown:
            raise ValueError(f"prices {unknown}: known are {', '.join(PRICE_NAMES)}")
        self.visit_prices()
        return self

    def visit_prices(self) -> VisitPrices:
        """The prices in force."""
        return VisitPrices(objective=self.objective, balance=self.balance, **self.prices)


class Rival(BaseModel):
    """A competitor's outlet that might open."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    attractiveness: float = Field(default=1.0, ge=0, le=1e6)


class OutletScenario(BaseModel):
    """One what-if: other limits, sites held open or shut, competitors that come or go."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=200)
    new_sites: int | None = Field(default=None, ge=0, le=1000, description="The plan's if empty.")
    budget: float | None = Field(default=None, ge=0, description="The plan's if empty.")
    opened: tuple[str, ...] = Field(
        default=(), max_length=1000, description="Sites that must be open."
    )
    shut: tuple[str, ...] = Field(
        default=(), max_length=1000, description="Sites that must not be open."
    )
    competitors_open: tuple[Rival, ...] = Field(
        default=(), max_length=100, description="Competitors that would come."
    )
    competitors_close: tuple[str, ...] = Field(
        default=(), max_length=1000, description="Competitors' outlets that would go."
    )


class SiteRuleWish(BaseModel):
    """A quota, a phase or any other linear rule over sites that are open."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=200)
    sites: dict[str, float] = Field(
        default={}, max_length=6000, description="Weight of each site, by id."
    )
    zone: str | None = Field(
        default=None, description="Instead of sites: each site in this zone counts 1."
    )
    jurisdiction: str | None = Field(
        default=None, description="Instead of sites: each in this executive's jurisdiction."
    )
    brand: str | None = Field(
        default=None, description="Instead of sites: each own outlet of this brand."
    )
    only_new: bool = Field(
        default=False, description="With zone or jurisdiction: count new sites only."
    )
    at_least: float | None = Field(default=None, description="Least sum of weights of open sites.")
    at_most: float | None = Field(default=None, description="Most sum of weights of open sites.")

    @property
    def named(self) -> dict[str, str]:
        """The zone, jurisdiction and brand that the rule names."""
        names = {"zone": self.zone, "jurisdiction": self.jurisdiction, "brand": self.brand}
        return {kind: name for kind, name in names.items() if name is not None}

    @model_validator(mode="after")
    def _of_sites_or_of_names(self) -> "SiteRuleWish":
        if bool(self.sites) == bool(self.named):
            raise ValueError("say either sites or a zone, jurisdiction or brand")
        if self.only_new and (self.sites or self.brand is not None):
            raise ValueError("only_new goes with a zone or a jurisdiction")
        return self


class PhaseWish(BaseModel):
    """Most new sites and most money of one phase; what it leaves the next may use."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    new_sites: int = Field(ge=0, le=1000)
    budget: NotNegative | None = Field(default=None, description="No limit if empty.")


class OutletsRequest(Request):
    """Place new outlets."""

    new_sites: int = Field(default=5, ge=0, le=1000, description="At most this many new sites.")
    budget: float | None = Field(default=None, ge=0, description="Money for opening and closing.")
    minimum_separation_meters: float = Field(
        default=0.0, ge=0, le=1_000_000, description="Least distance between open own sites."
    )
    candidates: int = Field(
        default=200, ge=1, le=5000, description="Candidates from white space when none are given."
    )
    may_close: bool = Field(
        default=True, description="Let the plan close outlets that the table allows to close."
    )
    alternatives: int = Field(
        default=5,
        ge=0,
        le=50,
        description="Other networks within 1 % to name, beside one for every new site that falls "
        "through; 0 names neither.",
    )
    robustness_draws: int = Field(
        default=20, ge=0, le=1000, description="Draws of demand and travel to place again under."
    )
    margin_percent: float = Field(
        default=100.0, ge=0, le=100, description="Part of what is captured that is left for costs."
    )
    what_if: tuple[OutletScenario, ...] = Field(
        default=(), max_length=50, description="Scenarios to place again under."
    )
    capture: CaptureKind = Field(
        default="best",
        description="Who captures a unit: its best site, or all that pull, competitors included "
        "(huff: attractiveness x reach weight or minutes^-decay; mnl: x e^(-decay x minutes)).",
    )
    decay: float | None = Field(
        default=None,
        description="How fast pull falls (huff: power of the minutes, the reach steps if empty; "
        "mnl: per minute, 0.1 if empty).",
    )
    reach_weights: tuple[float, ...] | None = Field(
        default=None,
        max_length=100,
        description="Share of demand that counts within each reach step, 1 within the first and "
        "never rising; (k - i) / k for step i of k if empty.",
    )
    fit_reach: bool = Field(
        default=False, description="Fit reach_weights to the flows table, whatever they say here."
    )
    outside_pull: float = Field(
        default=0.1,
        description="Pull of buying nowhere (huff, mnl), in mean outlets at the door; above 0 "
        "where a unit may have no competitor.",
    )

    rules: tuple[SiteRuleWish, ...] = Field(
        default=(), max_length=1000, description="Quotas, phases and other rules over open sites."
    )
    alignment_plan: str | None = Field(
        default=None,
        description="Alignment plan whose jurisdictions rules name; the tables if empty.",
    )
    moves: int = Field(
        default=0,
        ge=0,
        le=1000,
        description="Own outlets that may move: each that closes lets one more new site open.",
    )
    most_cannibalised: float | None = Field(
        default=None, ge=0, description="Most money a year new sites may take from own outlets."
    )
    phases: tuple[PhaseWish, ...] = Field(
        default=(),
        max_length=20,
        description="Openings in phases, such as years; new_sites and budget are then their sums.",
    )
    capacities: dict[str, NotNegative] = Field(
        default={},
        max_length=6000,
        description="Most money a year that a site serves, by id; demand then splits.",
    )
    new_capacity: float | None = Field(
        default=None, ge=0, description="The same for each new site that capacities does not name."
    )
    goal: GoalKind = Field(
        default="capture",
        description="capture most; fewest new sites with all demand within the last reach step; "
        "or nearest: the least farthest way.",
    )

    @property
    def in_turn(self) -> tuple[Phase, ...]:
        """The phases as values."""
        return tuple(Phase(new_sites=one.new_sites, budget=one.budget) for one in self.phases)

    @property
    def site_rules(self) -> tuple[SiteRule, ...]:
        """The rules as they stand, without the sites of those that name zones or the like."""
        return tuple(
            SiteRule(
                name=rule.name,
                weights=dict(rule.sites),
                at_least=-math.inf if rule.at_least is None else rule.at_least,
                at_most=math.inf if rule.at_most is None else rule.at_most,
            )
            for rule in self.rules
        )

    @property
    def sharing(self) -> Capture:
        """The rule by which demand is shared; InputError if it makes no sense."""
        decay = 0.1 if self.capture == "mnl" and self.decay is None else self.decay
        return Capture(
            kind=self.capture,
            decay=decay,
            outside_pull=self.outside_pull,
            reach_weights=self.reach_weights,
        )


class GapsRequest(Request):
    """Find where the network falls short."""


class ReportRequest(Request):
    """Report one week."""

    week_of: date | None = Field(
        default=None, description="A day of the week; the last full week if empty."
    )
    visit_plan: str | None = Field(
        default=None,
        max_length=200,
        description="Visit plan that says what was planned; the newest with a route in the week if "
        'left out, the visits table alone if "".',
    )


JobKind = Literal["score", "redraw", "visits", "outlets", "gaps", "report"]

REQUESTS: Mapping[str, type[Request]] = {
    "score": ScoreRequest,
    "redraw": RedrawRequest,
    "visits": VisitsRequest,
    "outlets": OutletsRequest,
    "gaps": GapsRequest,
    "report": ReportRequest,
}
