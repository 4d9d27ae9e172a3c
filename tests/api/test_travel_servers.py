"""A market may ask a routing server the user runs, if the service allows that host."""

from pathlib import Path

import numpy as np
import pytest

from api.settings import Settings
from api.usecases.travel_servers import ServerKind, TravelServer, read_servers, write_server
from api.usecases.workspace import Workspace
from territory.errors import InputError
from tests.data.travel.servers import fakes

PLACES = np.array([[0.0, 1.0], [2.0, 1.0]])


def workspace(folder: Path, allowed: str = "") -> Workspace:
    return Workspace(Settings(var=folder, travel_servers=allowed))


def test_a_market_without_a_server_and_without_roads_is_estimated(tmp_path: Path) -> None:
    house = workspace(tmp_path)
    assert read_servers(house.folder("m")) == {}
    assert house.travel("m", "car").source == "estimated"


@pytest.mark.parametrize(("kind", "seconds"), [("osrm", 201), ("valhalla", 200)])
def test_a_named_server_is_asked_for_its_mode_only(
    tmp_path: Path, kind: ServerKind, seconds: int
) -> None:
    with fakes.serving(getattr(fakes, kind)) as fake:
        house = workspace(tmp_path, f"example.org, {fake.allowed[0]}")
        server = TravelServer(kind=kind, url=fake.url, limit=4)
        write_server(house.folder("m"), "car", server, house.settings)
        assert fake.asked == []  # naming a server asks it nothing
        travel = house.travel("m", "car")
        assert travel.source == "road"
        assert travel.block(PLACES, PLACES).seconds.tolist() == [[0, seconds], [seconds, 0]]
        assert house.travel("m", "foot").source == "estimated"


def test_a_server_is_taken_away_again(tmp_path: Path) -> None:
    house = workspace(tmp_path, "localhost")
    folder = house.folder("m")
    server = TravelServer(kind="osrm", url="http://localhost:5000")
    write_server(folder, "car", server, house.settings)
    write_server(folder, "foot", server, house.settings)
    write_server(folder, "car", None, house.settings)
    assert read_servers(folder) == {"foot": server}
    assert house.travel("m", "car").source == "estimated"


def test_a_host_that_is_not_allowed_can_neither_be_named_nor_asked_later(tmp_path: Path) -> None:
    server = TravelServer(kind="osrm", url="http://localhost:5000")
    strict = workspace(tmp_path)
    with pytest.raises(InputError, match="FIELDWRIGHT_TRAVEL_SERVERS"):
        write_server(strict.folder("m"), "car", server, strict.settings)
    assert read_servers(strict.folder("m")) == {}
    lax = workspace(tmp_path, "localhost")
    write_server(lax.folder("m"), "car", server, lax.settings)
    with pytest.raises(InputError, match="FIELDWRIGHT_TRAVEL_SERVERS"):
        strict.travel("m", "car")


def test_an_unknown_kind_and_a_limit_without_sense_are_refused(tmp_path: Path) -> None:
    house = workspace(tmp_path, "localhost")
    for server, words in (
        (TravelServer(kind="graphhopper", url="http://localhost"), "unknown"),  # type: ignore[arg-type]
        (TravelServer(kind="osrm", url="http://localhost", limit=0), "no pair"),
        (TravelServer(kind="valhalla", url="http://localhost", limit=0), "nothing to ask"),
    ):
        with pytest.raises(InputError, match=words):
            write_server(house.folder("m"), "car", server, house.settings)
