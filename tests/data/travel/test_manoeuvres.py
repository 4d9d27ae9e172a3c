"""Steps of drives on hand-made roads."""

import numpy as np
import pytest

from data.roads import RoadNetwork, read_network
from data.roads.extracts import helsinki_pbf
from data.travel import road_travel
from territory.travel import Leg
from tests.data.travel.worlds import Street, grid, network_of


def told(leg: Leg) -> list[tuple[str, str]]:
    return [(step.manoeuvre, step.street) for step in leg.steps]


def drive(network: RoadNetwork, *spots: tuple[float, float]) -> Leg:
    (leg,) = road_travel(network).legs(grid(*spots))
    assert sum(step.seconds for step in leg.steps) == leg.seconds
    assert sum(step.meters for step in leg.steps) == leg.meters
    return leg


@pytest.fixture(scope="module")
def crossing() -> RoadNetwork:
    """Main Street from west to east through 0, High Street from south to north; both go on."""
    spots = {0: (0, 0), 1: (-2, 0), 2: (2, 0), 3: (0, -2), 4: (0, 2), 5: (4, 0)}
    streets = [
        Street(ends=(1, 0), name="Main Street"),
        Street(ends=(0, 2), name="Main Street"),
        Street(ends=(3, 0), name="High Street"),
        Street(ends=(0, 4), name="High Street"),
        Street(ends=(2, 5), name="East Street"),
    ]
    return network_of(spots, streets)


def test_straight_on_along_a_street_is_one_step(crossing: RoadNetwork) -> None:
    leg = drive(crossing, (-1, 0), (1, 0))
    assert told(leg) == [("depart", "Main Street"), ("arrive", "")]
    assert [step.meters for step in leg.steps] == [223, 0]
    assert leg.steps[0].lonlat == pytest.approx((-0.001, 0))
    assert leg.steps[1].lonlat == pytest.approx((0.001, 0))


def test_turns_are_named_by_their_side(crossing: RoadNetwork) -> None:
    right = drive(crossing, (-1, 0), (0, -1))
    assert told(right)[1:] == [("right", "High Street"), ("arrive", "")]
    assert right.steps[1].lonlat == pytest.approx((0, 0))
    left = drive(crossing, (-1, 0), (0, 1))
    assert told(left)[1:] == [("left", "High Street"), ("arrive", "")]


def test_a_place_at_the_crossing_is_left_and_reached_without_a_turn(
    crossing: RoadNetwork,
) -> None:
    # The crossing lies on Main Street, which has the lower way number.
    assert told(drive(crossing, (0, 0), (0, 1))) == [("depart", "High Street"), ("arrive", "")]
    assert told(drive(crossing, (0, 1), (0, 0))) == [("depart", "High Street"), ("arrive", "")]


def test_a_new_name_straight_on_is_told(crossing: RoadNetwork) -> None:
    leg = drive(crossing, (1, 0), (3, 0))
    assert told(leg) == [("depart", "Main Street"), ("continue", "East Street"), ("arrive", "")]


def test_the_walks_belong_to_the_first_and_the_last_step(crossing: RoadNetwork) -> None:
    leg = drive(crossing, (-1, 0.1), (1, -0.2))
    walks = road_travel(crossing).snap(grid((-1, 0.1), (1, -0.2))).meters
    assert leg.steps[0].meters == pytest.approx(222.4 + walks[0], abs=1)
    assert leg.steps[1].meters == pytest.approx(walks[1], abs=1)


def test_a_dead_end_is_left_by_a_u_turn() -> None:
    spots = {0: (0, 0), 1: (1, 0), 2: (2, 0)}
    lane = [Street(ends=(0, 1), name="Lane", is_oneway=True), Street(ends=(1, 2), name="Lane")]
    back = [Street(ends=(1, 0), over=((0.5, 0.5),), name="Back", is_oneway=True)]
    network = network_of(spots, lane + back, banned=[(0, 2)])
    leg = drive(network, (0.5, 0), (0.5, 0.5))
    assert told(leg) == [
        ("depart", "Lane"),
        ("U-turn", "Lane"),
        ("right", "Back"),
        ("arrive", ""),
    ]


