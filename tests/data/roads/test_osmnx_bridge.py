"""To OSMnx and back."""

from pathlib import Path

import networkx
import pytest

from data.roads import RoadNetwork, RoadSource, read_network
from territory.errors import InputError
from tests.data.roads.test_network import square


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
