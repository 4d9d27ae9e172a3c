"""Splits a visit problem by executives, to be solved apart and put together again."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date

from optimizer.run import Result
from optimizer.visits.problem import VisitProblem, Weights, make_problem, penalties_of
from territory.geo import LonLat
from territory.plans import StoppedBy, WorkDone
from territory.routes import Unserved, VisitPlan
from territory.travel import Mode, TravelMatrix
from territory.visits import Shift, VisitNeed

_WEIGHT_OF_STOP: dict[StoppedBy, int] = {"finished": 0, "work": 1, "clock": 2, "cancelled": 3}


def split(problem: VisitProblem, parts: int) -> tuple[VisitProblem, ...]:
    """At most ``parts`` problems of whole executives with like numbers of needs.

    Solving them gives each executive the same routes as solving the whole, unless a clock or a
    number of turns for all is set. Needs given up before the search go with the first part.
    """
    groups = _groups(
        [need.executive_id for need in problem.needs],
        [shift.executive_id for shift in problem.shifts],
        parts,
    )
    return tuple(_part(problem, names, is_first=number == 0) for number, names in enumerate(groups))


def make_problems(
    needs: Sequence[VisitNeed],
    shifts: Sequence[Shift],
    *,
    parts: int,
    block: Callable[[LonLat], TravelMatrix],
    first_date: date,
    last_date: date,
    mode: Mode = "car",
    weights: Weights | None = None,
    unserved: Sequence[Unserved] = (),
) -> Iterator[VisitProblem]:
    """The problems of at most ``parts`` groups of whole executives, each made when asked for.

    As ``make_problem`` and ``split``, but travel is asked of ``block`` for one group at a time, so
    that many thousands of places need no matrix over all of them. ``merge`` joins the results.
    """
    weights = weights or Weights()
    penalty = penalties_of(needs, weights)
    groups = _groups([need.executive_id for need in needs], [s.executive_id for s in shifts], parts)
    for number, names in enumerate(groups):
        rows = [row for row, need in enumerate(needs) if need.executive_id in names]
        problem = make_problem(
            [needs[row] for row in rows],
            [shift for shift in shifts if shift.executive_id in names],
            block=block,
            first_date=first_date,
            last_date=last_date,
            mode=mode,
            weights=weights,
            unserved=unserved if number == 0 else (),
        )
        yield replace(problem, penalties=tuple(int(penalty[row]) for row in rows))


def _groups(of_needs: Sequence[str], of_shifts: Sequence[str], parts: int) -> list[set[str]]:
    """Executives in at most so many groups with like numbers of needs."""
    counts = Counter(of_needs)
    load: list[tuple[int, list[str]]] = [(0, []) for _ in range(max(1, parts))]
    for who in sorted({*of_needs, *of_shifts}, key=lambda who: (-counts[who], who)):
        lightest = min(range(len(load)), key=lambda row: (load[row][0], row))
        total, names = load[lightest]
        load[lightest] = (total + counts[who], [*names, who])
    return [set(names) for _, names in load if names] or [set()]


def _part(problem: VisitProblem, names: Collection[str], *, is_first: bool) -> VisitProblem:
    needs = [row for row, need in enumerate(problem.needs) if need.executive_id in names]
    shifts = [row for row, shift in enumerate(problem.shifts) if shift.executive_id in names]
    penalty = problem.penalty_seconds
    of_need = [problem.points.of_need[row] for row in needs]
    of_shift = [problem.points.of_shift[row] for row in shifts]
    used = sorted({*of_need, *(point for pair in of_shift for point in pair)})
    place = {point: row for row, point in enumerate(used)}
    return replace(
        problem,
        needs=tuple(problem.needs[row] for row in needs),
        shifts=tuple(problem.shifts[row] for row in shifts),
        points=replace(
            problem.points,
            lonlat=problem.points.lonlat[used],
            of_need=tuple(place[point] for point in of_need),
            of_shift=tuple((place[start], place[end]) for start, end in of_shift),
        ),
        travel=problem.travel.take(used, used),
        unserved=problem.unserved if is_first else (),
        loads=tuple(problem.loads[row] for row in needs) if problem.loads else (),
        capacities=tuple(problem.capacities[row] for row in shifts) if problem.capacities else (),
        penalties=tuple(int(penalty[row]) for row in needs),
    )


def merge(results: Sequence[Result[VisitPlan]]) -> Result[VisitPlan]:
    """One result of the results of all parts: routes together, totals and costs added up."""
    plans = [result.plan for result in results]
    routes = [route for plan in plans for route in plan.routes]
    unserved = [item for plan in plans for item in plan.unserved]
    plan = replace(
        plans[0],
        routes=tuple(sorted(routes, key=lambda route: (route.executive_id, route.date))),
        unserved=tuple(sorted(unserved, key=lambda item: (item.executive_id, item.visit_id))),
        travel_seconds=sum(plan.travel_seconds for plan in plans),
        travel_meters=sum(plan.travel_meters for plan in plans),
        visit_seconds=sum(plan.visit_seconds for plan in plans),
        served=sum(plan.served for plan in plans),
        value_kept=sum(plan.value_kept for plan in plans),
        value_lost=sum(plan.value_lost for plan in plans),
        notes=tuple(note for plan in plans for note in plan.notes),
    )
    cost = {part: sum(result.cost[part] for result in results) for part in results[0].cost}
    return Result(
        plan=plan, objective=sum(cost.values()), cost=cost, bound=None, work=_work(results)
    )


def _work(results: Sequence[Result[VisitPlan]]) -> WorkDone:
    done = [result.work for result in results]
    return WorkDone(
        stopped_by=max((work.stopped_by for work in done), key=_WEIGHT_OF_STOP.__getitem__),
        iterations=sum(work.iterations for work in done),
        deterministic_seconds=sum(work.deterministic_seconds for work in done),
        wall_seconds=max(work.wall_seconds for work in done),
    )
