"""To OSMnx and back."""

from pathlib import Path

import networkx
import numpy as np
import pytest
from shapely.geometry import LineString

from data.roads import RoadNetwork, RoadSource, read_network
from data.roads.profile import profile_for
from territory.errors import InputError
from tests.data.roads.small import write_osm
from tests.data.roads.test_network import square
from tests.data.roads.test_restrictions import cross


def sorted_arcs(network: RoadNetwork) -> list[tuple[int, int, int, int]]:
    ids = network.node_osm_id
    rows = zip(
        ids[network.tail].tolist(),
        ids[network.head].tolist(),
        network.deciseconds.tolist(),
        network.decimeters.tolist(),
        strict=True,
    )
    return sorted(rows)


def test_there_and_back_keeps_every_arc_time_and_length(tmp_path: Path) -> None:
    network = square(tmp_path)
    again = read_network(RoadSource(graph=network.to_osmnx()), "car")
    assert sorted_arcs(again) == sorted_arcs(network)
    assert set(again.names) == {"", "South Street"}


def test_the_graph_carries_what_osmnx_wants(tmp_path: Path) -> None:
    graph = square(tmp_path).to_osmnx()
    assert graph.graph["crs"] == "epsg:4326"
    assert {"x", "y"} <= set(graph.nodes[1])
    edge = graph.edges[1, 2, 0]
    assert {"osmid", "length", "travel_time", "highway", "geometry", "oneway"} <= set(edge)
    assert edge["length"] == pytest.approx(111.2)
    assert list(edge["geometry"].coords)[1] == (0.0005, 0.0)


def test_a_graph_without_times_gets_them_by_class() -> None:
    graph: networkx.MultiDiGraph[int] = networkx.MultiDiGraph(crs="epsg:4326")
    graph.add_node(7, x=0.0, y=0.0)
    graph.add_node(8, x=0.001, y=0.0)
    graph.add_edge(7, 8, highway=["residential", "service"], length=100.0, osmid=[3, 4])
    graph.add_edge(8, 7, highway="residential", length=100.0, oneway=False, reversed=True)
    network = read_network(RoadSource(graph=graph), "car")
    # 100 m at 25 km/h: 14.4 s
    assert network.deciseconds.tolist() == [144, 144]
    assert network.line_way_id.tolist() == [3]  # both ways run one line


def test_the_public_graph_leaves_copies_out_and_names_one_ways(tmp_path: Path) -> None:
    members = [("way", "from", 1), ("way", "via", 3), ("way", "to", 6)]
    told = (members, {"type": "restriction", "restriction": "no_right_turn"})
    network = cross(tmp_path, told)
    assert network.arc_is_copy.sum() == 1
    graph = network.to_osmnx()
    assert graph.number_of_edges() == network.arc_count - 1
    assert not any(data["oneway"] for _, _, data in graph.edges(data=True))
    again = read_network(RoadSource(graph=graph), "car")
    assert again.line_count == network.line_count
    assert sorted_arcs(again) == sorted(set(sorted_arcs(network)))


def test_one_ways_and_roundabouts_come_back_as_they_were(tmp_path: Path) -> None:
    spots = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (2, 0)}
    ways = [
        ([1, 2, 3, 4, 1], {"highway": "tertiary", "junction": "roundabout"}),
        ([2, 5], {"highway": "residential"}),
        ([3, 5], {"highway": "residential", "oneway": "yes"}),
    ]
    network = read_network(write_osm(tmp_path / "round.osm", spots, ways), "car")
    graph = network.to_osmnx()
    oneway = {(start, end): data["oneway"] for start, end, data in graph.edges(data=True)}
    assert oneway == {
        (1, 2): True,
        (2, 3): True,
        (3, 1): True,
        (2, 5): False,
        (5, 2): False,
        (3, 5): True,
    }
    again = read_network(RoadSource(graph=graph), "car")
    assert sorted_arcs(again) == sorted_arcs(network)
    assert again.line_is_roundabout.sum() == network.line_is_roundabout.sum() == 3
    # Angles are the same, so turning costs the same.
    assert sorted(again.turn_deciseconds) == sorted(network.turn_deciseconds)


def test_own_times_of_a_graph_are_kept_and_its_signals_are_waited_for() -> None:
    graph: networkx.MultiDiGraph[int] = networkx.MultiDiGraph(crs="epsg:4326")
    for node in (1, 2, 3):
        graph.add_node(node, x=0.001 * node, y=0.0)
    graph.nodes[2]["highway"] = "traffic_signals"
    for start, end in ((1, 2), (2, 1), (2, 3), (3, 2)):
        graph.add_edge(start, end, highway="primary", length=100.0, osmid=1, travel_time=7.3)
    network = read_network(RoadSource(graph=graph), "car")
    assert network.deciseconds.tolist() == [73, 73, 73, 73]
    at_two = network.lonlat[network.head, 0] == 0.002
    before = np.repeat(np.arange(4), np.diff(network.turn_first))
    waited = network.turn_deciseconds[at_two[before]]
    assert waited.tolist() == [round(10 * profile_for("car").signal_seconds)] * 2


def test_edges_without_a_usable_line_are_named_all_at_once() -> None:
    graph: networkx.MultiDiGraph[int] = networkx.MultiDiGraph(crs="epsg:4326")
    for node in (1, 2):
        graph.add_node(node, x=0.001 * node, y=0.0)
    broken = LineString([(0.001, 0.0), (float("inf"), 0.0)])
    graph.add_edge(1, 2, highway="primary", geometry=broken)
    graph.add_edge(2, 1, highway="primary", geometry=LineString())
    with pytest.raises(InputError, match="2 edges") as refused:
        read_network(RoadSource(graph=graph), "car")
    assert [fault.column for fault in refused.value.faults] == [
        "edge 1 to 2, geometry",
        "edge 2 to 1, geometry",
    ]


def test_a_projected_graph_is_refused_and_told_how_to_mend() -> None:
    graph: networkx.MultiDiGraph[int] = networkx.MultiDiGraph(crs="epsg:32629")
    with pytest.raises(InputError, match="to_latlong"):
        read_network(RoadSource(graph=graph), "car")


def test_a_graphml_file_of_osmnx_is_read(tmp_path: Path) -> None:
    import osmnx

    network = square(tmp_path)
    osmnx.save_graphml(network.to_osmnx(), tmp_path / "square.graphml")
    assert sorted_arcs(read_network(tmp_path / "square.graphml", "car")) == sorted_arcs(network)
    (tmp_path / "broken.graphml").write_text("<graphml>")
    with pytest.raises(InputError, match=r"broken\.graphml"):
        read_network(tmp_path / "broken.graphml", "car")
