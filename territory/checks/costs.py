"""The judge of what a visit plan costs: every part anew from routes, needs, shifts and prices."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from math import fsum

from territory.checks.violation import Violation, miscopied, misstated
from territory.prices import CostPart, VisitPrices
from territory.routes import Route, Stop, VisitPlan
from territory.visits import Shift, VisitNeed

Figures = dict[str, tuple[float, float]]
"""Quantity and amount of each part."""


def check_costs(
    plan: VisitPlan,
    needs: Sequence[VisitNeed],
    shifts: Sequence[Shift],
    prices: VisitPrices,
) -> Iterator[Violation]:
    """Every part of the cost once, at its price, with the quantity the routes tell."""
    yield from miscopied("plan", "objective", stated=plan.objective, found=prices.objective)
    found = _figures(plan, needs, shifts, prices)
    times = Counter(part.name for part in plan.costs)
    for name in found.keys() | times.keys():
        if times[name] != (1 if name in found else 0):  # type: ignore[index]
            yield Violation(
                code="wrong_cost_part",
                subject=f"cost {name}",
                message=f"is stated {times[name]} times",  # type: ignore[index]
                stated=times[name],  # type: ignore[index]
                found=1 if name in found else 0,
            )
    price_of = {
        "value_lost": 1.0,
        "driving": prices.driving,
        "waiting": prices.waiting,
        "overtime": prices.overtime,
        "lateness": prices.lateness,
        "imbalance": prices.imbalance,
        "changes": prices.change,
        "off_preferred": prices.off_preferred,
    }
    for part in plan.costs:
        if part.name in found:
            yield from _part(part, price_of[part.name], *found[part.name])


def _part(part: CostPart, price: float, quantity: float, amount: float) -> Iterator[Violation]:
    subject = f"cost {part.name}"
    for what, stated, right in (
        ("price", part.price, price),
        ("quantity", part.quantity, quantity),
        ("amount", part.amount, amount),
    ):
        yield from misstated("wrong_cost", subject, what, stated=stated, found=right)


def _figures(
    plan: VisitPlan, needs: Sequence[VisitNeed], shifts: Sequence[Shift], prices: VisitPrices
) -> Figures:
    by_day = {(shift.executive_id, shift.date): shift for shift in shifts}
    by_id = {need.visit_id: need for need in needs}
    visits = [
        (by_id[stop.visit_id], route.date, stop)
        for route in plan.routes
        for stop in route.stops
        if stop.visit_id in by_id
    ]
    drive = fsum(s.travel_seconds for route in plan.routes for s in route.stops)
    drive = (drive + fsum(route.home_travel_seconds for route in plan.routes)) / 3600
    wait = fsum(_idle(route) for route in plan.routes) / 3600
    over = [
        ((route.return_seconds - shift.end_seconds) / 3600, shift.overtime_price)
        for route in plan.routes
        if (shift := by_day.get((route.executive_id, route.date))) is not None
        and route.return_seconds > shift.end_seconds
    ]
    late = fsum(_late(need, day, stop) for need, day, stop in visits) / 3600
    uneven = _uneven(plan.routes, shifts, is_daily=prices.balance == "day") / 3600
    on = {need.visit_id: day for need, day, _ in visits}
    moved = sum(need.published_date not in (None, on.get(need.visit_id)) for need in by_id.values())
    disliked = sum(
        bool(need.preferred_dates) and day not in need.preferred_dates for need, day, _ in visits
    )
    return {
        "value_lost": (len(plan.unserved), fsum(one.value for one in plan.unserved)),
        "driving": (drive, drive * prices.driving),
        "waiting": (wait, wait * prices.waiting),
        "overtime": (
            fsum(hours for hours, _ in over),
            fsum(h * (prices.overtime if own is None else own) for h, own in over),
        ),
        "lateness": (late, late * prices.lateness),
        "imbalance": (uneven, uneven * prices.imbalance),
        "changes": (moved, moved * prices.change),
        "off_preferred": (disliked, disliked * prices.off_preferred),
    }


def _idle(route: Route) -> int:
    """Seconds between leaving and coming back in which nobody drives, visits or rests."""
    idle = route.return_seconds - route.leave_seconds - route.home_travel_seconds
    for stop in route.stops:
        idle -= stop.travel_seconds + stop.end_seconds - stop.start_seconds
    for pause in route.breaks:
        idle -= pause.end_seconds - pause.start_seconds
    return max(idle, 0)


def _late(need: VisitNeed, day: date, stop: Stop) -> int:
    """Seconds a visit ends after the last end of the windows that had opened when it began."""
    if day not in need.dates or need.pinned_start_seconds is not None:
        return 0
    windows = need.windows[need.dates.index(day)]
    ends = [shuts for opens, shuts in windows if opens <= stop.start_seconds]
    return max(0, stop.end_seconds - max(ends)) if ends else 0


def _uneven(routes: Sequence[Route], shifts: Sequence[Shift], *, is_daily: bool) -> float:
    """Seconds of visits and driving above the even share of each executive's weeks or days."""

    def span(who: str, day: date) -> tuple[str, int, int]:
        year, week, _ = day.isocalendar()
        return (who, 0, day.toordinal()) if is_daily else (who, year, week)

    offered: Counter[tuple[str, int, int]] = Counter()
    worked: Counter[tuple[str, int, int]] = Counter()
    for shift in shifts:
        offered[span(shift.executive_id, shift.date)] += shift.end_seconds - shift.start_seconds
    for route in routes:
        busy = sum(s.travel_seconds + s.end_seconds - s.start_seconds for s in route.stops)
        worked[span(route.executive_id, route.date)] += busy + route.home_travel_seconds
    room: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for key, seconds in offered.items():
        room[key[0]] += seconds
    for key, seconds in worked.items():
        done[key[0]] += seconds
    return fsum(
        max(0.0, seconds - done[key[0]] * offered[key] / room[key[0]])
        for key, seconds in worked.items()
        if room[key[0]] > 0
    )
