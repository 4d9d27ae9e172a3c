"""The VROOM door: every field of its page, as vroom-express and as openrouteservice."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.auth import KeyRing
from api.cli import app as command_line
from api.settings import Settings
from api.usecases.workspace import Workspace
from api.vroom.door import answer_vroom
from api.vroom.polyline import encode_polyline
from api.vroom.schema import VroomAnswer
from territory.errors import InputError
from tests.api.vroom.requests import by_coordinates, every_field, small


@pytest.fixture(name="settings")
def _settings(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path, vroom_max_seconds=5.0)


@pytest.fixture(name="workspace")
def _workspace(settings: Settings) -> Workspace:
    return Workspace(settings)


@pytest.fixture(name="client")
def _client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        yield client


def test_a_request_with_every_field_is_answered_in_vrooms_shape(workspace: Workspace) -> None:
    """Setup and service of the type, both halves of the shipment, the break, the sums."""
    answer = VroomAnswer.model_validate(answer_vroom(workspace, every_field()))
    (route,) = answer.routes
    kinds = [step.type for step in route.steps]
    assert sorted(kinds) == ["break", "delivery", "end", "job", "job", "pickup", "start"]
    first = next(step for step in route.steps if step.type == "job" and step.id == 1)
    assert (first.setup, first.service, first.job) == (10, 400, 1)
    assert first.description == "<b>shop</b> {{ 7*7 }}"
    assert route.priority == 100 + 7 + 7
    assert (route.delivery, route.pickup) == ([4, 1], [2, 1])
    # Ten places at 100 s and 900 m, by 1.25 quicker: 800 s, 9 km; 873 s of tasks at 360 an hour.
    assert (route.duration, route.distance) == (800, 9000)
    assert route.cost == round(5 + 800 + 90 + 360 * (10 + 400 + 300 + 3 + 60) / 3600)
    (left,) = answer.unassigned
    assert (left.id, left.type, left.reason) == (3, "job", "skill_mismatch")
    assert left.fits_if == "a vehicle has the skills [99]"


def test_both_addresses_answer_alike(client: TestClient) -> None:
    """As vroom-express and as openrouteservice; times of computing apart."""
    answers = [client.post(path, json=every_field()) for path in ("/", "/optimization")]
    assert [answer.status_code for answer in answers] == [200, 200]
    found = [answer.json() for answer in answers]
    for one in found:
        one["summary"].pop("computing_times")
    assert found[0] == found[1]


def test_travel_between_coordinates_is_estimated_and_says_so(client: TestClient) -> None:
    """No matrix, no market: an estimate; geometry starts and ends at the van's home."""
    asked = by_coordinates()
    asked["options"]["g"] = True
    answer = client.post("/", json=asked).json()
    assert answer["travel_source"] == "estimated"
    assert answer["summary"]["unassigned"] == 0
    assert answer["routes"][0]["distance"] > 1000
    home = encode_polyline([(24.95, 60.18)])
    assert answer["routes"][0]["geometry"].startswith(home)


def test_the_polyline_is_the_one_map_clients_read() -> None:
    """The worked example of the format's description."""
    line = [(-120.2, 38.5), (-120.95, 40.7), (-126.453, 43.252)]
    assert encode_polyline(line) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"


def test_the_old_matrix_and_nulls_are_taken(client: TestClient) -> None:
    """openrouteservice's client sends ``matrix`` and null for what is left out."""
    asked = small()
    asked["matrix"] = asked.pop("matrices")["car"]["durations"]
    asked["vehicles"][0]["profile"] = "driving-car"
    asked["jobs"][0] |= {"skills": None, "time_windows": None}
    asked["shipments"] = None
    answer = client.post("/optimization", json=asked)
    assert answer.status_code == 200
    assert answer.json()["summary"]["cost"] == 90


def _without(asked: dict[str, Any], *path: str | int) -> dict[str, Any]:
    at: Any = asked
    for part in path[:-1]:
        at = at[part]
    at.pop(path[-1])
    return asked


def _with(asked: dict[str, Any], value: object, *path: str | int) -> dict[str, Any]:
    at: Any = asked
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    return asked


