"""What a mode may use, in which direction, how fast."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.roads.access import closes
from data.roads.profile import BICYCLE_KMH, CAR_KMH, profile_for
from data.roads.rules import is_kept_out, parse_seconds, passage
from territory.travel import Mode


def directions(mode: Mode, **tags: str) -> tuple[bool, bool] | None:
    told = {key.replace("__", ":"): value for key, value in tags.items()}
    found = passage(told, profile_for(mode))
    return None if found is None else (found.forward_kmh > 0, found.backward_kmh > 0)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "residential"}, (True, True)),
        ({"highway": "residential", "oneway": "yes"}, (True, False)),
        ({"highway": "residential", "oneway": "-1"}, (False, True)),
        ({"highway": "motorway"}, (True, False)),
        ({"highway": "motorway", "oneway": "no"}, (True, True)),
        ({"highway": "tertiary", "junction": "roundabout"}, (True, False)),
        ({"highway": "primary", "oneway": "reversible"}, None),
        ({"highway": "footway"}, None),
        ({"highway": "residential", "access": "private"}, None),
        ({"highway": "residential", "access": "no", "motor_vehicle": "yes"}, (True, True)),
        ({"highway": "residential", "motorcar": "no"}, None),
        ({"highway": "service", "service": "driveway"}, (True, True)),
        ({"highway": "service", "service": "driveway", "access": "private"}, None),
        ({"highway": "service", "service": "drive-through"}, None),
        ({"highway": "residential", "area": "yes"}, None),
        ({"highway": "residential", "access": "destination"}, (True, True)),
        ({"highway": "service", "access": "customers"}, (True, True)),
        ({"highway": "service", "access": "delivery"}, (True, True)),
        ({"highway": "residential", "vehicle": "private", "motorcar": "yes"}, (True, True)),
        ({"highway": "residential", "motor_vehicle": "no", "access": "yes"}, None),
        ({"highway": "residential", "access": "no", "psv": "yes"}, None),
        ({"highway": "residential", "motor_vehicle": "psv"}, None),
        ({"highway": "service", "service": "bus"}, None),
        ({"highway": "service", "service": "bus", "motorcar": "yes"}, (True, True)),
        ({"highway": "service", "service": "alley"}, (True, True)),
        ({"highway": "busway"}, None),
        ({"highway": "construction", "construction": "primary"}, None),
        ({"highway": "track"}, None),
        ({"highway": "track", "motor_vehicle": "yes"}, (True, True)),
        ({"highway": "track", "access": "yes"}, None),
        ({"highway": "residential", "smoothness": "impassable"}, None),
        ({"highway": "residential", "access:conditional": "no @ (22:00-06:00)"}, (True, True)),
        ({"highway": "residential", "oneway": "yes", "oneway:motorcar": "no"}, (True, True)),
        ({"highway": "residential", "oneway": "alternating"}, (True, True)),
        ({"highway": "motorway_link"}, (True, True)),
        ({"highway": "unclassified", "junction": "circular"}, (True, False)),
        ({"highway": "unclassified", "junction": "roundabout", "oneway": "-1"}, (False, True)),
    ],
)
def test_cars_obey_one_ways_and_access(
    tags: dict[str, str], expected: tuple[bool, bool] | None
) -> None:
    assert directions("car", **tags) == expected


def test_feet_ignore_one_ways_and_stay_off_motorways() -> None:
    assert directions("foot", highway="residential", oneway="yes") == (True, True)
    assert directions("foot", highway="motorway") is None
    assert directions("foot", highway="cycleway") is None
    assert directions("foot", highway="cycleway", foot="yes") == (True, True)


def test_bicycles_may_be_let_against_a_one_way() -> None:
    assert directions("bicycle", highway="residential", oneway="yes") == (True, False)
    against = directions("bicycle", highway="residential", oneway="yes", oneway__bicycle="no")
    assert against == (True, True)
    assert directions("bicycle", highway="footway") is None
    assert directions("bicycle", highway="footway", bicycle="yes") == (True, True)
    assert directions("bicycle", highway="steps") is None


def test_a_cycle_lane_marked_opposite_opens_a_one_way_to_bicycles() -> None:
    for key in ("cycleway", "cycleway__left", "cycleway__right", "cycleway__both"):
        tags = {"highway": "residential", "oneway": "yes", key: "opposite_lane"}
        assert directions("bicycle", **tags) == (True, True)
        assert directions("car", **tags) == (True, False)


def test_bicycles_keep_to_side_paths_and_off_motorways() -> None:
    assert directions("bicycle", highway="primary", bicycle="use_sidepath") is None
    assert directions("bicycle", highway="motorway") is None
    assert directions("bicycle", highway="path") == (True, True)
    assert directions("bicycle", highway="residential", vehicle="no", bicycle="yes") == (True, True)


def test_a_road_for_visitors_is_local_and_a_private_one_is_kept_out_of() -> None:
    car = profile_for("car")
    visited = passage({"highway": "service", "motor_vehicle": "customers"}, car)
    assert visited is not None
    assert visited.is_local
    assert is_kept_out({"highway": "service", "access": "private"}, car)
    assert not is_kept_out({"highway": "service"}, car)
    assert not is_kept_out({"highway": "footway", "access": "private"}, car)
    assert not is_kept_out({"building": "yes", "access": "private"}, car)


SAID = """
yes no -1 1 private destination opposite 50 mph none urban PT:urban signals reverse ; roundabout
service driveway gate 0 -5 1e999 ;;; | : walk grade9 impassable residential motorway ²
"""
KEYS = """
access vehicle motor_vehicle motorcar bicycle foot oneway oneway:bicycle junction maxspeed
maxspeed:forward maxspeed:lanes maxspeed:practical source:maxspeed maxspeed:type surface
tracktype smoothness service cycleway area duration route highway
"""


@settings(deadline=None, max_examples=300)
@given(
    tags=st.dictionaries(
        st.sampled_from(KEYS.split()), st.sampled_from(SAID.split()) | st.text(max_size=8)
    ),
    highway=st.sampled_from([*CAR_KMH, *BICYCLE_KMH, "steps", "construction"]),
    mode=st.sampled_from(get_args(Mode)),
)
def test_no_tags_whatever_upset_the_rules(tags: dict[str, str], highway: str, mode: Mode) -> None:
    for told in (
        {"highway": highway} | tags,
        tags | {"route": "ferry"},
        {"barrier": "gate"} | tags,
    ):
        use = passage(told, profile_for(mode, "PT", ferries=True))
        assert closes({"barrier": "gate"} | told, mode) in (True, False)
        if use is not None:
            assert 0 <= use.forward_kmh <= 150
            assert 0 <= use.backward_kmh <= 150
            assert max(use.forward_kmh, use.backward_kmh) > 0


FERRY = {"route": "ferry", "motor_vehicle": "yes"}


def test_ferries_are_crossed_only_when_asked_for() -> None:
    assert passage(FERRY, profile_for("car")) is None
    crossing = passage(FERRY, profile_for("car", ferries=True))
    assert crossing is not None
    assert (crossing.road_class, crossing.forward_kmh) == ("ferry", 15.0)
    assert crossing.seconds is None


def test_a_ferry_takes_vehicles_only_if_it_says_so() -> None:
    silent = {"route": "ferry"}
    assert passage(silent, profile_for("car", ferries=True)) is None
    assert passage(silent, profile_for("foot", ferries=True)) is not None
    assert passage(FERRY | {"motorcar": "no"}, profile_for("car", ferries=True)) is None
    assert passage(FERRY | {"access": "no"}, profile_for("foot", ferries=True)) is None
    assert passage(silent | {"bicycle": "yes"}, profile_for("bicycle", ferries=True)) is not None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:25", 1500),
        ("1:30:00", 5400),
        ("00:05:00", 300),
        ("PT25M", 1500),
        ("PT1H30M", 5400),
        ("P1DT2H", 93_600),
        ("25", 1500),
        ("", None),
        ("0", None),
        ("soon", None),
        ("P", None),
        ("²", None),
        ("9" * 400, None),
        ("-5", None),
    ],
)
def test_a_duration_is_read_in_any_of_its_forms(text: str, seconds: float | None) -> None:
    assert parse_seconds(text) == seconds


def test_a_bollard_stops_cars_only_and_a_gate_whom_it_is_closed_to() -> None:
    assert closes({"barrier": "bollard"}, "car")
    assert not closes({"barrier": "bollard"}, "foot")
    assert not closes({"barrier": "bollard", "motor_vehicle": "yes"}, "car")
    assert not closes({"barrier": "gate"}, "car")
    assert closes({"barrier": "gate", "access": "private"}, "car")
    assert not closes({"highway": "crossing"}, "car")
    assert not closes({"barrier": "bollard", "bollard": "rising"}, "car")
    assert not closes({"barrier": "gate", "motor_vehicle": "destination"}, "car")
    assert closes({"barrier": "lift_gate", "locked": "yes"}, "car")
    assert not closes({"barrier": "toll_booth"}, "car")
    assert not closes({"barrier": "no"}, "car")
    assert closes({"barrier": "stile"}, "bicycle")
    assert not closes({"barrier": "stile"}, "foot")
