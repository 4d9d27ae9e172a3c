"""Small plans are solved exactly: when that is tried, and what it keeps to."""

from dataclasses import replace

from optimizer.visits import VisitParams, make_problem, solve
from optimizer.visits.case import make_cases
from optimizer.visits.exact import exact_days, orders_to_try
from territory.travel import TravelMatrix
from territory.visits import Shift, VisitNeed
from tests.acceptance.test_brute_force import DAYS, visit_world


def problem_of(needs: tuple[VisitNeed, ...], shifts: tuple[Shift, ...], travel: TravelMatrix):  # type: ignore[no-untyped-def]
    def block(asked):  # type: ignore[no-untyped-def]
        rows = [round(float(lon) * 100) for lon, _ in asked]
        return travel.take(rows, rows)

    return make_problem(needs, shifts, block=block, first_date=DAYS[0], last_date=DAYS[-1])


def test_a_handful_is_proved_and_says_that_it_is_finished() -> None:
    problem = problem_of(*visit_world(3, days=2, seconds_per_value=None))
    result = solve(problem)
    assert result.work.stopped_by == "finished"
    assert result.work.iterations == orders_to_try(make_cases(problem)[0].arrays)
    assert solve(problem, params=VisitParams(engine="ruin")).work.stopped_by == "work"


def test_no_search_is_better_than_the_exact_plan() -> None:
    for seed in range(20, 30):
        problem = problem_of(*visit_world(seed, days=2, seconds_per_value=None))
        searched = solve(problem, params=VisitParams(engine="ruin", iterations_per_visit=2_000))
        assert solve(problem).objective <= searched.objective


def test_two_visits_of_a_series_are_never_on_one_day() -> None:
    needs, shifts, travel = visit_world(3, days=2, seconds_per_value=None)
    pair = tuple(replace(need, series="all", min_spacing_days=1) for need in needs)
    days = exact_days(make_cases(problem_of(pair, shifts, travel))[0].arrays)
    assert days is not None
    assert [len(day) for day in days] == [1, 1]


def test_more_than_a_handful_is_left_to_the_search() -> None:
    needs, shifts, travel = visit_world(3, days=2, seconds_per_value=None)
    many = tuple(
        replace(need, visit_id=f"{need.visit_id}{copy}", series="")
        for need in needs
        for copy in "ab"
    )
    case = make_cases(problem_of(many, shifts, travel))[0].arrays
    assert exact_days(case) is None
