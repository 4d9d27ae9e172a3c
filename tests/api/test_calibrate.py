"""A market learns from its timed drives, keeps what it learnt beside its roads, and forgets it."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.settings import Settings
from api.usecases.calibrate import calibrate_roads, forget_calibration
from api.usecases.imports import create_market
from api.usecases.workspace import Workspace
from data.roads import read_network
from data.roads.extracts import helsinki_pbf
from data.travel import road_travel
from data.travel.calibration import TimeCalibration
from territory.errors import InputError, MissingPart


@pytest.fixture
def house(tmp_path: Path) -> Workspace:
    house = Workspace(Settings(var=tmp_path))
    create_market(house, "m", given={})
    return house


def timed_drives(path: Path, factor: float) -> Path:
    """Sixty drives of central Helsinki that took ``factor`` times what the roads say."""
    network = read_network(helsinki_pbf(), "car")
    places = network.lonlat[np.random.default_rng(1).integers(0, network.node_count, (60, 2))]
    travel = road_travel(network)
    rows = ["from_lon,from_lat,to_lon,to_lat,seconds"]
    for start, end in places:
        seconds = int(travel.block(start[None, :], end[None, :]).seconds[0, 0])
        if seconds > 30:
            rows.append(",".join(f"{value:.6f}" for value in (*start, *end, factor * seconds)))
    path.write_text("\n".join(rows))
    return path


def test_later_answers_use_what_was_learnt(house: Workspace, tmp_path: Path) -> None:
    network = read_network(helsinki_pbf(), "car")
    house.save_network("m", network)
    market = house.store.market("m")
    places = network.lonlat[:: network.node_count // 20]
    own, hash_before = house.travel("m", "car").block(places, places), house.input_hash(market)
    drives = timed_drives(tmp_path / "drives.csv", 1.5)
    said = calibrate_roads(house, "m", drives)
    assert "told/observed 0.6" in said[1]
    learnt = house.travel("m", "car").block(places, places)
    assert learnt.seconds.sum() == pytest.approx(1.5 * own.seconds.sum(), rel=0.1)
    assert house.input_hash(market) != hash_before
    forget_calibration(house, "m")
    again = house.travel("m", "car").block(places, places)
    assert (again.seconds == own.seconds).all()
    assert house.input_hash(market) == hash_before


def test_roads_built_anew_keep_what_was_learnt(house: Workspace) -> None:
    network = read_network(helsinki_pbf(), "car")
    house.save_network("m", network)
    house.save_calibration("m", "car", TimeCalibration(class_factors={"residential": 2.0}))
    house.save_network("m", network)
    kept = house.calibration("m", "car")
    assert kept is not None
    assert kept.class_factors == {"residential": 2.0}
    assert house.networks("m") == ("car",)


def test_a_market_without_roads_has_nothing_to_calibrate(house: Workspace, tmp_path: Path) -> None:
    with pytest.raises(MissingPart, match="fieldwright roads m"):
        calibrate_roads(house, "m", tmp_path / "drives.csv")


def test_an_unknown_mode_is_refused(house: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="car, foot, bicycle"):
        calibrate_roads(house, "m", tmp_path / "drives.csv", mode="boat")


def test_the_command_wants_a_file_or_to_forget() -> None:
    for arguments in (["calibrate", "m"], ["calibrate", "m", "drives.csv", "--forget"]):
        result = CliRunner().invoke(app, arguments)
        assert isinstance(result.exception, InputError)
