"""Places that one network does not serve are set apart, with words."""

from pathlib import Path

import numpy as np
import pytest

from data.roads import RoadNetwork, read_network
from data.travel import road_travel
from territory.errors import Infeasible
from territory.travel import UNREACHABLE
from tests.data.travel.worlds import Street, grid, network_of
from tests.shared import shared_path


@pytest.fixture(scope="module")
def two_islands() -> RoadNetwork:
    """A road 0 -- 1 -- 2, an island 8 -- 9, and a private road north of the first."""
    spots = {0: (0, 0), 1: (5, 0), 2: (10, 0), 8: (40, 0), 9: (41, 0)}
    streets = [Street(ends=ends) for ends in ((0, 1), (1, 2), (8, 9))]
    return network_of(spots, streets, closed=[((0, 4), (10, 4))])


def test_each_place_apart_says_why_in_metres(two_islands: RoadNetwork) -> None:
    points = grid((3, 0), (7, 0), (40.5, 0), (5, 3.8), (5, 30), (5, 1))
    joined = road_travel(two_islands).join(points)
    assert joined.is_joined.tolist() == [True, True, False, False, False, True]
    assert joined.apart.tolist() == [2, 3, 4]
    assert joined.reason[2] == (
        "lies on an island of 2 junctions that no road or ferry joins to the rest"
    )
    assert joined.reason[3] == "its nearest road is private, the nearest open one is 421 m away"
    assert joined.reason[4] == "lies 3.3 km from the nearest road; the limit is 1 km"
    assert joined.reason[0] == ""


def test_a_road_behind_a_gate_is_cut_off() -> None:
    spots = {0: (0, 0), 1: (5, 0), 2: (10, 0)}
    streets = [Street(ends=(0, 1)), Street(ends=(1, 2))]
    network = network_of(spots, streets, closed=[((0, 4), (10, 4))], closed_why=2)
    (reason,) = road_travel(network).join(grid((5, 3.8))).reason
    assert reason == "its nearest road is cut off, the nearest open one is 421 m away"


def test_a_short_walk_from_a_private_road_is_walked(two_islands: RoadNetwork) -> None:
    points = grid((5, 2.2))  # 243 m from the open road, 199 m from the private one
    assert road_travel(two_islands).join(points).is_joined.tolist() == [True]
    strict = road_travel(two_islands, max_walk_in_meters=200)
    assert strict.snap(points).reason.tolist() == ["closed"]


def test_the_home_decides_which_island_counts(two_islands: RoadNetwork) -> None:
    travel = road_travel(two_islands)
    points = grid((3, 0), (7, 0), (40.5, 0))
    joined = travel.join(points, home=grid((40.9, 0)))
    assert joined.is_joined.tolist() == [False, False, True]
    assert joined.home == 1
    assert joined.reason[0] == (
        "lies on the mainland of 3 junctions that no road or ferry joins to home"
    )
    with pytest.raises(Infeasible, match="joins no road"):
        travel.join(points, home=grid((5, 30)))


def test_without_any_place_on_a_road_all_are_apart(two_islands: RoadNetwork) -> None:
    joined = road_travel(two_islands).join(grid((5, 30), (6, 30)))
    assert joined.is_joined.tolist() == [False, False]
    assert joined.home == -1
    assert road_travel(two_islands).join(np.empty((0, 2))).reason == ()


def test_the_rest_is_planned(two_islands: RoadNetwork) -> None:
    points = grid((3, 0), (7, 0), (5, 30))
    seconds = road_travel(two_islands).block(points, points).seconds
    assert (seconds[2, :2] == UNREACHABLE).all()
    assert (seconds[:2, :2] < UNREACHABLE).all()


def test_gozo_is_apart_from_malta_unless_it_is_home() -> None:
    path: Path = shared_path("geo", "malta", "malta-2018.osm.pbf")
    travel = road_travel(read_network(path, "car"))
    valletta, sliema, victoria = (14.5098, 35.8977), (14.5012, 35.9122), (14.2397, 36.0443)
    open_sea = (14.9, 35.6)
    points = np.array([valletta, sliema, victoria, open_sea])
    joined = travel.join(points)
    matrix = travel.block(points[:3], points[:3])
    if len(travel.network.component_sizes) > 1:
        assert joined.is_joined.tolist() == [True, True, False, False]
        assert "on an island of" in joined.reason[2]
        assert (matrix.seconds[2, :2] == UNREACHABLE).all()
        home = travel.join(points, home=points[[2]])
        assert home.is_joined.tolist() == [False, False, True, False]
    else:  # a ferry joins them
        assert joined.is_joined.tolist() == [True, True, True, False]
        assert (matrix.seconds < UNREACHABLE).all()
    assert "km from the nearest road" in joined.reason[3]
