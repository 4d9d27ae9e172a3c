"""Turn restrictions: what their relations say, and that no drive breaks one."""

from pathlib import Path

import numpy as np
import pytest

from data.roads import RoadNetwork, read_network
from data.roads.restrictions import Restriction, read_restriction
from tests.data.roads.driving import drives, plain_drives, steps, turning
from tests.data.roads.small import write_osm
from tests.data.roads.traffic_law import offences, read_law
from tests.shared import shared_path

STREET = {"highway": "residential"}
FROM, NODE, TO = ("way", "from", 1), ("node", "via", 2), ("way", "to", 3)
TOLD = [("w", "from", 1), ("n", "via", 2), ("w", "to", 3)]


def rule(**tags: str) -> dict[str, str]:
    return {"type": "restriction"} | {key.replace("__", ":"): value for key, value in tags.items()}


def test_a_whole_relation_is_read() -> None:
    assert read_restriction(7, rule(restriction="no_left_turn"), TOLD, "car") == Restriction(
        relation_id=7, kind="no_left_turn", from_ways=(1,), to_ways=(3,), via_node=2
    )
    over = [("w", "from", 1), ("w", "via", 4), ("w", "via", 5), ("w", "to", 3)]
    found = read_restriction(7, rule(restriction="only_u_turn"), over, "car")
    assert isinstance(found, Restriction)
    assert (found.via_node, found.via_ways, found.is_only) == (None, (4, 5), True)


@pytest.mark.parametrize(
    ("tags", "mode", "said"),
    [
        (
            rule(restriction="no_left_turn", **{"except": "psv;motorcar"}),
            "car",
            "not for this mode",
        ),
        (rule(restriction="no_left_turn", **{"except": "bicycle"}), "bicycle", "not for this mode"),
        (rule(restriction="no_left_turn"), "foot", "not for this mode"),
        (rule(restriction__hgv="no_left_turn"), "car", "not for this mode"),
        (rule(restriction="no_left_turn", hour_on="07:00"), "car", "only at certain hours"),
        (
            rule(restriction__conditional="no_left_turn @ (Mo-Fr 07:00-09:00)"),
            "car",
            "only at certain hours",
        ),
        (rule(restriction="no_right_turn_on_red"), "car", "unknown kind"),
    ],
)
def test_what_does_not_bind_the_mode_at_any_hour_is_left_out(
    tags: dict[str, str], mode: str, said: str
) -> None:
    assert read_restriction(7, tags, TOLD, mode) == said  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tags", "mode", "kind"),
    [
        (rule(restriction="no_left_turn"), "bicycle", "no_left_turn"),
        (rule(restriction__motorcar="no_u_turn", restriction="no_entry"), "car", "no_u_turn"),
        (rule(restriction__conditional="no_left_turn @ (24/7)"), "car", "no_left_turn"),
        (rule(restriction="no_left_turn", **{"except": "psv"}), "car", "no_left_turn"),
    ],
)
def test_the_most_particular_key_speaks(tags: dict[str, str], mode: str, kind: str) -> None:
    found = read_restriction(7, tags, TOLD, mode)  # type: ignore[arg-type]
    assert isinstance(found, Restriction)
    assert found.kind == kind


@pytest.mark.parametrize("members", [TOLD[1:], TOLD[:1] + TOLD[2:], TOLD[:2], [*TOLD, TOLD[1]]])
def test_a_relation_that_lacks_a_part_or_doubles_its_via_is_left_out(
    members: list[tuple[str, str, int]],
) -> None:
    assert read_restriction(7, rule(restriction="no_left_turn"), members, "car") in (
        "incomplete",
        "unclear via",
    )


CROSS = {1: (0, 1), 2: (1, 1), 3: (2, 1), 4: (1, 2), 5: (1, 0), 6: (0, 2), 7: (2, 2), 8: (2, 0)}


def cross(
    folder: Path, *relations: tuple[list[tuple[str, str, int]], dict[str, str]]
) -> RoadNetwork:
    """Ways 1 to 4 meet in node 2; ways 5 to 8 close the loops.

    6 -5- 4 -6- 7
    |     3     |
    1 -1- 2 -2- 3
    |     4     |
    .  8  5 -7- 8
    """
    ways = [
        ([1, 2], STREET),
        ([2, 3], STREET),
        ([2, 4], STREET),
        ([2, 5], STREET),
        ([1, 6, 4], STREET),
        ([4, 7, 3], STREET),
        ([3, 8, 5], STREET),
        ([5, 1], STREET),
    ]
    return read_network(write_osm(folder / "cross.osm", CROSS, ways, relations=relations), "car")


