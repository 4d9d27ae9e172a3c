"""What a network keeps of the ways it was made of, and how it numbers that."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.roads import RoadNetwork
from data.roads.build import build_network
from data.roads.network import CUT_OFF, NO_ACCESS
from data.roads.profile import profile_for
from data.roads.ways import read_ways
from tests.data.roads.driving import turning
from tests.data.roads.small import Relations, Ways, write_osm
from tests.shared import shared_path

STREET = {"highway": "residential"}
ONE_WAY = {**STREET, "oneway": "yes"}


def network_of(
    folder: Path,
    spots: dict[int, tuple[float, float]],
    ways: Ways,
    relations: Relations = (),
    node_tags: dict[int, dict[str, str]] | None = None,
) -> RoadNetwork:
    path = write_osm(folder / "a.osm", spots, ways, relations=relations, node_tags=node_tags)
    return build_network(read_ways(path, "car"), mode="car", name="a")


def closed_lines(network: RoadNetwork) -> list[tuple[int, list[tuple[float, float]]]]:
    """Each closed line: why, and its points in thousandths of a degree."""
    offset = network.closed_offset.tolist()
    return [
        (int(why), [(round(x * 1e3, 3), round(y * 1e3, 3)) for x, y in network.closed_lonlat[a:b]])
        for why, a, b in zip(network.closed_why, offset, offset[1:], strict=False)
    ]


SPOTS = {n: (float(n % 4), float(n // 4)) for n in range(1, 16)}


def test_private_roads_are_told_as_closed_and_footways_are_not(tmp_path: Path) -> None:
    ways = [
        ([1, 2, 3], STREET),
        ([2, 6, 10], {"highway": "service", "access": "private"}),
        ([3, 7], {"highway": "footway", "access": "private"}),
    ]
    network = network_of(tmp_path, SPOTS, ways)
    assert closed_lines(network) == [(NO_ACCESS, [(2, 0), (2, 2)])]  # 6 lies on the way and goes


def test_what_lies_behind_a_bollard_is_told_as_cut_off(tmp_path: Path) -> None:
    """Ten streets hold together; the spur 11 - 15 is left behind the bollard on 11."""
    ring = [([a, b], STREET) for a, b in ((1, 2), (2, 3), (3, 7), (7, 6), (6, 5), (5, 1), (2, 6))]
    spur = [([7, 11, 15], STREET)]
    ways: Ways = [*ring, *spur, *_comb(2_000)]
    spots = SPOTS | _comb_spots(2_000)
    network = network_of(tmp_path, spots, ways, node_tags={11: {"barrier": "bollard"}})
    assert 15 not in network.node_osm_id
    assert closed_lines(network) == [(CUT_OFF, [(3, 2), (3, 3)])]


def _comb_spots(count: int) -> dict[int, tuple[float, float]]:
    return {100 + n: (0.0, -1.0 - n) for n in range(count)}


def _comb(count: int) -> Ways:
    """A long street south from node 1, so that a spur of two arcs is too small to keep."""
    chain = [([100 + n, 101 + n], STREET) for n in range(count - 1)]
    return [([1, 100], STREET), *chain]


def test_a_dead_end_of_one_way_streets_is_cut_off(tmp_path: Path) -> None:
    ways = [([1, 2], STREET), ([2, 3], STREET), ([3, 7], ONE_WAY)]
    network = network_of(tmp_path, SPOTS, ways)
    assert set(network.node_osm_id.tolist()) == {1, 2, 3}
    assert [why for why, _ in closed_lines(network)] == [CUT_OFF]


def test_a_large_part_without_a_way_back_is_a_component_of_its_own(tmp_path: Path) -> None:
    """1 - 2 - 3 lead one-way to 7 - 11 - 15."""
    ways = [([1, 2], STREET), ([2, 3], STREET), ([3, 7], ONE_WAY), ([7, 11], STREET)]
    network = network_of(tmp_path, SPOTS, [*ways, ([11, 15], STREET)])
    at = dict(zip(network.node_osm_id.tolist(), network.component.tolist(), strict=True))
    assert at[1] == at[2] == at[3] != at[7] == at[11] == at[15]
    assert network.arc_count == 8
    assert [why for why, _ in closed_lines(network)] == [CUT_OFF]


def test_turning_back_is_for_dead_ends_only(tmp_path: Path) -> None:
    ways = [([1, 2], STREET), ([2, 3], STREET), ([2, 6], STREET)]
    network = network_of(tmp_path, SPOTS, ways)
    back = set()
    before = np.repeat(np.arange(network.arc_count), np.diff(network.turn_first))
    for arc, after in zip(before.tolist(), network.turn_arc.tolist(), strict=True):
        if network.tail[arc] == network.head[after]:
            back.add(int(network.node_osm_id[network.head[arc]]))
    assert back == {1, 3, 6}


def test_an_arc_reached_by_its_copy_alone_can_still_be_started_from(tmp_path: Path) -> None:
    """One comes to way 2 over way 1 only, so that every way in leads to the copy.

    1 -1- 2 -2> 3 -4- 7     5 closes the round to 1, 3 goes south from 3
    """
    spots = SPOTS | {20: (3.0, -1.0)}
    ways = [
        ([1, 2], ONE_WAY),
        ([2, 3], ONE_WAY),
        ([3, 20], STREET),
        ([3, 7], STREET),
        ([7, 5, 1], STREET),
        ([20, 1], STREET),
    ]
    members = [("way", "from", 1), ("way", "via", 2), ("way", "to", 3)]
    told = (members, {"type": "restriction", "restriction": "no_right_turn"})
    network = network_of(tmp_path, spots, ways, [told])
    way = network.line_way_id[network.arc_line]
    (own,) = np.flatnonzero((way == 2) & ~network.arc_is_copy)
    (copy,) = np.flatnonzero(network.arc_is_copy)
    assert own not in network.turn_arc
    onward = {
        int(way[after])
        for after in network.turn_arc[network.turn_first[own] : network.turn_first[own + 1]]
    }
    assert onward == {3, 4}
    assert copy in network.turn_arc
    assert len(network.component_sizes) == 1


@pytest.mark.shared
def test_the_ferry_joins_gozo_to_malta_where_it_is_asked_for() -> None:
    path = shared_path("geo", "malta", "malta-2018.osm.pbf")
    sailing = profile_for("car", "MT", ferries=True)
    network = build_network(read_ways(path, "car", profile=sailing), mode="car", name="malta")
    aground = build_network(read_ways(path, "car"), mode="car", name="malta")
    assert len(aground.component_sizes) == 2
    assert network.component_sizes[0] >= sum(aground.component_sizes)
    crossing = np.flatnonzero(network.arc_class() == network.classes.index("ferry"))
    assert network.decimeters[crossing].sum() > 2 * 4_000 * 10  # 4 km and more, each way
    boards = network.turn_deciseconds[np.isin(network.turn_arc, crossing)]
    assert boards.max() >= 10 * sailing.boarding_seconds


def times(network: RoadNetwork, lonlats: list[tuple[float, float]]) -> list[list[float]]:
    """Tenths of a second from any arc out of one spot to any into another, by SciPy."""
    from scipy.sparse.csgraph import dijkstra

    graph = turning(network)
    spot = {
        tuple(point): number for number, point in enumerate(np.round(network.lonlat, 7).tolist())
    }
    table = []
    for start in lonlats:
        out = np.flatnonzero((network.tail == spot[start]) & ~network.arc_is_copy)
        least = dijkstra(graph, indices=out).min(axis=0)
        row = []
        for end in lonlats:
            into = np.flatnonzero(network.head == spot[end])
            row.append(float((least[into] + network.deciseconds[into]).min()))
        table.append(row)
    return table


KINDS = [STREET, ONE_WAY, {"highway": "primary"}, {**STREET, "junction": "roundabout"}]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[tuple[list[int], dict[str, str]]], list[int]]:
    """Streets between the 15 spots that hold together, more ways at random, and new node ids."""
    base = [([n, n + 1], STREET) for n in range(1, 15)]
    pairs = st.tuples(st.integers(1, 15), st.integers(1, 15)).filter(
        lambda pair: pair[0] != pair[1]
    )
    more = draw(st.lists(st.tuples(pairs, st.sampled_from(KINDS)), max_size=12))
    names = draw(st.permutations(range(1, 16)))
    return [*base, *((list(pair), tags) for pair, tags in more)], list(names)


@settings(max_examples=40, deadline=None)
@given(world=worlds())
def test_new_ids_for_nodes_change_no_time(
    tmp_path_factory: pytest.TempPathFactory, world: tuple[list, list[int]]
) -> None:
    ways, names = world
    folder = tmp_path_factory.mktemp("world")
    members = [("way", "from", 2), ("node", "via", 3), ("way", "to", 3)]
    law = {"type": "restriction", "restriction": "no_straight_on"}
    plain = network_of(folder, SPOTS, ways, [(members, law)] if len(ways) > 16 else [])
    new = dict(zip(range(1, 16), names, strict=True))
    renamed_ways = [([new[ref] for ref in refs], tags) for refs, tags in ways]
    moved = [(kind, role, new[ref] if kind == "node" else ref) for kind, role, ref in members]
    renamed = network_of(
        folder,
        {new[node]: spot for node, spot in SPOTS.items()},
        renamed_ways,
        [(moved, law)] if len(ways) > 16 else [],
    )
    assert renamed.node_count == plain.node_count
    assert sorted(renamed.deciseconds) == sorted(plain.deciseconds)
    assert sorted(renamed.turn_deciseconds) == sorted(plain.turn_deciseconds)
    spots = [tuple(point) for point in np.round(plain.lonlat, 7).tolist()][:6]
    assert times(renamed, spots) == times(plain, spots)


@settings(max_examples=30, deadline=None)
@given(world=worlds())
def test_all_arcs_of_a_component_reach_one_another(
    tmp_path_factory: pytest.TempPathFactory, world: tuple[list, list[int]]
) -> None:
    from scipy.sparse.csgraph import connected_components

    network = network_of(tmp_path_factory.mktemp("world"), SPOTS, world[0])
    _, label = connected_components(turning(network), directed=True, connection="strong")
    own = ~network.arc_is_copy
    assert (network.component[network.tail] == network.component[network.head]).all()
    for part in np.unique(network.component):
        inside = own & (network.component[network.tail] == part)
        assert len(np.unique(label[inside])) == 1


def test_the_same_file_gives_the_same_network_twice(tmp_path: Path) -> None:
    ways = [([n, n + 1], STREET) for n in range(1, 15)]
    first, second = (network_of(tmp_path, SPOTS, ways) for _ in range(2))
    assert first.content_hash == second.content_hash
