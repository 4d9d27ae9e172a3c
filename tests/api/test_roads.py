"""Roads of a market: built for its country, kept with their hierarchy, loaded once."""

from pathlib import Path

import numpy as np
import pytest

from api.usecases.imports import create_market
from api.usecases.roads import build_roads
from api.usecases.workspace import Workspace
from data.roads import read_network
from data.travel import RoadTravel
from territory.errors import InputError, NotFound
from tests.acceptance.worlds import open_workspace
from tests.data.roads.small import STEP, write_osm

SPOTS = {1: (0, 0), 2: (2, 0), 3: (2, 2), 4: (0, 2), 7: (4, 2), 8: (4, 0)}
WAYS = [
    ([1, 2, 8], {"highway": "residential", "name": "South Street"}),
    ([4, 3, 7], {"highway": "residential"}),
    ([1, 4], {"highway": "primary"}),
    ([2, 3], {"highway": "tertiary"}),
    ([8, 7], {"highway": "secondary"}),
]


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return write_osm(tmp_path / "town.osm", SPOTS, WAYS)


@pytest.fixture
def house(tmp_path: Path) -> Workspace:
    workspace = open_workspace(tmp_path / "var")
    create_market(workspace, "m", given={"country": "MT"})
    return workspace


def roads_of(house: Workspace) -> RoadTravel:
    travel = house.travel("m", "car")
    assert isinstance(travel, RoadTravel)
    return travel


def test_roads_are_built_by_the_countrys_rules(house: Workspace, extract: Path) -> None:
    build_roads(house, "m", pbf=extract)
    network = roads_of(house).network
    assert network.content_hash == read_network(extract, "car", country="MT").content_hash
    assert network.content_hash != read_network(extract, "car", country="PT").content_hash


def test_progress_tells_the_forecast_first_and_rises_to_the_end(
    house: Workspace, extract: Path
) -> None:
    said: list[str] = []
    shares: list[float] = []

    def listen(message: str, fraction: float) -> None:
        said.append(message)
        shares.append(fraction)

    build_roads(house, "m", pbf=extract, modes=("car", "foot"), progress=listen)
    assert said[0].startswith("Reading town.osm should take up to")
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_the_hierarchy_is_kept_beside_the_network_and_used(house: Workspace, extract: Path) -> None:
    build_roads(house, "m", pbf=extract)
    assert (house.folder("m") / "roads" / "car" / "hierarchy.about.json").is_file()
    travel = roads_of(house)
    assert travel.engines.hierarchy is not None
    points = travel.network.lonlat
    plain = travel.block(points, points)
    hierarchy = house.folder("m") / "roads" / "car" / "hierarchy.about.json"
    hierarchy.write_text("spoilt")
    again = roads_of(open_workspace(house.settings.var_path))
    assert again.engines.hierarchy is None
    np.testing.assert_array_equal(again.block(points, points).seconds, plain.seconds)


def test_roads_stay_in_memory_until_they_are_built_again(house: Workspace, extract: Path) -> None:
    build_roads(house, "m", pbf=extract)
    first = house.travel("m", "car")
    assert house.travel("m", "car") is first
    build_roads(house, "m", pbf=extract)
    assert house.travel("m", "car") is not first


def test_the_input_hash_follows_the_roads_but_not_their_hierarchy(
    house: Workspace, extract: Path
) -> None:
    market = house.store.market("m")
    without = house.input_hash(market)
    build_roads(house, "m", pbf=extract)
    market = house.store.market("m")
    built = house.input_hash(market)
    assert built != without
    folder = house.folder("m") / "roads" / "car"
    (folder / "hierarchy.about.json").unlink()
    assert house.input_hash(market) == built
    extract.write_text(extract.read_text().replace("tertiary", "secondary"))
    build_roads(house, "m", pbf=extract)
    assert house.input_hash(market) != built


def test_a_second_market_takes_the_same_file_from_the_cache(
    house: Workspace, extract: Path
) -> None:
    build_roads(house, "m", pbf=extract)
    create_market(house, "n", given={"country": "MT"})
    said: list[str] = []
    build_roads(house, "n", pbf=extract, progress=lambda message, _: said.append(message))
    assert "Read the kept network" in said


def test_a_box_is_cut_out_of_the_extract_for_roads_and_base_map(
    house: Workspace, extract: Path
) -> None:
    build_roads(house, "m", pbf=extract, modes=("foot",))
    whole = house.base_map("m").roads
    box = f"{3.5 * STEP},{-STEP},{5 * STEP},{STEP}"
    build_roads(house, "m", pbf=extract, bbox=box, modes=("foot",))
    network = house.network("m", "foot")
    assert network is not None
    assert set(network.line_way_id.tolist()) == {1, 5}
    assert sum(map(len, house.base_map("m").roads.values())) < sum(map(len, whole.values()))


@pytest.mark.parametrize(
    ("bbox", "words"),
    [("1,2,3", "no bounding box"), ("a,b,c,d", "no bounding box"), ("2,0,1,1", "on the globe")],
)
def test_a_box_that_is_none_is_refused(
    house: Workspace, extract: Path, bbox: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        build_roads(house, "m", pbf=extract, bbox=bbox)


def test_exactly_one_source_is_asked_for(house: Workspace, extract: Path) -> None:
    with pytest.raises(InputError, match="exactly one source"):
        build_roads(house, "m")
    with pytest.raises(InputError, match="exactly one source"):
        build_roads(house, "m", pbf=extract, place="Porto")
    with pytest.raises(InputError, match="no mode of travel"):
        build_roads(house, "m", pbf=extract, modes=("boat",))
    with pytest.raises(NotFound, match="gone"):
        build_roads(house, "m", pbf=extract.with_name("gone.osm"))


def test_a_build_that_fails_leaves_the_old_roads(house: Workspace, extract: Path) -> None:
    build_roads(house, "m", pbf=extract)
    before = roads_of(house).network.content_hash
    bad = extract.with_name("bad.osm")
    bad.write_text("<osm><way")
    with pytest.raises(InputError, match=r"bad\.osm"):
        build_roads(house, "m", pbf=bad)
    assert roads_of(house).network.content_hash == before


def test_roads_of_an_older_version_ask_to_be_built_again(house: Workspace) -> None:
    folder = house.folder("m") / "roads" / "car"
    folder.mkdir(parents=True)
    (folder / "car.npz").write_bytes(b"as version 2 kept it")
    with pytest.raises(NotFound, match=r"(?s)No car network.*[Bb]uild"):
        house.travel("m", "car")


def test_what_became_of_restrictions_and_islands_is_said_and_ferries_join_when_asked(
    house: Workspace, tmp_path: Path
) -> None:
    spots = {**SPOTS, 21: (30, 0), 22: (32, 0), 23: (32, 2)}
    island = [([21, 22], {"highway": "residential"}), ([22, 23], {"highway": "residential"})]
    boat = ([8, 21], {"route": "ferry", "motor_vehicle": "yes", "duration": "00:10"})
    extract = write_osm(tmp_path / "isles.osm", spots, [*WAYS, *island, boat])
    apart = build_roads(house, "m", pbf=extract, modes=("car",))
    assert any("1 parts that no road joins to the rest, junctions: 3" in line for line in apart)
    joined = build_roads(house, "m", pbf=extract, modes=("car",), ferries=True)
    assert not any("no road joins" in line for line in joined)
    assert roads_of(house).network.component_sizes == (9,)
