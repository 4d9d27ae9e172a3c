"""The queue: each job ends once, whatever becomes of the workers."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from data.store import Claim, Job, JobQueue, Store, claim_in_force
from data.store.engine import open_engine
from territory.errors import Conflict, NotFound
from tests.data.store.worlds import SETTINGS, provenance, score_plan


class Clock:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Queue:
    """Two queues on one database, each a worker's process with a clock of its own."""

    def __init__(self, url: str) -> None:
        self.store = Store.open(url)
        self.store.create_market("espoo", SETTINGS)
        self.engines = (open_engine(url), open_engine(url))
        self.clock = Clock()
        self.one, self.two = (
            JobQueue(engine, now=lambda: datetime(2026, 3, 2, tzinfo=UTC), monotonic=self.clock)
            for engine in self.engines
        )

    def put(self, number: int = 1) -> Job:
        return self.one.enqueue("espoo", "score", {"seed": number})

    def taken(self, queue: JobQueue) -> Job:
        job = queue.claim("w", lease_seconds=10)
        assert job is not None
        return job


@pytest.fixture
def world(url: str) -> Iterator[Queue]:
    """A market with an empty queue."""
    queue = Queue(url)
    yield queue
    queue.store.close()
    for engine in queue.engines:
        engine.dispose()


def claim_of(job: Job) -> Claim:
    return Claim(job_id=job.id, token=job.token)


def test_jobs_are_taken_in_the_order_they_came_and_once(world: Queue) -> None:
    first, second = world.put(1), world.put(2)
    taken = [world.taken(world.one), world.taken(world.two)]
    assert [job.id for job in taken] == [first.id, second.id]
    assert [job.params for job in taken] == [{"seed": 1}, {"seed": 2}]
    assert world.one.claim("w", lease_seconds=10) is None
    assert {job.status for job in world.one.list_jobs()} == {"running"}


def test_a_job_tells_its_story(world: Queue) -> None:
    job = world.put()
    claim = claim_of(world.taken(world.one))
    world.one.progress(claim, fraction=0.5, message="half", objective=3.0, bound=2.0, best="{}")
    world.one.progress(claim, fraction=0.7, message="more")
    found = world.one.get(job.id)
    assert (found.fraction, found.message, found.has_best) == (0.7, "more", True)
    assert world.one.best(job.id) == "{}"
    world.one.finish(claim, "succeeded", plan_id="pln_1")
    done = world.one.get(job.id)
    assert (done.status, done.plan_id, done.fraction) == ("succeeded", "pln_1", 1.0)
    assert done.is_over
    story = world.one.events(job.id)
    assert [event.seq for event in story] == [1, 2, 3, 4, 5]
    assert [event.body["status"] for event in story] == ["queued"] + ["running"] * 3 + ["succeeded"]
    assert [event.seq for event in world.one.events(job.id, after=3)] == [4, 5]


def test_the_same_key_gives_the_same_job_and_no_other(world: Queue) -> None:
    first = world.one.enqueue("espoo", "score", {"a": 1}, idempotency_key="k")
    again = world.two.enqueue("espoo", "score", {"a": 1}, idempotency_key="k")
    assert again.id == first.id
    with pytest.raises(Conflict, match="another request"):
        world.one.enqueue("espoo", "score", {"a": 2}, idempotency_key="k")
    assert len(world.one.list_jobs(market="espoo")) == 1


def test_a_full_queue_and_unknown_names_are_said(world: Queue) -> None:
    world.put()
    with pytest.raises(Conflict, match="1 jobs wait"):
        world.one.enqueue("espoo", "score", {}, max_queued=1)
    with pytest.raises(NotFound, match="lapland"):
        world.one.enqueue("lapland", "score", {})
    for ask in (world.one.get, world.one.best, world.one.request_cancel):
        with pytest.raises(NotFound):
            ask("job_x")


def test_a_silent_worker_loses_its_job_after_a_lease_of_watching(world: Queue) -> None:
    job = world.put()
    world.taken(world.one)
    assert world.two.claim("v", lease_seconds=10) is None  # begins to watch
    world.clock.seconds = 9.0
    assert world.two.claim("v", lease_seconds=10) is None
    world.clock.seconds = 10.5
    second = world.two.claim("v", lease_seconds=10)
    assert second is not None
    assert (second.id, second.attempts, second.worker_id) == (job.id, 2, "v")


