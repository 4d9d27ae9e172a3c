"""Jobs as rows: what a job is, the right to write it, and the statements the queue is made of."""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from data.store.schema import JOB_EVENTS, JOBS, MARKETS
from territory.errors import Conflict, NotFound
from territory.plans import Json

JobStatus = Literal["queued", "running", "succeeded", "failed", "dismissed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job as the table has it. ``token`` proves a claim; ``fraction`` is 0 to 1.

    ``plan_id`` is the plan it made; a dismissed job may have one, its best when it was stopped.
    Times are ISO 8601 in UTC.
    """

    id: str
    market: str
    kind: str
    params: Mapping[str, Json]
    status: JobStatus
    fraction: float
    message: str
    objective: float | None
    bound: float | None
    has_best: bool
    attempts: int
    token: int
    worker_id: str
    cancel_requested: bool
    plan_id: str | None
    error: str
    created: str
    started: str | None
    finished: str | None

    @property
    def is_over(self) -> bool:
        return self.status not in ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """One word of a job's story; ``seq`` counts from 1, so that a listener can resume after it."""

    seq: int
    body: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to write a job's outcome."""

    job_id: str
    token: int


claim_in_force: ContextVar[Claim | None] = ContextVar("claim_in_force", default=None)
"""The claim under which a worker's child runs: saving a plan then also proves and uses it."""


def use_claim(connection: Connection, plan_id: str) -> None:
    """Bind a plan that is being saved to the job this process runs, in the same transaction.

    Outside of a worker's child there is no claim and nothing is done. So a job that was taken from
    a frozen worker publishes once: the late plan is refused together with its row.

    Raises
    ------
    Conflict
        If the job belongs to another worker by now, or is over.
    """
    claim = claim_in_force.get()
    if claim is not None and connection.execute(held(claim).values(plan_id=plan_id)).rowcount != 1:
        raise lost(claim)


def held(claim: Claim) -> Any:
    """The row of a job, if it is still this claim's and running."""
    return update(JOBS).where(
        JOBS.c.id == claim.job_id, JOBS.c.token == claim.token, JOBS.c.status == "running"
    )


def lost(claim: Claim) -> Conflict:
    """What a worker hears when its claim no longer holds."""
    return Conflict(f"Job {claim.job_id} is no longer this worker's (token {claim.token}).")


def new_job(kind: str, params: Mapping[str, Json], now: datetime) -> dict[str, Any]:
    """The columns of a job that begins to wait."""
    return {
        "kind": kind,
        "params": json.dumps(dict(params)),
        "status": "queued",
        "fraction": 0.0,
        "message": "waiting",
        "attempts": 0,
        "token": 0,
        "beats": 0,
        "lease_seconds": 0.0,
        "worker_id": "",
        "cancel_requested": False,
        "error": "",
        "created": now.isoformat(),
    }


def job_of_key(connection: Connection, key: str | None) -> Row[Any] | None:
    """The job that was queued under an idempotency key, None if none was."""
    if key is None:
        return None
    return connection.execute(job_query().where(JOBS.c.idempotency_key == key)).first()


def same_request(earlier: Row[Any], digest: str) -> Job:
    """The job itself if it was asked for with the same words; a conflict otherwise."""
    if earlier.request_hash != digest:
        raise Conflict(
            "This idempotency key was used for another request.", fix="Choose a new key."
        )
    return job_of_row(earlier)


def refuse_full_queue(connection: Connection, max_queued: int | None) -> None:
    """Raise if as many jobs wait already as may."""
    if max_queued is None:
        return
    waits = select(func.count()).where(JOBS.c.status == "queued")
    if connection.execute(waits).scalar_one() >= max_queued:
        raise Conflict(f"{max_queued} jobs wait already.", fix="Try again when some are done.")


def next_sequence(connection: Connection) -> int:
    """The place of the next job in the queue."""
    return int(connection.execute(select(func.max(JOBS.c.sequence))).scalar() or 0) + 1


def market_id_of(connection: Connection, market: str) -> int:
    """The row number of a market by its name."""
    found = connection.execute(select(MARKETS.c.id).where(MARKETS.c.name == market)).scalar()
    if found is None:
        raise NotFound(f"There is no market {market[:80]!r}.")
    return int(found)


def add_event(connection: Connection, job_id: str, **body: Json) -> None:
    """One more word in a job's story."""
    last = select(func.max(JOB_EVENTS.c.seq)).where(JOB_EVENTS.c.job_id == job_id)
    seq = int(connection.execute(last).scalar() or 0) + 1
    connection.execute(insert(JOB_EVENTS).values(job_id=job_id, seq=seq, body=json.dumps(body)))


def job_query() -> Select[Any]:
    """Every column of a job, with its market's name."""
    columns = [column for column in JOBS.c if column.name not in ("best", "market_id")]
    return select(
        *columns, MARKETS.c.name.label("market"), JOBS.c.best.is_not(None).label("has_best")
    ).join(MARKETS, MARKETS.c.id == JOBS.c.market_id)


def get_job(connection: Connection, job_id: str) -> Job:
    """One job, or NotFound."""
    row = connection.execute(job_query().where(JOBS.c.id == job_id)).first()
    if row is None:
        raise NotFound(f"There is no job {job_id[:80]!r}.")
    return job_of_row(row)


_FIELDS = tuple(name for name in Job.__dataclass_fields__ if name not in ("params", "has_best"))


def job_of_row(row: Row[Any]) -> Job:
    """A row as a value."""
    values = {name: getattr(row, name) for name in _FIELDS}
    return Job(**values, params=json.loads(row.params), has_best=bool(row.has_best))
