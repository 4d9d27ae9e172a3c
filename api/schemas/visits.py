"""What callers may ask of visit plans."""

from collections.abc import Mapping
from datetime import date

from pydantic import Field, model_validator

from api.schemas.base import Request
from territory.prices import PRICE_NAMES, Balance, Objective, VisitPrices


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
