"""One pair of places, compiled, is joined to the graph as many places are."""

from dataclasses import replace

import numpy as np
import pytest

from data.roads import RoadNetwork, read_network
from data.roads.extracts import helsinki_pbf
from data.travel import road_travel
from data.travel.graph import turn_graph
from data.travel.labels import (
    along_one_road,
    copies_by_side,
    pair_labels,
    source_labels,
    target_labels,
)
from data.travel.snap import Snapped
from tests.data.travel.worlds import random_town
from tests.shared import shared_path


def with_copies(network: RoadNetwork, seed: int) -> RoadNetwork:
    """The same network with a few arcs said to be copies."""
    draw = np.random.default_rng(seed)
    return replace(network, arc_is_copy=draw.random(network.arc_count) < 0.2)


def banned_over_ways() -> RoadNetwork:
    """Real roads with a ban over several ways, and so with real copies."""
    return read_network(shared_path("geo", "tiny") / "turn_restriction_via_way.osm.pbf", "car")


def agree(network: RoadNetwork, snapped: Snapped) -> int:
    """Check all pairs of neighbours in a list of places; how many lie on one road."""
    graph, straight = turn_graph(network, factor=np.ones(network.arc_count)), 0
    for k in range(len(snapped) - 1):
        pair = snapped.take(slice(k, k + 2))
        if not pair.is_joined.all():
            continue
        start, end = pair.take(slice(0, 1)), pair.take(slice(1, 2))
        source, target, arc, weight = pair_labels(network, graph, pair)
        for found, wanted in (
            (source, source_labels(graph, start)),
            (target, target_labels(network, graph, end)),
        ):
            assert found.first.tolist() == wanted.first.tolist()
            assert found.state.tolist() == wanted.state.tolist()
            assert found.weight.tolist() == wanted.weight.tolist()
            assert found.arc.tolist() == wanted.arc.tolist()
        _, _, arcs, weights = along_one_road(graph, start, end)
        if len(arcs):
            best = int(weights.argmin())
            assert (arc, weight) == (arcs[best], weights[best])
            straight += 1
        else:
            assert arc == -1
    return straight


@pytest.mark.parametrize("seed", range(4))
def test_labels_of_a_pair_are_those_of_its_places(seed: int) -> None:
    network = with_copies(random_town(seed), seed)
    draw = np.random.default_rng(seed)
    near = network.lonlat[draw.integers(0, len(network.lonlat), 80)]
    points = np.repeat(near, 2, axis=0) + draw.normal(0, 3e-4, (160, 2))
    assert agree(network, road_travel(network).snap(points)) > 5


def test_labels_of_a_pair_reach_real_copies_of_their_road() -> None:
    network = banned_over_ways()
    copies, _ = copies_by_side(network)
    assert len(copies)
    doubled = np.isin(network.arc_line, network.arc_line[copies]) & ~network.arc_is_copy
    spots = np.array([network.line(arc).mean(axis=0) for arc in np.flatnonzero(doubled)[:40]])
    snapped = road_travel(network).snap(np.repeat(spots, 2, axis=0))
    graph = turn_graph(network, factor=np.ones(network.arc_count))
    reached = [
        pair_labels(network, graph, snapped.take(slice(k, k + 2)))[1].state
        for k in range(len(snapped) - 1)
    ]
    assert network.arc_is_copy[np.concatenate(reached)].any()
    agree(network, snapped)


def test_a_drive_does_not_depend_on_how_its_points_lie_in_memory() -> None:
    travel = road_travel(read_network(helsinki_pbf(), "car"))
    points = travel.network.lonlat[[100, 700]].copy()
    wanted = travel.legs(points)
    frozen = points.copy()
    frozen.setflags(write=False)
    assert travel.legs(frozen) == wanted
    assert travel.legs(np.asfortranarray(points)) == wanted
    assert travel.legs(np.repeat(points, 2, axis=0)[::2]) == wanted
