"""Jobs over HTTP: queue one, watch it, take its best plan so far, stop it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.deps import WorkspaceDep
from api.schemas import JobKind
from api.usecases.run import parse_request, refuse_files
from territory.errors import NotFound

if TYPE_CHECKING:
    from api.usecases.workspace import Workspace
    from data.store import Job

router = APIRouter(prefix="/v1", tags=["jobs"])

POLL_SECONDS = 0.5
KEEP_ALIVE_SECONDS = 15.0


class NewJob(BaseModel):
    """What to run. ``params`` are those of the command line; defaults fill the rest."""

    model_config = ConfigDict(extra="forbid")

    kind: JobKind
    params: dict[str, Any] = Field(default_factory=dict)


class JobInfo(BaseModel):
    """A job as it stands. ``status``: queued, running, succeeded, failed or dismissed."""

    id: str
    market: str
    kind: str
    params: dict[str, Any]
    status: str
    fraction: float
    message: str
    objective: float | None
    bound: float | None
    has_best: bool
    attempts: int
    cancel_requested: bool
    plan_id: str | None
    error: str
    created: str
    started: str | None
    finished: str | None


def _info(job: "Job") -> JobInfo:
    facts = asdict(job)
    return JobInfo(**{name: facts[name] for name in JobInfo.model_fields})


@router.post("/markets/{market}/jobs", status_code=201)
def post_job(
    workspace: WorkspaceDep,
    market: str,
    body: NewJob,
    response: Response,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> JobInfo:
    """Queue a job; its parameters are checked now, not when a worker takes it."""
    request = parse_request(body.kind, body.params)
    refuse_files(request)
    job = workspace.store.jobs.enqueue(
        market,
        body.kind,
        request.model_dump(mode="json"),
        idempotency_key=idempotency_key,
        max_queued=workspace.settings.max_jobs_queued,
    )
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return _info(job)


@router.get("/markets/{market}/jobs")
def list_jobs(
    workspace: WorkspaceDep, market: str, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[JobInfo]:
    """The market's jobs, newest first."""
    workspace.store.settings(market)  # says so if there is no such market
    return [_info(job) for job in workspace.store.jobs.list_jobs(market=market, limit=limit)]


@router.get("/jobs/{job_id}")
def get_job(workspace: WorkspaceDep, job_id: str, response: Response) -> JobInfo:
    """One job."""
    job = workspace.store.jobs.get(job_id)
    if not job.is_over:
        response.headers["Retry-After"] = "1"
    return _info(job)


@router.delete("/jobs/{job_id}")
def delete_job(workspace: WorkspaceDep, job_id: str) -> JobInfo:
    """Stop a job; the best plan so far is kept."""
    return _info(workspace.store.jobs.request_cancel(job_id))


@router.get("/jobs/{job_id}/best")
def get_best(workspace: WorkspaceDep, job_id: str) -> dict[str, Any]:
    """The best plan so far: the saved plan of a job that is over, else the solver's incumbent."""
    job = workspace.store.jobs.get(job_id)
    if job.plan_id is not None:
        from api.usecases.listing import plan_document

        return plan_document(workspace, job.plan_id)
    best = workspace.store.jobs.best(job_id)
    if best is None:
        raise NotFound(f"Job {job_id} has no plan yet.", fix="Ask again in a moment.")
    return {"plan_id": None, "plan": json.loads(best)}


@router.get("/jobs/{job_id}/events")
async def get_events(
    workspace: WorkspaceDep,
    request: Request,
    job_id: str,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Server-sent events until the job is over; ``Last-Event-ID`` resumes after that event."""
    await run_in_threadpool(workspace.store.jobs.get, job_id)
    after = int(last_event_id) if last_event_id and last_event_id.isdigit() else 0
    return StreamingResponse(
        _stream(workspace, request, job_id, after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(
    workspace: "Workspace", request: Request, job_id: str, after: int
) -> AsyncIterator[str]:
    jobs = workspace.store.jobs
    quiet_seconds = 0.0
    while not await request.is_disconnected():
        job = await run_in_threadpool(jobs.get, job_id)
        events = await run_in_threadpool(jobs.events, job_id, after=after)
        for event in events:
            after = event.seq
            yield f"id: {event.seq}\ndata: {json.dumps(dict(event.body))}\n\n"
        if job.is_over and not events:
            yield f"event: end\ndata: {json.dumps({'status': job.status})}\n\n"
            return
        quiet_seconds = 0.0 if events else quiet_seconds + POLL_SECONDS
        if quiet_seconds >= KEEP_ALIVE_SECONDS:
            quiet_seconds = 0.0
            yield ": still there\n\n"
        if not events:
            await asyncio.sleep(POLL_SECONDS)
