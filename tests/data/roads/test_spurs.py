"""Driveways: those that lead through are roads, short dead ends are left out."""

from pathlib import Path

import numpy as np

from data.roads import RoadNetwork, read_network
from tests.data.roads.small import write_osm

STREET = {"highway": "residential"}
DRIVE = {"highway": "service", "service": "driveway"}
AISLE = {"highway": "service", "service": "parking_aisle"}

SPOTS = {
    1: (0.0, 0.0),
    2: (1.0, 0.0),
    3: (2.0, 0.0),
    4: (1.0, 0.5),
    5: (1.0, 0.9),
    6: (2.0, 0.9),
    7: (1.0, -3.0),
}


def network_of(folder: Path, *ways: tuple[list[int], dict[str, str]]) -> RoadNetwork:
    """1 - 2 - 3 is a street; 4 lies 56 m north of 2, 5 further 44 m, 7 far in the south."""
    path = write_osm(folder / "spurs.osm", SPOTS, [([1, 2, 3], STREET), *ways])
    return read_network(path, "car")


def test_short_dead_ends_are_left_out_and_cut_no_street(tmp_path: Path) -> None:
    network = network_of(tmp_path, ([2, 4], DRIVE))
    assert set(network.node_osm_id.tolist()) == {1, 3}
    assert network.arc_count == 2
    assert network.line_way_id.tolist() == [1]


def test_spurs_of_spurs_go_too(tmp_path: Path) -> None:
    network = network_of(tmp_path, ([2, 4], DRIVE), ([4, 5], AISLE))
    assert set(network.node_osm_id.tolist()) == {1, 3}


def test_what_leads_through_stays(tmp_path: Path) -> None:
    network = network_of(tmp_path, ([2, 4], DRIVE), ([4, 5], AISLE), ([5, 6, 3], STREET))
    assert set(network.line_way_id.tolist()) == {1, 2, 3, 4}


def test_what_leads_to_a_road_stays(tmp_path: Path) -> None:
    network = network_of(tmp_path, ([2, 4], DRIVE), ([4, 5], STREET))
    assert set(network.line_way_id.tolist()) == {1, 2, 3}


def test_a_long_drive_stays(tmp_path: Path) -> None:
    network = network_of(tmp_path, ([2, 7], DRIVE))
    assert set(network.line_way_id.tolist()) == {1, 2}
    speed = network.decimeters / network.deciseconds * 3.6
    assert np.round(speed.min()) == 8


def test_driveways_alone_are_a_network_all_the_same(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "yard.osm", SPOTS, [([2, 4], DRIVE)])
    assert read_network(path, "car").arc_count == 2
