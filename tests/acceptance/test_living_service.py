"""The service as it runs: real processes over HTTP, killed, stopped and started again."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from api.usecases.check import check_plan
from tests.acceptance.worlds import (
    CITY,
    World,
    command_line,
    copy_of,
    environment,
    fieldwright,
    open_workspace,
)

PATIENCE_SECONDS = 90.0
QUICK = {"FIELDWRIGHT_LEASE_SECONDS": "2", "FIELDWRIGHT_POLL_SECONDS": "0.2"}
ENDLESS = 10**9
"""A work limit that no test sees the end of."""

LISTENS = re.compile(r"Fieldwright listens on (http://127\.0\.0\.1:\d+)/")


@dataclass(slots=True, kw_only=True)
class Service:
    """``fieldwright serve`` in a folder of its own, and every process started beside it."""

    var: Path
    client: httpx2.Client
    processes: list[psutil.Popen] = field(default_factory=list)

    def worker(self) -> psutil.Process:
        """The worker that the server started."""
        (found,) = [
            child for child in self.processes[0].children() if child.cmdline()[-1] == "worker"
        ]
        return found

    def start_worker(self) -> psutil.Popen:
        self.processes.append(
            psutil.Popen(command_line("worker"), env=environment(self.var, **QUICK))
        )
        return self.processes[-1]

    def post(self, kind: str, **params: Any) -> str:
        """Queue a job; gives its address."""
        answer = self.client.post(f"/v1/markets/{CITY}/jobs", json={"kind": kind, "params": params})
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    def get(self, address: str) -> dict[str, Any]:
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def wait(self, job: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The job once something holds of it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so(info := self.get(job)):
            assert time.monotonic() < deadline, info
            assert info["status"] != "failed", info
            time.sleep(0.05)
        return info

    def close(self) -> None:
        """End the server as Ctrl-C would, and whatever is left."""
        self.client.close()
        left = [
            child for process in self.processes if process.is_running() for child in tree(process)
        ]
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        _, alive = psutil.wait_procs(left, timeout=30)
        for process in alive:
            process.kill()
        assert alive == [], "processes outlived the service"


def tree(process: psutil.Process) -> list[psutil.Process]:
    """A process and all below it."""
    return [process, *process.children(recursive=True)]


def is_running(info: dict[str, Any]) -> bool:
    """Whether a solver is at work on the job and has a plan already."""
    return info["status"] == "running" and info["has_best"]


def is_over(info: dict[str, Any]) -> bool:
    return info["status"] in ("succeeded", "dismissed", "failed")


@pytest.fixture(scope="module")
def service(city: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The small city served on a free port, with one worker, a short lease and eager polling."""
    var = tmp_path_factory.mktemp("service")
    copy_of(city.workspace, var).store.close()
    server = psutil.Popen(
        command_line("serve", "--port", "0"),
        env=environment(var, **QUICK),
        stderr=subprocess.PIPE,
        text=True,
    )
    found = LISTENS.match(server.stderr.readline())
    assert found is not None
    client = httpx2.Client(base_url=found[1], timeout=30)
    running = Service(var=var, client=client, processes=[server])
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_up(client):
            assert time.monotonic() < deadline, "the service did not come up"
        yield running
    finally:
        running.close()
        server.stderr.close()


def is_up(client: httpx2.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx2.TransportError:
        time.sleep(0.05)
        return False


def judge(service: Service, plan_id: str) -> None:
    """The judge finds the plan clean over HTTP, and in the database itself."""
    said = service.get(f"/v1/plans/{plan_id}/check")
    assert said == {"plan_id": plan_id, "is_clean": True, "violations": []}
    workspace = open_workspace(service.var)
    assert check_plan(workspace, plan_id)[1] == ()
    workspace.store.close()


def test_a_stopped_job_keeps_its_best_plan_judged_and_its_events_end(service: Service) -> None:
    job = service.post("visits", weeks=2, iterations=ENDLESS)
    service.wait(job, is_running)
    best = service.get(f"{job}/best")
    assert best["plan_id"] is None
    assert best["plan"]["routes"]
    asked = time.monotonic()
    assert service.client.delete(job).status_code == 200
    info = service.wait(job, is_over)
    # a turn of the search, the reasons of what is unserved, the judge, the database
    assert time.monotonic() - asked < 15
    assert info["status"] == "dismissed"
    assert info["plan_id"] is not None
    kept = service.get(f"{job}/best")
    assert kept["plan_id"] == info["plan_id"]
    assert kept["stopped_by"] == "cancelled"
    assert not kept["is_repeatable"]
    judge(service, info["plan_id"])
    text = service.client.get(f"{job}/events").text
    events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert events[-1] == {"status": "dismissed"}
    fractions = [event["fraction"] for event in events if "fraction" in event]
    assert fractions == sorted(fractions)
    assert len(fractions) > 2


def test_a_redraw_that_is_stopped_keeps_a_plan_too(service: Service) -> None:
    job = service.post("redraw", from_scratch=True, seed=1)
    service.wait(job, lambda info: info["status"] == "running" and info["fraction"] >= 0.1)
    service.client.delete(job)
    info = service.wait(job, is_over)
    assert (info["status"], info["error"]) == ("dismissed", "")
    assert info["plan_id"] is not None
    judge(service, info["plan_id"])


def test_a_job_whose_worker_is_killed_with_9_is_run_again_by_the_next(service: Service) -> None:
    job = service.post("visits", weeks=1, iterations=ENDLESS, seconds=6)
    service.wait(job, is_running)
    worker = service.worker()
    solver = tree(worker)[1:]
    assert solver
    worker.kill()
    _, alive = psutil.wait_procs(solver, timeout=PATIENCE_SECONDS)
    assert alive == []
    assert service.get(job)["status"] == "running"  # nobody is there to say otherwise
    service.start_worker()
    info = service.wait(job, is_over)
    assert (info["status"], info["attempts"]) == ("succeeded", 2)
    judge(service, info["plan_id"])
    plans = service.client.get(f"/v1/markets/{CITY}/plans", params={"kind": "visits"}).json()
    assert [plan["plan_id"] for plan in plans].count(info["plan_id"]) == 1
    assert service.get(f"/v1/plans/{info['plan_id']}")["stopped_by"] == "clock"


def test_pages_of_the_plans_are_served_with_their_own_policy(service: Service) -> None:
    home = service.client.get("/")
    assert home.status_code == 200
    links = re.findall(r'href="(/v1/plans/[^"]+/map)"', home.text)
    assert links
    for link in links:
        page = service.client.get(link)
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in page.text


def test_without_a_key_no_address_but_loopback_is_served(tmp_path: Path) -> None:
    refused = fieldwright(tmp_path / "var", "serve", "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 1
    assert "Without a key this service stays on loopback; 0.0.0.0 is open" in refused.stderr
    assert "fieldwright keys add" in refused.stderr
    assert "listens" not in refused.stderr
    assert "Traceback" not in refused.stderr