def turns_at(network: RoadNetwork, way: int, node: int) -> set[int]:
    """The ways that may be taken at a node from a way's own arc (not its copies)."""
    ids = network.node_osm_id
    way_of = network.line_way_id[network.arc_line]
    found: set[int] = set()
    for arc in np.flatnonzero((way_of == way) & (ids[network.head] == node) & ~network.arc_is_copy):
        after = network.turn_arc[network.turn_first[arc] : network.turn_first[arc + 1]]
        found |= set(way_of[after].tolist())
    return found


def test_without_a_restriction_all_ways_on_are_open(tmp_path: Path) -> None:
    network = cross(tmp_path)
    assert turns_at(network, 1, 2) == {2, 3, 4}
    assert network.restrictions == {}


def test_a_no_turn_closes_one_way_on_and_only_that(tmp_path: Path) -> None:
    told = ([FROM, NODE, TO], rule(restriction="no_left_turn"))
    network = cross(tmp_path, told)
    assert turns_at(network, 1, 2) == {2, 4}
    assert turns_at(network, 2, 2) == {1, 3, 4}
    assert network.restrictions == {"read": 1, "applied": 1}
    assert not network.arc_is_copy.any()


def test_an_only_turn_leaves_one_way_on(tmp_path: Path) -> None:
    network = cross(tmp_path, ([FROM, NODE, TO], rule(restriction="only_left_turn")))
    assert turns_at(network, 1, 2) == {3}
    assert turns_at(network, 2, 2) == {1, 3, 4}


def test_two_only_turns_allow_what_either_names(tmp_path: Path) -> None:
    network = cross(
        tmp_path,
        ([FROM, NODE, TO], rule(restriction="only_left_turn")),
        ([FROM, NODE, ("way", "to", 2)], rule(restriction="only_straight_on")),
    )
    assert turns_at(network, 1, 2) == {2, 3}


def test_no_entry_may_name_several_ways_that_come(tmp_path: Path) -> None:
    members = [FROM, ("way", "from", 2), NODE, TO]
    network = cross(tmp_path, (members, rule(restriction="no_entry")))
    assert turns_at(network, 1, 2) == {2, 4}
    assert turns_at(network, 2, 2) == {1, 4}
    assert turns_at(network, 4, 2) == {1, 2, 3}


def test_a_restriction_on_a_way_that_runs_on_is_settled_by_the_turns_name(tmp_path: Path) -> None:
    """Way 1 runs through node 2 from west to east; left of who comes from the west is way 2."""
    ways = [([1, 2, 3], STREET), ([2, 4], STREET), ([1, 6, 4], STREET), ([4, 7, 3], STREET)]
    told = ([FROM, NODE, ("way", "to", 2)], rule(restriction="no_left_turn"))
    path = write_osm(tmp_path / "through.osm", CROSS, ways, relations=[told])
    network = read_network(path, "car")
    ids = network.node_osm_id
    may = set()
    for arc in np.flatnonzero(ids[network.head] == 2).tolist():
        for after in network.turn_arc[
            network.turn_first[arc] : network.turn_first[arc + 1]
        ].tolist():
            may.add((int(ids[network.tail[arc]]), int(ids[network.head[after]])))
    assert (1, 4) not in may
    assert {(1, 3), (3, 1), (3, 4), (4, 1), (4, 3)} <= may


def test_a_restriction_against_a_one_way_needs_no_ban(tmp_path: Path) -> None:
    ways = [([1, 2], STREET), ([2, 3], STREET), ([4, 2], {**STREET, "oneway": "yes"})]
    ways += [([1, 4], STREET), ([3, 1], STREET)]
    told = ([FROM, NODE, TO], rule(restriction="no_left_turn"))
    network = read_network(write_osm(tmp_path / "a.osm", CROSS, ways, relations=[told]), "car")
    assert network.restrictions == {"read": 1, "cannot be driven anyway": 1}


def test_a_ban_over_a_way_binds_only_who_came_over_the_way_before(tmp_path: Path) -> None:
    members = [FROM, ("way", "via", 3), ("way", "to", 6)]
    network = cross(tmp_path, (members, rule(restriction="no_right_turn")))
    ids = network.node_osm_id
    way_of = network.line_way_id[network.arc_line]
    (copy,) = np.flatnonzero(network.arc_is_copy).tolist()
    assert (way_of[copy], ids[network.tail[copy]], ids[network.head[copy]]) == (3, 2, 4)
    after = network.turn_arc[network.turn_first[copy] : network.turn_first[copy + 1]]
    assert set(way_of[after].tolist()) == {5}
    assert turns_at(network, 3, 4) == {5, 6}
    law = read_law(tmp_path / "cross.osm", set(steps(network, list(range(network.arc_count)))))
    assert law.no_ways == [(1, frozenset({3}), 6)]
    own = np.flatnonzero(~network.arc_is_copy)
    routes = [steps(network, arcs) for arcs in drives(network, own, own)]
    assert len(routes) == len(own) ** 2
    assert not [route for route in routes if offences(law, route)]


