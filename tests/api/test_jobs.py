"""The worker and its child processes: killed, frozen, stopped, crashed; every job still ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from sqlalchemy.exc import OperationalError

from api.worker import Worker, run_worker
from data.store import Job, JobQueue, Store, decode_plan
from data.store.engine import open_engine, writing
from tests.data.store.conftest import url as url  # a fixture
from tests.data.store.worlds import SETTINGS, score_plan

ENTRY = "tests.api.job_entries:run"
LEASE_SECONDS = 1.0
PATIENCE_SECONDS = 60.0
PROGRAM = f"""
import sys
from api.worker import run_worker
run_worker(database_url=sys.argv[1], var_path=sys.argv[2], lease_seconds={LEASE_SECONDS},
           poll_seconds=0.05, entry={ENTRY!r})
"""


@dataclass(slots=True)
class House:
    """A store with a market, a var folder, and worker processes that are cleaned up."""

    var: Path
    url: str
    store: Store
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def put(self, do: str) -> Job:
        return self.store.jobs.enqueue("espoo", "score", {"do": do})

    def start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-c", PROGRAM, self.url, str(self.var)]
        self.workers.append(subprocess.Popen(command))
        return self.workers[-1]

    def pids(self) -> list[int]:
        path = self.var / "pids"
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def await_status(self, job: Job, *statuses: str) -> Job:
        wait_for(lambda: self.store.jobs.get(job.id).status in statuses)
        return self.store.jobs.get(job.id)

    def work(self, *, grace_seconds: float = 5.0, stop: threading.Event | None = None) -> bool:
        worker = Worker(
            queue=self.store.jobs,
            database_url=self.url,
            var_path=str(self.var),
            lease_seconds=LEASE_SECONDS,
            entry=ENTRY,
            stop=stop or threading.Event(),
            grace_seconds=grace_seconds,
        )
        return worker.work()


@pytest.fixture
def house(tmp_path: Path, url: str) -> Iterator[House]:
    """An empty queue on each kind of database."""
    store = Store.open(url)
    store.create_market("espoo", SETTINGS)
    made = House(var=tmp_path, url=url, store=store)
    yield made
    for worker in made.workers:
        worker.kill()
        worker.wait()
    store.close()


def wait_for(is_so: Callable[[], bool]) -> None:
    """Wait until something holds; fail when it does not for a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        threading.Event().wait(0.02)


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def cancel_once_running(house: House, job: Job) -> threading.Thread:
    def ask() -> None:
        wait_for(lambda: house.store.jobs.get(job.id).has_best)
        house.store.jobs.request_cancel(job.id)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def test_a_job_whose_worker_is_killed_with_9_is_run_again_and_ends(house: House) -> None:
    job = house.put("until told")
    first = house.start()
    wait_for(lambda: len(house.pids()) == 1)
    first.send_signal(signal.SIGKILL)
    first.wait()
    wait_for(lambda: is_gone(house.pids()[0]))  # the child died with its worker
    assert house.store.jobs.get(job.id).status == "running"
    (house.var / "go").touch()
    house.start()
    done = house.await_status(job, "succeeded", "failed")
    assert (done.status, done.attempts) == ("succeeded", 2)
    assert [plan.plan_id for plan in house.store.list_plans("espoo")] == [done.plan_id]


def test_a_frozen_worker_that_wakes_up_publishes_nothing(house: House) -> None:
    job = house.put("until told")
    first = house.start()
    wait_for(lambda: house.store.jobs.get(job.id).has_best)
    children = psutil.Process(first.pid).children(recursive=True)
    engine = open_engine(house.url)
    with writing(engine):  # nobody else writes now: SQLite's lock must not freeze with its holder
        for pid in (first.pid, *(child.pid for child in children)):
            os.kill(pid, signal.SIGSTOP)
    engine.dispose()
    (house.var / "go").touch()
    house.start()
    done = house.await_status(job, "succeeded", "failed")
    for pid in (first.pid, *(child.pid for child in children)):
        os.kill(pid, signal.SIGCONT)
    wait_for(lambda: is_gone(house.pids()[0]))
    assert done.status == "succeeded"
    assert [plan.plan_id for plan in house.store.list_plans("espoo")] == [done.plan_id]
    assert house.store.jobs.get(job.id) == done
    following = house.put("nothing")  # both workers live on
    assert house.await_status(following, "succeeded", "failed").status == "succeeded"