def test_a_beating_worker_keeps_its_job_however_long(world: Queue) -> None:
    world.put()
    claim = claim_of(world.taken(world.one))
    for seconds in range(0, 100, 6):
        world.clock.seconds = float(seconds)
        assert world.one.beat(claim) is False
        assert world.two.claim("v", lease_seconds=10) is None


def test_a_worker_that_wakes_too_late_can_write_nothing(world: Queue) -> None:
    world.put()
    late = claim_of(world.taken(world.one))
    world.two.claim("v", lease_seconds=10)
    world.clock.seconds = 11
    second = world.two.claim("v", lease_seconds=10)
    assert second is not None
    for write in (
        lambda: world.one.beat(late),
        lambda: world.one.progress(late, fraction=0.9, message="late"),
        lambda: world.one.finish(late, "succeeded", plan_id="pln_late"),
        lambda: world.one.retry(late, "late"),
        lambda: world.one.hand_back(late),
    ):
        with pytest.raises(Conflict, match="no longer"):
            write()
    assert world.one.get(second.id).status == "running"
    world.two.finish(claim_of(second), "succeeded", plan_id="pln_2")
    assert world.one.get(second.id).plan_id == "pln_2"


def test_a_late_plan_is_not_saved_and_a_timely_one_is_bound_to_its_job(world: Queue) -> None:
    world.put()
    late = claim_of(world.taken(world.one))
    world.two.claim("v", lease_seconds=10)
    world.clock.seconds = 11
    second = world.two.claim("v", lease_seconds=10)
    assert second is not None
    token = claim_in_force.set(late)
    try:
        with pytest.raises(Conflict, match="no longer"):
            world.store.save_plan(score_plan(), provenance())
        claim_in_force.set(claim_of(second))
        stored = world.store.save_plan(score_plan(), provenance())
    finally:
        claim_in_force.reset(token)
    assert [plan.plan_id for plan in world.store.list_plans("espoo")] == [stored.plan_id]
    assert world.one.get(second.id).plan_id == stored.plan_id
    # The worker dies after its child saved: the next one finds the job done, and runs nothing.
    assert world.one.claim("w", lease_seconds=10) is None
    world.clock.seconds = 22
    assert world.one.claim("w", lease_seconds=10) is None
    assert world.one.get(second.id).status == "succeeded"


def test_a_job_that_breaks_three_workers_fails_with_its_reason(world: Queue) -> None:
    job = world.put()
    for _ in range(3):
        world.one.retry(claim_of(world.taken(world.one)), "SIGSEGV")
    failed = world.one.get(job.id)
    assert failed.status == "failed"
    assert "3 attempts" in failed.error
    assert "SIGSEGV" in failed.error
    assert world.one.claim("w", lease_seconds=10) is None


def test_handing_back_costs_no_attempt(world: Queue) -> None:
    job = world.put()
    for _ in range(5):
        world.one.hand_back(claim_of(world.taken(world.one)))
    waiting = world.one.get(job.id)
    assert (waiting.status, waiting.attempts) == ("queued", 0)


def test_a_waiting_job_is_dismissed_at_once_and_a_running_one_is_told(world: Queue) -> None:
    waiting = world.put()
    assert world.one.request_cancel(waiting.id).status == "dismissed"
    assert world.one.request_cancel(waiting.id).status == "dismissed"
    assert world.one.claim("w", lease_seconds=10) is None
    world.put(2)
    running = world.taken(world.one)
    assert world.two.request_cancel(running.id).status == "running"
    assert world.one.beat(claim_of(running)) is True
    world.one.finish(claim_of(running), "dismissed", plan_id="pln_best")
    assert world.one.get(running.id).plan_id == "pln_best"


def test_a_cancelled_job_of_a_dead_worker_is_dismissed(world: Queue) -> None:
    world.put()
    job = world.taken(world.one)
    world.one.request_cancel(job.id)
    world.two.claim("v", lease_seconds=10)
    world.clock.seconds = 11
    assert world.two.claim("v", lease_seconds=10) is None
    assert world.two.get(job.id).status == "dismissed"


def test_a_new_worker_with_the_old_name_hides_nothing(world: Queue) -> None:
    world.put()
    world.taken(world.one)
    assert world.two.claim("w", lease_seconds=10) is None  # the same worker id, another process
    world.clock.seconds = 11
    second = world.two.claim("w", lease_seconds=10)
    assert second is not None
    assert second.attempts == 2
