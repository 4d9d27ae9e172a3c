"""What a visit plan is judged by: every part of its cost in one currency, and how they are weighed.

"lexicographic" puts value first: no visit that fits is left out to save the rest, and of plans that
keep the same value the cheapest by these prices is best. "weighted" trades value off against the
rest, money for money.
"""

import math
from dataclasses import dataclass, fields
from typing import Literal, get_args

Objective = Literal["lexicographic", "weighted"]
Balance = Literal["week", "day"]
MOST_PRICE = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPrices:
    """Prices in the market's currency: of hours, of visits moved, of stops off a preferred day.

    ``driving`` is above 0: the search counts in seconds of driving. ``imbalance`` is of hours of
    visits and driving above an executive's even share of a week (or a day, as ``balance`` says).
    ``change`` is of a visit that a published plan has on another date. ``overtime`` holds for
    executives without a price of their own.
    """

    driving: float = 30.0
    waiting: float = 0.0
    overtime: float = 45.0
    lateness: float = 60.0
    imbalance: float = 0.0
    change: float = 20.0
    off_preferred: float = 5.0
    objective: Objective = "lexicographic"
    balance: Balance = "week"

    def __post_init__(self) -> None:
        for name in PRICE_NAMES:
            price = getattr(self, name)
            if not (math.isfinite(price) and 0 <= price <= MOST_PRICE):
                raise ValueError(f"price {name} {price!r}: a number from 0 to {MOST_PRICE:,.0f}")
        if self.driving < 0.01:
            raise ValueError(f"price driving {self.driving!r}: 0.01 or more")
        if self.objective not in get_args(Objective):
            raise ValueError(f"objective {self.objective!r} is not lexicographic or weighted")
        if self.balance not in get_args(Balance):
            raise ValueError(f"balance {self.balance!r} is not week or day")


PRICE_NAMES = tuple(
    one.name for one in fields(VisitPrices) if one.name not in ("objective", "balance")
)


PartName = Literal[
    "value_lost",
    "driving",
    "waiting",
    "overtime",
    "lateness",
    "imbalance",
    "changes",
    "off_preferred",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPart:
    """One part of a plan's cost: ``quantity`` of a unit (hours, visits, stops) and its amount.

    ``price`` is of one unit; where executives have overtime prices of their own the amount is not
    quantity times price. For value_lost the quantity counts visits and the price is 1 per value.
    """

    name: PartName
    quantity: float
    unit: Literal["hours", "visits", "stops"]
    price: float
    amount: float
