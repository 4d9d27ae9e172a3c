"""OR-Tools' part: dates under spacing and full days, then the routes of a week."""

from optimizer.visits.case import Case, make_cases
from optimizer.visits.dates import choose_dates
from optimizer.visits.routing import route_weeks
from optimizer.visits.timing import day_legs, time_day
from territory.visits import Shift, VisitNeed
from tests.optimizer.visits.worlds import LUNCH, city, days, hm, need, problem, shift


def case_of(needs: list[VisitNeed], shifts: list[Shift]) -> Case:
    return make_cases(problem(needs, shifts))[0].arrays


def dates_of(case: Case) -> tuple[int, ...]:
    return choose_dates(case, seed=1, deterministic_seconds=1.0)[0]


def test_dates_keep_the_distance_of_a_series() -> None:
    week = list(days(5))
    twins = [
        need(f"A#{n}", 1, 0, dates=tuple(week), series="A", min_spacing_days=4) for n in (1, 2)
    ]
    assert sorted(dates_of(case_of(twins, [shift(day) for day in week]))) == [0, 4]


def test_dates_do_not_fill_a_day_beyond_its_hours() -> None:
    two = days(2)
    needs = [need(f"A{n}", 0, 0, dates=two, visit_seconds=hm(4)) for n in range(5)]
    chosen = dates_of(case_of(needs, [shift(day) for day in two]))
    assert sorted(chosen) == [-1, 0, 0, 1, 1]


def test_dates_gather_neighbours_on_one_day() -> None:
    two = days(2)
    west = [need(f"W{n}", -3, 0.01 * n, dates=two, visit_seconds=hm(1)) for n in range(4)]
    east = [need(f"E{n}", 3, 0.01 * n, dates=two, visit_seconds=hm(1)) for n in range(4)]
    chosen = dates_of(case_of([*west, *east], [shift(day) for day in two]))
    assert len(set(chosen[:4])) == len(set(chosen[4:])) == 1
    assert chosen[0] != chosen[4]


def test_no_needs_and_no_shifts_have_no_dates() -> None:
    assert dates_of(case_of([need("A", 1, 0)], [])) == (-1,)


def test_a_week_is_routed_on_time_and_in_a_short_order() -> None:
    line = [need(f"A{n}", float(n), 0) for n in (3, 1, 2)]
    case = case_of(line, [shift(lunch=LUNCH)])
    (stops,), was_cut = route_weeks(case, (0, 0, 0), solutions=50)
    assert not was_cut
    assert sum(day_legs(case, 0, stops)) == 6_000  # out and back along the line
    assert time_day(case, 0, stops) is not None


def test_a_need_with_other_hours_each_day_goes_where_it_is_open() -> None:
    two = days(2)
    odd = need("A", 1, 0, dates=two, windows=(((hm(7), hm(9)),), ((hm(10), hm(12)),)))
    case = case_of([odd], [shift(two[0]), shift(two[1])])
    assert route_weeks(case, (-1,), solutions=20)[0] == ((), (0,))


def test_a_week_leaves_out_what_is_worth_least() -> None:
    big = [need(f"A{n}", 0, 0, visit_seconds=hm(3), value=100.0 + n) for n in range(3)]
    (stops,), _ = route_weeks(case_of(big, [shift()]), (-1, -1, -1), solutions=50)
    assert sorted(stops) == [1, 2]


def test_routing_a_town_gives_days_that_our_clock_accepts() -> None:
    case = make_cases(city(executives=1, weeks=2, accounts=20))[0].arrays
    routed, _ = route_weeks(case, dates_of(case), solutions=100)
    assert all(time_day(case, s, stops) is not None for s, stops in enumerate(routed) if stops)
    assert sum(len(stops) for stops in routed) >= 0.9 * len(case.point)
