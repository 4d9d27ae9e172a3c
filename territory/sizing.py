"""How many executives a market needs: three textbook methods, side by side."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from territory.errors import Fault, InputError
from territory.scores import ScorePlan

CARRYOVER_SHARE = 0.4
"""Share of today's sales that would stay for a year without any visit: assumed, set it for your
trade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSize:
    """A number of executives, how it was found, and the sentence that says so."""

    method: str
    executives: int
    reason: str


def size_by_workload(
    workload_hours: Sequence[float], *, selling_hours_per_executive: float
) -> TeamSize:
    """Build-up method (Talley 1961): N = ceil(sum of NC x FC x LC / TA).

    ``workload_hours`` are hours a year per unit (accounts x calls x length, travel included);
    ``selling_hours_per_executive`` the hours a year one executive has for accounts.

    Raises
    ------
    InputError
        If the hours of an executive are not positive.
    """
    _require_positive(selling_hours_per_executive=selling_hours_per_executive)
    hours = math.fsum(workload_hours)
    count = math.ceil(hours / selling_hours_per_executive - 1e-9)
    return TeamSize(
        method="workload",
        executives=count,
        reason=(
            f"{hours:,.0f} hours of visits and travel a year at "
            f"{selling_hours_per_executive:,.0f} hours an executive."
        ),
    )


def size_by_potential(
    market_sales: float, *, sales_per_executive: float, turnover_rate: float = 0.0
) -> TeamSize:
    """Sales potential method: N = S / P x (1 + T), S sales aimed at, P sales of one executive.

    ``turnover_rate`` T is the share of executives who leave in a year.

    Raises
    ------
    InputError
        If the sales of an executive are not positive or the rate is negative.
    """
    _require_positive(sales_per_executive=sales_per_executive, turnover_rate=turnover_rate + 1e-12)
    count = math.ceil(market_sales / sales_per_executive * (1 + turnover_rate) - 1e-9)
    return TeamSize(
        method="potential",
        executives=count,
        reason=(
            f"{market_sales:,.0f} of sales aimed at, {sales_per_executive:,.0f} an executive, "
            f"{100 * turnover_rate:.0f} % of them leaving in a year."
        ),
    )


def size_by_increment(
    sales_by_size: Sequence[float], *, margin_share: float, cost_per_executive: float
) -> TeamSize:
    """Incremental method: add executives while one more earns more than it costs.

    ``sales_by_size[n]`` are sales with n executives, n = 0, 1, 2, ...; the best n is where sales x
    ``margin_share`` - n x ``cost_per_executive`` is largest, the smallest such n.

    Raises
    ------
    InputError
        If there is no figure, or share or cost are not positive.
    """
    _require_positive(margin_share=margin_share, cost_per_executive=cost_per_executive)
    if len(sales_by_size) == 0:
        raise InputError("There are no sales by team size.", fix="Give one figure per size from 0.")
    profits = [
        sales * margin_share - size * cost_per_executive for size, sales in enumerate(sales_by_size)
    ]
    count = profits.index(max(profits))
    return TeamSize(
        method="increment",
        executives=count,
        reason=(
            f"Profit is highest with {count} executives ({profits[count]:,.0f} a year): the next "
            f"would not earn its {cost_per_executive:,.0f}."
        ),
    )


def sales_by_team_size(
    plan: ScorePlan,
    *,
    selling_hours_per_executive: float,
    largest: int,
    carryover_share: float = CARRYOVER_SHARE,
) -> tuple[float, ...]:
    """Sales a year with 0, 1, ... ``largest`` executives, as a score says them.

    Without a visit a unit keeps ``carryover_share`` of what is captured there; with all its
    ``workload_hours`` worked it brings what is captured and its gap. Hours go where one brings
    most first, so each executive more adds less.

    Raises
    ------
    InputError
        If the hours are not positive or the share is not within 0 to 1.
    """
    _require_positive(selling_hours_per_executive=selling_hours_per_executive)
    if not 0 <= carryover_share <= 1:
        fault = Fault(
            column="carryover_share", value=f"{carryover_share:g}", expected="a share, 0 to 1"
        )
        raise InputError("The size of the team cannot be worked out.", [fault])
    captured, gap, hours = (
        plan.table.numbers(name) for name in ("captured", "gap", "workload_hours")
    )
    kept = math.fsum(captured) * carryover_share
    won = sorted(
        (
            (((1 - carryover_share) * sold + more) / work, work)
            for sold, more, work in zip(captured, gap, hours, strict=True)
            if work > 0
        ),
        reverse=True,
    )
    sales, place, left = [kept], 0, won[0][1] if won else 0.0
    for _ in range(largest):
        free, more = selling_hours_per_executive, 0.0
        while free > 0 and place < len(won):
            worked = min(free, left)
            more += worked * won[place][0]
            free, left = free - worked, left - worked
            if left <= 0:
                place += 1
                left = won[place][1] if place < len(won) else 0.0
        sales.append(sales[-1] + more)
    return tuple(sales)


def agreement(sizes: Sequence[TeamSize], today: int) -> str:
    """What to make of several methods: where they agree, and why they do not."""
    counts = [size.executives for size in sizes]
    low, high = min(counts), max(counts)
    names = {size.method: size.executives for size in sizes}
    if high - low <= max(1, round(0.1 * high)):
        verdict = f"The methods agree on {low} to {high}" if low < high else f"All say {low}"
    else:
        verdict = f"The methods disagree, {low} to {high}"
    if names.get("workload", 0) > names.get("increment", math.inf):
        verdict += ": the last of the work asked for does not pay for an executive"
    elif names.get("workload", math.inf) < names.get("potential", 0):
        verdict += ": the sales aimed at ask for more people than today's visits do"
    return f"{verdict}; today there are {today}."


def _require_positive(**values: float) -> None:
    faults = [
        Fault(column=name, value=f"{value:g}", expected="a number above 0")
        for name, value in values.items()
        if not value > 0
    ]
    if faults:
        raise InputError("The size of the team cannot be worked out.", faults)
