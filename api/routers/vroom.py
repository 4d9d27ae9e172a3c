"""The VROOM door over HTTP: ``POST /`` as vroom-express, ``POST /optimization`` as ORS.

An answer comes within the request up to ``vroom_max_seconds``; one that asks for more, or that
prefers not to wait, is queued.
"""

import json
from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from api.deps import WorkspaceDep
from api.vroom.errors import STATUS
from api.vroom.schema import VroomAnswer, VroomQueued, VroomRefusal, VroomRequest
from api.vroom.spool import Spool
from territory.errors import FieldwrightError

router = APIRouter(tags=["vroom"])

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": VroomRequest.model_json_schema()}},
    }
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {"model": VroomQueued},
    400: {"model": VroomRefusal},
    413: {"model": VroomRefusal},
    500: {"model": VroomRefusal},
}


@router.post("/", response_model=VroomAnswer, responses=_ANSWERS, openapi_extra=_BODY)
async def post_vroom(workspace: WorkspaceDep, request: Request) -> JSONResponse:
    """Routes for vehicles, jobs and shipments, as vroom-express answers."""
    return await _answered(workspace, request)


@router.post("/optimization", response_model=VroomAnswer, responses=_ANSWERS, openapi_extra=_BODY)
async def post_optimization(workspace: WorkspaceDep, request: Request) -> JSONResponse:
    """The same, where openrouteservice's clients ask for it."""
    return await _answered(workspace, request)


@router.get("/v1/vroom/{request_id}", response_model=VroomAnswer, responses=_ANSWERS)
async def get_queued(request: Request, request_id: str) -> JSONResponse:
    """The answer of a queued request; 202 while it is being worked on."""
    found = await run_in_threadpool(_spool(request).answer, request_id)
    if found is None:
        return _queued(request_id)
    code = found.get("code", 1)
    return JSONResponse(found, 200 if code == 0 else STATUS[code])


async def _answered(workspace: WorkspaceDep, request: Request) -> JSONResponse:
    try:
        raw = json.loads(await request.body())
    except (ValueError, RecursionError):
        return _refused(2, "Invalid JSON object in request.")
    is_patient = "respond-async" in request.headers.get("prefer", "")
    return await run_in_threadpool(_worked_on, workspace, _spool(request), raw, is_patient)


def _worked_on(workspace: WorkspaceDep, spool: Spool, raw: object, queued: bool) -> JSONResponse:
    from api.vroom.door import answer_vroom, parse_vroom, refusal_of, seconds_asked

    most = workspace.settings.vroom_max_seconds
    try:
        if queued or seconds_asked(parse_vroom(raw), most) > most:
            return _queued(spool.add(raw))
        return JSONResponse(answer_vroom(workspace, raw, seconds=most))
    except FieldwrightError as error:
        refusal = refusal_of(error)
        return JSONResponse(refusal, STATUS[refusal["code"]])


def _queued(request_id: str) -> JSONResponse:
    where = f"/v1/vroom/{request_id}"
    body = VroomQueued(id=request_id, status="running", status_url=where).model_dump()
    return JSONResponse(body, 202, headers={"Location": where, "Retry-After": "1"})


def _refused(code: int, words: str) -> JSONResponse:
    return JSONResponse({"code": code, "error": words}, STATUS[code])


def _spool(request: Request) -> Spool:
    return cast(Spool, request.app.state.spool)
