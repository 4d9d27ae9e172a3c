"""Travel times on a hand-made town of known speeds.

4 ---- 3        10 -- 11   (another island)
|      |
1 ---- 2        one step of the grid is 111.2 m; 1 -> 2 is one-way eastwards
"""

from pathlib import Path

import numpy as np
import pytest

from data.roads import RoadNetwork, read_network
from data.travel import estimated_travel, road_travel
from territory.errors import Infeasible, InputError
from territory.geo import haversine_meters
from territory.travel import UNREACHABLE
from tests.data.roads.small import STEP, write_osm

SPOTS = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 10: (40, 0), 11: (41, 0)}
STREET = {"highway": "residential"}
ARC_TENTHS = 184  # 111.2 m at 25 km/h / 1.15
CORNERS = np.array([SPOTS[node] for node in (1, 2, 3, 4)]) * STEP
ISLAND = np.array([SPOTS[10]]) * STEP


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> RoadNetwork:
    ways = [
        ([1, 2], {**STREET, "oneway": "yes"}),
        ([2, 3], STREET),
        ([3, 4], STREET),
        ([4, 1], STREET),
        ([10, 11], STREET),
    ]
    folder: Path = tmp_path_factory.mktemp("town")
    return read_network(write_osm(folder / "town.osm", SPOTS, ways), "car")


def test_a_matrix_holds_whole_seconds_rounded_up_and_metres_of_the_same_path(
    town: RoadNetwork,
) -> None:
    matrix = road_travel(town).block(CORNERS, CORNERS)
    # 2 -> 1 must go round by 3 and 4: three arcs of 18.4 s and 111.2 m
    assert matrix.seconds.tolist() == [
        [0, 19, 37, 19],
        [56, 0, 19, 37],
        [37, 19, 0, 19],
        [19, 37, 19, 0],
    ]
    assert matrix.meters[1].tolist() == [334, 0, 112, 223]
    assert matrix.source == "road"


def test_another_island_is_unreachable_both_ways(town: RoadNetwork) -> None:
    travel = road_travel(town)
    assert travel.block(CORNERS, ISLAND).seconds.tolist() == [[UNREACHABLE]] * 4
    assert travel.block(ISLAND, CORNERS).meters.tolist() == [[UNREACHABLE] * 4]
    assert travel.snap(ISLAND).component.tolist() == [1]


def test_the_way_off_the_road_is_walked(town: RoadNetwork) -> None:
    spot = np.array([[0.0, -STEP]])  # one step south of corner 1: 110.6 m on the ellipsoid
    matrix = road_travel(town).block(spot, CORNERS[[1]])
    (stub,) = road_travel(town).snap(spot).meters
    assert stub == pytest.approx(110.6, abs=0.2)
    assert matrix.seconds[0, 0] == pytest.approx(stub / (5 / 3.6) + ARC_TENTHS / 10, abs=1)
    assert matrix.meters[0, 0] == pytest.approx(stub + 111.2, abs=1)


def test_a_place_beyond_the_limit_joins_no_road(town: RoadNetwork) -> None:
    travel = road_travel(town, max_snap_meters=100)
    spot = np.array([[0.0, -STEP]])
    assert travel.snap(spot).node.tolist() == [-1]
    assert travel.block(spot, CORNERS).seconds.tolist() == [[UNREACHABLE] * 4]
    assert travel.block(spot, spot).seconds.tolist() == [[0]]


def test_legs_are_the_cells_of_the_matrix_and_follow_the_road(town: RoadNetwork) -> None:
    travel = road_travel(town)
    legs = travel.legs(CORNERS[[1, 0, 2, 2]])
    matrix = travel.block(CORNERS, CORNERS)
    assert [leg.seconds for leg in legs] == [matrix.seconds[1, 0], matrix.seconds[0, 2], 0]
    assert [leg.meters for leg in legs] == [matrix.meters[1, 0], matrix.meters[0, 2], 0]
    assert legs[0].lonlat == ((0.001, 0.0), (0.001, 0.001), (0.0, 0.001), (0.0, 0.0))


def test_a_leg_without_a_way_is_infeasible_with_words(town: RoadNetwork) -> None:
    with pytest.raises(Infeasible, match="no way by car"):
        road_travel(town).legs(np.concatenate([CORNERS[:1], ISLAND]))


def test_both_engines_agree_to_the_last_tenth(town: RoadNetwork) -> None:
    points = np.concatenate([CORNERS, ISLAND, CORNERS + STEP / 3])
    scipy = road_travel(town, engine="scipy").block(points, points)
    numba = road_travel(town, engine="numba").block(points, points)
    assert (scipy.seconds == numba.seconds).all()
    assert (scipy.meters == numba.meters).all()


def test_times_of_day_slow_the_same_roads(town: RoadNetwork) -> None:
    travel = road_travel(town)
    plain = travel.block(CORNERS, CORNERS)
    peak = travel.block(CORNERS, CORNERS, period="peak")
    night = travel.block(CORNERS, CORNERS, period="night")
    assert peak.source == "road+time-of-day"
    assert peak.seconds[0, 1] == 22  # 18.4 s x 1.15 = 21.2, rounded up
    assert night.seconds[0, 1] == 17  # 18.4 s x 0.9 = 16.6
    assert (travel.block(CORNERS, CORNERS, period="offpeak").seconds == plain.seconds).all()
    with pytest.raises(InputError, match="rush"):
        travel.block(CORNERS, CORNERS, period="rush")


def test_no_points_give_an_empty_matrix(town: RoadNetwork) -> None:
    travel = road_travel(town)
    assert travel.block(np.empty((0, 2)), CORNERS).seconds.shape == (0, 4)
    assert travel.block(CORNERS, np.empty((0, 2))).seconds.shape == (4, 0)
    assert travel.legs(CORNERS[:1]) == ()


def test_points_off_the_globe_are_refused(town: RoadNetwork) -> None:
    with pytest.raises(InputError, match="not on the globe"):
        road_travel(town).block(np.array([[np.nan, 0.0]]), CORNERS)


def test_the_hash_follows_network_limit_and_points(town: RoadNetwork) -> None:
    one = road_travel(town).travel_hash(CORNERS)
    assert one == road_travel(town).travel_hash(CORNERS.copy())
    assert one != road_travel(town, max_snap_meters=5).travel_hash(CORNERS)
    assert one != road_travel(town).travel_hash(CORNERS[:3])


def test_an_estimate_is_straight_line_times_detour_at_thirty_kmh() -> None:
    matrix = estimated_travel("car").block(CORNERS[:1], CORNERS[1:2])
    meters = haversine_meters(CORNERS[:1], CORNERS[1:2])[0, 0] * 1.3
    assert matrix.meters[0, 0] == np.ceil(meters) == 145
    assert matrix.seconds[0, 0] == np.ceil(meters / (30 / 3.6)) == 18
    assert matrix.source == "estimated"
    (leg,) = estimated_travel("car").legs(CORNERS[:2])
    assert (leg.seconds, leg.meters) == (18, 145)


def test_a_detour_shorter_than_straight_is_refused() -> None:
    with pytest.raises(InputError, match="shorter"):
        estimated_travel("car", detour_factor=0.9)