def _given(*steps: dict[str, Any]) -> dict[str, Any]:
    """The small request in plan mode."""
    asked = _with(small(), True, "options", "c")
    return _with(asked, list(steps), "vehicles", 0, "steps")


def _steps_twice() -> dict[str, Any]:
    return _given({"type": "job", "id": 7}, {"type": "job", "id": 7})


def _wished() -> dict[str, Any]:
    """Fifty seconds of driving in ten."""
    return _given(
        {"type": "start", "service_at": 100}, {"type": "job", "id": 7, "service_before": 110}
    )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"vehicles": []}, "Invalid JSON object"),
        (_without(small(), "jobs", 0, "id"), "jobs.0.id"),
        (_with(small(), -5, "jobs", 0, "id"), "jobs.0.id"),
        (_with(small(), 101, "jobs", 0, "priority"), "jobs.0.priority"),
        (_without(small(), "jobs", 0, "location_index"), "Missing location index for job 7"),
        (_with(small(), 9, "jobs", 0, "location_index"), "exceeds the matrix of size 2"),
        (_with(small(), [[9, 3]], "jobs", 0, "time_windows"), "ends before it starts"),
        (_with(small(), [1], "jobs", 0, "delivery"), "capacity length"),
        (_with(small(), "boat", "vehicles", 0, "profile"), "Invalid profile: 'boat'"),
        (_with(small(), [[0, 1]], "matrices", "car", "durations"), "not square"),
        (_with(small(), 5, "vehicles", 0, "max_distance"), "Missing distances matrix"),
        (_with(small(), 0, "vehicles", 0, "speed_factor"), "speed_factor"),
        (_steps_twice(), "Duplicate steps for vehicle 1: job 7"),
        (_wished(), "vehicle 1"),
        (_with(small(), [{"type": "job", "id": 8}], "vehicles", 0, "steps"), "Invalid job id 8"),
        (_without(by_coordinates(), "jobs", 1, "location"), "Missing coordinates for job 2"),
        (_with(by_coordinates(), [60.1, 124.9], "jobs", 1, "location"), "is not lon, lat"),
        (_with(by_coordinates(), 1, "jobs", 1, "id"), "Duplicate job id: 1"),
    ],
)
def test_a_faulty_request_is_refused_in_vrooms_shape(
    client: TestClient, asked: dict[str, Any], words: str
) -> None:
    """Code 2, status 400, and the words name the place."""
    answer = client.post("/", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (400, 2)
    assert words in answer.json()["error"]


def test_a_body_that_is_no_json_and_one_too_large_are_refused(
    settings: Settings, client: TestClient
) -> None:
    """Codes 2 and 4."""
    assert client.post("/", content=b"{").json()["code"] == 2
    assert client.post("/", content=b"[" * 100_000).status_code == 400
    settings.vroom_max_locations = 1
    too_large = client.post("/", json=by_coordinates())
    assert (too_large.status_code, too_large.json()["code"]) == (413, 4)


def test_a_request_that_asks_for_more_time_is_queued_and_kept(
    settings: Settings, client: TestClient
) -> None:
    """202 with an address; the answer is there for a service started anew."""
    asked = _with(small(), 60, "options", "l")
    queued = client.post("/", json=asked)
    assert queued.status_code == 202
    where = queued.headers["location"]
    assert queued.json()["status_url"] == where
    answer = client.get(where)
    for _ in range(600):
        if answer.status_code == 200:
            break
        time.sleep(0.05)
        answer = client.get(where)
    assert answer.json()["summary"]["cost"] == 90
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as again:
        assert again.get(where).json() == answer.json()
        assert again.get("/v1/vroom/vrm_0").status_code == 404
        assert again.get("/v1/vroom/..%2Fkeys").status_code == 404


def test_a_request_cut_off_by_a_stopped_service_is_begun_anew(
    settings: Settings, tmp_path: Path
) -> None:
    """Only the request's file is left; asking for the answer starts the work."""
    folder = tmp_path / "vroom"
    folder.mkdir()
    (folder / "vrm_abc.request.json").write_text(json.dumps(small()))
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        assert client.get("/v1/vroom/vrm_abc").status_code == 202
        for _ in range(600):
            if client.get("/v1/vroom/vrm_abc").status_code == 200:
                break
            time.sleep(0.05)
        assert client.get("/v1/vroom/vrm_abc").json()["code"] == 0


def test_a_service_that_stops_puts_a_long_request_down(settings: Settings) -> None:
    """An hour is asked for; the service ends at once, and no half-made answer is kept."""
    asked = by_coordinates()
    asked["jobs"] = [{"id": n, "location": [24.9 + n / 1000, 60.1]} for n in range(150)]
    asked["options"] = {"l": 3600, "x": 5, "t": 1}
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        where = client.post("/", json=asked).headers["location"]
    folder = settings.var_path / "vroom"
    kept = {path.name.split(".")[1] for path in folder.glob(f"{where.rsplit('/', 1)[1]}*")}
    assert kept == {"request"}


def test_a_key_alone_opens_as_openrouteservice_sends_it(settings: Settings) -> None:
    """Authorization without the word Bearer."""
    settings.prepare()
    key = KeyRing(settings.var_path / "keys.json").add("someone")
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        assert client.post("/optimization", json=small()).status_code == 401
        for sent in (key, f"Bearer {key}"):
            headers = {"Authorization": sent}
            assert client.post("/optimization", json=small(), headers=headers).status_code == 200


def test_the_command_line_prints_the_answer_and_ends_with_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0 with a plan, 2 with a fault."""
    monkeypatch.setenv("FIELDWRIGHT_VAR", str(tmp_path / "var"))
    path = tmp_path / "request.json"
    path.write_text(json.dumps(small()))
    done = CliRunner().invoke(command_line, ["vroom", str(path), "-x", "0"])
    assert (done.exit_code, json.loads(done.stdout)["summary"]["cost"]) == (0, 90)
    path.write_text("{}")
    done = CliRunner().invoke(command_line, ["vroom", str(path)])
    assert (done.exit_code, json.loads(done.stdout)["code"]) == (2, 2)


def test_a_market_that_is_not_there_is_named(workspace: Workspace) -> None:
    """The roads of no market cannot be asked."""
    from territory.errors import NotFound

    asked = _with(by_coordinates(), "nowhere", "options", "market")
    with pytest.raises(NotFound, match="nowhere"):
        answer_vroom(workspace, asked)


def test_options_of_the_caller_overrule_those_of_the_request(workspace: Workspace) -> None:
    """An unknown option value is refused as in the request."""
    assert answer_vroom(workspace, small(), options={"x": 0, "l": None})["code"] == 0
    with pytest.raises(InputError):
        answer_vroom(workspace, small(), options={"x": 9})


def test_plan_mode_times_the_routes_given_and_tells_what_breaks(client: TestClient) -> None:
    """The order stays, times miss as little as they can, the rest is unassigned."""
    asked = _given({"type": "start"}, {"type": "job", "id": 7, "service_after": 200})
    asked["jobs"] += [{"id": 8, "location_index": 1}]
    asked["jobs"][0] |= {"time_windows": [[0, 150]], "skills": [3], "service": 10}
    asked["vehicles"][0]["time_window"] = [100, 1000]
    answer = client.post("/", json=asked).json()
    assert answer["code"] == 0
    (route,) = answer["routes"]
    assert [(step["type"], step["arrival"]) for step in route["steps"]] == [
        ("start", 150),
        ("job", 200),
        ("end", 250),
    ]
    wanted = [{"cause": "delay", "duration": 50}, {"cause": "skills"}]
    assert route["steps"][1]["violations"] == wanted
    assert route["violations"] == wanted
    assert answer["summary"]["violations"] == wanted
    assert [(one["id"], one["reason"]) for one in answer["unassigned"]] == [(8, "manual_exclude")]


def test_plan_mode_takes_every_field(client: TestClient) -> None:
    """The request that holds each key of VROOM's page is timed in its own order too."""
    asked = every_field()
    asked["options"]["c"] = True
    asked["vehicles"][0]["steps"][3].pop("service_at")
    route = client.post("/", json=asked).json()["routes"][0]
    assert [step["type"] for step in route["steps"]] == [
        step["type"] for step in asked["vehicles"][0]["steps"]
    ]