def test_a_worker_told_to_end_hands_its_job_back(house: House) -> None:
    job = house.put("until told")
    worker = house.start()
    wait_for(lambda: len(house.pids()) == 1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE_SECONDS) == 0
    assert is_gone(house.pids()[0])
    waiting = house.store.jobs.get(job.id)
    assert (waiting.status, waiting.attempts) == ("queued", 0)


def test_a_cancelled_job_keeps_the_plan_it_had(house: House) -> None:
    job = house.put("until told")
    asking = cancel_once_running(house, job)
    assert house.work()
    asking.join()
    done = house.store.jobs.get(job.id)
    assert done.status == "dismissed"
    assert done.plan_id is not None
    assert repr(house.store.load_plan(done.plan_id).plan) == repr(score_plan())


def test_a_solver_that_does_not_listen_is_killed_and_its_best_kept(house: House) -> None:
    job = house.put("stubborn")
    asking = cancel_once_running(house, job)
    assert house.work(grace_seconds=0.3)
    asking.join()
    done = house.store.jobs.get(job.id)
    assert (done.status, done.plan_id) == ("dismissed", None)
    assert is_gone(house.pids()[0])
    best = house.store.jobs.best(job.id)
    assert best is not None
    assert repr(decode_plan("score", best)) == repr(score_plan())


def test_a_solver_that_crashes_is_tried_three_times(house: House) -> None:
    job = house.put("segfault")
    assert [house.work() for _ in range(4)] == [True, True, True, False]
    failed = house.store.jobs.get(job.id)
    assert failed.status == "failed"
    assert "SIGSEGV" in failed.error
    assert len(house.pids()) == 3


@pytest.mark.parametrize(
    ("do", "said"),
    [("refuse", "This market is empty. Import companies."), ("bug", "ZeroDivisionError")],
)
def test_a_job_that_cannot_be_done_fails_at_once_with_its_reason(
    house: House, do: str, said: str
) -> None:
    job = house.put(do)
    assert house.work()
    failed = house.store.jobs.get(job.id)
    assert (failed.status, failed.attempts) == ("failed", 1)
    assert said in failed.error


def test_a_worker_asked_for_once_ends_when_the_queue_is_empty(house: House) -> None:
    jobs = [house.put("nothing"), house.put("nothing")]
    run_worker(
        database_url=house.url,
        var_path=str(house.var),
        lease_seconds=LEASE_SECONDS,
        poll_seconds=0.05,
        once=True,
        entry=ENTRY,
    )
    ended = [house.store.jobs.get(job.id) for job in jobs]
    assert [job.status for job in ended] == ["succeeded", "succeeded"]
    assert [job.objective for job in ended] == [1.0, 1.0]
    assert len(house.store.list_plans("espoo")) == 2


def test_a_worker_asked_for_once_tries_again_where_a_claim_met_a_busy_database(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = house.put("nothing")
    claims: list[str] = []
    claim = JobQueue.claim

    def busy_at_first(self: JobQueue, worker_id: str, *, lease_seconds: float) -> Job | None:
        claims.append(worker_id)
        if len(claims) == 1:
            raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))
        return claim(self, worker_id, lease_seconds=lease_seconds)

    monkeypatch.setattr(JobQueue, "claim", busy_at_first)
    run_worker(
        database_url=house.url,
        var_path=str(house.var),
        lease_seconds=LEASE_SECONDS,
        poll_seconds=0.05,
        once=True,
        entry=ENTRY,
    )
    assert len(claims) > 1
    assert house.store.jobs.get(job.id).status == "succeeded"
