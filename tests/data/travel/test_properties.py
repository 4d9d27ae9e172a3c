"""What must hold on every network, tried on random towns and on real roads."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.roads import RoadNetwork, read_network
from data.roads.extracts import helsinki_pbf
from data.travel import Engine, EngineName, RoadTravel, road_travel
from data.travel.calibration import TimeCalibration
from data.travel.cch import HierarchyTooLarge
from data.travel.contracted import CchEngine
from data.travel.engine import DijkstraEngine, ScipyEngine, table
from data.travel.engines import CONTRACTION_WORTH, Engines
from data.travel.graph import NEVER, TurnGraph, turn_graph, unpack
from data.travel.labels import Labels, source_labels, target_labels
from data.travel.snap import Snapped
from territory.geo import LonLat, haversine_meters
from territory.travel import UNREACHABLE
from tests.data.travel.worlds import Street, grid, network_of, random_town, relabelled
from tests.shared import shared_path

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


@pytest.mark.parametrize("engine", ["scipy", "dijkstra", "cch"])
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


ENGINES: dict[str, Callable[[RoadNetwork], Engine]] = {
    "dijkstra": lambda _: DijkstraEngine(),
    "one thread": lambda _: DijkstraEngine(threads=1),
    "cch": lambda network: Engines(network=network).contracted(),
}


@cache
def fixture_network(name: str) -> RoadNetwork:
    if name == "helsinki":
        return read_network(helsinki_pbf(), "car")
    if name == "town":
        return random_town(7, side=9)
    folder, file = FIXTURES[name]
    return read_network(shared_path("geo", folder, file), "car")


FIXTURES = {
    "malta": ("malta", "malta-2018.osm.pbf"),
    "liechtenstein": ("tiny", "liechtenstein.osm.pbf"),
    "no left turn": ("tiny", "turn_restriction_no_left.osm.pbf"),
    "via way": ("tiny", "turn_restriction_via_way.osm.pbf"),
}


@pytest.mark.parametrize("period", [None, "peak"])
@pytest.mark.parametrize("name", ["helsinki", "town", *FIXTURES])
def test_engines_agree_to_the_tenth_and_the_decimetre(name: str, period: str | None) -> None:
    network = fixture_network(name)
    graph = Engines(network=network).graph(period)
    draw = np.random.default_rng(1)
    points = network.lonlat[draw.integers(0, network.node_count, 60)]
    snapped = road_travel(network).snap(points + draw.normal(0, 0.0003, size=(60, 2)))
    start, end = snapped.take(slice(0, 25)), snapped.take(slice(20, 60))
    sources, targets = source_labels(graph, start), target_labels(network, graph, end)
    wanted = table(ScipyEngine(), graph, sources, targets)
    assert (wanted < NEVER).any()
    for make in ENGINES.values():
        engine = make(network)
        assert (table(engine, graph, sources, targets) == wanted).all()
        for row, column in ((0, 10), (3, 20), (5, 39)):
            one, other = sources.rows(row, row + 1), targets.rows(column, column + 1)
            states = engine.path(graph, one, other)
            if wanted[row, column] == NEVER:
                assert states is None
            else:
                assert states is not None
                assert weight_of(graph, one, states, other) == wanted[row, column]


def weight_of(graph: TurnGraph, source: Labels, states: np.ndarray, target: Labels) -> int:
    begin = source.weight[source.state == states[0]].min()
    end = target.weight[target.state == states[-1]].min()
    return int(begin + graph.weight[graph.edges(states[:-1], states[1:])].sum() + end)


@pytest.mark.parametrize("engine", ["scipy", "dijkstra", "cch"])
def test_very_long_drives_stay_exact(engine: EngineName) -> None:
    """Three streets of 111,195 km, a minute less than 19 days each: far beyond 31 bits."""
    spots = {0: (0, 0), 1: (1, 0), 2: (2, 0), 3: (3, 0)}
    town = network_of(spots, [Street(ends=(k, k + 1)) for k in range(3)])
    tenths, lengths = 2**24 - 601, 2**27 - 1
    long = replace(
        town,
        deciseconds=np.full(town.arc_count, tenths, dtype=np.int32),
        decimeters=np.full(town.arc_count, lengths // 3, dtype=np.int32),
    )
    travel = road_travel(long, engine=engine)
    ends = grid((0, 0.0), (3, 0.0))
    matrix = travel.block(ends, ends)
    assert matrix.seconds[0, 1] == -(-3 * tenths // 10)
    assert matrix.meters[0, 1] == -(-3 * (lengths // 3) // 10)
    (leg,) = travel.legs(ends)
    assert (leg.seconds, leg.meters) == (matrix.seconds[0, 1], matrix.meters[0, 1])


def test_asking_in_blocks_changes_nothing() -> None:
    town = random_town(2)
    points = places(town, 11, 2)
    travel = road_travel(town, engine="dijkstra")
    whole = travel.block(points, points[:7])
    parts = list(travel.blocks(points, points[:7], rows=3))
    assert [len(part.seconds) for part in parts] == [3, 3, 3, 2]
    assert (np.concatenate([part.seconds for part in parts]) == whole.seconds).all()
    assert (np.concatenate([part.meters for part in parts]) == whole.meters).all()


def test_the_hierarchy_is_built_once_the_work_repays_it(centre: RoadNetwork) -> None:
    engines = Engines(network=centre)
    searches = CONTRACTION_WORTH // centre.arc_count + 1
    assert isinstance(engines.ready(None, work=10)[1], ScipyEngine)
    assert isinstance(engines.ready(None, work=searches - 5)[1], DijkstraEngine)
    assert isinstance(engines.ready(None, work=searches - 5)[1], CchEngine)
    assert isinstance(engines.ready("peak", work=10)[1], CchEngine)
    kept = Engines(network=centre, hierarchy=engines.contracted().hierarchy)
    assert isinstance(kept.ready(None, work=1)[1], CchEngine)


def test_where_the_hierarchy_is_too_large_dijkstra_goes_on(
    centre: RoadNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.travel.cch.build._free_bytes", lambda: 1)
    points = places(centre, 10, 3)
    engines = Engines(network=centre)
    found = [engines.ready(None, work=10**6)[1] for _ in range(2)]
    assert [type(engine) for engine in found] == [DijkstraEngine, DijkstraEngine]
    with pytest.raises(HierarchyTooLarge):
        road_travel(centre, engine="cch").block(points, points)


def test_reweighting_leaves_the_shape_and_changes_the_times(centre: RoadNetwork) -> None:
    travel = road_travel(centre, engine="cch")
    points = places(centre, 20, 4)
    plain, peak = travel.block(points, points), travel.block(points, points, period="peak")
    shape = travel.hierarchy()
    reference = road_travel(centre, engine="scipy").block(points, points, period="peak")
    assert travel.hierarchy() is shape
    assert (peak.seconds == reference.seconds).all()
    assert (peak.seconds >= plain.seconds).all()
    assert (peak.seconds > plain.seconds).any()
    assert (travel.block(points, points).seconds == plain.seconds).all()


def test_a_calibration_multiplies_times_and_turns(centre: RoadNetwork) -> None:
    points = places(centre, 20, 4)
    factors = dict.fromkeys(centre.classes, 2.0)
    double = TimeCalibration(class_factors=factors, turn_factor=2.0)
    plain = road_travel(centre, engine="scipy")
    slow = road_travel(centre, engine="scipy", calibration=double)
    one, two = plain.block(points, points), slow.block(points, points)
    stubs = plain.snap(points).stub_deciseconds
    walk = (stubs[:, None] + stubs[None, :]) / 10
    off = ~np.eye(len(points), dtype=bool)
    assert (np.abs(two.seconds - walk - 2 * (one.seconds - walk))[off] <= 3).all()
    assert plain.travel_hash(points) != slow.travel_hash(points)
    neutral = road_travel(centre, calibration=TimeCalibration())
    assert plain.travel_hash(points) == neutral.travel_hash(points)


def test_packed_weights_give_plain_dijkstra_on_seconds(centre: RoadNetwork) -> None:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    graph = turn_graph(centre, factor=np.ones(centre.arc_count))
    size = graph.state_count

    def search(weight: np.ndarray) -> np.ndarray:
        matrix = csr_array((weight.astype(float), graph.head, graph.first), shape=(size, size))
        return dijkstra(matrix, indices=np.arange(0, size, 200))

    assert (search(graph.weight).astype(np.int64) >> 28 == search(graph.weight >> 28)).all()
