"""What an OSRM or Valhalla server answers, as matrices and drives."""

import json
from urllib.parse import unquote

import numpy as np
import pytest

from data.travel.servers import OsrmTravel, ValhallaTravel, osrm_travel, valhalla_travel
from data.travel.servers.http import Limits, Server
from data.travel.servers.steps import merged
from data.travel.servers.valhalla import decoded
from territory.errors import Infeasible, InputError, MissingPart
from territory.travel import UNREACHABLE, Manoeuvre, Step
from tests.data.travel.servers import fakes

ROW = np.array([[float(lon), 1.0] for lon in range(5)])
ELSEWHERE = np.array([[1.0, 15.0]])  # no way from the row
OFF_THE_MAP = np.array([[60.0, 1.0]])
FAR_FROM_ROADS = np.array([[2.0, 25.0]])


def osrm(fake: fakes.Fake, table_limit: int = 4) -> OsrmTravel:
    return osrm_travel(fake.url, allowed=fake.allowed, table_limit=table_limit)


def valhalla(fake: fakes.Fake, pair_limit: int = 4) -> ValhallaTravel:
    return valhalla_travel(fake.url, allowed=fake.allowed, pair_limit=pair_limit)


def test_an_osrm_matrix_is_pieced_from_blocks_below_the_servers_limit() -> None:
    with fakes.serving(fakes.osrm) as fake:
        matrix = osrm(fake).block(ROW, ROW[:3])
    assert matrix.source == "road"
    assert matrix.seconds[0].tolist() == [0, 101, 201]  # 100.25 and 200.5 rounded up
    assert matrix.meters[4].tolist() == [4002, 3002, 2001]
    assert len(fake.asked) == 6  # 5 x 3 in blocks of 2 x 2
    assert all(path.split("?")[0].count(";") <= 3 for path, _ in fake.asked)


def test_a_valhalla_matrix_is_pieced_from_blocks_below_the_servers_limit() -> None:
    with fakes.serving(fakes.valhalla) as fake:
        matrix = valhalla(fake).block(ROW, ROW[:3])
    assert matrix.seconds[0].tolist() == [0, 100, 200]
    assert matrix.meters[4].tolist() == [4400, 3300, 2200]
    bodies = [json.loads(body) for _, body in fake.asked]
    assert max(len(body["sources"]) * len(body["targets"]) for body in bodies) == 4


@pytest.mark.parametrize("kind", ["osrm", "valhalla"])
def test_null_is_unreachable_and_equal_places_are_nothing_apart(kind: str) -> None:
    both = np.concatenate([ROW[:1], ELSEWHERE])
    with fakes.serving(getattr(fakes, kind)) as fake:
        travel = osrm(fake) if kind == "osrm" else valhalla(fake)
        matrix = travel.block(both, both)
    assert matrix.seconds.tolist() == [[0, UNREACHABLE], [UNREACHABLE, 0]]
    assert matrix.meters.tolist() == matrix.seconds.tolist()


@pytest.mark.parametrize("kind", ["osrm", "valhalla"])
def test_one_place_off_the_map_does_not_cost_the_others_their_answer(kind: str) -> None:
    places = np.concatenate([ROW[:2], OFF_THE_MAP, ROW[2:3]])
    with fakes.serving(getattr(fakes, kind)) as fake:
        travel = osrm(fake, 8) if kind == "osrm" else valhalla(fake, 16)
        seconds = travel.block(places, places).seconds
    good = [0, 1, 3]
    assert (seconds[np.ix_(good, good)] < 300).all()
    assert (seconds[2, good] == UNREACHABLE).all()
    assert (seconds[good, 2] == UNREACHABLE).all()


def test_a_place_that_osrm_joins_to_a_road_kilometres_away_is_unreachable() -> None:
    with fakes.serving(fakes.osrm) as fake:
        assert osrm(fake).block(ELSEWHERE, ELSEWHERE + 1).seconds.tolist() == [[101]]
        assert osrm(fake).block(ELSEWHERE, FAR_FROM_ROADS).seconds.tolist() == [[UNREACHABLE]]
        with pytest.raises(Infeasible, match="no way"):
            osrm(fake).legs(np.concatenate([ELSEWHERE, FAR_FROM_ROADS]))


def test_no_places_are_asked_nothing() -> None:
    with fakes.serving(fakes.osrm) as fake:
        assert osrm(fake).block(ROW[:0], ROW).seconds.size == 0
        assert len(osrm(fake).legs(ROW[:1])) == 0
    assert fake.asked == []


def test_osrm_legs_are_the_cells_of_the_matrix_with_their_streets() -> None:
    with fakes.serving(fakes.osrm) as fake:
        first, nothing, second = osrm(fake).legs(ROW[[0, 2, 2, 3]])
        matrix = osrm(fake).block(ROW, ROW)
    assert (first.seconds, first.meters) == (matrix.seconds[0, 2], matrix.meters[0, 2])
    assert (second.seconds, second.meters) == (matrix.seconds[2, 3], matrix.meters[2, 3])
    assert (nothing.seconds, nothing.meters, nothing.steps) == (0, 0, ())
    assert list(first.lonlat) == [(0, 1), (1, 1), (2, 1)]
    told = [(step.manoeuvre, step.street, step.exit_number) for step in first.steps]
    # the nameless "new name" in the middle says nothing new and joins the step before
    assert told == [
        ("depart", "<b>Rua Á</b>", None),
        ("roundabout", "Praça", 2),
        ("arrive", "Praça", None),
    ]
    assert [step.meters for step in first.steps] == [1000, 1000, 0]
    assert [step.lonlat for step in first.steps] == [(0, 1), (1, 1), (2, 1)]