@pytest.fixture(scope="module")
def roundabout() -> RoadNetwork:
    """A roundabout of four arms, driven anticlockwise: S (south), E, N, W."""
    ring = {0: (0, -0.3), 1: (0.3, 0), 2: (0, 0.3), 3: (-0.3, 0)}
    arms = {10: (0, -2), 11: (2, 0), 12: (0, 2), 13: (-2, 0)}
    circle = [
        Street(ends=(k, (k + 1) % 4), is_oneway=True, is_roundabout=True, name="Ring")
        for k in range(4)
    ]
    streets = [Street(ends=(10 + k, k), name=f"Arm {'SENW'[k]}") for k in range(4)]
    return network_of({**ring, **arms}, circle + streets)


@pytest.mark.parametrize(
    ("end", "arm", "exit_number"),
    [((1, 0), "Arm E", 1), ((0, 1), "Arm N", 2), ((-1, 0), "Arm W", 3)],
)
def test_a_roundabout_is_one_step_with_its_exit(
    roundabout: RoadNetwork, end: tuple[float, float], arm: str, exit_number: int
) -> None:
    leg = drive(roundabout, (0, -1), end)
    assert told(leg) == [("depart", "Arm S"), ("roundabout", arm), ("arrive", "")]
    assert leg.steps[1].exit_number == exit_number
    assert leg.steps[1].lonlat == pytest.approx((0, -0.0003))


def test_turning_round_at_a_roundabout_takes_its_fourth_exit(roundabout: RoadNetwork) -> None:
    one_way = [Street(ends=(20, 0), name="In", is_oneway=True)]
    ring = {0: (0, -0.3), 1: (0.3, 0), 2: (0, 0.3), 3: (-0.3, 0), 20: (-1, -2), 21: (1, -2)}
    circle = [Street(ends=(k, (k + 1) % 4), is_oneway=True, is_roundabout=True) for k in range(4)]
    out = [
        Street(ends=(0, 21), name="Out", is_oneway=True),
        Street(ends=(21, 20), name="Under", is_oneway=True),
    ]
    network = network_of(ring, circle + one_way + out, banned=[(4, 5)])
    leg = drive(network, (-0.5, -1.15), (0.5, -1.15))
    assert told(leg) == [("depart", "In"), ("roundabout", "Out"), ("arrive", "")]
    assert leg.steps[1].exit_number == 1  # no other road leads off it


def test_a_ferry_is_boarded_and_left() -> None:
    spots = {0: (0, 0), 1: (1, 0), 2: (5, 0), 3: (6, 0)}
    streets = [
        Street(ends=(0, 1), name="Quay"),
        Street(ends=(1, 2), name="Line 7", road_class="ferry", seconds_factor=10),
        Street(ends=(2, 3), name="Pier"),
    ]
    leg = drive(network_of(spots, streets), (0.5, 0), (5.5, 0))
    assert told(leg) == [
        ("depart", "Quay"),
        ("ferry", "Line 7"),
        ("continue", "Pier"),
        ("arrive", ""),
    ]


def test_steps_add_up_on_real_roads() -> None:
    centre = read_network(helsinki_pbf(), "car")
    draw = np.random.default_rng(4)
    points = centre.lonlat[draw.integers(0, centre.node_count, 40)]
    for leg in road_travel(centre).legs(points):
        assert sum(step.seconds for step in leg.steps) == leg.seconds
        assert sum(step.meters for step in leg.steps) == leg.meters
        assert leg.steps[0].manoeuvre == "depart"
        assert leg.steps[-1].manoeuvre == "arrive"
        assert min(step.seconds for step in leg.steps) >= 0
