"""The HTTP door on a small market: tables in, faults out, jobs queued, plans asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings

COMPANIES = (
    "company_id,name,lon,lat,category,consumption\n"
    "00123,<script>alert(1)</script>,24.94,60.17,shop,1000\n"
    "NA,{{7*191}},24.95,60.17,shop,2000\n"
)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(Settings(var=tmp_path / "var"))
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client
    app.state.workspace.store.close()


def _make(client: TestClient) -> None:
    body = {"name": "toy", "title": "Toy town", "currency": "EUR", "timezone": "Europe/Helsinki"}
    answer = client.post("/v1/markets", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == "/v1/markets/toy"


def _upload(client: TestClient, text: str, **form: str) -> tuple[int, dict[str, object]]:
    answer = client.post(
        "/v1/markets/toy/tables/companies",
        files={"file": ("companies.csv", text.encode(), "text/csv")},
        data=form,
    )
    return answer.status_code, answer.json()


def test_a_market_is_made_filled_and_read_back_with_its_ids_as_text(client: TestClient) -> None:
    _make(client)
    assert _upload(client, COMPANIES)[0] == 201
    page = client.get("/v1/markets/toy/tables/companies", params={"limit": 1}).json()
    assert page["total"] == 2
    assert page["rows"][0]["company_id"] == "00123"
    assert page["next"] == 1
    rest = client.get("/v1/markets/toy/tables/companies", params={"offset": 1}).json()
    assert rest["rows"][0]["company_id"] == "NA"
    assert rest["next"] is None
    beyond = client.get("/v1/markets/toy/tables/companies", params={"offset": 7}).json()
    assert (beyond["rows"], beyond["total"], beyond["next"]) == ([], 2, None)
    endless = client.get("/v1/markets/toy/tables/companies", params={"offset": 10**30})
    assert endless.status_code == 422


def test_bad_rows_come_back_all_at_once_and_nothing_is_stored(client: TestClient) -> None:
    _make(client)
    bad = COMPANIES + "c3,x,24.9,91.2,shop,10\nc4,y,24.9,60.1,shop,-5\n"
    status, body = _upload(client, bad)
    assert status == 422
    assert {(fault["row"], fault["column"]) for fault in body["errors"]} == {  # type: ignore[attr-defined]
        (4, "lat"),
        (5, "consumption"),
    }
    assert client.get("/v1/markets/toy/tables/companies").json()["total"] == 0


def test_good_rows_are_kept_when_bad_ones_may_be_skipped(client: TestClient) -> None:
    _make(client)
    status, body = _upload(client, COMPANIES + "c3,x,24.9,91.2,shop,10\n", skip_bad_rows="true")
    assert status == 201
    assert "1 bad rows" in " ".join(body["lines"])  # type: ignore[arg-type]
    assert client.get("/v1/markets/toy/tables/companies").json()["total"] == 2


def test_a_market_cannot_be_made_twice_nor_under_a_wild_name(client: TestClient) -> None:
    _make(client)
    assert client.post("/v1/markets", json={"name": "toy"}).status_code == 409
    for name in ("../etc", "Toy", "a b", "", "x" * 64):
        assert client.post("/v1/markets", json={"name": name}).status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/v1/markets/none",
        "/v1/markets/none/plans",
        "/v1/markets/none/jobs",
        "/v1/jobs/none",
        "/v1/jobs/none/best",
        "/v1/jobs/none/events",
        "/v1/plans/none",
        "/v1/plans/none/map",
        "/v1/plans/none/check",
        "/v1/plans/none/exports/xlsx",
        "/v1/markets/%2e%2e/tables/companies",
    ],
)
def test_what_does_not_exist_is_a_404_problem(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_a_job_is_queued_once_per_idempotency_key_and_can_be_dismissed(client: TestClient) -> None:
    _make(client)
    body = {"kind": "redraw", "params": {"tolerance_percent": 4}}
    headers = {"Idempotency-Key": "k1"}
    first = client.post("/v1/markets/toy/jobs", json=body, headers=headers)
    assert first.status_code == 201
    assert first.headers["location"] == f"/v1/jobs/{first.json()['id']}"
    again = client.post("/v1/markets/toy/jobs", json=body, headers=headers)
    assert again.json()["id"] == first.json()["id"]
    other = client.post("/v1/markets/toy/jobs", json={"kind": "score"}, headers=headers)
    assert other.status_code in (409, 422)
    assert client.get(first.headers["location"]).json()["status"] == "queued"
    assert client.delete(first.headers["location"]).json()["status"] == "dismissed"
    with client.stream("GET", first.headers["location"] + "/events") as stream:
        text = "".join(stream.iter_text())
    assert "event: end" in text
    assert "id: 1" in text


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "conquer"},
        {"kind": "redraw", "params": {"tolerance": 4}},
        {"kind": "redraw", "params": {"tolerance_percent": -1}},
        {"kind": "visits", "params": {"weeks": 99, "seed": -1}},
        {},
    ],
)
def test_a_job_with_wrong_parameters_is_refused_at_the_door(
    client: TestClient, body: dict[str, object]
) -> None:
    _make(client)
    answer = client.post("/v1/markets/toy/jobs", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_an_upload_that_is_not_what_it_says_is_refused(client: TestClient) -> None:
    _make(client)
    vrt = b"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource>"
    for name in ("x.geojson", "x.gpkg", "x.csv", "x.xlsx", "x.parquet", "x.kml", "x"):
        answer = client.post(
            "/v1/markets/toy/tables/companies", files={"file": (name, vrt, "text/plain")}
        )
        assert answer.status_code == 422, name
        assert "root:" not in answer.text


def test_login_takes_a_key_and_gives_a_cookie_scripts_cannot_read(
    client: TestClient,
) -> None:
    key = client.app.state.keys.add("planner")  # type: ignore[attr-defined]
    assert client.get("/v1/markets").status_code == 401
    assert client.post("/login", data={"key": "fw_no_no"}).status_code == 401
    answer = client.post("/login", data={"key": key}, follow_redirects=False)
    assert answer.status_code == 303
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert client.get("/v1/markets").status_code == 200


def test_openapi_describes_every_route_and_no_page_loads_from_elsewhere(
    client: TestClient,
) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert "/v1/plans/{plan_id}/moves" in paths
    assert client.get("/docs").status_code == 404
    assert "http" not in client.get("/login").text.split("<body>")[0].replace("http-equiv", "")
