"""The job queue: a leased table in the same database, so that a job outlives the process it ran in.

A worker claims a job and beats; each claim has a higher token, and every later write must name it,
so that a worker that was taken for dead cannot overwrite its successor. Whether a worker is alive
is judged by its beats alone: another worker that sees no new beat for a whole lease, by its own
monotonic clock, hands the job on. No wall clock is read for it, so a clock that jumps loses
nothing.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, func, insert, select, text, update

from data.store.engine import reading, writing
from data.store.job_rows import (
    Claim,
    Job,
    JobEvent,
    JobStatus,
    add_event,
    get_job,
    held,
    job_of_key,
    job_of_row,
    job_query,
    lost,
    market_id_of,
    new_job,
    next_sequence,
    refuse_full_queue,
    same_request,
)
from data.store.schema import JOB_EVENTS, JOBS, MARKETS
from territory.plans import Json

MAX_ATTEMPTS = 3
"""How often a job is begun before it counts as failed."""

_ENQUEUE_LOCK = 0x6A6F6273  # any number, the same for all processes


class JobQueue:
    """All jobs of a store. ``monotonic`` measures leases and nothing else."""

    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._now = now
        self._monotonic = monotonic
        self._seen: dict[str, tuple[tuple[int, int], float]] = {}

    def enqueue(
        self,
        market: str,
        kind: str,
        params: Mapping[str, Json],
        *,
        idempotency_key: str | None = None,
        max_queued: int | None = None,
    ) -> Job:
        """Queue a job. The same key with the same request gives the job it gave before.

        Raises
        ------
        NotFound
            If there is no such market.
        Conflict
            If the key was used for another request, or ``max_queued`` jobs wait already.
        """
        request = json.dumps([market, kind, dict(params)], sort_keys=True)
        digest = hashlib.sha256(request.encode()).hexdigest()
        with writing(self._engine) as connection:
            if self._engine.dialect.name == "postgresql":
                lock = {"lock": _ENQUEUE_LOCK}
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), lock)
            earlier = job_of_key(connection, idempotency_key)
            if earlier is not None:
                return same_request(earlier, digest)
            refuse_full_queue(connection, max_queued)
            job_id = f"job_{secrets.token_hex(12)}"
            connection.execute(
                insert(JOBS).values(
                    **new_job(kind, params, self._now()),
                    id=job_id,
                    sequence=next_sequence(connection),
                    market_id=market_id_of(connection, market),
                    idempotency_key=idempotency_key,
                    request_hash=digest,
                )
            )
            add_event(connection, job_id, status="queued", message="waiting")
            return get_job(connection, job_id)

    def claim(self, worker_id: str, *, lease_seconds: float) -> Job | None:
        """The job that waits longest, now this worker's, or None.

        Jobs of workers that fell silent for a lease are handed on first: queued again, or failed
        after ``MAX_ATTEMPTS``. A worker has to watch for a whole lease before it says so.
        """
        with reading(self._engine) as connection:
            silent = self._silent(connection)
            waits = select(func.count()).where(JOBS.c.status == "queued")
            if not silent and not connection.execute(waits).scalar_one():
                return None
        with writing(self._engine) as connection:
            for job_id, token, beats in silent:
                self._hand_on(connection, job_id, token, beats)
            return self._take(connection, worker_id, lease_seconds)

    def beat(self, claim: Claim) -> bool:
        """Say that the claim's worker lives; whether somebody asked to stop the job.

        Raises
        ------
        Conflict
            If the job belongs to another worker by now, or is over.
        """
        with writing(self._engine) as connection:
            wanted = held(claim).values(beats=JOBS.c.beats + 1)
            row = connection.execute(wanted.returning(JOBS.c.cancel_requested)).first()
            if row is None:
                raise lost(claim)
            return bool(row.cancel_requested)

    def progress(
        self,
        claim: Claim,
        *,
        fraction: float,
        message: str,
        objective: float | None = None,
        bound: float | None = None,
        best: str | None = None,
    ) -> None:
        """Note how far a job is. ``best`` is the best plan so far, encoded; None keeps the last.

        Raises
        ------
        Conflict
            If the job belongs to another worker by now, or is over.
        """
        said: dict[str, Json] = {
            "fraction": fraction,
            "message": message,
            "objective": objective,
            "bound": bound,
        }
        values = {**said, **({} if best is None else {"best": best})}
        with writing(self._engine) as connection:
            if connection.execute(held(claim).values(**values)).rowcount != 1:
                raise lost(claim)
            add_event(connection, claim.job_id, status="running", **said)

    def finish(
        self,
        claim: Claim,
        status: Literal["succeeded", "failed", "dismissed"],
        *,
        plan_id: str | None = None,
        error: str = "",
    ) -> None:
        """End a job. ``plan_id`` None keeps the plan that was saved under the claim, if any.

        Raises
        ------
        Conflict
            If the job belongs to another worker by now, or is over already.
        """
        values: dict[str, Any] = {"status": status, "error": error}
        values |= {"finished": self._now().isoformat()}
        values |= {} if plan_id is None else {"plan_id": plan_id}
        values |= {"fraction": 1.0} if status == "succeeded" else {}
        with writing(self._engine) as connection:
            if connection.execute(held(claim).values(**values)).rowcount != 1:
                raise lost(claim)
            add_event(connection, claim.job_id, status=status, message=error, plan_id=plan_id)

    def retry(self, claim: Claim, error: str) -> None:
        """Queue a job again after its attempt broke; fail it after ``MAX_ATTEMPTS``.

        Raises
        ------
        Conflict
            If the job belongs to another worker by now, or is over already.
        """
        with writing(self._engine) as connection:
            self._end_attempt(connection, claim, error)

    def hand_back(self, claim: Claim) -> None:
        """Queue a job again because its worker was told to stop; this attempt is not counted.

        Raises
        ------
        Conflict
            If the job belongs to another worker by now, or is over already.
        """
        with writing(self._engine) as connection:
            uncounted = held(claim).values(attempts=JOBS.c.attempts - 1)
            if connection.execute(uncounted).rowcount != 1:
                raise lost(claim)
            self._end_attempt(connection, claim, "the worker was stopped")

    def request_cancel(self, job_id: str) -> Job:
        """Ask a job to stop: one that waits is dismissed at once, one that runs is told.

        Asking again, or of a job that is over, changes nothing.
        """
        with writing(self._engine) as connection:
            waiting = update(JOBS).where(JOBS.c.id == job_id, JOBS.c.status == "queued")
            stopped = {"status": "dismissed", "finished": self._now().isoformat()}
            if connection.execute(waiting.values(cancel_requested=True, **stopped)).rowcount:
                add_event(connection, job_id, status="dismissed", message="stopped before it ran")
            else:
                running = update(JOBS).where(JOBS.c.id == job_id, JOBS.c.status == "running")
                connection.execute(running.values(cancel_requested=True))
            return get_job(connection, job_id)

    def get(self, job_id: str) -> Job:
        """One job.

        Raises
        ------
        NotFound
            If there is no such job.
        """
        with reading(self._engine) as connection:
            return get_job(connection, job_id)

    def best(self, job_id: str) -> str | None:
        """The best plan so far of a job, encoded; None while there is none."""
        with reading(self._engine) as connection:
            get_job(connection, job_id)
            return connection.execute(select(JOBS.c.best).where(JOBS.c.id == job_id)).scalar()

    def list_jobs(
        self, *, market: str | None = None, status: JobStatus | None = None, limit: int = 100
    ) -> tuple[Job, ...]:
        """Jobs, newest first."""
        wanted = job_query().order_by(JOBS.c.sequence.desc()).limit(limit)
        if market is not None:
            wanted = wanted.where(MARKETS.c.name == market)
        if status is not None:
            wanted = wanted.where(JOBS.c.status == status)
        with reading(self._engine) as connection:
            return tuple(job_of_row(row) for row in connection.execute(wanted).all())

    def events(self, job_id: str, *, after: int = 0, limit: int = 1000) -> tuple[JobEvent, ...]:
        """A job's events after a sequence number, oldest first."""
        wanted = (
            select(JOB_EVENTS.c.seq, JOB_EVENTS.c.body)
            .where(JOB_EVENTS.c.job_id == job_id, JOB_EVENTS.c.seq > after)
            .order_by(JOB_EVENTS.c.seq)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).all()
        return tuple(JobEvent(seq=row.seq, body=json.loads(row.body)) for row in rows)

    def _silent(self, connection: Connection) -> list[tuple[str, int, int]]:
        """Running jobs without a new beat for a lease, since this queue began to watch them."""
        columns = (JOBS.c.id, JOBS.c.token, JOBS.c.beats, JOBS.c.lease_seconds)
        rows = connection.execute(select(*columns).where(JOBS.c.status == "running")).all()
        seen, now = self._seen, self._monotonic()
        self._seen = {}
        silent = []
        for row in rows:
            mark = (row.token, row.beats)
            before, since = seen.get(row.id, (None, now))
            self._seen[row.id] = (mark, since if before == mark else now)
            if before == mark and now - since > row.lease_seconds:
                silent.append((row.id, row.token, row.beats))
        return silent

    def _hand_on(self, connection: Connection, job_id: str, token: int, beats: int) -> None:
        """Take a job from a silent worker, unless it beat since. Its token dies with this."""
        mute = held(Claim(job_id=job_id, token=token)).where(JOBS.c.beats == beats)
        taken = connection.execute(mute.values(token=token + 1))
        if taken.rowcount == 1:
            claim = Claim(job_id=job_id, token=token + 1)
            self._end_attempt(connection, claim, "the worker fell silent")

    def _end_attempt(self, connection: Connection, claim: Claim, error: str) -> None:
        job = get_job(connection, claim.job_id)
        over = {"finished": self._now().isoformat()}
        if job.plan_id is not None:  # its plan was saved under the claim: only the word was lost
            status = "dismissed" if job.cancel_requested else "succeeded"
            values = {"status": status, "fraction": 1.0, **over}
        elif job.cancel_requested:
            values = {"status": "dismissed", "error": error, **over}
        elif job.attempts >= MAX_ATTEMPTS:
            error = f"{job.attempts} attempts ended without a plan; the last one: {error}"
            values = {"status": "failed", "error": error, **over}
        else:
            values = {"status": "queued", "worker_id": "", "error": error}
        if connection.execute(held(claim).values(**values)).rowcount != 1:
            raise lost(claim)
        add_event(connection, claim.job_id, status=str(values["status"]), message=error)

    def _take(self, connection: Connection, worker_id: str, lease_seconds: float) -> Job | None:
        first = (
            select(JOBS.c.id)
            .where(JOBS.c.status == "queued")
            .order_by(JOBS.c.sequence)
            .limit(1)
            .with_for_update(skip_locked=True)  # SQLite has one writer and leaves this out
            .scalar_subquery()
        )
        values = {
            "status": "running",
            "token": JOBS.c.token + 1,
            "attempts": JOBS.c.attempts + 1,
            "beats": JOBS.c.beats + 1,
            "worker_id": worker_id,
            "lease_seconds": lease_seconds,
            "started": func.coalesce(JOBS.c.started, self._now().isoformat()),
        }
        taken = update(JOBS).where(JOBS.c.id == first).values(**values).returning(JOBS.c.id)
        job_id = connection.execute(taken).scalar()
        if job_id is None:
            return None
        add_event(connection, job_id, status="running", message="started")
        return get_job(connection, job_id)
