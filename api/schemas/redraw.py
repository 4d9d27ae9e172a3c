"""What callers may ask of a redraw."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from api.schemas.base import Request

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
