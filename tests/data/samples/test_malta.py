"""A user's own case: a whole country, where the shared data is present."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.roads import RoadNetwork, RoadSource, read_network, read_places
from data.travel import road_travel
from tests.shared import shared_path

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def extract() -> Path:
    return shared_path("geo", "malta", "malta-2018.osm.pbf")


@pytest.fixture(scope="module")
def network(extract: Path) -> RoadNetwork:
    return read_network(RoadSource(path=extract), "car")


def test_its_two_islands_are_two_components(network: RoadNetwork) -> None:
    malta, gozo = network.component_sizes
    assert malta > gozo > 1_000
    north = network.lonlat[network.component == 1][:, 1]
    assert (north > 36.0).all()


def test_almost_every_company_joins_a_road(network: RoadNetwork) -> None:
    companies = pd.read_csv(shared_path("geo", "malta", "companies.csv"), dtype={"osm": "str"})
    snapped = road_travel(network).snap(companies[["lon", "lat"]].to_numpy())
    assert len(companies) == 4_104
    assert snapped.is_joined.mean() > 0.985  # not on Comino, nor far up a private road
    assert np.median(snapped.meters) < 60
    assert set(snapped.component.tolist()) >= {0, 1}


def test_our_places_are_among_those_collected_by_another_reader(extract: Path) -> None:
    companies = pd.read_csv(shared_path("geo", "malta", "companies.csv"), dtype={"osm": "str"})
    named = companies[companies["name"].notna() & companies["key"].isin(["shop", "office"])]
    places = read_places(extract)
    ours = set(places.loc[places["place_id"].str[0] == "n", "place_id"])
    theirs = set(named.loc[named["osm"].str[0] == "n", "osm"])
    assert len(theirs) > 500
    assert len(theirs - ours) <= 0.02 * len(theirs)


def test_its_localities_cover_its_roads(network: RoadNetwork) -> None:
    import shapely
    from shapely.geometry import shape

    text = shared_path("geo", "malta", "zones_admin8.geojson").read_text(encoding="utf-8")
    zones = [shape(feature["geometry"]) for feature in json.loads(text)["features"]]
    assert len(zones) == 68
    land = shapely.union_all(zones)
    shapely.prepare(land)
    assert shapely.contains_xy(land, network.lonlat).mean() > 0.98
