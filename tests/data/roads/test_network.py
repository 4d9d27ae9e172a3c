"""From an OpenStreetMap file to a network."""

from pathlib import Path

import numpy as np
import pytest

from data.roads import RoadNetwork, RoadSource, load_network, read_network, save_network
from data.roads.profile import CAR_KMH
from territory.errors import InputError, NotFound
from tests.data.roads.small import STEP_METERS, write_osm

SQUARE = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0.5, 0)}
STREET = {"highway": "residential"}


def square(folder: Path) -> RoadNetwork:
    """Four corners, 5 half way between 1 and 2 on the same street.

    4 -- 3
    |    |
    1-5--2
    """
    ways = [
        ([1, 5, 2], {"highway": "residential", "name": "South Street"}),
        ([2, 3], STREET),
        ([3, 4], STREET),
        ([4, 1], STREET),
    ]
    return read_network(write_osm(folder / "square.osm", SQUARE, ways), "car")


def arcs_of(network: RoadNetwork) -> set[tuple[int, int]]:
    ids = network.node_osm_id
    return {(int(a), int(b)) for a, b in zip(ids[network.tail], ids[network.head], strict=True)}


def test_only_junctions_become_nodes_and_the_shape_stays(tmp_path: Path) -> None:
    network = square(tmp_path)
    assert set(network.node_osm_id.tolist()) == {1, 2, 3, 4}
    assert arcs_of(network) == {(a, b) for a, b in [(1, 2), (2, 3), (3, 4), (4, 1)]} | {
        (b, a) for a, b in [(1, 2), (2, 3), (3, 4), (4, 1)]
    }
    (south,) = [
        arc
        for arc in range(network.arc_count)
        if network.node_osm_id[[network.tail[arc], network.head[arc]]].tolist() == [2, 1]
    ]
    assert network.line(south).tolist() == [[0.001, 0.0], [0.0005, 0.0], [0.0, 0.0]]
    assert network.names[network.line_name[network.arc_line[south]]] == "South Street"


def test_seconds_are_length_over_class_speed(tmp_path: Path) -> None:
    network = square(tmp_path)
    expected = STEP_METERS / (CAR_KMH["residential"] / 3.6)
    assert network.decimeters.tolist() == [1112] * 8
    assert network.deciseconds.tolist() == [round(expected * 10)] * 8


def test_a_one_way_round_has_no_arc_back(tmp_path: Path) -> None:
    ring = ([1, 2, 3, 4, 1], {"highway": "residential", "junction": "roundabout"})
    spokes = [([node, node + 10], STREET) for node in (1, 2, 3, 4)]
    spots = {**SQUARE, 11: (-1, 0), 12: (2, 0), 13: (2, 1), 14: (-1, 1)}
    network = read_network(write_osm(tmp_path / "ring.osm", spots, [ring, *spokes]), "car")
    around = {(1, 2), (2, 3), (3, 4), (4, 1)}
    assert around <= arcs_of(network)
    assert not {(b, a) for a, b in around} & arcs_of(network)


def test_a_dead_end_one_way_is_left_out(tmp_path: Path) -> None:
    ways = [([1, 2], STREET), ([2, 3], {**STREET, "oneway": "yes"})]
    network = read_network(write_osm(tmp_path / "trap.osm", SQUARE, ways), "car")
    assert set(network.node_osm_id.tolist()) == {1, 2}


def test_a_bollard_parts_a_street_for_cars_but_not_for_feet(tmp_path: Path) -> None:
    spots = {1: (0, 0), 2: (1, 0), 3: (2, 0)}
    path = write_osm(
        tmp_path / "bollard.osm",
        spots,
        [([1, 2, 3], STREET)],
        node_tags={2: {"barrier": "bollard"}},
    )
    car, foot = read_network(path, "car"), read_network(path, "foot")
    assert car.component_sizes == (2, 2)
    assert foot.component_sizes == (2,)


def test_each_island_keeps_its_own_component(tmp_path: Path) -> None:
    spots = {**SQUARE, 21: (50, 0), 22: (51, 0)}
    ways = [([1, 2], STREET), ([2, 3], STREET), ([21, 22], STREET)]
    network = read_network(write_osm(tmp_path / "islands.osm", spots, ways), "car")
    assert network.component_sizes == (3, 2)
    assert (network.component[network.tail] == network.component[network.head]).all()


