"""A single day that cannot hold everybody is planned by labels, and never worse than before."""

from dataclasses import replace

import pytest

from benchmarks.visit_day import HOUR, day_objective, make_day
from optimizer.visits import VisitParams, VisitProblem, solve
from optimizer.visits.annealing import complete, days_cost
from optimizer.visits.case import make_cases
from optimizer.visits.one_day import propose_day, warm_up
from optimizer.visits.timing import time_day
from territory.checks import VisitFacts, check_visits


def faults(problem: VisitProblem) -> tuple[float, int]:
    result = solve(problem, params=VisitParams(threads=1))
    facts = VisitFacts(
        needs=problem.needs,
        shifts=problem.shifts,
        points=problem.points.lonlat,
        travel=problem.travel,
        mode=problem.mode,
    )
    order = [stop.visit_id for route in result.plan.routes for stop in route.stops]
    return day_objective(problem, order), len(check_visits(result.plan, facts))


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_labels_better_a_greedy_day_of_forty_candidates(seed: int) -> None:
    """What they propose fits by the planner's own clock and costs less by its own sum."""
    (executive,) = make_cases(make_day(seed))
    case = executive.arrays
    greedy = complete(executive, [()], seed=1)
    known = days_cost(case, greedy)
    order = propose_day(case, known)
    assert order is not None
    assert time_day(case, 0, order) is not None
    assert days_cost(case, (order,)) < known


def test_the_plan_of_a_day_is_the_best_that_is_proved() -> None:
    """Day 2 of the benchmark: annealing alone stays at 14,583,135 with any seed tried."""
    assert faults(make_day(2)) == (14_423_053, 0)


def test_nothing_is_proposed_where_the_day_is_the_best_already() -> None:
    (executive,) = make_cases(make_day(2))
    assert propose_day(executive.arrays, 14_423_053) is None


def test_a_day_with_a_limit_of_driving_keeps_it() -> None:
    """The labels do not know the limit; what breaks it is not taken."""
    problem = make_day(2)
    (shift,) = problem.shifts
    tight = replace(problem, shifts=(replace(shift, max_driving_seconds=HOUR),))
    assert faults(tight)[1] == 0


def test_two_days_are_not_planned_by_labels() -> None:
    (executive,) = make_cases(make_day(2))
    two = executive.arrays.start.repeat(2)
    assert propose_day(executive.arrays._replace(start=two), 10**9) is None


def test_kernels_are_compiled_once() -> None:
    """After warming up, what makes a proposal has a compiled form."""
    from optimizer.visits.kernel_day import enumerate_days, table_of_rests

    warm_up()
    assert enumerate_days.signatures
    assert table_of_rests.signatures
