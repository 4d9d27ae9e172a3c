"""What a mode may use, in which direction, how fast."""

import pytest

from data.roads.access import closes
from data.roads.profile import profile_for
from data.roads.rules import Passage, passage
from data.roads.speeds import parse_kmh


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50.0),
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("10 knots", 18.52),
        ("80 km/h", 80.0),
        ("RO:urban", 50.0),
        ("DE:zone30", 30.0),
        ("walk", 6.0),
        ("none", 130.0),
        ("50;30", 30.0),
        ("signals", None),
        ("", None),
        ("0", None),
    ],
)
def test_a_speed_limit_is_read_with_its_unit(text: str, kmh: float | None) -> None:
    assert parse_kmh(text) == pytest.approx(kmh)


def directions(mode: str, **tags: str) -> tuple[bool, bool] | None:
    found = passage(
        {key.replace("__", ":"): value for key, value in tags.items()}, profile_for(mode)
    )  # type: ignore[arg-type]
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
        ({"highway": "service", "service": "driveway"}, None),
        ({"highway": "residential", "area": "yes"}, None),
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


def test_a_tagged_limit_speaks_before_the_class_in_each_direction() -> None:
    tags = {"highway": "primary", "maxspeed": "50", "maxspeed:backward": "30"}
    assert passage(tags, profile_for("car")) == Passage(
        road_class="primary", forward_kmh=40, backward_kmh=24
    )


def test_a_bollard_stops_cars_only_and_a_gate_whom_it_is_closed_to() -> None:
    assert closes({"barrier": "bollard"}, "car")
    assert not closes({"barrier": "bollard"}, "foot")
    assert not closes({"barrier": "bollard", "motor_vehicle": "yes"}, "car")
    assert not closes({"barrier": "gate"}, "car")
    assert closes({"barrier": "gate", "access": "private"}, "car")
    assert not closes({"highway": "crossing"}, "car")
