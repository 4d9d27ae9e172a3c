"""The worker: claims jobs one after the other and sees each to its end, or hands it back."""

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from api.jobs import Child, Crashed, Done, Failed, Progressed, Word
from data.store import Claim, Job, JobQueue, Store
from territory.errors import Conflict

logger = logging.getLogger(__name__)

GRACE_SECONDS = 20.0
"""How long a job that was told to stop may take to end its turn, be judged and be saved."""

LISTEN_SECONDS = 0.1

DEFAULT_ENTRY = "api.usecases.run:run_job"
"""What a child runs: the function that makes and saves the plan of one job."""

T = TypeVar("T")


def run_worker(
    *,
    database_url: str,
    var_path: str,
    lease_seconds: float = 30.0,
    poll_seconds: float = 1.0,
    once: bool = False,
    entry: str = DEFAULT_ENTRY,
    stop: threading.Event | None = None,
) -> None:
    """Run queued jobs until SIGTERM, SIGINT or ``stop``; with ``once``, until none are left.

    A job that is running when the worker is told to stop is handed back and begins anew elsewhere.
    ``entry`` ("module:function") is what a child process runs.
    """
    ending = stop or threading.Event()
    store = Store.open(database_url, actor="worker")
    worker = Worker(
        queue=store.jobs,
        database_url=database_url,
        var_path=var_path,
        lease_seconds=lease_seconds,
        entry=entry,
        stop=ending,
    )
    try:
        with _told_by_signals(ending):
            while not ending.is_set():
                if worker.work():
                    continue
                if once and not _has_work(store.jobs):
                    return
                ending.wait(poll_seconds)
    finally:
        store.close()


def _has_work(queue: JobQueue) -> bool:
    """Whether a job runs or waits: one waits on where its claim met a busy database."""
    return bool(
        queue.list_jobs(status="queued", limit=1) or queue.list_jobs(status="running", limit=1)
    )


@contextmanager
def _told_by_signals(ending: threading.Event) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, lambda *_: ending.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass(slots=True, kw_only=True)
class Worker:
    """One worker's hands. ``worker_id`` is new for each process, so that none is mistaken."""

    queue: JobQueue
    database_url: str
    var_path: str
    lease_seconds: float
    entry: str = DEFAULT_ENTRY
    stop: threading.Event = field(default_factory=threading.Event)
    grace_seconds: float = GRACE_SECONDS
    worker_id: str = field(
        default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    )

    def work(self) -> bool:
        """Take the next job and see it to its end; False if none waits."""
        try:
            job = self.queue.claim(self.worker_id, lease_seconds=self.lease_seconds)
        except OperationalError as error:  # the database is away or busy: ask again later
            logger.warning("action=claim error=%s", error.orig)
            return False
        if job is None:
            return False
        logger.info("action=start job=%s kind=%s attempt=%s", job.id, job.kind, job.attempts)
        child = Child(
            entry=self.entry, database_url=self.database_url, var_path=self.var_path, job=job
        )
        try:
            self._see_to_its_end(job, child)
        except Conflict as error:  # another worker has it by now: its outcome is not ours to write
            logger.warning("action=lost job=%s error=%s", job.id, error)
        except OperationalError as error:  # away for a whole lease: the job goes to who comes next
            logger.warning("action=leave job=%s error=%s", job.id, error.orig)
        finally:
            child.kill()
        return True

    def _see_to_its_end(self, job: Job, child: Child) -> None:
        claim = Claim(job_id=job.id, token=job.token)
        beat_seconds = min(self.lease_seconds / 4, 1.0)
        next_beat = time.monotonic() + beat_seconds
        killed_at: float | None = None
        while True:
            word = child.listen(LISTEN_SECONDS)
            if isinstance(word, Progressed):
                self._relay(claim, word)
            elif word is not None:
                self._conclude(claim, word, is_cancelled=killed_at is not None)
                return
            if self.stop.is_set():
                child.kill()
                self._patiently(lambda: self.queue.hand_back(claim))
                return
            now = time.monotonic()
            if killed_at is not None and now >= killed_at:
                child.kill()
                self._patiently(lambda: self.queue.finish(claim, "dismissed"))
                return
            if now >= next_beat:
                next_beat = now + beat_seconds
                is_asked = self._patiently(lambda: self.queue.beat(claim))
                if is_asked and killed_at is None:
                    child.cancel()
                    killed_at = now + self.grace_seconds

    def _relay(self, claim: Claim, word: Progressed) -> None:
        self._patiently(
            lambda: self.queue.progress(
                claim,
                fraction=word.fraction,
                message=word.message,
                objective=word.objective,
                bound=word.bound,
                best=word.best,
            )
        )

    def _conclude(self, claim: Claim, word: Word, *, is_cancelled: bool) -> None:
        logger.info("action=end job=%s outcome=%s", claim.job_id, type(word).__name__)
        if isinstance(word, Done):
            status = "dismissed" if is_cancelled else "succeeded"
            plan_id = word.plan_id
            self._patiently(
                lambda: self.queue.finish(claim, status, plan_id=plan_id)  # type: ignore[arg-type]
            )
        elif is_cancelled:
            self._patiently(lambda: self.queue.finish(claim, "dismissed"))
        elif isinstance(word, Failed):
            error = word.error
            self._patiently(lambda: self.queue.finish(claim, "failed", error=error))
        elif isinstance(word, Crashed):
            error = word.error
            self._patiently(lambda: self.queue.retry(claim, error))

    def _patiently(self, write: Callable[[], T]) -> T:
        """Try a write again while the database is away, for as long as the lease may last."""
        give_up = time.monotonic() + self.lease_seconds
        while True:
            try:
                return write()
            except OperationalError as error:
                logger.warning("action=write error=%s", error.orig)
                if time.monotonic() >= give_up:
                    raise
                time.sleep(0.2)
