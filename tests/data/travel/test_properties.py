"""What must hold on every network, tried on random towns and on real roads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.roads import RoadNetwork, read_network
from data.roads.extracts import helsinki_pbf
from data.travel import Engine, RoadTravel, road_travel
from data.travel.engine import DijkstraEngine, ScipyEngine, table
from data.travel.graph import TurnGraph, turn_graph, unpack
from data.travel.labels import source_labels, target_labels
from data.travel.snap import Snapped
from territory.geo import LonLat, haversine_meters
from territory.travel import UNREACHABLE
from tests.data.travel.worlds import random_town, relabelled

SEEDS = st.integers(min_value=0, max_value=10_000)


@pytest.fixture(scope="module")
def centre() -> RoadNetwork:
    return read_network(helsinki_pbf(), "car")


def places(network: RoadNetwork, count: int, seed: int) -> LonLat:
    draw = np.random.default_rng(seed)
    low, high = network.lonlat.min(axis=0), network.lonlat.max(axis=0)
    points = draw.uniform(low, high, size=(2 * count, 2))
    return points[road_travel(network).snap(points).component == 0][:count]


def turning_round(travel: RoadTravel, snapped: Snapped) -> np.ndarray:
    """Tenths to come back to each place on the other side of its road, the dearer of both ways."""
    graph = turn_graph(travel.network, factor=np.ones(travel.network.arc_count))
    sides = []
    for kept, other in (("arc_forward", "arc_backward"), ("arc_backward", "arc_forward")):
        none = np.full(len(snapped), -1)
        start = source_labels(graph, _without(snapped, other, none))
        end = target_labels(travel.network, graph, _without(snapped, kept, none))
        cost = np.diagonal(table(ScipyEngine(), graph, start, end))
        is_two_way = (snapped.arc_forward >= 0) & (snapped.arc_backward >= 0)
        sides.append(np.where(is_two_way, unpack(cost)[0], 0))
    return np.maximum(*sides)


def _without(snapped: Snapped, side: str, none: np.ndarray) -> Snapped:
    values = {name: getattr(snapped, name) for name in snapped.__slots__}
    return Snapped(**{**values, side: none})


def check_triangles(network: RoadNetwork, points: LonLat) -> None:
    """d(a, c) <= d(a, b) + d(b, c) + what it costs to turn round at b, where one may leave either
    way; on a one-way street at b nothing is added."""
    travel = road_travel(network, engine="scipy")
    seconds = travel.block(points, points).seconds.astype(np.int64)
    assert (seconds < UNREACHABLE).all()
    extra = -(-turning_round(travel, travel.snap(points)) // 10)
    via = seconds[:, :, None] + extra[None, :, None] + seconds[None, :, :]
    assert (seconds <= via.min(axis=1)).all()


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_a_third_place_saves_no_more_than_turning_round_there(seed: int) -> None:
    town = random_town(seed)
    check_triangles(town, places(town, 12, seed))


def test_a_third_place_saves_no_more_than_turning_round_there_on_real_roads(
    centre: RoadNetwork,
) -> None:
    check_triangles(centre, places(centre, 40, 5))


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_times_are_symmetric_where_the_network_is(seed: int) -> None:
    town = random_town(seed, is_symmetric=True)
    points = places(town, 12, seed)
    matrix = road_travel(town, engine="scipy").block(points, points)
    # Each end of a drive is cut to whole tenths, from the beginning of its arc.
    assert (np.abs(matrix.seconds - matrix.seconds.T) <= 1).all()


def test_times_are_not_symmetric_where_the_network_is_not() -> None:
    town = random_town(3)
    points = places(town, 12, 3)
    seconds = road_travel(town, engine="scipy").block(points, points).seconds
    assert (np.abs(seconds - seconds.T) > 1).any()


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_numbering_nodes_arcs_and_lines_anew_changes_nothing(seed: int) -> None:
    town = random_town(seed)
    points = np.concatenate([places(town, 10, seed), town.lonlat[:6]])  # junctions: roads tie
    one = road_travel(town, engine="scipy").block(points, points)
    other = road_travel(relabelled(town, seed), engine="scipy").block(points, points)
    assert (one.seconds == other.seconds).all()
    assert (one.meters == other.meters).all()


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_the_matrix_is_the_legs(seed: int) -> None:
    town = random_town(seed)
    check_legs(road_travel(town, engine="scipy"), places(town, 12, seed))


@pytest.mark.parametrize("engine", ["scipy", "dijkstra"])
def test_the_matrix_is_the_legs_on_real_roads(centre: RoadNetwork, engine: str) -> None:
    check_legs(road_travel(centre, engine=engine), places(centre, 20, 6))  # type: ignore[arg-type]


def check_legs(travel: RoadTravel, points: LonLat) -> None:
    matrix = travel.block(points, points)
    for number, leg in enumerate(travel.legs(points)):
        assert leg.seconds == matrix.seconds[number, number + 1]
        assert leg.meters == matrix.meters[number, number + 1]
        line = np.asarray(leg.lonlat)
        drawn = sum(haversine_meters(line[k], line[k + 1])[0, 0] for k in range(len(line) - 1))
        # metres are told in whole ones, and a straight walk of the ellipsoid is drawn on a sphere
        assert drawn == pytest.approx(leg.meters, rel=0.01, abs=3)
        assert leg.lonlat[0] == tuple(points[number])
        assert leg.lonlat[-1] == tuple(points[number + 1])


def test_a_path_is_never_shorter_than_the_straight_line(centre: RoadNetwork) -> None:
    points = places(centre, 60, 5)
    meters = road_travel(centre).block(points, points).meters
    straight = haversine_meters(points, points)
    assert (meters >= straight * 0.995).all()  # great circle against ellipsoid: 0.3 %


@pytest.mark.parametrize("engine", [DijkstraEngine(), DijkstraEngine(threads=1)])
def test_engines_agree_to_the_tenth_and_the_decimetre(centre: RoadNetwork, engine: Engine) -> None:
    graph, start, end = questions(centre)
    wanted = table(ScipyEngine(), graph, *labels(centre, graph, start, end))
    found = table(engine, graph, *labels(centre, graph, start, end))
    assert (found == wanted).all()


def questions(network: RoadNetwork) -> tuple[TurnGraph, Snapped, Snapped]:
    snapper = road_travel(network).snapper
    start, end = places(network, 50, 1), places(network, 40, 2)
    graph = turn_graph(network, factor=np.ones(network.arc_count))
    return graph, snapper.snap(start), snapper.snap(end)


def labels(network: RoadNetwork, graph: TurnGraph, start: Snapped, end: Snapped):  # type: ignore[no-untyped-def]
    return source_labels(graph, start), target_labels(network, graph, end)


def test_packed_weights_give_plain_dijkstra_on_seconds(centre: RoadNetwork) -> None:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    graph = turn_graph(centre, factor=np.ones(centre.arc_count))
    size = graph.state_count

    def search(weight: np.ndarray) -> np.ndarray:
        matrix = csr_array((weight.astype(float), graph.head, graph.first), shape=(size, size))
        return dijkstra(matrix, indices=np.arange(0, size, 200))

    assert (search(graph.weight).astype(np.int64) >> 28 == search(graph.weight >> 28)).all()
