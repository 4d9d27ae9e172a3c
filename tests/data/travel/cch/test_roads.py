"""On real roads the hierarchy and plain Dijkstra agree to the last decimetre."""

from pathlib import Path

import numpy as np
import pytest

from data.roads import read_network
from data.roads.extracts import helsinki_pbf
from data.travel.cch import build_hierarchy, customize, many_to_many, path
from data.travel.graph import turn_graph
from tests.data.travel.cch.worlds import (
    NEVER,
    World,
    path_weight,
    plain_answer,
    random_question,
)
from tests.shared import shared_path


def _world(pbf: Path) -> World:
    network = read_network(pbf, "car")
    graph = turn_graph(network, factor=np.ones(network.arc_count))
    return World(
        lonlat=network.lonlat,
        tail=network.tail,
        head=network.head,
        turn_first=graph.first,
        turn_arc=graph.head,
        weight=graph.weight,
    )


@pytest.fixture(scope="module", params=["helsinki", "liechtenstein", "malta"])
def roads(request: pytest.FixtureRequest) -> World:
    files = {
        "liechtenstein": ("geo", "tiny", "liechtenstein.osm.pbf"),
        "malta": ("geo", "malta", "malta-2018.osm.pbf"),
    }
    name = str(request.param)
    return _world(shared_path(*files[name]) if name in files else helsinki_pbf())


def test_matrix_and_paths_on_real_roads_are_those_of_plain_dijkstra(roads: World) -> None:
    hierarchy = roads.hierarchy()
    metric = customize(hierarchy, roads.weight)
    question = random_question(roads.arc_count, sources=40, targets=300, seed=7)
    found = many_to_many(hierarchy, metric, *question.arguments, question.targets)
    assert (found == plain_answer(roads, question)).all()
    assert (found < NEVER).mean() > 0.3
    for row in range(40):
        labels = slice(int(question.first[row]), int(question.first[row + 1]))
        starts, costs = question.state[labels], question.weight[labels]
        states = path(hierarchy, metric, starts, costs, int(question.targets[row]))
        if len(states):
            start_cost = int(costs[starts == states[0]].min())
            assert start_cost + path_weight(roads, states) == found[row, row]
        else:
            assert found[row, row] == NEVER


def test_the_order_keeps_the_tree_of_real_roads_low(roads: World) -> None:
    # A poor order shows here first: shortcuts per state and the height grow several times over.
    hierarchy = roads.hierarchy()
    assert hierarchy.height < 4 * np.sqrt(roads.arc_count)
    assert hierarchy.arc_count < 12 * roads.arc_count


def test_progress_is_told_from_start_to_end() -> None:
    world = _world(helsinki_pbf())
    said: list[tuple[str, float]] = []
    build_hierarchy(
        lonlat=world.lonlat,
        tail=world.tail,
        head=world.head,
        turn_first=world.turn_first,
        turn_arc=world.turn_arc,
        progress=lambda words, part: said.append((words, part)),
    )
    parts = [part for _, part in said]
    assert parts == sorted(parts)
    assert said[-1] == ("the hierarchy is built", 1.0)
