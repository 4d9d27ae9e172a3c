"""Signals, signs, gates and toll booths: who waits, where, and once."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.roads import RoadNetwork
from data.roads.build import build_network
from data.roads.profile import CAR_KMH, Profile, profile_for
from data.roads.ways import read_ways
from tests.data.roads.small import STEP_METERS, write_osm

STREET = {"highway": "residential"}
SIGNAL = {"highway": "traffic_signals"}
WAITING = replace(
    profile_for("car"),
    turn_seconds=0.0,
    signal_seconds=100.0,
    stop_seconds=40.0,
    give_way_seconds=30.0,
    gate_seconds=20.0,
    toll_seconds=10.0,
)


def network_of(
    folder: Path,
    spots: dict[int, tuple[float, float]],
    ways: list[tuple[list[int], dict[str, str]]],
    node_tags: dict[int, dict[str, str]],
    profile: Profile = WAITING,
) -> RoadNetwork:
    path = write_osm(folder / "waits.osm", spots, ways, node_tags=node_tags)
    return build_network(read_ways(path, "car", profile=profile), mode="car", name="waits")


def waited(network: RoadNetwork, start: int, end: int) -> float:
    """Seconds an arc takes longer than its length at the speed of a residential street."""
    ids = network.node_osm_id
    (arc,) = np.flatnonzero((ids[network.tail] == start) & (ids[network.head] == end)).tolist()
    plain = network.decimeters[arc] / 10 / (CAR_KMH["residential"] / 3.6)
    return float(np.round(network.deciseconds[arc] / 10 - plain))


def turn_seconds(network: RoadNetwork, start: int, over: int, end: int) -> float:
    ids = network.node_osm_id
    (arc,) = np.flatnonzero((ids[network.tail] == start) & (ids[network.head] == over)).tolist()
    turns = range(network.turn_first[arc], network.turn_first[arc + 1])
    (cost,) = [
        network.turn_deciseconds[turn] / 10
        for turn in turns
        if ids[network.head[network.turn_arc[turn]]] == end
    ]
    return float(cost)


#     4
#     |
# 1 - 5 - 2 - 6 - 3     5 and 6 may carry something, 2 is the junction
SPOTS = {1: (0, 0), 5: (0.9, 0), 2: (1, 0), 6: (1.1, 0), 3: (2, 0), 4: (1, 1)}
WAYS = [([1, 5, 2], STREET), ([2, 6, 3], STREET), ([2, 4], STREET)]


def test_a_signal_on_the_junction_is_paid_in_turning_there(tmp_path: Path) -> None:
    network = network_of(tmp_path, SPOTS, WAYS, {2: SIGNAL})
    assert turn_seconds(network, 1, 2, 3) == turn_seconds(network, 4, 2, 1) == 100
    assert waited(network, 1, 2) == waited(network, 2, 1) == 0


def test_a_signal_at_a_stop_line_is_met_by_those_who_have_the_junction_ahead(
    tmp_path: Path,
) -> None:
    network = network_of(tmp_path, SPOTS, WAYS, {5: SIGNAL, 6: SIGNAL})
    assert (waited(network, 1, 2), waited(network, 2, 1)) == (100, 0)
    assert (waited(network, 3, 2), waited(network, 2, 3)) == (100, 0)
    assert turn_seconds(network, 1, 2, 3) == 0


def test_a_signal_says_itself_for_whom_it_is(tmp_path: Path) -> None:
    back = {**SIGNAL, "traffic_signals:direction": "backward"}
    network = network_of(tmp_path, SPOTS, WAYS, {5: back})
    assert (waited(network, 1, 2), waited(network, 2, 1)) == (0, 100)


def test_stop_lines_and_the_junction_they_belong_to_are_waited_at_once(tmp_path: Path) -> None:
    network = network_of(tmp_path, SPOTS, WAYS, {5: SIGNAL, 2: SIGNAL, 6: SIGNAL})
    assert waited(network, 1, 2) == waited(network, 2, 3) == 0
    assert turn_seconds(network, 1, 2, 3) == 100


def test_signals_on_both_carriageways_are_waited_at_once(tmp_path: Path) -> None:
    """Two junctions 22 m apart, both with signals: 1 - 2 - 3 - 4, side streets at 2 and 3."""
    spots = {1: (0, 0), 2: (1, 0), 3: (1.2, 0), 4: (2, 0), 5: (1, 1), 6: (1.2, 1)}
    ways = [
        ([1, 2], STREET),
        ([2, 3], STREET),
        ([3, 4], STREET),
        ([2, 5], STREET),
        ([3, 6], STREET),
    ]
    network = network_of(tmp_path, spots, ways, {2: SIGNAL, 3: SIGNAL})
    assert turn_seconds(network, 1, 2, 3) + turn_seconds(network, 2, 3, 4) == 100
    assert turn_seconds(network, 4, 3, 2) + turn_seconds(network, 3, 2, 1) == 100


def test_a_signal_far_from_any_junction_stops_both_ways(tmp_path: Path) -> None:
    spots = {**SPOTS, 5: (0.5, 0)}
    network = network_of(tmp_path, spots, WAYS, {5: SIGNAL})
    assert waited(network, 1, 2) == waited(network, 2, 1) == 100


@pytest.mark.parametrize(
    ("tags", "there", "back"),
    [
        ({"highway": "stop"}, 40, 0),
        ({"highway": "stop", "direction": "backward"}, 0, 40),
        ({"highway": "give_way"}, 30, 0),
        ({"barrier": "gate"}, 20, 20),
        ({"barrier": "lift_gate", "access": "destination"}, 20, 20),
        ({"barrier": "toll_booth"}, 10, 10),
        ({"highway": "crossing"}, 0, 0),
    ],
)
def test_signs_gates_and_booths_cost_their_time(
    tmp_path: Path, tags: dict[str, str], there: float, back: float
) -> None:
    network = network_of(tmp_path, SPOTS, WAYS, {5: tags})
    assert (waited(network, 1, 2), waited(network, 2, 1)) == (there, back)


def test_a_sign_on_the_junction_is_met_by_all_who_come(tmp_path: Path) -> None:
    network = network_of(tmp_path, SPOTS, WAYS, {2: {"highway": "stop", "stop": "all"}})
    assert waited(network, 1, 2) == waited(network, 4, 2) == 40
    assert waited(network, 2, 1) == waited(network, 2, 4) == 0


def test_a_locked_gate_lets_nobody_through(tmp_path: Path) -> None:
    network = network_of(tmp_path, SPOTS, WAYS, {5: {"barrier": "gate", "locked": "yes"}})
    at = {
        int(node): int(part)
        for node, part in zip(network.node_osm_id, network.component, strict=True)
    }
    assert at[1] != at[2] == at[3]


def test_through_traffic_pays_for_a_road_that_is_for_visitors(tmp_path: Path) -> None:
    """1 - 2 - 3 - 4 where only 2 - 3 is for visitors: through it costs all, to it half."""
    spots = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (3, 0)}
    local = {**STREET, "motor_vehicle": "destination"}
    ways = [([1, 2], STREET), ([2, 3], local), ([3, 4], STREET)]
    network = network_of(tmp_path, spots, ways, {}, replace(WAITING, through_seconds=60.0))
    assert turn_seconds(network, 1, 2, 3) == turn_seconds(network, 2, 3, 4) == 30


def test_directions_are_taken_over_some_metres_not_over_the_first_kink(tmp_path: Path) -> None:
    """The street to the north leaves node 2 with a kink of 1 m to the east."""
    spots = {**SPOTS, 7: (1.01, 0)}
    ways = [*WAYS[:2], ([2, 7, 4], STREET)]
    profile = Profile(mode="car", class_kmh=CAR_KMH, turn_seconds=8.0)
    kinked = network_of(tmp_path, spots, ways, {}, profile)
    straight = network_of(tmp_path, SPOTS, WAYS, {}, profile)
    for come in (1, 3):
        assert turn_seconds(kinked, come, 2, 4) == pytest.approx(
            turn_seconds(straight, come, 2, 4), abs=1.0
        )
    assert turn_seconds(straight, 1, 2, 4) == pytest.approx(4.0, abs=0.1)


def test_lengths_stay_what_they_are_wherever_one_waits(tmp_path: Path) -> None:
    network = network_of(tmp_path, SPOTS, WAYS, {5: SIGNAL, 2: SIGNAL})
    assert network.decimeters.sum() == pytest.approx(2 * 3 * 10 * STEP_METERS, abs=10)
