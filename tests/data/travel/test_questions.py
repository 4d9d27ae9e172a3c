"""The nearest few, all within a limit, all reached: each against the whole matrix."""

import numpy as np
import pytest

from data.roads import RoadNetwork, read_network
from data.roads.extracts import helsinki_pbf
from data.travel import EngineName, estimated_travel, road_travel
from territory.errors import InputError
from territory.geo import LonLat
from territory.travel import UNREACHABLE
from tests.data.travel.worlds import STEP_TENTHS, Street, grid, network_of

ENGINES: tuple[EngineName, ...] = ("scipy", "dijkstra", "cch")


@pytest.fixture(scope="module")
def road() -> RoadNetwork:
    """0 -- 1 -- 2 -- 3 in a line, and an island 8 -- 9."""
    spots = {0: (0, 0), 1: (1, 0), 2: (2, 0), 3: (3, 0), 8: (40, 0), 9: (41, 0)}
    streets = [Street(ends=ends) for ends in ((0, 1), (1, 2), (2, 3), (8, 9))]
    return network_of(spots, streets)


@pytest.fixture(scope="module")
def centre() -> RoadNetwork:
    return read_network(helsinki_pbf(), "car")


def around(network: RoadNetwork, count: int, seed: int) -> LonLat:
    draw = np.random.default_rng(seed)
    nodes = draw.integers(0, network.node_count, count)
    return network.lonlat[nodes] + draw.normal(0, 0.0005, size=(count, 2))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_nearest_come_in_order_with_their_seconds_and_metres(
    road: RoadNetwork, engine: EngineName
) -> None:
    travel = road_travel(road, engine=engine)
    targets = grid((2.5, 0), (0.25, 0), (1.5, 0), (40.5, 0))
    found = travel.nearest(grid((0.5, 0), (40.25, 0)), targets, 3)
    assert found.index.tolist() == [[1, 2, 0], [3, -1, -1]]
    assert found.seconds[0].tolist() == [3, 12, 23]  # a quarter, one and two steps of 11.2 s
    assert found.meters[0].tolist() == [28, 112, 223]
    assert found.seconds[1].tolist() == [3, UNREACHABLE, UNREACHABLE]
    assert found.source == "road"


@pytest.mark.parametrize("engine", ENGINES)
def test_of_equally_near_places_the_one_named_first_comes_first(
    road: RoadNetwork, engine: EngineName
) -> None:
    travel = road_travel(road, engine=engine)
    targets = grid((1.5, 0), (0.25, 0), (1.5, 0), (1.5, 0))
    assert travel.nearest(grid((0.5, 0)), targets, 3).index.tolist() == [[1, 0, 2]]
    assert travel.nearest(grid((1.5, 0)), targets, 2).index.tolist() == [[0, 2]]


@pytest.mark.parametrize("engine", ENGINES)
def test_places_beyond_the_limit_are_not_near(road: RoadNetwork, engine: EngineName) -> None:
    travel = road_travel(road, engine=engine)
    targets = grid((2.5, 0), (1.5, 0), (0.5, 0))
    found = travel.nearest(grid((0.5, 0)), targets, 3, limit_seconds=12)
    assert found.index.tolist() == [[2, 1, -1]]
    assert travel.nearest(grid((0.5, 0)), targets, 3, limit_seconds=11).index[0, 1] == -1


@pytest.mark.parametrize("limit", [None, 240.0])
@pytest.mark.parametrize("engine", ENGINES)
def test_the_nearest_are_those_of_the_matrix_on_real_roads(
    centre: RoadNetwork, engine: EngineName, limit: float | None
) -> None:
    sources, targets = around(centre, 40, 1), around(centre, 60, 2)
    targets[7:9] = targets[5]
    sources[3] = targets[4]
    travel = road_travel(centre, engine=engine)
    found = travel.nearest(sources, targets, 9, limit_seconds=limit)
    matrix = road_travel(centre, engine="scipy").block(sources, targets)
    beyond = matrix.seconds > (UNREACHABLE - 1 if limit is None else limit)
    seconds = np.where(beyond, UNREACHABLE, matrix.seconds)
    assert (found.seconds == np.sort(seconds, axis=1)[:, :9]).all()
    row, column = np.nonzero(found.index >= 0)
    target = found.index[row, column]
    assert (matrix.seconds[row, target] == found.seconds[row, column]).all()
    assert (matrix.meters[row, target] == found.meters[row, column]).all()
    assert all(len(set(line[line >= 0])) == (line >= 0).sum() for line in found.index)


