"""One day's clock: windows, lunch, driving, leaving just in time; and the kernel agrees with it."""

from itertools import permutations

import numpy as np
import pytest

from optimizer.visits.annealing import series_rows
from optimizer.visits.case import Case, make_cases
from optimizer.visits.timing import DayTimes, time_day
from territory.visits import Shift, VisitNeed
from tests.optimizer.visits.worlds import LUNCH, MONDAY, hm, need, problem, shift


def case_of(needs: list[VisitNeed], day: Shift) -> Case:
    return make_cases(problem(needs, [day]))[0].arrays


def timed(needs: list[VisitNeed], day: Shift) -> DayTimes | None:
    return time_day(case_of(needs, day), 0, tuple(range(len(needs))))


def open_at(*spans: tuple[int, int]) -> dict[str, object]:
    return {"windows": (spans,)}


def test_a_plain_day_starts_with_the_shift_and_adds_up() -> None:
    # home --1000 s--> A (9:16:40) 30 min --1000 s--> B --2000 s--> home
    day = timed([need("A", 1, 0), need("B", 2, 0)], shift())
    assert day is not None
    assert day.leave == hm(9)
    assert day.starts == (hm(9) + 1000, hm(9) + 1000 + 1800 + 1000)
    assert day.back == hm(9) + 4000 + 3600
    assert day.legs == (1000, 1000, 2000)


def test_waiting_for_the_first_door_is_done_at_home() -> None:
    day = timed([need("A", 1, 0, **open_at((hm(10), hm(12))))], shift())
    assert day is not None
    assert day.leave == hm(10) - 1000
    assert day.arrivals == day.starts == (hm(10),)


def test_a_visit_ends_inside_its_window() -> None:
    closes = hm(9) + 1000 + 1800
    assert timed([need("A", 1, 0, **open_at((hm(8), closes)))], shift()) is not None
    assert timed([need("A", 1, 0, **open_at((hm(8), closes - 1)))], shift()) is None


def test_the_second_window_is_used_when_the_first_is_missed() -> None:
    spans = (hm(8), hm(9, 20)), (hm(14), hm(15))
    day = timed([need("A", 1, 0, windows=(spans,))], shift())
    assert day is not None
    assert day.starts == (hm(14),)


def test_home_must_be_reached_by_the_shifts_end() -> None:
    end = hm(9) + 2000 + 1800
    assert timed([need("A", 1, 0)], shift(end_seconds=end)) is not None
    assert timed([need("A", 1, 0)], shift(end_seconds=end - 1)) is None


def test_driving_has_a_limit() -> None:
    assert timed([need("A", 1, 0)], shift(max_driving_seconds=2000)) is not None
    assert timed([need("A", 1, 0)], shift(max_driving_seconds=1999)) is None


def test_an_unreachable_stop_fits_no_day() -> None:
    world = case_of([need("A", 1, 0)], shift())
    cut_off = world._replace(travel=np.full_like(world.travel, 10_000_000))
    assert time_day(cut_off, 0, (0,)) is None


def test_a_day_that_ends_before_lunch_is_due_has_none() -> None:
    day = timed([need("A", 1, 0)], shift(lunch=LUNCH))
    assert day is not None
    assert day.lunch_start is None


def test_a_day_that_begins_after_lunch_has_none() -> None:
    day = timed([need("A", 1, 0, **open_at((hm(14, 30), hm(16))))], shift(lunch=LUNCH))
    assert day is not None
    assert day.leave == hm(14, 30) - 1000
    assert day.lunch_start is None


def test_lunch_lies_between_visits_and_moves_the_rest() -> None:
    long = {"visit_seconds": hm(2, 30)}
    day = timed([need("A", 0, 0, **long), need("B", 0, 0, **long)], shift(lunch=LUNCH))
    assert day is not None
    # Home at 14:00 without it, before lunch would be due at 14:15.
    assert day.lunch_start is None
    longer = {"visit_seconds": hm(2, 40)}
    day = timed([need("A", 0, 0, **longer), need("B", 0, 0, **longer)], shift(lunch=LUNCH))
    assert day is not None
    # 9:00-11:40 A, lunch 11:40-12:25, 12:25-15:05 B
    assert day.lunch_start == hm(11, 40)
    assert day.starts == (hm(9), hm(12, 25))
    assert day.back == hm(15, 5)


