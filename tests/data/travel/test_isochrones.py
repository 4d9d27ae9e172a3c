"""Isochrones: hand-made towns whose areas can be reckoned, and what must hold on every network."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.roads import RoadNetwork, read_network
from data.roads.extracts import helsinki_pbf
from data.travel import RoadTravel, estimated_travel, road_travel
from data.travel.isochrones import Isochrone, reach_polygons
from data.travel.servers import osrm_travel
from territory.errors import Infeasible, InputError, MissingPart
from territory.geo import LonLat, areas_square_meters
from tests.data.roads.small import STEP, STEP_METERS, write_osm
from tests.shared import shared_path

WALK = 5 / 3.6  # metres a second, on foot and off the road
STREET = {"highway": "residential"}
QUIET = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> RoadTravel:
    """One street of 40 steps (4.4 km) along the equator, walked."""
    path = tmp_path_factory.mktemp("street") / "street.osm"
    spots = {step: (float(step), 0.0) for step in range(41)}
    network = read_network(write_osm(path, spots, [(list(spots), STREET)]), "foot")
    return road_travel(network)


def test_on_one_street_one_reaches_a_square_on_its_corner(street: RoadTravel) -> None:
    # 12 minutes are 1 km: x metres along the street leave 1000 - x to walk off it
    (diamond,) = reach_polygons(street, (20 * STEP, 0.0), minutes=[12])
    assert diamond.square_meters == pytest.approx(2_000_000, rel=0.02)
    west, south, east, north = diamond.geometry.bounds
    reach = 1000 / STEP_METERS * STEP
    assert (east - west) / 2 == pytest.approx(reach, rel=0.02)
    # the tip is narrower than the grid's step of 50 m and loses half of one
    assert (north - south) / 2 == pytest.approx(reach, rel=0.04)
    assert diamond.geometry.covers(shapely.Point(20 * STEP + reach * 0.48, reach * 0.48))
    assert not diamond.geometry.covers(shapely.Point(20 * STEP + reach * 0.6, reach * 0.6))
    assert diamond.source == "road"


def test_the_way_to_the_road_is_taken_from_the_time(street: RoadTravel) -> None:
    off = (20 * STEP, 500 / 110_574)  # 500 m north of the street: 6 minutes
    nothing, some = reach_polygons(street, off, minutes=[5, 12])
    assert nothing.geometry.is_empty
    assert nothing.square_meters == 0
    assert some.square_meters == pytest.approx(2 * 500**2, rel=0.05)


def test_one_walks_no_farther_off_the_road_than_places_are_joined(street: RoadTravel) -> None:
    near = road_travel(street.network, max_snap_meters=200)
    (band,) = reach_polygons(near, (20 * STEP, 0.0), minutes=[12])
    _, south, _, north = band.geometry.bounds
    assert (north - south) * 110_574 / 2 == pytest.approx(200, abs=60)


def test_the_area_told_is_that_of_the_metric_crs(street: RoadTravel) -> None:
    import geopandas

    for isochrone in reach_polygons(street, (20 * STEP, 0.0)):
        shape = geopandas.GeoSeries([isochrone.geometry], crs="EPSG:4326")
        assert isochrone.square_meters == pytest.approx(areas_square_meters(shape)[0], rel=2e-3)


def test_a_ring_road_leaves_its_middle_out_as_a_hole(tmp_path: Path) -> None:
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    spots = {place + 1: (15 * np.cos(a), 15 * np.sin(a)) for place, a in enumerate(turn)}
    ring = ([*spots, 1], {"highway": "primary", "maxspeed": "90"})
    travel = road_travel(read_network(write_osm(tmp_path / "ring.osm", spots, [ring]), "car"))
    (isochrone,) = reach_polygons(travel, (15 * STEP, 0.0), minutes=[10])
    (polygon,) = isochrone.geometry.geoms
    (hole,) = polygon.interiors
    assert shapely.Polygon(hole).covers(shapely.Point(0, 0))
    assert isochrone.geometry.is_valid
    # half the ring is 5.2 km, 4 minutes; from its far side 6 minutes, 500 m, are left to walk
    assert not isochrone.geometry.covers(shapely.Point(-9 * STEP, 0))
    assert isochrone.geometry.covers(shapely.Point(-13 * STEP, 0))


def test_what_lies_behind_a_closed_road_is_walked_to_as_far_as_places_are_joined(
    tmp_path: Path,
) -> None:
    # an open street along the equator, a private one 600 m north of it
    spots = {1: (0.0, 0.0), 2: (20.0, 0.0), 3: (0.0, 5.4), 4: (20.0, 5.4), 5: (20.0, -30.0)}
    ways = [([1, 2, 5], STREET), ([3, 4], {**STREET, "access": "private"})]
    travel = road_travel(read_network(write_osm(tmp_path / "shut.osm", spots, ways), "car"))
    (isochrone,) = reach_polygons(travel, (10 * STEP, 0.0), minutes=[15])
    spots_north = np.array([[10 * STEP, north * STEP] for north in (1.0, 2.0, 4.0, 5.4)])
    inside = shapely.contains_xy(isochrone.geometry, spots_north)
    assert inside.tolist() == [True, True, False, False]
    seconds = travel.block(np.array([[10 * STEP, 0.0]]), spots_north).seconds[0]
    assert ((seconds <= 900) == inside).all()


def test_of_several_places_the_nearest_counts(street: RoadTravel) -> None:
    both = np.array([[10 * STEP, 0.0], [30 * STEP, 0.0]])
    (shared,) = reach_polygons(street, both, minutes=[6])
    apart = [reach_polygons(street, place, minutes=[6])[0] for place in both]
    assert len(shared.geometry.geoms) == 2
    assert shared.square_meters == pytest.approx(sum(one.square_meters for one in apart))
    assert shared.geometry.equals(shapely.union_all([one.geometry for one in apart]))


def test_two_places_on_one_road_both_count_along_it(street: RoadTravel) -> None:
    # both between the same two ends of the street, which is one line without junctions
    near = np.array([[19.5 * STEP, 0.0], [20.5 * STEP, 0.0]])
    (shared,) = reach_polygons(street, near, minutes=[12])
    west, _, east, _ = shared.geometry.bounds
    assert (east - west) / STEP * STEP_METERS == pytest.approx(2000 + STEP_METERS, rel=0.02)


def test_a_one_way_street_reaches_only_ahead(tmp_path: Path) -> None:
    spots = {1: (0.0, 0.0), 2: (20.0, 0.0), 3: (20.0, 30.0), 4: (0.0, 30.0)}
    ways = [([1, 2], {**STREET, "oneway": "yes"}), ([2, 3, 4, 1], STREET)]
    travel = road_travel(read_network(write_osm(tmp_path / "loop.osm", spots, ways), "car"))
    (isochrone,) = reach_polygons(travel, (10 * STEP, 0.0), minutes=[2])
    assert isochrone.geometry.covers(shapely.Point(15 * STEP, 0))
    assert not isochrone.geometry.covers(shapely.Point(7 * STEP, 0))


def test_a_place_that_joins_no_road_reaches_nothing_and_says_how_far_it_is(
    street: RoadTravel,
) -> None:
    with pytest.raises(Infeasible, match=r"is \d{4,} m from the nearest road"):
        reach_polygons(street, (20 * STEP, 0.02))
    both = np.array([[20 * STEP, 0.02], [20 * STEP, 0.0]])
    (one,) = reach_polygons(street, both, minutes=[5])
    assert one.square_meters > 0


@pytest.mark.parametrize("minutes", [[], [0], [-5], [5, 2000]])
def test_minutes_without_sense_are_refused(street: RoadTravel, minutes: list[int]) -> None:
    with pytest.raises(InputError, match="whole numbers from 1"):
        reach_polygons(street, (20 * STEP, 0.0), minutes=minutes)


def test_minutes_come_back_ascending_and_once(street: RoadTravel) -> None:
    found = reach_polygons(street, (20 * STEP, 0.0), minutes=[10, 5, 10])
    assert [one.minutes for one in found] == [5, 10]


def test_coordinates_are_whole_ten_millionths_so_that_writing_them_changes_nothing(
    street: RoadTravel,
) -> None:
    (one,) = reach_polygons(street, (20.0 * STEP, 0.0), minutes=[12])
    points = shapely.get_coordinates(one.geometry)
    assert (points == np.round(points, 7)).all()


def test_without_roads_one_reaches_the_circle_of_the_estimate() -> None:
    # on foot 4.8 km/h with detours of 1.3: 15 minutes are 1200 m of way, 923 m as the crow flies
    found = reach_polygons(estimated_travel("foot"), (24.94, 60.17), minutes=[5, 15])
    assert_sound(found)
    assert found[1].source == "estimated"
    assert found[1].square_meters == pytest.approx(np.pi * (1200 / 1.3) ** 2, rel=0.002)
    apart = np.array([[24.9, 60.17], [24.98, 60.17]])
    (both,) = reach_polygons(estimated_travel("foot"), apart, minutes=[15])
    assert both.square_meters == pytest.approx(2 * found[1].square_meters, rel=1e-6)


def test_a_travel_server_draws_no_areas() -> None:
    travel = osrm_travel("http://localhost:5000", allowed=("localhost",))
    with pytest.raises(MissingPart, match="roads of its own"):
        reach_polygons(travel, (0, 0))


def assert_sound(found: tuple[Isochrone, ...]) -> None:
    """Valid, nested, growing."""
    for one in found:
        assert one.geometry.is_valid
    for inner, outer in pairwise(found):
        assert outer.geometry.covers(inner.geometry)
        assert outer.square_meters >= inner.square_meters


def assert_true_to_the_matrix(travel: RoadTravel, start: LonLat, spots: LonLat) -> None:
    """Places surely within a limit are inside; of those inside, one near is within it."""
    around = np.stack(np.meshgrid(*[np.linspace(-100, 100, 9)] * 2), axis=-1).reshape(-1, 2)
    per_degree = 111_320 * np.array([np.cos(np.radians(start[1])), 1.0])
    found = reach_polygons(travel, start)
    assert_sound(found)
    seconds = travel.block(start, spots).seconds[0]
    for one in found:
        limit = one.minutes * 60
        inside = shapely.contains_xy(one.geometry, spots)
        # a square's corner is at most 71 m, 51 s of walking, from any place in it
        assert inside[seconds < limit - 75].all()
        for spot in spots[inside & (seconds > limit)][:20]:
            near = travel.block(start, spot + around / per_degree).seconds.min()
            assert near <= limit + 75


@QUIET
@given(seed=st.integers(0, 10_000))
def test_on_random_towns_polygons_are_valid_nested_and_true_to_the_matrix(
    tmp_path: Path, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    side = 7
    spots = {
        row * side + column + 1: (6 * column + draw.uniform(-2, 2), 6 * row + draw.uniform(-2, 2))
        for row in range(side)
        for column in range(side)
    }
    pairs = [(a, a + step) for a in spots for step in (1, side) if _has(a, step, side)]
    ways = []
    for a, b in pairs:
        if draw.uniform() < 0.8:
            speed = str(draw.choice([20, 30, 50, 90]))
            oneway = {"oneway": "yes"} if draw.uniform() < 0.2 else {}
            refs = [a, b] if draw.uniform() < 0.5 else [b, a]
            ways.append((refs, {"highway": "residential", "maxspeed": speed, **oneway}))
    travel = road_travel(read_network(write_osm(tmp_path / "town.osm", spots, ways), "car"))
    arcs = draw.integers(0, travel.network.arc_count, 60)
    on_roads = np.array([travel.network.line(int(arc))[0] for arc in arcs])
    assert_true_to_the_matrix(travel, on_roads[0], on_roads)


def _has(node: int, step: int, side: int) -> bool:
    return (node % side != 0) if step == 1 else node + side <= side * side


def _middles(network: RoadNetwork, count: int) -> LonLat:
    """Places on roads: the middle points of drawn lines."""
    draw = np.random.default_rng(11)
    arcs = draw.integers(0, network.arc_count, count)
    lines = [network.line(int(arc)) for arc in arcs]
    return np.array([line[len(line) // 2] for line in lines])


@pytest.mark.parametrize("period", [None, "peak"])
def test_in_helsinki_polygons_are_sound(period: str | None) -> None:
    travel = road_travel(read_network(helsinki_pbf(), "car"))
    places = _middles(travel.network, 200)
    if period is None:
        assert_true_to_the_matrix(travel, places[0], places)
    else:
        minutes = [2, 4]
        quiet = reach_polygons(travel, places[0], minutes=minutes)
        busy = reach_polygons(travel, places[0], minutes=minutes, period=period)
        assert_sound(busy)
        assert busy[0].source == "road+time-of-day"
        assert busy[0].square_meters < quiet[0].square_meters


@pytest.mark.shared
@pytest.mark.parametrize(
    ("city", "start"), [("malta", (14.5086, 35.8966)), ("porto", (-8.611, 41.149))]
)
def test_in_real_cities_polygons_are_sound(city: str, start: tuple[float, float]) -> None:
    pbf = next(shared_path("geo", city).glob("*.pbf"))
    travel = road_travel(read_network(pbf, "car"))
    assert_true_to_the_matrix(travel, np.array(start), _middles(travel.network, 300))
