"""The judge of visit plans: every need once, every route on time, every total right."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations, pairwise
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from territory.checks.areas import TravelArea
from territory.checks.costs import check_costs
from territory.checks.routes import check_route
from territory.checks.violation import Violation, miscopied, misstated
from territory.prices import VisitPrices
from territory.routes import Route, Stop, Unserved, UnservedReason, VisitPlan
from territory.travel import Mode, TravelMatrix
from territory.visits import Shift, VisitNeed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VisitFacts:
    """What has to be visited, who works when, and how long each drive takes.

    ``points`` (n, 2) are the lon, lat of the rows and columns of ``travel``; every need and every
    start and end of a shift stands among them, but for executives who have an area of their own in
    ``areas`` (``territory.checks.areas.areas_of``). ``unplannable`` are visits that were given up
    before any solver (no coordinates, no executive): the plan must list each as unserved.
    ``prices`` None is of a plan that was made before plans told their costs.
    """

    needs: tuple[VisitNeed, ...]
    shifts: tuple[Shift, ...]
    points: NDArray[np.float64]
    travel: TravelMatrix
    mode: Mode | None = None
    unplannable: tuple[Unserved, ...] = ()
    prices: VisitPrices | None = None
    areas: Mapping[str, TravelArea] = field(default_factory=dict)
    everywhere: TravelArea = field(init=False)

    def __post_init__(self) -> None:
        area = TravelArea(points=self.points, travel=self.travel)
        object.__setattr__(self, "everywhere", area)


def check_visits(plan: VisitPlan, facts: VisitFacts) -> tuple[Violation, ...]:
    """Everything wrong with a visit plan; empty if it is clean.

    Clock rules hold to the second. A pinned appointment is held to its own time, which overrules
    the opening windows. Where travel has periods, a drive must equal the matrix in one of them.
    """
    needs = {need.visit_id: need for need in facts.needs}
    shifts = {(shift.executive_id, shift.date): shift for shift in facts.shifts}
    return (
        *_each_once(plan, facts),
        *_unserved(plan, facts),
        *_one_route_a_day(plan),
        *(
            violation
            for route in plan.routes
            for area in (facts.areas.get(route.executive_id, facts.everywhere),)
            for violation in check_route(
                route,
                shift=shifts.get((route.executive_id, route.date)),
                needs=needs,
                travel=area.travel,
                point_index=area.point_index,
            )
        ),
        *_spacing(plan, needs),
        *_horizon(plan),
        *_totals(plan, facts),
        *_costs(plan, facts),
    )


def _costs(plan: VisitPlan, facts: VisitFacts) -> Iterator[Violation]:
    if facts.prices is not None:
        yield from check_costs(plan, facts.needs, facts.shifts, facts.prices)


def _each_once(plan: VisitPlan, facts: VisitFacts) -> Iterator[Violation]:
    served = Counter(stop.visit_id for route in plan.routes for stop in route.stops)
    listed = Counter(one.visit_id for one in plan.unserved)
    needed = {need.visit_id for need in facts.needs}
    given_up = {one.visit_id for one in facts.unplannable}
    for visit in sorted((needed | given_up) - served.keys() - listed.keys()):
        yield Violation(
            code="lost_visit",
            subject=f"visit {visit}",
            message="neither on a route nor listed as unserved",
        )
    for visit, times in sorted((served + listed).items()):
        if times > 1:
            yield Violation(
                code="repeated_visit",
                subject=f"visit {visit}",
                message=f"served {served[visit]} times and listed {listed[visit]} times unserved",
                stated=times,
                found=1,
            )
    unknown = (served.keys() - needed) | (listed.keys() - needed - given_up)
    for visit in sorted(unknown):
        yield Violation(
            code="unknown_visit", subject=f"visit {visit}", message="nobody needs this visit"
        )


def _unserved(plan: VisitPlan, facts: VisitFacts) -> Iterator[Violation]:
    wanted = {
        need.visit_id: (need.account_id, need.executive_id, need.value) for need in facts.needs
    }
    wanted |= {
        one.visit_id: (one.account_id, one.executive_id, one.value) for one in facts.unplannable
    }
    for one in plan.unserved:
        subject = f"unserved {one.visit_id}"
        if one.reason not in get_args(UnservedReason):
            yield Violation(
                code="unknown_reason",
                subject=subject,
                message=f"{one.reason!r} is no reason code",
                stated=one.reason,
            )
        if one.visit_id not in wanted:
            continue  # already an unknown_visit
        account, executive, value = wanted[one.visit_id]
        yield from miscopied(subject, "account_id", stated=one.account_id, found=account)
        yield from miscopied(subject, "executive_id", stated=one.executive_id, found=executive)
        yield from misstated("wrong_facts", subject, "value", stated=one.value, found=value)


def _one_route_a_day(plan: VisitPlan) -> Iterator[Violation]:
    for (executive, day), times in Counter((r.executive_id, r.date) for r in plan.routes).items():
        if times > 1:
            yield Violation(
                code="repeated_route",
                subject=f"route {executive} {day}",
                message=f"{times} routes for one executive on one day",
                stated=times,
                found=1,
            )


def _spacing(plan: VisitPlan, needs: dict[str, VisitNeed]) -> Iterator[Violation]:
    series: dict[str, list[tuple[date, VisitNeed]]] = {}
    for route, stop in _stops(plan):
        need = needs.get(stop.visit_id)
        if need is not None and need.series:
            series.setdefault(need.series, []).append((route.date, need))
    asked: dict[str, list[VisitNeed]] = defaultdict(list)
    for need in needs.values():
        if need.kind != "task":
            asked[need.series].append(need)
    for name, visits in series.items():
        yield from _too_far_apart(name, visits, asked[name])
        for (day, need), (other_day, other) in combinations(visits, 2):
            apart = abs((day - other_day).days)
            wanted = max(need.min_spacing_days, other.min_spacing_days)
            if apart < wanted:
                yield Violation(
                    code="too_close",
                    subject=f"series {name}",
                    message=f"{need.visit_id!r} and {other.visit_id!r} are {apart} days apart, "
                    f"{wanted} are asked for",
                    stated=apart,
                    found=wanted,
                )


def _too_far_apart(
    name: str, visits: list[tuple[date, VisitNeed]], asked: list[VisitNeed]
) -> Iterator[Violation]:
    """Successive needs of a series, both made, against the longest distance allowed."""
    made = {need.visit_id: day for day, need in visits}
    series = sorted(asked, key=lambda need: need.dates[0])
    for before, need in pairwise(series):
        if not need.max_spacing_days or not {before.visit_id, need.visit_id} <= made.keys():
            continue
        apart = (made[need.visit_id] - made[before.visit_id]).days
        if apart > need.max_spacing_days:
            yield Violation(
                code="too_far_apart",
                subject=f"series {name}",
                message=f"{before.visit_id!r} and {need.visit_id!r} are {apart} days apart, at "
                f"most {need.max_spacing_days} are allowed",
                stated=apart,
                found=need.max_spacing_days,
            )


def _horizon(plan: VisitPlan) -> Iterator[Violation]:
    for route in plan.routes:
        if not plan.first_date <= route.date <= plan.last_date:
            yield Violation(
                code="outside_horizon",
                subject=f"route {route.executive_id} {route.date}",
                message=f"the plan runs from {plan.first_date} to {plan.last_date}",
            )


def _totals(plan: VisitPlan, facts: VisitFacts) -> Iterator[Violation]:
    value = {need.visit_id: need.value for need in facts.needs}
    stops = [stop for _, stop in _stops(plan)]
    for what, stated, found in (
        ("travel_seconds", plan.travel_seconds, sum(r.travel_seconds for r in plan.routes)),
        ("travel_meters", plan.travel_meters, sum(r.travel_meters for r in plan.routes)),
        ("visit_seconds", plan.visit_seconds, sum(r.visit_seconds for r in plan.routes)),
        ("served", plan.served, len(stops)),
        ("value_kept", plan.value_kept, sum(value.get(s.visit_id, 0.0) for s in stops)),
        ("value_lost", plan.value_lost, sum(one.value for one in plan.unserved)),
    ):
        yield from misstated("wrong_total", "plan", what, stated=stated, found=found)
    sources = (facts.travel.source, *(area.travel.source for area in facts.areas.values()))
    for source in dict.fromkeys(sources):
        yield from miscopied("plan", "travel_source", stated=plan.travel_source, found=source)
    if facts.mode is not None:
        yield from miscopied("plan", "mode", stated=plan.mode, found=facts.mode)


def _stops(plan: VisitPlan) -> Iterator[tuple[Route, Stop]]:
    for route in plan.routes:
        for stop in route.stops:
            yield route, stop