def test_an_only_turn_over_a_way_forces_the_turn_after_it(tmp_path: Path) -> None:
    members = [FROM, ("way", "via", 3), ("way", "to", 6)]
    network = cross(tmp_path, (members, rule(restriction="only_right_turn")))
    way_of = network.line_way_id[network.arc_line]
    (copy,) = np.flatnonzero(network.arc_is_copy).tolist()
    after = network.turn_arc[network.turn_first[copy] : network.turn_first[copy + 1]]
    assert set(way_of[after].tolist()) == {6}
    assert turns_at(network, 3, 4) == {5, 6}


def test_a_bicycle_obeys_and_a_walker_does_not(tmp_path: Path) -> None:
    cross(tmp_path, ([FROM, NODE, TO], rule(restriction="no_left_turn")))
    assert turns_at(read_network(tmp_path / "cross.osm", "bicycle"), 1, 2) == {2, 4}
    assert turns_at(read_network(tmp_path / "cross.osm", "foot"), 1, 2) == {1, 2, 3, 4}


def test_access_by_the_hour_is_counted_but_not_read(tmp_path: Path) -> None:
    hours = {**STREET, "motor_vehicle:conditional": "no @ (07:00-10:00)"}
    ways = [([1, 2], hours), ([2, 3], STREET)]
    network = read_network(write_osm(tmp_path / "hours.osm", CROSS, ways), "car")
    assert network.restrictions == {"access by the hour, not read": 1}
    assert network.arc_count == 4


@pytest.mark.shared
def test_the_forbidden_left_at_the_cathedral_is_never_driven() -> None:
    path = shared_path("geo", "tiny", "turn_restriction_no_left.osm.pbf")
    judge_every_restriction(path)


@pytest.mark.shared
def test_the_turn_back_over_two_ways_at_reisterstown_is_never_driven() -> None:
    path = shared_path("geo", "tiny", "turn_restriction_via_way.osm.pbf")
    network = judge_every_restriction(path)
    law = read_law(path, set(steps(network, list(range(network.arc_count)))))
    ((come, between, go),) = law.no_ways
    way = network.line_way_id[network.arc_line]
    own = ~network.arc_is_copy
    starts, ends = (np.flatnonzero(own & (way == number)) for number in (come, go))
    free = [steps(network, arcs) for arcs in plain_drives(network, starts, ends)]
    free = [[(come, 0, 0), *route, (go, 0, 0)] for route in free]
    assert any({step[0] for step in route[1:-1]} == set(between) for route in free)
    for arcs in drives(network, starts, ends):
        assert not offences(law, steps(network, arcs))


def judge_every_restriction(path: Path) -> RoadNetwork:
    """Drive from every arc a restriction begins with to every one it names as its end."""
    network = read_network(path, "car")
    law = read_law(path, set(steps(network, list(range(network.arc_count)))))
    driven = steps(network, list(range(network.arc_count)))
    graph = turning(network)
    before = np.repeat(np.arange(network.arc_count), np.diff(graph.indptr)).tolist()
    pairs = zip(before, graph.indices.tolist(), strict=True)
    broken = [(a, b) for a, b in pairs if offences(law, [driven[a], driven[b]])]
    assert len(law.no_node) > 15
    assert broken == []
    rng = np.random.default_rng(4)
    own = np.flatnonzero(~network.arc_is_copy)
    starts, ends = rng.choice(own, 25), rng.choice(own, 40)
    assert not [
        arcs for arcs in drives(network, starts, ends) if offences(law, steps(network, arcs))
    ]
    free = [steps(network, arcs) for arcs in plain_drives(network, starts, ends)]
    assert sum(bool(offences(law, route)) for route in free) > len(free) / 100
    return network


@pytest.mark.shared
@pytest.mark.parametrize(
    ("parts", "least_percent"),
    [
        (("geo", "porto", "porto_portugal.osm.pbf"), 1.0),
        (("geo", "malta", "malta-2018.osm.pbf"), 1.0),
    ],
)
def test_of_three_thousand_drives_none_breaks_a_restriction_but_plain_ones_do(
    parts: tuple[str, ...], least_percent: float
) -> None:
    path = shared_path(*parts)
    network = read_network(path, "car")
    law = read_law(path, set(steps(network, list(range(network.arc_count)))))
    rng = np.random.default_rng(3)
    own = np.flatnonzero(~network.arc_is_copy & (network.component[network.tail] == 0))
    starts, ends = rng.choice(own, 100), rng.choice(own, (100, 30))
    routes = [steps(network, arcs) for arcs in drives(network, starts, ends)]
    assert len(routes) == 3_000
    assert sum(bool(offences(law, route)) for route in routes) == 0
    free = [steps(network, arcs) for arcs in plain_drives(network, starts, ends)]
    broken = sum(bool(offences(law, route)) for route in free)
    assert broken > least_percent / 100 * len(free)
