"""Coverage: reach weights, nearest minutes, what competitors leave."""

import numpy as np
import pytest

from territory.coverage import (
    left_by_competitors,
    nearest_minutes,
    percent_within,
    reach_weight,
    reach_weights,
    site_weights,
)
from territory.travel import TravelMatrix
from tests.territory.strip import travel


def test_weights_fall_by_equal_steps():
    assert reach_weights((5, 10, 15)) == pytest.approx((1, 2 / 3, 1 / 3))
    assert reach_weights((3,)) == (1,)


def test_a_demand_on_a_step_is_within_it_and_one_beyond_the_last_counts_nothing():
    minutes = np.array([[0.0, 5.0, 5.01], [10.0, 15.0, 15.01]])
    assert reach_weight(minutes, (5, 10, 15)) == pytest.approx(
        np.array([[1, 1, 2 / 3], [2 / 3, 1 / 3, 0]])
    )
    assert reach_weight([np.inf, np.nan], (5, 10)).tolist() == [0, 0]


def test_the_nearest_counts_and_no_way_is_infinitely_far():
    assert nearest_minutes(travel([[3.0, 1.0], [np.inf, np.inf]]), 2).tolist() == [1, np.inf]
    assert nearest_minutes(None, 2).tolist() == [np.inf, np.inf]
    assert site_weights(None, 2, (5,)).shape == (2, 0)


def test_times_of_day_count_by_their_mean():
    seconds = np.array([[[60]], [[180]]], dtype=np.int32)
    both = TravelMatrix(
        seconds=seconds, meters=seconds, source="road+time-of-day", periods=("8", "12")
    )
    assert nearest_minutes(both, 1).tolist() == [2]


def test_competitors_at_the_door_share_the_demand_with_a_newcomer():
    weights = np.array([[1.0, 1.0, 1.0], [0.5, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert left_by_competitors(weights, [1, 1, 1]) == pytest.approx([1 / 4, 1 / 1.5, 1])
    assert left_by_competitors(np.zeros((2, 0)), []).tolist() == [1, 1]


def test_the_share_within_reach_is_of_money_not_of_cells():
    potential, minutes = np.array([10.0, 30.0, 60.0]), np.array([4.0, 5.0, np.inf])
    assert percent_within(potential, minutes, 5) == pytest.approx(40)
    assert percent_within(np.zeros(3), minutes, 5) == 0
