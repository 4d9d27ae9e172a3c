"""Travel times on a hand-made town: 11.2 s a step, 5 s a corner, 20 s to turn round.

4 ---- 3        10 -- 11   (another island)
|      |
1 ---> 2        one step of the grid is 111.2 m; 1 -> 2 is one-way eastwards
"""

import numpy as np
import pytest

from data.roads import RoadNetwork
from data.travel import estimated_travel, road_travel
from territory.errors import Infeasible, InputError
from territory.geo import haversine_meters
from territory.travel import UNREACHABLE
from tests.data.travel.worlds import STEP_TENTHS, Street, grid, network_of

SPOTS = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 10: (40, 0), 11: (41, 0)}
MIDDLES = grid((0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5))
"""Half way along 1 -> 2, 2 -- 3, 3 -- 4 and 4 -- 1."""
ISLAND = grid((40.5, 0))


@pytest.fixture(scope="module")
def town() -> RoadNetwork:
    streets = [
        Street(ends=(1, 2), is_oneway=True),
        Street(ends=(2, 3)),
        Street(ends=(3, 4)),
        Street(ends=(4, 1)),
        Street(ends=(10, 11)),
    ]
    return network_of(SPOTS, streets)


def test_a_matrix_holds_whole_seconds_rounded_up_and_metres_of_the_same_path(
    town: RoadNetwork,
) -> None:
    matrix = road_travel(town).block(MIDDLES, MIDDLES)
    # to the next street: half a step, a corner, half a step = 5.6 + 5 + 5.6 s and 111.2 m;
    # 2 -- 3 to 1 -> 2 goes round three corners: 5.6 + 5 + 11.2 + 5 + 11.2 + 5 + 5.6 = 48.6 s
    assert matrix.seconds.tolist() == [
        [0, 17, 33, 49],
        [49, 0, 17, 33],
        [33, 17, 0, 17],
        [17, 33, 17, 0],
    ]
    assert matrix.meters[1].tolist() == [334, 0, 112, 223]
    assert matrix.source == "road"


def test_another_island_is_unreachable_both_ways(town: RoadNetwork) -> None:
    travel = road_travel(town)
    assert travel.block(MIDDLES, ISLAND).seconds.tolist() == [[UNREACHABLE]] * 4
    assert travel.block(ISLAND, MIDDLES).meters.tolist() == [[UNREACHABLE] * 4]
    assert travel.snap(ISLAND).component.tolist() == [1]


