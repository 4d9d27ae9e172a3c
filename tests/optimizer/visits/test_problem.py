"""The visit problem refuses what cannot be, prices what is left out, and counts the hours."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from optimizer.visits import VisitParams, Weights, gather_points
from optimizer.visits.case import make_cases, usable_windows
from territory.errors import InputError
from tests.optimizer.visits.worlds import MONDAY, days, hm, need, problem, shift


def test_points_are_distinct_places() -> None:
    points = gather_points([need("A", 1, 0), need("B", 1, 0)], [shift()])
    assert points.lonlat.tolist() == [[0.0, 0.0], [1.0, 0.0]]
    assert points.of_need == (1, 1)
    assert points.of_shift == ((0, 0),)


def test_repeated_ids_and_double_shifts_are_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        problem([need("A", 1, 0), need("A", 2, 0)], [shift(), shift()])
    assert {fault.column for fault in caught.value.faults} == {"visit_id", "shift"}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_no_amount_is_refused(value: float) -> None:
    with pytest.raises(InputError, match="finite"):
        problem([need("A", 1, 0, value=value)], [shift()])


def test_a_series_of_two_executives_is_refused() -> None:
    first = need("A#1", 1, 0, series="A")
    second = need("A#2", 1, 0, series="A", executive_id="E2")
    with pytest.raises(InputError, match="one executive"):
        problem([first, second], [shift()])


def test_a_matrix_of_the_wrong_size_is_refused() -> None:
    good = problem([need("A", 1, 0)], [shift()])
    with pytest.raises(InputError, match="2 x 2 seconds"):
        replace(good, travel=good.travel.take([0], [0]))


def test_the_least_valued_need_is_worth_a_day_by_default() -> None:
    world = problem([need("A", 1, 0, value=50.0), need("B", 1, 0, value=125.0)], [shift()])
    assert world.penalty_seconds.tolist() == [86_400, 216_000]


def test_a_price_of_value_sets_penalties() -> None:
    world = problem([need("A", 1, 0, value=50.0)], [shift()], Weights(seconds_per_value=3.0))
    assert world.penalty_seconds.tolist() == [150]


def test_a_need_of_no_value_still_costs_something_to_leave_out() -> None:
    world = problem([need("A", 1, 0, value=0.0)], [shift()])
    assert world.penalty_seconds.tolist() == [86_400]


def test_too_few_hours_are_named_by_number_before_any_search() -> None:
    many = [need(f"A{n}", 1, 0, visit_seconds=3_600) for n in range(9)]
    (note,) = problem(many, [shift()]).notes()
    assert note == (
        "E1: 8 h of working time offered, 9 h of visits needed before any driving: not all fit."
    )
    assert problem(many[:8], [shift()]).notes() == ()


def test_each_executive_is_a_case_with_shifts_in_order_of_date() -> None:
    monday, tuesday = days(2)
    other = need("B", 2, 0, executive_id="E2", dates=(tuesday,))
    cases = make_cases(
        problem([need("A", 1, 0), other], [shift(tuesday), shift(), shift(executive_id="E2")])
    )
    assert [case.executive_id for case in cases] == ["E1", "E2"]
    assert cases[0].shift_rows == (1, 0)
    assert cases[1].need_rows == (1,)
    assert cases[0].arrays.day.tolist() == [monday.toordinal(), tuesday.toordinal()]


def test_windows_count_only_where_date_skill_and_length_allow() -> None:
    short = need("A", 1, 0, windows=(((hm(8), hm(9, 20)), (hm(10), hm(12))),))
    assert usable_windows(short, shift()) == ((hm(10), hm(12), hm(12)),)  # 9:00-9:20 is too short
    assert usable_windows(short, shift(MONDAY + timedelta(days=1))) == ()
    assert usable_windows(need("A", 1, 0, required_skill="wine"), shift()) == ()
    skilled = shift(skills=frozenset({"wine"}))
    assert usable_windows(need("A", 1, 0, required_skill="wine"), skilled) != ()


def test_unreachable_pairs_become_longer_than_any_day() -> None:
    world = problem([need("A", 1, 0)], [shift()])
    seconds = world.travel.seconds.copy()
    seconds[0, 1] = np.iinfo(np.int32).max
    cut = replace(world, travel=replace(world.travel, seconds=seconds))
    assert make_cases(cut)[0].arrays.travel[0, 1] > 86_400


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"engine": "magic"}, "'magic'"),
        ({"routing_solutions": 0}, "routing_solutions"),
        ({"end_temperature": 2.0}, "temperatures"),
    ],
)
def test_impossible_parameters_are_refused(wrong: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        VisitParams(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [-1.0, float("nan")])
def test_impossible_weights_are_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="seconds_per_value"):
        Weights(seconds_per_value=rate)
