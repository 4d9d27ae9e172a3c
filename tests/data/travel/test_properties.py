"""What must hold on every network, tried on real roads."""

import numpy as np
import pytest

from data.roads import RoadNetwork, read_network
from data.roads.extracts import helsinki_pbf
from data.travel import road_travel
from data.travel.engine import weighted_graph
from territory.geo import LonLat
from territory.travel import UNREACHABLE


@pytest.fixture(scope="module")
def centre() -> RoadNetwork:
    return read_network(helsinki_pbf(), "car")


@pytest.fixture(scope="module")
def points(centre: RoadNetwork) -> LonLat:
    draw = np.random.default_rng(5)
    low, high = centre.lonlat.min(axis=0), centre.lonlat.max(axis=0)
    return draw.uniform(low, high, size=(60, 2))


def test_going_by_way_of_a_third_place_is_never_quicker(
    centre: RoadNetwork, points: LonLat
) -> None:
    seconds = road_travel(centre).block(points, points).seconds.astype(np.int64)
    assert (seconds < UNREACHABLE).all()
    via = (seconds[:, :, None] + seconds[None, :, :]).min(axis=1)
    assert (seconds <= via).all()


def test_legs_and_matrix_agree_on_real_roads(centre: RoadNetwork, points: LonLat) -> None:
    travel = road_travel(centre)
    matrix = travel.block(points, points)
    legs = travel.legs(points[:20])
    for number, leg in enumerate(legs):
        assert leg.seconds == matrix.seconds[number, number + 1]
        assert leg.meters == matrix.meters[number, number + 1]


def test_a_path_is_never_shorter_than_the_straight_line(
    centre: RoadNetwork, points: LonLat
) -> None:
    from territory.geo import haversine_meters

    meters = road_travel(centre).block(points, points).meters
    straight = haversine_meters(points, points)
    assert (meters >= straight * 0.995).all()  # great circle against ellipsoid: 0.3 %


def test_packed_weights_give_plain_dijkstra_on_seconds(centre: RoadNetwork) -> None:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    graph = weighted_graph(centre, factor=np.ones(centre.arc_count))
    size = graph.node_count
    plain = csr_array(
        (centre.deciseconds[graph.arc].astype(float), graph.head, graph.first), shape=(size, size)
    )
    sources = np.arange(0, size, 100)
    expected = dijkstra(plain, indices=sources)
    found = dijkstra(graph.matrix, indices=sources).astype(np.int64) >> 28
    assert (found == expected).all()