def test_a_place_just_behind_on_a_one_way_street_is_reached_by_going_round(
    town: RoadNetwork,
) -> None:
    ends = grid((0.25, 0), (0.75, 0))
    matrix = road_travel(town).block(ends, ends)
    assert matrix.seconds[0, 1] == 6  # half a step ahead
    # the rest of the street, three others, four corners and the beginning: 3.5 steps and 20 s
    assert matrix.seconds[1, 0] == -(-(STEP_TENTHS * 7 // 2 + 200) // 10)
    assert matrix.meters[1, 0] == -(-(1112 * 7 // 2) // 10)


def test_a_place_on_a_two_way_street_is_left_either_way(town: RoadNetwork) -> None:
    ends = grid((0.25, 1), (0.75, 1))
    assert road_travel(town).block(ends, ends).seconds.tolist() == [[0, 6], [6, 0]]


def test_the_way_off_the_road_is_walked(town: RoadNetwork) -> None:
    spot = grid((0.25, -1))  # one step south of the street: 110.6 m on the ellipsoid
    matrix = road_travel(town).block(spot, grid((0.75, 0)))
    (stub,) = road_travel(town).snap(spot).meters
    assert stub == pytest.approx(110.6, abs=0.2)
    assert matrix.seconds[0, 0] == pytest.approx(stub / (5 / 3.6) + 5.55, abs=1)
    assert matrix.meters[0, 0] == pytest.approx(stub + 55.6, abs=1)


def test_a_place_beyond_the_limit_joins_no_road(town: RoadNetwork) -> None:
    travel = road_travel(town, max_snap_meters=100)
    spot = grid((0.25, -1))
    assert travel.snap(spot).reason.tolist() == ["beyond"]
    assert travel.snap(spot).is_joined.tolist() == [False]
    assert travel.block(spot, MIDDLES).seconds.tolist() == [[UNREACHABLE] * 4]
    assert travel.block(spot, spot).seconds.tolist() == [[0]]


def test_legs_are_the_cells_of_the_matrix_and_follow_the_road(town: RoadNetwork) -> None:
    travel = road_travel(town)
    legs = travel.legs(MIDDLES[[1, 0, 2, 2]])
    matrix = travel.block(MIDDLES, MIDDLES)
    assert [leg.seconds for leg in legs] == [matrix.seconds[1, 0], matrix.seconds[0, 2], 0]
    assert [leg.meters for leg in legs] == [matrix.meters[1, 0], matrix.meters[0, 2], 0]
    corners = [(1, 0.5), (1, 1), (0, 1), (0, 0), (0.5, 0)]
    assert np.allclose(legs[0].lonlat, grid(*corners), atol=1e-9)


def test_a_leg_without_a_way_is_infeasible_with_words(town: RoadNetwork) -> None:
    with pytest.raises(Infeasible, match="no way by car"):
        road_travel(town).legs(np.concatenate([MIDDLES[:1], ISLAND]))


def test_times_of_day_slow_the_same_roads(town: RoadNetwork) -> None:
    travel = road_travel(town)
    one_step = grid((0.75, 0), (1, 0.75))
    plain = travel.block(MIDDLES, MIDDLES)
    peak = travel.block(one_step[:1], one_step[1:], period="peak")
    night = travel.block(one_step[:1], one_step[1:], period="night")
    assert peak.source == "road+time-of-day"
    assert peak.seconds[0, 0] == 18  # 11.2 s x 1.15 = 12.9, and the corner's 5
    assert night.seconds[0, 0] == 16  # 11.2 s x 0.9 = 10.1, and the corner's 5
    assert (travel.block(MIDDLES, MIDDLES, period="offpeak").seconds == plain.seconds).all()
    with pytest.raises(InputError, match="rush"):
        travel.block(MIDDLES, MIDDLES, period="rush")


def test_no_points_give_an_empty_matrix(town: RoadNetwork) -> None:
    travel = road_travel(town)
    assert travel.block(np.empty((0, 2)), MIDDLES).seconds.shape == (0, 4)
    assert travel.block(MIDDLES, np.empty((0, 2))).seconds.shape == (4, 0)
    assert travel.legs(MIDDLES[:1]) == ()


def test_points_off_the_globe_are_refused(town: RoadNetwork) -> None:
    with pytest.raises(InputError, match="not on the globe"):
        road_travel(town).block(np.array([[np.nan, 0.0]]), MIDDLES)


def test_the_hash_follows_network_limit_and_points(town: RoadNetwork) -> None:
    one = road_travel(town).travel_hash(MIDDLES)
    assert one == road_travel(town).travel_hash(MIDDLES.copy())
    assert one != road_travel(town, max_snap_meters=5).travel_hash(MIDDLES)
    assert one != road_travel(town).travel_hash(MIDDLES[:3])


def test_an_estimate_is_straight_line_times_detour_at_thirty_kmh() -> None:
    corners = grid((0, 0), (1, 0))
    matrix = estimated_travel("car").block(corners[:1], corners[1:])
    meters = haversine_meters(corners[:1], corners[1:])[0, 0] * 1.3
    assert matrix.meters[0, 0] == np.ceil(meters) == 145
    assert matrix.seconds[0, 0] == np.ceil(meters / (30 / 3.6)) == 18
    assert matrix.source == "estimated"
    (leg,) = estimated_travel("car").legs(corners)
    assert (leg.seconds, leg.meters) == (18, 145)


def test_a_detour_shorter_than_straight_is_refused() -> None:
    with pytest.raises(InputError, match="shorter"):
        estimated_travel("car", detour_factor=0.9)
