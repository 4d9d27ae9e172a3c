"""One problem for each executive, with travel of its own, and the plans of all put together."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from optimizer.visits.problem import VisitProblem, Weights, make_problem, penalties_of
from territory.costs import with_costs
from territory.geo import LonLat
from territory.prices import VisitPrices
from territory.routes import Unserved, VisitPlan
from territory.travel import Mode, TravelMatrix
from territory.visits import Shift, VisitNeed


def make_problems(
    needs: Sequence[VisitNeed],
    shifts: Sequence[Shift],
    *,
    block: Callable[[LonLat], TravelMatrix],
    first_date: date,
    last_date: date,
    mode: Mode = "car",
    weights: Weights | None = None,
    unserved: Sequence[Unserved] = (),
    prices: VisitPrices | None = None,
) -> Iterator[VisitProblem]:
    """A problem for each executive, in order of id, made when asked for; ``solve`` takes them all.

    As ``make_problem``, but travel is asked of ``block`` for one executive's places at a time, so
    that many thousands of places need no matrix over all of them. What a visit left out costs is
    by its value among all. Executives whose needs share a visit id or a series come in one problem,
    which refuses that. Needs given up before the search go with the first.
    """
    weights = weights or (Weights() if prices is None else Weights.of(prices))
    penalty = penalties_of(needs, weights)
    for number, members in enumerate(_groups(needs, shifts)):
        rows, places = members
        problem = make_problem(
            [needs[row] for row in rows],
            [shifts[row] for row in places],
            block=block,
            first_date=first_date,
            last_date=last_date,
            mode=mode,
            weights=weights,
            unserved=unserved if number == 0 else (),
            prices=prices,
        )
        yield replace(problem, penalties=tuple(int(penalty[row]) for row in rows))


_Members = tuple[list[int], list[int]]
"""Rows of needs and rows of shifts."""


def _groups(needs: Sequence[VisitNeed], shifts: Sequence[Shift]) -> list[_Members]:
    """The needs and shifts of each executive, or of those who must be looked at together."""
    tied = _tied(needs)
    names = sorted({*(need.executive_id for need in needs), *(s.executive_id for s in shifts)})
    groups: dict[str, _Members] = {}
    for who in names:
        groups.setdefault(tied.get(who, who), ([], []))
    for row, need in enumerate(needs):
        groups[tied.get(need.executive_id, need.executive_id)][0].append(row)
    for row, shift in enumerate(shifts):
        groups[tied.get(shift.executive_id, shift.executive_id)][1].append(row)
    return list(groups.values()) or [([], [])]


def _tied(needs: Sequence[VisitNeed]) -> dict[str, str]:
    """The first of those whose needs share an id or a series, for everybody who does."""
    leader: dict[str, str] = {}

    def first(who: str) -> str:
        while who in leader and leader[who] != who:
            who = leader[who]
        return who

    owner: dict[tuple[str, str], str] = {}
    for need in needs:
        for key in (("visit", need.visit_id), ("series", need.series)):
            if key[1]:
                one = first(owner.setdefault(key, need.executive_id))
                other = first(need.executive_id)
                if one != other:
                    leader[max(one, other)] = min(one, other)
                    leader[min(one, other)] = min(one, other)
    return {who: first(who) for who in leader}


def joined(problems: Sequence[VisitProblem], plans: Sequence[VisitPlan]) -> VisitPlan:
    """One plan of the plans of problems that share no executive; totals are summed anew."""
    if len(plans) == 1:
        return plans[0]
    value = {need.visit_id: need.value for problem in problems for need in problem.needs}
    routes = [route for plan in plans for route in plan.routes]
    routes.sort(key=lambda route: (route.executive_id, route.date))
    unserved = [item for plan in plans for item in plan.unserved]
    unserved.sort(key=lambda item: (item.executive_id, item.visit_id))
    whole = replace(
        plans[0],
        routes=tuple(routes),
        unserved=tuple(unserved),
        travel_seconds=sum(plan.travel_seconds for plan in plans),
        travel_meters=sum(plan.travel_meters for plan in plans),
        visit_seconds=sum(plan.visit_seconds for plan in plans),
        served=sum(plan.served for plan in plans),
        # In the order of the stops, as a plan of one problem sums them, to the last bit alike.
        value_kept=sum(value[stop.visit_id] for route in routes for stop in route.stops),
        value_lost=sum(item.value for item in unserved),
        notes=tuple(note for plan in plans for note in plan.notes),
    )
    if problems[0].prices is None:
        return whole
    needs = [need for problem in problems for need in problem.needs]
    shifts = [shift for problem in problems for shift in problem.shifts]
    return with_costs(whole, needs, shifts, problems[0].prices)