def test_valhalla_legs_are_the_cells_of_the_matrix_with_their_streets() -> None:
    with fakes.serving(fakes.valhalla) as fake:
        (leg,) = valhalla(fake).legs(ROW[[0, 2]])
        matrix = valhalla(fake).block(ROW, ROW)
    assert (leg.seconds, leg.meters) == (matrix.seconds[0, 2], matrix.meters[0, 2])
    assert list(leg.lonlat) == [(0, 1), (2, 1)]
    told = [(step.manoeuvre, step.street, step.meters) for step in leg.steps]
    assert told == [("depart", "Rua A", 1100), ("left", "Rua B", 600), ("arrive", "", 0)]


def test_leaving_a_roundabout_is_part_of_taking_it() -> None:
    def step(manoeuvre: Manoeuvre, street: str, meters: int) -> Step:
        return Step(manoeuvre=manoeuvre, street=street, seconds=1, meters=meters, lonlat=(0.0, 0.0))

    told = merged(
        [
            step("roundabout", "", 40),
            step("continue", "Triq A", 900),
            step("continue", "Triq B", 10),
            step("continue", "", 5),
            step("left", "", 3),
            step("continue", "Triq C", 7),
        ]
    )
    assert [(one.manoeuvre, one.street, one.meters, one.seconds) for one in told] == [
        ("roundabout", "Triq A", 940, 2),
        ("continue", "Triq B", 15, 2),
        ("left", "", 3, 1),
        ("continue", "Triq C", 7, 1),
    ]


@pytest.mark.parametrize("kind", ["osrm", "valhalla"])
def test_a_drive_without_a_way_is_infeasible_in_words(kind: str) -> None:
    with fakes.serving(getattr(fakes, kind)) as fake:
        travel = osrm(fake) if kind == "osrm" else valhalla(fake)
        with pytest.raises(Infeasible, match=r"no way from \(0.0.*\) to \(1.0"):
            travel.legs(np.concatenate([ROW[:1], ELSEWHERE]))


def test_the_mode_names_the_profile_and_the_costing() -> None:
    with fakes.serving(fakes.osrm) as fake:
        osrm_travel(fake.url + "/maps/", allowed=fake.allowed, mode="foot").block(ROW, ROW)
    assert unquote(fake.asked[0][0]).startswith("/maps/table/v1/walking/0.000000,1.000000;")
    with fakes.serving(fakes.valhalla) as fake:
        valhalla_travel(fake.url, allowed=fake.allowed, mode="bicycle").block(ROW, ROW)
    assert json.loads(fake.asked[0][1])["costing"] == "bicycle"


def test_a_known_period_gets_the_servers_own_times_and_an_unknown_one_is_refused() -> None:
    with fakes.serving(fakes.osrm) as fake:
        assert osrm(fake).block(ROW, ROW, period="peak").source == "road"
        with pytest.raises(InputError, match="teatime"):
            osrm(fake).block(ROW, ROW, period="teatime")


def test_the_hash_tells_servers_kinds_and_places_apart() -> None:
    allowed = ("localhost",)
    one = osrm_travel("http://localhost:5000", allowed=allowed)
    hashes = {
        one.travel_hash(ROW),
        one.travel_hash(ROW[:2]),
        osrm_travel("http://localhost:5001", allowed=allowed).travel_hash(ROW),
        valhalla_travel("http://localhost:5000", allowed=allowed).travel_hash(ROW),
    }
    assert len(hashes) == 4
    assert one.travel_hash(ROW.copy()) in hashes


def test_a_limit_that_leaves_no_pair_is_refused() -> None:
    with pytest.raises(InputError, match="no pair"):
        osrm_travel("http://localhost", allowed=("localhost",), table_limit=1)
    with pytest.raises(InputError, match="nothing to ask"):
        valhalla_travel("http://localhost", allowed=("localhost",), pair_limit=0)


SOMEWHERE = Server(scheme="http", host="localhost", port=1, path="", limits=Limits())


def test_a_polyline_is_read_back_as_it_was_written() -> None:
    points = [(-8.61, 41.15), (-8.610001, 41.150002), (179.9, -89.9)]
    read = decoded(SOMEWHERE, fakes.coded(points))
    assert np.abs(np.array(read) - points).max() < 1e-9


@pytest.mark.parametrize(
    "line", [7, "", "?", "??_", "\x01\x01", "é", "~~~~~~~~~~", "_gayyyC_gayyyC"]
)
def test_a_broken_polyline_is_refused_in_words(line: object) -> None:
    with pytest.raises(MissingPart, match="the line"):
        decoded(SOMEWHERE, line)
