"""What callers may ask of outlets."""

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.base import NotNegative, Request
from territory.outlets import Capture, CaptureKind, GoalKind, Phase, SiteRule

OutletEngine = Literal["auto", "cuts", "highs", "gscip", "cp_sat"]


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
        default=None, description="Instead of sites: each own outlet and site of this brand."
    )
    only_new: bool = Field(
        default=False, description="With zone, jurisdiction or brand: count new sites only."
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
        if self.only_new and self.sites:
            raise ValueError("only_new goes with a zone, a jurisdiction or a brand")
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
    attractiveness: dict[str, NotNegative] = Field(
        default={},
        max_length=20_000,
        description="Pull of outlets and sites by id, 1 for a mean outlet; the tables' if empty.",
    )
    fit_attractiveness: Literal["flows", "sales"] | None = Field(
        default=None,
        description="Fit the attractiveness of outlets to the flows table or to annual_sales of "
        "the outlets table; what attractiveness names stays.",
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
    engine: OutletEngine = Field(
        default="auto",
        description="What proves the network: cuts (our branch and cut), or an engine of OR-Tools "
        "given the whole model, such as to check one by another: highs, gscip, cp_sat.",
    )
    goal: GoalKind = Field(
        default="capture",
        description="capture most; fewest new sites with all demand within the last reach step; "
        "or nearest: the least farthest way.",
    )

    def refuse_contradictions(self) -> None:
        """Raise InputError if demand cannot be shared as asked."""
        _ = self.sharing

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