def test_lunch_may_interrupt_a_drive() -> None:
    # A ends 11:00; 1 h of driving to B; lunch starts on the way at 11:30.
    day = timed(
        [need("A", 0, 0, visit_seconds=hm(2)), need("B", 3.6, 0, visit_seconds=hm(2))],
        shift(lunch=LUNCH),
    )
    assert day is not None
    assert day.lunch_start == hm(11, 30)
    assert day.arrivals[1] == hm(11) + 3600 + LUNCH.seconds


def test_a_visit_over_the_whole_lunch_window_fits_no_day() -> None:
    # A stands from 11:00 to 14:00: lunch can start neither before 11:30 nor by 13:30.
    pinned = need("A", 0, 0, visit_seconds=hm(3), pinned_start_seconds=hm(11))
    before = need("B", 0, 0, **open_at((hm(9), hm(10))))
    after = need("C", 0, 0, **open_at((hm(14), hm(15))))
    assert timed([before, pinned, after], shift(lunch=LUNCH)) is None
    assert timed([before, pinned], shift(lunch=LUNCH)) is not None  # home at 14:00, before 14:15


def test_a_pinned_visit_starts_to_the_second() -> None:
    day = timed([need("A", 1, 0, pinned_start_seconds=hm(11, 7))], shift())
    assert day is not None
    assert day.starts == (hm(11, 7),)


def test_load_has_a_limit() -> None:
    world = case_of([need("A", 1, 0)], shift())
    loaded = world._replace(load=np.array([2]), capacity=np.array([1]))
    assert time_day(loaded, 0, (0,)) is None


@pytest.mark.parametrize("seed", range(12))
def test_the_compiled_clock_agrees_with_the_plain_one_on_every_insertion(seed: int) -> None:
    """Every order of four random visits, with every fifth put in everywhere."""
    from optimizer.visits.clock import fits, is_on_time
    from optimizer.visits.what_if import load_routes

    random = np.random.default_rng(seed)
    needs = [_random_need(f"N{n}", random) for n in range(5)]
    span = sorted(random.integers(hm(7), hm(18), 2).tolist())
    lunch = LUNCH if seed % 4 else None
    day = shift(start_seconds=span[0], end_seconds=max(span[1], span[0] + hm(4)), lunch=lunch)
    case = case_of(needs, day)
    compared = 0
    for order in permutations(range(4)):
        if time_day(case, 0, order) is None:
            continue
        routes = load_routes(case, (order,))
        assert is_on_time(case, routes, 0)
        for p in range(5):
            longer = (*order[:p], 4, *order[p:])
            assert fits(case, routes, 0, p, 4) == (time_day(case, 0, longer) is not None)
            compared += 1
    for size in (1, 2):
        for order in permutations(range(4), size):
            if time_day(case, 0, order) is None:
                continue
            routes = load_routes(case, (order,))
            for p in range(size + 1):
                longer = (*order[:p], 4, *order[p:])
                assert fits(case, routes, 0, p, 4) == (time_day(case, 0, longer) is not None)
                compared += 1
    assert compared > 0 or all(time_day(case, 0, (n,)) is None for n in range(4))


def _random_need(visit_id: str, random: np.random.Generator) -> VisitNeed:
    opens = int(random.integers(hm(7), hm(14)))
    first = (opens, opens + int(random.integers(2_000, 15_000)))
    spans = [first]
    if random.random() < 0.5:
        spans.append((first[1] + 3_000, first[1] + 12_000))
    return need(
        visit_id,
        float(random.uniform(-1, 1)),
        float(random.uniform(-1, 1)),
        dates=(MONDAY,),
        visit_seconds=int(random.integers(300, 1_900)),
        windows=(tuple(spans),),
    )


def test_series_rows_list_each_series_in_turn() -> None:
    kin, begin = series_rows(np.array([1, -1, 0, 1]))
    assert kin.tolist() == [2, 0, 3]
    assert begin.tolist() == [0, 1, 3]
