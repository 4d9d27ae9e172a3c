"""Limits, classes, surfaces: how fast a way is driven."""

from dataclasses import replace

import pytest

from data.roads.countries import LEFT_HAND, LIMITS, USUAL, limits_of
from data.roads.profile import CAR_KMH, profile_for
from data.roads.speeds import parse_kmh, way_kmh

PLAIN = replace(profile_for("car"), limit_share=0.8, class_kmh=CAR_KMH)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50.0),
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("10 knots", 18.52),
        ("80 km/h", 80.0),
        ("RO:urban", 50.0),
        ("PT:motorway", 120.0),
        ("FR:rural", 80.0),
        ("GB:nsl_single", 96.56064),
        ("GB:nsl_dual", 112.65408),
        ("US:urban", 48.28032),
        ("BE-VLG:rural", 90.0),
        ("DE:zone30", 30.0),
        ("DE:zone:30", 30.0),
        ("DE:30", 30.0),
        ("GB:zone20", 32.18688),
        ("walk", 6.0),
        ("none", 130.0),
        ("DE:motorway", 130.0),
        ("50;30", 30.0),
        ("50|30", 30.0),
        ("signals", None),
        ("variable", None),
        ("", None),
        ("0", None),
        ("-50", None),
        ("nan", None),
        ("1e9", None),
    ],
)
def test_a_speed_limit_is_read_with_its_unit(text: str, kmh: float | None) -> None:
    assert parse_kmh(text) == pytest.approx(kmh)


def test_a_bare_word_means_what_the_country_says() -> None:
    assert parse_kmh("rural", limits_of("SE")) == 70.0
    assert parse_kmh("rural") == USUAL.rural
    assert parse_kmh("urban", limits_of("ZA")) == 60.0
    assert parse_kmh("PT:rural", limits_of("SE")) == 90.0


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({}, 65, 65),
        ({"maxspeed": "50"}, 40, 40),
        ({"maxspeed": "50", "maxspeed:backward": "30"}, 40, 24),
        ({"maxspeed:lanes": "30|50|50"}, 40, 40),
        ({"maxspeed:lanes:forward": "30|30"}, 24, 65),
        ({"maxspeed": "signals", "maxspeed:type": "PT:urban"}, 40, 40),
        ({"source:maxspeed": "RO:rural"}, 72, 72),
        ({"source:maxspeed": "sign"}, 65, 65),
        ({"zone:maxspeed": "DE:30"}, 24, 24),
        ({"maxspeed": "50", "maxspeed:practical": "35"}, 35, 35),
        ({"maxspeed": "100", "surface": "cobblestone"}, 30, 30),
        ({"maxspeed": "30", "surface": "cobblestone"}, 24, 24),
        ({"smoothness": "very_bad"}, 20, 20),
        ({"tracktype": "grade4", "surface": "gravel"}, 25, 25),
        ({"maxspeed": "3"}, 5, 5),
        ({"maxspeed": "5000"}, 150, 150),
    ],
)
def test_a_tagged_limit_speaks_before_the_class_and_the_surface_before_both(
    tags: dict[str, str], forward: float, backward: float
) -> None:
    assert way_kmh("primary", tags, PLAIN, "forward") == pytest.approx(forward)
    assert way_kmh("primary", tags, PLAIN, "backward") == pytest.approx(backward)


def test_alleys_and_car_parks_are_slower_than_other_service_roads() -> None:
    assert way_kmh("service", {"service": "parking_aisle"}, PLAIN, "forward") == 6
    assert way_kmh("service", {"service": "alley"}, PLAIN, "forward") == 8
    assert way_kmh("service", {}, PLAIN, "forward") == CAR_KMH["service"]


def test_walkers_climb_steps_slowly_and_heed_no_limit() -> None:
    foot = profile_for("foot")
    assert way_kmh("steps", {}, foot, "forward") == 2.5
    assert way_kmh("residential", {"maxspeed": "3"}, foot, "forward") == 5.0


def test_every_country_keeps_its_limits_in_order() -> None:
    assert len(LIMITS) > 70
    europe = "AD AL AT BA BE BG BY CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU"
    rest = "LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SK SM TR UA XK US CA BR IN JP AU ZA NZ"
    assert set(f"{europe} {rest}".split()) <= set(LIMITS)
    for country, limits in LIMITS.items():
        assert 30 <= limits.urban <= 60 or country in ("GG", "JE", "PR"), country
        assert limits.urban <= limits.rural <= limits.trunk <= limits.motorway <= 140, country
        assert 10 <= limits.living_street <= 33, country


def test_a_country_sets_the_side_and_caps_the_classes() -> None:
    assert profile_for("car", "mt").drives_on_left
    assert not profile_for("car", "PT").drives_on_left
    assert {"GB", "IE", "JP", "AU", "IN", "ZA"} <= LEFT_HAND
    share = profile_for("car").limit_share
    island = profile_for("car", "MT").class_kmh
    assert island["motorway"] == pytest.approx(min(CAR_KMH["motorway"], 80 * share))
    assert profile_for("car", "DE").class_kmh["motorway"] == CAR_KMH["motorway"]


def test_a_fingerprint_tells_profiles_apart() -> None:
    car = profile_for("car")
    assert car.fingerprint == profile_for("car").fingerprint
    others = [
        profile_for("bicycle"),
        profile_for("car", "GB"),
        profile_for("car", ferries=True),
        replace(car, signal_seconds=car.signal_seconds + 1),
        replace(car, class_kmh={**car.class_kmh, "service": 16.0}),
    ]
    assert len({car.fingerprint, *(other.fingerprint for other in others)}) == 6
