"""The parts of a plan's objective that only some problems have, in seconds of driving."""

from collections.abc import Mapping

from optimizer.visits.problem import VisitProblem
from territory.costs import imbalance_seconds, waiting_seconds
from territory.routes import VisitPlan
from territory.visits import seconds_late


def weighed_parts(problem: VisitProblem, plan: VisitPlan) -> Mapping[str, float]:
    """Waiting, overtime, lateness, imbalance and changes, those that the problem can have."""
    weights = problem.weights
    parts: dict[str, float] = {}
    if weights.waiting > 0:
        parts["waiting"] = weights.waiting * sum(map(waiting_seconds, plan.routes))
    if any(shift.overtime_seconds for shift in problem.shifts):
        parts["overtime"] = _overtime(problem, plan)
    if any(need.late_seconds for need in problem.needs):
        parts["lateness"] = weights.lateness * _late(problem, plan)
    if weights.imbalance > 0:
        uneven = imbalance_seconds(plan.routes, problem.shifts, weights.balance)
        parts["imbalance"] = weights.imbalance * uneven
    if any(need.published_date for need in problem.needs):
        told = {need.visit_id: need.published_date for need in problem.needs}
        moved = sum(
            told[stop.visit_id] not in (None, route.date)
            for route in plan.routes
            for stop in route.stops
        )
        parts["changes"] = float(weights.change_seconds * moved)
    return parts


def _overtime(problem: VisitProblem, plan: VisitPlan) -> float:
    shift_of = {(shift.executive_id, shift.date): shift for shift in problem.shifts}
    cost = 0.0
    for route in plan.routes:
        shift = shift_of[route.executive_id, route.date]
        over = max(0, route.return_seconds - shift.end_seconds)
        cost += over * problem.weights.overtime_of(shift)
    return cost


def _late(problem: VisitProblem, plan: VisitPlan) -> int:
    need_of = {need.visit_id: need for need in problem.needs}
    return sum(
        seconds_late(need_of[stop.visit_id], route.date, stop.start_seconds, stop.end_seconds)
        for route in plan.routes
        for stop in route.stops
    )
