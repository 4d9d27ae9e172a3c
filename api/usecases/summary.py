"""A plan in a few sentences with numbers, for the terminal, the index and the home page."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from territory.alignment import AlignmentPlan
from territory.outlets import GapPlan, OutletPlan
from territory.routes import VisitPlan
from territory.scores import ScorePlan
from territory.weekly import WeeklyReport

MOST_NAMES = 12
"""Sites named in one line."""


def summarise(plan: Any) -> tuple[str, ...]:
    """The few sentences a planner wants first."""
    words = _WORDS.get(type(plan))
    if words is None:
        raise TypeError(f"{type(plan).__name__} is no plan")
    return (*words(plan), *plan.notes)


def _score(plan: ScorePlan) -> Iterator[str]:
    totals = plan.totals
    yield (
        f"{len(plan.unit_ids):,} units hold {_money(totals['potential'])} of potential; "
        f"{_money(totals['captured'])} is captured, the gap to what peers reach is "
        f"{_money(totals['gap'])}"
    )


def _alignment(plan: AlignmentPlan) -> Iterator[str]:
    worst = ", ".join(
        f"{name} {percent:.1f} %"
        for name, percent in zip(plan.load_names, plan.worst_percent, strict=True)
    )
    broken = sum(max(0, row.components - 1) for row in plan.jurisdictions)
    soft = plan.soft_price or (0.0,) * len(plan.load_names)
    over = [
        f"{name} misses its ±{allowed:g} %"
        for name, percent, allowed, price in zip(
            plan.load_names, plan.worst_percent, plan.tolerance_percent, soft, strict=True
        )
        if percent > allowed and price == 0
    ]
    pieces = f"{broken} pieces lie apart" if broken else "each in one piece"
    yield "; ".join(
        [
            f"{len(plan.jurisdictions)} jurisdictions over {len(plan.alignment.unit_ids):,} units",
            f"largest deviation: {worst}",
            *over,
            pieces,
        ]
    )
    if plan.jurisdictions_before:
        before = [
            max(abs(row.deviation_percent[load]) for row in plan.jurisdictions_before)
            for load in range(len(plan.load_names))
        ]
        old = ", ".join(
            f"{name} {percent:.1f} %" for name, percent in zip(plan.load_names, before, strict=True)
        )
        yield f"before: {old}; {plan.moved_percent:.1f} % of workload changes hands"
    if plan.moment_of_inertia > 0 and plan.inertia_bound > 0:
        gap = max(0.0, 100 * (1 - plan.inertia_bound / plan.moment_of_inertia))
        yield f"compactness within {gap:.1f} % of the lower bound at these centres"
    priced = [one for one in plan.moved_by if one.weight > 0 and one.name != "workload"]
    if priced:
        yield "moves were priced by " + ", ".join(
            f"{one.name.replace('_', ' ')} ({one.percent:.1f} % change hands)" for one in priced
        )
    for level in plan.levels:
        worst = ", ".join(
            f"{name} {percent:.1f} %"
            for name, percent in zip(plan.load_names, level.worst_percent, strict=True)
        )
        yield f"level {level.name}: {len(level.groups)} groups; largest deviation: {worst}"
    if plan.counts:
        yield "executives: deviation %  inertia  Polsby-Popper  moved %  fullest year %"
    for count in plan.counts:
        yield (
            f"  {count.executives:8d} {max(count.worst_percent):10.1f} "
            f"{count.moment_of_inertia:10,.0f} {count.polsby_popper:8.2f} "
            f"{count.moved_percent:9.1f} {count.full_percent:9.0f}"
            f"{'  driven' if count.is_driven else ''}"
            f"{'  misses a tolerance' if count.beyond_percent > 0 else ''}"
            f"{'  chosen' if count.is_chosen else ''}"
        )
    if plan.frontier:
        yield "frontier: deviation %  inertia  Polsby-Popper  moved %  (tolerance %, price asked)"
    for point in plan.frontier:
        yield (
            f"  {point.worst_percent:8.1f} {point.moment_of_inertia:12,.0f} "
            f"{point.polsby_popper:8.2f} {point.moved_percent:9.1f}  "
            f"({point.tolerance_percent:g}, {point.move_price:g})"
            f"{'  this plan' if point.is_this else ''}"
        )


def _visits(plan: VisitPlan) -> Iterator[str]:
    km = plan.travel_meters / 1000
    yield (
        f"{plan.served:,} visits on {len(plan.routes):,} routes from {plan.first_date} to "
        f"{plan.last_date}; {len(plan.unserved):,} unserved"
    )
    yield (
        f"{plan.visit_seconds / 3600:,.0f} h with accounts, {plan.travel_seconds / 3600:,.0f} h "
        f"and {km:,.0f} km on the way ({plan.travel_source}, {plan.mode})"
    )
    told = [one for one in plan.costs if one.name != "value_lost" and (one.quantity or one.amount)]
    if told:
        parts = ", ".join(
            f"{one.name.replace('_', ' ')} {_money(one.amount)} ({one.quantity:,.1f} {one.unit})"
            for one in told
        )
        yield (
            f"{_money(plan.value_kept)} of value kept, {_money(plan.value_lost)} left out; cost "
            f"{_money(sum(one.amount for one in told))}: {parts} ({plan.objective})"
        )


def _outlets(plan: OutletPlan) -> Iterator[str]:
    opened = [site.name or site.site_id for site in plan.sites if site.decision == "open"]
    closed = [site.name or site.site_id for site in plan.sites if site.decision == "close"]
    yield (
        f"open {len(opened)}, close {len(closed)}: captured demand goes from "
        f"{_money(plan.captured_before)} to {_money(plan.captured)}; of the new sites' capture "
        f"{_money(plan.cannibalised)} was our own before"
    )
    for word, names in (("open", opened), ("close", closed)):
        if names:
            more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
            yield f"{word}: {', '.join(names[:MOST_NAMES])}{more}"
    if plan.is_proven:
        yield f"proven optimal (bound {_money(plan.bound)})"
    else:
        yield f"within {plan.gap_percent:.2f} % of the proven bound: {plan.why_not_proven}"
    yield from _phases(plan)
    if plan.loads.columns:
        capacity, load = plan.loads.numbers("capacity"), plan.loads.numbers("load")
        full = sum(a >= 0.999 * b for a, b in zip(load, capacity, strict=True))
        yield (
            f"{full} of {len(plan.loads)} sites are full; {_money(plan.turned_away)} within their "
            "reach is left for want of capacity"
        )
    yield from _what_ifs(plan)


def _what_ifs(plan: OutletPlan) -> Iterator[str]:
    table = plan.what_ifs
    for row, name in enumerate(table.texts("name") if table.columns else ()):
        note, change = table.texts("note")[row], table.numbers("change")[row]
        moves = "".join(
            f"; {column} {table.texts(column)[row]}"
            for column in ("opens", "closes")
            if table.texts(column)[row]
        )
        way = "more" if change >= 0 else "less"
        got = f"captures {_money(table.numbers('captured')[row])}, {_money(abs(change))} {way}"
        yield f"what if {name}: {note or got + moves}"


def _phases(plan: OutletPlan) -> Iterator[str]:
    for row in range(len(plan.phases)):
        steps = plan.steps
        changes = [
            f"{word} {site}"
            for phase, site, word in zip(
                steps.numbers("phase"), steps.texts("site_id"), steps.texts("decision"), strict=True
            )
            if phase == row + 1
        ]
        got, bound, spent = (
            _money(plan.phases.numbers(name)[row]) for name in ("captured", "bound", "spent")
        )
        yield (
            f"phase {row + 1}: {', '.join(changes) or 'no change'}; then captures {got} "
            f"(bound {bound}), {spent} spent"
        )


def _gaps(plan: GapPlan) -> Iterator[str]:
    steps = zip(plan.coverage.numbers("minutes"), plan.coverage.numbers("own_percent"), strict=True)
    reach = ", ".join(f"{minutes:.0f} min {percent:.0f} %" for minutes, percent in steps)
    white = sum(plan.cells.numbers("white_space"))
    yield f"potential within reach of an own outlet: {reach}; white space {_money(white)}"
    yield f"room for {plan.supportable_outlets} more outlets"


def _report(plan: WeeklyReport) -> Iterator[str]:
    yield f"week of {plan.first_date} to {plan.last_date}"
    yield from plan.headlines


_WORDS: Mapping[type, Callable[[Any], Iterator[str]]] = {
    ScorePlan: _score,
    AlignmentPlan: _alignment,
    VisitPlan: _visits,
    OutletPlan: _outlets,
    GapPlan: _gaps,
    WeeklyReport: _report,
}


def _money(amount: float) -> str:
    """An amount short enough to read: 1.2 M, 340 k, 85."""
    for limit, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(amount) >= limit:
            return f"{amount / limit:,.1f} {letter}"
    return f"{amount:,.0f}"
