"""Named places and the base map of extracts."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from data.roads import read_base_map, read_network, read_places
from data.roads.extracts import helsinki_pbf
from tests.data.roads.small import write_osm
from tests.shared import shared_path

SPOTS = {1: (0, 0), 2: (4, 0), 3: (4, 4), 4: (0, 4), 5: (9, 9)}


def test_points_and_outlines_become_places_at_their_middle(tmp_path: Path) -> None:
    ways = [([1, 2, 3, 4, 1], {"shop": "bakery", "name": "Old Mill", "brand": "Mill"})]
    tags = {5: {"amenity": "bank", "office": "yes", "name": " Bank ", "addr:street": "High St"}}
    path = write_osm(tmp_path / "places.osm", SPOTS, ways, node_tags=tags)
    places = read_places(path)
    assert places["place_id"].tolist() == ["n5", "w1"]
    assert places[["lon", "lat"]].to_numpy().tolist() == [[0.009, 0.009], [0.002, 0.002]]
    assert places["kind"].tolist() == ["office", "shop"]
    assert places["category"].tolist() == ["office", "bakery"]
    assert places["name"].tolist() == ["Bank", "Old Mill"]
    assert places["address"].tolist() == ["High St", ""]


def test_benches_and_nameless_shops_are_no_places(tmp_path: Path) -> None:
    tags = {1: {"amenity": "bench", "name": "Seat"}, 2: {"shop": "books"}, 3: {"shop": "vacant"}}
    places = read_places(write_osm(tmp_path / "none.osm", SPOTS, [], node_tags=tags))
    assert len(places) == 0
    assert "opening_hours" in places


def test_helsinki_has_more_than_a_thousand_named_businesses() -> None:
    places = read_places(helsinki_pbf())
    assert 1_100 <= len(places) <= 1_400
    assert places["place_id"].is_unique
    assert (places["name"] != "").all()
    assert places["lon"].between(24.92, 24.97).all()
    assert places["lat"].between(60.15, 60.19).all()


def test_a_base_map_draws_roads_water_and_coast(tmp_path: Path) -> None:
    ways = [
        ([1, 2], {"highway": "primary"}),
        ([2, 3], {"highway": "residential"}),
        ([3, 4], {"highway": "footway"}),
        ([1, 2, 3, 4, 1], {"natural": "water"}),
        ([4, 5], {"natural": "coastline"}),
    ]
    base = read_base_map(write_osm(tmp_path / "base.osm", SPOTS, ways))
    assert base.roads == {
        "major": (((0.0, 0.0), (0.004, 0.0)),),
        "minor": (((0.004, 0.0), (0.004, 0.004), (0.0, 0.004)),),
    }
    (lake,) = base.water
    assert lake[0] == lake[-1]
    assert set(lake) == {(0.0, 0.0), (0.004, 0.0), (0.004, 0.004), (0.0, 0.004)}
    assert base.boundaries == (((0.0, 0.004), (0.009, 0.009)),)
    assert base.attribution == "© OpenStreetMap contributors"


def test_a_network_alone_gives_its_roads() -> None:
    base = read_base_map(read_network(helsinki_pbf(), "car"))
    assert set(base.roads) == {"major", "middle", "minor"}
    assert base.water == ()


@pytest.mark.shared
def test_the_base_map_of_malta_stays_under_a_megabyte() -> None:
    base = read_base_map(shared_path("geo", "malta", "malta-2018.osm.pbf"))
    assert len(json.dumps(asdict(base))) < 1_000_000
    assert {"major", "middle", "minor"} == set(base.roads)
    assert len(base.boundaries) > 2
