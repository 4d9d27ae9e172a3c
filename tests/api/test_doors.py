"""The guard: wrong hosts, foreign origins, oversized bodies and missing keys stay outside."""

from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from api import problems
from api.auth import KeyRing
from api.doors import Guard


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys.json")


@pytest.fixture
def client(ring: KeyRing) -> TestClient:
    app = FastAPI()

    @app.get("/thing")
    def thing() -> dict[str, str]:
        return {"a": "b"}

    @app.post("/thing")
    async def make(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    problems.install(app)
    app.add_middleware(Guard, keys=ring, allowed_hosts=frozenset({"plans.example"}), max_bytes=1000)
    return TestClient(app, base_url="http://127.0.0.1:8000")


def test_loopback_is_heard_without_a_key(client: TestClient) -> None:
    assert client.get("/thing").json() == {"a": "b"}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "192.168.0.9"])
def test_another_host_name_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/thing", headers={"Host": host})
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("host", ["localhost", "[::1]:8000", "plans.example:443"])
def test_loopback_and_allowed_names_are_served(client: TestClient, host: str) -> None:
    assert client.get("/thing", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999"])
def test_a_page_of_another_origin_cannot_write(client: TestClient, origin: str) -> None:
    assert client.post("/thing", headers={"Origin": origin}).status_code == 403


def test_a_cross_site_form_without_origin_cannot_write(client: TestClient) -> None:
    assert client.post("/thing", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_our_own_page_can_write(client: TestClient) -> None:
    headers = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/thing", headers=headers).status_code == 200


def test_a_large_body_is_refused_declared_or_not(client: TestClient) -> None:
    assert client.post("/thing", content=b"x" * 1001).status_code == 413
    assert client.post("/thing", content=iter([b"x" * 600, b"x" * 600])).status_code == 413
    assert client.post("/thing", content=iter([b"x" * 600])).json() == {"bytes": 600}


def test_once_a_key_exists_it_is_needed(client: TestClient, ring: KeyRing) -> None:
    key = ring.add("planner")
    refused = client.get("/thing")
    assert refused.status_code == 401
    assert refused.json()["code"] == "unauthorized"
    assert client.get("/thing", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert client.get("/thing", headers={"Authorization": "Bearer fw_0_0"}).status_code == 401
    client.cookies.set("fieldwright_key", key)
    assert client.get("/thing").status_code == 200


def test_answers_carry_the_security_headers(client: TestClient) -> None:
    headers = client.get("/thing").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
