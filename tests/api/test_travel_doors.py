"""Questions of travel through both doors: HTTP and the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli import app as cli
from api.settings import Settings
from tests.api.travel_town import place, town

BASE = "/v1/markets/town/travel"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("doors")
    town(path).store.close()
    return path


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    app = create_app(Settings(var=folder / "var"))
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client
    app.state.workspace.store.close()


def test_a_matrix_comes_with_its_source_and_null_where_there_is_no_way(
    client: TestClient,
) -> None:
    body = {"sources": ["O1", place(10, 5)], "targets": ["O2", "ISLE"]}
    answer = client.post(f"{BASE}/matrix", json=body)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["source"] == "road"
    assert [row[1] for row in told["seconds"]] == [None, None]
    assert told["meters"][1][0] == pytest.approx(556, abs=2)
    peak = client.post(f"{BASE}/matrix", json={**body, "period": "peak"}).json()
    assert peak["source"] == "road+time-of-day"
    assert peak["seconds"][0][0] > told["seconds"][0][0]
    square = client.post(f"{BASE}/matrix", json={"sources": ["O1", "O2"]}).json()
    assert square["seconds"][0][0] == square["seconds"][1][1] == 0


def test_a_matrix_too_large_for_an_answer_is_refused_before_any_work(client: TestClient) -> None:
    answer = client.post(f"{BASE}/matrix", json={"sources": ["O1"] * 501})
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["title"] == "This table is too large for one answer."
    assert "250,000 pairs" in problem["errors"][0]["detail"]
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_route_has_lines_and_steps_in_words(client: TestClient) -> None:
    answer = client.post(f"{BASE}/route", json={"places": ["O1", "O2", "O1"]})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert len(told["legs"]) == 2
    assert told["seconds"] == sum(leg["seconds"] for leg in told["legs"])
    leg = told["legs"][0]
    assert leg["geometry"]["type"] == "LineString"
    assert leg["geometry"]["coordinates"][-1] == [0.01, 0.01]
    assert leg["steps"][0]["manoeuvre"] == "depart"
    assert "Turn left into East Street" in [step["instruction"] for step in leg["steps"]]


def test_isochrones_are_geojson_and_a_page(client: TestClient) -> None:
    answer = client.post(f"{BASE}/isochrones", json={"places": ["O1"], "minutes": [1, 2]})
    assert answer.status_code == 200, answer.text
    assert [part["properties"]["minutes"] for part in answer.json()["features"]] == [2, 1]
    page = client.get(f"{BASE}/isochrones/map", params={"at": "O1", "minutes": [1, 2]})
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "<b>=1+1" not in page.text


def test_the_nearest_are_the_own_outlets_unless_targets_are_named(client: TestClient) -> None:
    answer = client.post(f"{BASE}/nearest", json={"sources": [place(9, 10)], "count": 2})
    assert answer.status_code == 200, answer.text
    (row,) = answer.json()["nearest"]
    assert [near["target"] for near in row] == [1, 0]  # O2, then O1; the others have no way
    near = {"sources": [place(9, 10)], "targets": ["O1"], "limit_minutes": 0.1}
    assert client.post(f"{BASE}/nearest", json=near).json()["nearest"] == [[]]


def test_what_is_cut_off_is_listed_with_reasons(client: TestClient) -> None:
    told = client.get(f"{BASE}/check").json()
    assert told["looked_at"] == 6
    assert {item["id"]: item["reason"] for item in told["cut_off"]} == {
        "ISLE": "island",
        "GATED": "closed_road",
        "FAR": "beyond_limit",
    }


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("route", {"places": ["O1", "ISLE"]}, 422, "There is no way by car"),
        ("route", {"places": ["O1"]}, 422, "cannot be taken"),
        ("route", {"places": ["O1", "nobody"]}, 404, "no place 'nobody'"),
        ("route", {"places": ["O1", "O2"], "mode": "canoe"}, 422, "cannot be taken"),
        ("route", {"places": ["O1", "O2"], "period": "noon"}, 422, "cannot be taken"),
        ("route", {"places": ["O1", "O2"], "colour": 1}, 422, "cannot be taken"),
        ("matrix", {"sources": []}, 422, "cannot be taken"),
        ("matrix", {"sources": ["999,0"]}, 422, "not on the globe"),
        ("isochrones", {"places": ["FAR"]}, 422, "joins a road"),
        ("isochrones", {"places": ["O1"], "minutes": [0]}, 422, "cannot be taken"),
        ("nearest", {"sources": ["O1"], "count": 0}, 422, "cannot be taken"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_in_words(
    client: TestClient, path: str, body: dict[str, object], status: int, words: str
) -> None:
    answer = client.post(f"{BASE}/{path}", json=body)
    assert answer.status_code == status, answer.text
    assert words in answer.json()["title"]


def test_other_markets_and_modes_without_roads_say_so(client: TestClient) -> None:
    assert client.get("/v1/markets/elsewhere/travel/check").status_code == 404
    answer = client.get(f"{BASE}/check", params={"mode": "foot"})
    assert answer.status_code == 503
    assert "no roads of its own" in answer.json()["title"]


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> "Run":
    monkeypatch.setenv("FIELDWRIGHT_VAR", str(folder / "var"))
    monkeypatch.setenv("FIELDWRIGHT_TRAVEL_SERVERS", "localhost")
    return Run()


class Run:
    """Runs one `fieldwright travel` command and gives what it says."""

    def __call__(self, *arguments: str) -> str:
        found = CliRunner().invoke(cli, ["travel", *arguments], catch_exceptions=False)
        assert found.exit_code == 0, found.output
        return found.output


def test_the_command_line_answers_the_same(run: Run, tmp_path: Path) -> None:
    said = run("route", "town", "--from", "O1", "--to", "O2", "--to", "O1")
    assert "Turn left into East Street" in said
    assert "km by car, on roads" in said
    assert "6 places looked at by car: 3 cut off" in run("check", "town")
    table = tmp_path / "cut.csv"
    run("check", "town", "--out", str(table))
    assert len(table.read_text().splitlines()) == 4


def test_the_command_line_writes_reach_and_tables(run: Run, tmp_path: Path) -> None:
    areas = tmp_path / "reach.geojson"
    said = run("isochrone", "town", "--at", "O1", "--minutes", "1,2", "--out", str(areas))
    assert "within 1 min: " in said
    assert len(json.loads(areas.read_text())["features"]) == 2
    page = tmp_path / "reach.html"
    run("isochrone", "town", "--at", place(5, 0), "--at", "O2", "--out", str(page))
    assert "the nearest of 2 places" in page.read_text()
    places = tmp_path / "places.csv"
    places.write_text(f"id,lon,lat\na,{place(1, 0)}\nb,{place(9, 10)}\n")
    table = tmp_path / "m.csv"
    assert "4 pairs written" in run("matrix", "town", str(places), "--out", str(table))
    assert len(table.read_text().splitlines()) == 5
    said = run("nearest", "town", str(places), "--count", "1")
    assert [line.split("\t")[:2] for line in said.splitlines()] == [["a", "O1"], ["b", "O2"]]
    said = run("nearest", "town", str(places), "--limit-minutes", "0.01")
    assert said.splitlines() == ["a\tnone within reach", "b\tnone within reach"]


def test_what_a_terminal_would_obey_is_not_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from api.cli.travel import say

    say("Rua\x1b[2J \u202eÁ\t1")
    assert capsys.readouterr().out == "Rua\ufffd[2J \ufffdÁ\t1\n"


def test_the_command_line_names_and_takes_away_a_server(run: Run) -> None:
    said = run("server", "town", "osrm", "http://localhost:5999", "--mode", "bicycle")
    assert said == ("town: travel by bicycle is asked of the osrm server http://localhost:5999\n")
    assert "own again" in run("server", "town", "none", "--mode", "bicycle")
