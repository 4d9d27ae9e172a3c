"""A budget is cooled down over once, or by scouts and a lukewarm end."""

import pytest

from optimizer.visits.tours import TourParams
from optimizer.visits.tours.cooling import Cooling, scale_of, scouts_for


def cooling(scouts: int) -> Cooling:
    return Cooling(molten=1.0, hot=0.2, lukewarm=0.05, cold=0.01, scouts=scouts)


def test_one_cooling_falls_from_molten_to_cold_over_the_whole_budget() -> None:
    """It is hot after 15 % of the budget, and never warms again."""
    one = cooling(1)
    assert one.temperature(0.0) == 1.0
    assert one.temperature(0.15) == pytest.approx(0.2)
    assert one.temperature(1.0) == pytest.approx(0.01)
    falls = [one.temperature(done / 50) for done in range(51)]
    assert falls == sorted(falls, reverse=True)


def test_three_scouts_melt_three_times_and_the_end_is_lukewarm() -> None:
    """Scouts begin at 0, 0.2 and 0.4 of the budget; from 0.6 on it is the best one's turn."""
    three = cooling(3)
    assert [three.temperature(begin) for begin in (0.0, 0.2001, 0.4001)] == pytest.approx(
        [1.0, 1.0, 1.0], rel=0.01
    )
    assert three.temperature(0.1999) == pytest.approx(0.01, rel=0.01)
    assert three.temperature(0.3) == pytest.approx(0.2)  # the second melts for half of its time
    assert three.chosen_at == 0.6
    assert three.temperature(0.6) == pytest.approx(0.05)
    assert three.temperature(1.0) == pytest.approx(0.01)


def test_more_turns_a_visit_have_room_for_more_scouts_up_to_three() -> None:
    """A hundred turns a visit each."""
    assert [scouts_for(turns) for turns in (1, 199, 200, 300, 9000)] == [1, 1, 2, 3, 3]


def test_few_turns_a_visit_do_not_melt_and_many_send_scouts() -> None:
    """From 50 turns a visit on a cooling melts; 250 are enough for two."""
    few, some, many = (cooling(1).paced(turns) for turns in (49.0, 50.0, 250.0))
    assert (few.temperature(0.0), few.scouts) == (0.2, 1)
    assert (some.temperature(0.0), some.scouts) == (1.0, 1)
    assert (many.temperature(0.0), many.scouts) == (1.0, 2)


def test_prizes_left_out_heat_where_they_are_worth_many_legs() -> None:
    """A leg of 10: 200 of prize left out a visit are 30 a unit, 20 are 3 and count for nothing."""
    assert scale_of(10.0, 200.0) == pytest.approx(30.0)
    assert scale_of(10.0, 20.0) == 10.0


def test_temperatures_that_rise_are_refused() -> None:
    """A lukewarm end hotter than the start of the coolings."""
    with pytest.raises(ValueError, match="temperatures"):
        TourParams(lukewarm=0.3)