def test_a_long_street_stays_one_arc_each_way(tmp_path: Path) -> None:
    spots = {number: (float(number), 0.0) for number in range(11)}
    path = write_osm(tmp_path / "long.osm", spots, [(list(spots), STREET)])
    network = read_network(path, "car")
    assert network.decimeters.tolist() == [11_120] * 2
    assert network.turn_arc.tolist() == [1, 0]  # back again, at the dead ends only


def test_a_loop_of_one_way_keeps_both_its_halves(tmp_path: Path) -> None:
    ways = [([1, 2, 3, 4, 1], STREET), ([1, 6], STREET)]
    path = write_osm(tmp_path / "loop.osm", {**SQUARE, 6: (-1, 0)}, ways)
    network = read_network(path, "car")
    assert network.decimeters.sum() == pytest.approx(2 * 5 * 10 * STEP_METERS, abs=10)


def test_a_missing_node_parts_a_way_instead_of_failing(tmp_path: Path) -> None:
    ways = [([1, 2, 99, 3, 4], STREET), ([2, 3], STREET)]
    network = read_network(write_osm(tmp_path / "clipped.osm", SQUARE, ways), "car")
    assert set(network.node_osm_id.tolist()) == {1, 2, 3, 4}


def test_a_saved_network_comes_back_equal(tmp_path: Path) -> None:
    network = square(tmp_path)
    save_network(network, tmp_path / "kept")
    again = load_network(tmp_path / "kept", "car")
    assert again.content_hash == network.content_hash
    assert (again.name, again.attribution, again.names) == (
        network.name,
        network.attribution,
        network.names,
    )


def test_the_second_reading_comes_from_the_kept_network(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "a.osm", SQUARE, [([1, 2, 3], STREET)])
    said: list[str] = []

    def listen(message: str, _fraction: float) -> None:
        said.append(message)

    kept = tmp_path / "kept"
    first = read_network(RoadSource(path=path, cache_folder=kept), "car", progress=listen)
    assert "Read the kept network" not in said
    second = read_network(RoadSource(path=path, cache_folder=kept), "car", progress=listen)
    assert "Read the kept network" in said
    assert second.content_hash == first.content_hash
    path.write_text(path.read_text().replace("residential", "primary"))
    third = read_network(RoadSource(path=path, cache_folder=kept), "car")
    assert third.classes == ("primary",)


def test_a_network_without_a_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"gone\.osm"):
        read_network(tmp_path / "gone.osm", "car")
    with pytest.raises(NotFound, match="No car network"):
        load_network(tmp_path, "car")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00\x00\x00\x0e\n\tOSMHeader\x18\xff\xff"])
def test_what_is_no_extract_is_refused_with_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.osm\.pbf"):
        read_network(path, "car")


def test_an_extract_cut_short_is_refused(tmp_path: Path) -> None:
    from data.roads.extracts import helsinki_pbf

    path = tmp_path / "short.osm.pbf"
    path.write_bytes(helsinki_pbf().read_bytes()[:300_000])
    with pytest.raises(InputError, match="cannot be read to its end"):
        read_network(path, "car")


def test_a_file_without_roads_says_so(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "empty.osm", SQUARE, [([1, 2], {"building": "yes"})])
    with pytest.raises(InputError, match="no road for car"):
        read_network(path, "car")


def test_roads_that_never_connect_both_ways_say_so(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "away.osm", SQUARE, [([1, 2], {**STREET, "oneway": "yes"})])
    with pytest.raises(InputError, match="driven round"):
        read_network(path, "car")


def test_a_damaged_kept_network_is_named(tmp_path: Path) -> None:
    saved = save_network(square(tmp_path), tmp_path / "kept")
    saved.write_bytes(saved.read_bytes()[:500])
    with pytest.raises(InputError, match="kept car network"):
        load_network(tmp_path / "kept", "car")


def test_arrays_of_a_network_cannot_be_changed(tmp_path: Path) -> None:
    network = square(tmp_path)
    with pytest.raises(ValueError, match="read-only"):
        network.deciseconds[0] = 1
    assert np.isfinite(network.lonlat).all()
