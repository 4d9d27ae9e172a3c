"""Places join the nearest point of a road, on the sides one may drive."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.roads import RoadNetwork, load_network, read_network, save_network
from data.roads.extracts import helsinki_pbf
from data.travel import road_travel
from data.travel.snap import Snapped
from tests.data.roads.small import write_osm
from tests.data.travel.worlds import Street, grid, network_of, relabelled


@pytest.fixture(scope="module")
def centre() -> RoadNetwork:
    return read_network(helsinki_pbf(), "car")


def test_a_place_joins_the_nearest_point_of_a_line_not_the_nearest_node() -> None:
    spots = {0: (0, 0), 1: (10, 0), 2: (5, 2)}
    streets = [Street(ends=(0, 1)), Street(ends=(1, 2)), Street(ends=(2, 0))]
    snapped = road_travel(network_of(spots, streets)).snap(grid((4, -0.5)))
    assert snapped.line.tolist() == [0]
    assert snapped.fraction[0] == pytest.approx(0.4, abs=1e-5)
    assert snapped.meters[0] == pytest.approx(55.3, abs=0.2)  # a degree of latitude: 110.6 km


def test_the_fraction_is_of_metres_along_a_bent_line() -> None:
    spots = {0: (0, 0), 1: (1, 3)}
    bent = Street(ends=(0, 1), over=((1, 0),))  # one step east, three north
    snapped = road_travel(network_of(spots, [bent, Street(ends=(1, 0))])).snap(grid((1.1, 1)))
    assert snapped.fraction[0] == pytest.approx(0.5, abs=0.003)


def test_a_two_way_road_is_joined_on_both_sides_a_one_way_road_on_one() -> None:
    spots = {0: (0, 0), 1: (4, 0), 2: (2, 4)}
    streets = [Street(ends=(0, 1), is_oneway=True), Street(ends=(1, 2)), Street(ends=(2, 0))]
    network = network_of(spots, streets)
    snapped = road_travel(network).snap(grid((2, 0), (3, 2)))
    assert snapped.line.tolist() == [0, 1]
    assert (snapped.arc_forward >= 0).tolist() == [True, True]
    assert (snapped.arc_backward >= 0).tolist() == [False, True]
    assert network.arc_reversed[snapped.arc_backward[1]]


def test_of_roads_equally_near_the_lowest_way_number_is_joined(centre: RoadNetwork) -> None:
    spots = {0: (0, 0), 1: (4, 0), 2: (2, 4)}
    network = network_of(spots, [Street(ends=ends) for ends in ((0, 1), (1, 2), (2, 0))])
    other = replace(network, line_way_id=network.line_way_id[::-1].copy())
    corner = grid((4, 0))
    assert road_travel(network).snap(corner).line.tolist() == [0]
    assert road_travel(other).snap(corner).line.tolist() == [1]


def test_numbering_real_roads_anew_moves_no_place(centre: RoadNetwork) -> None:
    points = np.concatenate([centre.lonlat[:100], centre.lonlat[100:200] + 0.0002])
    other = relabelled(centre, 1)
    one, two = road_travel(centre).snap(points), road_travel(other).snap(points)
    assert (one.meters == two.meters).all()
    assert (one.fraction == two.fraction).all()
    joined = one.is_joined
    way = centre.line_way_id[one.line[joined]]
    assert (way == other.line_way_id[two.line[joined]]).all()
    first = centre.line_lonlat[centre.line_offset[one.line[joined]]]
    assert (first == other.line_lonlat[other.line_offset[two.line[joined]]]).all()


def test_the_same_question_is_answered_from_memory(centre: RoadNetwork) -> None:
    travel = road_travel(centre)
    first = travel.snap(centre.lonlat[:50])
    assert travel.snap(centre.lonlat[:50].copy()) is first
    with pytest.raises(ValueError, match="read-only"):
        first.meters[0] = 0.0


def test_no_place_is_lost_at_the_far_side_of_the_globe(centre: RoadNetwork) -> None:
    snapped = road_travel(centre).snap(np.array([[179.0, -89.0], [0.0, 0.0]]))
    assert snapped.reason.tolist() == ["beyond", "beyond"]
    assert (snapped.meters > 1_000_000).all()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> RoadNetwork:
    """From 1 over 2 and 3 one may not go on to 4, only to 5: ways 1, 2, 3 and 4.

    1 -- 2 -> 3 -- 4      5 leads back to 1 by 6; 2 and 4 are also joined by 7, in the north
              |
              5
    """
    spots = {1: (0, 0), 2: (2, 0), 3: (4, 0), 4: (6, 0), 5: (4, -2), 6: (0, -2), 7: (2, 2)}
    street = {"highway": "residential"}
    ways = [
        ([1, 2], street),
        ([2, 3], {**street, "oneway": "yes"}),
        ([3, 4], street),
        ([3, 5], street),
        ([5, 6, 1], street),
        ([4, 7, 2], street),
    ]
    banned = (
        [("way", "from", 1), ("way", "via", 2), ("way", "to", 3)],
        {"type": "restriction", "restriction": "no_straight_on"},
    )
    folder = tmp_path_factory.mktemp("guarded")
    path = write_osm(folder / "guarded.osm", spots, ways, relations=[banned])
    return read_network(path, "car")


def test_a_place_on_a_road_entered_under_a_ban_is_reached_and_the_ban_obeyed(
    guarded: RoadNetwork,
) -> None:
    assert guarded.arc_is_copy.sum() == 1
    travel = road_travel(guarded, engine="scipy")
    start, on_the_way, beyond = grid((1, 0), (3, 0), (5, 0))
    onto = travel.block(start[None], np.stack([on_the_way, beyond]))
    straight = travel.block(on_the_way[None], beyond[None])
    assert onto.meters[0, 0] == pytest.approx(2 * 111.2, abs=2)
    assert straight.meters[0, 0] == pytest.approx(2 * 111.2, abs=2)
    assert onto.meters[0, 1] == pytest.approx(942, abs=3)  # not straight on, but by 7
    (leg,) = travel.legs(np.stack([start, on_the_way]))
    assert (leg.seconds, leg.meters) == (onto.seconds[0, 0], onto.meters[0, 0])
    assert leg.lonlat[-1] == tuple(on_the_way)
    snapped = travel.snap(on_the_way[None])
    assert not guarded.arc_is_copy[snapped.arc_forward[0]]


def test_a_network_read_again_from_disk_gives_the_same_times(
    centre: RoadNetwork, tmp_path: Path
) -> None:
    save_network(centre, tmp_path)
    again = load_network(tmp_path)
    draw = np.random.default_rng(3)
    points = centre.lonlat[draw.integers(0, centre.node_count, 30)]
    one = road_travel(centre, engine="scipy").block(points, points)
    two = road_travel(again, engine="scipy").block(points, points)
    assert (one.seconds == two.seconds).all()
    assert (one.meters == two.meters).all()
    assert road_travel(centre).travel_hash(points) == road_travel(again).travel_hash(points)


def test_places_join_the_same_roads_one_by_one_as_all_at_once(centre: RoadNetwork) -> None:
    draw = np.random.default_rng(3)
    points = np.concatenate([centre.lonlat[:60], centre.lonlat[60:160] + draw.normal(0, 2e-3)])
    travel = road_travel(centre, max_snap_meters=60)
    together = travel.snap(points)
    assert 0 < together.is_joined.sum() < len(points)
    for row, point in enumerate(points):
        alone = travel.snap(point[None])
        for name in Snapped.__slots__:
            assert getattr(alone, name)[0] == getattr(together, name)[row]