def test_within_a_limit_is_the_matrix_cut_at_it(centre: RoadNetwork) -> None:
    source, targets = around(centre, 1, 3), around(centre, 200, 4)
    targets[5] = source[0]
    travel = road_travel(centre)
    cut = travel.within(source, targets, 150)
    whole = travel.block(source, targets)
    is_in = whole.seconds <= 150
    assert 10 < is_in.sum() < 190
    assert (cut.seconds == np.where(is_in, whole.seconds, UNREACHABLE)).all()
    assert (cut.meters == np.where(is_in, whole.meters, UNREACHABLE)).all()


def test_reached_are_the_arcs_whose_beginning_lies_within_the_limit(road: RoadNetwork) -> None:
    state, tenths = road_travel(road).reached(grid((1.5, 0))[0], 8)
    ends = list(zip(road.tail[state].tolist(), road.head[state].tolist(), strict=True))
    # half a step to 1 and to 2, and on from there; back at 2 only after a step and a U-turn
    assert sorted(ends) == [(1, 0), (2, 3)]
    assert tenths.tolist() == [STEP_TENTHS // 2] * 2


def test_reached_agrees_with_the_matrix_on_real_roads(centre: RoadNetwork) -> None:
    source = around(centre, 1, 8)
    travel = road_travel(centre)
    state, tenths = travel.reached(source[0], 300)
    assert (np.diff(tenths) >= 0).all()
    assert tenths.max() <= 3_000
    middle = np.asarray([centre.line(int(arc))[:2].mean(axis=0) for arc in state[::50]])
    seconds = travel.block(source, middle).seconds[0]
    along = centre.deciseconds[state[::50]]
    assert (seconds * 10 <= tenths[::50] + along + 10).all()


def test_questions_that_cannot_be_asked_are_refused(road: RoadNetwork) -> None:
    travel = road_travel(road)
    with pytest.raises(InputError, match="nearest 0 places"):
        travel.nearest(grid((0.5, 0)), grid((0.5, 0)), 0)
    with pytest.raises(InputError, match="limit of time"):
        travel.within(grid((0.5, 0)), grid((0.5, 0)), -1)
    with pytest.raises(InputError, match="limit of time"):
        travel.reached(grid((0.5, 0)), float("nan"))
    with pytest.raises(InputError, match="One place"):
        travel.reached(grid((0.5, 0), (1, 0)), 10)


def test_no_places_have_no_nearest(road: RoadNetwork) -> None:
    travel, none, one = road_travel(road, engine="cch"), np.empty((0, 2)), grid((0.5, 0))
    assert travel.nearest(none, one, 2).index.shape == (0, 2)
    assert travel.nearest(one, none, 2).index.tolist() == [[-1, -1]]
    assert travel.within(one, none, 10).seconds.shape == (1, 0)


def test_estimated_travel_tells_the_nearest_too() -> None:
    travel = estimated_travel("car")
    targets = grid((2.5, 0), (0.25, 0), (1.5, 0), (0.25, 0))
    found = travel.nearest(grid((0.5, 0)), targets, 5, limit_seconds=20)
    matrix = travel.block(grid((0.5, 0)), targets)
    assert matrix.seconds.tolist() == [[35, 5, 18, 5]]
    assert found.index.tolist() == [[1, 3, 2, -1, -1]]
    assert found.seconds.tolist() == [[5, 5, 18, UNREACHABLE, UNREACHABLE]]
    assert found.source == "estimated"
