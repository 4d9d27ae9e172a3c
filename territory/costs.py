"""The cost of a visit plan in its parts, from its own clock times and what was asked for."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from territory.prices import Balance, CostPart, VisitPrices
from territory.routes import Route, VisitPlan
from territory.visits import Shift, VisitNeed, seconds_late

HOUR = 3600


def with_costs(
    plan: VisitPlan,
    needs: Sequence[VisitNeed],
    shifts: Sequence[Shift],
    prices: VisitPrices,
) -> VisitPlan:
    """The plan with its objective and the parts of its cost; their amounts add up to it."""
    return replace(plan, objective=prices.objective, costs=cost_parts(plan, needs, shifts, prices))


def cost_parts(
    plan: VisitPlan,
    needs: Sequence[VisitNeed],
    shifts: Sequence[Shift],
    prices: VisitPrices,
) -> tuple[CostPart, ...]:
    """Every part in the order of ``PartName``, also those that cost nothing.

    Waiting is time away that is neither driving nor visit nor lunch. A visit of a published plan
    counts as changed if it is made on another date or not at all.
    """
    need_of = {need.visit_id: need for need in needs}
    shift_of = {(shift.executive_id, shift.date): shift for shift in shifts}
    made = {stop.visit_id: route.date for route in plan.routes for stop in route.stops}
    over = [
        (max(0, route.return_seconds - shift.end_seconds) / HOUR, shift)
        for route in plan.routes
        if (shift := shift_of.get((route.executive_id, route.date))) is not None
    ]
    late = sum(
        seconds_late(need_of[stop.visit_id], route.date, stop.start_seconds, stop.end_seconds)
        for route in plan.routes
        for stop in route.stops
        if stop.visit_id in need_of
    )
    changed = sum(
        1
        for need in needs
        if need.published_date is not None and made.get(need.visit_id) != need.published_date
    )
    off = sum(
        1
        for visit_id, day in made.items()
        if (need := need_of.get(visit_id)) is not None
        and need.preferred_dates
        and day not in need.preferred_dates
    )
    waiting = sum(waiting_seconds(route) for route in plan.routes) / HOUR
    imbalance = imbalance_seconds(plan.routes, shifts, prices.balance) / HOUR
    driving = sum(route.travel_seconds for route in plan.routes) / HOUR
    return (
        CostPart(
            name="value_lost",
            quantity=float(len(plan.unserved)),
            unit="visits",
            price=1.0,
            amount=sum(one.value for one in plan.unserved),
        ),
        _hours("driving", driving, prices.driving),
        _hours("waiting", waiting, prices.waiting),
        CostPart(
            name="overtime",
            quantity=sum(hours for hours, _ in over),
            unit="hours",
            price=prices.overtime,
            amount=sum(hours * overtime_price(shift, prices) for hours, shift in over),
        ),
        _hours("lateness", late / HOUR, prices.lateness),
        _hours("imbalance", imbalance, prices.imbalance),
        CostPart(
            name="changes",
            quantity=float(changed),
            unit="visits",
            price=prices.change,
            amount=changed * prices.change,
        ),
        CostPart(
            name="off_preferred",
            quantity=float(off),
            unit="stops",
            price=prices.off_preferred,
            amount=off * prices.off_preferred,
        ),
    )


def _hours(name: str, hours: float, price: float) -> CostPart:
    return CostPart(
        name=name,  # type: ignore[arg-type]
        quantity=hours,
        unit="hours",
        price=price,
        amount=hours * price,
    )


def overtime_price(shift: Shift, prices: VisitPrices) -> float:
    """What an hour past the shift's end costs."""
    return prices.overtime if shift.overtime_price is None else shift.overtime_price


def waiting_seconds(route: Route) -> int:
    """Time away that is neither driving nor visit nor break."""
    breaks = sum(pause.end_seconds - pause.start_seconds for pause in route.breaks)
    away = route.return_seconds - route.leave_seconds
    return max(0, away - route.travel_seconds - route.visit_seconds - breaks)


def imbalance_seconds(routes: Sequence[Route], shifts: Sequence[Shift], balance: Balance) -> float:
    """Visits and driving above each executive's even share of every week (or day), in seconds.

    The even share of a week is of its part of the working hours offered, so that a week with a
    holiday may be lighter.
    """
    offered: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    worked: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for shift in shifts:
        span = span_of(shift.date, balance)
        offered[shift.executive_id][span] += shift.end_seconds - shift.start_seconds
    for route in routes:
        span = span_of(route.date, balance)
        worked[route.executive_id][span] += route.travel_seconds + route.visit_seconds
    above = 0.0
    for who, spans in worked.items():
        total, room = sum(spans.values()), sum(offered[who].values())
        if room > 0:
            above += sum(
                max(0.0, seconds - total * offered[who][span] / room)
                for span, seconds in spans.items()
            )
    return above


def span_of(day: date, balance: Balance) -> date:
    """The day that stands for a date's week (its Monday), or the date itself."""
    return day if balance == "day" else date.fromordinal(day.toordinal() - day.weekday())
