"""The travel benchmark: every engine on one graph, judged by plain Dijkstra."""

import numpy as np
import pytest

from benchmarks.frame import BenchArgs
from benchmarks.travel import _Judge, runs
from data.roads import RoadNetwork, read_network
from data.roads.extracts import helsinki_pbf
from data.travel.engine import ScipyEngine, WeightedGraph, unpack, weighted_graph


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return read_network(helsinki_pbf(), "car")


@pytest.fixture(scope="module")
def graph(network: RoadNetwork) -> WeightedGraph:
    return weighted_graph(network, factor=np.ones(network.arc_count))


def test_ours_and_the_peers_agree_with_the_judge() -> None:
    args = BenchArgs(
        bench="travel", set_folder=helsinki_pbf().parent, names=("Helsinki",), params={"n": "30"}
    )
    rows = list(runs(args))
    assert [row.engine for row in rows][:3] == ["fieldwright", "scipy", "networkx"]
    assert {row.work for row in rows} == {"Helsinki 30x30"}
    assert all(row.violations == 0 and row.wall_seconds > 0 for row in rows)
    assert "compile_seconds" in rows[0].extra
    assert rows[2].extra["scaled_from_sources"] == 4


def test_the_judge_counts_every_wrong_second_and_metre(graph: WeightedGraph) -> None:
    places = np.arange(0, graph.node_count, 60)
    judge = _Judge(graph, places)
    packed = ScipyEngine().table(graph, places, places)
    tenths, decimeters = unpack(packed)
    assert judge.wrong_seconds(tenths / 10) == 0
    assert judge.wrong_meters(packed, decimeters) == 0
    slower, longer = tenths / 10, decimeters.copy()
    slower[0, 3] += 0.1
    slower[0, 4] = np.inf
    longer[0, 5] += 1
    assert judge.wrong_seconds(slower) == 2
    assert judge.wrong_meters(packed, longer) == 1
